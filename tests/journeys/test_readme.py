"""The tour in the README, run line by line as a newcomer would."""

import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY
from tests.journeys.line import pilot
from tests.journeys.reading import commands


def test_the_tour_runs_line_by_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    tour = commands(REPOSITORY / "README.md")
    assert len(tour) > 8
    for line in tour:
        program, *words = shlex.split(line)
        done = pilot(*words)
        assert (program, done.code) == ("pilot", 0), f"{line}\n{done.out}\n{done.err}"
        assert "Traceback" not in done.err, line


def test_the_installed_command_answers(tmp_path: Path) -> None:
    """The tour above calls the same function that this command does."""
    command = [Path(sys.executable).parent / "pilot", "--version"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120, check=True)
    assert done.stdout.startswith("pilot ") and not done.stderr
