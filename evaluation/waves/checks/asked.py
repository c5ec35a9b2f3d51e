"""What was asked, kept with every load, and whether a wave asks the same as the waves before it.

Three sources say what an item asks: the instrument as it stood on the day, the labels that SPSS, Stata and Qualtrics files carry
for the column and its codes, and in respondents' files without labels a header that is worded as a question (of a published
table it names a figure, in words that its publisher changes). Each is compared with its own kind only, but that a label which is
the very wording of another item says that a column is read as the wrong one. A difference that nobody judged is refused: a change
of words would else be told as a change of people. So is a stem that asks something of its own ('Before the pilot: ...'). Labels
that only moved to other codes cannot be judged equivalent, for the answers would be stored turned: their codes have to be mapped.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from evaluation.audit_log import verify
from evaluation.errors import Cells, Problem, WaveError
from evaluation.protocol.documents import Documents
from evaluation.protocol.instrument import Scale
from evaluation.study import Study
from evaluation.waves.checks.answer_faults import number_of
from evaluation.waves.checks.day_orders import MONTHS
from evaluation.waves.checks.expected import Expected
from evaluation.waves.checks.faults import FIRST, listed, plain
from evaluation.waves.checks.layout import Layout
from evaluation.waves.checks.likeness import WORDS, fold, spelt, words_of
from evaluation.waves.checks.question_text import bare, endings, only_says_how, unmarked, without_number
from evaluation.waves.readers.header import shown_header
from evaluation.waves.readers.table import Table
from evaluation.waves.storage.loading import LOADED, WITHDRAWN

QUESTIONS = "questions"
"""Under this name the log of acts keeps, with a load, what it asked."""
LONGEST = 300
_MONTHS = "|".join(MONTHS)
_YEAR = r"(?:19|20)\d\d(?:[/-]\d\d)?"
_WHEN = re.compile(rf"\b(?:{_MONTHS})\s+{_YEAR}\b|\b{_YEAR}\b(?:\s+(?:{_MONTHS})\b)?")
"""The year of a survey, and a month beside it, are no part of what it asks; a month alone may be."""


@dataclass(frozen=True)
class Asked:
    """One item as it was asked.

    `wording` and `scale` (label by code) are the instrument's; `label` and `codes` those that the file carries in `column`, empty
    where it carries none. `header` is what a file without labels has above the column, where that is a question.
    """

    wording: str
    scale: Mapping[str, str]
    label: str = ""
    codes: Mapping[str, str] = field(default_factory=dict)
    column: str = ""
    header: str = ""

    @property
    def said(self) -> str:
        """The question in the file's own words."""
        return self.label or self.header


def asked_in(table: Table, layout: Layout, expected: Expected) -> dict[str, Asked]:
    """Every item that this wave asks and the file holds; codes that mean no answer are no part of what it asks."""
    found = {}
    for item, (column, source) in layout.items.items():
        question = expected.questions.get(item)
        if question is None or not question.asked:
            continue
        label, codes = table.labels.get(column, ""), table.value_labels.get(column, {})
        none = {*source.missing_codes, *layout.missing_codes, *table.missing.get(column, ())}
        said = {source.codes.get(code, code): plain(text, LONGEST) for code, text in codes.items() if code not in none}
        read = {code: text for code, text in said.items() if code not in question.scale.missing_codes}
        is_figure = expected.level.is_published or column in table.form.copies
        header = "" if table.labels or is_figure else _worded(column, question.wording)
        found[item] = Asked(question.wording, _scale_text(question.scale), plain(label, LONGEST), read, column, header)
    return found


def _worded(header: str, wording: str) -> str:
    """A header as a question: the item's own wording where it is that, behind an instruction too; nothing for a code."""
    said = bare(header)
    if len(words_of(said)) < WORDS or " " not in said.strip():
        return ""
    stems = [said[: -len(end)] for end in endings(said) if fold(end) == fold(wording)]
    return wording if any(only_says_how(stem) for stem in stems) else plain(said, LONGEST)


def as_text(asked: Mapping[str, Asked]) -> str:
    """For the log of acts; the names of the file's columns are left out."""
    return json.dumps({item: {**vars(one), "column": ""} for item, one in asked.items()}, ensure_ascii=False)


def misread(table: Table, layout: Layout, expected: Expected) -> list[Problem]:
    """One line for all columns whose label is the wording of another item of the instrument than the one they are read as."""
    items: dict[str, list[str]] = {}
    for item, question in expected.questions.items():
        items.setdefault(_same(question.wording), []).append(item)
    worded = {column: items.get(_same(label), []) for column, label in table.labels.items()}
    found = {
        item: (column, worded[column])
        for item, (column, _) in layout.items.items()
        if item in expected.questions and worded.get(column) and item not in worded[column]
    }
    if not found:
        return []
    columns = [column for column, _ in found.values()]
    said = [f"{shown_header(column)} is read as {item} and worded as {' or '.join(to)}" for item, (column, to) in found.items()]
    becomes = listed([f"{shown_header(column)} as {' or '.join(to)}" for column, to in found.values()])
    what = f"{len(found):,} {'column has' if len(found) == 1 else 'columns have'} the wording of another item as label"
    where = f"{table.name}, column{'' if len(found) == 1 else 's'} {listed([shown_header(column) for column in columns], FIRST)}"
    fix = f"in a mapping, read {becomes}; where the labels are wrong, correct them in the file."
    cells = tuple(Cells(column) for column in columns)
    return [Problem(f"{what}: {'; '.join(said[:FIRST])}.", where, fix, "question-misread", len(found), cells)]


def refuse_changed(study: Study, documents: Documents, population: str, wave: str, asked: Mapping[str, Asked], file: str) -> None:
    """Refuse a wave that asks an item otherwise than another wave that is stored, where no instrument says so.

    Raises:
        WaveError: naming both wordings, and the two ways to declare it; of labels that moved, the codes to map.
        IntegrityError: the log of acts is not what was written.
    """
    order = list(documents.protocol.waves)
    problems: dict[str, Problem] = {}
    stored, headers = _stored(study, population)
    for other, there in stored.items():
        if other == wave or other not in order:
            continue
        first, last = sorted((other, wave), key=order.index)
        between = set(order[order.index(first) + 1 : order.index(last) + 1])
        for item, one in asked.items():
            known = _plainly(one.header) in headers.get((other, item), ())
            here = replace(one, header=there[item].header) if known else one
            found = _found(there[item], here, (other, wave)) if item in there and item not in problems else None
            if found is not None and not _judged(documents, item, found) & between:
                problems[item] = _problem(item, one, found, last, documents, file, _column_now(item, there[item], asked))
    if problems:
        raise WaveError(problems.values())


def _stored(study: Study, population: str) -> tuple[dict[str, dict[str, Asked]], dict[tuple[str, str], set[str]]]:
    """By wave and item, what the newest load that asked it kept; and the headers of all loads: suppliers word their own."""
    waves: dict[str, dict[str, Asked]] = {}
    headers: dict[tuple[str, str], set[str]] = {}
    for wave, text in _texts(study, population):
        came = {item: Asked(**one) for item, one in json.loads(text).items()}
        waves.setdefault(wave, {}).update(came)
        for item in (item for item, one in came.items() if one.header):
            headers.setdefault((wave, item), set()).add(_plainly(came[item].header))
    return waves, headers


def _texts(study: Study, population: str) -> Iterator[tuple[str, str]]:
    """Wave, and what was asked as the log keeps it, of every load some of whose organisations were not withdrawn since."""
    loads: list[tuple[str, str, set[str]]] = []
    for entry in verify(study.audit_file):
        facts = entry.details
        if facts.get("population") != population:
            continue
        if entry.act == LOADED and QUESTIONS in facts:
            loads.append((str(facts["wave"]), facts[QUESTIONS], set(facts["organisations"])))
        elif entry.act == WITHDRAWN:
            for wave, _, organisations in loads:
                if wave == facts["wave"]:
                    organisations.difference_update(facts["organisations"])
    return ((wave, text) for wave, text, organisations in loads if organisations)


@dataclass(frozen=True)
class _Difference:
    """In what two askings differ, in words with both texts; `moved` are, by code here, the codes of the same labels there."""

    says: str
    moved: Mapping[str, str] = field(default_factory=dict)
    moved_in_instrument: bool = False


def _judged(documents: Documents, item: str, found: _Difference) -> set[str]:
    """Waves for which a person said that the item changed, or that it did not, where that is for a person to say."""
    blocks = [instrument.items[item] for instrument in documents.instruments.values() if item in instrument.items]
    return {wave for block in blocks for wave in (*block.changed_in, *(() if found.moved else block.equivalent_in))}


def _found(there: Asked, here: Asked, waves: tuple[str, str]) -> _Difference | None:
    """The difference of two askings, labels that moved first; None where there is none."""
    if there == replace(here, column=there.column):
        return None
    for was, is_now, of_instrument in ((there.codes, here.codes, False), (there.scale, here.scale, True)):
        if moved := _moved(was, is_now):
            return _Difference(_other_scale(list(moved), was, is_now, waves), moved, of_instrument)
    for before, now in ((there.wording, here.wording), (there.label, here.label), (there.header, here.header)):
        if before and now and _plainly(before) != _plainly(now):
            return _Difference(f"is worded otherwise than in wave '{waves[0]}': '{before}' there, '{now}' here")
    for was, is_now, whole in ((there.scale, here.scale, True), (there.codes, here.codes, False)):
        changed = [code for code in was if code in is_now and spelt(was[code]) != spelt(is_now[code])]
        changed += [code for code in {**was, **is_now} if whole and (code in was) != (code in is_now)]
        if changed:
            return _Difference(_other_scale(changed, was, is_now, waves))
    return None


def _plainly(text: str) -> str:
    """A question without its number and markup, and without the year and month that it names."""
    return fold(bare(_WHEN.sub("", unmarked(text))))


def _moved(was: Mapping[str, str], is_now: Mapping[str, str]) -> dict[str, str]:
    """Codes whose label had another code before, by that code; nothing where a label is new, for then it is another scale.

    Nor where one stood at several codes, for then none of them is the one.
    """
    changed = {code: spelt(label) for code, label in is_now.items() if code in was and spelt(label) != spelt(was[code])}
    before = {label: [code for code, text in was.items() if spelt(text) == label] for label in changed.values()}
    told = all(len(codes) == 1 for codes in before.values())
    return {code: before[label][0] for code, label in changed.items()} if told else {}


def _other_scale(codes: list[str], was: Mapping[str, str], is_now: Mapping[str, str], waves: tuple[str, str]) -> str:
    said = listed([f"{code} is '{was.get(code, '-')}' there, '{is_now.get(code, '-')}' here" for code in codes], FIRST)
    return f"has another scale than in wave '{waves[0]}': {said}"


def _same(wording: str) -> str:
    return fold(without_number(wording))


def _column_now(item: str, there: Asked, asked: Mapping[str, Asked]) -> str | None:
    """The column here, read as another item, whose label is the one that the item had there."""
    if not there.said or _same(asked[item].said) == _same(there.said):
        return None
    return next((one.column for one in asked.values() if _same(one.said) == _same(there.said)), None)


def _problem(
    item: str, one: Asked, found: _Difference, wave: str, documents: Documents, file: str, column_now: str | None
) -> Problem:
    document = next(name for name, instrument in documents.instruments.items() if item in instrument.items)
    judge = f"say in instruments/{document}.yaml, under {item}, 'changed_in: {wave}' (it leaves the measure in every wave)"
    fix = f"{judge} or 'equivalent_in: {wave}' (a person judged that it asks the same)."
    if column_now is not None and not found.moved:
        fix = f"column {shown_header(column_now)} now has the label that {item} had: map it to {item}. Where that is wrong, {fix}"
    if found.moved:
        moved = sorted(found.moved.items(), key=lambda pair: number_of(pair[0]) or 0.0)
        becomes = listed([f"{code} becomes {before}" for code, before in moved])
        keep = f"; the codes of instruments/{document}.yaml stay what they were" if found.moved_in_instrument else ""
        fix = f"say under the item's 'codes' in a mapping (pilot wave map STUDY FILE drafts one): {becomes}{keep}. "
        fix += "If the labels are wrong, correct them; the same labels under other codes cannot be judged equivalent."
    where, code = f"{file}, column {shown_header(one.column)}", "codes-moved" if found.moved else "question-changed"
    return Problem(f"{item} {found.says}.", where, fix, code, cells=(Cells(one.column),))


def _scale_text(scale: Scale) -> dict[str, str]:
    return dict(scale.options) if scale.options else {"range": str(scale.range)}
