"""Rows that a platform writes although nobody answered in them: they are set aside before anything is judged, and counted.

Qualtrics keeps previews, tests and what it takes for spam beside the answers and marks them in a column of its own; REDCap writes
a row for a repeated instrument that nobody filled in. A column that the mapping reads is the study's and marks no rows.
"""

from collections.abc import Callable, Mapping

import polars as pl

from evaluation.waves.checks.intake import Intake
from evaluation.waves.readers.qualtrics import marks, status_column
from evaluation.waves.readers.redcap import blank_repeats

NOBODYS = (
    r"(?i)^(grand total|count|max|min|sd|std|stdev|sum|averages?|means?|medians?|overall|sub-?totals?|totals?|maximum|minimum)$"
    r"|(^|\s)(averages?|means?|medians?|overall|sub-?totals?|totals?|maximum|minimum|standard deviation|std\.? dev\.?)([\s:(]|$)"
    r"|^(tests?|testing|dummy)( (row|response|record|entry|case|user))?$"
)
"""What the last rows of a table and those of a trial are called; 'Max Webb' and 'test01' may be somebody."""


def nobodys_names(text: pl.Series) -> pl.Series:
    """(R,) whether an id, or the code of an organisation, says that a row is a total, a mean, a test or the like."""
    return text.str.contains(NOBODYS).fill_null(False)


def without_nobodys(intake: Intake) -> tuple[Intake, dict[str, int]]:
    """The rows that somebody may have answered, and how many others there are, by the reason that the platform gives."""
    if intake.form.format not in _REASONS or not intake.total:
        return intake, {}
    reasons = _REASONS[intake.form.format](intake)
    counts = {reason: int(rows.sum()) for reason, rows in reasons.items() if rows.any()}
    if not counts:
        return intake, {}
    kept = ~pl.select(pl.any_horizontal(*reasons.values())).to_series()
    return intake.where_holds(kept), counts


def _by_status(intake: Intake) -> Mapping[str, pl.Series]:
    name = status_column(intake.cells.columns)
    return {} if name is None or name in intake.layout.columns() else marks(intake.column(name))


def _blank(intake: Intake) -> Mapping[str, pl.Series]:
    return {"REDCap's blank row of a repeated instrument": blank_repeats(intake.cells.select(pl.all().cast(pl.String)))}


_REASONS: dict[str, Callable[[Intake], Mapping[str, pl.Series]]] = {"qualtrics": _by_status, "redcap": _blank}
"""By format, (R,) masks of rows by why they are nobody's; no row has two reasons."""
