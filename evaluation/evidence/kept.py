"""Kept evidence: a rerun on the same answers reads sums instead of rows.

What is kept is a cache and may be deleted. It lies in a folder named by a key over the store's versions, all that the scan reads
of the documents and the register, and this program's scoring and summing: another estimand, threshold or wording finds the same
sums. It is read back bit for bit, and what has been damaged is summed again.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa

from evaluation import measures
from evaluation.errors import MachineError
from evaluation.evidence.asks import asks_of, groups_told
from evaluation.evidence.complete import CompleteItems
from evaluation.evidence.evidence import Evidence, fingerprint_of
from evaluation.evidence.items import ItemMoments
from evaluation.evidence.linked import pairs_of
from evaluation.evidence.moments import Array, Moments
from evaluation.evidence.recorded import with_records
from evaluation.evidence.scan import summarise
from evaluation.evidence.weighting import margins_of
from evaluation.organisations.headcounts import headcounts_by_group
from evaluation.organisations.register import Register
from evaluation.protocol.documents import Documents
from evaluation.waves.storage.read import Responses

UNREAD = {"label", "better", "minimum_important_difference", "says"}
"""What a measure says that does not change its scores."""


def evidence_of(folder: Path, responses: Mapping[str, Responses], documents: Documents, register: Register) -> Evidence:
    """The evidence on these answers: as kept in `folder` (the study's `evidence/`), else summed now and kept there.

    Raises:
        IntegrityError: answers are stored for a unit that the register does not list.
        MachineError: the disk is full, or the folder cannot be written to.
        ProtocolError: weights are declared, and the headcounts are wrong, or records are.
    """
    place = folder / key_of(responses, documents, register)
    found = recall(place, responses)
    if found is None:
        found = summarise(responses, documents, register)
        keep(place, found)
    return with_records(found, documents, register)


def key_of(responses: Mapping[str, Responses], documents: Documents, register: Register) -> str:
    """32 hex digits that change when a store version, what the scan reads beside it, or the code that sums changes."""
    files = {
        name: [answers.version, *sorted((file.name, file.stat().st_size) for file in answers.files)]
        for name, answers in responses.items()
    }
    units = register.units[["organisation", "arm"]].to_csv(lineterminator="\n")
    former = register.former[["organisation", "became"]].to_csv(lineterminator="\n")
    parts = [files, read_of(documents), units, former, _headcounts(documents, register), code_fingerprint()]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:32]


def read_of(documents: Documents) -> dict[str, Any]:
    """All that the scan reads of the documents, as JSON: what is summed for whom, and how answers become scores."""
    protocol = documents.protocol
    populations = sorted(protocol.populations)
    return {
        "asks": [[name, asdict(ask)] for population in populations for name, ask in asks_of(population, documents).items()],
        "linked": [pairs_of(population, documents) for population in populations],
        "subgroups": [groups_told(population, documents) for population in populations],
        "populations": {name: one.model_dump(mode="json", exclude={"label"}) for name, one in protocol.populations.items()},
        "measures": {name: one.model_dump(mode="json", exclude=UNREAD) for name, one in protocol.measures.items()},
        "instruments": {name: one.model_dump(mode="json") for name, one in documents.instruments.items()},
        "waves": list(protocol.waves),
        "assignment": protocol.assignment.value,
        "roles": {name: arm.role.value for name, arm in protocol.arms.items()},
    }


def _headcounts(documents: Documents, register: Register) -> list[str]:
    """The people that answers are weighted to, as text."""
    weighted = [name for name in sorted(documents.protocol.populations) if margins_of(name, documents)]
    tables = [headcounts_by_group(documents, register, name) for name in weighted]
    return [table.to_csv(lineterminator="\n") for table in tables if table is not None]


@cache
def code_fingerprint() -> str:
    """SHA-256 over the source of the two rooms that decide what the sums are, and the engine's version."""
    rooms = (Path(measures.__path__[0]), Path(__file__).parent)
    sources = [file.read_bytes() for room in rooms for file in sorted(room.rglob("*.py"))]
    return hashlib.sha256(b"\0".join([duckdb.__version__.encode(), *sources])).hexdigest()


def keep(place: Path, evidence: Evidence) -> None:
    """Write the evidence to the folder `place`, whole or not at all."""
    draft = place.with_name(f".{place.name}.{os.getpid()}")
    try:
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(parents=True)
        _write(draft, evidence)
        shutil.rmtree(place, ignore_errors=True)
        draft.replace(place)
    except OSError as fault:
        shutil.rmtree(draft, ignore_errors=True)
        raise MachineError(
            f"evidence could not be kept: {fault.strerror}.", where=str(place), code="evidence",
            fix="free some space, or check the folder's permissions.",
        ) from fault


def recall(place: Path, responses: Mapping[str, Responses]) -> Evidence | None:
    """The evidence kept in `place`; None where there is none, or where it is not what was written."""
    if not (place / "kept.json").is_file():
        return None
    try:
        found = _read(place, {name: answers for name, answers in responses.items() if answers.files})
    except (OSError, EOFError, ValueError, KeyError, TypeError, BadZipFile, pa.ArrowException):
        return None
    return found if fingerprint_of(found) == found.fingerprint else None


def _write(place: Path, evidence: Evidence) -> None:
    sets, items, complete = list(evidence.sets.items()), list(evidence.items.items()), list(evidence.complete.items())
    weighted: list[tuple[tuple[str, ...], Moments]] = [((name,), value) for name, value in evidence.weighted.items()]
    arrays: dict[str, Any] = {f"m{number}": np.stack(value.sums) for number, (_, value) in enumerate([*sets, *weighted])}
    for number, (_, one) in enumerate(items):
        arrays |= {f"i{number}": np.stack(one.parts), f"c{number}": one.centres}
    for number, (_, whole) in enumerate(complete):
        arrays |= {f"w{number}": whole.products, f"s{number}": whole.some, f"d{number}": whole.centres}
    np.savez(place / "products.npz", allow_pickle=False, **arrays)
    parts = ([*sets, *weighted], items, complete)
    cells = [one.cells for part in parts for _, one in part]
    numbered = [frame.assign(set=number) for number, frame in enumerate(cells)]
    tables = {"tallies": evidence.tallies, "types": evidence.types, "weighting": evidence.weighting}
    frames = {"cells": pd.concat(numbered, ignore_index=True), **tables}
    for name, frame in frames.items():
        frame.to_parquet(place / f"{name}.parquet")
    record = {
        "fingerprint": evidence.fingerprint,
        "sets": [_set(key, value) for key, value in sets],
        "weighted": [_set(key, value) for key, value in weighted],
        "items": [{"key": key, "names": one.names, "keys": list(one.cells)} for key, one in items],
        "complete": [{"key": key, "names": whole.names, "keys": list(whole.cells)} for key, whole in complete],
    }
    (place / "kept.json").write_text(json.dumps(record, indent=1), encoding="utf-8")


def _set(key: tuple[str, ...], moments: Moments) -> dict[str, Any]:
    return {"key": key, "names": moments.names, "keys": list(moments.cells), "centre": moments.centre}


def _read(place: Path, responses: Mapping[str, Responses]) -> Evidence:
    record = json.loads((place / "kept.json").read_text(encoding="utf-8"))
    names = ("cells", "tallies", "types", "weighting")
    cells, tallies, types, weighting = (pd.read_parquet(place / f"{name}.parquet") for name in names)
    written = [*record["sets"], *record["weighted"]]
    own = [
        cells.loc[cells["set"] == number, one["keys"]].reset_index(drop=True)
        for number, one in enumerate([*written, *record["items"], *record["complete"]])
    ]
    with np.load(place / "products.npz", allow_pickle=False) as arrays:
        read = [_moments(own[number], one, arrays[f"m{number}"]) for number, one in enumerate(written)]
        items = {
            one["key"]: ItemMoments(own[len(written) + number], tuple(one["names"]), arrays[f"c{number}"], *arrays[f"i{number}"])
            for number, one in enumerate(record["items"])
        }
        before = len(written) + len(items)
        complete = {
            one["key"]: CompleteItems(
                own[before + number], tuple(one["names"]), arrays[f"d{number}"], arrays[f"w{number}"], arrays[f"s{number}"])
            for number, one in enumerate(record["complete"])
        }
    sets, weighted = dict(read[: len(record["sets"])]), {key[0]: value for key, value in read[len(record["sets"]) :]}
    moments = {key[0]: value for key, value in sets.items() if len(key) == 1}
    subgroups = {(key[0], key[1]): value for key, value in sets.items() if len(key) == 2}
    linked = {(key[0], key[1], key[2]): value for key, value in sets.items() if len(key) == 3}
    return Evidence(
        moments, linked, tallies, types, responses, record["fingerprint"], subgroups, items, complete, weighted, weighting)


def _moments(cells: pd.DataFrame, written: Mapping[str, Any], sums: Array) -> tuple[tuple[str, ...], Moments]:
    """The key and the moments of one set; `sums` (1 or 3, C, q, q)."""
    products, *weighted = sums
    return tuple(written["key"]), Moments(cells, tuple(written["names"]), products, written["centre"], *weighted)
