"""Response rates beside baseline and beside organisations of the same type: a note with both numbers, the lowest named."""

from pathlib import Path

import pandas as pd
import pytest

from evaluation.protocol.wave_checks import WaveChecks, read_wave_checks
from evaluation.study import Study
from evaluation.waves.compared.response_compare import Answered, beside_baseline, beside_peers, fewer_rows, gone_since
from evaluation.waves.load import Arriving, check_wave, load_wave
from tests.studies import tiny_frame
from tests.waves.storing import ACTOR, study_in

HUNDRED = dict.fromkeys(["A", "B", "C", "D"], 100)


@pytest.fixture
def bounds(tmp_path: Path) -> WaveChecks:
    return read_wave_checks(tmp_path)


def test_a_fall_beyond_the_bound_is_told_with_both_rates_and_the_lowest_first(bounds: WaveChecks) -> None:
    now, before = Answered({"A": 30, "B": 50, "C": 61}, HUNDRED), Answered({"A": 70, "B": 60, "C": 60, "D": 10}, HUNDRED)
    assert beside_baseline(now, before, "baseline", "ABC", bounds) == (
        "the response rate of the 3 organisations that answered both fell from 63% in wave 'baseline' to 47%; "
        "lowest: A 30%, B 50%, C 61%",
        "1 organisation answered at a rate more than 10 points below their rate in wave 'baseline': A 30% (70%)",
    )


def test_a_fall_of_just_the_bound_is_not_noted(bounds: WaveChecks) -> None:
    assert beside_baseline(Answered({"A": 50}, HUNDRED), Answered({"A": 60}, HUNDRED), "baseline", "A", bounds) == ()
    assert beside_baseline(Answered({"A": 49}, HUNDRED), Answered({"A": 60}, HUNDRED), "baseline", "A", bounds) != ()


def test_only_organisations_of_the_file_are_named_one_by_one(bounds: WaveChecks) -> None:
    now, before = Answered({"A": 80, "B": 10}, HUNDRED), Answered({"A": 60, "B": 60}, HUNDRED)
    (whole,) = beside_baseline(now, before, "baseline", "A", bounds)
    assert whole.startswith("the response rate of the 2 organisations") and "lowest: B 10%, A 80%" in whole


def test_headcounts_of_each_wave_are_its_own(bounds: WaveChecks) -> None:
    now, before = Answered({"A": 50}, {"A": 100}), Answered({"A": 50}, {"A": 200})
    assert beside_baseline(now, before, "baseline", "A", bounds) == ()
    assert "fell from 50% in wave 'baseline' to 25%" in beside_baseline(before, now, "baseline", "A", bounds)[0]


def test_an_organisation_below_the_median_of_its_type_is_named_with_that_median(bounds: WaveChecks) -> None:
    now = Answered({"A": 30, "B": 50, "C": 52, "D": 20}, HUNDRED)
    types = {"A": "trust", "B": "trust", "C": "trust", "D": "university"}
    assert beside_peers(now, types, "ABCD", bounds) == (
        "1 organisation answered at a rate more than 10 points below the median of their type: A 30% (50%)",
    )
    assert beside_peers(now, {**types, "C": "university"}, "ABCD", bounds) == (), "two organisations are no yardstick"


def test_organisations_of_baseline_without_rows_are_named_whatever_headcounts_are_known() -> None:
    assert gone_since({"A": 3, "B": 4}, {"A": 30, "B": 5, "C": 6, "D": 7}, "baseline") == (
        "C, D answered wave 'baseline' and have no rows in this one yet",
    )
    assert gone_since({"A": 3, "E": 4}, {"A": 30}, "baseline") == ()


def test_without_headcounts_far_fewer_rows_than_at_baseline_are_noted(bounds: WaveChecks) -> None:
    now, before = {"A": 14, "B": 15, "C": 2}, {"A": 30, "B": 30, "C": 30}
    assert fewer_rows(now, before, "baseline", "AB", bounds) == ("less than 50% of the rows of wave 'baseline': A 14 of 30",)


def test_nothing_is_compared_without_headcounts(bounds: WaveChecks) -> None:
    nobody = Answered({"A": 30}, {})
    assert beside_baseline(nobody, nobody, "baseline", "A", bounds) == beside_peers(nobody, {"A": "trust"}, "A", bounds) == ()


@pytest.fixture
def counted(tmp_path: Path) -> Study:
    """The tiny study with sixty eligible people everywhere and a baseline that half of them answered."""
    study = study_in(tmp_path)
    text = study.protocol_file.read_text()
    study.protocol_file.write_text(text.replace("pseudonym, groups", "pseudonym, headcounts: staff.csv, groups"))
    places = ["P1", "P2", "P3", "C1", "C2", "C3", "C4", "C5"]
    (study.root / "staff.csv").write_text("\n".join(["organisation,eligible", *(f"{code},60" for code in places)]))
    load_wave(study, Arriving(sent(study, "baseline", people=30), "baseline", "staff"), actor=ACTOR)
    return study


def sent(study: Study, wave: str, people: int, fewer: str = "") -> Path:
    frame = tiny_frame(wave, people=people)
    keep = (frame["organisation"] != fewer) | (frame.groupby("organisation").cumcount() < people // 3)
    file = study.root.parent / f"{wave}.csv"
    pd.DataFrame(frame[keep]).to_csv(file, index=False)
    return file


def test_a_check_notes_the_organisation_that_hardly_answered_and_the_load_says_the_same(counted: Study) -> None:
    file = sent(counted, "month_6", people=30, fewer="C2")
    arriving = Arriving(file, "month_6", "staff")
    checked = check_wave(counted, arriving)
    assert [note for note in checked.compared if "rate" in note] == [
        "1 organisation answered at a rate more than 10 points below their rate in wave 'baseline': C2 17% (50%)",
        "1 organisation answered at a rate more than 10 points below the median of their type: C2 17% (50%)",
    ]
    assert set(checked.compared) <= set(checked.notes)
    assert load_wave(counted, arriving, actor=ACTOR).compared == checked.compared


def test_a_study_may_state_another_bound(counted: Study) -> None:
    (counted.root / "wave-checks.yaml").write_text(
        "version: 1\nresponse_fall: 40 percentage points\nresponse_peers: 3\nrows_left: 0.5\nturned_item: 0.1\nturned_item_people: 30\n"
    )
    checked = check_wave(counted, Arriving(sent(counted, "month_6", people=30, fewer="C2"), "month_6", "staff"))
    assert [note for note in checked.compared if "rate" in note] == []


def test_what_goes_the_same_way_in_every_wave_is_noted_once_at_the_first(tmp_path: Path, counted: Study) -> None:
    """The tiny study's people answer its reverse-worded question like the others, as people do whose file was turned already."""
    (tmp_path / "fresh").mkdir()
    fresh = study_in(tmp_path / "fresh")
    first = check_wave(fresh, Arriving(sent(fresh, "baseline", people=30), "baseline", "staff"))
    assert [note.split(" (")[0] for note in first.compared] == ["lived_3 goes against the other items of 'Values lived'"]
    assert check_wave(counted, Arriving(sent(counted, "month_6", people=30), "month_6", "staff")).compared == ()


def test_a_rate_is_set_beside_that_of_the_former_code(counted: Study) -> None:
    """C2 is called C9 since July; headcounts name it so, and ten of its sixty people answer where thirty did."""
    register, people = counted.root / "organisations.csv", counted.root / "staff.csv"
    header, *rows = register.read_text().splitlines()
    rows = [f"{row},,".replace("C2,", "C9,") for row in rows]
    register.write_text("\n".join([f"{header},became,became_on", *rows, "C2,Old,,NHS Trust,North,,,,C9,2025-07-01\n"]))
    people.write_text(people.read_text().replace("C2,", "C9,"))
    file = sent(counted, "month_6", people=30, fewer="C2")
    file.write_text(file.read_text().replace("\nC2,", "\nC9,"))
    assert any(
        "below their rate in wave 'baseline': C9 17% (50%)" in note
        for note in check_wave(counted, Arriving(file, "month_6", "staff")).compared
    )
