"""Which columns of an unknown file are answers, and on what options: known words, labelled or short codes, or numbers."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from evaluation.protocol.mapping import FileForm
from evaluation.waves.checks.answer_codes import number_and_label
from evaluation.waves.checks.answer_faults import NO_ANSWERS, number_of, says_no_answer
from evaluation.waves.checks.answer_numbers import as_numbers
from evaluation.waves.checks.intake import number_text
from evaluation.waves.checks.likeness import words_of
from evaluation.waves.checks.question_text import without_number
from evaluation.waves.drafts.guesses import NUMBERED
from evaluation.waves.drafts.number_forms import number_form
from evaluation.waves.drafts.vocabularies import Vocabulary, vocabulary_of
from evaluation.waves.readers.table import Table

MOST_OPTIONS = 12
_LONGEST_WORDS = 60
"""Signs of words for no answer: 'Don't know / do not wish to answer (99)' has fewer."""
FEW, STRAYS = 100, 2
"""Answers below which nothing is left aside; people who may have answered off the scale of all others."""
_MISSING_NUMBERS = {"-99", "-98", "-97", "-9", "-8", "-7", "-1", "66", "77", "88", "96", "97", "98", "99", "999", "998", "9999"}
_RANGE = re.compile(r"[(\[]\s*(\d{1,3})\s*(?:-|–|to)\s*(\d{1,3})\s*[)\]]", re.IGNORECASE)
_TRAIT_WORDS = """
age band birth country disability duration ethnicity female finished gender grade language latitude longitude male married marital
page pay progress race region religion row salary seconds sex status tenure version weight white
"""
_TRAITS = set(_TRAIT_WORDS.split())
"""Words of headers that tell of a person or of the export, not of an answer."""


@dataclass(frozen=True)
class Answering:
    """A column of answers: options by code (empty for a plain range), missing codes, and the words it was recognised by.

    `check` says where the question states another range than the answers have.
    """

    column: str
    wording: str
    options: Mapping[str, str]
    positive: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    low: float = 0.0
    high: float = 1.0
    whole: bool = True
    known: str = ""
    check: str = ""


def answerings(table: Table, taken: Sequence[str]) -> Iterator[Answering]:
    """Columns, among those not `taken`, that hold answers: in words, in labelled codes, or in numbers."""
    decimal, thousands = number_form([table.frame[c] for c in table.frame.columns if c not in taken])
    form = table.form.model_copy(update={"decimal": decimal, "thousands": thousands})
    for column in table.frame.columns:
        values = table.frame[column].drop_nulls()
        if column in taken or not len(values) or set(words_of(column)) & _TRAITS or _counts_rows(column, values):
            continue
        wording = without_number(table.labels.get(column, column))
        labels = table.value_labels.get(column, {})
        different = number_text(values).unique().to_list() if values.n_unique() <= 4 * MOST_OPTIONS else []
        given = [value for value in different if not says_nothing(value)]
        words = vocabulary_of(given)
        numbered = dict(pair for value in given if (pair := number_and_label(value)) is not None)
        if words is not None:
            yield _in_words(column, wording, different, words)
        elif given and len(numbered) == len(given):
            yield _in_words(column, wording, different, _ordered(numbered))
        elif labels and given and all(number_of(value) is not None for value in given):
            yield _labelled(column, wording, different, labels)
        elif _is_numeric(said := values.filter(~values.is_in(lost := _words_for_nothing(values))), form):
            numbered_ones = [value for value in different if value not in lost]
            yield _in_numbers(column, wording, numbered_ones, as_numbers(said, form).drop_nulls(), tuple(lost))


def says_nothing(value: str) -> bool:
    """Whether an answer stands for none, whatever is asked: 'Don’t know / refused' and 'Not applicable (9)' too.

    "None", "Nil" and "x" stay for a person to decide, who is told of them at load.
    """
    return value.casefold().strip() in NO_ANSWERS or says_no_answer(value)


def _words_for_nothing(values: pl.Series) -> list[str]:
    """The different answers that stand for none, none of them longer than words for it are."""
    short = values.filter(values.str.len_chars() <= _LONGEST_WORDS).unique().sort()
    return [value for value in short.to_list() if says_nothing(value)]


def _is_numeric(said: pl.Series, form: FileForm) -> bool:
    """Whether more than nine answers in ten are numbers; words for no answer have been left out."""
    return len(said) > 0 and int(as_numbers(said, form).is_not_null().sum()) > 0.9 * len(said)


def _counts_rows(column: str, values: pl.Series) -> bool:
    """Whether a column only numbers the rows."""
    headed = bool(set(words_of(column)) & (NUMBERED | {"index", "row"}))
    return headed and bool(values.str.contains(r"^\d+$").all()) and values.n_unique() > 0.4 * len(values)


def _in_words(column: str, wording: str, different: list[str], words: Vocabulary) -> Answering:
    missing = tuple(value for value in different if says_nothing(value))
    return Answering(column, wording, words.options, words.positive, missing, known=words.name)


def _ordered(labels: Mapping[str, str]) -> Vocabulary:
    """Options whose answers carry their codes, '4 - Agree'."""
    options = dict(sorted(labels.items(), key=lambda pair: number_of(pair[0]) or 0.0))
    words = vocabulary_of(list(options.values()))
    return Vocabulary("labelled", options, tuple(code for code, label in options.items() if words and words.is_positive(label)))


def _labelled(column: str, wording: str, different: list[str], labels: Mapping[str, str]) -> Answering:
    missing = {code for code, label in labels.items() if _is_missing(code, label)}
    options = {code: label for code, label in labels.items() if code not in missing}
    ordered = _ordered(options)
    lost = {value for value in different if value in missing or says_nothing(value)}
    return Answering(column, wording, ordered.options, ordered.positive, tuple(sorted(lost)), known="labelled")


def _is_missing(code: str, label: str) -> bool:
    return code in _MISSING_NUMBERS or says_nothing(label) or number_of(code) is None


def _in_numbers(column: str, wording: str, different: list[str], numbers: pl.Series, lost: tuple[str, ...]) -> Answering:
    """Whole numbers in a short run are codes of options; everything else is a range of numbers."""
    whole = bool((numbers == numbers.floor()).all())
    missing = _missing_among(different, numbers) if whole and len(different) > 2 else ()
    kept = numbers.filter(~numbers.is_in([float(code) for code in missing])) if missing else numbers
    kept = _without_strays(kept) if whole else kept
    lowest, highest = kept.min(), kept.max()
    assert isinstance(lowest, float) and isinstance(highest, float)
    stated, check = _stated(wording, lowest, highest)
    lowest, highest = stated or (lowest, highest)
    if whole and 0 <= lowest < highest <= 10 and different:
        codes = [str(code) for code in range(int(lowest), int(highest) + 1)]
        options = {"0": "No", "1": "Yes"} if codes == ["0", "1"] else {code: f"answer {code}" for code in codes}
        return Answering(column, wording, options, ("1",) if codes == ["0", "1"] else (), (*missing, *lost), check=check)
    low, high = stated or _outward(lowest, highest, [float(code) for code in missing])
    return Answering(column, wording, {}, (), (*missing, *lost), low, high, whole, check=check)


def _stated(wording: str, lowest: float, highest: float) -> tuple[tuple[float, float] | None, str]:
    """The range in brackets in a question, '(0-10)', where it holds all answers; and what to check where theirs is another."""
    match = _RANGE.search(wording)
    if match is None or (said := (float(match[1]), float(match[2]))) == (lowest, highest) or said[0] >= said[1]:
        return None, ""
    check = f"DECIDE: the range; CHECK: the question says {match[1]} to {match[2]}, and answers go from {lowest:g} to {highest:g}"
    return (said if said[0] <= lowest and highest <= said[1] else None), check


def _missing_among(different: Sequence[str], numbers: pl.Series) -> tuple[str, ...]:
    """Numbers that stand for no answer: above all others and not next to them (99 of 1, 2, 3, 99), or negative and below them.

    A 66 among years from 31 to 70 is an answer, and so are 66 of minutes from 200 on and 98 beside a 97.
    """
    may = {float(value): value for value in different if value in _MISSING_NUMBERS}
    others = _without_strays(numbers.filter(~numbers.is_in(list(may))))
    if not may or not len(others):
        return ()
    lowest, highest = others.min(), others.max()
    assert isinstance(lowest, float) and isinstance(highest, float)
    while highest + 1 in may:
        highest += 1
    return tuple(value for number, value in may.items() if number > highest or number < min(lowest, 0))


def _without_strays(numbers: pl.Series) -> pl.Series:
    """Without what one or two people answered far from all others, a 55 among answers from 1 to 5: a check will name it."""
    counts = numbers.value_counts(name="people").sort("people", descending=True)
    usual = set(counts.filter((pl.col("people") > STRAYS) | (len(numbers) < FEW))[:, 0].to_list())
    rare = set(counts[:, 0].to_list()) - usual
    while near := {value for value in rare if {value - 1, value + 1} & usual}:
        usual, rare = usual | near, rare - near
    return numbers.filter(~numbers.is_in(list(rare))) if len(usual) > 1 else numbers


def _outward(lowest: float, highest: float, missing: Sequence[float]) -> tuple[float, float]:
    """Round limits that hold what was seen and no missing code: 0 to 1, 0 to 10, 0 to 100, else the whole numbers around it."""
    for limit in (1.0, 10.0, 100.0):
        if lowest >= 0 and highest <= limit and not any(0 <= code <= limit for code in missing):
            return 0.0, limit
    return float(lowest // 1), float(-(-highest // 1)) + (lowest == highest)
