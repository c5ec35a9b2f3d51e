"""What is said of answers that are none: one line for those that are alike, with what puts them right."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from evaluation.errors import Cells, Problem
from evaluation.protocol.instrument import Scale
from evaluation.waves.checks.answer_faults import gapless, number_of
from evaluation.waves.checks.expected import ExpectedItem
from evaluation.waves.checks.faults import CELLS, FIRST, NOT_SHOWN, agreeing, first_rows, listed, shown_answer
from evaluation.waves.checks.intake import Intake
from evaluation.waves.checks.mapping_text import codes_flow, flow, text_scalar, value_flow

MERGE_BEYOND = 5
"""Items with one kind of fault that still get a line each."""

PERCENT = 100
_SHARES = "where 0.67 means 67%, list the columns under 'fractions' in a mapping's file block."


@dataclass(frozen=True)
class AnswerFault:
    """Answers to one item that share one fault: file column, row numbers, different values and how often each occurs.

    `shift` is how far below (-1) or above (1) the scale's codes the file seems to count its options; 0 where nothing says so.
    """

    kind: str
    question: ExpectedItem
    column: str
    rows: tuple[int, ...]
    values: Mapping[str, int]
    shift: int = 0

    @property
    def cells(self) -> Cells:
        """The cells that a report marks."""
        return Cells(self.column, self.rows[:CELLS])

    @property
    def shares(self) -> bool:
        """Whether all are fractions of 1 on a scale of percentages."""
        numbers = [number_of(value.replace(",", ".")) for value in self.values]
        is_between = all(number is not None and 0 < number < 1 for number in numbers)
        return self.kind == "between-codes" and self.question.scale.interval.high == PERCENT and is_between

    @property
    def shown(self) -> list[str]:
        """The first five values as messages may show them."""
        return [shown_answer(value, times) for value, times in list(self.values.items())[:FIRST]]


_WORDS = 20
"""Words that a line to paste lists at most."""


@dataclass(frozen=True)
class _Kind:
    """How a kind of fault is said of one item and of several, and what puts it right."""

    one: str
    several: str
    fix: str


_KINDS = {
    "between-codes": _Kind(
        "with a fraction where its scale has whole numbers only ({scale})", "are fractions where scales have whole numbers only",
        "correct the export; where fractions are answers too, as means are, declare the scale in {document} with a 'range' and "
        "'whole: false'.",
    ),
    "outside-scale": _Kind(
        "outside its scale ({scale})", "lie outside their scales",
        "correct the export; a code that its maker says means no answer is listed in {missing}: {unlisted}.",
    ),
    "type-drift": _Kind(
        "in words where its scale has numbers ({scale})", "are words where their scales have numbers",
        "export answer codes, or {codes}.",
    ),
    "mail-answer": _Kind(
        "with an e-mail address", "are e-mail addresses",
        "correct the cells; a column that holds the addresses of people goes under 'drop' in a mapping.",
    ),
    "day-answer": _Kind(
        "with a day where its scale has numbers ({scale})", "are days where their scales have numbers",
        "a spreadsheet may have made days of numbers such as 1,5 or 1-5, and a day does not say which number it was: export the "
        "column anew from the survey tool, and do not open the file in a spreadsheet on the way.",
    ),
    "undeclared-missing": _Kind(
        "with what looks like a missing code that is not declared", "look like missing codes that are not declared",
        "leave the cells blank, or list the code in {missing}: {listed}.",
    ),
    "not-a-number": _Kind("with no finite number", "are no finite numbers", "leave cells without an answer blank."),
    "number-locale": _Kind(
        "with numbers in another notation", "are numbers in another notation",
        "export plain numbers; or {notation}.",
    ),
    "unmapped-answer": _Kind(
        "with text that the mapping does not know", "are text that the mapping does not know",
        "add it to the item's codes or missing_codes in the mapping.",
    ),
}  # fmt: skip


def worded(intake: Intake, faults: Sequence[AnswerFault]) -> list[Problem]:
    """One line an item and fault; faults of one kind in more than five items in one line together."""
    problems = []
    for kind in dict.fromkeys(map(_alike, faults)):
        alike = [fault for fault in faults if _alike(fault) == kind]
        problems += [_several(intake, alike)] if len(alike) > MERGE_BEYOND else [_one(intake, fault) for fault in alike]
    return problems


def _alike(fault: AnswerFault) -> tuple[object, ...]:
    """What faults have in common that one line tells and one thing puts right."""
    return (fault.kind, fault.shift, *(fault.question.scale.codes if fault.shift else ()))


def _one(intake: Intake, fault: AnswerFault) -> Problem:
    question, count, kind = fault.question, len(fault.rows), _KINDS[fault.kind]
    name = question.item if fault.column == question.item else f"{question.item} (column '{fault.column[:60]}')"
    says = agreeing(f"answer {name} {kind.one.format(scale=_scale_words(question.scale))}", count)
    where = f"{intake.name}, {first_rows(fault.rows)}; values {listed(fault.shown)}"
    fix = _fix(intake, kind, question.document, [fault])
    return Problem(f"{intake.wave_words(count)} {says}.", where, fix, fault.kind, count, (fault.cells,))


def _several(intake: Intake, faults: Sequence[AnswerFault]) -> Problem:
    kind, count = _KINDS[faults[0].kind], sum(len(fault.rows) for fault in faults)
    items = listed([fault.question.item for fault in faults], FIRST)
    cells = [f"row {fault.rows[0]:,} {fault.question.item} {fault.shown[0]}" for fault in faults[:FIRST]]
    documents = listed(list(dict.fromkeys(fault.question.document for fault in faults)))
    what = f"{count:,} answers to {len(faults)} items ({items}) in wave '{intake.expected.wave}' {kind.several}."
    where, fix = f"{intake.name}; first {listed(cells)}", _fix(intake, kind, documents, faults)
    return Problem(what, where, fix, faults[0].kind, count, tuple(fault.cells for fault in faults))


def _fix(intake: Intake, kind: _Kind, documents: str, faults: Sequence[AnswerFault]) -> str:
    """What puts faults of one kind right; a mapping that is in use need not be drafted."""
    if faults[0].shift:
        return _unshifted(intake, faults[0])
    mapped = intake.layout.mapped
    missing = "the mapping" if mapped else f"the scale in {documents}"
    unlisted = "missing_codes: " + ("[CODE]" if mapped else "{CODE: what it means}")
    codes = "draft a mapping from labels to codes with: pilot wave map STUDY FILE"
    if mapped:
        codes = _with_words(intake, faults[0]) if kind is _KINDS["type-drift"] else ""
    notation = "declare 'decimal' and 'thousands' in a mapping's file block (a comma may be either)"
    if intake.form.decimal != "." or intake.form.thousands:
        notation = "write all in the notation that the mapping declares under 'decimal' and 'thousands', or correct it there"
    words = _none(faults, mapped=mapped)
    fix = kind.fix.format(document=documents, missing=missing, codes=codes, notation=notation, listed=words, unlisted=unlisted)
    return f"{fix[:-1]}; {_SHARES}" if all(fault.shares for fault in faults) else fix


def _none(faults: Sequence[AnswerFault], *, mapped: bool) -> str:
    """What faults look like no answer, as a mapping or an instrument lists it."""
    found = [word for fault in faults for word, times in fault.values.items() if shown_answer(word, times) != NOT_SHOWN]
    words = list(dict.fromkeys(found))[:FIRST] or ["CODE"]
    return f"missing_codes: {value_flow(words) if mapped else flow(dict.fromkeys(words, 'no answer'))}"


def _with_words(intake: Intake, fault: AnswerFault) -> str:
    """How an item's words are listed in the mapping: beside all of its codes, for codes that are listed are all that is read."""
    options = fault.question.scale.options
    missing = "what stands for no answer under missing_codes"
    if not options:
        return f"correct the cells, or list in the mapping {missing}"
    words = {word: "CODE" for word, times in list(fault.values.items())[:_WORDS] if shown_answer(word, times) != NOT_SHOWN}
    line = _mapped(intake, fault, {code: code for code in options} | (words or {"WORD": "CODE"}))
    listing = "list answers in words in the mapping under the item's codes beside all others, since no other code is read then"
    return f"{listing} ({line}, with the right code for CODE), and {missing}"


def _mapped(intake: Intake, fault: AnswerFault, codes: Mapping[str, str]) -> str:
    """An item's line in a mapping with these codes."""
    known = intake.layout.items[fault.question.item][1].missing_codes
    missing = {"missing_codes": value_flow(known)} if known else {}
    return f"{text_scalar(fault.column)}: {flow({'item': fault.question.item, 'codes': codes_flow(codes)} | missing)}"


def _unshifted(intake: Intake, fault: AnswerFault) -> str:
    """How answers are read whose codes begin one lower or higher; of two options the same shift could turn them round."""
    codes = [f"{code:g}" for code in fault.question.scale.codes]
    own = {f"{float(code) + fault.shift:g}": code for code in codes}
    known, end = list(own), codes[-1 if fault.shift < 0 else 0]
    may = f"the file may code from {known[0]} to {known[-1]}, for {end} occurs nowhere: compare it with its questionnaire"
    place = "the mapping" if intake.layout.mapped else "a mapping (pilot wave map STUDY FILE)"
    if len(codes) == 2:
        return f"{may}, and say under the 'codes' of each item in {place} what {known[0]} and {known[1]} stand for."
    line = _mapped(intake, fault, own)
    every = "give every item on this scale, also where no answer lies outside it, its 'codes'"
    return f"{may}, and if it does, {every} in {place}: {line}; else correct the export."


def _scale_words(scale: Scale) -> str:
    if scale.range is not None:
        return f"{scale.range}{', whole numbers' if scale.whole else ''}"
    codes = [f"{code:g}" for code in scale.codes]
    return f"{codes[0]} to {codes[-1]}" if gapless(scale) else listed(codes)
