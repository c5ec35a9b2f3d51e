"""Response rates in receipts: completes over eligible people, as the words of the house define it. Sums are done by hand."""

from pathlib import Path

import pytest

from evaluation.errors import WaveError
from evaluation.organisations.register import read_register
from evaluation.protocol.documents import read_documents
from evaluation.study import Study
from evaluation.waves import store
from evaluation.waves.response import response_rate, under_present_codes
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


FORMER = ",,NHS Trust,North,,,,"
"""Name, arm and the rest of a row of the past, up to what it became."""


def renamed(study: Study, **became: str) -> None:
    """The register says that these codes became others on 1 July 2025, after the baseline."""
    file = study.root / "organisations.csv"
    header, *rows = file.read_text().splitlines()
    kept = [f"{row},," for row in rows if row.split(",", 1)[0] not in became]
    past = [f"{old},Old{FORMER}{new},2025-07-01" for old, new in became.items()]
    own = [row for row in rows if row.split(",", 1)[0] in became]
    named = [f"{became[row.split(',', 1)[0]]},{row.split(',', 1)[1]},," for row in own if became[row.split(",", 1)[0]] not in UNITS]
    file.write_text("\n".join([f"{header},became,became_on", *kept, *named, *past]) + "\n")


def test_answers_under_a_former_code_count_with_the_headcount_of_the_present_one(tmp_path: Path) -> None:
    """P2, known as P9 since July, sends its baseline as P2; headcounts name P9."""
    study = study_with(tmp_path, **{"P9" if code == "P2" else code: 12 for code in UNITS})
    renamed(study, P2="P9")
    stored = store.load(study, arriving(study, "baseline"), actor=ACTOR)
    rate = response_rate(under_present_codes(stored.answered, read_register(read_documents(study.root))), stored.eligible)
    assert rate is not None and (rate.answered, rate.eligible, rate.unknown) == (48, 96, ())


def test_answers_under_both_codes_count_once_with_one_headcount(tmp_path: Path) -> None:
    """P2 was merged into P3, whose 20 people are those of both: 12 of 20 answered, in two files under two codes."""
    study = study_with(tmp_path, **{code: 20 if code == "P3" else 12 for code in UNITS if code != "P2"})
    renamed(study, P2="P3")
    stored = store.load(study, only(arriving(study, "baseline"), "P2", "P3"), actor=ACTOR)
    rate = response_rate(under_present_codes(stored.answered, read_register(read_documents(study.root))), stored.eligible)
    assert rate is not None and (rate.answered, rate.eligible, rate.highest) == (12, 20, ("P3", 60.0))


def test_more_answers_than_people_are_refused_over_both_codes_together(tmp_path: Path) -> None:
    study = study_with(tmp_path, **{code: 11 if code == "P3" else 12 for code in UNITS if code != "P2"})
    renamed(study, P2="P3")
    with pytest.raises(WaveError, match="P3: 12 people answered wave 'baseline', and only 11 could have"):
        store.load(study, arriving(study, "baseline"), actor=ACTOR)


def test_a_code_that_somebody_has_now_is_theirs(tmp_path: Path) -> None:
    study = study_with(tmp_path, **dict.fromkeys(UNITS, 12))
    assert under_present_codes({"P1": 3, "X": 2}, read_register(read_documents(study.root))) == {"P1": 3, "X": 2}


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
