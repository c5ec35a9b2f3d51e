"""The hash-chained log of acts: one JSON line an act, each carrying the hash of the line before.

A changed, removed or inserted line breaks the chain from there on. A last line without its line end was never finished
writing (power cut): it does not count, and the next act replaces it.
"""

import getpass
import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from evaluation.errors import IntegrityError

_START = "0" * 64


@dataclass(frozen=True)
class Entry:
    """One act: who did what when. `hash` is over all other fields, `previous` the hash of the entry before."""

    number: int
    when: str
    act: str
    actor: str
    details: dict[str, Any]
    previous: str
    hash: str


def actor(as_name: str | None = None) -> str:
    """The operating system's user, with the name given by `--as` beside it."""
    try:
        user = getpass.getuser()
    except (ImportError, KeyError, OSError):
        user = "unknown user"
    return f"{user} as {as_name}" if as_name else user


def person(actor: str) -> tuple[str, str]:
    """The operating system's user and the name that an actor gave, of which the name is the user's own where none was given."""
    user, _, name = actor.partition(" as ")
    return user, " ".join((name or user).split()).casefold()


def append(file: Path, act: str, actor: str, details: Mapping[str, Any] | None = None) -> str:
    """Write one act at the end of the log and return its hash, the new head. Hold the study's lock.

    Raises:
        IntegrityError: the last line of the log is not what was written.
        OSError: the computer refused; the act is not in the log.
    """
    kept, newest = _tail(file)
    body = {
        "number": newest.number + 1 if newest else 1,
        "when": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "act": act,
        "actor": actor,
        "details": json.loads(json.dumps(dict(details or {}))),  # as it is read back, where every key is text
        "previous": newest.hash if newest else _START,
    }
    head = _hash(body)
    line = (json.dumps({**body, "hash": head}, ensure_ascii=False) + "\n").encode()
    with file.open("r+b" if file.exists() else "wb") as stream:
        stream.truncate(kept)
        stream.seek(kept)
        try:
            stream.write(line)
            stream.flush()
            os.fsync(stream.fileno())
        except OSError:
            stream.truncate(kept)
            raise
    return head


def verify(file: Path) -> tuple[Entry, ...]:
    """All entries of the log, in order, after checking every link of the chain; none when there is no log.

    Raises:
        IntegrityError: a line was changed, removed or inserted; names the first such line.
    """
    entries: list[Entry] = []
    previous = _START
    for number, line in enumerate(_lines(file), start=1):
        entry = _entry(line)
        if entry is None or entry.number != number or entry.previous != previous or _hash(_body(entry)) != entry.hash:
            raise _broken(file, number)
        entries.append(entry)
        previous = entry.hash
    return tuple(entries)


def last(file: Path) -> Entry | None:
    """The newest act, None in a log that has none.

    Raises:
        IntegrityError: the last line of the log is not what was written.
    """
    return _tail(file)[1]


def head(file: Path) -> str:
    """Hash of the last entry; 64 zeros for a log that has none."""
    newest = last(file)
    return newest.hash if newest else _START


def _lines(file: Path) -> list[bytes]:
    """Finished lines. A whole entry followed by something else than a line end was finished and changed afterwards."""
    lines = file.read_bytes().split(b"\n") if file.exists() else [b""]
    if _entry(lines[-1][:-1]) is not None:
        raise _broken(file, len(lines))
    return lines[:-1]


def _tail(file: Path) -> tuple[int, Entry | None]:
    """Bytes up to the end of the last whole line, and that line's entry."""
    lines = _lines(file)
    if not lines:
        return 0, None
    entry = _entry(lines[-1])
    if entry is None or entry.number != len(lines) or _hash(_body(entry)) != entry.hash:
        raise _broken(file, len(lines))
    return sum(len(line) + 1 for line in lines), entry


def _entry(line: bytes) -> Entry | None:
    try:
        return Entry(**json.loads(line))
    except (ValueError, TypeError):
        return None


def _body(entry: Entry) -> dict[str, Any]:
    return {name: value for name, value in vars(entry).items() if name != "hash"}


def _hash(body: Mapping[str, Any]) -> str:
    text = json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _broken(file: Path, number: int) -> IntegrityError:
    return IntegrityError(
        f"the log of acts is not what was written: line {number} does not follow from the line before.",
        where=f"{file.name}, line {number}",
        fix="put back the log from a backup; nothing after this line can be relied on.",
    )
