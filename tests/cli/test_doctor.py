"""`pilot doctor`: what it looks at, and that one changed byte anywhere in the store ends it with four."""

import json
import os
from pathlib import Path

import pytest

from evaluation.cli.examination import LIBRARIES, installed_size
from evaluation.cli.main import main
from evaluation.study import Study
from evaluation.waves import store
from evaluation.waves.people.keys import key_file
from tests.waves.storing import ACTOR, arriving, study_in, tree

Told = pytest.CaptureFixture[str]


@pytest.fixture
def study(tmp_path: Path, own_key: Path) -> Study:
    study = study_in(tmp_path)
    store.load(study, arriving(study, "baseline"), actor=ACTOR)
    return study


def test_this_computer_alone_is_looked_at_without_a_study(capsys: Told) -> None:
    assert main(["doctor", "--json"]) == 0
    record = json.loads(capsys.readouterr().out)
    assert record["computer"]["engine"].endswith("answers")
    assert set(record["program"]["libraries"]) == set(LIBRARIES)
    assert record["problems"] == []


def test_the_size_counts_each_needed_package_once() -> None:
    packages, size = installed_size()
    assert packages > 30
    assert 2e8 < size < 3e9


def test_a_study_in_order_is_said_to_be(study: Study, capsys: Told) -> None:
    before = tree(study.root)
    assert main(["doctor", str(study.root)]) == 0
    told = capsys.readouterr().out
    assert "not yet frozen" in told
    assert "staff version 1; 1 file" in told
    assert told.endswith("All in order.\n")
    assert tree(study.root) == before


def test_one_changed_byte_in_the_store_is_named_and_ends_with_four(study: Study, capsys: Told) -> None:
    (path,) = store.responses(study, "staff").files
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(bytes(content))
    assert main(["doctor", str(study.root)]) == 4
    told = capsys.readouterr().out
    assert "NOT IN ORDER: the store is not what was written: a data file has changed" in told
    assert path.name in told


def test_a_changed_log_and_a_broken_document_are_both_told(study: Study, capsys: Told) -> None:
    study.audit_file.write_bytes(study.audit_file.read_bytes().replace(b'"rows": 48', b'"rows": 49'))
    study.protocol_file.write_text("protocol: [", encoding="utf-8")
    assert main(["doctor", str(study.root), "--json"]) == 4
    record = json.loads(capsys.readouterr().out)
    assert "NOT IN ORDER" in record["study"]["documents"]
    assert "NOT IN ORDER" in record["study"]["log of acts"]
    assert any("line 3" in problem["where"] for problem in record["problems"])


@pytest.mark.skipif(os.name != "posix", reason="file modes are a POSIX matter")
def test_a_key_that_others_may_read_ends_with_seven(study: Study, capsys: Told) -> None:
    key_file().chmod(0o644)
    assert main(["doctor", str(study.root)]) == 7
    assert f"chmod 600 {key_file()}" in capsys.readouterr().out


def test_a_missing_key_is_told_to_whoever_will_need_it(study: Study, capsys: Told) -> None:
    key_file().unlink()
    assert main(["doctor", str(study.root)]) == 0
    assert "not there; no further wave can be loaded without it" in capsys.readouterr().out


def test_a_missing_browser_is_no_fault(monkeypatch: pytest.MonkeyPatch, capsys: Told) -> None:
    monkeypatch.setenv("BROWSER_PATH", "nowhere")
    assert main(["doctor"]) == 0
    assert "no Chromium found" in capsys.readouterr().out
