"""Whole numbers that stand beside answers: how many people are behind a published mean."""

import polars as pl

from evaluation.terms import Level
from evaluation.waves.checks_answers import as_numbers
from evaluation.waves.checks_rows import Found
from evaluation.waves.intake import Intake


def base(intake: Intake) -> Found:
    """(R,) people behind each row of an organisation-level file; null in files of respondents."""
    text = intake.key("base") if intake.expected.level is Level.ORGANISATION else None
    if text is None:
        return Found(pl.repeat(None, intake.total, dtype=pl.Int64, eager=True).alias("base"))
    numbers = as_numbers(text, intake.form)
    good = ((numbers >= 1) & (numbers <= 10**8) & (numbers == numbers.floor())).fill_null(False)
    problems = [
        *intake.fault("base-blank", text.is_null(), "do not say how many people are behind them", "give 'base' in every row."),
        *intake.fault(
            "base-wrong",
            text.is_not_null() & ~good,
            "give a base that is no whole number of people",
            "correct the column 'base'.",
            values=text,
        ),
    ]
    return Found(numbers.set(~good, None).cast(pl.Int64).alias("base"), tuple(problems))
