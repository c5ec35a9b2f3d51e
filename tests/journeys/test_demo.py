"""`pilot demo`, from an empty folder to the board's pages; and that it harms nothing and asks nothing of the operating system."""

import ast
import json
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import NamedTuple

import pytest

from evaluation.cli import demo_study, serve
from evaluation.cli.main import main
from evaluation.release.publish import Release, read_release
from evaluation.study import Study
from evaluation.waves import store

POSIX_MODULES = {"fcntl", "grp", "pwd", "resource", "termios", "pty", "tty", "syslog", "posix", "crypt", "spwd"}
POSIX_CALLS = {
    "fork",
    "forkpty",
    "getuid",
    "geteuid",
    "setuid",
    "getpgid",
    "setsid",
    "mkfifo",
    "mknod",
    "chown",
    "killpg",
    "nice",
}


class Built(NamedTuple):
    study: Study
    release: Release
    said: str
    progress: str


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Built]:
    folder = tmp_path_factory.mktemp("demo")
    with pytest.MonkeyPatch.context() as patch:
        out, err = (folder / "out.txt").open("w+", encoding="utf-8"), (folder / "err.txt").open("w+", encoding="utf-8")
        patch.setattr(sys, "stdout", out)
        patch.setattr(sys, "stderr", err)
        assert main(["demo", str(folder / "pilot-demo"), "--no-serve"]) == 0
        for stream in (out, err):
            stream.seek(0)
        said, progress = out.read(), err.read()
        out.close()
        err.close()
    study = Study.open(folder / "pilot-demo")
    yield Built(study, read_release(study.releases / "preview"), said, progress)


def test_every_wave_is_loaded_with_late_answers_and_a_suppliers_file_among_them(built: Built) -> None:
    loads = store.loads(built.study)
    assert set(zip(loads["population"], loads["wave"], strict=True)) == {
        (population, wave) for population in ("staff", "patients", "public") for wave in ("baseline", "month_6", "month_12")
    }
    assert loads["mode"].value_counts().to_dict() == {"new": 9, "append": 1}
    assert (built.study.root / "answers" / "patients-month_6-harbour-light.xlsx").is_file()


def test_no_name_or_address_of_the_suppliers_file_reached_the_store_or_the_pages(built: Built) -> None:
    kept = [
        *built.study.store.rglob("*"),
        *built.study.results.rglob("*"),
        *built.study.releases.rglob("*"),
        built.study.audit_file,
    ]
    assert not [path for path in kept if path.is_file() and b"nowhere.example" in path.read_bytes()]


def test_the_main_finding_holds_the_truth_that_was_put_in(built: Built) -> None:
    main_finding = built.release.findings[0]
    assert main_finding.conf_low is not None and main_finding.conf_high is not None
    assert main_finding.conf_low <= 0.5 <= main_finding.conf_high


def test_pages_say_that_data_are_simulated_and_nothing_is_approved_or_frozen(built: Built) -> None:
    study = built.release.study
    assert study.simulated == "These organisations do not exist; the difference put into the simulation was 0.5 points."
    assert built.release.status == "preview" and study.frozen is None
    assert "Simulated data. These organisations do not exist" in built.said


def test_it_tells_progress_on_one_stream_and_what_it_found_on_the_other(built: Built) -> None:
    assert built.progress.splitlines()[0].startswith("[1/4] copying")
    assert "[4/4]" in built.progress and "[1/4]" not in built.said
    assert "Staff in pilot organisations see values lived" in built.said
    assert f"pilot serve {built.study.root}" in built.said


def test_its_own_folder_is_built_anew_and_keeps_nothing(built: Built, tmp_path: Path) -> None:
    study = Study(tmp_path / "pilot-demo")
    demo_study.prepare(study, 1)
    (study.root / "leftover.txt").write_text("from last time", encoding="utf-8")
    demo_study.prepare(study, 2)
    assert not (study.root / "leftover.txt").exists()
    assert json.loads((study.root / demo_study.MARKER).read_text(encoding="utf-8"))["seed"] == 2
    assert study.protocol_file.is_file() and not study.store.exists()


def test_another_folder_that_is_not_empty_is_left_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "thesis.txt").write_text("ten years of work", encoding="utf-8")
    assert main(["demo", str(tmp_path), "--no-serve"]) == 2
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]
    assert "nothing was touched" in capsys.readouterr().err


def test_the_folder_one_stands_in_is_not_built_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["demo", ".", "--no-serve"]) == 2


def test_a_port_that_is_taken_is_told_before_anything_is_built(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as taken:
        taken.bind((serve.HOST, 0))
        taken.listen()
        assert main(["demo", str(tmp_path / "pilot-demo"), "--port", str(taken.getsockname()[1])]) == 7
    assert not (tmp_path / "pilot-demo").exists()
    assert "already answers" in capsys.readouterr().err


def test_it_serves_the_preview_and_nothing_else(
    built: Built, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    served: list[tuple[Path, int]] = []
    found = SimpleNamespace(result_id=built.release.result_id, result_number=built.release.result_number)
    monkeypatch.setattr(demo_study, "build", lambda study, seed: (demo_study.SimulatedFiles((), seed, "Made up."), found))
    monkeypatch.setattr(demo_study, "told", lambda study, made, findings, address: "")
    monkeypatch.setattr(serve, "check_port", lambda port: None)
    monkeypatch.setattr(serve, "serve", lambda releases, port: served.append((releases, port)))
    assert main(["demo", str(built.study.root), "--port", "8051", "--json"]) == 0
    assert served == [(built.study.releases, 8051)]
    assert json.loads(capsys.readouterr().out)["address"] == "http://127.0.0.1:8051/"


def test_nothing_on_its_path_needs_more_than_windows_has(built: Built) -> None:
    """Modules and calls that only POSIX systems have; loaded modules of this program are searched, however they came in."""
    wanting = []
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None)
        if name.partition(".")[0] not in {"evaluation", "dashboards", "protocols", "data_schemas"} or not file:
            continue
        for node in ast.walk(ast.parse(Path(file).read_text(encoding="utf-8"))):
            imported = {alias.name for alias in node.names} if isinstance(node, ast.Import) else set()
            imported |= {str(node.module)} if isinstance(node, ast.ImportFrom) else set()
            called = (
                {node.attr}
                if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "os"
                else set()
            )
            wanting += [f"{name}: {word}" for word in (imported & POSIX_MODULES) | (called & POSIX_CALLS)]
    assert not wanting
