"""What is shipped: the wheel holds the code and the documents that run, and the promises about size and words hold."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    target = tmp_path_factory.mktemp("wheel")
    subprocess.run([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(target)], cwd=REPOSITORY, check=True, capture_output=True)
    (wheel,) = target.glob("pilot_evaluation-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def test_every_document_that_runs_is_in_the_wheel(shipped: set[str]) -> None:
    documents = [path for folder in ("protocols", "data_schemas", "dashboards/assets") for path in (REPOSITORY / folder).rglob("*")
                 if path.is_file() and path.suffix in {".yaml", ".csv", ".json", ".css", ".js", ".md"}]
    assert documents
    assert {path.relative_to(REPOSITORY).as_posix() for path in documents} <= shipped


def test_nothing_but_the_four_packages_is_in_the_wheel(shipped: set[str]) -> None:
    tops = {name.split("/")[0] for name in shipped if ".dist-info/" not in name}
    assert tops == {"evaluation", "dashboards", "data_schemas", "protocols"}


def test_locks_hold_hashes_and_no_addresses() -> None:
    for lock in (REPOSITORY / "requirements.lock", *sorted((REPOSITORY / ".ci").glob("*.lock"))):
        text = lock.read_text(encoding="utf-8")
        assert "://" not in text, lock.name
        entries = [line for line in text.splitlines() if "==" in line and not line.startswith(" ")]
        assert entries
        assert text.count("--hash=sha256:") >= len(entries), lock.name


def test_the_readme_is_short_and_shows_a_picture() -> None:
    text = (REPOSITORY / "README.md").read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 150
    assert "docs/pictures/summary.png" in text
    assert (REPOSITORY / "docs" / "pictures" / "summary.png").is_file()


def test_the_top_level_holds_the_agreed_rooms_only() -> None:
    listed = subprocess.run(["git", "ls-files"], cwd=REPOSITORY, capture_output=True, text=True, check=True).stdout.split()
    tops = {Path(name).parts[0] for name in listed}
    assert tops <= {"evaluation", "dashboards", "data_schemas", "protocols", "tests", "benchmarks", "docs", ".ci", "pyproject.toml", "README.md",
                    "Makefile", "CHANGELOG.md", "CONTRIBUTING.md", "LICENSE", "requirements.lock", ".gitignore"}
