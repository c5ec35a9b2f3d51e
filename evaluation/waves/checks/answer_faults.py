"""Answers that are none: of what kind, and one line for those that are alike."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from evaluation.errors import Cells, Problem
from evaluation.protocol.instrument import Scale
from evaluation.protocol.mapping import FileForm
from evaluation.waves.checks.expected import ExpectedItem
from evaluation.waves.checks.faults import CELLS, FIRST, agreeing, first_rows, listed, shown_answer
from evaluation.waves.checks.intake import Intake
from evaluation.waves.checks.likeness import fold
from evaluation.waves.checks.mapping_text import codes_flow, text_scalar

MERGE_BEYOND = 5
"""Items with one kind of fault that still get a line each."""

PERCENT = 100
_SHARES = "where 0.67 means 67%, list the columns under 'fractions' in a mapping's file block."
_DECIMAL_COMMA = re.compile(r"^-?\d+,\d{1,2}$|^-?\d+,\d{4,}$")
THOUSANDS = re.compile(r"^-?\d{1,3}([,. ']\d{3})+([.,]\d+)?$")
_POINT = re.compile(r"^-?\d+\.\d+$")
_NO_NUMBER = re.compile(r"^[+-]?(nan|inf|infinity|\d+(\.\d+)?e[+-]?\d+)$", re.IGNORECASE)
_MISSING = """
na|n/a|n.a.|.|-|--|null|none|nil|missing|#n/a|#null!|?|x|missing value|user missing|system missing|sysmis|no data|blank|
left blank|invalid|invalid answer|invalid response|not valid|spoilt|not applicable|not applicable to me|does not apply|
doesn't apply|does not apply to me|doesn't apply to me|not relevant|not relevant to me|not asked|question not asked|not shown|
not displayed|no answer|no response|no reply|nonresponse|non-response|not answered|did not answer|didn't answer|did not respond|
unanswered|skipped|skip|question skipped|not stated|not given|not provided|not specified|unspecified|not recorded|not reported|
not completed|dk|don't know|dont know|do not know|i don't know|i do not know|unknown|not known|don't remember|do not remember|
can't remember|cannot remember|can't recall|nr|refused|refusal|refused to answer|refuse to answer|declined|declined to answer|
decline to answer|prefer not to say|prefer not to answer|prefer not to respond|prefer not to state|prefer not to disclose|
i prefer not to say|i prefer not to answer|i'd prefer not to say|would prefer not to say|i would prefer not to say|rather not say|
rather not answer|i'd rather not say|would rather not say|i would rather not say|do not wish to say|do not wish to answer|
i do not wish to say|do not want to say|do not want to answer
"""
MISSING_WORDS = frozenset(word.strip() for word in _MISSING.split("|"))
"""What files write for no answer; read as such only when the instrument or the mapping declares it."""
_NO_ANSWER = {fold(word) for word in MISSING_WORDS - {"none", "nil", "x"}} - {""}
_UNDECIDED = """
not sure|i'm not sure|i am not sure|unsure|uncertain|undecided|no opinion|no view|can't say|cannot say|can't choose|cannot choose|
can't decide|cannot decide|hard to say|difficult to say|unable to say|unable to answer|can't answer|cannot answer
"""
_DOUBT = {fold(word) for word in _UNDECIDED.split("|")}
"""No answer too, unless it stands for the middle of a scale."""
_BESIDE = re.compile(r"^\s*-?\d+[\s.:=)-]+|[(\[]-?\d+[)\]]\s*$")
_PARTED = re.compile(r"[/,;]|\bor\b|\band\b", re.IGNORECASE)


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
        "correct the export; codes that its maker says mean no answer go under missing_codes in {document}.",
    ),
    "type-drift": _Kind(
        "in words where its scale has numbers ({scale})", "are words where their scales have numbers",
        "export answer codes, or {codes}.",
    ),
    "undeclared-missing": _Kind(
        "with what looks like a missing code that is not declared", "look like missing codes that are not declared",
        "leave the cells blank, or list the code under missing_codes in {missing}.",
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


def kind_of_number(number: float, scale: Scale) -> str:
    """Why a number is no answer on a scale."""
    inside = scale.interval.low <= number <= scale.interval.high
    return "between-codes" if inside and not number.is_integer() else "outside-scale"


def kind_of(value: str, form: FileForm) -> str:
    """Why an answer that is no number in the file's notation is none: the code of its fault."""
    if not any(map(str.isalnum, value)):
        return "undeclared-missing"
    if value.casefold().strip() in MISSING_WORDS or says_no_answer(value):
        return "undeclared-missing"
    if _NO_NUMBER.match(value) and not _finite(value):
        return "not-a-number"
    if _finite(value) and (form.decimal == "." or not _POINT.match(value)):
        return "outside-scale"
    if _DECIMAL_COMMA.match(value) or THOUSANDS.match(value) or _POINT.match(value):
        return "number-locale"
    return "type-drift"


def number_of(code: str) -> float | None:
    """A code as a number; None when it is a word."""
    try:
        return float(code)
    except ValueError:
        return None


def says_no_answer(label: str) -> bool:
    """Whether the label of a code, a number beside it left out, says that nothing was answered; 'None' may be an answer."""
    said = _said(label)
    return not said.isdisjoint(_NO_ANSWER) and said <= _NO_ANSWER | _DOUBT


def says_doubt(label: str) -> bool:
    """Whether the label of a code says that somebody could not decide: no answer, but an option in the middle."""
    return _said(label) <= _DOUBT


def _said(label: str) -> set[str]:
    """What a label says, or each of its parts where it says several things ('Don't know / refused')."""
    text = _BESIDE.sub("", label)
    whole = fold(text)
    return {whole} if whole in _NO_ANSWER | _DOUBT else {fold(part) for part in _PARTED.split(text)}


def code_of(value: str) -> str:
    """A value as instruments write codes: '4' for '4.0' and '04'; words as they stand."""
    number = number_of(value)
    return value if number is None else f"{number:.15g}"


def gapless(scale: Scale) -> bool:
    """Whether a scale's codes are whole numbers without a gap, so that two bounds describe them."""
    codes = scale.codes
    return all(code.is_integer() for code in codes) and codes[-1] - codes[0] == len(codes) - 1


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
    missing = "the mapping" if mapped else documents
    codes = "draft a mapping from labels to codes with: pilot wave map STUDY FILE"
    if mapped:
        codes = "list the words in the mapping: answers under the item's codes, what stands for no answer under missing_codes"
    notation = "declare 'decimal' and 'thousands' in a mapping's file block (a comma may be either)"
    if intake.form.decimal != "." or intake.form.thousands:
        notation = "write all in the notation that the mapping declares under 'decimal' and 'thousands', or correct it there"
    fix = kind.fix.format(document=documents, missing=missing, codes=codes, notation=notation)
    return f"{fix[:-1]}; {_SHARES}" if all(fault.shares for fault in faults) else fix


def _unshifted(intake: Intake, fault: AnswerFault) -> str:
    """How answers are read whose codes begin one lower or higher; of two options the same shift could turn them round."""
    codes = [f"{code:g}" for code in fault.question.scale.codes]
    own = {f"{float(code) + fault.shift:g}": code for code in codes}
    known, end = list(own), codes[-1 if fault.shift < 0 else 0]
    may = f"the file may code from {known[0]} to {known[-1]}, for {end} occurs nowhere: compare it with its questionnaire"
    place = "the mapping" if intake.layout.mapped else "a mapping (pilot wave map STUDY FILE)"
    if len(codes) == 2:
        return f"{may}, and say under the 'codes' of each item in {place} what {known[0]} and {known[1]} stand for."
    column, item = text_scalar(fault.column), fault.question.item
    line = f"{column}: {{item: {item}, codes: {codes_flow(own)}}}"
    every = "give every item on this scale, also where no answer lies outside it, its 'codes'"
    return f"{may}, and if it does, {every} in {place}: {line}; else correct the export."


def _finite(value: str) -> bool:
    number = number_of(value)
    return number is not None and abs(number) < float("inf")


def _scale_words(scale: Scale) -> str:
    if scale.range is not None:
        return f"{scale.range}{', whole numbers' if scale.whole else ''}"
    codes = [f"{code:g}" for code in scale.codes]
    return f"{codes[0]} to {codes[-1]}" if gapless(scale) else listed(codes)
