"""Rows of a published table of options: each counts one option of one question, and no option twice."""

import polars as pl

from evaluation.errors import Problem
from evaluation.terms import Level
from evaluation.waves.checks.intake import Intake


def option_faults(intake: Intake, frame: pl.DataFrame) -> list[Problem]:
    """What is wrong with canonical rows (`frame`, R rows of `intake`) as counts of options; nothing of other populations."""
    items = [item for item in intake.expected.questions if item in frame.columns]
    if intake.expected.level is not Level.OPTION or not items or not frame.height:
        return []
    answered = frame.select(pl.sum_horizontal(pl.col(items).is_not_null())).to_series()
    again = frame.select("organisation", "unit", *intake.expected.groups, *items).is_duplicated() & (answered == 1)
    problems = intake.fault(
        "several-options",
        answered > 1,
        "hold answers to several questions",
        "give each option of each question a row of its own: nobody knows which answers came from one person.",
    )
    problems += intake.fault(
        "duplicate-option",
        again,
        "count an option that another row of the same organisation counts",
        "add the two up, or keep one of them.",
    )
    return problems
