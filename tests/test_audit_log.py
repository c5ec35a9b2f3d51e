"""The log of acts is a chain: a line changed, removed or inserted is found, an unfinished line does not count."""

import errno
import json
import os
from pathlib import Path

import pytest

from evaluation.audit_log import actor, append, head, verify
from evaluation.errors import IntegrityError


@pytest.fixture
def log(tmp_path: Path) -> Path:
    file = tmp_path / "audit.jsonl"
    for number in range(4):
        append(file, "wave loaded", "mary", {"rows": number, "name": "Trust é <img>\u2028"})
    return file


def lines(log: Path) -> list[str]:
    return log.read_text(encoding="utf-8").split("\n")[:-1]


def rewritten(log: Path, new: list[str]) -> None:
    log.write_text("\n".join(new) + "\n", encoding="utf-8")


def test_each_entry_carries_the_hash_of_the_one_before(log: Path) -> None:
    entries = verify(log)
    assert [entry.number for entry in entries] == [1, 2, 3, 4]
    assert [entry.previous for entry in entries] == ["0" * 64, *(entry.hash for entry in entries[:-1])]
    assert entries[-1].hash == head(log)
    assert entries[0].details == {"rows": 0, "name": "Trust é <img>\u2028"} and entries[0].actor == "mary"


def test_append_returns_the_new_head(log: Path) -> None:
    assert append(log, "run", "mary") == head(log) == verify(log)[-1].hash


def test_details_are_hashed_as_they_are_read_back(log: Path) -> None:
    """A number as a key sorts otherwise than its text does: 2 before 10, "10" before "2"."""
    append(log, "store rewritten", "mary", {"erased": {2: 1, 10: 1}, "remove": ("a", "b")})
    assert verify(log)[-1].details == {"erased": {"2": 1, "10": 1}, "remove": ["a", "b"]}


def test_an_act_that_the_disk_refuses_is_not_in_the_log(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = log.read_bytes()
    with monkeypatch.context() as patch, pytest.raises(OSError, match="No space left"):
        patch.setattr(os, "fsync", full)
        append(log, "wave locked", "mary")
    assert log.read_bytes() == before
    append(log, "wave locked", "mary")
    assert len(verify(log)) == 5


def full(_: int) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_a_study_without_a_log_has_no_acts(tmp_path: Path) -> None:
    assert verify(tmp_path / "audit.jsonl") == () and head(tmp_path / "audit.jsonl") == "0" * 64


@pytest.mark.parametrize("number", [0, 1, 3])
def test_a_changed_line_is_found_and_named(log: Path, number: int) -> None:
    changed = lines(log)
    changed[number] = changed[number].replace('"mary"', '"john"')
    rewritten(log, changed)
    with pytest.raises(IntegrityError) as caught:
        verify(log)
    assert caught.value.problems[0].where == f"audit.jsonl, line {number + 1}" and caught.value.exit_code == 4


def test_a_line_rewritten_with_a_hash_of_its_own_breaks_the_next(log: Path) -> None:
    import hashlib

    changed = lines(log)
    record = json.loads(changed[1])
    record["actor"] = "john"
    body = {name: value for name, value in record.items() if name != "hash"}
    record["hash"] = hashlib.sha256(
        json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    ).hexdigest()
    changed[1] = json.dumps(record, ensure_ascii=False)
    rewritten(log, changed)
    with pytest.raises(IntegrityError, match="line 3"):
        verify(log)


@pytest.mark.parametrize("order", [[0, 2, 3], [1, 2, 3], [0, 2, 1, 3], [0, 1, 1, 2, 3], [3, 2, 1, 0]])
def test_a_removed_moved_or_repeated_line_is_found(log: Path, order: list[int]) -> None:
    rewritten(log, [lines(log)[number] for number in order])
    with pytest.raises(IntegrityError):
        verify(log)


def test_a_line_that_is_no_entry_is_found(log: Path) -> None:
    rewritten(log, [*lines(log), "{}"])
    with pytest.raises(IntegrityError, match="line 5"):
        verify(log)
    with pytest.raises(IntegrityError, match="line 5"):
        append(log, "run", "mary")


@pytest.mark.parametrize("cut", [1, 10, 60])
def test_a_line_cut_off_by_a_power_cut_does_not_count_and_is_replaced(log: Path, cut: int) -> None:
    whole = log.read_bytes()
    unfinished = lines(log)[3].encode()[:-cut]
    log.write_bytes("\n".join(lines(log)[:3]).encode() + b"\n" + unfinished)
    assert [entry.number for entry in verify(log)] == [1, 2, 3]
    append(log, "run", "mary")
    assert [entry.act for entry in verify(log)] == ["wave loaded"] * 3 + ["run"]
    assert log.read_bytes() != whole


def test_the_actor_is_the_systems_user_with_the_stated_name_beside_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("getpass.getuser", lambda: "mary")
    assert actor() == "mary" and actor("Dr Jones") == "mary as Dr Jones"


def test_a_system_that_knows_no_user_still_logs(monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody() -> str:
        raise KeyError("no user")

    monkeypatch.setattr("getpass.getuser", nobody)
    assert actor() == "unknown user"
