"""Answers that are none: of what kind, and which words say that nothing was answered."""

import re

from evaluation.protocol.instrument import Scale
from evaluation.protocol.mapping import FileForm
from evaluation.waves.checks.day_orders import ORDERED, YEAR
from evaluation.waves.checks.likeness import fold

_DECIMAL_COMMA = re.compile(r"^-?\d+,\d{1,2}$|^-?\d+,\d{4,}$")
THOUSANDS = re.compile(r"^-?\d{1,3}([,. ']\d{3})+([.,]\d+)?$")
_POINT = re.compile(r"^-?\d+\.\d+$")
_NO_NUMBER = re.compile(r"^[+-]?(nan|inf|infinity|\d+(\.\d+)?e[+-]?\d+)$", re.IGNORECASE)
_MAIL = re.compile(r"[^\s@]+@[^\s@]+\.[A-Za-z]{2,}")
_DAY = re.compile(f"{YEAR}|{ORDERED}")
_NAMED_DAY = re.compile(r"\d{1,2}\.?[ /-]?([^\W\d_]+)\.?(?:[ /-]\d{2,4})?$|([^\W\d_]+)\.?[ /-]\d{1,4}$")
_MONTH_WORDS = """
jan feb mar apr may jun jul aug sep sept oct nov dec january february march april june july august september october november
december jän mrz mär märz mai juni juli okt dez janv févr mars avr avril juin juil août déc ene abr ago dic gen mag giu lug ott
mrt mei fev out
"""
_MONTHS = frozenset(_MONTH_WORDS.split())
"""Months as spreadsheets name them in western European languages."""
_BY_PROGRAMS = "na|n/a|n.a.|.|-|--|null|missing|#n/a|#null!|?|no answer"
_BY_PEOPLE = """
none|nil|x|missing value|user missing|system missing|sysmis|no data|blank|
left blank|invalid|invalid answer|invalid response|not valid|spoilt|not applicable|not applicable to me|does not apply|
doesn't apply|does not apply to me|doesn't apply to me|not relevant|not relevant to me|not asked|question not asked|not shown|
not displayed|no response|no reply|nonresponse|non-response|not answered|did not answer|didn't answer|did not respond|
unanswered|skipped|skip|question skipped|not stated|not given|not provided|not specified|unspecified|not recorded|not reported|
not completed|dk|don't know|dont know|do not know|i don't know|i do not know|unknown|not known|don't remember|do not remember|
can't remember|cannot remember|can't recall|nr|refused|refusal|refused to answer|refuse to answer|declined|declined to answer|
decline to answer|prefer not to say|prefer not to answer|prefer not to respond|prefer not to state|prefer not to disclose|
i prefer not to say|i prefer not to answer|i'd prefer not to say|would prefer not to say|i would prefer not to say|rather not say|
rather not answer|i'd rather not say|would rather not say|i would rather not say|do not wish to say|do not wish to answer|
i do not wish to say|do not want to say|do not want to answer
"""
WRITTEN_FOR_NOTHING = frozenset(_BY_PROGRAMS.split("|"))
"""What programs write where nothing was said, whatever the column holds; no category of people is called so."""
MISSING_WORDS = WRITTEN_FOR_NOTHING | {word.strip() for word in _BY_PEOPLE.split("|")}
"""What files write for no answer; read as such only when the instrument or the mapping declares it."""
NO_ANSWERS = MISSING_WORDS - {"none", "nil", "x"}
"""Words for no answer that are never one themselves: 'None' and 'Nil' may be the lowest answer, 'x' a box that was ticked."""
_NO_ANSWER = {fold(word) for word in NO_ANSWERS} - {""}
_UNDECIDED = """
not sure|i'm not sure|i am not sure|unsure|uncertain|undecided|no opinion|no view|can't say|cannot say|can't choose|cannot choose|
can't decide|cannot decide|hard to say|difficult to say|unable to say|unable to answer|can't answer|cannot answer
"""
_DOUBT = {fold(word) for word in _UNDECIDED.split("|")}
"""No answer too, unless it stands for the middle of a scale."""
_BESIDE = re.compile(r"^\s*-?\d+[\s.:=)-]+|[(\[]-?\d+[)\]]\s*$")
_PARTED = re.compile(r"[/,;]|\bor\b|\band\b", re.IGNORECASE)


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
    if _MAIL.search(value):
        return "mail-answer"
    return "day-answer" if _is_day(value) else "type-drift"


def _is_day(value: str) -> bool:
    """Whether a value is a day as spreadsheets write them: '05. Mai', '5-May', 'May-05', '2025-05-01'."""
    match = _NAMED_DAY.match(value.strip())
    return _DAY.match(value.strip()) is not None or (match is not None and (match[1] or match[2]).casefold() in _MONTHS)


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


def _finite(value: str) -> bool:
    number = number_of(value)
    return number is not None and abs(number) < float("inf")
