"""Whole numbers that stand beside answers: how many people are behind a published mean."""

from collections.abc import Sequence

import polars as pl

from evaluation.waves.checks.answer_faults import THOUSANDS
from evaluation.waves.checks.answer_numbers import as_numbers
from evaluation.waves.checks.faults import shown
from evaluation.waves.checks.intake import Intake, first_values
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
        _fix(column[0] if column else "base", first_values(text.filter(~blank & ~good)), intake),
        columns=column,
        values=text,
    )
    if blank.all():
        problems += intake.fault(
            "base-blank", blank, "do not say how many people are behind them", "fill in the column 'base'.", columns=column
        )
    note = f"{intake.where(blank)}: how many people are behind them is not said, so they count as too few to show"
    return Found(numbers.set(~good, None).cast(pl.Int64).alias("base"), tuple(problems), (note,) if blank.any() else ())


def _fix(column: str, values: Sequence[str], intake: Intake) -> str:
    """What puts right a base that cannot be read: its notation declared where it is one, and what stands for none."""
    fixes = [f"correct the column {shown(column)}"]
    grouped = next((match for value in values if (match := THOUSANDS.match(value))), None)
    if grouped and grouped[1][0] != intake.form.thousands:
        mark, plain = grouped[1][0], grouped[0].replace(grouped[1][0], "")
        decimal = " and 'decimal: \",\"'" if mark == "." else ""
        fixes.append(f"where {grouped[0]} means {plain}, declare 'thousands: \"{mark}\"'{decimal} in a mapping's file block")
    if any(not any(map(str.isdigit, value)) for value in values):
        fixes.append("list what stands where none is published under 'missing_codes' in a mapping")
    return f"{'; '.join(fixes)}."
