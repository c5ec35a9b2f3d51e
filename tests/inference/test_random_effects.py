"""The analyst's mixed model: its numbers on rows, what it refuses, and the reference figures of the army data's README."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pytest
import statsmodels.api as sm

from evaluation.errors import DesignError
from evaluation.inference.random_effects import RandomEffects, random_effects
from evaluation.terms import RESULT_COLUMNS
from tests.inference.mixed.dense import both, survey

ORGANISATIONS = ["organisation", "organisation:wave"]


@pytest.fixture
def soldiers(shared_data: Callable[[str], Path]) -> pd.DataFrame:
    return pd.read_csv(shared_data("army_univbct_three_waves") / "univbct.csv.gz")


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    return survey(3, organisations=12, people=12).assign(year=lambda rows: 2010.0 + rows["wave"] + rows["age"] / 50)


def test_half_of_the_variance_of_soldiers_job_satisfaction_lies_between_soldiers(soldiers: pd.DataFrame) -> None:
    fit = random_effects("JSAT ~ 1", soldiers, ["SUBNUM"])
    found = fit.tidy()["estimate"][0], fit.variances["SUBNUM"], fit.variances["residual"]
    assert tuple(round(value, 4) for value in found) == (3.2703, 0.4338, 0.4319)  # README
    assert round(fit.shares["SUBNUM"], 3) == 0.501


def test_the_slope_on_time_and_its_error_are_those_of_the_readme(soldiers: pd.DataFrame) -> None:
    fit = random_effects("JSAT ~ TIME", soldiers, ["SUBNUM"], wave="TIME")
    slope = fit.tidy(df="satterthwaite").set_index("term").loc["TIME"]
    assert (round(slope["estimate"], 4), round(slope["std_error"], 4), slope["n_respondents"]) == (0.0518, 0.0217, 1396)
    assert int(fit.glance()["n_left_out"][0]) == len(soldiers) - 1396


def test_a_model_of_soldiers_equals_statsmodels_by_powells_method(soldiers: pd.DataFrame) -> None:
    whole = soldiers.loc[:400, ["JSAT", "TIME", "SUBNUM"]].dropna()
    peer = sm.MixedLM(whole["JSAT"], sm.add_constant(whole["TIME"]), groups=whole["SUBNUM"]).fit(
        reml=True, method="powell", ftol=1e-12, maxiter=2000
    )
    fit = random_effects("JSAT ~ TIME", whole, ["SUBNUM"], wave="TIME")
    assert fit.tidy()["estimate"].to_numpy() == pytest.approx(np.asarray(peer.fe_params), rel=1e-5)
    assert fit.variances["SUBNUM"] == pytest.approx(peer.cov_re.iloc[0, 0], rel=1e-4)
    assert fit.glance()["log_likelihood"][0] == pytest.approx(peer.llf, rel=1e-9)


def test_every_coefficient_and_error_is_that_of_rows_also_where_columns_lie_far_from_zero(frame: pd.DataFrame) -> None:
    fit = random_effects("y ~ pilot * later + year", frame, ORGANISATIONS)
    columns = ["pilot", "later", "year", "both"]
    _, dense = both(frame, columns, [["organisation"], ["organisation", "wave"]])
    names = [one.name for one in fit.model.sums.groupings]
    variances = np.array([fit.variances["residual"], *(fit.variances[name] for name in names)])
    b, _ = dense.coefficients(variances)
    tidy = fit.tidy()
    assert list(tidy["term"]) == ["1", "pilot", "later", "year", "pilot:later"]
    assert tidy["estimate"].to_numpy() == pytest.approx(b, rel=1e-6)
    for place in range(5):
        error, df = dense.kenward_roger(variances, np.eye(5)[place])
        assert tidy["std_error"][place] == pytest.approx(error, rel=1e-5)
        assert tidy["df"][place] == pytest.approx(df, rel=1e-4)


def test_a_path_a_polars_table_and_a_frame_give_the_same(frame: pd.DataFrame, tmp_path: Path) -> None:
    frame.to_parquet(tmp_path / "rows.parquet")
    tables = [random_effects("y ~ pilot * later", data, ORGANISATIONS).tidy()
              for data in (frame, pl.from_pandas(frame), tmp_path / "rows.parquet")]
    for table in tables[1:]:
        pd.testing.assert_frame_equal(table, tables[0], rtol=1e-10)


def test_results_have_the_columns_of_every_result_and_read_well(frame: pd.DataFrame) -> None:
    fit = random_effects("y ~ pilot * later + age", frame, ORGANISATIONS)
    tidy = fit.tidy(confidence=0.9)
    assert tuple(tidy.columns) == RESULT_COLUMNS
    row = tidy.set_index("term").loc["pilot:later"]
    assert (row["estimator"], row["variance"], row["unit"], row["n_units"]) == ("random effects", "kenward-roger", "organisation", 12)
    assert (row["n_pilot"], row["n_comparison"], row["status"]) == (6, 6, "estimated")
    glance = fit.glance().iloc[0]
    whole = sum(glance[f"variance {name}"] for name in (*ORGANISATIONS, "residual"))
    assert glance["share organisation"] == pytest.approx(glance["variance organisation"] / whole)
    assert list(fit.units()["group"].unique()) == ORGANISATIONS
    assert len(fit.units()) == 12 + 24
    assert "pilot:later" in fit._repr_html_()
    assert "pilot:later" in fit.summary()
    assert list(fit.plot().data)


def test_a_variance_at_zero_is_told_in_the_summary() -> None:
    fits = (random_effects("y ~ age", survey(seed, between=0, by_wave=0, own=0), ["organisation"]) for seed in range(20))
    flat = next(fit for fit in fits if fit.variances["organisation"] == 0)
    assert "The variance of organisation was estimated at 0." in flat.summary()


@pytest.mark.parametrize("wave", [None, "wave"])
def test_an_organisations_intercept_alone_is_refused_where_waves_are_compared(frame: pd.DataFrame, wave: str | None) -> None:
    """docs/methods.md, rule 2."""
    rows = frame if wave else frame.drop(columns="wave")
    with pytest.raises(DesignError, match="random intercept for organisation alone is wrong for repeated cross-sections"):
        random_effects("y ~ pilot * later + age", rows, ["organisation"])


def test_a_wave_by_another_name_is_found_when_it_is_named(frame: pd.DataFrame) -> None:
    renamed = frame.rename(columns={"wave": "round"})
    random_effects("y ~ later + age", renamed, ["organisation"])  # nothing says that rounds are waves
    with pytest.raises(DesignError, match="'later' differs inside a level of it"):
        random_effects("y ~ later + age", renamed, ["organisation"], wave="round")


def test_one_wave_or_people_asked_again_may_have_one_intercept(frame: pd.DataFrame) -> None:
    assert random_effects("y ~ pilot + age", frame[frame["wave"] == 0], ["organisation"]).variances["organisation"] >= 0
    people = random_effects("y ~ pilot * later", frame, ["organisation", "organisation:person"])
    assert people.levels == {"organisation": 12, "organisation:person": frame["person"].nunique()}


def test_people_alone_are_no_witnesses_of_what_their_organisation_was_given(frame: pd.DataFrame) -> None:
    with pytest.raises(DesignError, match="everybody of one organisation has the same 'pilot'"):
        random_effects("y ~ pilot * later", frame, ["person"])
    random_effects("y ~ later", frame, ["person"])
    random_effects("y ~ pilot * later", frame, ["organisation:wave"])


def test_one_pilot_among_many_has_no_p_value(frame: pd.DataFrame) -> None:
    one = frame.assign(pilot=(frame["organisation"] == 0).astype(float))
    row = random_effects("y ~ pilot * later", one, ORGANISATIONS).tidy().set_index("term").loc["pilot:later"]
    assert row["status"] == "p-value withheld"
    assert np.isnan(row["p_value"]) and np.isnan(row["std_error"]) and np.isfinite(row["estimate"])


def test_four_organisations_have_no_p_value_between_them(frame: pd.DataFrame) -> None:
    four = frame[frame["organisation"].isin([0, 1, 10, 11])]
    tidy = random_effects("y ~ pilot * later + age", four, ORGANISATIONS).tidy().set_index("term")
    assert tidy.loc["pilot:later", "status"] == "p-value withheld"
    assert tidy.loc["age", "status"] == "estimated"


def test_a_term_that_others_explain_is_named_and_has_no_number(frame: pd.DataFrame) -> None:
    twice = frame.assign(again=2 * frame["age"])
    row = random_effects("y ~ pilot * later + age + again", twice, ORGANISATIONS).tidy().set_index("term").loc["again"]
    assert (row["status"], np.isnan(row["estimate"])) == ("not estimable", True)
    assert "already said by age" in row["flags"]


def test_rows_without_a_group_are_left_out_and_counted(frame: pd.DataFrame) -> None:
    gaps = frame.assign(organisation=frame["organisation"].map("O{}".format).where(np.arange(len(frame)) % 10 > 0))
    fit: RandomEffects = random_effects("y ~ age", gaps, ORGANISATIONS)
    assert fit.n_left_out == gaps["organisation"].isna().sum()


@pytest.mark.parametrize(("formula", "groups", "words"), [
    ("y ~ age", ["organization"], "there is no column 'organization'"),
    ("y + age ~ pilot", ["organisation"], "takes one outcome"),
    ("y ~ age", [], "one to 3 different groups"),
    ("y ~ age", ["organisation", "organisation"], "one to 3 different groups"),
])
def test_what_is_not_there_or_not_offered_is_refused_by_name(frame: pd.DataFrame, formula: str, groups: list[str], words: str) -> None:
    with pytest.raises(DesignError, match=words):
        random_effects(formula, frame, groups)
