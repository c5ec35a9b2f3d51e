"""What a correction changed is told in counts: cells where people are named, whole rows where nobody is. Source: storage goals."""

import json
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from evaluation.cli.main import main
from evaluation.errors import IntegrityError, UsageError
from evaluation.study import Study
from evaluation.waves import store
from evaluation.waves.erase import erase
from evaluation.waves.storage.diff import corrections, diff_of
from tests.studies import tiny_frame, tiny_wave
from tests.waves.storing import ACTOR, arriving, only, some, study_in

LINKED = {"linkage: pseudonym": "linkage: none"}


@pytest.fixture
def study(tmp_path: Path) -> Study:
    study = study_in(tmp_path)
    store.load(study, arriving(study, "baseline"), actor=ACTOR)
    return study


def rows(*answers: tuple[str | None, float | None, str]) -> pl.DataFrame:
    """Rows of one organisation: respondent, answer to q1, group."""
    columns = {"wave": "b", "organisation": "P1"}
    frame = pl.DataFrame(list(answers), schema={"respondent": pl.String, "q1": pl.Float64, "g": pl.String}, orient="row")
    return frame.with_columns(**{name: pl.lit(value) for name, value in columns.items()})


def test_people_are_set_side_by_side_and_every_changed_cell_is_counted_under_its_column() -> None:
    before = rows(("a", 1.0, "x"), ("b", 2.0, "x"), ("c", None, "x"), ("gone", 5.0, "x"))
    after = rows(("b", 3.0, "y"), ("c", 4.0, "x"), ("a", 1.0, "x"), ("new", 5.0, "x"), ("newer", 5.0, "x"))
    (one,) = corrections(before, after).organisations
    assert (one.by, one.added, one.removed, one.unchanged, dict(one.changed)) == ("people", 2, 1, 1, {"q1": 2, "g": 1})


def test_without_names_a_changed_row_is_one_that_went_and_one_that_came() -> None:
    before = rows((None, 1.0, "x"), (None, 1.0, "x"), (None, 2.0, "x"))
    after = rows((None, 1.0, "x"), (None, 3.0, "x"), (None, 2.0, "x"))
    (one,) = corrections(before, after).organisations
    assert (one.by, one.added, one.removed, one.unchanged, dict(one.changed)) == ("rows", 1, 1, 2, {})


def test_a_name_that_stands_twice_is_compared_by_rows() -> None:
    before, after = rows(("a", 1.0, "x"), ("a", 2.0, "x")), rows(("a", 1.0, "x"), ("a", 3.0, "x"))
    (one,) = corrections(before, after).organisations
    assert (one.by, one.added, one.removed) == ("rows", 1, 1)


def test_an_item_that_only_one_side_has_was_answered_by_nobody_on_the_other() -> None:
    before, after = rows(("a", 1.0, "x")).drop("q1"), rows(("a", 1.0, "x"))
    (one,) = corrections(before, after).organisations
    assert dict(one.changed) == {"q1": 1}
    assert corrections(after, after).organisations == ()


def corrected(study: Study) -> None:
    """P1 corrects two answers of lived_1 and one of strain_1, and takes one person out."""
    wave = arriving(study, "baseline")
    person = pl.col("respondent")
    changed = wave.frame.with_columns(
        lived_1=pl.when(person.is_in(["P1-0000", "P1-0001"])).then(pl.col("lived_1") % 5 + 1).otherwise(pl.col("lived_1")),
        strain_1=pl.when(person == "P1-0001").then(pl.col("strain_1") % 5 + 1).otherwise(pl.col("strain_1")),
    )
    mended = only(replace(wave, frame=changed.filter(person != "P1-0005")), "P1")
    receipt = store.load(study, mended, actor=ACTOR, supersede=True, reason="corrected export")
    assert receipt.corrections["P1"]["answers_changed"] == {"lived_1": 2, "strain_1": 1}
    assert any(note.startswith("1 person of the stored wave is not in the new file") for note in receipt.notes)


def test_whoever_a_superseding_file_lacks_is_told_before_anything_is_stored(study: Study) -> None:
    """Two of the people of P1 are sent again, corrected: the others would go."""
    wave = arriving(study, "baseline")
    turned = wave.frame.with_columns(lived_1=pl.col("lived_1") % 5 + 1)
    part = only(replace(wave, frame=turned.filter(pl.col("respondent").is_in(["P1-0000", "P1-0001"]))), "P1")
    notes = store.preview(study, part, store.Intent(supersede=True, reason="a part")).notes
    assert "4 people of the stored wave are not in the new file" in " ".join(notes)
    assert store.read_log(study, "staff").loads[-1][0] == 1


def test_without_names_the_rows_that_a_superseding_file_lacks_are_told(tmp_path: Path) -> None:
    study = study_in(tmp_path, replace=LINKED)
    wave = arriving(study, "baseline")
    wave = replace(wave, frame=wave.frame.with_columns(respondent=pl.lit(None, pl.String)))
    store.load(study, wave, actor=ACTOR)
    part = only(replace(wave, frame=wave.frame.group_by("organisation", maintain_order=True).head(4)), "P1")
    (note,) = store.preview(study, part, store.Intent(supersede=True, reason="a part")).notes
    assert note.startswith("2 rows of the stored wave are not in the new file")


def test_a_load_that_takes_the_place_of_another_keeps_what_it_changed_with_its_commit(study: Study) -> None:
    corrected(study)
    kept = store.read_log(study, "staff").loads[-1][1].diff
    assert kept["P1"]["rows_removed"] == 1
    assert kept["P1"]["rows_added"] == 0
    assert kept == diff_of(study, "staff", "baseline").corrections.as_record()
    assert set(kept) == {"P1"}


def test_a_first_load_and_late_answers_correct_nothing(study: Study) -> None:
    late = some(arriving(study, "baseline", people=7), pl.col("respondent").str.ends_with("0006"))
    store.load(study, late, actor=ACTOR, append=True)
    assert [load.diff for _, load in store.read_log(study, "staff").loads] == [{}, {}]


def test_versions_are_chosen_and_the_way_round_is_told(study: Study) -> None:
    corrected(study)
    there, back = diff_of(study, "staff", "baseline", 1, 2), diff_of(study, "staff", "baseline", 2, 1)
    assert (there.corrections.organisations[0].removed, back.corrections.organisations[0].added) == (1, 1)
    with pytest.raises(UsageError, match="is not loaded"):
        diff_of(study, "staff", "month_6")


def test_a_population_or_wave_that_the_protocol_lacks_is_named_and_the_nearest_suggested(study: Study) -> None:
    corrected(study)
    with pytest.raises(UsageError, match=r"the protocol has no wave 'basline'.*\n.*\n.*did you mean 'baseline'"):
        diff_of(study, "staff", "basline")
    with pytest.raises(UsageError, match="the protocol has no population 'stuff'"):
        diff_of(study, "stuff", "baseline")


@pytest.mark.parametrize("versions", [(0, None), (None, 0), (99, None), (None, 99)])
def test_a_version_that_is_not_there_is_refused_and_no_other_taken_for_it(versions: tuple[int, int], study: Study) -> None:
    corrected(study)
    with pytest.raises(IntegrityError, match="has no version"):
        diff_of(study, "staff", "baseline", *versions)


def test_one_version_has_nothing_beside_it(study: Study) -> None:
    with pytest.raises(UsageError, match="one version, 1: there is nothing to set beside it"):
        diff_of(study, "staff", "baseline")


def test_erased_people_are_not_in_the_difference_and_are_said_to_be_missing(study: Study) -> None:
    corrected(study)
    erase(study, "staff", "P1-0005", actor=ACTOR)
    found = diff_of(study, "staff", "baseline")
    assert (found.erased, found.corrections.organisations[0].removed) == (1, 0)


def test_the_command_prints_counts_and_no_answer(study: Study, capsys: pytest.CaptureFixture[str]) -> None:
    file = tiny_wave(study.root.parent, "baseline", people=6)
    frame = tiny_frame("baseline", people=6)
    frame.loc[0, "lived_1"] = frame.loc[0, "lived_1"] % 5 + 1
    frame.to_csv(file, index=False)
    load = ["wave", "load", str(study.root), str(file), "--wave", "baseline", "--population", "staff"]
    assert main([*load, "--supersede", "--reason", "one answer was wrong"]) == 0
    assert "P1            0           0        5          lived_1 1" in capsys.readouterr().out
    asked = ["wave", "diff", str(study.root), "--wave", "baseline", "--population", "staff"]
    assert main(asked) == 0
    assert capsys.readouterr().out.splitlines() == [
        "Wave 'baseline' of 'staff', version 1 to 2:",
        "organisation  rows added  removed  unchanged  answers changed",
        "P1            0           0        5          lived_1 1",
    ]
    assert main([*asked, "--json"]) == 0
    record = json.loads(capsys.readouterr().out)
    assert record["corrections"]["P1"]["answers_changed"] == {"lived_1": 1}
    assert main([*asked, "--from", "1", "--to", "1"]) == 0
    assert "Nothing changed." in capsys.readouterr().out
    assert main([*asked, "--from", "7"]) == main([*asked, "--to", "0"]) == 4
    assert main([*asked[:-1], "stuff"]) == 2


def test_a_source_without_ids_is_said_to_be_compared_by_rows(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    study = study_in(tmp_path, replace=LINKED)
    frame = tiny_frame("baseline", people=6).drop(columns="respondent")
    load = ["wave", "load", str(study.root), str(tmp_path / "a.csv"), "--wave", "baseline", "--population", "staff"]
    frame.to_csv(tmp_path / "a.csv", index=False)
    assert main(load) == 0
    frame.loc[0, "lived_1"] = frame.loc[0, "lived_1"] % 5 + 1
    frame.to_csv(tmp_path / "a.csv", index=False)
    assert main([*load, "--supersede", "--reason", "one answer was wrong"]) == 0
    told = capsys.readouterr().out
    assert "P1            1           1        5" in told
    assert "rows are compared as a whole" in told
