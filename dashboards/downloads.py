"""Files to take away: comma-separated text that a spreadsheet opens as data, never as formulas."""

import csv
import io
from collections.abc import Iterable, Sequence

from evaluation.figures import numbers
from evaluation.release.cards import CellCard, ResponseCard
from evaluation.release.publish import Release
from evaluation.spreadsheet import Value, neutral
from evaluation.terms import RESULT_COLUMNS

CELL_COLUMNS = (
    "measure", "wave", "level", "unit", "name", "arm", "role", "n", "mean", "conf_low", "conf_high", "why_hidden",
    "percent_answered",
)
FINDING_COLUMNS = (
    "estimand", "status", "measure", "label", "population", "design", "contrast", "wave_from", "wave_to", "verdict", "estimate",
    "conf_low", "conf_high", "confidence", "minimum_important_difference", "margin", "unit_words", "better", "n_units", "n_pilot",
    "n_comparison", "n_respondents", "grade", "result_id",
)


def findings_csv(release: Release) -> str:
    """One row for each answer, numbers as released."""
    rows = [{**finding.model_dump(mode="json"), "result_id": release.result_id} for finding in release.findings]
    return written(FINDING_COLUMNS, [[row[column] for column in FINDING_COLUMNS] for row in rows])


def panel_csv(release: Release, measure: str) -> str:
    """Every estimate of one measure, in the result columns that are the same everywhere."""
    rows = [row.model_dump(mode="json") for finding in release.findings if finding.measure == measure for row in finding.panel]
    return written(RESULT_COLUMNS, [[_joined(row[column]) for column in RESULT_COLUMNS] for row in rows])


def cells_csv(release: Release, measure: str) -> str:
    """Every cell of one measure; a hidden one says [c] and why. The last column is the response rate to the whole survey."""
    names = {unit.unit: unit.name for unit in release.organisations}
    population = next((one.population for one in release.measures if one.id == measure), "")
    rates = {(rate.wave, *_who(rate)): rate.percent for rate in release.response_rates if rate.population == population}
    cells = [cell for cell in release.cells if cell.measure == measure]
    return written(CELL_COLUMNS, [[*_cell(cell, names), rates.get((cell.wave, *_who(cell)))] for cell in cells])


def _who(part: CellCard | ResponseCard) -> tuple[str | None, ...]:
    return part.level, part.unit, part.arm, part.role


def _cell(cell: CellCard, names: dict[str, str]) -> list[Value]:
    shown = [cell.n, cell.mean, cell.conf_low, cell.conf_high]
    blank = numbers.HIDDEN if cell.suppressed else numbers.NOT_AVAILABLE
    values = [blank if value is None else value for value in shown]
    who = [cell.unit, names.get(cell.unit or ""), cell.arm, cell.role.value if cell.role else None]
    return [cell.measure, cell.wave, cell.level, *who, *values, cell.suppressed.value if cell.suppressed else None]


def _joined(value: object) -> Value:
    if isinstance(value, list):
        return "; ".join(str(each) for each in value)
    return value if isinstance(value, str | float | int | bool) else None


def written(columns: Sequence[str], rows: Iterable[Sequence[Value]]) -> str:
    """Comma-separated text with a head; text that a spreadsheet would run is made text by a leading apostrophe."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([[neutral(value) for value in row] for row in rows])
    return out.getvalue()
