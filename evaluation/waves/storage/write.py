"""Writing the store: data files, the commit, its confirmation; and settling what a crash left.

Order of a load: data files under names never used before, the line that it begins, Delta Lake's commit, the line that confirms
the commit's hash. Stopped anywhere, the newest confirmed version is untouched; the next load takes away files that no commit
names, and confirms a commit that was made whole but not confirmed.
"""

import hashlib
import json
import os
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
from deltalake import CommitProperties, DeltaTable, PostCommitHookProperties, Schema
from deltalake.exceptions import DeltaError
from deltalake.transaction import AddAction, RemoveAction

from evaluation.audit_log import append
from evaluation.errors import MachineError
from evaluation.study import Study
from evaluation.waves.storage.compare import in_order
from evaluation.waves.storage.loading import BEGUN, LOADED, NONCE, WITHDRAWING, WITHDRAWN, Load, load_of
from evaluation.waves.storage.log import Log, nonce_of, parse_commit, sha256_of

NOT_CONFIRMED = "not-confirmed"
"""Code of the one refusal after which the load is there: the next load of the same file confirms it."""

_TYPES: dict[pl.DataType, pa.DataType] = {
    pl.String(): pa.string(),
    pl.Date(): pa.date32(),
    pl.Int64(): pa.int64(),
    pl.Int16(): pa.float64(),
    pl.Float64(): pa.float64(),
}
_ROWS = 1 << 17
"""Rows that are packed at a time, each time as a row group: memory does not go with the length of a wave here."""
_NO_HOUSEKEEPING = PostCommitHookProperties(create_checkpoint=False, cleanup_expired_logs=False)
"""Checkpoints would stand in for commits whose hashes are known, and old versions must stay readable."""


@dataclass(frozen=True)
class DataFile:
    """A Parquet file before it is on disk: its path in the table, bytes, rows, and schema."""

    path: str
    content: bytes
    rows: int
    schema: pa.Schema

    @property
    def sha256(self) -> str:
        """Of the bytes, in hexadecimal digits."""
        return hashlib.sha256(self.content).hexdigest()

    @property
    def schema_hash(self) -> str:
        """SHA-256 over names and types of the columns."""
        return hashlib.sha256(str(self.schema).encode()).hexdigest()


def as_data_file(rows: pl.DataFrame, wave: str, name: str) -> DataFile:
    """Canonical rows as one Parquet file with page checksums, in an order that tells nothing about when answers came."""
    ordered = in_order(rows)
    schema = pa.schema([pa.field(column, _TYPES[kind]) for column, kind in ordered.schema.items()])
    sink = pa.BufferOutputStream()
    with pq.ParquetWriter(sink, schema, write_page_checksum=True, write_statistics=False, compression="zstd") as file:
        for piece in ordered.iter_slices(_ROWS):
            file.write_table(piece.to_arrow().cast(schema))
    return DataFile(f"wave={wave}/{name}.parquet", sink.getvalue().to_pybytes(), rows.height, schema)


def commit(study: Study, log: Log, load: Load, data: DataFile, removed: Sequence[str], received: Mapping[str, str]) -> int:
    """Write, commit and confirm one load, the study's lock held; its version in the population's table.

    Raises:
        MachineError: the computer refused; what was written is taken away again and the last version stands.
    """
    try:
        write(log.table / data.path, data.content)
        begun = WITHDRAWING if load.withdrawn else BEGUN
        append(study.audit_file, begun, load.actor, {**_about(load), "nonce": load.nonce, "files": load.files})
        _make_commits(log.table, load, data, removed)
    except (OSError, DeltaError) as fault:
        if not _has_landed(log, load):
            _take_back(log.table / data.path)
            raise not_written(fault) from fault
    try:
        return confirm(study, log, load, received)
    except OSError as fault:
        raise _unconfirmed(fault) from fault


def not_written(fault: Exception) -> MachineError:
    """The refusal when the computer would not write: disk, permission or quota."""
    reason = (fault.strerror if isinstance(fault, OSError) else None) or str(fault)
    return MachineError(
        f"the computer refused to write the store: {reason}.",
        where="store/",
        fix="check free space and permissions; nothing of this was kept, so run the same command again.",
        code="not-written",
    )


def _make_commits(table: Path, load: Load, data: DataFile, removed: Sequence[str]) -> None:
    """Delta Lake's part: make the table or widen it where needed, then add and remove files in one transaction."""
    location, schema = str(table.resolve()), Schema.from_arrow(data.schema)
    bare = CommitProperties(custom_metadata={NONCE: load.nonce}, max_commit_retries=0)
    if not any((table / "_delta_log").glob("*.json")):
        DeltaTable.create(
            location, schema=schema, partition_by=["wave"], commit_properties=bare, post_commithook_properties=_NO_HOUSEKEEPING
        )
    delta = DeltaTable(location)
    known = {field.name for field in delta.schema().fields}
    wider = [field for field in schema.fields if field.name not in known]
    if wider:
        delta.alter.add_columns(wider, commit_properties=bare, post_commithook_properties=_NO_HOUSEKEEPING)
        delta = DeltaTable(location)
    now = int(time.time() * 1000)
    stats = json.dumps({"numRecords": data.rows})
    added = AddAction(data.path, len(data.content), {"wave": load.wave}, now, True, stats)
    gone = [RemoveAction(path, True, now, partition_values={"wave": load.wave}) for path in removed]
    delta.create_write_transaction(
        [added, *gone],
        mode="append",
        schema=schema,
        partition_by=["wave"],
        post_commithook_properties=_NO_HOUSEKEEPING,
        commit_properties=CommitProperties(custom_metadata=load.as_metadata(), max_commit_retries=0),
    )


def confirm(study: Study, log: Log, load: Load, received: Mapping[str, str]) -> int:
    """Confirm a load's commits in the log of acts, once they are safe on the disk; the load's version."""
    made = [path for path in _commits(log) if nonce_of(path) == load.nonce]
    for path in made:
        settle_on_disk(path)
    version = int(made[-1].stem)
    append(
        study.audit_file,
        WITHDRAWN if load.withdrawn else LOADED,
        load.actor,
        {
            **_about(load),
            "nonce": load.nonce,
            "version": version,
            "rows": load.rows,
            "mode": load.mode,
            "reason": load.reason,
            "content": load.content,
            **({"rows_withdrawn": load.rows_withdrawn} if load.withdrawn else {}),
            "commits": hashes_of(made),
            **received,
        },
    )
    return version


def _commits(log: Log) -> list[Path]:
    """Commit files that are not confirmed, in order of version."""
    return [path for path in sorted((log.table / "_delta_log").glob("*.json")) if path.name not in log.hashes]


def _has_landed(log: Log, load: Load) -> bool:
    found = [parse_commit(path) for path in _commits(log) if nonce_of(path) == load.nonce]
    return any(load_of(facts) is not None for facts in found)


def hashes_of(paths: Sequence[Path]) -> dict[str, str]:
    """SHA-256 of files, by name."""
    return {path.name: sha256_of(path) for path in paths}


def _about(load: Load) -> dict[str, str | list[str]]:
    return {"population": load.population, "wave": load.wave, "organisations": list(load.organisations)}


def write(path: Path, content: bytes) -> None:
    """Write a new file and make sure that it survives a power cut."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("xb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
    settle_folder(path.parent)


def settle_on_disk(path: Path) -> None:
    """Make sure that a file another library wrote survives a power cut."""
    with path.open("rb+") as stream:
        os.fsync(stream.fileno())
    settle_folder(path.parent)


def settle_folder(folder: Path) -> None:
    """Make sure that the names in a folder survive a power cut."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _take_back(path: Path) -> None:
    with suppress(OSError):
        path.unlink(missing_ok=True)


def _unconfirmed(fault: OSError) -> MachineError:
    return MachineError(
        f"what was asked was written but could not be confirmed in the log of acts: {fault.strerror or fault}.",
        where="audit.jsonl",
        fix="check free space and permissions, then run the same command again: it is confirmed then.",
        code=NOT_CONFIRMED,
    )
