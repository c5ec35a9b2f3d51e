"""Evidence: everything that later steps know about the answers, without the answers."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from evaluation.evidence.moments import Moments
from evaluation.waves.store_read import Responses

LinkedKey = tuple[str, str, str]


@dataclass(frozen=True, eq=False)
class Evidence:
    """The sums of one version of the store under one set of documents.

    Attributes:
        moments: by measure: everybody with a score, one cell per unit, arm and wave.
        linked: by (measure, wave_from, wave_to): people with a score in both waves, one cell per unit and arm.
        tallies: population, item, unit, arm, wave, answer, n.
        types: population, organisation, unit, arm, wave, n (rows), people.
        responses: the pinned version of each population that was scanned.
        fingerprint: SHA-256 over all of these numbers; equal answers give an equal fingerprint, wherever they were stored.
    """

    moments: Mapping[str, Moments]
    linked: Mapping[LinkedKey, Moments]
    tallies: pd.DataFrame
    types: pd.DataFrame
    responses: Mapping[str, Responses]
    fingerprint: str


def fingerprint_of(
    moments: Mapping[str, Moments], linked: Mapping[LinkedKey, Moments], tallies: pd.DataFrame, types: pd.DataFrame
) -> str:
    """SHA-256 hex over sums and counts in canonical order."""
    digest = hashlib.sha256()
    for key, sums in [*sorted(moments.items()), *sorted((" ".join(pair), value) for pair, value in linked.items())]:
        digest.update(f"{key}|{sums.names}|{sums.centre!r}|".encode() + _text(sums.cells))
        digest.update(sums.products.astype("<f8").tobytes())
    digest.update(_text(tallies) + _text(types))
    return digest.hexdigest()


def _text(frame: pd.DataFrame) -> bytes:
    return frame.to_csv(index=False, lineterminator="\n").encode()
