"""Are the answers on their scales? Every different answer is judged once; only columns with faults are looked at row by row.

An answer is a blank, a declared missing code, or a number on its item's scale. All else is refused with its first examples. What
SPSS and Stata files declare to be no answer is none, whatever the mapping or the scale would make of it.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from math import isfinite

import numpy as np
import polars as pl

from evaluation.errors import Problem
from evaluation.protocol.instrument import Scale
from evaluation.protocol.mapping import FileForm
from evaluation.terms import Level
from evaluation.waves.checks.answer_faults import kind_of, kind_of_number
from evaluation.waves.checks.answer_meanings import ItemRead, Meanings, read_items
from evaluation.waves.checks.answer_numbers import as_numbers
from evaluation.waves.checks.expected import Expected, ExpectedItem
from evaluation.waves.checks.fault_lines import AnswerFault, worded
from evaluation.waves.checks.faults import listed
from evaluation.waves.checks.intake import Intake
from evaluation.waves.checks.shifted_codes import with_shifts

_ENOUGH = 20
"""Rows from which an item that none of them answers is told."""


@dataclass(frozen=True)
class Answers:
    """Item columns (R,) as numbers, null where there is no answer; how often each missing code occurred; what is wrong.

    Where something is wrong there are no columns. `silent` (R,) are rows that answer no item. `notes` name codes on the scale
    that the file declares to be no answers.
    """

    columns: tuple[pl.Series, ...]
    silent: pl.Series
    missing: Mapping[str, int] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    notes: tuple[str, ...] = ()


def check_answers(intake: Intake) -> Answers:
    """Every item of the population: read, checked, and counted."""
    questions, held = intake.expected.questions, intake.layout.items
    read = read_items(intake, [item for item, question in questions.items() if question.asked and item in held])
    problems = [
        problem
        for item, question in questions.items()
        if not question.asked and item in held
        for problem in _not_asked(intake, question)
    ]
    problems += worded(intake, list(with_shifts(intake, read, list(_faults(intake, read.values())))))
    missing: Counter[str] = Counter()
    for one in read.values():
        missing.update(one.missing())
    columns = () if problems else _numbers(intake, read)
    notes = (*_undone_note({item: one.undone() for item, one in read.items()}), *_blank_note(intake, read, columns))
    return Answers(columns, _silent(intake, read), missing, tuple(problems), notes)


def silence(expected: Expected) -> str:
    """Why rows that answer no item are set aside."""
    return "no mean published" if expected.level is Level.ORGANISATION else "no item answered"


def _silent(intake: Intake, read: Mapping[str, ItemRead]) -> pl.Series:
    """(R,) rows without any answer; none where the file lacks an item that this wave asks, or there are no items."""
    questions, held = intake.expected.questions, intake.layout.items
    lacking = any(question.asked and item not in held for item, question in questions.items())
    found = np.full(intake.total, bool(questions) and not lacking)
    for one in read.values():
        if not found.any():
            break
        found &= ~one.answered
    for column in (held[item][0] for item, question in questions.items() if not question.asked and item in held):
        found &= intake.cells[column].is_null().to_numpy()
    return pl.Series(found, dtype=pl.Boolean)


def _numbers(intake: Intake, read: Mapping[str, ItemRead]) -> tuple[pl.Series, ...]:
    """The columns of all items, null where this wave did not ask or the file does not hold one."""
    nothing = pl.repeat(None, intake.total, dtype=pl.Int16, eager=True)
    columns = {item: one.numbers(nothing if one.cells.dtype == pl.String else one.cells) for item, one in read.items()}
    return tuple(columns.get(item, nothing).alias(item) for item in intake.expected.questions)


def _undone_note(undone: Mapping[str, Mapping[str, int]]) -> Iterator[str]:
    found = [f"{code} of {item} ({count:,})" for item, counts in undone.items() for code, count in counts.items()]
    if found:
        yield f"the file declares codes to be no answers that lie on the scale, and they are read as none: {listed(found)}"


def _blank_note(intake: Intake, read: Mapping[str, ItemRead], columns: Iterable[pl.Series]) -> Iterator[str]:
    blank = [column.name for column in columns if column.name in read and column.null_count() == intake.total]
    if blank and intake.total >= _ENOUGH:
        these = "the column" if len(blank) == 1 else "the columns"
        yield f"nobody answered {listed(blank)}: {these} may have been emptied; what was not asked, 'asked_in' leaves out"


def _not_asked(intake: Intake, question: ExpectedItem) -> list[Problem]:
    column, _ = intake.layout.items[question.item]
    return intake.fault(
        "item-not-asked",
        intake.cells[column].is_not_null(),
        f"answer {question.item}, which this wave did not ask",
        f"correct asked_in in {question.document}, or leave the column out.",
        columns=(column,),
    )


def _faults(intake: Intake, read: Iterable[ItemRead]) -> Iterator[AnswerFault]:
    """Faulty answers, those of one item and kind together."""
    rows = intake.rows.to_numpy()
    kind = cache(lambda answer: kind_of(answer, intake.form))
    for one in read:
        places, which = one.faulty
        scale = intake.expected.questions[one.item].scale
        kinds = _kinds(one.means, list(dict.fromkeys(which.tolist())), scale, intake.form, kind)
        for name, answers in kinds.items():
            those = rows[places if len(kinds) == 1 else places[np.isin(which, answers)]]
            times = {one.means.written[answer]: int(one.times[answer]) for answer in answers}
            yield AnswerFault(name, intake.expected.questions[one.item], one.cells.name, tuple(those.tolist()), times)


def _kinds(
    means: Meanings, answers: list[int], scale: Scale, form: FileForm, kind: Callable[[str], str]
) -> dict[str, list[int]]:
    """By kind of fault, which of the different `answers` show it, in their order; `kind` says it of what is no number."""
    kinds: dict[str, list[int]] = {}
    numbers = as_numbers(means.texts.gather(answers), form).to_list()
    for answer, number in zip(answers, numbers, strict=True):
        is_number = number is not None and isfinite(number)
        name = kind_of_number(number, scale) if is_number else kind(means.written[answer])
        kinds.setdefault("unmapped-answer" if means.strange[answer] else name, []).append(answer)
    return kinds
