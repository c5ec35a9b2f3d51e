"""Answers to questions that a respondent was not asked: set aside and counted, so that a score never rests on them.

Paper forms and some tools let people go on with questions that another answer should have led them past (`asked_if` in the
instrument). The same happens in no other place: what is stored, tallied and scored agrees on who was asked.
"""

from collections.abc import Mapping, Sequence

import polars as pl

from evaluation.waves.checks.expected import ExpectedItem


def asked_only(columns: Sequence[pl.Series], questions: Mapping[str, ExpectedItem]) -> tuple[list[pl.Series], tuple[str, ...]]:
    """Item columns (R,) without answers of people who were not asked, and notes on how many there were."""
    held = {column.name: column for column in columns}
    away = {item: out for item in held if (out := _away(item, held, questions)) is not None}
    given = {item: int((out & held[item].is_not_null()).sum()) for item, out in away.items()}
    told = [f"{item} ({count:,})" for item, count in given.items() if count]
    notes = []
    if told:
        notes.append(f"answers of people who were not asked because of another answer, set aside: {', '.join(told)}")
    if passed := {item: int(out.sum()) for item, out in away.items()}:
        cells = ", ".join(f"{item} ({count:,})" for item, count in passed.items())
        notes.append(f"not asked because of another answer, neither missing nor silent: {cells}")
    return [held[item].set(away[item], None) if item in away else held[item] for item in held], tuple(notes)


def _away(item: str, held: Mapping[str, pl.Series], questions: Mapping[str, ExpectedItem]) -> pl.Series | None:
    """(R,) who was not asked `item`; None where everybody was."""
    found: pl.Series | None = None
    for other, codes in questions[item].asked_if.items():
        answers = held[other].cast(pl.Float64)
        out = answers.is_not_null() & ~answers.is_in([float(code) for code in codes]).fill_null(False)
        further = _away(other, held, questions)
        out = out if further is None else out | further
        found = out if found is None else found | out
    return found
