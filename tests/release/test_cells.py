"""Cells of units, arms and roles. Sources: each number computed from the rows themselves; the interval of a mean over units by
Cochran (1977), Sampling Techniques, section 6.3, checked against statsmodels' cluster-robust error."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy import stats

from evaluation.evidence.scan import rows, summarise
from evaluation.organisations.register import read_register
from evaluation.protocol.documents import read_documents
from evaluation.release.cells import cells_of
from evaluation.study import Study
from evaluation.waves import store
from tests.release.loaded import loaded_study


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    return loaded_study(tmp_path_factory.mktemp("tiny"), waves=("baseline", "month_12"), people={"P3": 8, "C5": 30})


@pytest.fixture(scope="module")
def cells(study: Study) -> pd.DataFrame:
    documents = read_documents(study.root)
    register = read_register(documents)
    return cells_of(summarise({"staff": store.responses(study, "staff")}, documents, register), documents, register)


@pytest.fixture(scope="module")
def people(study: Study) -> pd.DataFrame:
    documents = read_documents(study.root)
    responses = {"staff": store.responses(study, "staff")}
    return rows(responses, documents, read_register(documents), "lived_values", ("month_12",))


def cell(cells: pd.DataFrame, level: str, **names: str) -> pd.Series:
    chosen = cells[(cells["level"] == level) & (cells["measure"] == "lived_values") & (cells["wave"] == "month_12")]
    for column, name in names.items():
        chosen = chosen[chosen[column] == name]
    assert len(chosen) == 1
    return chosen.iloc[0]


def test_every_line_adds_up(cells: pd.DataFrame) -> None:
    for _, group in cells.groupby(["measure", "wave"]):
        by_level = group.groupby("level")["people"].sum()
        assert by_level.nunique() == 1
        totals = (group["people"] * group["mean"].fillna(0)).groupby(group["level"]).sum()
        np.testing.assert_allclose(totals, totals.iloc[0], rtol=1e-12)


def test_a_units_mean_and_interval_are_those_of_its_people(cells: pd.DataFrame, people: pd.DataFrame) -> None:
    own = people.loc[people["unit"] == "P3", "score"]
    low, high = stats.ttest_1samp(own, 0.0).confidence_interval(0.95)
    found = cell(cells, "unit", unit="P3")
    np.testing.assert_allclose([found["mean"], found["low"], found["high"]], [own.mean(), low, high], rtol=1e-12)
    assert found["people"] == 8


def test_an_arms_interval_is_between_its_units(cells: pd.DataFrame, people: pd.DataFrame) -> None:
    own = people[people["arm"] == "comparison"]
    codes = pd.factorize(own["unit"])[0]
    fit = sm.OLS(own["score"].to_numpy(), np.ones(len(own))).fit(
        cov_type="cluster", cov_kwds={"groups": codes, "use_correction": False})
    units = len(set(codes))
    error = fit.bse[0] * np.sqrt(units / (units - 1))
    reach = stats.t.ppf(0.975, units - 1) * error
    found = cell(cells, "arm", arm="comparison")
    np.testing.assert_allclose([found["mean"], found["low"], found["high"]], [fit.params[0], *(fit.params[0] + reach * np.r_[-1, 1])],
                               rtol=1e-9)


def test_a_unit_in_which_nobody_answered_is_a_cell_of_nobody(cells: pd.DataFrame, tmp_path: Path) -> None:
    absent = loaded_study(tmp_path, waves=("baseline",), people={"P2": 0})
    documents = read_documents(absent.root)
    register = read_register(documents)
    found = cells_of(summarise({"staff": store.responses(absent, "staff")}, documents, register), documents, register)
    assert "P2" not in set(found["unit"].dropna())  # its organisation took no part: not a hidden cell, no cell
    assert set(cells.loc[cells["level"] == "unit", "unit"]) == {"P1", "P2", "P3", "C1", "C2", "C3", "C4", "C5"}


def test_a_wave_that_nobody_answered_has_no_cells(cells: pd.DataFrame) -> None:
    assert set(cells["wave"]) == {"baseline", "month_12"}
