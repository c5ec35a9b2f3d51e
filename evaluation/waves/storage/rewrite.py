"""Making a population's table anew, version by version: rows taken away or pseudonyms re-made, everything else as it was.

Every data file of every version is read and verified; those that change are written under new names, the others are linked.
Commits are written anew with the new names, and the hashes by which the same answers are recognised when they come again are
worked out from the rows that remain. A last commit makes a version of its own, so that a number on the old rows is never
taken for one on the new.
"""

import json
import os
import shutil
import time
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import polars as pl

from evaluation.study import Study
from evaluation.waves.storage.compare import NO_ROWS, content_hashes, content_of
from evaluation.waves.storage.loading import NONCE, Load, load_of
from evaluation.waves.storage.log import Log
from evaluation.waves.storage.read import check_file, read_rows
from evaluation.waves.storage.rewritings import Rewriting, begin, finish
from evaluation.waves.storage.write import as_data_file, hashes_of, settle_folder, settle_on_disk, write

Change = Callable[[pl.DataFrame], pl.DataFrame]
"""Rows of one data file -> the rows that take their place; the same rows when the file stays."""


@dataclass(frozen=True)
class Plan:
    """What a rewriting is for.

    Attributes:
        change: of the rows of each file.
        then: act in the log when it is done (`rewritings`).
        key: mark of the key that pseudonyms are made with afterwards; None when they stay, and with them the hashes of what
            arrived, so that a file that was loaded before an erasure is still recognised and brings nobody back.
        remove: what must go beside the old table, as paths in the study.
        proof: what the log tells when it is done.
    """

    change: Change
    then: str
    key: str | None = None
    remove: tuple[str, ...] = ()
    proof: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class _File:
    """One data file: its path in the old table, and in the new one its path, hash and size; rows before and after."""

    old: str
    path: str
    sha256: str
    bytes: int
    rows: int
    left: int

    @property
    def has_changed(self) -> bool:
        return self.path != self.old


def rewrite(study: Study, log: Log, plan: Plan, actor: str) -> Rewriting | None:
    """Make the table anew, the study's lock held and the store settled; None when no row changes.

    Raises:
        IntegrityError: a file of the table is not what was written.
        OSError: the computer refused; the table stands as it was, and what was written is swept by whoever writes next.
    """
    nonce = uuid.uuid4().hex
    table = log.table.with_name(f"{log.table.name.partition('.')[0]}.{len(log.rewritings) + 1}")
    shutil.rmtree(table, ignore_errors=True)
    held = [(path, digest) for _, load in log.loads for path, digest in load.files.items()]
    files = {path: _file(log, table, path, digest, plan.change, nonce) for path, digest in held}
    if not any(file.has_changed for file in files.values()):
        shutil.rmtree(table)
        return None
    texts, erased = _commits(log, table, files, plan.key)
    texts[f"{len(texts):020d}.json"] = _last(nonce, plan.then)
    for name, text in texts.items():
        write(table / "_delta_log" / name, text.encode())
    settle_folder(study.store)
    made = Rewriting(
        population=log.loads[0][1].population,
        version=len(texts) - 1,
        table=table.name,
        commits=hashes_of([table / "_delta_log" / name for name in texts]),
        erased=erased,
        remove=(f"store/{log.table.name}", *plan.remove),
        nonce=nonce,
        then=plan.then,
        proof={**(plan.proof or {}), "rows_by_version": {str(version): rows for version, rows in erased.items()}},
    )
    begin(study, made, actor)
    finish(study, actor)
    return made


def _file(log: Log, table: Path, path: str, digest: str, change: Change, nonce: str) -> _File:
    """One data file in its place in the new table: written anew where its rows change, linked where they do not."""
    size = check_file(log.table / path, digest)
    rows = read_rows([log.table / path])
    left = change(rows)
    if left.equals(rows):
        _link(log.table / path, table / path)
        return _File(path, path, digest, size, rows.height, rows.height)
    folder, name = path.rsplit("/", 1)
    data = as_data_file(left, folder.removeprefix("wave="), f"{name[:8]}-{nonce[:16]}")
    write(table / data.path, data.content)
    return _File(path, data.path, data.sha256, len(data.content), rows.height, left.height)


def _link(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)
        settle_on_disk(target)
    settle_folder(target.parent)


def _commits(log: Log, table: Path, files: Mapping[str, _File], key: str | None) -> tuple[dict[str, str], dict[int, int]]:
    """The text of every commit anew, by file name, and the rows that went from each version."""
    live: dict[str, _File] = {}
    texts, erased = {}, {}
    for number, name in enumerate(sorted(log.hashes)):
        records = [json.loads(line) for line in (log.table / "_delta_log" / name).read_text(encoding="utf-8").splitlines()]
        for record in records:
            _follow(record, live, files)
        for record in records:
            if "commitInfo" in record and (load := load_of(record["commitInfo"])) is not None:
                record["commitInfo"] |= _anew(load, table, live, files, key).as_metadata()
                erased[number] = sum(file.rows - file.left for file in live.values())
        texts[name] = "".join(json.dumps(_renamed(record, files), separators=(",", ":")) + "\n" for record in records)
    for one in log.rewritings:
        erased[one.version] = _at(erased, one.version)
    return texts, {version: rows for version, rows in sorted(erased.items()) if rows}


def _at(erased: Mapping[int, int], version: int) -> int:
    """Rows that go from a version that made no load: those of the load before it."""
    before = [number for number in erased if number < version]
    return erased[max(before)] if before else 0


def _follow(record: Mapping[str, Any], live: dict[str, _File], files: Mapping[str, _File]) -> None:
    if "add" in record:
        live[record["add"]["path"]] = files[record["add"]["path"]]
    elif "remove" in record:
        live.pop(record["remove"]["path"], None)


def _anew(load: Load, table: Path, live: Mapping[str, _File], files: Mapping[str, _File], key: str | None) -> Load:
    """What the load says of itself once its rows have changed."""
    own = [files[path] for path in load.files]
    stands = [file for path, file in live.items() if path.startswith(f"wave={load.wave}/")]
    if not any(file.has_changed for file in (*own, *stands)):
        return load
    came = read_rows(table / file.path for file in own).filter(pl.col("organisation").is_in(list(load.arrived)))
    counts = dict(came.group_by("organisation").len().rows())
    arrived = load.arrived if key is None else _hashes(came, load.arrived)
    return replace(
        load,
        rows=came.height,
        content=load.content if key is None else content_of(arrived),
        arrived=arrived,
        standing=_hashes(read_rows(table / file.path for file in stands), load.standing),
        counts={organisation: int(counts.get(organisation, 0)) for organisation in load.counts},
        files={file.path: file.sha256 for file in own},
        key=key if key is not None and load.key else load.key,
    )


def _hashes(rows: pl.DataFrame, organisations: Iterable[str]) -> dict[str, str]:
    found = content_hashes(rows)
    return {organisation: found.get(organisation, NO_ROWS) for organisation in organisations}


def _renamed(record: dict[str, Any], files: Mapping[str, _File]) -> dict[str, Any]:
    for act in ("add", "remove"):
        if act in record:
            file = files[record[act]["path"]]
            record[act]["path"] = file.path
            if file.has_changed and act == "add":
                record[act] |= {"size": file.bytes, "stats": json.dumps({"numRecords": file.left})}
    return record


def _last(nonce: str, act: str) -> str:
    facts = {"timestamp": int(time.time() * 1000), "operation": act.upper(), "operationParameters": {}, NONCE: nonce}
    return json.dumps({"commitInfo": facts}, separators=(",", ":")) + "\n"
