"""Kept evidence: a rerun on the same answers, documents and code reads sums instead of rows.

What is kept is a cache and may be deleted. It lies in a folder named by a key over the store's versions, the documents, the
register and this program's scoring and summing; it is read back bit for bit, and what has been damaged is summed again.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Mapping
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
from evaluation.evidence.evidence import Evidence, fingerprint_of
from evaluation.evidence.moments import Array, Moments
from evaluation.evidence.scan import summarise
from evaluation.organisations.register import Register
from evaluation.protocol.documents import Documents
from evaluation.waves.store_read import Responses


def evidence_of(folder: Path, responses: Mapping[str, Responses], documents: Documents, register: Register) -> Evidence:
    """The evidence on these answers: as kept in `folder` (the study's `evidence/`), else summed now and kept there.

    Raises:
        IntegrityError: answers are stored for a unit that the register does not list.
        MachineError: the disk is full, or the folder cannot be written to.
    """
    place = folder / key_of(responses, documents, register)
    found = recall(place, responses)
    if found is None:
        found = summarise(responses, documents, register)
        keep(place, found)
    return found


def key_of(responses: Mapping[str, Responses], documents: Documents, register: Register) -> str:
    """32 hex digits that change when a store version, a document, the register or the code that sums changes."""
    files = {
        name: [answers.version, *sorted((file.name, file.stat().st_size) for file in answers.files)]
        for name, answers in responses.items()
    }
    parts = [files, documents.fingerprint, register.units.to_csv(lineterminator="\n"), code_fingerprint()]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:32]


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
    intact = fingerprint_of(found.moments, found.linked, found.tallies, found.types) == found.fingerprint
    return found if intact else None


def _write(place: Path, evidence: Evidence) -> None:
    sets = [*(((name,), value) for name, value in evidence.moments.items()), *evidence.linked.items()]
    products: dict[str, Any] = {f"m{number}": value.products for number, (_, value) in enumerate(sets)}
    np.savez(place / "products.npz", allow_pickle=False, **products)
    cells = [value.cells.assign(set=number) for number, (_, value) in enumerate(sets)]
    frames = {"cells": pd.concat(cells, ignore_index=True), "tallies": evidence.tallies, "types": evidence.types}
    for name, frame in frames.items():
        frame.to_parquet(place / f"{name}.parquet")
    index = [{"key": key, "names": value.names, "centre": value.centre} for key, value in sets]
    record = {"fingerprint": evidence.fingerprint, "sets": index}
    (place / "kept.json").write_text(json.dumps(record, indent=1), encoding="utf-8")


def _read(place: Path, responses: Mapping[str, Responses]) -> Evidence:
    record = json.loads((place / "kept.json").read_text(encoding="utf-8"))
    cells, tallies, types = (pd.read_parquet(place / f"{name}.parquet") for name in ("cells", "tallies", "types"))
    with np.load(place / "products.npz", allow_pickle=False) as products:
        sets = {tuple(one["key"]): _moments(one, number, cells, products) for number, one in enumerate(record["sets"])}
    moments = {key[0]: value for key, value in sets.items() if len(key) == 1}
    linked = {(key[0], key[1], key[2]): value for key, value in sets.items() if len(key) == 3}
    return Evidence(moments, linked, tallies, types, responses, record["fingerprint"])


def _moments(one: Mapping[str, Any], number: int, cells: pd.DataFrame, products: Mapping[str, Array]) -> Moments:
    own = cells[cells["set"] == number].drop(columns="set").reset_index(drop=True)
    return Moments(own, tuple(one["names"]), products[f"m{number}"], one["centre"])
