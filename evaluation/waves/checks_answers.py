"""Are the answers on their scales? Columns are read as numbers whole; only those with faults are looked at cell by cell.

An answer is a blank, a declared missing code, or a number on its item's scale. All else is refused with its first examples. What
SPSS and Stata files declare to be no answer is none, whatever the mapping or the scale would make of it.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import polars as pl

from evaluation.errors import Problem
from evaluation.protocol.instrument import Scale
from evaluation.protocol.mapping import FileForm
from evaluation.waves.answer_faults import AnswerFault, gapless, kind_of, number_of, worded
from evaluation.waves.expected import ExpectedItem
from evaluation.waves.faults import listed
from evaluation.waves.intake import Intake, is_code, replaced

BLANK = "blank"
DECLARED = "declared by the file"


@dataclass(frozen=True)
class Answers:
    """Item columns (R,) as numbers, null where there is no answer; how often each missing code occurred; what is wrong.

    `notes` name codes on the scale that the file declares to be no answers.
    """

    columns: tuple[pl.Series, ...]
    missing: Mapping[str, int] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    notes: tuple[str, ...] = ()


def check_answers(intake: Intake) -> Answers:
    """Every item of the population: read, checked, and counted."""
    columns: list[pl.Series] = []
    faults: list[AnswerFault] = []
    problems: list[Problem] = []
    missing: Counter[str] = Counter()
    undone: dict[str, Mapping[str, int]] = {}
    for item, question in intake.expected.questions.items():
        column = pl.repeat(None, intake.total, dtype=pl.Float64, eager=True)
        if item in intake.layout.items:
            read = _read(intake, item, question)
            if question.asked:
                column = read.numbers
                faults += _faults(intake, question, read) if read.bad.any() else []
                missing.update(read.missing)
                undone[item] = read.undone
            else:
                problems += _not_asked(intake, question, read)
        columns.append(column.alias(item))
    return Answers(tuple(columns), missing, (*problems, *worded(intake, faults)), tuple(_undone_note(undone)))


def _undone_note(undone: Mapping[str, Mapping[str, int]]) -> Iterator[str]:
    found = [f"{code} of {item} ({count:,})" for item, counts in undone.items() for code, count in counts.items()]
    if found:
        yield f"the file declares codes to be no answers that lie on the scale, and they are read as none: {listed(found)}"


def _is_missing(text: pl.Series, numbers: pl.Series, code: str) -> pl.Series:
    """Whether each cell is a declared missing code, as written or as the same number."""
    number = number_of(code)
    return (text == code if number is None else numbers == number).fill_null(False)


@dataclass(frozen=True)
class _Read:
    """One item: (R,) text as in the file, numbers on the scale, rows with a fault, rows whose text no mapped code explains.

    `undone` counts, by code, answers on the scale that the file declares to be none.
    """

    text: pl.Series
    numbers: pl.Series
    bad: pl.Series
    strange: pl.Series
    missing: Mapping[str, int]
    undone: Mapping[str, int]


def _read(intake: Intake, item: str, question: ExpectedItem) -> _Read:
    """The mapping's missing codes first, then its codes, then those of the scale and the file; the rest must be on the scale."""
    column, source = intake.layout.items[item]
    raw = intake.frame[column]
    missing = {BLANK: raw.null_count()}
    text, strange = raw, raw.is_null() & False
    mapped_missing = [code for code in (*source.missing_codes, *intake.layout.missing_codes) if code]
    for code in mapped_missing:
        text = _counted(text, is_code(text, (code,)), code, missing)
    if source.codes:
        text, strange = replaced(text, source.codes)
    numbers = as_numbers(text, intake.form)
    for code in question.scale.missing_codes:
        text = _counted(text, _is_missing(text, numbers, code), code, missing)
    undone: Mapping[str, int] = {}
    if codes := intake.layout.declared.get(column):
        declared = raw.is_in(list(codes)).fill_null(False) & text.is_not_null()
        missing |= {f"{code}, {DECLARED}": count for code, count in _times(raw.filter(declared)).items()}
        undone = _times(raw.filter(declared & on_scale(numbers, question.scale)))
        text = text.set(declared, None)
    bad = text.is_not_null() & (strange | ~on_scale(numbers, question.scale))
    return _Read(raw, numbers.set(bad | text.is_null(), None) + 0.0, bad, strange & text.is_not_null(), missing, undone)


def _times(values: pl.Series) -> dict[str, int]:
    """How often each value occurs, in their order."""
    return {str(value): count for value, count in values.alias("value").value_counts(name="times").sort("value").iter_rows()}


def _counted(text: pl.Series, holds: pl.Series, code: str, missing: dict[str, int]) -> pl.Series:
    count = int(holds.sum())
    if not count:
        return text
    missing[code] = missing.get(code, 0) + count
    return text.set(holds, None)


def as_numbers(text: pl.Series, form: FileForm) -> pl.Series:
    """Text as numbers in the declared decimal and thousands signs; null where it is none."""
    if form.decimal == "." and form.thousands is None:
        return text.cast(pl.Float64, strict=False)
    group = f"([{form.thousands}]\\d{{3}})+" if form.thousands else "()"
    fits = text.str.contains(rf"^[+-]?(\d{{1,3}}{group}|\d+)([{form.decimal}]\d+)?([eE][+-]?\d+)?$")
    plain = text.str.replace_all(form.thousands, "", literal=True) if form.thousands else text
    return plain.str.replace(form.decimal, ".", literal=True).set(~fits.fill_null(False), None).cast(pl.Float64, strict=False)


def on_scale(numbers: pl.Series, scale: Scale) -> pl.Series:
    """(R,) whether each number may be an answer; False where there is none."""
    if scale.range is None and not gapless(scale):
        return numbers.is_in(list(scale.codes)).fill_null(False)
    inside = (numbers >= scale.interval.low) & (numbers <= scale.interval.high)
    if scale.range is None or scale.whole:
        inside &= numbers == numbers.floor()
    return inside.fill_null(False)


def _not_asked(intake: Intake, question: ExpectedItem, read: _Read) -> list[Problem]:
    given = read.text.is_not_null()
    return intake.fault(
        "item-not-asked",
        given,
        f"answer {question.item}, which this wave did not ask",
        f"correct asked_in in {question.document}, or leave the column out.",
        columns=(read.text.name,),
    )


def _faults(intake: Intake, question: ExpectedItem, read: _Read) -> list[AnswerFault]:
    """The item's faulty answers, those of one kind together."""
    column, _ = intake.layout.items[question.item]
    bad = pl.DataFrame({"row": intake.rows, "value": read.text, "strange": read.strange}).filter(read.bad)
    values = bad.group_by("value", maintain_order=True).agg(pl.col("strange").any(), pl.len().alias("times"))
    times: dict[str, dict[str, int]] = {}
    for value, strange, count in values.iter_rows():
        times.setdefault("unmapped-answer" if strange else kind_of(value, intake.form), {})[value] = count
    found = []
    for kind, counts in times.items():
        rows = bad.filter(pl.col("value").is_in(list(counts)))["row"].to_list()
        found.append(AnswerFault(kind, question, column, tuple(rows), counts))
    return found
