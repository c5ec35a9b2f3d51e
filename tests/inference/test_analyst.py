"""The headline on any table: the same numbers as a study gives, and plain refusals."""

from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pytest

from evaluation.errors import DesignError
from evaluation.inference.analyst import unit_change
from evaluation.inference.fit.fit import fit
from evaluation.inference.fit_estimand import answer
from evaluation.inference.unit_change import unit_change as second_stage
from tests.inference.studies_in_memory import arms, study, survey

WAVES = {"unit": "unit", "wave": "wave", "baseline": "baseline", "follow_up": "month_12"}


def test_a_table_gives_the_numbers_that_a_study_gives(tmp_path: Path) -> None:
    frame = survey(arms(3, 5))
    frame["respondent"] = frame["respondent"] + frame["wave"]  # nobody is recognised in a plain table
    (expected,) = answer("lived_values_change", *study(tmp_path, frame).asked)
    found = unit_change(frame, "score", arm="role", **WAVES)
    given = [row for row in expected.estimates if row.estimator in ("unit change", "least squares") and "wild" not in row.variance]
    assert [row.variance for row in found] == [row.variance for row in given]
    for row, other in zip(found, given, strict=True):
        assert (row.estimate, row.std_error, row.df) == pytest.approx((other.estimate, other.std_error, other.df), rel=1e-8)


def test_pandas_polars_and_parquet_give_the_same_numbers(tmp_path: Path) -> None:
    frame = survey(arms(3, 5))
    frame.to_parquet(tmp_path / "rows.parquet")
    tables = [frame, pl.from_pandas(frame), tmp_path / "rows.parquet"]
    estimates = [next(iter(unit_change(table, "score", arm="arm", pilot="develop", **WAVES))).estimate for table in tables]
    assert estimates == pytest.approx([estimates[0]] * 3, rel=1e-12)


def test_the_picture_shows_every_row_that_has_a_number_with_its_interval() -> None:
    found = unit_change(survey(arms(3, 5)), "score", arm="role", **WAVES)
    figure = found.plot()
    words = figure.to_json().replace("<br>", " ")
    assert all(f"{row.estimator}, {row.variance}" in words for row in found)


def test_without_an_arm_it_is_a_change_of_pilots_and_fewer_than_six_have_no_p() -> None:
    frame = survey(arms(5, 0))
    found = unit_change(frame, "score", **WAVES)
    headline = next(iter(found))
    assert (headline.design, headline.p_value, headline.n_comparison) == ("before and after", None, 0)
    assert headline.conf_low is not None


def test_covariates_are_adjusted_for_inside_units() -> None:
    frame = survey(arms(3, 5), [8, 15, 30, 6, 12, 25, 40, 9]).sample(frac=0.8, random_state=1)
    plain, adjusted = (
        next(iter(unit_change(frame, "score", arm="role", adjust_for=z, **WAVES))) for z in ((), ("nursing", "older"))
    )
    assert plain.estimate != pytest.approx(adjusted.estimate, rel=1e-6)


def test_an_arm_column_that_does_not_say_who_is_a_pilot_is_refused_with_the_remedy() -> None:
    with pytest.raises(DesignError, match="one must be known to mean pilot"):
        unit_change(survey(arms(3, 5)), "score", arm="arm", **WAVES)


def test_a_wave_that_nobody_answered_is_refused() -> None:
    with pytest.raises(DesignError, match="no unit answered in both"):
        unit_change(survey(arms(3, 5)), "score", arm="role", unit="unit", wave="wave", baseline="baseline", follow_up="month_24")


def test_units_left_out_are_counted_and_named() -> None:
    frame = survey(arms(3, 5))
    frame = frame[~((frame["unit"] == "C5") & (frame["wave"] == "baseline"))]
    headline = next(iter(unit_change(frame, "score", arm="role", **WAVES)))
    assert headline.flags == ("few_units:3 pilot and 4 comparison units", "unbalanced_waves:1: C5")
    assert headline.n_comparison == 4


def test_a_unit_without_an_arm_is_named_and_not_counted_on_either_side() -> None:
    """It went to the comparison side of the arithmetic while the counts left it out."""
    frame = survey(arms(3, 5))
    whole, at_baseline, some_rows = (frame.assign(arm=frame["arm"].mask(rows & (frame["unit"] == "P1"))) for rows in (
        frame["wave"].notna(), frame["wave"] == "baseline", frame.index % 7 == 0))  # fmt: skip
    for table in (whole, at_baseline, some_rows):
        with pytest.raises(DesignError, match=r"'arm' is empty in rows of units \(1: P1\)"):
            unit_change(table, "score", arm="arm", pilot="develop", **WAVES)


def test_a_unit_that_changes_its_arm_between_the_waves_is_refused() -> None:
    frame = survey(arms(3, 5))
    later = frame["wave"] == "month_12"
    switched = frame.assign(arm=frame["arm"].mask(later & (frame["unit"] == "P1"), "comparison"))
    with pytest.raises(DesignError, match=r"units stand in two arms \(1: P1\)"):
        unit_change(switched, "score", arm="arm", pilot="develop", **WAVES)
    treated_after = frame.assign(arm=(later & (frame["role"] == "pilot")).astype(int))
    with pytest.raises(DesignError, match=r"two arms \(3: P1, P2, P3\)(.|\n)*treated x post"):
        unit_change(treated_after, "score", arm="arm", **WAVES)


def weighted_survey() -> pd.DataFrame:
    frame = survey(arms(3, 5), [8, 15, 30, 6, 12, 25, 40, 9])
    return frame.assign(w=np.random.default_rng(5).uniform(0.3, 3, len(frame)))


def test_weighted_means_with_kish_sizes_are_what_the_weighted_headline_compares() -> None:
    """Plain numpy: weighted means, the waves' weighted mean squares within units, Kish (1965) effective sizes."""
    frame = weighted_survey()
    units = sorted(frame["unit"].unique())
    D, s2 = np.zeros(len(units)), np.zeros(len(units))
    for wave, sign in (("month_12", 1.0), ("baseline", -1.0)):
        cells = [frame[(frame["unit"] == unit) & (frame["wave"] == wave)] for unit in units]
        means = np.array([np.average(cell["score"], weights=cell["w"]) for cell in cells])
        squares = sum(float(cell["w"] @ (cell["score"] - mean) ** 2) for cell, mean in zip(cells, means, strict=True))
        rows, total = sum(map(len, cells)), sum(float(cell["w"].sum()) for cell in cells)
        variance = squares / total * rows / (rows - len(units))
        D += sign * means
        s2 += np.array([variance * (cell["w"] ** 2).sum() / cell["w"].sum() ** 2 for cell in cells])
    columns = np.column_stack([np.ones(len(units)), [unit.startswith("P") for unit in units]])
    expected = second_stage(D, s2, columns, 1)
    headline = next(iter(unit_change(frame, "score", arm="role", weights="w", **WAVES)))
    assert headline.weighted
    assert headline.estimate == pytest.approx(expected.estimate[0], rel=1e-9)
    assert headline.std_error == pytest.approx(expected.std_error[0], rel=1e-7)


def test_only_the_ratios_of_weights_matter_and_even_weights_change_nothing() -> None:
    frame = weighted_survey()
    plain = unit_change(frame, "score", arm="role", **WAVES)
    even = unit_change(frame.assign(w=2.5), "score", arm="role", weights="w", **WAVES)
    assert [row.variance for row in even] == [row.variance for row in plain][: len(even)]
    for row, other in zip(even, plain, strict=False):
        assert (row.estimate, row.std_error, row.df) == pytest.approx((other.estimate, other.std_error, other.df), rel=1e-7)
    once, tenfold = (unit_change(frame.assign(w=times * frame["w"]), "score", arm="role", weights="w", **WAVES) for times in (1, 10))
    for row, other in zip(once, tenfold, strict=True):
        assert (row.estimate, row.std_error, row.df) == pytest.approx((other.estimate, other.std_error, other.df), rel=1e-7)


def test_weighted_least_squares_beside_the_headline_is_that_of_the_formula() -> None:
    frame = weighted_survey().assign(pilot=lambda rows: rows["role"] == "pilot", later=lambda rows: rows["wave"] == "month_12")
    rows = {row.variance: row for row in unit_change(frame, "score", arm="role", weights="w", **WAVES)}
    by_formula = fit("score ~ pilot * later", frame, cluster="unit", weights="w")
    for variance in ("CR2", "CR1", "CR1S"):
        term = by_formula.tidy(variance).set_index("term").loc["pilot:later"]
        found = rows[variance]
        assert (found.estimate, found.std_error, found.df) == pytest.approx((term["estimate"], term["std_error"], term["df"]), rel=1e-9)


def test_negative_weights_are_refused() -> None:
    with pytest.raises(DesignError, match="'w' is missing, negative or infinite"):
        unit_change(weighted_survey().assign(w=-1.0), "score", arm="role", weights="w", **WAVES)


def test_numbers_that_are_none_are_refused_with_the_column() -> None:
    frame = survey(arms(3, 5))
    endless = frame.assign(score=frame["score"].mask(frame.index == 3, float("inf")))
    with pytest.raises(DesignError, match="'score' is infinite in 1 row"):
        unit_change(endless, "score", arm="role", **WAVES)
    mixed = frame.assign(score=frame["score"].astype(object).mask(frame.index == 3, "seven"))
    with pytest.raises(DesignError, match="seven"):
        unit_change(mixed, "score", arm="role", **WAVES)
    with pytest.raises(DesignError, match="is not a number"):
        unit_change(frame.assign(score=frame["score"].astype(str)), "score", arm="role", **WAVES)
