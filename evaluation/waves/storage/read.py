"""Reading the store: one verified version of one population's rows, and the list of loads.

Every file is compared with the hash it was committed with before anybody reads it: a flipped bit in Parquet is otherwise a
silently wrong number. Rows that this room reads itself also pass Parquet's page checksums.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
from deltalake import DeltaTable
from deltalake.exceptions import DeltaError

from evaluation.audit_log import verify
from evaluation.errors import CannotRepeatError, IntegrityError, PilotError, Problem, WaveError
from evaluation.study import Study
from evaluation.waves.storage.loading import Load
from evaluation.waves.storage.log import Log, damaged, log_of, populations, read_log, read_logs, sha256_of, steady
from evaluation.waves.storage.rewritings import unfinished

Stored = Callable[[Sequence[str]], Iterable[pl.DataFrame]]
"""What reads some columns of a stored wave, piece by piece."""
LOAD_COLUMNS = ("population", "wave", "organisations", "rows", "version", "mode", "state", "hash", "when", "who", "reason")


@dataclass(frozen=True)
class Responses:
    """One population's rows at one version of the store.

    Attributes:
        population: whom the rows are from.
        version: the version of its table; later loads do not change what this value reads.
        files: Parquet files whose bytes are as committed; a file may lack columns that came with a later load.
        columns: all columns of the table, in canonical order.
    """

    population: str
    version: int
    files: tuple[Path, ...]
    columns: tuple[str, ...]


def responses(study: Study, population: str, version: int | None = None) -> Responses:
    """The verified rows of a population, as last loaded or as they were at `version`.

    Raises:
        WaveError: nothing was loaded for this population.
        CannotRepeatError: rows of this version were erased since; `remains` reads what is left of it.
        IntegrityError: a file of the store or the log of acts is not what was written, or there is no such version.
    """
    found, erased = remains(study, population, version)
    if erased:
        raise CannotRepeatError(population, found.version, erased)
    return found


def remains(study: Study, population: str, version: int | None = None) -> tuple[Responses, int]:
    """What is left of a version, verified, and how many rows were erased from it since; raises what `responses` raises."""
    return steady(study, lambda: at_version(study, population, log_of(study, population, verify(study.audit_file)), version))


def at_version(study: Study, population: str, log: Log, version: int | None = None) -> tuple[Responses, int]:
    """What `remains` gives, from a history that was read already; hold the lock, or be `steady`."""
    if not log.loads:
        raise WaveError(
            f"no wave of '{population}' has been loaded.",
            where=str(study.root),
            fix=f"load one: pilot wave load {study.root} FILE --wave W --population {population}",
        )
    known = log.versions
    version = known[-1] if version is None else version
    if version not in known:
        raise IntegrityError(
            f"the store of '{population}' has no version {version}.",
            where=f"store/{population}",
            fix=f"versions are {', '.join(map(str, known))}.",
        )
    hashes = {path: digest for number, load in log.loads if number <= version for path, digest in load.files.items()}
    files = _live(log, version)
    for path in files:
        check_file(log.table / path, hashes.get(path))
    columns = tuple(field.name for field in _open(log, version).schema().fields)
    return Responses(population, version, tuple(log.table / path for path in files), columns), log.erased(version)


def live_files(log: Log) -> dict[str, str]:
    """Data files of the newest confirmed version, by path in the table, with their hashes; none before the first load."""
    if not log.loads:
        return {}
    hashes = {path: digest for _, load in log.loads for path, digest in load.files.items()}
    return {path: hashes.get(path, "") for path in _live(log, log.commits[-1].version)}


def files_by_wave(log: Log) -> dict[str, dict[str, str]]:
    """The same data files wave by wave: a file holds rows of one wave. A wave that was withdrawn whole is as if never loaded."""
    found: dict[str, dict[str, str]] = {}
    loaded = {wave for wave, _ in log.places}
    for path, digest in live_files(log).items():
        wave = path.partition("/")[0].removeprefix("wave=")
        if wave in loaded:
            found.setdefault(wave, {})[path] = digest
    return found


def checked_rows(log: Log, files: Mapping[str, str], columns: Sequence[str] | None = None) -> pl.DataFrame:
    """Rows of data files, by path in the table, that are what was written, as `read_rows` gives them."""
    for path, digest in files.items():
        check_file(log.table / path, digest)
    return read_rows([log.table / path for path in files], columns)


def checked_pieces(log: Log, files: Mapping[str, str], columns: Sequence[str]) -> Iterator[pl.DataFrame]:
    """The same rows piece by piece, so that memory does not go with the length of a wave; a piece may lack columns."""
    for path, digest in files.items():
        check_file(log.table / path, digest)
        yield from _pieces(log.table / path, columns)


def read_rows(paths: Iterable[Path], columns: Sequence[str] | None = None) -> pl.DataFrame:
    """Rows of data files, their page checksums verified; a column that only some files have is null in the others."""
    tables = [piece for path in paths for piece in _pieces(path, columns)]
    return pl.concat(tables, how="diagonal", rechunk=True) if tables else pl.DataFrame()


def version(study: Study) -> dict[str, int]:
    """The newest version of every population that has rows."""
    return {population: log.versions[-1] for population, log in read_logs(study).items() if log.versions}


def holds_pseudonyms(study: Study) -> bool:
    """Whether any stored row has a pseudonym, so that the key it was made with is needed for the next wave."""
    return any(load.key for log in read_logs(study).values() for _, load in log.loads)


def loads(study: Study) -> pd.DataFrame:
    """Every load, oldest first within its population; columns are LOAD_COLUMNS.

    `state` is 'stands', 'replaced', 'withdrawn' or 'replaced and withdrawn', with 'partly' before it where rows of some of the
    load's organisations stand: by what later loads did to each. A withdrawal names whom it took out, and its rows are those less.
    """
    rows: list[tuple[object, ...]] = []
    for population, log in read_logs(study).items():
        history = log.loads
        states = _states(history)
        rows += [
            (
                population,
                load.wave,
                ", ".join(load.organisations),
                load.rows - load.rows_withdrawn,
                number,
                load.mode,
                state,
                load.content,
                load.when,
                load.actor,
                load.reason,
            )
            for (number, load), state in zip(history, states, strict=True)
        ]
    return pd.DataFrame(rows, columns=list(LOAD_COLUMNS))


@dataclass(frozen=True)
class StoreHealth:
    """What re-hashing everything found: files and bytes read, versions by population, acts that were stopped, damaged files."""

    files: int
    bytes: int
    versions: dict[str, int]
    unfinished: int
    problems: tuple[Problem, ...]


def rehash(study: Study) -> StoreHealth:
    """Read and compare every file that any load of the study wrote, of old versions too.

    Raises:
        IntegrityError: the log of acts is not what was written, so that nothing says what the files should be.
    """
    files, size, stopped = 0, 0, len(unfinished(verify(study.audit_file)))
    versions: dict[str, int] = {}
    problems: list[Problem] = []
    for population, log in _histories(study, problems).items():
        stopped += len(log.open)
        if log.loads:
            versions[population] = log.versions[-1]
        for path, digest in [pair for _, load in log.loads for pair in load.files.items()]:
            files += 1
            try:
                size += check_file(log.table / path, digest)
            except PilotError as refusal:
                problems += refusal.problems
    return StoreHealth(files, size, versions, stopped, tuple(problems))


def _histories(study: Study, problems: list[Problem]) -> dict[str, Log]:
    """Histories by population; those that are not what was written are left out, and `problems` says why."""
    with suppress(IntegrityError):
        return read_logs(study)
    found = {}
    for population in populations(study, verify(study.audit_file)):
        try:
            found[population] = read_log(study, population)
        except IntegrityError as refusal:
            problems += refusal.problems
    return found


def check_file(path: Path, digest: str | None) -> int:
    """Bytes of a data file that is as committed; IntegrityError, naming it, when it is not."""
    if digest is None:
        raise damaged(path, "a data file belongs to no load")
    if not path.is_file():
        raise damaged(path, "a data file is missing")
    if sha256_of(path) != digest:
        raise damaged(path, "a data file has changed since it was written")
    return path.stat().st_size


def _open(log: Log, version: int) -> DeltaTable:
    try:
        return DeltaTable(str(log.table.resolve()), version=version)
    except (DeltaError, OSError) as fault:
        raise damaged(log.table / "_delta_log", "its commits cannot be replayed") from fault


def _live(log: Log, version: int) -> list[str]:
    """Data files at a version: what its commits and all before added, and none since removed."""
    known = {Path(path).name: path for _, load in log.loads for path in load.files}
    names: frozenset[str] = frozenset()
    for commit in log.commits:
        if commit.version <= version:
            names = (names - commit.removed) | commit.added
    return [known.get(name, name) for name in sorted(names)]


def _pieces(path: Path, columns: Sequence[str] | None) -> Iterator[pl.DataFrame]:
    """The rows of one data file, those that were packed together at a time."""
    try:
        with pq.ParquetFile(path, page_checksum_verification=True) as file:
            groups = range(file.num_row_groups)
            for packed in (file.read_row_group(group, columns) for group in groups) if groups else [file.read(columns)]:
                rows = pl.from_arrow(packed)
                assert isinstance(rows, pl.DataFrame)
                yield rows.select(name for name in columns or rows.columns if name in rows.columns)
    except (pa.ArrowException, OSError) as fault:
        raise damaged(path, "a data file cannot be read") from fault


def _states(history: Sequence[tuple[int, Load]]) -> list[str]:
    states = []
    for number, load in history:
        went: dict[str, str] = {}
        for version, other in history:
            if version > number and other.wave == load.wave:
                words = dict.fromkeys(other.replaced, "replaced") | dict.fromkeys(other.withdrawn, "withdrawn")
                went = words | went
        how = sorted({went[name] for name in load.counts if name in went})
        states.append(("partly " if set(load.counts) - set(went) else "") + " and ".join(how) if how else "stands")
    return states
