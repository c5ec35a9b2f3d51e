"""Answers as the store keeps them, written straight to Parquet, and everything that a scan needs beside them."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl

from evaluation.evidence.evidence import Evidence
from evaluation.evidence.moments import Moments
from evaluation.evidence.scan import summarise
from evaluation.organisations.register import Register, read_register
from evaluation.protocol.documents import Documents, read_documents
from evaluation.waves.storage.read import Responses
from tests.studies import UNITS, tiny_study

ITEMS = ("lived_1", "lived_2", "lived_3", "know_values", "strain_1")
TEXT = ("wave", "organisation", "unit", "arm", "respondent")
WAVES = ("baseline", "month_6", "month_12")


@dataclass(frozen=True)
class Setting:
    """A tiny study's documents and register, and a folder for its stored answers."""

    folder: Path
    documents: Documents
    register: Register

    def write(self, frame: pd.DataFrame, name: str = "part") -> Path:
        """Store rows in canonical types; columns that a test does not mention are empty."""
        groups = [name for name in self.documents.protocol.populations["staff"].groups if name in frame]
        given = [name for name in frame if name not in (*TEXT, "base", *groups)]
        filled = frame.assign(**{name: None for name in (*TEXT, "base") if name not in frame})
        types = dict.fromkeys((*TEXT, *groups), pl.String) | {"base": pl.Int64} | dict.fromkeys(given, pl.Float64)
        columns = {column: pl.Series(column, _plain(filled[column]), dtype=kind) for column, kind in types.items()}
        path = self.folder / f"{name}.parquet"
        pl.DataFrame(columns).write_parquet(path)
        return path

    def summarise(self, *files: Path) -> Evidence:
        """The evidence of these files as the whole store of staff answers."""
        return summarise({"staff": Responses("staff", 1, files, ())}, self.documents, self.register)


def _plain(column: pd.Series) -> Sequence[object]:
    return [None if pd.isna(value) else value for value in column]


def setting(folder: Path, **changes: object) -> Setting:
    """The tiny study, with changes to its documents as `tiny_study` takes them."""
    return opened(tiny_study(folder / "study", **changes))  # type: ignore[arg-type]


def opened(study: Path) -> Setting:
    """The study in a folder, with a place for answers beside it."""
    documents = read_documents(study)
    return Setting(study.parent, documents, read_register(documents))


def people(*, seed: int, each: int = 20, waves: Sequence[str] = WAVES, missing: float = 0.15) -> pd.DataFrame:
    """Random answers in canonical columns, `each` people a unit, with missing answers and missing groups."""
    rng = np.random.default_rng(seed)
    frames = []
    for wave in waves:
        units = np.repeat([unit for unit, _ in UNITS], each)
        frame = pd.DataFrame(rng.integers(1, 6, (len(units), len(ITEMS))).astype(float), columns=list(ITEMS))
        frame = frame.mask(rng.random(frame.shape) < missing)
        frame.insert(0, "wave", wave)
        frame.insert(1, "organisation", units)
        frame.insert(2, "unit", units)
        frame.insert(3, "respondent", [f"{unit}-{k % each}" for k, unit in enumerate(units)])
        frame.insert(4, "staff_group", rng.choice(np.array(["Nursing", "Other", "Admin", None], dtype=object), len(units)))
        frames.append(frame[rng.random(len(frame)) > 0.2])
    return pd.concat(frames, ignore_index=True)


def scores(frame: pd.DataFrame) -> pd.DataFrame:
    """The tiny study's three scores from its rules, by numpy alone: what the scan must agree with."""
    lived = frame[["lived_1", "lived_2", "lived_3"]].to_numpy(dtype=float, copy=True)
    lived[:, 2] = 6 - lived[:, 2]
    answered = (~np.isnan(lived)).sum(axis=1)
    mean = np.divide(np.nansum(lived, axis=1), answered, out=np.full(len(lived), np.nan), where=answered >= 2)
    known = frame["know_values"].to_numpy(dtype=float)
    awareness = np.where(np.isnan(known), np.nan, np.where(known >= 4, 100.0, 0.0))
    return pd.DataFrame({"lived_values": (mean - 1) / 4 * 10, "awareness": awareness, "strain": frame["strain_1"].to_numpy(dtype=float)})


def normal_equations(moments: Moments, columns: np.ndarray) -> np.ndarray:
    """Least squares of the outcome on columns that are constant in a cell and on the covariates."""
    r, size = columns.shape[1], columns.shape[1] + len(moments.names) - 2
    S, s = np.zeros((size, size)), np.zeros(size)
    for x, products in zip(columns, moments.products, strict=True):
        lift = np.zeros((len(moments.names) - 1, size))
        lift[0, :r], lift[1:, r:] = x, np.eye(size - r)
        S, s = S + lift.T @ products[:-1, :-1] @ lift, s + lift.T @ products[:-1, -1]
    return np.linalg.solve(S, s)
