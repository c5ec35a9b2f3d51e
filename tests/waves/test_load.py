"""The copy of a received file: there when its answers are, gone when they are not. Rows 40, 42 and 49 of the table of bad inputs."""

import errno
import os
from pathlib import Path

import pytest

from evaluation.errors import IntegrityError, MachineError, WaveError
from evaluation.study import Study
from evaluation.waves import arriving as arrivals
from evaluation.waves import load as loading
from evaluation.waves import store
from evaluation.waves.arriving import Arriving
from evaluation.waves.load import load_wave
from evaluation.waves.storage import write as store_write
from evaluation.waves.storage.read import read_rows
from tests.studies import tiny_wave
from tests.waves.storing import ACTOR, study_in, tree


@pytest.fixture
def study(tmp_path: Path) -> Study:
    return study_in(tmp_path)


@pytest.fixture
def arriving(study: Study) -> Arriving:
    return Arriving(tiny_wave(study.root.parent, "baseline", people=6), "baseline", "staff")


def full(*_: object, **__: object) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_a_file_that_changes_while_it_is_read_is_refused(
    study: Study, arriving: Arriving, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = loading.collect

    def collect_and_grow(*given: object, **named: object) -> object:
        found = real(*given, **named)  # type: ignore[arg-type]
        with arriving.file.open("a") as stream:
            stream.write("P1,P1-0099,Nursing,1,1,1,1,1\n")
        return found

    monkeypatch.setattr(loading, "collect", collect_and_grow)
    with pytest.raises(WaveError, match="the file changed while it was read"):
        load_wave(study, arriving, actor=ACTOR)
    assert list(study.inbox.iterdir()) == []
    assert not study.store.exists()


def test_a_disk_that_cannot_hold_the_copy_stores_nothing(
    study: Study, arriving: Arriving, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loading.shutil, "copyfileobj", full)
    with pytest.raises(MachineError, match="cannot keep a copy of the file: No space left on device"):
        load_wave(study, arriving, actor=ACTOR)
    assert list(study.inbox.iterdir()) == []
    assert not study.store.exists()


def test_the_copy_goes_when_the_answers_cannot_be_stored(
    study: Study, arriving: Arriving, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_write, "write", full)
    with pytest.raises(MachineError):
        load_wave(study, arriving, actor=ACTOR)
    assert tree(study.inbox) == {}


def test_the_copy_stays_when_only_the_confirmation_failed(study: Study, arriving: Arriving) -> None:
    with pytest.MonkeyPatch.context() as patch, pytest.raises(MachineError, match="could not be confirmed"):
        patch.setattr(store_write, "confirm", full)
        load_wave(study, arriving, actor=ACTOR)
    again = load_wave(study, arriving, actor=ACTOR)
    assert again.stored.already_loaded
    assert again.kept_as in {path.name for path in study.inbox.iterdir()}


def test_a_wave_that_cannot_be_set_beside_the_others_is_stored_and_a_note_says_so(
    study: Study, arriving: Arriving, monkeypatch: pytest.MonkeyPatch
) -> None:
    def damaged(*_: object) -> None:
        raise IntegrityError("a data file is missing.", where="store/staff")

    monkeypatch.setattr(loading, "beside_waves", damaged)
    found = load_wave(study, arriving, actor=ACTOR)
    assert found.stored.rows_added == 48 == len(read_rows(store.responses(study, "staff").files))
    assert found.notes[-1].startswith("the wave is stored, but could not be set beside the others: a data file is missing.")


def test_the_register_is_read_once_by_a_load(study: Study, arriving: Arriving, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[object] = []
    real = arrivals.read_register
    monkeypatch.setattr(arrivals, "read_register", lambda documents: read.append(documents) or real(documents))
    load_wave(study, arriving, actor=ACTOR)
    assert len(read) == 1


def test_the_same_answers_in_another_file_leave_no_second_copy(study: Study, arriving: Arriving) -> None:
    first = load_wave(study, arriving, actor=ACTOR)
    lines = arriving.file.read_text().splitlines()
    arriving.file.write_text("\n".join([lines[0], *reversed(lines[1:])]) + "\n")
    assert load_wave(study, arriving, actor=ACTOR).stored.already_loaded
    assert [path.name for path in study.inbox.iterdir()] == [first.kept_as]
    assert store.version(study) == {"staff": 1}
