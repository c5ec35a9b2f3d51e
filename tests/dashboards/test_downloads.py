"""Downloads open as data in a spreadsheet, never as formulas, and hide what pages hide."""

import csv
import io

import pytest

from dashboards.downloads import CELL_COLUMNS, cells_csv, findings_csv, panel_csv, written
from evaluation.spreadsheet import neutral
from evaluation.terms import RESULT_COLUMNS
from tests.dashboards.sample import hostile_names, release


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "\0=1"])
def test_text_that_a_spreadsheet_would_run_is_made_text(cell: str) -> None:
    """OWASP, CSV injection: cells starting with = + - @, tab or a line break."""
    assert neutral(cell) == f"'{cell}"


def test_numbers_stay_numbers() -> None:
    assert written(["a", "b"], [[-0.2, 3]]) == "a,b\r\n-0.2,3\r\n"


def test_a_name_that_is_a_formula_is_neutral_in_the_file() -> None:
    names = {row["name"] for row in rows(cells_csv(release(hostile_names), "lived_values"))}
    assert "'=HYPERLINK(\"http://example.org\")" in names


def test_hidden_cells_say_so_in_every_number() -> None:
    hidden = [row for row in rows(cells_csv(release(), "patient_respect")) if row["why_hidden"]]
    assert len(hidden) == 9
    assert all(row[column] == "[c]" for row in hidden for column in ("n", "mean", "conf_low", "conf_high"))


def test_every_answer_and_every_estimate_is_in_its_file() -> None:
    made = release()
    assert [row["estimand"] for row in rows(findings_csv(made))] == [finding.estimand for finding in made.findings]
    assert {row["result_id"] for row in rows(findings_csv(made))} == {"r-5f0c2b9d1e"}
    estimates = rows(panel_csv(made, "lived_values"))
    assert tuple(estimates[0]) == RESULT_COLUMNS
    assert len(estimates) == 9
    assert tuple(rows(cells_csv(made, "lived_values"))[0]) == CELL_COLUMNS
