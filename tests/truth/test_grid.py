"""The truth grid: how often each method is wrong where the truth is known, held to the goal lines A to D (docs/methods.md, section 8).

Line E (sums against rows and R) is held by tests/inference and tests/agreement.
"""

import json
from collections import Counter
from itertools import product

import numpy as np
import pandas as pd
import pytest

import evaluation as ev
from evaluation.inference.refusals import Facts, Keeps, refusals, standing
from evaluation.terms import Design, EstimateStatus
from tests.truth.cells import BASE_RUNS, PANEL_RUNS, VARIANT_RUNS, Cell, base_cells, panel_cells, variant_cells
from tests.truth.grid import METHODS, run_cell
from tests.truth.grid_picture import PICTURE, picture
from tests.truth.grid_table import FILE, LINES, SAMPLED, SOURCES, Line, fingerprints, read, sample

CELLS = read()["cells"]


@pytest.mark.parametrize("part", list(SOURCES))
def test_the_grid_is_of_this_code(part: str) -> None:
    assert read()["code"][part] == fingerprints()[part], "the grid is stale: run `make truth` and look at what changed"


def test_the_grid_has_every_cell_with_its_runs() -> None:
    expected = [cell.name for cell in (*base_cells(), *variant_cells(), *panel_cells())]
    assert [cell["name"] for cell in CELLS] == expected
    assert Counter(cell["part"] for cell in CELLS)["panel"] == 20
    assert {(cell["part"], cell["runs"]) for cell in CELLS} == {("base", BASE_RUNS), ("variant", VARIANT_RUNS), ("panel", PANEL_RUNS)}
    assert all(set(cell["methods"]) == set(METHODS) for cell in CELLS if cell["part"] == "panel")


@pytest.mark.parametrize("line", LINES, ids=lambda line: line.says)
def test_a_goal_line_holds_in_every_cell(line: Line) -> None:
    assert line.misses(CELLS) == []


def test_coverage_is_nominal_on_average() -> None:
    """Goal line A: the mean coverage over held base cells is at least .945."""
    covered = [cell["methods"]["headline"]["size"]["covered"] for cell in CELLS if cell["part"] == "base" and cell["units"] >= 6]
    assert np.mean(covered) >= 0.945


def test_the_headline_is_less_conservative_at_small_icc_than_plain_reml_and_never_less_powerful() -> None:
    """The reason for the prior: at an ICC of .01 and 6 or 8 units the former rule rejected a true null once in a hundred."""
    few = [cell["methods"] for cell in CELLS if cell["part"] == "base" and cell["units"] in (6, 8) and cell["icc"] == 0.01]
    now, former = (np.mean([cell[name]["size"]["rejected"] for cell in few]) for name in ("headline", "plain REML"))
    assert former < 0.02 < 0.04 < now < 0.06
    powers = [[cell[name]["power"]["rejected"] for cell in few] for name in ("headline", "plain REML")]
    assert np.mean(powers[0]) > np.mean(powers[1]) + 0.03


@pytest.mark.parametrize(("units", "pilots"), [*product((4, 6, 8, 12, 20), (1,)), (4, 2), (4, 3), (6, 5)])
def test_one_unit_on_a_side_or_four_in_all_get_no_p_value_and_the_reason(units: int, pilots: int) -> None:
    """Goal line C, through the refusals and through the analyst's function: nothing on the panel has a p-value."""
    found = refusals(Facts(Design.DIFFERENCE_IN_DIFFERENCES, pilots, units - pilots, 2))
    assert standing(found) == (EstimateStatus.WITHHELD, Keeps.ESTIMATE) and found[0].sentence
    rng = np.random.default_rng(units)
    rows = [(f"U{g}", wave, "pilot" if g < pilots else "other", rng.normal()) for g in range(units) for wave in "bf" for _ in range(12)]
    frame = pd.DataFrame(rows, columns=["unit", "wave", "arm", "score"])
    told = ev.unit_change(frame, "score", unit="unit", wave="wave", baseline="b", follow_up="f", arm="arm").tidy()
    assert told[["p_value", "std_error", "conf_low"]].isna().all(axis=None)
    assert set(told["status"]) == {EstimateStatus.WITHHELD.value}


def test_how_often_sound_methods_disagree_is_published() -> None:
    """Goal line D: shares of null studies in which the headline and CR2 fall on different sides of .05; below one in ten everywhere."""
    shares = [cell["disagree"]["CR2"] for cell in CELLS if cell["part"] == "panel"]
    assert len(shares) == 20 and 0 < max(shares) < 0.10


def test_methods_that_are_never_the_headline_fail_somewhere() -> None:
    """Why CR1 is a warning and the pooled t and CR3 stand beside: docs/methods.md, section 8."""
    worst = {name: max(cell["methods"][name]["size"]["rejected"] for cell in CELLS if cell["part"] == "panel") for name in METHODS}
    assert worst["CR1"] > 0.2 and worst["pooled t"] > 0.08 and worst["CR3"] > 0.08
    assert worst["headline"] <= 0.07


def test_pilots_chosen_for_a_bad_baseline_mislead_and_the_table_says_so() -> None:
    """Regression to the mean is bias, not error: no standard error puts it right; findings carry a caution (flag)."""
    sizes = [cell["methods"]["headline"]["size"]["rejected"] for cell in CELLS if cell["variant"] == "poor baseline"]
    assert len(sizes) == 18 and min(sizes) > 0.05


def test_a_part_of_the_grid_repeats() -> None:
    for kept, now in zip(read()["sample"], sample(), strict=True):
        assert kept["name"] == now["name"]
        np.testing.assert_allclose(now["estimate"], kept["estimate"], rtol=1e-6)
        np.testing.assert_allclose(now["p_value"], kept["p_value"], rtol=1e-5)
    assert len(SAMPLED) == 5


def test_a_cell_run_here_and_now_rejects_about_as_often() -> None:
    """1,000 studies of two cells: within four Monte Carlo errors of the table's share."""
    for cell in (Cell(8, 4, 0.05, "mixed"), Cell(12, 3, 0.05, "small treated")):
        (kept,) = [one for one in CELLS if one["name"] == cell.name]
        now = run_cell(cell, 1000)
        for method in ("headline", "CR2", "pooled t"):
            share = kept["methods"][method]["size"]["rejected"]
            assert now["methods"][method]["size"]["rejected"] == pytest.approx(share, abs=4 * np.sqrt(share * (1 - share) / 1000))


def test_the_picture_and_the_file_are_those_of_the_table() -> None:
    assert PICTURE.read_text(encoding="utf-8") == picture(read())
    assert json.loads(FILE.read_text(encoding="utf-8"))["says"].endswith("Written by make truth.")
