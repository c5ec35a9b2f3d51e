"""What is past its day goes, in time and by a logged act; what is asked of a special category has its legal basis.

Source: privacy goal P3 of docs/disclosure.md.
"""

import json
from datetime import date
from pathlib import Path

import polars as pl
import pytest

import evaluation as ev
from evaluation.audit_log import verify
from evaluation.cli.main import main
from evaluation.errors import CannotRepeatError, ProtocolError, UsageError
from evaluation.protocol.data_protection import SPECIAL_WORDS, read_data_protection
from evaluation.protocol.documents import read_documents
from evaluation.study import Study
from evaluation.waves import store
from evaluation.waves.lifecycle import check_stored, lock, retired_waves, wave_states
from evaluation.waves.load import Arriving, load_wave
from evaluation.waves.retire import due, retire
from tests.studies import tiny_wave
from tests.waves.storing import ACTOR, study_in, tree

POLICY = """\
version: 1
says: Received files go after the last wave, answers after five years.
retention: {received_files_until: 2026-08-31, answers_until: 2031-08-31}
"""
AGAIN = store.Intent(supersede=True, reason="asked again")
LAST, AFTER, LATE = date(2026, 8, 31), date(2026, 9, 1), date(2031, 9, 1)


def promised(study: Study, text: str = POLICY) -> None:
    (study.root / "policies").mkdir(exist_ok=True)
    (study.root / "policies" / "data-protection.yaml").write_text(text)


@pytest.fixture
def study(tmp_path: Path) -> Study:
    study = study_in(tmp_path)
    promised(study)
    for wave in ("baseline", "month_6"):
        load_wave(study, Arriving(tiny_wave(tmp_path, wave, people=6), wave, "staff"), actor=ACTOR)
    return study


def test_on_the_last_day_nothing_is_due_and_on_the_next_the_files_are(study: Study) -> None:
    assert (due(study, LAST).files, due(study, LAST).populations) == (0, ())
    assert (due(study, AFTER).files, due(study, AFTER).populations) == (2, ())
    assert list(due(study, AFTER).sentences()) == [
        "DUE: 2 received files to delete (kept until 2026-08-31)", "answers may be kept until 2031-08-31",
    ]  # fmt: skip


def test_retiring_deletes_received_files_keeps_answers_and_is_logged(study: Study) -> None:
    stored = tree(study.store)
    assert retire(study, LAST, actor="dpo").files == 0
    assert len(tree(study.inbox)) == 2
    retire(study, AFTER, actor="dpo")
    assert tree(study.inbox) == {}
    assert tree(study.store) == stored
    last = verify(study.audit_file)[-1]
    assert (last.act, last.actor, last.details) == ("received files retired", "dpo", {"files": 2, "kept_until": "2026-08-31"})
    assert retire(study, AFTER, actor="dpo").files == 0
    assert verify(study.audit_file)[-1] == last


def test_answers_past_their_day_go_from_every_version(study: Study) -> None:
    retire(study, LATE, actor="dpo")
    assert sum(pl.read_parquet(path).height for path in study.store.rglob("*.parquet")) == 0
    with pytest.raises(CannotRepeatError, match="96 rows were erased from version 2"):
        store.responses(study, "staff", 2)
    assert due(study, LATE).populations == ()
    assert store.rehash(study).problems == ()
    before = tree(study.root)
    retire(study, LATE, actor="dpo")
    assert tree(study.root) == before


def test_past_its_day_and_deleted_nothing_is_said_to_be_kept(study: Study) -> None:
    retire(study, AFTER, actor="dpo")
    assert list(due(study, AFTER).sentences()) == [
        "received files were kept until 2026-08-31: none is left", "answers may be kept until 2031-08-31",
    ]  # fmt: skip
    retire(study, LATE, actor="dpo")
    assert list(due(study, LATE).sentences()) == [
        "received files were kept until 2026-08-31: none is left", "answers were kept until 2031-08-31: none are left",
    ]  # fmt: skip


def test_a_wave_whose_answers_were_deleted_is_retired_and_neither_checked_nor_locked(study: Study, tmp_path: Path) -> None:
    documents = read_documents(study.root)
    lock(study, documents, "staff", "baseline", actor="bob")
    retire(study, LATE, actor="dpo")
    baseline, month_6, month_12 = wave_states(study, documents, LATE)
    assert [(one.state.value, one.rows, one.who) for one in (baseline, month_6)] == [("retired", 0, "dpo")] * 2
    assert (month_12.state.value, baseline.notes) == ("open", ())
    assert retired_waves(study, documents) == {"staff": ("baseline", "month_6")}
    before = study.audit_file.read_bytes()
    for act in (check_stored, lock):
        for wave in ("baseline", "month_6"):
            with pytest.raises(UsageError, match="were deleted at the end of their time: there is nothing to compare"):
                act(study, documents, "staff", wave, actor="bob")
    assert study.audit_file.read_bytes() == before
    load_wave(study, Arriving(tiny_wave(tmp_path, "month_6", people=7), "month_6", "staff"), actor=ACTOR, intent=AGAIN)
    assert [one.state.value for one in wave_states(study, documents, LATE)][1] == "superseded"
    assert retired_waves(study, documents) == {"staff": ("baseline",)}


def test_a_run_says_that_answers_were_deleted_and_not_that_they_are_still_to_come(tmp_path: Path) -> None:
    study = study_in(tmp_path)
    promised(study)
    for wave in ("baseline", "month_12"):
        load_wave(study, Arriving(tiny_wave(tmp_path, wave, people=6), wave, "staff"), actor=ACTOR)
    retire(study, LATE, actor="dpo")
    first = ev.run(study).items[0]
    said = "Answers of staff from Start and 12 months were deleted, as the study promised."
    assert first.sentence == f"Not yet evaluable. {said}"
    assert first.would_change == (said,)
    waves = json.loads(study.releases.joinpath("preview", "release.json").read_text(encoding="utf-8"))["waves"]
    gone = ["baseline", "month_12"]
    assert [(wave["id"], wave["loaded"]) for wave in waves if wave["retired"]] == [(name, False) for name in gone]


def test_a_study_without_the_policy_is_told_so_and_loses_nothing(tmp_path: Path) -> None:
    study = study_in(tmp_path)
    (said,) = due(study, LATE).sentences()
    assert said.startswith("no day is set")
    assert retire(study, LATE, actor=ACTOR).files == 0
    assert not study.audit_file.exists()


Told = pytest.CaptureFixture[str]


def test_list_and_doctor_say_what_is_due_and_retire_does_it(study: Study, capsys: Told) -> None:
    promised(study, POLICY.replace("2026-08-31", "2025-01-31"))
    root = str(study.root)
    assert main(["wave", "list", root]) == 0
    assert "DUE: 2 received files to delete (kept until 2025-01-31)" in capsys.readouterr().out
    assert main(["doctor", root, "--json"]) == 0
    assert "DUE: 2 received files" in json.loads(capsys.readouterr().out)["study"]["kept by promise"]
    before = tree(study.root)
    assert main(["wave", "retire", root, "--dry-run"]) == 0
    assert "Dry run: nothing was deleted." in capsys.readouterr().out
    assert tree(study.root) == before
    assert main(["wave", "retire", root, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["files"] == 2
    assert tree(study.inbox) == {}
    assert main(["wave", "retire", root]) == 0
    assert "Nothing is due." in capsys.readouterr().out


def test_the_list_says_that_waves_are_retired_and_follows_nobody(study: Study, capsys: Told) -> None:
    promised(study, POLICY.replace("2026-08-31", "2025-01-31").replace("2031-08-31", "2025-02-28"))
    assert main(["wave", "retire", str(study.root)]) == 0
    assert "DUE: answers of staff to delete (kept until 2025-02-28)\nDeleted.\n" in capsys.readouterr().out
    assert main(["wave", "list", str(study.root)]) == 0
    told = capsys.readouterr().out
    assert "staff       baseline  retired  2025-02-03 to 2025-03-14  0     1" in told
    assert "answers were kept until 2025-02-28: none are left." in told
    assert "Recognised" not in told


def with_group(tmp_path: Path, group: str, policy: str | None) -> Study:
    study = study_in(tmp_path, replace={"groups: [staff_group]": f"groups: [staff_group, {group}]"})
    if policy is not None:
        promised(study, policy)
    return study


@pytest.mark.parametrize(
    "group", ["ethnicity", "ethnic_group", "disability", "religion_or_belief", "sexual_orientation", "union_member"]
)
def test_a_special_category_without_a_legal_basis_is_refused_when_the_plan_is_checked(
    group: str, tmp_path: Path, capsys: Told
) -> None:
    study = with_group(tmp_path, group, None)
    assert main(["check", str(study.root)]) == 4
    told = capsys.readouterr().err
    assert f"group '{group}' of 'staff' is a special category of personal data, and no legal basis is declared for it" in told
    assert "tiny/policies/data-protection.yaml" in told
    promised(study, f"{POLICY}special_categories: {{staff: {{{group}: {{legal_basis: 'UK GDPR 6(1)(e) and 9(2)(j)'}}}}}}\n")
    assert read_documents(study.root).protocol.populations["staff"].groups == ("staff_group", group)


def test_a_group_that_is_declared_special_needs_its_basis_whatever_its_name(tmp_path: Path) -> None:
    study = with_group(tmp_path, "answer_7", f"{POLICY}special_categories: {{staff: {{answer_7: {{}}}}}}\n")
    with pytest.raises(ProtocolError, match="legal_basis"):
        read_documents(study.root)


@pytest.mark.parametrize("name", ["staff_group", "age_band", "tenure", "setting", "raceway", "unionised_site"])
def test_other_groups_need_none(name: str) -> None:
    assert not set(name.split("_")) & SPECIAL_WORDS


def test_the_policy_names_populations_of_the_plan_and_known_keys_only(tmp_path: Path) -> None:
    study = study_in(tmp_path)
    promised(study, f"{POLICY}special_categories: {{staf: {{x: {{legal_basis: y}}}}}}\n")
    with pytest.raises(ProtocolError, match="there is no population 'staf' in the protocol"):
        read_documents(study.root)
    promised(study, f"{POLICY}special_categories: {{staff: {{staf_group: {{legal_basis: y}}, strain_1: {{legal_basis: y}}}}}}\n")
    with pytest.raises(ProtocolError) as refusal:
        read_documents(study.root)
    (problem,) = refusal.value.problems
    assert problem.what == "'staff' has no group or item 'staf_group'."
    assert problem.where == "tiny/policies/data-protection.yaml, line 4, column 30"
    assert problem.fix.startswith("did you mean 'staff_group'? Groups and items: staff_group, lived_1")
    promised(study, POLICY.replace("answers_until", "answers_untill"))
    with pytest.raises(ProtocolError, match="answers_untill"):
        read_data_protection(study.root)
    promised(study, POLICY.replace("2026-08-31", "soon"))
    with pytest.raises(ProtocolError, match="not a date"):
        read_documents(study.root)


def test_an_item_of_an_instrument_that_cannot_be_read_is_not_said_to_be_missing_too(tmp_path: Path) -> None:
    study = study_in(tmp_path)
    promised(study, f"{POLICY}special_categories: {{staff: {{strain_1: {{legal_basis: y}}}}}}\n")
    instrument = study.instruments / "values.yaml"
    instrument.write_text(instrument.read_text().replace("strain_1: {wording:", "strain_1: {words:"))
    with pytest.raises(ProtocolError) as refusal:
        read_documents(study.root)
    assert not [problem for problem in refusal.value.problems if "no group or item" in problem.what]


def test_the_policy_is_no_disclosure_policy_and_leaves_the_plan_as_it_was_sealed(tmp_path: Path) -> None:
    study = study_in(tmp_path)
    assert main(["freeze", str(study.root)]) == 0
    before = read_documents(study.root).fingerprint
    promised(study)
    assert read_documents(study.root).fingerprint == before
    assert main(["freeze", str(study.root)]) == 0
