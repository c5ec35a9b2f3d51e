"""Whole numbers that stand beside answers: how many people are behind a published mean."""

import polars as pl

from evaluation.waves.checks.answer_numbers import as_numbers
from evaluation.waves.checks.intake import Intake
from evaluation.waves.checks.rows import Found

MOST = 100_000_000
"""More people than any organisation could have asked."""


def base(intake: Intake) -> Found:
    """(R,) people behind each row of an organisation-level file; null where a row does not say, and in files of respondents."""
    text = intake.key("base") if intake.expected.level.is_published else None
    if text is None:
        notes = ("how many people are behind each row is not published, so all count as too few to show",)
        nothing = pl.repeat(None, intake.total, dtype=pl.Int64, eager=True).alias("base")
        return Found(nothing, (), notes if "base" in intake.layout.untold else ())
    numbers = as_numbers(text, intake.form)
    good = ((numbers >= 1) & (numbers <= MOST) & (numbers == numbers.floor())).fill_null(False)
    blank, column = text.is_null(), intake.columns_of("base")
    problems = intake.fault(
        "base-wrong",
        ~blank & ~good,
        "give a base that is no whole number of people",
        "correct the column 'base'.",
        columns=column,
        values=text,
    )
    if blank.all():
        problems += intake.fault(
            "base-blank", blank, "do not say how many people are behind them", "fill in the column 'base'.", columns=column
        )
    note = f"{intake.where(blank)}: how many people are behind them is not said, so they count as too few to show"
    return Found(numbers.set(~good, None).cast(pl.Int64).alias("base"), tuple(problems), (note,) if blank.any() else ())
