"""Every trap is refused, read or recognised, as it says; nothing of a refused file is stored and no identifier is repeated."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from evaluation.errors import UsageError, WaveError
from evaluation.organisations.register import read_register
from evaluation.protocol.documents import read_documents
from evaluation.simulate.files import TrapFile, simulate, simulate_trap
from evaluation.simulate.traps import TRAPS, Expect
from evaluation.study import Study
from evaluation.waves.collect import Collected, collect
from evaluation.waves.made_up import refuse_unlisted
from evaluation.waves.store import load, version
from tests.studies import tiny_study

Caught = tuple[Study, TrapFile, Callable[[], Collected]]


def catch(tmp_path: Path, name: str) -> Caught:
    study = Study(tiny_study(tmp_path))
    made = simulate_trap(study, tmp_path / "traps", 1, name)
    documents = read_documents(study.root)

    def read() -> Collected:
        return collect(documents, read_register(documents), made.file.path, wave=made.file.wave, population=made.file.population)

    return study, made, read


@pytest.mark.parametrize("name", [name for name, trap in TRAPS.items() if trap.expect is Expect.REFUSED])
def test_a_file_with_this_fault_is_refused_with_a_reason_and_a_remedy(tmp_path: Path, name: str) -> None:
    """Faults are those of the list of bad inputs, rows 1 to 5, 7, 9, 12 to 24, 29 and 30."""
    study, _, read = catch(tmp_path, name)
    with pytest.raises(WaveError) as refused:
        read()
    assert all(problem.what and problem.fix for problem in refused.value.problems)
    assert version(study) == {}


@pytest.mark.parametrize("name", [name for name, trap in TRAPS.items() if trap.expect is Expect.READ])
def test_a_file_that_only_looks_odd_is_read(tmp_path: Path, name: str) -> None:
    _, made, read = catch(tmp_path, name)
    assert read().receipt.kept == made.file.rows


@pytest.mark.parametrize("before", [True, False], ids=["after a simulation", "on its own"])
def test_a_trap_and_the_file_beside_it_are_listed_as_simulated(tmp_path: Path, before: bool) -> None:
    study = Study(tiny_study(tmp_path / "study"))
    earlier = simulate(study, tmp_path / "files", 1).files if before else ()
    made = simulate_trap(study, tmp_path / "traps", 2, "shuffled")
    assert made.honest is not None
    for file in (*earlier, made.file, made.honest):
        refuse_unlisted(study, file.path)
    assert json.loads(study.simulated_file.read_bytes())["seed"] == (1 if before else 2)


def test_shuffled_rows_are_recognised_as_already_loaded(tmp_path: Path) -> None:
    """List of bad inputs, row 27."""
    study, made, read = catch(tmp_path, "shuffled")
    documents = read_documents(study.root)
    honest = made.honest
    assert honest is not None and honest.path.read_bytes() != made.file.path.read_bytes()
    first = collect(documents, read_register(documents), honest.path, wave=honest.wave, population=honest.population)
    load(study, first, actor="tester")
    assert load(study, read(), actor="tester").already_loaded


def test_identifiers_are_refused_without_being_repeated(tmp_path: Path) -> None:
    """List of bad inputs, row 29."""
    _, _, read = catch(tmp_path, "identifiers")
    with pytest.raises(WaveError) as refused:
        read()
    assert "nowhere.example" not in str(refused.value)


def test_an_unknown_trap_is_refused_with_the_nearest_name(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="did you mean 'shuffled'"):
        catch(tmp_path, "shufled")
