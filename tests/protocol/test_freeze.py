"""A frozen plan is its exact bytes: one byte changed is noticed, and an amendment is the way on."""

import json
from hashlib import sha256
from pathlib import Path

import pytest

from evaluation.audit_log import verify
from evaluation.errors import BusyError, IntegrityError, ProtocolError, UsageError
from evaluation.protocol.documents import read_documents
from evaluation.protocol.freeze import amend, check_frozen, check_policy, freeze, hold_policy, seals
from evaluation.study import Study, writing
from tests.protocol.changed import refused, study


def edited(root: Path, old: str, new: str, file: str = "protocol.yaml") -> None:
    path = root / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def checked(root: Path) -> object:
    return check_frozen(read_documents(root))


def test_a_plan_that_was_never_frozen_stands_as_it_is(tmp_path: Path) -> None:
    assert checked(study(tmp_path)) is None


def test_a_seal_holds_the_exact_text_and_hash_of_every_plan_document(tmp_path: Path) -> None:
    root = study(tmp_path)
    seal = freeze(root, "mary")
    assert list(seal.hashes) == ["instruments/values.yaml", "organisations.csv", "policies/threshold-11.yaml", "protocol.yaml"]
    for name in ("protocol.yaml", "instruments/values.yaml", "organisations.csv"):
        assert seal.hashes[name] == sha256((root / name).read_bytes()).hexdigest()
        assert seal.documents[name].encode() == (root / name).read_bytes()
    assert (seal.number, seal.actor, seal.reason, seal.results_seen, seal.threshold) == (1, "mary", None, False, 11)
    assert json.loads((root / "frozen" / "plan-1.json").read_text())["hash"] == seal.hash
    assert checked(root) == seal


def test_freezing_twice_is_freezing_once(tmp_path: Path) -> None:
    root = study(tmp_path)
    assert freeze(root, "mary") == freeze(root, "john")
    assert [entry.act for entry in verify(root / "audit.jsonl")] == ["plan frozen"]


@pytest.mark.parametrize("file", ["protocol.yaml", "instruments/values.yaml", "organisations.csv"])
def test_one_byte_more_in_any_document_is_noticed(tmp_path: Path, file: str) -> None:
    """A comment or blank line changes nothing that is computed, and is noticed all the same."""
    root = study(tmp_path)
    seal = freeze(root, "mary")
    before, after = (root / file).read_bytes(), (root / file).read_bytes() + b"\n"
    (root / file).write_bytes(after)
    (problem,) = refused(lambda: checked(root), IntegrityError)
    assert problem.what == f"the plan is not the one that was frozen: {file} was changed."
    assert sha256(before).hexdigest() in problem.where and sha256(after).hexdigest() in problem.where
    assert "pilot amend tiny --reason" in problem.fix and "frozen/plan-1.json" in problem.fix
    (root / file).write_bytes(before)
    assert checked(root) == seal, "putting the byte back puts the plan back"


def test_a_document_added_or_taken_out_is_noticed(tmp_path: Path) -> None:
    root = study(tmp_path)
    freeze(root, "mary")
    extra = (root / "instruments" / "values.yaml").read_text().replace("instrument: values", "instrument: more")
    for item in ("lived_1", "lived_2", "lived_3", "know_values", "strain_1"):
        extra = extra.replace(f"  {item}:", f"  more_{item}:")
    (root / "instruments" / "more.yaml").write_text(extra)
    assert "instruments/more.yaml was added" in refused(lambda: checked(root), IntegrityError)[0].what
    (root / "instruments" / "values.yaml").rename(root / "instruments" / "first.yaml")
    told = " ".join(one.what for one in refused(lambda: checked(root), IntegrityError))
    assert "instruments/values.yaml was taken out" in told and "instruments/first.yaml was added" in told


def test_a_change_that_breaks_the_document_still_tells_that_the_plan_was_frozen(tmp_path: Path) -> None:
    root = study(tmp_path)
    freeze(root, "mary")
    edited(root, "version: 1", "version: one")
    found = refused(lambda: read_documents(root))
    assert [one.code for one in found] == ["int-type", "changed-after-freeze"]


def test_freezing_a_changed_plan_again_is_refused(tmp_path: Path) -> None:
    root = study(tmp_path)
    freeze(root, "mary")
    edited(root, "A tiny pilot", "A small pilot")
    refused(lambda: freeze(root, "mary"), IntegrityError)


def test_a_plan_with_faults_is_not_frozen(tmp_path: Path) -> None:
    root = study(tmp_path, replace={"version: 1": "version: one"})
    refused(lambda: freeze(root, "mary"), ProtocolError)
    assert not (root / "frozen").exists() and not (root / ".lock").exists()


def test_an_amendment_seals_the_new_text_beside_the_old_with_its_reason(tmp_path: Path) -> None:
    root = study(tmp_path)
    first = freeze(root, "mary")
    edited(root, "A tiny pilot", "A small pilot")
    second = amend(root, "the title was wrong", "john")
    assert (second.number, second.reason, second.actor, second.previous) == (2, "the title was wrong", "john", first.hash)
    assert (
        "A tiny pilot" in seals(root)[0].documents["protocol.yaml"]
        and "A small pilot" in seals(root)[1].documents["protocol.yaml"]
    )
    assert checked(root) == second
    assert [(entry.act, entry.actor) for entry in verify(root / "audit.jsonl")] == [
        ("plan frozen", "mary"),
        ("plan amended", "john"),
    ]


def test_an_amendment_says_whether_results_had_been_seen(tmp_path: Path) -> None:
    root = study(tmp_path)
    freeze(root, "mary")
    edited(root, "A tiny pilot", "A small pilot")
    assert amend(root, "a slip", "mary").results_seen is False
    (root / "results").mkdir()
    (root / "results" / "r-0123456789.json").write_text("{}")
    edited(root, "A small pilot", "A pilot")
    assert amend(root, "another", "mary").results_seen is True


def test_an_amendment_needs_a_reason_a_seal_and_a_change(tmp_path: Path) -> None:
    root = study(tmp_path)
    assert "not frozen" in refused(lambda: amend(root, "why", "mary"), UsageError)[0].what
    freeze(root, "mary")
    assert "needs its reason" in refused(lambda: amend(root, "  ", "mary"), UsageError)[0].what
    assert "nothing to amend" in refused(lambda: amend(root, "why", "mary"), UsageError)[0].what


def test_an_amendment_never_lowers_the_disclosure_threshold(tmp_path: Path) -> None:
    root = study(tmp_path)
    freeze(root, "mary")
    edited(root, "disclosure: threshold-11", "disclosure: threshold-8-round-5")
    (problem,) = refused(lambda: amend(root, "more cells", "mary"))
    assert problem.what == "the disclosure threshold falls from 11 to 8: what people were promised is kept."
    edited(root, "disclosure: threshold-8-round-5", "disclosure: threshold-11, threshold: 20")
    assert amend(root, "stricter", "mary").threshold == 20


def test_an_edited_seal_is_noticed(tmp_path: Path) -> None:
    root = study(tmp_path)
    freeze(root, "mary")
    edited(root, '"actor": "mary"', '"actor": "john"', "frozen/plan-1.json")
    (problem,) = refused(lambda: checked(root), IntegrityError)
    assert problem.where == "tiny/frozen/plan-1.json" and "not what was written" in problem.what


def test_a_removed_or_invented_seal_is_noticed(tmp_path: Path) -> None:
    root = study(tmp_path)
    freeze(root, "mary")
    text = (root / "frozen" / "plan-1.json").read_text()
    (root / "frozen" / "plan-1.json").unlink()
    assert "is missing" in refused(lambda: checked(root), IntegrityError)[0].what
    (root / "frozen" / "plan-1.json").write_text(text)
    (root / "frozen" / "plan-2.json").write_text(text)
    assert "does not know" in refused(lambda: checked(root), IntegrityError)[0].what


def test_a_crash_between_the_log_and_the_seals_last_name_is_finished_by_the_next_reader(tmp_path: Path) -> None:
    root = study(tmp_path)
    seal = freeze(root, "mary")
    (root / "frozen" / "plan-1.json").rename(root / "frozen" / "plan-1.draft")
    assert checked(root) == seal and (root / "frozen" / "plan-1.json").is_file()


def test_a_draft_that_never_reached_the_log_is_no_seal(tmp_path: Path) -> None:
    root = study(tmp_path)
    (root / "frozen").mkdir()
    (root / "frozen" / "plan-1.draft").write_text("{}")
    assert checked(root) is None and freeze(root, "mary").number == 1


def test_freezing_waits_for_no_one(tmp_path: Path) -> None:
    root = study(tmp_path)
    with writing(Study(root), "wave load"), pytest.raises(BusyError, match="wave load"):
        freeze(root, "mary")


def test_a_policy_under_which_answers_came_in_is_never_lowered(tmp_path: Path) -> None:
    root = study(tmp_path)
    assert check_policy(read_documents(root)) == 0
    hold_policy(read_documents(root), "mary")
    hold_policy(read_documents(root), "mary")
    assert [entry.details["threshold"] for entry in verify(root / "audit.jsonl")] == [11], "the same policy is noted once"
    edited(root, "disclosure: threshold-11", "disclosure: threshold-10")
    (problem,) = refused(lambda: hold_policy(read_documents(root), "mary"))
    assert problem.what == "the disclosure threshold falls from 11 to 10: what people were promised is kept."
    assert "line 37, column 12" in problem.where and "11 or more" in problem.fix
