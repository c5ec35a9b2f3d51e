"""Are the answers on their scales? Every different answer is judged once; only columns with faults are looked at row by row.

An answer is a blank, a declared missing code, or a number on its item's scale. All else is refused with its first examples. What
SPSS and Stata files declare to be no answer is none, whatever the mapping or the scale would make of it.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from evaluation.errors import Problem
from evaluation.waves.answer_faults import AnswerFault, kind_of, worded
from evaluation.waves.answer_meanings import ItemRead, read_items
from evaluation.waves.expected import ExpectedItem
from evaluation.waves.faults import listed
from evaluation.waves.intake import Intake


@dataclass(frozen=True)
class Answers:
    """Item columns (R,) as numbers, null where there is no answer; how often each missing code occurred; what is wrong.

    Where something is wrong there are no columns. `notes` name codes on the scale that the file declares to be no answers.
    """

    columns: tuple[pl.Series, ...]
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
    problems += worded(intake, list(_faults(intake, [one for one in read.values() if one.bad.any()])))
    missing: Counter[str] = Counter()
    for one in read.values():
        missing.update(one.missing())
    columns = () if problems else _numbers(intake, read)
    return Answers(columns, missing, tuple(problems), tuple(_undone_note({item: one.undone() for item, one in read.items()})))


def _numbers(intake: Intake, read: Mapping[str, ItemRead]) -> tuple[pl.Series, ...]:
    """The columns of all items, null where this wave did not ask or the file does not hold one."""
    nothing = pl.repeat(None, intake.total, dtype=pl.Float64, eager=True)
    numbers = intake.cells.select([one.numbers() for one in read.values()])
    return tuple(numbers[item] if item in read else nothing.alias(item) for item in intake.expected.questions)


def _undone_note(undone: Mapping[str, Mapping[str, int]]) -> Iterator[str]:
    found = [f"{code} of {item} ({count:,})" for item, counts in undone.items() for code, count in counts.items()]
    if found:
        yield f"the file declares codes to be no answers that lie on the scale, and they are read as none: {listed(found)}"


def _not_asked(intake: Intake, question: ExpectedItem) -> list[Problem]:
    column, _ = intake.layout.items[question.item]
    return intake.fault(
        "item-not-asked",
        intake.cells[column].is_not_null(),
        f"answer {question.item}, which this wave did not ask",
        f"correct asked_in in {question.document}, or leave the column out.",
        columns=(column,),
    )


def _faults(intake: Intake, faulty: Sequence[ItemRead]) -> Iterator[AnswerFault]:
    """Faulty answers, those of one item and kind together."""
    places = intake.cells.select(
        pl.col(one.cells.name).is_in(one.means.cells.filter(one.bad).to_list()).arg_true().implode().alias(one.item)
        for one in faulty
    )
    for one in faulty:
        found = places[one.item][0]
        values, rows = one.cells.gather(found), intake.rows.gather(found)
        kinds = _kinds(intake, one, [str(value) for value in dict.fromkeys(values.to_list())])
        for kind, times in kinds.items():
            those = rows if len(kinds) == 1 else rows.filter(values.cast(pl.String).is_in(list(times)))
            question = intake.expected.questions[one.item]
            yield AnswerFault(kind, question, one.cells.name, tuple(those.to_list()), times)


def _kinds(intake: Intake, one: ItemRead, values: Sequence[str]) -> dict[str, dict[str, int]]:
    """By kind of fault, how often each of these answers occurs, in their order."""
    judged = zip(one.means.texts.filter(one.bad).to_list(), one.means.strange[one.bad], one.times[one.bad].tolist(), strict=True)
    known = {text: (is_strange, times) for text, is_strange, times in judged}
    kinds: dict[str, dict[str, int]] = {}
    for value in values:
        is_strange, times = known[value]
        kinds.setdefault("unmapped-answer" if is_strange else kind_of(value, intake.form), {})[value] = times
    return kinds
