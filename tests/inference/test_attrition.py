"""People lost by arm: counts by hand, and the test against its own size where no arm loses more."""

import numpy as np
import pandas as pd
import pytest

from evaluation.errors import DesignError
from evaluation.inference.attrition import attrition
from evaluation.inference.unit_change import unit_change


def matched(lost: dict[str, int], people: int = 50) -> pd.DataFrame:
    """A match report in which units whose name begins with P are pilots."""
    return pd.DataFrame(
        [{"unit": unit, "arm": "develop" if unit[0] == "P" else "usual", "stayers": people - n, "leavers": n, "moved": 0} for unit, n in lost.items()]
    )


UNEVEN = {"P1": 20, "P2": 25, "P3": 15, "C1": 5, "C2": 10, "C3": 8, "C4": 7}


def test_people_lost_are_counted_by_arm_and_unit() -> None:
    found = attrition(matched(UNEVEN), {"develop"})
    assert found.arms.to_dict("records") == [
        {"arm": "develop", "role": "pilot", "units": 3, "people": 150, "lost": 60, "percent": 40.0},
        {"arm": "usual", "role": "comparison", "units": 4, "people": 200, "lost": 30, "percent": 15.0},
    ]
    assert found.units.set_index("unit").loc["C1", "percent"] == 10.0


def test_the_difference_is_the_headline_method_on_shares_with_binomial_variances() -> None:
    found = attrition(matched(UNEVEN), {"develop"}).difference
    units = sorted(UNEVEN)
    shares = np.array([UNEVEN[unit] / 50 for unit in units]) * 100
    pilot = np.array([unit[0] == "P" for unit in units], dtype=float)
    sampling = np.where(pilot == 1, 0.4 * 0.6, 0.15 * 0.85) / 50 * 1e4
    expected = unit_change(shares, sampling, np.column_stack([np.ones(7), pilot]), 1)
    assert (found.estimate, found.std_error, found.p_value) == pytest.approx(
        (float(expected.estimate[0]), float(expected.std_error[0]), float(expected.p_value[0]))
    )
    assert found.estimate == pytest.approx(25) and found.p_value is not None and found.p_value < 0.01


def test_too_few_units_give_a_difference_without_a_test() -> None:
    found = attrition(matched({"P1": 20, "C1": 5, "C2": 9}), {"develop"}).difference
    assert found.estimate == pytest.approx(26)
    assert (found.p_value, found.std_error, found.status) == (None, None, "p-value withheld")


def test_one_side_alone_cannot_be_compared() -> None:
    with pytest.raises(DesignError):
        attrition(matched({"P1": 3, "P2": 4}), {"develop"})


def test_where_nobody_is_lost_there_is_nothing_to_compare() -> None:
    with pytest.raises(DesignError, match="exactly the same figure"):
        attrition(matched(dict.fromkeys(UNEVEN, 0)), {"develop"})


def test_a_unit_in_which_nobody_could_be_recognised_is_left_out() -> None:
    report = pd.concat([matched(UNEVEN), matched({"C9": 0}, people=0)])
    assert "C9" not in set(attrition(report, {"develop"}).units["unit"])


def test_a_true_null_is_rejected_as_often_as_it_says() -> None:
    """250 studies of 4 and 6 units that lose 20% each with units differing: at .05 the binomial error of the share is .014."""
    rng, rejected = np.random.default_rng(7), 0
    names = [*(f"P{k}" for k in range(4)), *(f"C{k}" for k in range(6))]
    for _ in range(250):
        chance = np.clip(rng.normal(0.2, 0.05, 10), 0.01, 0.9)
        lost = dict(zip(names, rng.binomial(80, chance).tolist(), strict=True))
        p = attrition(matched(lost, people=80), {"develop"}).difference.p_value
        rejected += p is not None and p < 0.05
    assert rejected / 250 == pytest.approx(0.05, abs=0.042)


def test_who_answered_again_in_another_unit_is_not_lost() -> None:
    report = matched({**dict.fromkeys(UNEVEN, 10), "P1": 30}).assign(moved=[20, *[0] * 6])
    assert attrition(report, {"develop"}).units.set_index("unit")["lost"].tolist() == [10] * 7


def test_arms_that_are_none_and_units_without_one_are_refused_by_name() -> None:
    report = matched(UNEVEN)
    with pytest.raises(DesignError, match="nobody is in develp"):
        attrition(report, {"develop", "develp"})
    assert attrition(report, "develop").arms["role"].tolist() == ["pilot", "comparison"]
    with pytest.raises(DesignError, match=r"no arm \(1: P2\)"):
        attrition(report.assign(arm=report["arm"].mask(report["unit"] == "P2")), {"develop"})
