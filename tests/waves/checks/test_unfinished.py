"""Responses that platforms mark as not finished: kept, counted, and left out by what the note says."""

from pathlib import Path

import pytest

from evaluation.waves.collect import Collected
from evaluation.waves.drafts.mapping import draft_mapping
from tests.waves.checks.test_nobodys_rows import changed, loaded
from tests.waves.intake_study import other_study
from tests.waves.platform_files import limesurvey, qualtrics, redcap
from tests.waves.suppliers import WITH_HOURS


def unfinished(collected: Collected) -> list[str]:
    return [note for note in collected.receipt.notes if "not finished" in note]


def with_finished(file: Path, yes: str, no: str) -> Path:
    """The same export with the column Finished in front: the first three people did not finish."""
    lines = file.read_text(encoding="utf-8-sig").splitlines()
    firsts = ["Finished", "Finished", '"{""ImportId"":""finished""}"', no, no, no]
    file.write_text("\n".join(f"{(firsts[k] if k < 6 else yes)},{line}" for k, line in enumerate(lines)) + "\n", encoding="utf-8")
    return file


@pytest.mark.parametrize(("yes", "no"), [("True", "False"), ("1", "0")])
def test_qualtrics_responses_that_were_not_finished_are_kept_and_counted(tmp_path: Path, yes: str, no: str) -> None:
    collected = loaded(tmp_path, with_finished(qualtrics(tmp_path), yes, no))
    (note,) = unfinished(collected)
    assert note.startswith("3 of 64 rows were not finished, by column 'Finished', and kept") and collected.receipt.kept == 64


@pytest.mark.parametrize("no", ["False", "0"])
def test_where_no_response_was_finished_the_note_does_not_leave_all_of_them_out(no: str, tmp_path: Path) -> None:
    collected = loaded(tmp_path, with_finished(qualtrics(tmp_path), no, no))
    (note,) = [note for note in collected.receipt.notes if "finished" in note]
    assert note.startswith("none of 64 rows was finished, by column 'Finished', and all are kept") and collected.receipt.kept == 64
    assert "leave_out" not in note and "may be the wrong one of its two exports" in note


def test_a_limesurvey_response_without_a_day_of_submission_is_not_finished_and_one_without_answers_is_not_counted(tmp_path: Path) -> None:
    """The export's own last row was left without an answer; a second one is made here, of somebody who answered."""
    file = limesurvey(tmp_path)
    lines = file.read_text(encoding="utf-8-sig").splitlines()
    number, _, rest = lines[1].split(",", 2)
    file.write_text("\n".join([lines[0], f"{number},,{rest}", *lines[2:], ""]), encoding="utf-8")
    collected = loaded(tmp_path, file)
    assert unfinished(collected)[0].startswith("1 of 64 rows was not finished, by column 'submitdate', and kept")
    assert collected.receipt.set_aside == {"no item answered": 1}


def test_the_state_of_the_redcap_form_that_holds_the_questions_counts_and_no_other(tmp_path: Path) -> None:
    """Of the first event, whose forms 'visit' nobody completed; another event's rows are not counted."""
    file = changed(redcap(tmp_path), "wellbeing_complete", {number - 2: "0" for number in (0, 1, 70)})
    events = {"month_6_arm_1": "month_6", "month_12_arm_1": "month_12"}
    wave = {"column": "redcap_event_name", "codes": events, "other_waves": "set aside"}
    (note,) = unfinished(loaded(tmp_path, file, wave=wave))
    assert note.startswith("2 of 64 rows were not finished, by column 'wellbeing_complete'")


def test_what_the_note_says_leaves_the_rows_out(tmp_path: Path) -> None:
    file = with_finished(qualtrics(tmp_path), "True", "False")
    (note,) = unfinished(loaded(tmp_path / "first", file))
    draft = draft_mapping(file, *other_study(tmp_path, instrument=WITH_HOURS), "staff")
    left_out = draft.replace("{format: qualtrics", "{format: qualtrics, " + note.split("'")[3])
    collected = loaded(tmp_path / "second", file, left_out)
    assert collected.receipt.kept == 61 and not unfinished(collected)
