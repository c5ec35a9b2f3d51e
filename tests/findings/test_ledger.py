"""The ledger of results. Source: the command-line contract (ids of ten hex digits, numbers, equal content keeps its number)."""

import json
import stat
from pathlib import Path

import pytest

from evaluation.errors import IntegrityError, MachineError, UsageError
from evaluation.findings import ledger

CONTENT = {"plan": "abc", "estimate": 0.1 + 0.2, "rows": [1, None, "x"]}
HOW = {"code": "0.1.0"}


def test_an_id_is_ten_hex_digits_of_the_canonical_content() -> None:
    assert ledger.canonical({"b": 1, "a": 0.5}) == '{"a":0.5,"b":1}'
    assert ledger.id_of(CONTENT) == ledger.id_of(dict(reversed(CONTENT.items())))
    assert len(ledger.id_of(CONTENT)) == 12 and ledger.id_of(CONTENT).startswith("r-")


def test_the_last_bits_of_a_number_make_no_new_result() -> None:
    assert ledger.id_of(CONTENT) == ledger.id_of({**CONTENT, "estimate": 0.3})
    assert ledger.id_of(CONTENT) != ledger.id_of({**CONTENT, "estimate": 0.30000001})


def test_results_are_numbered_and_equal_content_keeps_its_number(tmp_path: Path) -> None:
    first = ledger.keep(tmp_path, CONTENT, HOW)
    second = ledger.keep(tmp_path, {**CONTENT, "plan": "other"}, HOW)
    again = ledger.keep(tmp_path, CONTENT, {"code": "0.2.0"})
    assert (first.number, second.number, again.number) == ("R-0001", "R-0002", "R-0001")
    assert again.environment == HOW
    newest = ledger.latest(tmp_path)
    assert newest is not None and newest.number == "R-0002"


def test_a_result_is_found_by_id_and_by_number(tmp_path: Path) -> None:
    kept = ledger.keep(tmp_path, CONTENT, HOW)
    assert ledger.find(tmp_path, kept.id) == ledger.find(tmp_path, "R-0001") == kept
    with pytest.raises(UsageError, match="no result 'R-0009'"):
        ledger.find(tmp_path, "R-0009")


@pytest.mark.parametrize("part", ["content", "environment", "id", "number"])
def test_a_changed_result_is_refused(tmp_path: Path, part: str) -> None:
    file = ledger.keep(tmp_path, CONTENT, HOW).file
    record = json.loads(file.read_text())
    record[part] = {**record[part], "added": 1} if isinstance(record[part], dict) else "r-0000000000"
    file.write_text(json.dumps(record))
    with pytest.raises(IntegrityError, match="not what was written"):
        ledger.find(tmp_path, "R-0001")


def test_a_kept_result_may_be_deleted_with_its_study(tmp_path: Path) -> None:
    """A file without write permission cannot be removed on Windows, so that no demo could be built anew; the hashes guard it."""
    assert ledger.keep(tmp_path, CONTENT, HOW).file.stat().st_mode & stat.S_IWUSR


def test_a_result_that_cannot_be_written_leaves_the_ledger_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ledger.keep(tmp_path, CONTENT, HOW)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(ledger.os, "fsync", full)
    with pytest.raises(MachineError, match="No space left"):
        ledger.keep(tmp_path, {**CONTENT, "plan": "other"}, HOW)
    assert [path.name for path in tmp_path.iterdir()] == ["R-0001"]


def test_what_is_no_number_is_kept_as_null(tmp_path: Path) -> None:
    kept = ledger.keep(tmp_path, {"estimate": float("nan")}, HOW)
    assert kept.content == {"estimate": None}
