"""Response rates in receipts: completes over eligible people, as the words of the house define it. Sums are done by hand."""

from pathlib import Path

import pytest

from evaluation.errors import WaveError
from evaluation.study import Study
from evaluation.waves import store
from evaluation.waves.response import response_rate
from tests.waves.storing import ACTOR, arriving, only, study_in, tree

NAMED = {"linkage: pseudonym, groups": "linkage: pseudonym, headcounts: headcounts/staff.csv, groups"}
UNITS = ("P1", "P2", "P3", "C1", "C2", "C3", "C4", "C5")


def study_with(folder: Path, **eligible: int) -> Study:
    """A tiny study in which the named organisations have these headcounts."""
    study = study_in(folder, replace=NAMED)
    (study.root / "headcounts").mkdir()
    lines = [f"{code},{number}" for code, number in eligible.items()]
    (study.root / "headcounts" / "staff.csv").write_text("\n".join(["organisation,eligible", *lines]))
    return study


def test_the_rate_is_of_all_who_could_have_answered_and_names_the_furthest_apart() -> None:
    rate = response_rate({"A": 30, "B": 10, "C": 7}, {"A": 40, "B": 40})
    assert rate is not None
    assert (rate.percent, rate.lowest, rate.highest, rate.unknown) == (50.0, ("B", 25.0), ("A", 75.0), ("C",))


def test_without_headcounts_there_is_no_rate() -> None:
    assert response_rate({"A": 30}, {}) is None


def test_late_answers_count_towards_the_rate_of_the_wave(tmp_path: Path) -> None:
    study = study_with(tmp_path, **dict.fromkeys(UNITS, 12))
    wave = arriving(study, "baseline")
    first = store.load(study, only(wave, "P1", "P2"), actor=ACTOR)
    then = store.load(study, only(wave, "P3"), actor=ACTOR)
    assert (dict(first.answered), first.eligible["P1"]) == ({"P1": 6, "P2": 6}, 12)
    rate = response_rate(then.answered, then.eligible)
    assert rate is not None and (rate.answered, rate.eligible) == (18, 36)


def test_more_answers_than_people_are_refused_and_nothing_is_stored(tmp_path: Path) -> None:
    study = study_with(tmp_path, **{**dict.fromkeys(UNITS, 12), "P2": 5})
    wave = arriving(study, "baseline")
    before = tree(study.root)
    with pytest.raises(WaveError, match="P2: 6 people answered wave 'baseline', and only 5 could have"):
        store.preview(study, wave)
    assert tree(study.root) == before
    with pytest.raises(WaveError, match="only 5 could have"):
        store.load(study, wave, actor=ACTOR)
    assert store.version(study) == {}
