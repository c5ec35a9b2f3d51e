"""One archive of a study, and the study back from it: everything that results are made of, nothing that names anybody.

A backup holds documents, the tables that the plan names, store, results, releases and log (`study_files`), and nothing else
that lies in the folder: no received file, wherever it lies, no kept evidence, no file that holds a key. What may name people
stays where it is deleted in time, what can be worked out again is, and what was left out is told. Its last 64 bytes are the
SHA-256 of all bytes before them, so that one flipped bit anywhere is found before anything is unpacked; a list inside gives
the SHA-256 of every file. A restored study is read through (log of acts, every commit, every stored byte) before it gets its
name.
"""

import hashlib
import json
import os
import shutil
import uuid
import zipfile
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import IO, Any

from evaluation.audit_log import append, head
from evaluation.errors import IntegrityError, MachineError, PilotError, UsageError
from evaluation.findings import ledger
from evaluation.protocol.documents import read_documents
from evaluation.protocol.study_files import StudyFiles, study_files
from evaluation.study import Study, writing
from evaluation.waves import store
from evaluation.waves.erase import BACKED_UP, RESTORED
from evaluation.waves.people.keys import key_file
from evaluation.waves.storage.settle import settle_all

FORM = 1
LIST = "backup.json"
_SEAL = 64
_CHUNK = 1 << 20


@dataclass(frozen=True)
class Backup:
    """What an archive holds: how many files and bytes, the log's last hash, and the SHA-256 that seals the archive.

    `left_out` counts files in the study's folder that are not in it, by the name of what they lie in.
    """

    file: Path
    files: int
    bytes: int
    head: str
    sha256: str
    left_out: Mapping[str, int]


def backup(study: Study, file: Path, *, actor: str) -> Backup:
    """Write one archive of the study; the study's lock is held, so that nothing moves while it is read.

    Raises:
        UsageError: there is a file of that name already, or it would lie inside the study.
        IntegrityError: what is stored is not what was written, a part of the study is a link to elsewhere, or a file of it holds
            a key: such a study is not backed up.
        ProtocolError: its documents cannot be read, so that nobody can say what belongs to it.
        BusyError: another process writes to the study.
        MachineError: there is no such folder, or the computer refused; no archive is left.
    """
    _check_place(study, file)
    protocol = read_documents(study.root).protocol
    draft = file.with_name(f".{file.name}.{uuid.uuid4().hex[:8]}")
    try:
        with writing(study, "backup"):
            settle_all(study, actor)
            found = study_files(study, protocol)
            _check(study)
            made = _write(study, found, _secrets(), draft)
            draft.replace(file)
            append(study.audit_file, BACKED_UP, actor, {"archive": made.sha256, "files": made.files, "head": made.head})
    except OSError as fault:
        raise _refused("written", file, fault) from fault
    finally:
        with suppress(OSError):
            draft.unlink(missing_ok=True)
    return replace(made, file=file)


def restore(file: Path, folder: Path, *, actor: str) -> Study:
    """The study that an archive holds, unpacked into `folder` once all of it is proven to be what was backed up.

    Raises:
        UsageError: there is no such archive, or the folder is there and not empty.
        IntegrityError: the archive, or the study in it, is not what was written; nothing is left of the attempt.
        MachineError: the computer refused; nothing is left of the attempt.
    """
    if not file.is_file():
        raise UsageError(f"there is no file '{file.name}'.", fix="name an archive that 'pilot backup' wrote.")
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError(f"'{folder.name}' is there already.", fix="name a new or empty folder.")
    folder = folder.resolve()
    draft = folder.with_name(f".{folder.name}.{uuid.uuid4().hex[:8]}")
    try:
        digest = _check_seal(file)
        draft.mkdir(parents=True)
        _unpack(file, draft)
        _check(Study(draft))
        append(Study(draft).audit_file, RESTORED, actor, {"archive": digest})
        if folder.exists():
            folder.rmdir()
        draft.rename(folder)
    except OSError as fault:
        raise _refused("restored", folder, fault) from fault
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return Study(folder)


def _refused(done: str, place: Path, fault: OSError) -> MachineError:
    said = f"the backup could not be {done}: {fault.strerror or fault}."
    return MachineError(said, where=str(place), fix="check free space and permissions.")


def _check(study: Study) -> None:
    """Read all of the study: log, store, results."""
    problems = store.rehash(study).problems
    if problems:
        raise IntegrityError(problems)
    list(ledger.all_results(study.results))


def _check_place(study: Study, file: Path) -> None:
    if file.exists():
        raise UsageError(f"'{file.name}' is there already; a backup never writes over a file.", fix="give it another name.")
    if file.resolve().is_relative_to(study.root.resolve()):
        raise UsageError("the backup would lie inside the study.", fix="write it elsewhere, best on another computer.")
    if not file.parent.is_dir():
        raise MachineError("there is no such folder.", where=str(file.parent), fix="make it, or name one that is there.")


def _secrets() -> tuple[bytes, ...]:
    """Every key in the file of keys, as it is written there."""
    file = key_file()
    return tuple(line.encode() for line in file.read_text(encoding="ascii").split()) if file.is_file() else ()


def _write(study: Study, found: StudyFiles, secrets: Sequence[bytes], draft: Path) -> Backup:
    """The archive under its draft's name; refused where a file of the study, also one that is left out, holds a key."""
    listed: dict[str, dict[str, Any]] = {}
    for path in found.others:
        if path.is_file() and not path.is_symlink():
            deque(_without_key(study, path, secrets), maxlen=0)
    with zipfile.ZipFile(draft, "x", zipfile.ZIP_DEFLATED, allowZip64=True) as archive:
        for path in found.belong:
            name = path.relative_to(study.root).as_posix()
            with archive.open(name, "w", force_zip64=True) as packed:
                listed[name] = _copy(_without_key(study, path, secrets), packed)
        record: dict[str, Any] = {"form": FORM, "study": study.name, "head": head(study.audit_file), "files": listed}
        record["made"] = datetime.now(UTC).isoformat(timespec="seconds")
        archive.writestr(LIST, json.dumps(record, indent=1, sort_keys=True))
        archive.comment = b"0" * _SEAL
    with draft.open("r+b") as sealed:
        digest = _digest(sealed, draft.stat().st_size - _SEAL)
        sealed.seek(-_SEAL, os.SEEK_END)
        sealed.write(digest.encode())
        sealed.flush()
        os.fsync(sealed.fileno())
    return Backup(draft, len(listed), draft.stat().st_size, record["head"], digest, found.counts())


def _without_key(study: Study, path: Path, secrets: Sequence[bytes]) -> Iterator[bytes]:
    """The pieces of a file; refused at the first that holds one of `secrets`, or ends one that began in the piece before."""
    edge, longest = b"", max(map(len, secrets), default=0)
    with path.open("rb") as stream:
        for piece in _pieces(stream):
            window = edge + piece
            if any(secret in window for secret in secrets):
                raise IntegrityError(
                    "a file of the study holds the key of its pseudonyms.",
                    where=path.relative_to(study.root).as_posix(),
                    fix="take the key out of the study; then change it: pilot wave rekey STUDY",
                )
            edge = window[max(len(window) - longest, 0) :]
            yield piece


def _pieces(stream: IO[bytes]) -> Iterator[bytes]:
    while piece := stream.read(_CHUNK):
        yield piece


def _copy(pieces: Iterable[bytes], target: IO[bytes]) -> dict[str, Any]:
    digest, size = hashlib.sha256(), 0
    for piece in pieces:
        digest.update(piece)
        target.write(piece)
        size += len(piece)
    return {"sha256": digest.hexdigest(), "bytes": size}


def _digest(stream: IO[bytes], size: int) -> str:
    digest = hashlib.sha256()
    stream.seek(0)
    while size > 0 and (chunk := stream.read(min(_CHUNK, size))):
        digest.update(chunk)
        size -= len(chunk)
    return digest.hexdigest()


def _check_seal(file: Path) -> str:
    size = file.stat().st_size - _SEAL
    with file.open("rb") as stream:
        digest = _digest(stream, size)
        stream.seek(max(size, 0))
        if size < 0 or stream.read() != digest.encode():
            raise _damaged(file, "its bytes are not those that were sealed")
    return digest


def _unpack(file: Path, folder: Path) -> None:
    try:
        with zipfile.ZipFile(file) as archive:
            listed = json.loads(archive.read(LIST))["files"]
            if sorted([LIST, *listed]) != sorted(archive.namelist()) or not all(map(_is_inside, listed)):
                raise _damaged(file, "it holds other files than it lists")
            for name, facts in listed.items():
                target = folder / name
                target.parent.mkdir(parents=True, exist_ok=True)
                with archive.open(name) as packed, target.open("xb") as out:
                    found = _copy(_pieces(packed), out)
                    out.flush()
                    os.fsync(out.fileno())
                if found != facts:
                    raise _damaged(file, f"'{name}' in it is not what was backed up")
    except (zipfile.BadZipFile, ValueError, KeyError, TypeError, EOFError) as fault:
        raise _damaged(file, "it cannot be read") from fault


def _is_inside(name: str) -> bool:
    parts = PurePosixPath(name).parts
    return bool(parts) and not PurePosixPath(name).is_absolute() and ".." not in parts and "\\" not in name and ":" not in name


def _damaged(file: Path, how: str) -> PilotError:
    return IntegrityError(
        f"the archive is not a whole backup: {how}.",
        where=file.name,
        fix="use another backup; nothing was restored.",
        code="backup-damaged",
    )
