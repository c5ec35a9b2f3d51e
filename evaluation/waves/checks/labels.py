"""Do the labels that a file carries for its codes say what the instrument says of them?

SPSS and Stata files say what each code means. A file in which 1 is 'Strongly agree', where the instrument has that as 5, would
load with every answer turned and nothing off its scale; one in which 5 is 'Don't know' would load that as an answer. Labels in
other words than the instrument's are no contradiction but noted, nor is 'Don't know' that a mapping's codes count as an answer.
Labels of organisations, groups, arms and waves are held to the register, the mapping and the protocol in key_labels.py.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from evaluation.errors import Cells, Problem
from evaluation.protocol.instrument import Scale
from evaluation.waves.checks.answer_codes import codes_named, match_answers, only
from evaluation.waves.checks.answer_faults import code_of, number_of, says_doubt, says_no_answer
from evaluation.waves.checks.expected import Expected, ExpectedItem
from evaluation.waves.checks.faults import COMMON, FIRST, listed, shown, shown_answer
from evaluation.waves.checks.layout import Layout
from evaluation.waves.checks.likeness import spelt
from evaluation.waves.checks.mapping_text import codes_flow, value_flow
from evaluation.waves.checks.turned_labels import turned_labels
from evaluation.waves.readers import Table


@dataclass(frozen=True)
class _Labelled:
    """Codes of a file that say another thing than they are read as.

    `said` puts each into words; `fix` is what a mapping says to follow the labels.
    """

    item: str
    column: str
    said: tuple[str, ...]
    fix: str
    mapped: bool


def label_faults(table: Table, layout: Layout, expected: Expected) -> list[Problem]:
    """One line for all items whose codes the file labels against the instrument in the same way; `layout` says what is read."""
    found = [
        fault
        for item, question in expected.questions.items()
        if question.asked and item in layout.items and (fault := _labelled(table, layout, question)) is not None
    ]
    return [
        _problem(table.name, [one for one in found if (one.said, one.mapped) == key])
        for key in dict.fromkeys((one.said, one.mapped) for one in found)
    ]


def _labelled(table: Table, layout: Layout, question: ExpectedItem) -> _Labelled | None:
    column, source = layout.items[question.item]
    meanings = {**question.scale.options, **question.scale.missing_codes}
    missing = {*source.missing_codes, *layout.missing_codes, *table.missing.get(column, ())}
    said, codes, none = [], {}, []
    for code, label in sorted(table.value_labels.get(column, {}).items(), key=lambda pair: number_of(pair[0]) or 0.0):
        if code in missing or (source.codes and code not in source.codes):
            continue
        read, named = code_of(source.codes.get(code, code)), codes_named(label, meanings)
        is_answer, judged = _is_answer(read, question.scale), code in source.codes
        is_none = is_answer and not named and not judged and _is_none(label, read, question.scale)
        has = f" and is read as {read}" + (f" {shown(meanings[read])}" if read in meanings else "")
        if is_none and (table.text(column) == code).any():
            none.append(code)
            said.append(f"{code} is labelled {shown(label)}{has}")
        elif named and (is_answer or not question.scale.options.keys().isdisjoint(named)):
            if (meant := only(named, read)) is not None:
                codes[code] = meant
            contradicts = f"{code} is labelled {shown(label)}, which the instrument has for {listed(named)},{has}"
            said += [] if read in named else [contradicts]
    fix = [f"codes: {codes_flow(codes)}"] * bool(codes) + [f"missing_codes: {value_flow(none)}"] * bool(none)
    if said:
        quoted = f"'{', '.join(fix)}'" if fix else ""
        return _Labelled(question.item, column, tuple(said), quoted, bool(source.codes))
    if source.codes:
        return None
    labels = {code: label for code, label in table.value_labels.get(column, {}).items() if code not in missing}
    return _turned(question, column, labels)


def _turned(question: ExpectedItem, column: str, labels: Mapping[str, str]) -> _Labelled | None:
    """Labels in other words that say the other end of the scale; both ways in which they can be meant are advised."""
    scale, turned = question.scale, turned_labels(labels, question.scale)
    said = tuple(
        f"{code} is labelled {shown(labels[code])}, which says rather {option}, and is read as "
        f"{code_of(code)} {shown(scale.options[code_of(code)])}"
        for code, option in turned.items()
    )
    ends = scale.interval.low + scale.interval.high
    own = {code: code_of(code) for code in labels if code_of(code) in scale.options}
    other = {code: f"{ends - (number_of(code) or 0.0):g}" for code in own}
    ways = [f"'codes: {codes_flow(other)}' where the labels are right"] if set(other.values()) <= set(scale.options) else []
    ways += [f"'codes: {codes_flow(own)}' where the numbers are"]
    return _Labelled(question.item, column, said, ", ".join(ways), mapped=False) if said else None


def _is_none(label: str, code: str, scale: Scale) -> bool:
    """Whether a label says of a code that it is no answer, where the instrument has an answer for it."""
    own, is_middle = scale.options.get(code, ""), number_of(code) == (scale.interval.low + scale.interval.high) / 2
    none = says_no_answer(label) or (says_doubt(label) and not is_middle)
    return none and not says_no_answer(own) and not says_doubt(own)


def _is_answer(code: str, scale: Scale) -> bool:
    number, bounds = number_of(code), scale.range
    return code in scale.options or (bounds is not None and number is not None and bounds.low <= number <= bounds.high)


def _problem(file: str, faults: list[_Labelled]) -> Problem:
    items, first = [fault.item for fault in faults], faults[0]
    where = f"{file}, column{'' if len(items) == 1 else 's'} {listed([shown(fault.column) for fault in faults], FIRST)}"
    how = "correct in the mapping" if first.mapped else "in a mapping (pilot wave map STUDY FILE drafts it), say"
    codes = f": {first.fix}" if first.fix else ""
    return Problem(
        f"the file's labels of {listed(items, FIRST)} contradict the instrument: {'; '.join(first.said[:FIRST])}.",
        where,
        f"{how} what the file's codes mean{codes}; where the labels are wrong, correct them in the file.",
        "label-contradicts",
        len(items),
        tuple(Cells(fault.column) for fault in faults),
    )


def label_notes(table: Table, layout: Layout, expected: Expected) -> Iterator[str]:
    """Items of which the file words every option otherwise than the instrument, so that nothing says which end is which."""
    words: dict[tuple[str, ...], list[str]] = {}
    for item, question in expected.questions.items():
        if question.asked and item in layout.items and (said := _other_words(table, layout, question)):
            words.setdefault(said, []).append(item)
    for said, items in words.items():
        yield (
            f"the file labels the codes of {listed(items, FIRST)} in other words than the instrument, and they are read as they "
            f"stand: {listed(said, FIRST)}; where they mean something else, say so under 'codes' in a mapping"
        )


def _other_words(table: Table, layout: Layout, question: ExpectedItem) -> tuple[str, ...]:
    """The codes with both labels; nothing where one off the middle has the instrument's, or a mapping says what they mean."""
    column, source = layout.items[question.item]
    scale, missing = question.scale, {*source.missing_codes, *layout.missing_codes, *table.missing.get(column, ())}
    labels = {
        code: label
        for code, label in table.value_labels.get(column, {}).items()
        if code not in missing and code_of(code) in scale.options and spelt(label) != spelt(code)
    }
    found = match_answers(list(labels), scale, labels)
    labels = {code: label for code, label in labels.items() if code not in found.missing}
    middle = (scale.interval.low + scale.interval.high) / 2
    matched = [code for code in labels if found.read.get(code) == code_of(code) and code not in found.at_face]
    if source.codes or any(number_of(code) != middle for code in matched):
        return ()
    others = sorted((code for code in labels if code not in matched), key=lambda code: number_of(code) or 0.0)
    ours = {code: shown(scale.options[code_of(code)]) for code in others}
    return tuple(f"{code} is {shown_answer(labels[code], COMMON)} (here {ours[code]})" for code in others)
