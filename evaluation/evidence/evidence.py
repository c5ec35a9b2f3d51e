"""Evidence: everything that later steps know about the answers, without the answers."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

import pandas as pd

from evaluation.evidence.complete import CompleteItems
from evaluation.evidence.items import ItemMoments
from evaluation.evidence.moments import Array, Moments
from evaluation.evidence.weighting import report_of
from evaluation.waves.storage.read import Responses

LinkedKey = tuple[str, str, str]
GroupKey = tuple[str, str]


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
        subgroups: by (measure, group), for every group that an estimand is told by: cells parted by its levels, column `group`.
        items: by population: means and covariances of its items, raw codes, pair by pair.
        complete: by measure with several items: the same of its items, over people who answered all of them.
        weighted: by measure, of populations that declare response weights: its moments with these weights.
        weighting: how these weights came about, one row a unit and wave: `weighting.LineWeights.report`.
        records: by measure counted in records: unit, organisation, arm, role, wave, events, exposure, one row a unit and wave.
    """

    moments: Mapping[str, Moments]
    linked: Mapping[LinkedKey, Moments]
    tallies: pd.DataFrame
    types: pd.DataFrame
    responses: Mapping[str, Responses]
    fingerprint: str
    subgroups: Mapping[GroupKey, Moments] = field(default_factory=dict)
    items: Mapping[str, ItemMoments] = field(default_factory=dict)
    complete: Mapping[str, CompleteItems] = field(default_factory=dict)
    weighted: Mapping[str, Moments] = field(default_factory=dict)
    weighting: pd.DataFrame = field(default_factory=report_of)
    records: Mapping[str, pd.DataFrame] = field(default_factory=dict)

    @property
    def sets(self) -> dict[tuple[str, ...], Moments]:
        """All moments: of measures by (measure,), of subgroups by (measure, group), of linked people by their three names."""
        found: dict[tuple[str, ...], Moments] = {(name,): value for name, value in self.moments.items()}
        return found | dict(self.subgroups) | dict(self.linked)

    def with_weights(self) -> "Evidence":
        """The same evidence with response weights in the place of equal ones, wherever the plan declares them.

        Linked people and subgroups stay unweighted: headcounts say nothing of who answers twice.
        """
        return replace(self, moments={**self.moments, **self.weighted})


def fingerprint_of(evidence: Evidence) -> str:
    """SHA-256 hex over sums and counts in canonical order."""
    digest = hashlib.sha256()
    for label, cells, arrays in _parts(evidence):
        digest.update(f"{label}|".encode() + _text(cells))
        for array in arrays:
            digest.update(array.astype("<f8").tobytes())
    digest.update(_text(evidence.tallies) + _text(evidence.types))
    if evidence.weighted:
        digest.update(_text(evidence.weighting))
    return digest.hexdigest()


def _parts(evidence: Evidence) -> Iterator[tuple[str, pd.DataFrame, tuple[Array, ...]]]:
    for key, sums in sorted(evidence.sets.items()):
        yield f"{' '.join(key)}|{sums.names}|{sums.centre!r}", sums.cells, sums.sums
    for name, sums in sorted(evidence.weighted.items()):
        yield f"weighted {name}|{sums.names}|{sums.centre!r}", sums.cells, sums.sums
    for population, items in sorted(evidence.items.items()):
        yield f"{population}|{items.names}", items.cells, (items.centres, *items.parts)
    for measure, whole in sorted(evidence.complete.items()):
        yield f"{measure}|{whole.names}", whole.cells, (whole.centres, *whole.parts)


def _text(frame: pd.DataFrame) -> bytes:
    return frame.to_csv(index=False, lineterminator="\n").encode()
