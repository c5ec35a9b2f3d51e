"""Rows that should never have stood in a wave are taken out of it, all or none, and nothing else changes.

Source: the study's store in section 3 of the design (every load one version, old versions readable) and goals I1 to I5 of
docs/disclosure.md.
"""

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import polars as pl
import pytest

import evaluation as ev
from evaluation.audit_log import verify
from evaluation.cli.main import main
from evaluation.errors import IntegrityError, MachineError, UsageError, WaveError
from evaluation.protocol.documents import read_documents
from evaluation.study import Study, writing
from evaluation.waves import store
from evaluation.waves.arriving import Arriving
from evaluation.waves.checks.asked import Asked, as_text, refuse_changed
from evaluation.waves.erase import erase
from evaluation.waves.lifecycle import WaveState, check_stored, lock, reopen, wave_states
from evaluation.waves.load import load_wave
from evaluation.waves.people.lines import stored_under
from evaluation.waves.rekey import rekey
from evaluation.waves.retire import retire
from evaluation.waves.storage.diff import diff_of
from evaluation.waves.storage.read import files_by_wave, read_rows
from evaluation.waves.withdraw import Withdrawal, preview, withdraw
from tests.studies import UNITS, tiny_wave
from tests.waves.crash_trials import full_from
from tests.waves.people.test_lines import rename
from tests.waves.storage.test_copies import under
from tests.waves.storage.test_crashes import CUTS, PowerCut
from tests.waves.storing import ACTOR, WAVES, arriving, only, study_in, tree
from tests.waves.test_retire import LATE, promised

ALL = [name for name, _ in UNITS]
DAY = date(2025, 10, 20)
WHY = "sent for another wave"
Told = pytest.CaptureFixture[str]


@pytest.fixture
def study(tmp_path: Path) -> Study:
    """Two waves of eight organisations of six staff."""
    study = study_in(tmp_path)
    for wave in WAVES[:2]:
        store.load(study, arriving(study, wave), actor=ACTOR)
    return study


def take_out(study: Study, *names: str, wave: str = "baseline", why: str = WHY, who: str = "ann") -> Withdrawal:
    return withdraw(study, "staff", wave, names, why, actor=who)


def rows_of(study: Study, wave: str = "baseline", version: int | None = None) -> dict[str, int]:
    rows = read_rows(store.responses(study, "staff", version).files).filter(pl.col("wave") == wave)
    return dict(rows.group_by("organisation").len().sort("organisation").rows())


def people_of(study: Study, name: str) -> set[str]:
    """Pseudonyms of an organisation's people in wave 'month_6'."""
    rows = read_rows(store.responses(study, "staff").files).filter(pl.col("wave") == "month_6", pl.col("organisation") == name)
    return set(rows["respondent"].to_list())


def state_of(study: Study, wave: str = "baseline", today: date = DAY) -> WaveState:
    return next(one for one in wave_states(study, read_documents(study.root), today) if one.wave == wave)


def pilot(*words: object) -> int:
    return main([str(word) for word in words])


def asked(study: Study, *names: str, wave: str = "baseline") -> list[object]:
    named = [word for name in names for word in ("--organisation", name)]
    return ["wave", "withdraw", study.root, "--wave", wave, "--population", "staff", *named]


def test_the_rows_of_an_organisation_go_and_all_others_stay_as_they_are(study: Study) -> None:
    before = rows_of(study), rows_of(study, "month_6")
    found = take_out(study, "P1")
    stay = dict.fromkeys(sorted(set(ALL) - {"P1"}), 6)
    assert found == Withdrawal("staff", "baseline", ("P1",), (), WHY, 3, 6, 48, 42, stay)
    assert (rows_of(study), rows_of(study, "month_6")) == (stay, before[1])
    assert rows_of(study, version=2) == before[0], "results are rerun on old versions"
    documents = read_documents(study.root)
    assert check_stored(study, documents, "staff", "baseline", actor=ACTOR).rows == 42
    assert store.rehash(study).problems == ()
    (gone,) = diff_of(study, "staff", "baseline").corrections.organisations
    assert (gone.organisation, gone.removed, gone.added) == ("P1", 6, 0)


def test_the_log_says_who_when_why_and_how_many_and_never_an_answer(study: Study) -> None:
    take_out(study, "P1", "C2", who="ann as Ann Example")
    begun, done = verify(study.audit_file)[-2:]
    assert (begun.act, done.act, done.actor) == ("withdrawal begun", "answers withdrawn", "ann as Ann Example")
    facts = {name: done.details[name] for name in ("population", "wave", "organisations", "reason", "rows_withdrawn", "version")}
    assert facts == {
        "population": "staff", "wave": "baseline", "organisations": ["C2", "P1"], "reason": WHY, "rows_withdrawn": 12, "version": 3,
    }  # fmt: skip
    assert set(done.details) == {*facts, "nonce", "rows", "mode", "content", "commits"}


def test_nothing_goes_without_a_reason_or_from_a_wave_or_an_organisation_that_is_not_there(study: Study) -> None:
    take_out(study, *ALL, wave="month_6")
    before = tree(study.root)
    for wave, name, why, says in (
        ("baseline", "P1", "  ", "a withdrawal needs a reason"),
        ("baselin", "P1", WHY, "did you mean 'baseline'"),
        ("baseline", "P11", WHY, r"(?s)no rows of P11 stand in wave 'baseline' of 'staff'.*did you mean P1\? Organisations with rows there: C1"),
        ("month_12", "P1", WHY, r"(?s)no rows of P1 stand in wave 'month_12'.*It has rows in baseline\. Waves with rows of 'staff': baseline\."),
    ):
        for act in (lambda *words: withdraw(*words, actor=ACTOR), preview):
            with pytest.raises(UsageError, match=says):
                act(study, "staff", wave, [name], why)
    with pytest.raises(UsageError, match="no organisation is named"):
        take_out(study)
    with pytest.raises(UsageError, match="no rows of P9 stand"):
        take_out(study, "P1", "P9")
    assert tree(study.root) == before


def test_a_name_a_list_another_code_and_other_letters_are_led_to_the_codes_with_rows(study: Study) -> None:
    rename(study)
    for word, hint in (
        ("P9", "did you mean P2?"),
        ("organisation  p1", "did you mean P1?"),
        ("Organisation C3", "did you mean C3?"),
        ("P1,C1", "name each by itself: --organisation P1 --organisation C1."),
        ("p1", "did you mean P1?"),
    ):
        with pytest.raises(UsageError, match="stand in wave 'baseline'") as caught:
            take_out(study, word)
        assert caught.value.problems[0].fix.startswith(f"{hint} Organisations with rows there: C1"), word
    take_out(study, "C5")
    with pytest.raises(UsageError) as caught:
        take_out(study, "C5", wave="month_12")
    assert caught.value.problems[0].fix.startswith("It has rows in month_6. Waves with rows")
    take_out(study, "P2")
    with pytest.raises(UsageError) as caught:
        take_out(study, "P9")
    assert caught.value.problems[0].fix.startswith("Organisations with rows there: C1")
    with pytest.raises(UsageError, match="no organisation is named"):
        take_out(study, "P1", " ")
    (study.root / "organisations.csv").write_text("organisation\n", encoding="utf-8")
    with pytest.raises(UsageError, match="no rows of P9 stand"):
        take_out(study, "P9")


def test_asked_twice_nothing_is_written_the_second_time_whether_locked_or_not(study: Study) -> None:
    take_out(study, "P1")
    before = tree(study.root)
    again = take_out(study, "P1")
    assert (again.organisations, again.already, again.version, again.rows_withdrawn) == ((), ("P1",), 3, 0)
    assert tree(study.root) == before
    both = take_out(study, "P1", "P2")
    assert (both.organisations, both.already, both.rows_withdrawn, both.version) == (("P2",), ("P1",), 6, 4)
    lock(study, read_documents(study.root), "staff", "baseline", actor="bob")
    assert take_out(study, "P1", "P2").version == 4


def test_a_locked_wave_gives_nothing_up_until_it_is_opened_again(study: Study) -> None:
    documents = read_documents(study.root)
    lock(study, documents, "staff", "baseline", actor="bob")
    with pytest.raises(IntegrityError, match="nothing is withdrawn from it") as refusal:
        take_out(study, "P1")
    assert refusal.value.exit_code == 4
    reopen(study, documents, "staff", "baseline", "a file of another wave", actor="bob")
    assert take_out(study, "P1").rows_withdrawn == 6
    with pytest.raises(IntegrityError, match="ann loaded or withdrew answers of this one"):
        lock(study, documents, "staff", "baseline", actor="ann")


def test_a_retired_wave_has_nothing_to_withdraw(study: Study) -> None:
    promised(study)
    take_out(study, *ALL, wave="month_6")
    retire(study, LATE, actor="dpo")
    with pytest.raises(UsageError, match="were deleted at the end of their time: none are left to withdraw"):
        take_out(study, "P1")
    assert take_out(study, "P1", wave="month_6").already == ("P1",)
    assert state_of(study, "month_6").state.value == "open", "nothing of it was left to delete"
    assert sum(pl.read_parquet(path).height for path in study.store.rglob("*.parquet")) == 0


def test_a_wave_withdrawn_whole_is_as_if_never_loaded_and_right_rows_are_a_plain_new_load(study: Study) -> None:
    documents = read_documents(study.root)
    found = take_out(study, *ALL)
    assert (found.rows_after, dict(found.stay)) == (0, {})
    now = state_of(study)
    assert (now.state.value, now.rows, now.version, now.who) == ("open", 0, None, "ann")
    assert now.notes == ("fieldwork is over and nothing is loaded", "withdrawn: C1, C2, C3, C4, C5 and 3 more")
    assert state_of(study, today=date(2025, 2, 1)).state.value == "planned"
    assert list(files_by_wave(store.read_log(study, "staff"))) == ["month_6"], "no wave that comes is set beside an empty one"
    for act in (check_stored, lock):
        with pytest.raises(UsageError, match="is not loaded"):
            act(study, documents, "staff", "baseline", actor="bob")
    with pytest.raises(WaveError, match="comes before its baseline: 'baseline' is not loaded yet"):
        store.load(study, arriving(study, "month_12"), actor=ACTOR)
    receipt = store.load(study, arriving(study, "baseline", seed=2), actor=ACTOR)
    assert (receipt.mode, receipt.rows_added, receipt.rows_in_wave, receipt.notes) == ("new", 48, 48, ())
    assert (state_of(study).state.value, state_of(study).notes) == ("loaded", ())


def test_what_was_checked_is_not_checked_any_more_and_the_note_goes_when_the_organisation_comes(study: Study) -> None:
    check_stored(study, read_documents(study.root), "staff", "baseline", actor="bob")
    take_out(study, "P1")
    assert (state_of(study).state.value, state_of(study).rows, state_of(study).notes) == ("loaded", 42, ("withdrawn: P1",))
    store.load(study, only(arriving(study, "baseline"), "P1"), actor=ACTOR)
    assert (state_of(study).rows, state_of(study).notes) == (48, ())


def test_the_list_of_loads_tells_what_became_of_each(study: Study) -> None:
    take_out(study, "P1")
    mended = only(arriving(study, "baseline", seed=2), "P2")
    store.load(study, mended, actor=ACTOR, supersede=True, reason="corrected")
    take_out(study, *ALL, wave="month_6")
    told = store.loads(study)[["wave", "organisations", "rows", "mode", "state", "reason"]]
    everybody = ", ".join(sorted(ALL))
    assert told.to_numpy().tolist() == [
        ["baseline", everybody, 48, "new", "partly replaced and withdrawn", ""],
        ["month_6", everybody, 48, "new", "withdrawn", ""],
        ["baseline", "P1", -6, "withdraw", "stands", WHY],
        ["baseline", "P2", 6, "supersede", "stands", "corrected"],
        ["month_6", everybody, -48, "withdraw", "stands", WHY],
    ]


def test_a_run_a_quality_report_and_a_backup_go_on_with_an_empty_store(tmp_path: Path, capsys: Told) -> None:
    study = study_in(tmp_path)
    store.load(study, only(arriving(study, "baseline"), "P1"), actor=ACTOR)
    take_out(study, "P1")
    first = ev.run(study).items[0]
    assert first.sentence.startswith("Not yet evaluable. Answers of staff from Start (closes 14 March 2025) and 12 months")
    release = json.loads(study.releases.joinpath("preview", "release.json").read_text(encoding="utf-8"))
    assert [(wave["loaded"], wave["retired"]) for wave in release["waves"]] == [(False, False)] * 3
    assert "No answers are in the store." in ev.quality_report(study).summary()
    for words in (["backup", study.root, tmp_path / "a.zip"], ["restore", tmp_path / "a.zip", tmp_path / "back"], ["doctor", study.root]):
        assert pilot(*words) == 0
    assert state_of(Study(tmp_path / "back")).notes[-1] == "withdrawn: P1"
    capsys.readouterr()


def test_a_result_is_that_of_a_store_in_which_the_rows_never_were(tmp_path: Path) -> None:
    studies = study_in(tmp_path / "a"), study_in(tmp_path / "b")
    for study in studies:
        for wave in ("baseline", "month_12"):
            whole = arriving(study, wave, people=12)
            store.load(study, whole if study is studies[0] else only(whole, *ALL[1:]), actor=ACTOR)
    ev.run(studies[0])
    take_out(studies[0], "P1"), take_out(studies[0], "P1", wave="month_12")
    tables = [ev.run(study).tidy().drop(columns=["result_id"]) for study in studies]
    assert tables[0].equals(tables[1])


def test_erasures_and_new_keys_reach_the_versions_that_keep_withdrawn_rows(study: Study) -> None:
    take_out(study, "P1"), take_out(study, *ALL, wave="month_6")
    erase(study, "staff", "P1-0003", actor="dpo")
    erase(study, "staff", "C1-0003", actor="dpo")
    rekey(study, actor="dpo")
    assert store.rehash(study).problems == ()
    log = store.read_log(study, "staff")
    left = read_rows([log.table / path for _, load in log.loads for path in load.files])
    assert left.filter(pl.col("organisation") == "P1").height == 5 + 5
    assert state_of(study).rows == 41 and check_stored(study, read_documents(study.root), "staff", "baseline", actor="b").rows == 41
    assert store.load(study, arriving(study, "month_6"), actor=ACTOR).rows_added == 48
    assert take_out(study, "C1").rows_withdrawn == 5


def test_somebody_is_erased_under_both_codes_of_an_organisation_that_was_withdrawn_and_renamed(tmp_path: Path) -> None:
    study = study_in(tmp_path)
    baseline = arriving(study, "baseline")
    mine = only(baseline, "P2")
    as_p9 = replace(mine, frame=mine.frame.with_columns(organisation=pl.lit("P9"), unit=pl.lit("P9")))
    store.load(study, only(baseline, "P1", "C1"), actor=ACTOR)
    rename(study, "C5", "P9", "2020-01-01")
    store.load(study, as_p9, actor=ACTOR)
    assert stored_under(store.read_log(study, "staff"))["P9"] == "C5"
    take_out(study, "P9")
    rename(study, "P2", "P9", "2020-01-01")
    file = study.root / "organisations.csv"
    kept = [line for line in file.read_text(encoding="utf-8").splitlines() if not line.startswith("C5,")]
    file.write_text("\n".join(kept) + "\n", encoding="utf-8")
    store.load(study, as_p9, actor=ACTOR)
    assert stored_under(store.read_log(study, "staff"))["P9"] == "P2", "as if it had never been stored"
    erase(study, "staff", "P2-0003", actor="dpo")
    log = store.read_log(study, "staff")
    assert [load.counts["P9"] for _, load in log.loads if "P9" in load.counts] == [5, 5]


def test_what_a_withdrawn_load_asked_is_not_held_against_the_waves_that_come(study: Study) -> None:
    """The file of another survey asked lived_1 in other words; once it is withdrawn, only the rest of the wave counts."""
    study = study_in(study.root.parent / "other")
    documents = read_documents(study.root)

    def question(label: str) -> dict[str, Asked]:
        return {"lived_1": Asked("w", {}, label)}

    whole = arriving(study, "baseline")
    for name, label in (("P1", "We live our values"), ("P2", "The canteen is good")):
        store.load(study, only(whole, name), actor=ACTOR, received={"questions": as_text(question(label))})
    comes = question("We live our values")
    with pytest.raises(WaveError, match="is worded otherwise than in wave 'baseline'"):
        refuse_changed(study, documents, "staff", "month_6", comes, "m.csv")
    take_out(study, "P2")
    refuse_changed(study, documents, "staff", "month_6", comes, "m.csv")


def test_rows_under_the_wrong_name_make_way_for_the_right_owners_who_sent_nothing_else(tmp_path: Path) -> None:
    """P1's answers came under the name of P2, which sent none; the refusal of P1's own file says what to do."""
    study = study_in(tmp_path)
    own = only(arriving(study, "baseline", people=24), "P1")
    store.load(study, under(own, "P2"), actor=ACTOR)
    with pytest.raises(WaveError) as caught:
        store.load(study, own, actor=ACTOR)
    (problem,) = caught.value.problems
    assert problem.code == "copy-of-another-organisation" and "pilot wave withdraw" in problem.fix
    take_out(study, "P2")
    assert store.load(study, own, actor=ACTOR).rows_in_wave == 24


def test_rows_under_the_wrong_wave_make_way_for_their_own(tmp_path: Path) -> None:
    study = study_in(tmp_path)
    store.load(study, replace(whole := arriving(study, "baseline", people=24), wave="month_6",
                              frame=whole.frame.with_columns(wave=pl.lit("month_6"))), actor=ACTOR, before_baseline=True)  # fmt: skip
    with pytest.raises(WaveError) as caught:
        store.load(study, whole, actor=ACTOR)
    (problem,) = caught.value.problems
    assert problem.code == "copy-of-another-wave" and "pilot wave withdraw" in problem.fix
    take_out(study, *ALL, wave="month_6")
    assert store.load(study, whole, actor=ACTOR).rows_added == 192


def test_rows_under_a_former_code_make_way_for_the_same_under_the_new_one_and_people_stay_the_same(study: Study) -> None:
    own = under(only(arriving(study, "month_6"), "P2"), "P9")
    rename(study)
    with pytest.raises(WaveError, match="under its other code 'P2'") as caught:
        store.load(study, own, actor=ACTOR)
    assert "pilot wave withdraw" in caught.value.problems[0].fix
    before = people_of(study, "P2")
    take_out(study, "P2", wave="month_6")
    store.load(study, own, actor=ACTOR)
    assert people_of(study, "P9") == before


def test_an_organisation_that_the_register_lost_can_be_withdrawn_and_the_refusal_of_a_run_says_so(study: Study) -> None:
    file = study.root / "organisations.csv"
    kept = [line for line in file.read_text(encoding="utf-8").splitlines() if not line.startswith("C5,")]
    file.write_text("\n".join(kept) + "\n", encoding="utf-8")
    with pytest.raises(IntegrityError, match="C5, which the register does not list") as refusal:
        ev.run(study)
    assert "pilot wave withdraw" in refusal.value.problems[0].fix
    take_out(study, "C5"), take_out(study, "C5", wave="month_6")
    assert ev.run(study).result_id


def test_the_copy_of_the_received_file_stays_and_the_file_can_come_again(tmp_path: Path) -> None:
    study = study_in(tmp_path)
    arrives = Arriving(tiny_wave(tmp_path, "baseline", people=6), "baseline", "staff")
    kept = load_wave(study, arrives, actor=ACTOR).kept_as
    take_out(study, "P1")
    assert [path.name for path in study.inbox.iterdir()] == [kept]
    again = load_wave(study, arrives, actor=ACTOR)
    assert (again.stored.organisations, again.kept_as) == (("P1",), kept)


@pytest.mark.parametrize("when", CUTS)
def test_a_power_cut_leaves_all_rows_or_none_and_the_same_command_puts_things_straight(when: str, study: Study) -> None:
    how, _ = CUTS[when]
    with pytest.MonkeyPatch.context() as patch, pytest.raises(PowerCut):
        how(patch)
        take_out(study, "P1")
    assert rows_of(study)["P1"] == 6
    take_out(study, "P1")
    assert (state_of(study).rows, store.rehash(study).unfinished, store.version(study)["staff"] >= 3) == (42, 0, True)
    done = [entry.details for entry in verify(study.audit_file) if entry.act == "answers withdrawn"]
    assert [one["rows_withdrawn"] for one in done] == [6]
    assert set((study.store / "staff").rglob("*.parquet")) == {
        store.read_log(study, "staff").table / path for _, load in store.read_log(study, "staff").loads for path in load.files
    }


@pytest.mark.parametrize("lasting", [True, False])
def test_a_full_disk_at_any_call_is_told_and_the_same_command_does_it_later(study: Study, lasting: bool) -> None:
    number = 1
    while True:
        before = rows_of(study)
        if not before:
            break
        name = next(iter(before))
        with full_from(number, lasting=lasting) as calls:
            try:
                take_out(study, name)
            except MachineError as refusal:
                assert refusal.exit_code == 7
                assert rows_of(study) == before
        take_out(study, name)
        assert name not in rows_of(study)
        assert store.rehash(study).problems == ()
        if calls[0] < number:
            return
        number += 2
    assert number > 8


def test_the_command_says_what_goes_and_what_stays_and_a_dry_run_writes_nothing(study: Study, capsys: Told) -> None:
    before = tree(study.root)
    assert pilot(*asked(study, "P1"), "--reason", WHY, "--dry-run") == 0
    assert capsys.readouterr().out.splitlines() == [
        "6 rows of P1 would be withdrawn from wave 'baseline' of 'staff'.",
        "  rows before         48",
        "  rows after          42",
        "  7 organisations stay: C1 6, C2 6, C3 6, C4 6, C5 6, P2 6, P3 6",
        "Nothing is erased: earlier versions keep these rows for reruns, and the received file stays in inbox/. "
        "'pilot wave erase' takes a person out of all of them; 'pilot wave retire' deletes what is past its day.",
        "Dry run: nothing was written.",
    ]
    assert pilot(*asked(study, "P1"), "--reason", WHY, "--dry-run", "--json") == 0
    seen = json.loads(capsys.readouterr().out)
    assert tree(study.root) == before
    assert pilot(*asked(study, "P1"), "--reason", WHY, "--json", "--as", "Ann") == 0
    told = json.loads(capsys.readouterr().out)
    assert (seen.pop("dry_run"), told.pop("dry_run")) == (True, False)
    assert told.pop("waiting_for")["month_12"] and told.pop("can_be_estimated") == []
    assert told == seen
    assert pilot(*asked(study, "P1", "P2"), "--reason", WHY) == 0
    assert capsys.readouterr().out.startswith("P1 is withdrawn already.\n6 rows of P2 withdrawn from wave 'baseline' of 'staff', version 4.")
    assert pilot(*asked(study, *ALL), "--reason", WHY) == 0
    out = capsys.readouterr().out
    assert "P1, P2 are withdrawn already.\n" in out and "No organisation stays: the wave is as if nothing had been loaded." in out
    assert "Waiting for baseline and month_12" in out
    assert pilot(*asked(study, "P1"), "--reason", WHY) == 0
    assert capsys.readouterr().out.startswith("P1 is withdrawn already, version 3.\nNothing is left to do: wave 'baseline' of 'staff'")
    assert pilot("wave", "list", study.root, "--json") == 0
    assert {"population": "staff", "wave": "baseline"} in json.loads(capsys.readouterr().out)["missing"]


def test_nothing_can_be_estimated_where_all_pilots_went_from_a_wave(study: Study, capsys: Told) -> None:
    """Their new code counts for an organisation that was renamed."""
    store.load(study, arriving(study, "month_12"), actor=ACTOR)
    rename(study)
    assert pilot(*asked(study, "P1", "P3"), "--reason", WHY) == 0
    assert "Can be estimated now: lived_values_change, awareness_change, strain_not_worse." in capsys.readouterr().out
    assert pilot(*asked(study, "P2"), "--reason", WHY) == 0
    out = capsys.readouterr().out
    waits = "Waiting for pilot organisations with answers in baseline and month_12: lived_values_change, awareness_change, strain_not_worse."
    assert waits in out and "Can be estimated now" not in out and "Next: pilot run" not in out
    assert pilot(*asked(study, *[name for name in ALL if name.startswith("C")]), "--reason", WHY) == 0
    assert "Waiting for baseline: lived_values_change" in capsys.readouterr().out


def test_exit_codes_are_those_of_the_contract(study: Study, capsys: Told) -> None:
    assert pilot(*asked(study, "P1")) == 2
    assert "a withdrawal needs a reason" in capsys.readouterr().err
    assert pilot(*asked(study), "--reason", WHY) == 2
    assert pilot(*asked(study, "P9"), "--reason", WHY, "--json") == 2
    assert json.loads(capsys.readouterr().out)["error"]["problems"][0]["code"] == "not-loaded"
    with writing(study, "wave load month_6 staff"):
        assert pilot(*asked(study, "P1"), "--reason", WHY) == 6
    lock(study, read_documents(study.root), "staff", "baseline", actor="bob")
    assert pilot(*asked(study, "P1"), "--reason", WHY) == 4
    capsys.readouterr()
