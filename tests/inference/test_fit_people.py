"""People assigned one by one: the headline, what stands beside it, and the same refusals."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from evaluation.inference.fit_estimand import answer
from evaluation.inference.flags import name_of
from evaluation.terms import EstimateStatus
from tests.inference.studies_in_memory import Study, study

NAME = "lived_values_change"
ASSIGNED = {"assignment: organisation": "assignment: respondent", "estimator: unit change": "estimator: robust least squares"}
COMPARISON = {"lived_values, design: difference in differences": "lived_values, design: comparison at follow-up"}
UNLINKED = {"linkage: pseudonym, groups": "linkage: none, groups"}


def people(n: int = 200, effect: float = 0.5, pilots: int | None = None, seed: int = 7) -> pd.DataFrame:
    """One organisation, both arms; everybody answers twice."""
    rng = np.random.default_rng(seed)
    pilot = np.arange(n) < (n // 2 if pilots is None else pilots)
    person = pd.DataFrame({"unit": "UI", "organisation": "UI", "respondent": [f"r{k}" for k in range(n)]})
    person["arm"] = np.where(pilot, "develop", "comparison")
    person["role"] = np.where(pilot, "pilot", "comparison")
    level = rng.normal(6, 1, n)
    scores = {"baseline": level + rng.normal(0, 1, n), "month_12": level + effect * pilot + rng.normal(0, 1, n)}
    return pd.concat([person.assign(wave=wave, score=score) for wave, score in scores.items()], ignore_index=True)


def asked_of(folder: Path, frame: pd.DataFrame, **replace: str) -> Study:
    return study(folder, frame, replace={**ASSIGNED, **replace}, register=[])


def test_the_headline_is_hc2_and_hc1_as_in_published_tables_stands_beside_it(tmp_path: Path) -> None:
    asked = asked_of(tmp_path, people())
    (found,) = answer(NAME, *asked.asked, asked.rows)
    row = found.headline
    assert (row.variance, row.unit, row.n_units, row.n_pilot, row.n_respondents) == ("HC2", "respondent", 200, 100, 200)
    assert [other.variance for other in found.beside] == ["HC1"]
    assert row.conf_low < 0.5 < row.conf_high
    assert row.resolution_floor < 1e-50


def test_people_are_compared_with_themselves_and_described_within(tmp_path: Path) -> None:
    asked = asked_of(tmp_path, people())
    (found,) = answer(NAME, *asked.asked, asked.rows)
    assert found.within_people is not None
    changes = found.within_people.set_index("who")["change"]
    assert found.headline.estimate == pytest.approx(changes["pilot"] - changes["comparison"])


def test_the_table_describes_each_place_and_arm(tmp_path: Path) -> None:
    asked = asked_of(tmp_path, people())
    (found,) = answer(NAME, *asked.asked, asked.rows)
    table = found.units.set_index("arm")
    assert table.loc["develop", "n_to"] == 100
    assert table.loc["develop", "change"] - table.loc["comparison", "change"] == pytest.approx(found.headline.estimate)


def test_unrecognised_people_carry_a_caution(tmp_path: Path) -> None:
    asked = asked_of(tmp_path, people(), **UNLINKED)
    (found,) = answer(NAME, *asked.asked, asked.rows)
    assert "unlinked_people" in map(name_of, found.flags)
    assert found.within_people is None
    assert (found.headline.n_units, found.headline.n_respondents) == (200, 400)


def test_people_with_one_answer_are_left_out_of_changes_and_counted(tmp_path: Path) -> None:
    asked = asked_of(tmp_path, people().drop(index=[0, 399]))
    (found,) = answer(NAME, *asked.asked, asked.rows)
    assert "incomplete_pairs:2 people" in found.flags
    assert found.headline.n_respondents == 198


def test_a_comparison_at_follow_up_needs_no_baseline(tmp_path: Path) -> None:
    frame = people()
    asked = asked_of(tmp_path, frame[frame["wave"] == "month_12"], **COMPARISON)
    (found,) = answer(NAME, *asked.asked, asked.rows)
    means = frame[frame["wave"] == "month_12"].groupby("arm")["score"].mean()
    assert found.headline.estimate == pytest.approx(means["develop"] - means["comparison"])
    assert found.within_people is None


def test_one_pilot_person_gets_an_estimate_without_error(tmp_path: Path) -> None:
    asked = asked_of(tmp_path, people(20, pilots=1))
    (found,) = answer(NAME, *asked.asked, asked.rows)
    assert (found.headline.status, found.headline.std_error) == (EstimateStatus.WITHHELD, None)
    assert found.headline.estimate is not None


def test_equal_answers_of_all_are_not_estimable(tmp_path: Path) -> None:
    asked = asked_of(tmp_path, people().assign(score=5.0))
    (found,) = answer(NAME, *asked.asked, asked.rows)
    assert [refusal.rule for refusal in found.refusals] == ["no_spread"]


def test_a_group_in_which_nobody_differs_is_flagged(tmp_path: Path) -> None:
    frame = people()
    frame.loc[(frame["wave"] == "month_12") & (frame["arm"] == "develop"), "score"] = 10.0
    (found,) = answer(NAME, *(asked := asked_of(tmp_path, frame)).asked, asked.rows)
    assert "all_alike:the pilot group at 12 months" in found.flags


def test_people_whose_place_decided_their_arm_are_not_compared(tmp_path: Path) -> None:
    """A level for every place would leave the difference of two places and call it the pilot's."""
    frame = people()
    number = frame["respondent"].str[1:].astype(int) % 8
    frame["organisation"] = frame["unit"] = [f"O{k}" for k in number]
    frame["arm"] = np.where(number < 3, "develop", "comparison")
    frame["role"] = np.where(number < 3, "pilot", "comparison")
    asked = asked_of(tmp_path, frame)
    (found,) = answer(NAME, *asked.asked, asked.rows)
    assert [refusal.rule for refusal in found.refusals] == ["contrast_lost"]
    assert found.headline.estimate is None


def test_a_missing_wave_is_not_yet_evaluable(tmp_path: Path) -> None:
    frame = people()
    asked = asked_of(tmp_path, frame[frame["wave"] == "baseline"])
    (found,) = answer(NAME, *asked.asked, asked.rows)
    assert found.headline.status == EstimateStatus.NOT_YET


def test_rows_are_asked_for(tmp_path: Path) -> None:
    with pytest.raises(TypeError, match="needs rows"):
        answer(NAME, *asked_of(tmp_path, people()).asked)
