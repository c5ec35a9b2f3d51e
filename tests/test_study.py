"""A study knows where things lie, and lets one process write."""

import errno
import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from evaluation.errors import BusyError, MachineError, UsageError
from evaluation.study import Study, writing
from tests.studies import tiny_study


@pytest.fixture
def study(tmp_path: Path) -> Study:
    return Study.open(tiny_study(tmp_path / "tiny"))


def dead_process() -> int:
    """The number of a process that has ended."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def left_behind(study: Study, **changes: object) -> None:
    holder = {
        "pid": dead_process(),
        "host": socket.gethostname(),
        "started": "1",
        "act": "run",
        "since": "then",
        "token": "t",
        **changes,
    }
    study.lock_file.write_text(json.dumps(holder))


def test_everything_of_a_study_lies_inside_its_folder(study: Study) -> None:
    names = [name for name, kind in vars(Study).items() if isinstance(kind, property) and name != "name"]
    places = {name: getattr(study, name) for name in names}
    assert len(set(places.values())) == len(places) == 13
    assert all(place.is_relative_to(study.root) for place in places.values())
    assert study.name == "tiny"


def test_a_folder_without_a_protocol_is_no_study(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is not a study"):
        Study.open(tmp_path)
    with pytest.raises(UsageError, match="there is no folder"):
        Study.open(tmp_path / "none")


def test_the_lock_is_there_while_an_act_writes_and_gone_after(study: Study) -> None:
    with writing(study, "run"):
        held = json.loads(study.lock_file.read_text())
        assert (held["pid"], held["act"], held["host"]) == (os.getpid(), "run", socket.gethostname())
    assert not study.lock_file.exists()


def test_the_lock_is_gone_after_an_act_that_failed(study: Study) -> None:
    with pytest.raises(RuntimeError), writing(study, "run"):
        raise RuntimeError
    assert not study.lock_file.exists()


def test_a_second_writer_is_told_within_a_second_who_holds_the_study(study: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    """A clock that only waiting moves, so that a busy machine does not decide."""
    waits: list[float] = []
    clock = SimpleNamespace(monotonic=lambda: sum(waits), sleep=waits.append, time=time.time)
    with writing(study, "wave load month_6 staff"):
        monkeypatch.setattr("evaluation.study.time", clock)
        with pytest.raises(BusyError) as caught, writing(study, "run"):
            pytest.fail("two writers at once")
    assert 0 < sum(waits) < 1
    (problem,) = caught.value.problems
    assert f"held by 'wave load month_6 staff' (process {os.getpid()} on {socket.gethostname()}, since" in problem.what
    assert caught.value.exit_code == 6


def test_a_writer_waits_for_one_that_is_nearly_done(study: Study) -> None:
    order = []

    def short() -> None:
        with writing(study, "short"):
            order.append("first")
            time.sleep(0.2)

    thread = threading.Thread(target=short)
    thread.start()
    while not order:
        time.sleep(0.005)
    with writing(study, "second"):
        order.append("second")
    thread.join()
    assert order == ["first", "second"]


def test_the_lock_of_a_process_that_died_is_taken_over(study: Study) -> None:
    left_behind(study)
    with writing(study, "run"):
        assert json.loads(study.lock_file.read_text())["pid"] == os.getpid()
    assert not list(study.root.glob(".lock*"))


def test_a_process_number_used_again_by_another_process_is_no_holder(study: Study) -> None:
    """Process numbers are handed out again; the start time tells the two apart."""
    left_behind(study, pid=os.getpid(), started="1")
    with writing(study, "run"):
        assert json.loads(study.lock_file.read_text())["token"] != "t"


def test_a_lock_from_another_computer_is_never_taken_over(study: Study) -> None:
    left_behind(study, host="another-computer")
    with pytest.raises(BusyError, match="another-computer"), writing(study, "run"):
        pytest.fail("took another computer's lock")
    assert study.lock_file.exists()


def test_a_lock_without_a_holder_is_respected_while_it_is_fresh_and_taken_over_when_old(study: Study) -> None:
    study.lock_file.write_text("")
    with pytest.raises(BusyError, match="names no holder"), writing(study, "run"):
        pytest.fail("took a lock that was being made")
    os.utime(study.lock_file, (time.time() - 60, time.time() - 60))
    with writing(study, "run"):
        pass


def test_an_heir_that_died_in_the_middle_does_not_block_for_ever(study: Study) -> None:
    left_behind(study)
    heir = study.lock_file.with_name(".lock.heir")
    heir.write_text("")
    with pytest.raises(BusyError), writing(study, "run"):
        pytest.fail("two heirs")
    os.utime(heir, (time.time() - 120, time.time() - 120))
    with writing(study, "run"):
        pass


def test_only_one_of_many_takes_over_a_dead_lock(study: Study) -> None:
    left_behind(study)
    inside, most, failed = [0], [0], []

    def act() -> None:
        try:
            with writing(study, "race"):
                inside[0] += 1
                most[0] = max(most[0], inside[0])
                time.sleep(0.01)
                inside[0] -= 1
        except BusyError as error:
            failed.append(error)

    threads = [threading.Thread(target=act) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most[0] == 1 and len(failed) < 8


def test_an_act_never_removes_a_lock_that_is_not_its_own(study: Study) -> None:
    with writing(study, "run"):
        left_behind(study, host="another-computer")
    assert study.lock_file.exists()


def test_a_folder_that_is_not_there_is_the_machines_fault(tmp_path: Path) -> None:
    with pytest.raises(MachineError) as caught, writing(Study(tmp_path / "none"), "run"):
        pytest.fail("wrote nowhere")
    assert caught.value.exit_code == 7


REFUSED = {
    "exFAT": errno.EPERM, "a network folder": errno.EOPNOTSUPP, "another device": errno.EXDEV, "a shared folder": errno.EACCES,
}  # fmt: skip


@pytest.mark.parametrize("disk", REFUSED)
def test_where_files_cannot_have_two_names_one_process_writes_all_the_same(
    disk: str, study: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_links(monkeypatch, REFUSED[disk])
    with writing(study, "wave load"):
        assert json.loads(study.lock_file.read_text())["act"] == "wave load"
        with pytest.raises(BusyError, match="held by 'wave load'"), writing(study, "run", wait=0.0):
            pytest.fail("two processes write")
    left_behind(study)
    with writing(study, "run"):
        assert json.loads(study.lock_file.read_text())["act"] == "run"
    assert not [path.name for path in study.root.iterdir() if path.name.startswith(".lock")]


def test_a_lock_that_the_disk_would_not_hold_leaves_nothing_that_stands_in_the_way(
    study: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_links(monkeypatch, errno.EPERM)
    with monkeypatch.context() as full:
        full.setattr("evaluation.study.os.fsync", refusing(errno.ENOSPC))
        with pytest.raises(MachineError, match="No space left"), writing(study, "run"):
            pytest.fail("the lock is not held")
    with writing(study, "run"):
        assert study.lock_file.exists()


def without_links(patch: pytest.MonkeyPatch, code: int) -> None:
    patch.setattr("evaluation.study.os.link", refusing(code))


def refusing(code: int) -> Callable[..., None]:
    def refuse(*_: object) -> None:
        raise OSError(code, os.strerror(code))

    return refuse


def test_the_lock_uses_no_call_that_only_posix_has() -> None:
    source = Path(sys.modules["evaluation.study"].__file__ or "").read_text(encoding="utf-8")
    assert "fcntl" not in source and "os.fork" not in source and 'sys.platform == "win32"' in source
