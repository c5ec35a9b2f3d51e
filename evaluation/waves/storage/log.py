"""The history of one population's table: what each commit says, and proof that nobody changed it since.

A load is three lines. The log of acts first says that it begins, then Delta Lake commits it, then the log of acts confirms it
with the SHA-256 of the commit's file. Readers see confirmed commits only. A commit that was begun and never confirmed is what
a crash leaves: readers pass over it, the next load settles it. A commit that nobody began was not written by this program.
"""

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from evaluation.audit_log import Entry, verify
from evaluation.errors import IntegrityError, PilotError, UsageError
from evaluation.study import Study
from evaluation.waves.storage.loading import BEGUN, GIVEN_UP, LOADED, NONCE, WITHDRAWING, WITHDRAWN, Load, load_of
from evaluation.waves.storage.locks import Lock, locks_of
from evaluation.waves.storage.rewritings import ERASED, REWRITTEN, Rewriting, rewritings

T = TypeVar("T")

_COMMIT = re.compile(r"^\d{20}\.json$")
_FOREIGN = re.compile(r"checkpoint|compacted")
"""Files that would make a reader pass over the commits whose hashes are known."""


@dataclass(frozen=True)
class Commit:
    """One commit of a table; `load` is None when it only made the table or widened it. `added` and `removed` name data files."""

    version: int
    load: Load | None
    added: frozenset[str] = frozenset()
    removed: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Log:
    """A table's commits, confirmed and not, as the log of acts tells them.

    Attributes:
        table: the table's folder.
        commits: confirmed, in order of version.
        hashes: SHA-256 of each confirmed commit's file, by name.
        open: nonces of loads that were begun and neither confirmed nor given up, with the hashes of their files.
        unconfirmed: commit files that such a load left.
        rewritings: times the whole table was made anew, in order; the last one names the folder it lies in.
        locks: waves that are locked.
        erasures: days on which a respondent of the population was erased, known or not, in order.
    """

    table: Path
    commits: tuple[Commit, ...]
    hashes: dict[str, str]
    open: dict[str, dict[str, str]]
    unconfirmed: tuple[Path, ...]
    rewritings: tuple[Rewriting, ...] = ()
    locks: Mapping[str, Lock] = field(default_factory=dict)
    erasures: tuple[str, ...] = ()

    @property
    def versions(self) -> tuple[int, ...]:
        """Versions that can be asked for: each load made one, and each rewriting."""
        return tuple(sorted([number for number, _ in self.loads] + [one.version for one in self.rewritings]))

    def erased(self, version: int) -> int:
        """Rows that version `version` once had and that were erased since."""
        return sum(one.erased.get(version, 0) for one in self.rewritings)

    @property
    def key_mark(self) -> str | None:
        """Mark of the key that the newest pseudonyms were made with; None where nobody has one."""
        return next((load.key for _, load in reversed(self.loads) if load.key), None)

    @property
    def loads(self) -> tuple[tuple[int, Load], ...]:
        """Confirmed loads with their versions, in order."""
        return tuple((commit.version, commit.load) for commit in self.commits if commit.load is not None)

    @property
    def places(self) -> frozenset[tuple[str, str]]:
        """Wave and organisation of everything that was loaded and not withdrawn since."""
        found: set[tuple[str, str]] = set()
        for _, load in self.loads:
            found -= {(load.wave, name) for name in load.withdrawn}
            found |= {(load.wave, name) for name in load.counts}
        return frozenset(found)


def read_log(study: Study, population: str) -> Log:
    """The verified history of a population's table; empty when nothing was loaded.

    Raises:
        IntegrityError: the log of acts or a commit was changed or is missing, or a commit is not ours; names the file.
    """
    return steady(study, lambda: log_of(study, population, verify(study.audit_file)))


def read_logs(study: Study) -> dict[str, Log]:
    """The histories of all populations that something was ever stored for; the log of acts is read once.

    Raises:
        IntegrityError: as `read_log`, for any of them.
    """
    return steady(study, lambda: _logs(study, verify(study.audit_file)))


def steady(study: Study, read: Callable[[], T]) -> T:
    """What `read` returns; it is asked again when it fails while the log of acts moves on, for tables may be made anew."""
    while True:
        before = _moment(study.audit_file)
        try:
            return read()
        except (PilotError, OSError):
            if _moment(study.audit_file) == before:
                raise


def _moment(file: Path) -> tuple[int, int] | None:
    """Size and time of change of the log of acts: another moment, other acts. None before the first."""
    try:
        found = file.stat()
    except FileNotFoundError:
        return None
    return found.st_size, found.st_mtime_ns


def _logs(study: Study, entries: Sequence[Entry]) -> dict[str, Log]:
    return {population: log_of(study, population, entries) for population in populations(study, entries)}


def log_of(study: Study, population: str, acts: Iterable[Entry]) -> Log:
    """What `read_log` gives, from acts of the log that were read and verified already; hold the lock, or be `steady`."""
    entries = [entry for entry in acts if entry.details.get("population") == population]
    made = rewritings(entries)
    table = study.store / (made[-1].table if made else population)
    listed = _listed(table)
    hashes = _confirmed(entries)
    begun = _open(entries)
    if not hashes and (strange := next(study.store.glob(f"{population}.*/_delta_log/*.json"), None)):
        raise _stranger(strange)
    commits = tuple(_verified(table, number, name, digest) for number, (name, digest) in enumerate(sorted(hashes.items())))
    unconfirmed = tuple(path for path in listed if path.name not in hashes)
    for path in unconfirmed:
        nonce = nonce_of(path)
        if not begun or (nonce is not None and nonce not in begun):
            raise _stranger(path)
    erasures = tuple(entry.when[:10] for entry in entries if entry.act == ERASED)
    return Log(table, commits, hashes, begun, unconfirmed, made, locks_of(entries), erasures)


def populations(study: Study, acts: Iterable[Entry]) -> tuple[str, ...]:
    """Populations that something was ever stored for, as acts and folders say, in the order of their first load."""
    named = [str(entry.details["population"]) for entry in acts if entry.act == LOADED]
    tables = sorted(path for path in study.store.iterdir() if path.is_dir()) if study.store.is_dir() else []
    found = [path.name.partition(".")[0] for path in tables]
    return tuple(dict.fromkeys([*named, *found]))


def parse_commit(path: Path) -> dict[str, Any]:
    """Custom metadata and the rest of a commit's `commitInfo`; ValueError or OSError when it cannot be read."""
    return _commit_info(_records(path.read_bytes()), path.name)


def _records(raw: bytes) -> list[dict[str, Any]]:
    return [json.loads(line) for line in raw.decode().splitlines()]


def _commit_info(records: Iterable[Mapping[str, Any]], name: str) -> dict[str, Any]:
    for record in records:
        if "commitInfo" in record:
            return dict(record["commitInfo"])
    raise ValueError(f"{name} holds no commitInfo")


def _files(records: Iterable[Mapping[str, Any]], act: str) -> frozenset[str]:
    """Names, without folders, of the data files that a commit adds or removes."""
    return frozenset(Path(record[act]["path"]).name for record in records if act in record)


def nonce_of(path: Path) -> str | None:
    """The nonce of the load that a commit belongs to; '' when it has none, None when the file cannot be read."""
    try:
        return str(parse_commit(path).get(NONCE, ""))
    except (ValueError, KeyError):
        return None


def sha256_of(path: Path) -> str:
    """SHA-256 of a file's bytes, in hexadecimal digits."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def named(path: Path) -> str:
    """A file of the store as messages write it: population, folder and name."""
    return path.as_posix().rpartition("/store/")[2]


def damaged(path: Path, how: str) -> IntegrityError:
    """The refusal to read a file that is not what was written."""
    return IntegrityError(
        f"the store is not what was written: {how}.",
        where=f"store/{named(path)}",
        fix="put the file back from a backup; 'pilot doctor STUDY' lists every damaged file.",
        code="damaged",
    )


def may_return(log: Log, population: str) -> tuple[str, ...]:
    """A note that files from before an erasure may hold the person still; none where nobody was erased.

    It counts acts, so that it does not tell whether somebody was known.
    """
    if not log.erasures:
        return ()
    count, last = len(log.erasures), log.erasures[-1]
    many = f"1 erasure was made on {last}" if count == 1 else f"{count:,} erasures were made, the last on {last}"
    again = "a file exported before may bring the person back; if it did, erase again with 'pilot wave erase'."
    return (f"of '{population}' {many}: {again}",)


def not_loaded(population: str, wave: str) -> UsageError:
    """The refusal to do something with a wave that nothing is stored of."""
    return UsageError(f"wave '{wave}' of '{population}' is not loaded.", fix="see 'pilot wave list STUDY'.", code="not-loaded")


def _listed(table: Path) -> list[Path]:
    folder = table / "_delta_log"
    present = sorted(folder.iterdir()) if folder.is_dir() else []
    for path in present:
        if _FOREIGN.search(path.name):
            raise _stranger(path)
    return [path for path in present if _COMMIT.match(path.name)]


def _confirmed(entries: Iterable[Entry]) -> dict[str, str]:
    hashes: dict[str, str] = {}
    for entry in entries:
        if entry.act in (LOADED, WITHDRAWN, GIVEN_UP):
            hashes.update(entry.details["commits"])
        elif entry.act == REWRITTEN:
            hashes = dict(entry.details["commits"])
    return hashes


def _open(entries: Iterable[Entry]) -> dict[str, dict[str, str]]:
    begun: dict[str, dict[str, str]] = {}
    for entry in entries:
        if entry.act in (BEGUN, WITHDRAWING):
            begun[entry.details["nonce"]] = entry.details["files"]
        elif entry.act in (LOADED, WITHDRAWN, GIVEN_UP):
            begun.pop(entry.details["nonce"], None)
    return begun


def _verified(table: Path, number: int, name: str, digest: str) -> Commit:
    path = table / "_delta_log" / name
    if not path.is_file():
        raise damaged(path, "a commit is missing")
    raw = path.read_bytes()
    if int(path.stem) != number or hashlib.sha256(raw).hexdigest() != digest:
        raise damaged(path, "a commit has changed since it was made")
    records = _records(raw)
    return Commit(number, load_of(_commit_info(records, name)), _files(records, "add"), _files(records, "remove"))


def _stranger(path: Path) -> IntegrityError:
    return IntegrityError(
        "the store holds a commit that no load of this study made.",
        where=f"store/{named(path)}",
        fix="take the file away if another program wrote it; if the log of acts was cut, put it back from a backup.",
        code="stranger",
    )
