"""A wave is planned, open, loaded, superseded, checked, locked; a second person locks it, and a locked wave takes nothing.

Source: the study's folder and the command line, sections 3 and 4 of the design; storage goals of docs/disclosure.md.
"""

import json
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from evaluation.audit_log import verify
from evaluation.cli.main import main
from evaluation.errors import IntegrityError, UsageError
from evaluation.organisations.register import read_register
from evaluation.protocol.documents import read_documents
from evaluation.study import Study
from evaluation.waves import store
from evaluation.waves.erase import erase
from evaluation.waves.lifecycle import check_stored, late_baselines, lock, reopen, wave_states
from evaluation.waves.storage.locks import is_verified
from tests.waves.storing import arriving, only, some, study_in

ANN, BOB, BEN = "ann", "bob", "ann as Ben"
DAY = date(2025, 10, 20)


@pytest.fixture
def study(tmp_path: Path) -> Study:
    return study_in(tmp_path)


def states(study: Study, today: date = DAY) -> dict[str, str]:
    found = wave_states(study, read_documents(study.root), today)
    return {one.wave: one.state.value for one in found}


def close(study: Study, who: str, wave: str = "baseline") -> bool:
    return lock(study, read_documents(study.root), "staff", wave, actor=who).verified


def test_before_answers_come_a_wave_is_planned_until_fieldwork_opens_and_then_open(study: Study) -> None:
    assert states(study, date(2025, 2, 2)) == {"baseline": "planned", "month_6": "planned", "month_12": "planned"}
    assert states(study, date(2025, 2, 3))["baseline"] == "open"
    late = wave_states(study, read_documents(study.root), date(2025, 3, 15))[0]
    assert (late.state.value, late.notes) == ("open", ("fieldwork is over and nothing is loaded",))


def test_a_wave_goes_through_its_life_by_acts_and_each_names_who_did_it(study: Study) -> None:
    documents = read_documents(study.root)
    store.load(study, arriving(study, "baseline"), actor=ANN)
    assert states(study)["baseline"] == "loaded"
    mended = only(arriving(study, "baseline", seed=2), "P1")
    store.load(study, mended, actor=ANN, supersede=True, reason="corrected")
    assert states(study)["baseline"] == "superseded"
    check_stored(study, documents, "staff", "baseline", actor=BOB)
    checked = wave_states(study, documents, DAY)[0]
    assert (checked.state.value, checked.who, checked.rows, checked.version) == ("checked", BOB, 48, 2)
    assert close(study, BOB)
    locked = wave_states(study, documents, DAY)[0]
    assert (locked.state.value, locked.who, locked.notes) == ("locked", BOB, ())
    assert states(study)["month_6"] == "open"


def test_what_is_loaded_after_a_check_is_not_checked(study: Study) -> None:
    baseline = arriving(study, "baseline")
    store.load(study, only(baseline, "P1"), actor=ANN)
    check_stored(study, read_documents(study.root), "staff", "baseline", actor=BOB)
    store.load(study, only(baseline, "P2"), actor=ANN)
    assert states(study)["baseline"] == "loaded"


def test_whoever_loaded_a_wave_does_not_lock_it(study: Study) -> None:
    store.load(study, arriving(study, "baseline"), actor=ANN)
    with pytest.raises(IntegrityError, match="whoever loaded a wave does not lock it") as refusal:
        close(study, ANN)
    assert refusal.value.exit_code == 4
    assert states(study)["baseline"] == "loaded"


@pytest.mark.parametrize(
    ("loader", "locker", "verified"),
    [
        ("ann", "bob", True),
        ("ann as Ann Example", "bob as Bob Example", True),
        ("ann", "ann as Ben", False),
        ("ann as Ann Example", "ann as Ben", False),
        ("ann", "ann", None),
        ("ann as Ann Example", "ann", None),
        ("ann as Ann Example", "bob as ann  example", None),
        ("ann", "bob as Ann", None),
    ],
)
def test_a_second_person_is_another_user_and_another_name_alone_is_not_verified(
    loader: str, locker: str, verified: bool | None
) -> None:
    if verified is None:
        with pytest.raises(IntegrityError):
            is_verified(locker, [loader])
    else:
        assert is_verified(locker, [loader]) is verified


def test_another_name_of_the_same_user_is_recorded_and_shown_as_not_verified(study: Study) -> None:
    store.load(study, arriving(study, "baseline"), actor=ANN)
    assert not close(study, BEN)
    assert wave_states(study, read_documents(study.root), DAY)[0].notes == ("second person not verified",)
    assert verify(study.audit_file)[-1].details["second_person_verified"] is False


@pytest.mark.parametrize("mode", ["new", "append", "supersede"])
def test_a_locked_wave_takes_no_load_of_any_kind_and_keeps_its_bytes(study: Study, mode: str) -> None:
    baseline = arriving(study, "baseline")
    store.load(study, only(baseline, "P1", "P2"), actor=ANN)
    close(study, BOB)
    late = only(arriving(study, "baseline", seed=9), "P1") if mode != "new" else only(baseline, "C1")
    wanted = {"append": mode == "append", "supersede": mode == "supersede"}
    with pytest.raises(IntegrityError, match="wave 'baseline' of 'staff' is locked, by bob on") as refusal:
        store.load(study, late, actor=ANN, reason="late", **wanted)
    assert "--reopen --reason" in refusal.value.problems[0].fix
    with pytest.raises(IntegrityError, match="is locked"):
        store.preview(study, late, store.Intent(wanted["append"], wanted["supersede"], "late"))
    assert store.responses(study, "staff").version == 1
    store.load(study, arriving(study, "month_6"), actor=ANN)


def test_the_same_answers_again_change_nothing_in_a_locked_wave_and_are_no_fault(study: Study) -> None:
    store.load(study, arriving(study, "baseline"), actor=ANN)
    close(study, BOB)
    assert store.load(study, arriving(study, "baseline"), actor=ANN).already_loaded


def test_opening_again_needs_a_reason_which_is_logged(study: Study) -> None:
    documents = read_documents(study.root)
    store.load(study, only(arriving(study, "baseline"), "P1"), actor=ANN)
    close(study, BOB)
    with pytest.raises(UsageError, match="for a reason"):
        reopen(study, documents, "staff", "baseline", "  ", actor=ANN)
    reopen(study, documents, "staff", "baseline", "C1 sent its answers late", actor=ANN)
    assert verify(study.audit_file)[-1].details["reason"] == "C1 sent its answers late"
    assert states(study)["baseline"] == "loaded"
    store.load(study, only(arriving(study, "baseline"), "C1"), actor=ANN)
    with pytest.raises(UsageError, match="is not locked"):
        reopen(study, documents, "staff", "baseline", "again", actor=ANN)


def test_a_wave_that_is_not_loaded_cannot_be_checked_or_locked(study: Study) -> None:
    with pytest.raises(UsageError, match="is not loaded"):
        close(study, BOB)
    with pytest.raises(UsageError, match="is not loaded"):
        check_stored(study, read_documents(study.root), "staff", "month_6", actor=BOB)
    with pytest.raises(UsageError, match="did you mean 'baseline'"):
        close(study, BOB, "basline")


def test_locking_and_checking_read_every_byte_first(study: Study) -> None:
    store.load(study, arriving(study, "baseline"), actor=ANN)
    (file,) = store.responses(study, "staff").files
    file.write_bytes(file.read_bytes()[:-1] + b"?")
    with pytest.raises(IntegrityError, match="has changed since it was written"):
        close(study, BOB)
    with pytest.raises(IntegrityError, match="has changed since it was written"):
        check_stored(study, read_documents(study.root), "staff", "baseline", actor=BOB)
    assert not store.read_log(study, "staff").locks


def test_the_law_goes_before_the_lock_and_the_list_says_so(study: Study) -> None:
    store.load(study, arriving(study, "baseline"), actor=ANN)
    close(study, BOB)
    erase(study, "staff", "P1-0003", actor=ANN)
    (baseline, *_) = wave_states(study, read_documents(study.root), DAY)
    assert (baseline.state.value, baseline.rows) == ("locked", 47)
    assert baseline.notes == ("people erased since it was locked: 1",)


def test_a_checked_wave_of_late_answers_is_compared_load_by_load(study: Study) -> None:
    baseline = arriving(study, "baseline")
    first = pl.col("respondent").str.ends_with("0000")
    store.load(study, some(baseline, ~first), actor=ANN)
    store.load(study, some(baseline, first), actor=ANN, append=True)
    found = check_stored(study, read_documents(study.root), "staff", "baseline", actor=BOB)
    assert (found.rows, found.organisations, found.version) == (48, 8, 2)


def test_a_baseline_locked_after_the_first_pilot_began_is_told_with_both_days(study: Study) -> None:
    documents = read_documents(study.root)
    store.load(study, arriving(study, "baseline"), actor=ANN)
    assert late_baselines(study, documents, read_register(documents)) == {}
    close(study, BOB)
    (said,) = late_baselines(study, documents, read_register(documents)).values()
    assert said.endswith("and the first pilot began on 1 April 2025")
    register = documents.register_file.read_text().replace("2025-04-01", "2999-04-01")
    documents.register_file.write_text(register)
    documents = read_documents(study.root)
    assert late_baselines(study, documents, read_register(documents)) == {}


Told = pytest.CaptureFixture[str]


def test_the_command_locks_lists_and_refuses_with_the_codes_of_the_contract(study: Study, capsys: Told) -> None:
    store.load(study, arriving(study, "baseline"), actor=ANN)
    place = ["--wave", "baseline", "--population", "staff"]
    root = str(study.root)
    assert main(["wave", "verify", root, *place]) == 0
    assert "48 rows of 8 organisations in wave 'baseline' of 'staff' are what was written" in capsys.readouterr().out
    assert main(["wave", "lock", root, *place, "--as", "ann"]) == 4
    assert "IntegrityError: whoever loaded a wave does not lock it" in capsys.readouterr().err
    assert main(["wave", "lock", root, *place, "--as", "Cas Example"]) == 0
    assert "It takes no load until it is opened again" in capsys.readouterr().out
    assert main(["wave", "list", root, "--json"]) == 0
    (baseline, *_) = json.loads(capsys.readouterr().out)["waves"]
    assert (baseline["state"], baseline["rows"], baseline["version"]) == ("locked", 48, 1)
    assert main(["wave", "list", root]) == 0
    assert "staff       baseline  locked  2025-02-03 to 2025-03-14  48    1" in capsys.readouterr().out
    assert main(["wave", "lock", root, *place, "--reopen"]) == 2
    assert main(["wave", "lock", root, *place, "--reason", "why not"]) == 2
    assert main(["wave", "lock", root, *place, "--reopen", "--reason", "late answers"]) == 0
