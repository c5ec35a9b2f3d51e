"""Who answered beside who could have, counted by hand; and the tipping point, put to people who are made to score it."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from evaluation.errors import DesignError
from evaluation.organisations.register import read_register
from evaluation.protocol.documents import read_documents
from evaluation.quality.non_response import dissimilarity, tipping_point, who_answered
from evaluation.waves import store
from tests.journeys.test_weights import answered, declared


def table(folder: Path, *by: str) -> pd.DataFrame:
    """The tiny study: 20 nurses and 40 others answer of 40 and 80, but 10 nurses of each pilot at month 12."""
    study = answered(folder, declared())
    documents = read_documents(study.root)
    return who_answered(documents, read_register(documents), store.responses(study, "staff"), by)


def test_shares_of_those_who_answered_stand_beside_shares_of_the_eligible(tmp_path: Path) -> None:
    found = table(tmp_path, "unit").set_index(["wave", "unit", "level"])
    nurses = found.loc[("month_12", "P1", "Nursing")]
    assert (nurses["eligible"], nurses["answered"], nurses["rate"]) == (40, 10, 25.0)
    assert (nurses["share_eligible"], nurses["share_answered"]) == pytest.approx((100 / 3, 20.0))
    assert nurses["difference"] == pytest.approx(20 - 100 / 3)
    assert found.loc[("baseline", "P1", "Nursing"), "difference"] == pytest.approx(0)
    assert len(found) == 2 * 8 * 2


def test_arms_and_the_whole_add_units_up(tmp_path: Path) -> None:
    by_arm = table(tmp_path / "a", "arm").set_index(["wave", "arm", "level"])
    assert by_arm.loc[("month_12", "develop", "Nursing"), ["eligible", "answered"]].tolist() == [120, 30]
    assert by_arm.loc[("month_12", "comparison", "Nursing"), ["eligible", "answered"]].tolist() == [200, 100]
    whole = table(tmp_path / "b").set_index(["wave", "level"])
    assert whole.loc[("month_12", "Nursing"), "rate"] == pytest.approx(100 * 130 / 320)


def test_dissimilarity_is_the_share_that_would_have_to_be_of_another_level(tmp_path: Path) -> None:
    found = dissimilarity(table(tmp_path, "unit")).set_index(["wave", "unit", "group"])["dissimilarity"]
    assert found[("month_12", "P1", "staff_group")] == pytest.approx(100 / 3 - 20)
    assert found[("baseline", "C1", "staff_group")] == pytest.approx(0)


def test_headcounts_without_groups_say_so(tmp_path: Path) -> None:
    study = answered(tmp_path, declared())
    (study.root / "headcounts" / "staff.csv").write_text("organisation,eligible\nP1,120\n")
    documents = read_documents(study.root)
    with pytest.raises(DesignError, match="do not state any group"):
        who_answered(documents, read_register(documents), store.responses(study, "staff"))


def test_silent_people_who_score_the_tipping_point_lower_leave_no_effect() -> None:
    """1,000 people in each of 3 pilots and 5 others; the silent of the pilots are made to score exactly that much lower."""
    rng = np.random.default_rng(4)
    rates = np.array([0.3, 0.5, 0.6, 0.5, 0.4, 0.7, 0.5, 0.6])
    before = [rng.normal(5, 1, 1000) for _ in rates]
    after = [rng.normal(5.6 if unit < 3 else 5.0, 1, 1000) for unit in range(8)]
    told = [scores[: int(1000 * rate)] for scores, rate in zip(after, rates, strict=True)]
    heard = [scores[: int(1000 * rate)] for scores, rate in zip(before, rates, strict=True)]
    change = [late.mean() - early.mean() for late, early in zip(told, heard, strict=True)]
    effect = float(np.mean(change[:3]) - np.mean(change[3:]))
    lower = tipping_point(effect, rates[:3].tolist()).to_zero
    whole = [rate * late.mean() + (1 - rate) * (late.mean() - lower * (unit < 3)) - early.mean()
             for unit, (rate, late, early) in enumerate(zip(rates, told, heard, strict=True))]
    assert np.mean(whole[:3]) - np.mean(whole[3:]) == pytest.approx(0, abs=1e-12)


def test_the_tipping_point_is_told_with_what_the_scale_allows() -> None:
    found = tipping_point(0.6, [0.4, 0.6], interval=(0.2, 1.0), room=1.0)
    assert (found.absent, found.to_zero, found.to_unclear, found.possible) == pytest.approx((0.5, 1.2, 0.4, False))
    assert found.sentence == (
        "50% of people in the pilots said nothing. They would have to score 1.2 points lower than those who answered for the effect "
        "to vanish. That is further than the scale goes."
    )
    assert tipping_point(-0.6, [0.5], interval=(-1.0, 0.2), room=3.0).to_unclear is None
    assert "1.2 points higher" in tipping_point(-0.6, [0.5], room=3.0).sentence


def test_where_everybody_answered_nothing_can_be_undone() -> None:
    found = tipping_point(0.6, [1.0, 1.0])
    assert found.to_zero == np.inf and found.possible is None
    assert found.sentence.startswith("Everybody")


@pytest.mark.parametrize(("effect", "rates"), [(0.0, [0.5]), (float("nan"), [0.5]), (0.5, []), (0.5, [0.0]), (0.5, [1.2])])
def test_no_effect_and_no_rate_are_refused(effect: float, rates: list[float]) -> None:
    with pytest.raises(DesignError):
        tipping_point(effect, rates)
