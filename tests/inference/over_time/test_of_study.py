"""Further waves of a study stand under `further`: the same rows that the analyst's functions give on the same table."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from evaluation.inference.estimate import Answer
from evaluation.inference.fit_estimand import answer
from evaluation.inference.over_time.event_study import event_study
from evaluation.inference.over_time.staggered import staggered
from evaluation.organisations.register import Register
from tests.inference.studies_in_memory import Study, arms, study, survey

EARLIER = {
    "waves:\n": "waves:\n  year_before: {label: A year before, opens: 2024-02-03, closes: 2024-03-14, before: start}\n",
}
WAVES = ["year_before", "baseline", "month_6", "month_12"]
PLAIN = {"unit": "unit", "wave": "wave", "waves": WAVES, "arm": "role"}


def four_waves() -> pd.DataFrame:
    """The two waves of `survey`, and two more drawn anew for the same units."""
    first, second = survey(arms(4, 5), 30), survey(arms(4, 5), 30, seed=2)
    named = second["wave"].map({"baseline": "year_before", "month_12": "month_6"})
    return pd.concat([first, second.assign(wave=named)], ignore_index=True)


def asked(folder: Path, starts: dict[str, date] | None = None) -> Study:
    made = study(folder, four_waves(), replace=EARLIER, register=[(unit, unit, arm) for unit, arm in arms(4, 5).items()])
    units = made.register.units.assign(start=pd.Series(starts or {}, dtype=object).reindex(made.register.units.index))
    return replace(made, register=Register(units.astype({"start": object}).where(units.notna(), None)))


def found(made: Study) -> Answer:
    (one,) = answer("lived_values_change", *made.asked)
    return one


def of_design(one: Answer, design: str) -> list[object]:
    return [
        (row.term, row.wave_to, row.estimator, row.variance, row.estimate, row.std_error, row.p_value)
        for row in one.further if row.design == design
    ]


def test_two_waves_before_the_start_give_an_event_study_with_its_joint_test(tmp_path: Path) -> None:
    one = found(asked(tmp_path))
    expected = event_study(
        four_waves(), "score", reference="baseline", minimum_important_difference=0.3, confidence=0.95, **PLAIN)
    rows, same = of_design(one, "event study"), list(expected.estimates)
    assert len(rows) == len(same) > 6
    for row, other in zip(rows, same, strict=True):
        assert row[:4] == (other.term, other.wave_to, other.estimator, other.variance)
        assert np.array(row[4:], dtype=float) == pytest.approx(
            np.array([other.estimate, other.std_error, other.p_value], dtype=float), rel=1e-7, nan_ok=True)


def test_pilots_that_began_between_different_waves_give_effects_by_start(tmp_path: Path) -> None:
    starts = {"P1": date(2025, 4, 1), "P2": date(2025, 4, 1), "P3": date(2025, 12, 1), "P4": date(2025, 12, 1)}
    one = found(asked(tmp_path, starts))
    began = {"P1": "month_6", "P2": "month_6", "P3": "month_12", "P4": "month_12"}
    table = four_waves().assign(start=lambda rows: rows["unit"].map(began))
    seed = asked(tmp_path / "again").documents.protocol.seed
    expected = staggered(table, "score", unit="unit", wave="wave", start="start", waves=WAVES, seed=seed)
    rows, same = of_design(one, "staggered starts"), list(expected.estimates)
    assert len(rows) == len(same) > 10
    for row, other in zip(rows, same, strict=True):
        assert row[0] == other.term
        assert row[4] == pytest.approx(other.estimate, rel=1e-7)


def test_pilots_that_all_began_between_the_same_waves_have_no_effects_by_start(tmp_path: Path) -> None:
    one = found(asked(tmp_path, dict.fromkeys(["P1", "P2", "P3", "P4"], date(2025, 4, 1))))
    assert not of_design(one, "staggered starts")


def test_one_wave_before_the_start_gives_no_event_study(tmp_path: Path) -> None:
    (one,) = answer("lived_values_change", *study(tmp_path, survey(arms(3, 5))).asked)
    assert not of_design(one, "event study")


def test_a_pilot_that_began_before_the_first_wave_is_left_out_of_effects_by_start_and_named(tmp_path: Path) -> None:
    pilots = [unit for unit, arm in arms(4, 5).items() if arm == "develop"]
    began = dict(zip(pilots, (date(2023, 1, 1), date(2024, 4, 1), date(2024, 4, 1), date(2025, 4, 1)), strict=True))
    rows = [row for row in found(asked(tmp_path, began)).further if row.design == "staggered starts"]
    assert rows
    assert all(row.flags[0] == f"always_piloted:1: {pilots[0]}" for row in rows)
    assert {row.n_pilot for row in rows if row.term == "all starts"} == {3}


def test_other_waves_that_few_answered_in_are_said_to_tell_nothing(tmp_path: Path) -> None:
    frame = four_waves()
    frame = frame[~((frame["wave"] == "month_6") & (frame["arm"] == "develop"))]
    frame = frame[~((frame["wave"] == "year_before") & (frame["arm"] != "develop"))]
    made = study(tmp_path, frame, replace=EARLIER, register=[(unit, unit, arm) for unit, arm in arms(4, 5).items()])
    (row,) = [row for row in found(made).further if row.term == "other waves"]
    assert (row.estimate, row.status) == (None, "not estimable")
    assert row.flags == ("not_worked_out:no unit answered in all 4 waves",)
