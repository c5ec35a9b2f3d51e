"""What a formula gives from sums or from rows equals statsmodels on the rows."""

from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from formulaic import model_matrix

from evaluation.errors import DesignError
from evaluation.inference.bootstrap import wild_bootstrap
from evaluation.inference.design import Contrast
from evaluation.inference.fit.asked import columns_for
from evaluation.inference.fit.clustered import ClusteredFits, Fit
from evaluation.inference.fit.fit import fit
from evaluation.inference.fit.formula import parse
from evaluation.inference.fit.people import PeopleFit
from evaluation.inference.fit.regression import Fits
from evaluation.inference.panel import lifted
from evaluation.inference.rows.respondents import People, robust
from evaluation.inference.variance import infer, least_squares
from evaluation.terms import RESULT_COLUMNS, Design
from tests.inference.fit.rows import by_statsmodels, named, staff
from tests.inference.studies_in_memory import moments_of_rows

FORMULAS = [
    "score ~ pilot * follow_up + age",
    "score ~ pilot * band + I((age - 40)**2 / 100) + np.log(age)",
    "score ~ role * wave + C(year) + age:band",
    "score ~ follow_up + nursing",
    "score ~ 0 + pilot + age",
]


def clustered(formula: str, frame: object, **asked: object) -> Fit:
    found = fit(formula, frame, cluster="unit", **asked)
    assert isinstance(found, Fit)
    return found


def by_term(table: pd.DataFrame, column: str) -> pd.Series:
    return table.set_index("term")[column].astype(float)


@pytest.mark.parametrize("formula", FORMULAS)
@pytest.mark.parametrize("weights", [None, "w"])
def test_coefficients_and_cr1s_of_all_terms_equal_statsmodels_on_rows(formula: str, weights: str | None) -> None:
    frame = staff()
    table = clustered(formula, frame, weights=weights).tidy("CR1S")
    groups = {"groups": pd.factorize(frame["unit"])[0]}
    truth = by_statsmodels(formula, frame, weights, cov_type="cluster", cov_kwds=groups)
    for column, expected in (("estimate", truth.params), ("std_error", truth.bse)):
        theirs = dict(zip(named(expected.index), expected, strict=True))
        found = by_term(table, column)
        assert sorted(map(bare, found.index)) == sorted(map(bare, theirs))
        ours = {bare(term): value for term, value in found.items()}
        assert [ours[bare(term)] for term in theirs] == pytest.approx(list(theirs.values()), rel=1e-10, abs=1e-12)


def bare(term: object) -> str:
    """A name without what only writes it otherwise."""
    return str(term).replace("C(year)", "year").replace(" ", "")


@pytest.mark.parametrize("formula", FORMULAS)
@pytest.mark.parametrize("weights", [None, "w"])
@pytest.mark.parametrize(("kind", "theirs"), [("classical", "nonrobust"), ("HC1", "HC1"), ("HC2", "HC2")])
def test_people_assigned_one_by_one_get_the_errors_of_statsmodels(
    formula: str, weights: str | None, kind: str, theirs: str
) -> None:
    frame = staff().drop(columns=["unit"])
    table = fit(formula, frame, weights=weights).tidy(kind)
    truth = by_statsmodels(formula, frame, weights, cov_type=theirs)
    assert sorted(table["estimate"]) == pytest.approx(sorted(truth.params), rel=1e-10, abs=1e-12)
    assert sorted(table["std_error"]) == pytest.approx(sorted(truth.bse), rel=1e-9)


def test_sigma_r_squared_and_sizes_are_those_of_statsmodels() -> None:
    frame = staff()
    frame.loc[:4, "age"] = np.nan
    for weights in (None, "w"):
        truth = by_statsmodels("score ~ pilot * follow_up + age", frame, weights)
        for cluster in ("unit", None):
            table = frame if cluster else frame.drop(columns="unit")
            glance = fit("score ~ pilot * follow_up + age", table, cluster=cluster, weights=weights).glance().loc[0]
            assert glance["sigma"] == pytest.approx(np.sqrt(truth.scale), rel=1e-10)
            assert glance["r_squared"] == pytest.approx(truth.rsquared, rel=1e-10)
            assert (glance["n_respondents"], glance["n_left_out"]) == (len(frame) - 5, 5)


def test_least_squares_by_formula_equals_the_pipelines_own_regression() -> None:
    frame = staff()
    moments = moments_of_rows(frame.assign(organisation=frame["unit"]), "score", ("nursing",), centre=5.0)
    contrast, design = Contrast("pilot - comparison", ("develop",), ("comparison",)), Design.DIFFERENCE_IN_DIFFERENCES
    pipeline = infer(least_squares(lifted(moments, contrast, design, "month_12", ())), "CR2")
    row = clustered("score ~ pilot * follow_up + nursing", frame).tidy().set_index("term").loc["pilot:follow_up"]
    assert [row["estimate"], row["std_error"], row["df"]] == pytest.approx(
        [pipeline.estimate, pipeline.std_error, pipeline.df], rel=1e-10
    )


@pytest.mark.parametrize("right", [
    "band", "0 + band", "band * role", "0 + band * role", "band:role", "age:band", "0 + age:band", "band:role - 1",
    "band + band:age", "role + band:role:age", "C(year) * band",
])  # fmt: skip
def test_text_is_coded_by_levels_so_that_fitted_values_are_those_of_formulaic(right: str) -> None:
    """Formulaic's model matrix spans the same columns, without a column too many: nothing is dropped here either."""
    frame = staff()
    columns = columns_for(parse(f"score ~ {right}"), pa.Table.from_pandas(frame), pa.Schema.from_pandas(frame))
    (batch,) = pa.Table.from_pandas(frame).combine_chunks().to_batches()
    constant = np.ones((len(frame), 0 if "0 +" in right or "- 1" in right else 1))
    ours = np.column_stack([constant, columns(batch)[: columns.terms].T])
    theirs = model_matrix(right, frame).to_numpy(dtype=float)
    assert np.linalg.matrix_rank(ours) == np.linalg.matrix_rank(theirs)
    assert np.linalg.matrix_rank(np.column_stack([ours, theirs])) == np.linalg.matrix_rank(ours)


def test_every_source_of_the_same_rows_gives_the_same_numbers(tmp_path: Path) -> None:
    frame = staff()
    frame.to_parquet(tmp_path / "rows.parquet")
    sources = [frame, pl.from_pandas(frame), pa.Table.from_pandas(frame), tmp_path / "rows.parquet", str(tmp_path / "rows.parquet")]
    sources.append(duckdb.sql(f"SELECT * FROM '{tmp_path / 'rows.parquet'}'"))
    tables = [clustered("score ~ pilot * follow_up + band", source).tidy() for source in sources]
    for table in tables[1:]:
        pd.testing.assert_frame_equal(table, tables[0], rtol=1e-12)


def test_several_outcomes_from_one_scan_equal_each_by_itself() -> None:
    frame = staff()
    frame.loc[frame.index % 5 == 0, "other"] = np.nan
    both = fit("score + other ~ pilot * follow_up", frame, cluster="unit")
    assert isinstance(both, Fits)
    assert len(both) == 2
    alone = pd.concat([clustered(f"{name} ~ pilot * follow_up", frame).tidy() for name in ("score", "other")], ignore_index=True)
    pd.testing.assert_frame_equal(both.tidy(), alone, rtol=1e-9)
    assert list(both.glance()["measure"]) == ["score", "other"]
    assert both["other"].quality.n_left_out == (frame["other"].isna()).sum()
    with pytest.raises(DesignError, match="did you mean 'other'"):
        both["othr"]


@pytest.mark.parametrize("weights", [None, "w"])
@pytest.mark.parametrize("absorb", [("unit",), ("unit", "year")])
def test_absorbed_effects_give_what_a_level_for_each_gives(weights: str | None, absorb: tuple[str, ...]) -> None:
    frame = staff()
    found = clustered("score ~ follow_up + pilot:follow_up + age", frame, weights=weights, absorb=absorb)
    levels = " + ".join(f"C({name})" for name in absorb)
    formula = f"score ~ follow_up + pilot:follow_up + age + {levels}"
    truth = by_statsmodels(formula, frame, weights, cov_type="cluster", cov_kwds={"groups": pd.factorize(frame["unit"])[0]})
    table = found.tidy("CR1S")
    assert list(table["term"]) == ["follow_up", "age", "pilot:follow_up"]
    for term, theirs in zip(table["term"], ("follow_up", "age", "pilot:follow_up"), strict=True):
        assert by_term(table, "estimate")[term] == pytest.approx(truth.params[theirs], rel=1e-9)
        assert by_term(table, "std_error")[term] == pytest.approx(truth.bse[theirs], rel=1e-9)


def test_a_year_keeps_the_digits_that_statsmodels_keeps_of_years_since_a_start() -> None:
    frame = staff()
    truth = by_statsmodels("score ~ since", frame.assign(since=frame["year"] - 2019))
    row = clustered("score ~ year", frame).tidy().set_index("term")["estimate"]
    assert row["year"] == pytest.approx(truth.params["since"], rel=1e-10)
    assert row["1"] == pytest.approx(truth.params["Intercept"] - 2019 * truth.params["since"], rel=1e-10)


def test_a_far_column_keeps_its_digits_and_its_constant() -> None:
    """A salary about 30,000,000 with a spread of 1: its square in a sum has no digit left for the spread."""
    frame = staff()
    frame["far"] = 3e7 + (frame["age"] - 40) / 9
    near = by_term(clustered("score ~ age", frame).tidy(), "estimate")
    found = clustered("score ~ far", frame).tidy()
    far = by_term(found, "estimate")
    assert far["far"] == pytest.approx(9 * near["age"], rel=1e-6)
    assert far["1"] == pytest.approx(near["1"] + 40 * near["age"] - 3e7 * far["far"], rel=1e-8)


def test_a_text_level_that_is_not_stated_is_a_level_of_its_own() -> None:
    frame = staff()
    frame.loc[frame.index % 7 == 0, "band"] = None
    found = clustered("score ~ band", frame)
    assert list(found.tidy()["term"]) == ["1", "band=mid", "band=top", "band=not stated"]
    assert found.quality.n_left_out == 0


def test_a_row_says_whom_it_compares_and_what_the_design_can_tell_at_best() -> None:
    table = clustered("score ~ arm * wave + age", staff()).tidy()
    assert list(table.columns) == list(RESULT_COLUMNS)
    rows = table.set_index("term")
    both = rows.loc[["arm=develop", "arm=develop:wave=month_12"]]
    assert both["resolution_floor"].tolist() == pytest.approx([1 / 56] * 2)
    assert both["n_pilot"].tolist() == [3, 3]
    assert both["n_comparison"].tolist() == [5, 5]
    assert rows.loc[["1", "age", "wave=month_12"], "resolution_floor"].isna().all()
    assert rows["unit"].eq("unit").all()


def test_the_wild_bootstrap_of_a_term_is_that_of_its_contrast() -> None:
    found = clustered("score ~ pilot * follow_up + age", staff())
    expected = wild_bootstrap(found.fit, np.array([0, 0, 0, 0, 1.0]))
    assert found.wild_bootstrap("pilot:follow_up") == expected
    assert expected.enumerated


@pytest.mark.parametrize("asked", [{}, {"weights": "w"}, {"absorb": ("unit",)}, {"weights": "w", "absorb": ("unit",)}])
def test_without_an_organisation_the_estimate_is_that_of_the_other_rows(asked: dict[str, object]) -> None:
    formula, frame = "score ~ pilot * follow_up + age", staff()
    table = clustered(formula, frame, **asked).leave_one_out("pilot:follow_up")
    assert table["moved"].abs().is_monotonic_decreasing
    for unit, estimate in zip(table["unit"], table["estimate"], strict=True):
        rest = clustered(formula, frame[frame["unit"] != unit], **asked)
        assert estimate == pytest.approx(by_term(rest.tidy(), "estimate")["pilot:follow_up"], rel=1e-8)


def test_the_constant_without_an_organisation_stands_where_the_outcome_does() -> None:
    frame = staff().assign(score=lambda rows: rows["score"] + 1000)
    table = clustered("score ~ age", frame).leave_one_out("1").set_index("unit")["estimate"]
    rest = by_statsmodels("score ~ age", frame[frame["unit"] != "C3"])
    assert table["C3"] == pytest.approx(rest.params["Intercept"], rel=1e-9)


def test_one_coefficient_tested_jointly_is_its_squared_t() -> None:
    found = clustered("score ~ pilot * follow_up + age", staff())
    row = found.tidy().set_index("term").loc["pilot:follow_up"]
    test = found.joint_test(["pilot:follow_up"])
    assert [test.statistic, test.df, test.p_value] == pytest.approx([row["statistic"] ** 2, row["df"], row["p_value"]], rel=1e-8)


def test_coefficients_tested_jointly_do_not_depend_on_which_level_is_the_reference() -> None:
    frame = staff()
    turned = frame.assign(band=frame["band"].map({"low": "z", "mid": "mid", "top": "top"}))
    one = clustered("score ~ band + age", frame).joint_test(["band=mid", "band=top"])
    two = clustered("score ~ band + age", turned).joint_test(["band=top", "band=z"])
    assert [one.statistic, one.df] == pytest.approx([two.statistic, two.df], rel=1e-8)
    with pytest.raises(DesignError, match="no term '1'"):
        clustered("score ~ band", frame).joint_test(["1", "band=mid"])


def test_outcomes_bootstrapped_together_keep_their_own_p_values_and_adjust_for_all() -> None:
    both = fit("score + other ~ pilot * follow_up", staff(), cluster="unit")
    assert isinstance(both, ClusteredFits)
    found = both.wild_bootstrap("pilot:follow_up")
    alone = [clustered(f"{name} ~ pilot * follow_up", staff()).wild_bootstrap("pilot:follow_up") for name in found.names]
    assert found.p_values == pytest.approx([one.p_value for one in alone])
    assert np.all(found.adjusted >= found.p_values)
    with pytest.raises(DesignError, match="no term '1'"):
        both.wild_bootstrap("1")


def test_the_bootstrap_of_the_constant_moves_with_the_outcome() -> None:
    frame = staff()
    here = clustered("score ~ age", frame).wild_bootstrap("1", null=5.0)
    there = clustered("score ~ age", frame.assign(score=frame["score"] + 1000)).wild_bootstrap("1", null=1005.0)
    assert there.p_value == here.p_value
    assert there.conf_low == pytest.approx(here.conf_low + 1000, rel=1e-6)


@pytest.mark.parametrize("variance", ["CR1S", "CR2"])
def test_a_contrast_is_the_coefficient_of_the_regression_written_the_other_way_round(variance: str) -> None:
    """The arms' difference at follow-up is the arm's coefficient where follow-up is the reference."""
    frame = staff().assign(before=lambda rows: 1 - rows["follow_up"])
    found = clustered("score ~ pilot * follow_up + age", frame, weights="w").contrast({"pilot": 1, "pilot:follow_up": 1}, variance)
    turned = clustered("score ~ pilot * before + age", frame, weights="w").tidy(variance).set_index("term").loc["pilot"]
    (row,) = found
    assert row.term == "pilot + pilot:follow_up"
    assert [row.estimate, row.std_error, row.df] == pytest.approx([turned["estimate"], turned["std_error"], turned["df"]], rel=1e-9)
    assert row.resolution_floor == turned["resolution_floor"]


def test_hc2_has_the_degrees_of_freedom_that_people_assigned_have_in_a_study() -> None:
    frame = staff().drop(columns=["unit"])
    row = fit("score ~ nursing + age", frame).tidy().set_index("term").loc["nursing"]
    columns = np.column_stack([frame["nursing"], np.ones(len(frame)), frame["age"]])
    theirs = robust(People(frame["score"].to_numpy(), columns, ("nursing", "1", "age"), 0, 0))
    assert [row["std_error"], row["df"]] == pytest.approx([theirs.errors["HC2"], theirs.df["HC2"]], rel=1e-9)


def test_cr3_is_judged_by_the_degrees_of_freedom_that_are_asked_for() -> None:
    """Agreement with clubSandwich is held in tests/agreement; here: which of them a table shows, and nothing else moves."""
    found = clustered("score ~ pilot * follow_up + age", staff())
    plain, asked = found.tidy("CR3"), found.tidy("CR3", df="satterthwaite")
    assert (by_term(plain, "df") == found.glance()["n_units"].iloc[0] - 1).all()
    assert (by_term(asked, "df") < by_term(plain, "df")).all()
    assert by_term(asked, "std_error").equals(by_term(plain, "std_error"))
    assert found.tidy("CR2").equals(found.tidy("CR2", df="satterthwaite"))
    with pytest.raises(DesignError, match="no degrees of freedom 'residual'"):
        found.tidy("CR3", df="residual")
    with pytest.raises(DesignError, match="degrees of freedom of its own"):
        fit("score ~ age", staff().drop(columns=["unit"])).tidy(df="satterthwaite")


def test_summary_plot_and_notebook_tell_the_same_coefficients() -> None:
    found = clustered("score ~ pilot * follow_up", staff())
    text = found.summary()
    assert "There are only 3 units on one side and 5 on the other" in text
    figure = found.plot()
    rows = [row for row in found.estimates() if row.term != "1"]
    assert list(figure.data[0].x) == [row.estimate for row in rows]
    assert list(figure.data[0].error_x.array) == pytest.approx([row.conf_high - row.estimate for row in rows])
    assert "pilot:follow_up" in figure.layout.meta["description"]
    assert "<td>pilot:follow_up</td>" in found._repr_html_()


def test_rows_that_are_whole_organisations_may_be_fitted_one_by_one() -> None:
    frame = staff().groupby("unit", as_index=False).agg(score=("score", "mean"), pilot=("pilot", "max"))
    assert isinstance(fit("score ~ pilot", frame), PeopleFit)
