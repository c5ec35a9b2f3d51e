"""Bad input gets a named refusal or a flagged estimate: never a silent number, a library's warning or a traceback."""

import numpy as np
import pandas as pd
import pytest

from evaluation.errors import DesignError, PilotError, UsageError
from evaluation.inference.fit.fit import fit
from tests.inference.fit.rows import staff

INF = float("inf")


def refused(match: str, formula: str, frame: object, **asked: object) -> None:
    with pytest.raises(DesignError, match=match) as caught:
        fit(formula, frame, **asked)
    assert all(problem.fix for problem in caught.value.problems)


def row_of(term: str, formula: str, frame: object, **asked: object) -> pd.Series:
    return fit(formula, frame, **asked).tidy().set_index("term").loc[term]


@pytest.fixture
def people() -> pd.DataFrame:
    return staff()


@pytest.mark.parametrize("cluster", ["unit", None])
def test_collinear_terms_are_dropped_from_the_right_and_named(people: pd.DataFrame, cluster: str | None) -> None:
    table = people.assign(again=2 * people["age"] + 1)
    table = table if cluster else table.drop(columns="unit")
    found = fit("score ~ age + again", table, cluster=cluster)
    row = found.tidy().set_index("term").loc["again"]
    assert (row["status"], pd.isna(row["estimate"])) == ("not estimable", True)
    assert row["flags"] == "singular_dropped:again, already said by the constant, age"
    assert found.glance().loc[0, "dropped"] == "again: already said by the constant, age"
    assert "again, already said by" in found.summary()


@pytest.mark.parametrize("cluster", ["unit", None])
def test_an_empty_cell_is_named(people: pd.DataFrame, cluster: str | None) -> None:
    """No pilot of band 'top': their interaction is nobody's."""
    table = people[~(people["pilot"] & (people["band"] == "top"))]
    table = table if cluster else table.drop(columns="unit")
    row = row_of("pilot:band=top", "score ~ pilot * band", table, cluster=cluster)
    assert row["flags"] == "singular_dropped:pilot:band=top, it is the same for everybody in these data"


def test_a_covariate_that_separates_the_arms_is_dropped_and_the_arm_kept(people: pd.DataFrame) -> None:
    row = row_of("city", "score ~ pilot + city", people.assign(city=people["pilot"].astype(int)), cluster="unit")
    assert row["status"] == "not estimable"
    assert row_of("pilot", "score ~ pilot + city", people.assign(city=people["pilot"]), cluster="unit")["status"] == "estimated"


@pytest.mark.parametrize("cluster", ["unit", None])
def test_an_outcome_without_variation_is_refused(people: pd.DataFrame, cluster: str | None) -> None:
    table = people.assign(score=0.1) if cluster else people.assign(score=0.1).drop(columns="unit")
    refused("every answer to 'score' is the same", "score ~ age", table, cluster=cluster)


@pytest.mark.parametrize("cluster", ["unit", None])
def test_an_outcome_that_columns_explain_entirely_has_no_p_value(people: pd.DataFrame, cluster: str | None) -> None:
    table = people.assign(score=3 + 2 * people["age"]) if cluster else people.assign(score=3 + 2 * people["age"]).drop(columns="unit")
    row = row_of("age", "score ~ age", table, cluster=cluster)
    assert row["estimate"] == pytest.approx(2)
    assert (row["status"], row["flags"].partition(":")[0], pd.isna(row["std_error"])) == ("p-value withheld", "all_alike", True)


def test_a_change_that_no_unit_makes_has_no_error_and_no_p(people: pd.DataFrame) -> None:
    """Every unit answers alike in both waves: the coefficient is zero but for rounding, and so would be its error."""
    row = row_of("pilot:follow_up", "score ~ pilot * follow_up", still(people), cluster="unit")
    assert (row["status"], "all_alike" in row["flags"], pd.isna(row["std_error"])) == ("p-value withheld", True, True)
    assert row["estimate"] == pytest.approx(0.0, abs=1e-12)


def still(people: pd.DataFrame) -> pd.DataFrame:
    """Twenty people of each unit in each wave, all with their unit's own score."""
    units = people.groupby("unit", as_index=False)["pilot"].first()
    rows = units.merge(pd.DataFrame({"follow_up": [0.0, 1.0] * 20}), how="cross")
    return rows.assign(score=np.sqrt(1.0 + pd.factorize(rows["unit"])[0]))


@pytest.mark.parametrize("cluster", ["unit", None])
def test_an_outcome_or_a_covariate_that_is_missing_throughout_is_refused(people: pd.DataFrame, cluster: str | None) -> None:
    table = people if cluster else people.drop(columns="unit")
    refused("no row has 'score'", "score ~ age", table.assign(score=np.nan), cluster=cluster)
    refused("no row has 'score'", "score ~ age", table.assign(age=np.nan), cluster=cluster)
    refused("no row has 'score'", "score ~ age + band", table.iloc[:0], cluster=cluster)


def test_text_that_is_the_same_or_missing_throughout_is_refused(people: pd.DataFrame) -> None:
    refused("'band' is 'low' in every row", "score ~ age + band", people.assign(band="low"), cluster="unit")
    refused("'band' is 'not stated' in every row", "score ~ age + band", people.assign(band=None), cluster="unit")
    refused("outcome 'score' is not a number", "score ~ age", people.assign(score=None), cluster="unit")


@pytest.mark.parametrize("cluster", ["unit", None])
@pytest.mark.parametrize("weight", [-1.0, INF, np.nan])
def test_weights_that_are_none_are_refused_with_their_number(
    people: pd.DataFrame, cluster: str | None, weight: float
) -> None:
    table = people.assign(w=people["w"].mask(people.index < 3, weight))
    table = table if cluster else table.drop(columns="unit")
    refused(r"'w' is missing, negative or infinite in 3 rows", "score ~ age", table, cluster=cluster, weights="w")


@pytest.mark.parametrize("cluster", ["unit", None])
def test_rows_of_weight_zero_are_left_out_and_counted(people: pd.DataFrame, cluster: str | None) -> None:
    table = people if cluster else people.drop(columns="unit")
    zero = fit("score ~ age", table.assign(w=table["w"].mask(table.index < 30, 0.0)), cluster=cluster, weights="w")
    without = fit("score ~ age", table[table.index >= 30], cluster=cluster, weights="w")
    assert zero.quality.n_left_out == 30
    pd.testing.assert_frame_equal(zero.tidy(), without.tidy(), rtol=1e-9)


@pytest.mark.parametrize("cluster", ["unit", None])
@pytest.mark.parametrize("column", ["score", "age"])
def test_infinite_numbers_are_refused_with_their_column(people: pd.DataFrame, cluster: str | None, column: str) -> None:
    table = people.assign(**{column: people[column].mask(people.index == 2, INF)})
    table = table if cluster else table.drop(columns="unit")
    refused(f"infinite.*{column}|'{column}' is infinite", "score ~ age", table, cluster=cluster)


@pytest.mark.parametrize("cluster", ["unit", None])
def test_a_function_without_a_value_is_refused_as_infinite_and_not_taken_for_missing(
    people: pd.DataFrame, cluster: str | None
) -> None:
    table = people.assign(age=people["age"] - 40)
    table = table if cluster else table.drop(columns="unit")
    refused(r"infinite.*log\(age\)|log\(age\)' is infinite", "score ~ np.log(age)", table, cluster=cluster)


def test_one_organisation_is_refused(people: pd.DataFrame) -> None:
    refused("everybody is in one 'unit'", "score ~ age", people[people["unit"] == "P1"], cluster="unit")


def test_without_a_comparison_the_arm_is_already_said(people: pd.DataFrame) -> None:
    row = row_of("pilot", "score ~ pilot + follow_up", people[people["pilot"]], cluster="unit")
    assert row["flags"] == "singular_dropped:pilot, already said by the constant"


@pytest.mark.parametrize(("pilots", "others", "flag"), [(1, 5, "leverage_one"), (3, 1, "leverage_one")])
def test_one_organisation_on_a_side_has_an_estimate_and_no_p_value(
    people: pd.DataFrame, pilots: int, others: int, flag: str
) -> None:
    kept = [f"P{number + 1}" for number in range(pilots)] + [f"C{number + 1}" for number in range(others)]
    found = fit("score ~ pilot * follow_up + age", people[people["unit"].isin(kept)], cluster="unit")
    for term in ("pilot", "pilot:follow_up"):
        row = found.tidy().set_index("term").loc[term]
        assert (row["status"], pd.isna(row["p_value"]), pd.isna(row["std_error"])) == ("p-value withheld", True, True)
        assert np.isfinite(row["estimate"])
        assert flag in row["flags"]
        with pytest.raises(DesignError, match=r"one unit|programme cannot be told"):
            found.wild_bootstrap(term)


def test_four_organisations_have_an_estimate_and_no_p_value(people: pd.DataFrame) -> None:
    found = fit("score ~ pilot * follow_up", people[people["unit"].isin(["P1", "P2", "C1", "C2"])], cluster="unit")
    row = found.tidy().set_index("term").loc["pilot:follow_up"]
    assert (row["status"], pd.isna(row["p_value"])) == ("p-value withheld", True)
    assert row["resolution_floor"] == pytest.approx(2 / 6)
    with pytest.raises(DesignError, match="With 4 units in all"):
        found.wild_bootstrap("pilot:follow_up")


def test_an_organisation_in_one_wave_only_is_named(people: pd.DataFrame) -> None:
    table = people[~((people["unit"] == "C5") & (people["wave"] == "month_12"))]
    found = fit("score ~ pilot * follow_up + age", table, cluster="unit")
    assert found.glance().loc[0, "unmoved"] == "follow_up in 1: C5"
    assert "follow_up is the same throughout these units, which tell nothing of its change: 1: C5." in found.summary()
    rows = found.tidy().set_index("term")["flags"]
    assert ["still_units:1: C5" in rows[term] for term in ("pilot", "follow_up", "pilot:follow_up")] == [False, True, True]
    whole = fit("score ~ pilot * follow_up + age", people, cluster="unit")
    assert whole.cautions == ()
    assert not any("still_units" in flags for flags in whole.tidy()["flags"])


def test_people_of_organisations_that_were_assigned_are_not_taken_one_by_one(people: pd.DataFrame) -> None:
    refused("everybody of one unit has the same 'pilot'", "score ~ pilot * follow_up", people)
    sites = people.rename(columns={"unit": "site"})
    refused("everybody of one site has the same 'role=pilot'", "score ~ role + age", sites)


def test_ten_thousand_organisations_are_fitted() -> None:
    rng = np.random.default_rng(1)
    frame = pd.DataFrame({"unit": [f"u{number}" for number in np.repeat(np.arange(10_000), 4)], "follow_up": [0, 0, 1, 1] * 10_000})
    frame["pilot"] = frame["unit"].str[-1].isin(["1", "2", "3"])
    frame["score"] = rng.normal(size=len(frame)) + 0.5 * (frame["pilot"] & (frame["follow_up"] == 1))
    row = row_of("pilot:follow_up", "score ~ pilot * follow_up", frame, cluster="unit")
    assert row["n_units"] == 10_000
    assert row["conf_low"] < 0.5 < row["conf_high"]


@pytest.mark.parametrize(("match", "formula"), [
    ("cannot be read as a formula", "score"), ("cannot be read as a formula", "score ~ 2"), ("cannot be read", "~ age"),
    ("cannot be read as a formula", "score ~ age | unit"), ("cannot be read", ""), ("did you mean 'score'", "scor ~ age"),
    ("did you mean 'pilot'", "score ~ pilt * follow_up"), ("poly.*row by row", "score ~ poly(age, 2)"),
    ("np.mean.*row by row", "score ~ I(age - np.mean(age))"), ("age.max.*row by row", "score ~ I(age / age.max())"),
    ("row by row", "score ~ np.log()"), ("reads 'band', which is text", "score ~ np.log(band)"),
    ("no column 'nobody'", "score ~ I(nobody**2)"), ("no column 'log\\(score\\)'", "log(score) ~ age"),
    ("outcome 'band' is not a number", "band ~ age"), ("row by row", "score ~ __import__('os')"),
])  # fmt: skip
def test_formulas_that_ask_for_what_is_not_there_are_refused_by_name(people: pd.DataFrame, match: str, formula: str) -> None:
    refused(match, formula, people, cluster="unit")


def test_unknown_clusters_weights_errors_and_terms_are_refused_by_name(people: pd.DataFrame) -> None:
    refused("no column 'trust'", "score ~ age", people, cluster="trust")
    refused("no column 'weight'", "score ~ age", people, cluster="unit", weights="weight")
    refused("weights 'band' is not a number", "score ~ age", people, cluster="unit", weights="band")
    found = fit("score ~ pilot * follow_up", people, cluster="unit")
    for ask in (lambda: found.tidy("HC2"), lambda: found.wild_bootstrap("pilot x follow_up")):
        with pytest.raises(DesignError, match=r"no error .HC2.|did you mean .pilot:follow_up."):
            ask()
    with pytest.raises(DesignError, match="without clusters there is no error 'CR2'"):
        fit("score ~ age", people.drop(columns="unit")).tidy("CR2")
    with pytest.raises(UsageError, match="there is no file"):
        fit("score ~ age", "nowhere.parquet", cluster="unit")


def test_a_text_column_with_a_level_for_every_row_is_refused(people: pd.DataFrame) -> None:
    table = pd.concat([people] * 3, ignore_index=True)
    table["name"] = [f"n{number}" for number in range(len(table))]
    with pytest.raises(PilotError, match="columns, and at most 500 are fitted"):
        fit("score ~ name", table, cluster="unit")
