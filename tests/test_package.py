"""What is shipped: the wheel holds the code and the documents that run, and the promises about size and words hold."""

import subprocess
import sys
import tomllib
import zipfile

import pytest

from tests.conftest import REPOSITORY

SCRATCH = (".git", ".venv", ".setup", ".hypothesis", ".coverage*", "*_cache", "__pycache__", "*.egg-info", "dist", "build", "pilot-demo", ".truth")
"""What tools and `make` leave behind, by name."""


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


def test_every_package_in_the_wheel_says_that_it_is_typed(shipped: set[str]) -> None:
    assert {f"{package}/py.typed" for package in ("evaluation", "dashboards", "data_schemas", "protocols")} <= shipped


def test_a_source_distribution_holds_the_locks_and_what_sets_up_and_checks() -> None:
    included = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["hatch"]["build"]["targets"]["sdist"]["include"]
    assert {"requirements.lock", ".ci", "Makefile", "tests"} <= set(included)
    assert all((REPOSITORY / name).exists() for name in included)


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
    tops = {path.name for path in REPOSITORY.iterdir() if not any(path.match(scratch) for scratch in SCRATCH)}
    assert tops <= {"evaluation", "dashboards", "data_schemas", "protocols", "tests", "benchmarks", "docs", ".ci", "pyproject.toml", "README.md",
                    "Makefile", "CHANGELOG.md", "CONTRIBUTING.md", "LICENSE", "requirements.lock", ".gitignore"}
