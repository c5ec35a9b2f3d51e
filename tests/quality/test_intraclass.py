"""The intraclass correlation, against pingouin and known truth; psych::ICC is in tests/agreement."""

import numpy as np
import pandas as pd
import pingouin
import pytest

from evaluation.errors import DesignError
from evaluation.evidence.scan import moments_of
from evaluation.quality.coefficient import Reliability
from evaluation.quality.intraclass import intraclass_correlation


def nested(seed: int, sizes: list[int], share: float) -> pd.DataFrame:
    """People in places; `share` of a variance of one lies between places."""
    rng = np.random.default_rng(seed)
    place = np.repeat(np.arange(len(sizes)), sizes)
    score = rng.normal(0, np.sqrt(share), len(sizes))[place] + rng.normal(0, np.sqrt(1 - share), len(place))
    return pd.DataFrame({"place": pd.Series(place).map("P{:02d}".format), "score": score})


def icc(frame: pd.DataFrame) -> Reliability:
    return intraclass_correlation(moments_of(frame, "score", unit="place"), "score")


def test_places_of_one_size_give_what_pingouin_gives() -> None:
    frame = nested(1, [12] * 15, 0.2).assign(rater=np.tile(np.arange(12), 15))
    theirs = pingouin.intraclass_corr(frame, "place", "rater", "score").set_index("Type")
    ours, single = icc(frame), next(row for name, row in theirs.iterrows() if name in ("ICC1", "ICC(1,1)"))
    assert ours.estimate == pytest.approx(single["ICC"], rel=1e-10)
    assert [ours.conf_low, ours.conf_high] == pytest.approx(list(single.filter(like="CI").iloc[0]), abs=5.1e-3), "rounded to two digits"
    assert (ours.parts, ours.effective, ours.n) == (15, pytest.approx(12), 180)
    several = next(row for name, row in theirs.iterrows() if name in ("ICC1k", "ICC(1,k)"))
    assert ours.of_a_place == pytest.approx(several["ICC"], rel=1e-10)


def test_estimate_and_interval_are_right_on_average_in_places_of_unequal_size() -> None:
    sizes = [10, 15, 20, 30, 40, 60, 80, 25, 35, 50]
    found = [icc(nested(seed, sizes, 0.08)) for seed in range(200)]
    assert np.mean([each.estimate for each in found]) == pytest.approx(0.08, abs=0.01)
    assert 0.92 <= np.mean([each.conf_low <= 0.08 <= each.conf_high for each in found]) <= 0.98


def test_places_that_differ_less_than_chance_give_a_share_below_zero_which_is_told() -> None:
    frame = pd.DataFrame({"place": ["A", "A", "B", "B"], "score": [1.0, 5.0, 1.0, 5.0]})
    assert icc(frame).estimate == pytest.approx(-1.0)
    assert icc(frame).design_effect == pytest.approx(0.0)


def test_what_says_nothing_of_people_in_places_is_refused() -> None:
    alone = pd.DataFrame({"place": ["A", "B", "C"], "score": [1.0, 2.0, 3.0]})
    for frame, code in ((alone, "few-units"), (nested(1, [30], 0.1), "few-units")):
        with pytest.raises(DesignError) as refused:
            icc(frame)
        assert refused.value.problems[0].code == code
    with pytest.raises(DesignError, match="nobody differs from anybody else"):
        icc(pd.DataFrame({"place": ["A", "A", "B", "B"], "score": [1.0, 1.0, 2.0, 2.0]}))
    with pytest.raises(DesignError, match="no 'morale'"):
        intraclass_correlation(moments_of(alone, "score", unit="place"), "morale")


def test_answers_that_lie_far_away_keep_their_icc_or_are_refused() -> None:
    near = nested(3, [20] * 8, 0.2)
    far = near.assign(score=near["score"] + 1e8)
    centred = intraclass_correlation(moments_of(far, "score", unit="place", centre=1e8), "score")
    assert centred.estimate == pytest.approx(icc(near).estimate, rel=1e-6)
    for frame in (far.assign(score=far["score"] + 9e8), near.assign(score=3.1)):
        with pytest.raises(DesignError, match="nobody differs from anybody else"):
            icc(frame)
