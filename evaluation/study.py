"""A study folder on disk: a value that says where things lie, and the lock that lets one process write.

The lock is a file made by exclusive creation, so it works alike on Linux, macOS and Windows, and on disks that know no links.
It names its holder; the lock of a process that has died is taken over.
"""

import json
import os
import socket
import stat
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from evaluation.errors import BusyError, MachineError, UsageError

_WAIT = 0.6
"""Seconds a writer waits for the lock before it says who holds it."""
_LEFT_AFTER = 60.0
"""Seconds after which a half-made lock is taken to be left by a process that died."""
_UNREADABLE_AFTER = 5.0
"""Seconds after which a lock that names no holder, as other programs may make one, is taken to be left behind."""


@dataclass(frozen=True)
class Study:
    """Where things lie in a study. Making one reads nothing; `Study.open` checks that it is a study."""

    root: Path

    def __post_init__(self) -> None:
        object.__setattr__(self, "root", Path(self.root))

    @classmethod
    def open(cls, path: str | Path) -> Self:
        """The study in folder `path`.

        Raises:
            UsageError: the folder is not there, or has no protocol.yaml.
        """
        root = Path(path)
        if not root.is_dir():
            raise UsageError(f"there is no folder '{path}'.", fix="name the folder of a study, or start one with 'pilot new'.")
        study = cls(root)
        if not study.protocol_file.is_file():
            raise UsageError(
                f"'{path}' is not a study: it has no protocol.yaml.",
                fix="name the folder of a study, or start one with 'pilot new'.",
            )
        return study

    @property
    def name(self) -> str:
        """The folder's name, as messages write it."""
        return self.root.resolve().name

    @property
    def protocol_file(self) -> Path:
        """The plan."""
        return self.root / "protocol.yaml"

    @property
    def instruments(self) -> Path:
        """Questionnaires."""
        return self.root / "instruments"

    @property
    def mappings(self) -> Path:
        """How suppliers' files are read."""
        return self.root / "mappings"

    @property
    def policies(self) -> Path:
        """Policies of the study's own."""
        return self.root / "policies"

    @property
    def inbox(self) -> Path:
        """Files as received, outside the store."""
        return self.root / "inbox"

    @property
    def store(self) -> Path:
        """Stored responses, every load one version."""
        return self.root / "store"

    @property
    def evidence(self) -> Path:
        """Kept sums: a cache that may be deleted."""
        return self.root / "evidence"

    @property
    def results(self) -> Path:
        """Immutable results."""
        return self.root / "results"

    @property
    def releases(self) -> Path:
        """Protected cells and findings: all that the board's site reads."""
        return self.root / "releases"

    @property
    def frozen(self) -> Path:
        """Sealed plans."""
        return self.root / "frozen"

    @property
    def audit_file(self) -> Path:
        """The hash-chained log of acts."""
        return self.root / "audit.jsonl"

    @property
    def lock_file(self) -> Path:
        """There while a process writes."""
        return self.root / ".lock"

    @property
    def simulated_file(self) -> Path:
        """There when all data of the study are simulated."""
        return self.root / "simulated.json"


@dataclass(frozen=True)
class Holder:
    """The process that holds a lock: what it does, since when, and enough to tell whether it still lives."""

    pid: int
    host: str
    started: str
    act: str
    since: str
    token: str

    def __str__(self) -> str:
        return f"'{self.act}' (process {self.pid} on {self.host}, since {self.since})"


@contextmanager
def writing(study: Study, act: str, *, wait: float = _WAIT) -> Iterator[None]:
    """Hold the study's lock while `act` writes; other writers are told who holds it.

    Not re-entrant: an act that holds the lock calls functions that expect it held, never another `writing`.

    Args:
        study: the study.
        act: what is done, for whoever finds the study busy.
        wait: seconds to stand in line; an erasure queues behind a load, everything else is told at once.

    Raises:
        BusyError: another process holds the lock for longer than `wait` seconds; names the process and its act.
        MachineError: the folder cannot be written to.
    """
    with holding(study.lock_file, act, wait=wait):
        yield


@contextmanager
def holding(file: Path, act: str, *, what: str = "the study", wait: float = _WAIT) -> Iterator[None]:
    """Hold a lock file for the time of `act`, as `writing` does; `what` it guards is for the refusal."""
    mine = _myself(act)
    _acquire(file, mine, what, wait)
    try:
        yield
    finally:
        found = _read(file)
        if found is not None and found.token == mine.token:
            file.unlink(missing_ok=True)


def _acquire(file: Path, mine: Holder, what: str, wait: float) -> None:
    until = time.monotonic() + wait
    while not (_create(file, mine) or _take_over(file, mine)):
        if time.monotonic() > until:
            raise _busy(file, what)
        time.sleep(0.03)
    _sweep(file)


def _busy(file: Path, what: str) -> BusyError:
    holder = _read(file)
    held = f"held by {holder}" if holder else "its lock names no holder yet"
    return BusyError(
        f"{what} is busy: {held}.",
        where=str(file),
        fix="wait until it is done. If that computer no longer runs it, delete the lock file and try again.",
    )


def _create(file: Path, mine: Holder) -> bool:
    """Make the lock if there is none; the operating system lets one process win, and the lock names it from its first moment."""
    if file.exists():
        return False
    draft = file.with_name(f"{file.name}.{mine.token}")
    try:
        draft.write_bytes(json.dumps(asdict(mine)).encode())
        put_in_place(draft, file)
    except FileExistsError:
        return False
    except OSError as error:
        if sys.platform == "win32" and isinstance(error, PermissionError):
            return False
        raise MachineError(
            f"cannot write to the study's folder: {error.strerror}.",
            where=str(file.parent),
            fix="check the folder's permissions and free space.",
        ) from error
    finally:
        with suppress(OSError):
            draft.unlink(missing_ok=True)
    return True


def put_in_place(draft: Path, file: Path) -> None:
    """Give what is written in `draft` the name `file` at one stroke, unless that name is taken; the draft may stay.

    Where a file cannot have two names (exFAT, some network folders) it is written under its own: still one process wins, but a
    reader may meet it before it is whole.

    Raises:
        FileExistsError: the name is taken.
        OSError: the computer refused; nothing is left under the name.
    """
    if os.name == "nt":
        draft.rename(file)
        return
    try:
        os.link(draft, file)
    except FileExistsError:
        raise
    except OSError:
        _write_new(file, draft.read_bytes(), stat.S_IMODE(draft.stat().st_mode))


def _write_new(file: Path, content: bytes, mode: int) -> None:
    with os.fdopen(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, mode), "wb") as stream:
        try:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        except OSError:
            file.unlink(missing_ok=True)
            raise


def _sweep(file: Path) -> None:
    """Take away what processes that died while they made the lock left beside it."""
    for draft in file.parent.glob(f"{file.name}.*"):
        with suppress(OSError):
            if time.time() - draft.stat().st_mtime > _LEFT_AFTER:
                draft.unlink()


def _take_over(file: Path, mine: Holder) -> bool:
    """Replace the lock of a dead process; one heir at a time, and only while the lock is still the dead one's."""
    if not _is_abandoned(file):
        return False
    heir = file.with_name(file.name + ".heir")
    with suppress(OSError):
        if time.time() - heir.stat().st_mtime > 60:
            heir.unlink()
    if not _create(heir, mine):
        return False
    if not _is_abandoned(file):
        heir.unlink(missing_ok=True)
        return False
    try:
        heir.replace(file)
    except PermissionError:
        heir.unlink(missing_ok=True)
        return False
    return True


def _is_abandoned(file: Path) -> bool:
    holder = _read(file)
    if holder is None:
        with suppress(OSError):
            return time.time() - file.stat().st_mtime > _UNREADABLE_AFTER
        return False
    if holder.host != socket.gethostname():
        return False
    return not _is_running(holder.pid) or holder.started != _start_of(holder.pid)


def _read(file: Path) -> Holder | None:
    try:
        return Holder(**json.loads(file.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def _myself(act: str) -> Holder:
    now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    return Holder(os.getpid(), socket.gethostname(), _start_of(os.getpid()), act, now, uuid.uuid4().hex)


def _start_of(pid: int) -> str:
    """When the process started, in the system's own clock ticks; empty where the system does not say."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()[19]
    except (OSError, IndexError):
        return ""


def _is_running(pid: int) -> bool:
    if sys.platform == "win32":
        import ctypes

        still_active, code = 259, ctypes.c_ulong()
        handle = ctypes.windll.kernel32.OpenProcess(0x1000, False, pid)
        known = ctypes.windll.kernel32.GetExitCodeProcess(handle, ctypes.byref(code))
        ctypes.windll.kernel32.CloseHandle(handle)
        return bool(known) and code.value == still_active
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
