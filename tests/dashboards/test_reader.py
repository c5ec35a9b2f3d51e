"""The site opens one file of a study, reads it anew when it changes, and keeps the last good one."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dashboards.app import create
from dashboards.reader import Reader
from evaluation.release.publish import write_release
from tests.dashboards.sample import release

OPENED: list[str] = []
WATCHING: list[bool] = []


def _note(event: str, args: tuple[object, ...]) -> None:
    if WATCHING and event in ("open", "os.listdir", "os.scandir", "sqlite3.connect"):
        OPENED.append(str(args[0]))


sys.addaudithook(_note)


@contextmanager
def watched() -> Iterator[list[str]]:
    OPENED.clear()
    WATCHING.append(True)
    try:
        yield OPENED
    finally:
        WATCHING.clear()


def test_nothing_of_a_study_is_opened_but_its_release(tmp_path: Path) -> None:
    """Disclosure rule: the web process reads releases only; seen by Python's own audit events."""
    (tmp_path / "store").mkdir()
    (tmp_path / "store" / "answers.parquet").write_bytes(b"never")
    write_release(release(), tmp_path / "releases" / "preview" / "release.json")
    with watched() as opened:
        browser = create(tmp_path / "releases").server.test_client()
        for path in ("/", "/data/findings.csv", "/data/cells/lived_values.csv", "/data/protocol.yaml", "/health"):
            assert browser.get(path, headers={"Host": "127.0.0.1"}).status_code == 200
        of_the_study = {path for path in opened if path.startswith(str(tmp_path))}
    assert of_the_study == {str(tmp_path / "releases" / "preview" / "release.json")}


def test_no_release_yet(tmp_path: Path) -> None:
    shelf = Reader(tmp_path).read()
    assert shelf.release is None
    assert shelf.trouble == "No result has been prepared yet."


def test_a_new_release_is_read_without_a_restart(tmp_path: Path) -> None:
    file = tmp_path / "preview" / "release.json"
    reader = Reader(tmp_path)
    reader.read()
    write_release(release(), file)
    first = reader.read().release
    assert first is not None and first.result_number == "R-0042"
    assert reader.read().release is first

    def renumbered(made: dict) -> None:
        made["result_number"] = "R-00043"

    write_release(release(renumbered), file)
    second = reader.read().release
    assert second is not None and second.result_number == "R-00043"


def test_a_release_that_cannot_be_read_leaves_the_last_one_with_a_warning(tmp_path: Path) -> None:
    file = tmp_path / "preview" / "release.json"
    write_release(release(), file)
    reader = Reader(tmp_path)
    reader.read()
    file.write_text('{"format": 2}', encoding="utf-8")
    shelf = reader.read()
    assert shelf.release is not None
    assert shelf.trouble.startswith("The newest result cannot be read.")


def test_a_broken_first_release_is_told_apart_from_none(tmp_path: Path) -> None:
    (tmp_path / "preview").mkdir()
    (tmp_path / "preview" / "release.json").write_text("{", encoding="utf-8")
    assert Reader(tmp_path).read().trouble == "The result is there but cannot be read."
