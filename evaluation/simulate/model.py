"""The study as the simulator sees it: every item's options and location, every measure's exact expected score.

Built once from the documents and the truth; drawing from it is `people.py` and `draw.py`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product

import numpy as np

from evaluation.errors import ProtocolError
from evaluation.measures.score import items_of
from evaluation.protocol.documents import Documents
from evaluation.protocol.instrument import Instrument, Scale
from evaluation.protocol.model import Measure
from evaluation.simulate.answers import Answering, Array, Mixture, Scoring, Shares, score_share, shares_of
from evaluation.simulate.truth import Truth, default_start
from evaluation.terms import Role, ScoreRule

LEVELS = {"A": 0.5, "B": 0.3, "C": 0.2}
ITEM_OFFSETS = 0.08
PERCENT_SPREAD = 0.3


@dataclass(frozen=True)
class Construct:
    """What one measure's items have in common: where opinions lie in every (arm, wave), how far they spread, and why."""

    name: str
    population: str
    scoring: Scoring
    spread: float
    shares: Shares
    locations: Mapping[tuple[str | None, str], float]


@dataclass(frozen=True)
class StudyModel:
    """All that a draw needs, and the truth in the units that estimates are in."""

    documents: Documents
    truth: Truth
    constructs: Mapping[str, Construct]
    scorings: Mapping[str, tuple[tuple[str, Scoring], ...]]
    groups: Mapping[str, Mapping[str, Mapping[str, float]]]

    def expected(self, measure: str, arm: str | None, wave: str) -> float:
        """Expected score of a measure in an arm and wave, over units, people and answers; exact, no draws."""
        parts = [
            (scoring.expected(self.constructs[owner].locations[arm, wave], self.constructs[owner].spread), len(scoring.answering))
            for owner, scoring in self.scorings[measure]
        ]
        return float(np.average([score for score, _ in parts], weights=[items for _, items in parts]))

    def change(self, measure: str, arm: str | None, wave_from: str, wave_to: str) -> float:
        """Expected change of a measure in one arm."""
        return self.expected(measure, arm, wave_to) - self.expected(measure, arm, wave_from)

    def effect(self, measure: str, arm: str, wave_from: str, wave_to: str) -> float:
        """What an arm's expected score gains over a comparison arm's: the value that an honest interval covers."""
        protocol = self.documents.protocol
        others = protocol.arms_with(Role.COMPARISON)
        elsewhere = np.mean([self.change(measure, other, wave_from, wave_to) for other in others]) if others else 0.0
        return float(self.change(measure, arm, wave_from, wave_to) - elsewhere)


def study_model(documents: Documents, truth: Truth) -> StudyModel:
    """Solve for every item's options and every construct's locations.

    Raises:
        ProtocolError: the truth asks for a score that the scale does not reach.
    """
    groups = {name: _levels(documents, truth, name) for name in documents.protocol.populations}
    owners = _owners(documents)
    constructs = {name: _construct(documents, truth, name, items, groups) for name, items in owners.items() if items}
    owner_of = {(constructs[name].population, item): name for name, items in owners.items() for item in items}
    scorings = {name: _parts(documents, name, owner_of, constructs) for name in documents.protocol.measures}
    return StudyModel(documents, truth, constructs, scorings, groups)


def _owners(documents: Documents) -> dict[str, tuple[str, ...]]:
    """Items by the first measure that scores them."""
    taken: set[tuple[str, str]] = set()
    owners = {}
    for name, measure in documents.protocol.measures.items():
        owners[name] = tuple(item for item in items_of(name, documents) if (measure.population, item) not in taken)
        taken |= {(measure.population, item) for item in owners[name]}
    return owners


def _levels(documents: Documents, truth: Truth, population: str) -> dict[str, dict[str, float]]:
    return {group: truth.groups.get(group, LEVELS) for group in documents.protocol.populations[population].groups}


def level_offsets(levels: Mapping[str, float], spread: float) -> Array:
    """What each level adds to an opinion: evenly spaced over `spread` standard deviations, with mean zero over people."""
    raw = np.linspace(-spread / 2, spread / 2, len(levels)) if len(levels) > 1 else np.zeros(len(levels))
    return np.asarray(raw - raw @ np.array(list(levels.values())))


def _mixture(groups: Mapping[str, Mapping[str, float]], spread: float) -> Mixture:
    combined = list(product(*[zip(level_offsets(levels, spread), levels.values(), strict=True) for levels in groups.values()]))
    offsets = [sum(offset for offset, _ in parts) for parts in combined]
    shares = [float(np.prod([share for _, share in parts])) for parts in combined]
    return Mixture(np.array(offsets, dtype=float), np.array(shares))


def codes_of(scale: Scale) -> Array:
    """Codes a simulated answer may take; a range with decimals is cut into 200 steps."""
    if scale.codes:
        return np.array(scale.codes)
    low, high = scale.interval.low, scale.interval.high
    return np.arange(low, high + 1) if scale.whole else np.round(np.linspace(low, high, 201), 6)


def answering(instrument: Instrument, item: str, offset: float) -> Answering:
    """An item's options by rising position, a reverse-scored one turned round."""
    scale = instrument.scale_of(item)
    codes = codes_of(scale)
    positions = (codes - codes[0]) / (codes[-1] - codes[0])
    if instrument.items[item].reverse:
        return Answering(item, codes[::-1], 1 - positions[::-1], offset)
    return Answering(item, codes, positions, offset)


def _values(measure: Measure, instrument: Instrument, item: Answering) -> Array:
    """The score each option stands for, in the measure's units."""
    scale = instrument.scale_of(item.item)
    if measure.score is ScoreRule.PERCENT_POSITIVE:
        return np.array([100.0 * (f"{code:g}" in scale.positive) for code in item.codes])
    target = measure.scale or scale.interval
    return np.asarray(target.low + item.positions * (target.high - target.low))


def _check_parts(measure: Measure, name: str) -> None:
    """Raise ProtocolError where sub-scores count items unequally: what a score is expected to be is then not the items' mean."""
    if len({len(part.items) for part in measure.sub_scores.values()}) > 1:
        what = f"'{name}' has sub-scores of different numbers of items, which the simulation cannot draw to a stated mean."
        raise ProtocolError(what, fix="simulate a plan with equal sub-scores.", code="sub-scores")


def _scoring(documents: Documents, measure: str, items: tuple[Answering, ...], mixture: Mixture) -> Scoring:
    stated = documents.protocol.measures[measure]
    instrument = documents.instruments[stated.instrument]
    return Scoring(items, tuple(_values(stated, instrument, item) for item in items), mixture)


def _construct(
    documents: Documents, truth: Truth, name: str, items: tuple[str, ...], groups: Mapping[str, Mapping[str, Mapping[str, float]]]
) -> Construct:
    protocol = documents.protocol
    measure = protocol.measures[name]
    _check_parts(measure, name)
    instrument = documents.instruments[measure.instrument]
    offsets = np.linspace(-ITEM_OFFSETS, ITEM_OFFSETS, len(items)) if len(items) > 1 else [0.0]
    asked = tuple(answering(instrument, item, float(offset)) for item, offset in zip(items, offsets, strict=True))
    scoring = _scoring(documents, name, asked, _mixture(groups[measure.population], truth.group_spread))
    assumed = protocol.expected_of(measure.population)
    shares = shares_of(len(items), assumed.unit_variance_share, assumed.wave_variance_share, assumed.linked_correlation)
    low, high = float(scoring.values[0].min()), float(scoring.values[0].max())
    start = truth.starts_at.get(name, default_start(protocol, name, low, high))
    try:
        spread = _spread(measure, scoring, start, assumed.standard_deviation * (high - low), score_share(len(items), shares))
        locations = {
            (arm, wave): scoring.location_for(start + _moved(documents, truth, name, arm, wave), spread)
            for arm in (*protocol.arms, None)
            for wave in protocol.waves
        }
    except ValueError as fault:
        raise ProtocolError(
            f"the simulation cannot reach what it is asked for in '{name}': {fault}.",
            fix="lower the effect or the trend, or move 'starts_at', in simulation.yaml.",
        ) from None
    return Construct(name, measure.population, scoring, spread, shares, locations)


def _spread(measure: Measure, scoring: Scoring, start: float, deviation: float, share: float) -> float:
    if measure.score is ScoreRule.PERCENT_POSITIVE:
        return PERCENT_SPREAD
    return scoring.spread_for(start, deviation / np.sqrt(share))


def _moved(documents: Documents, truth: Truth, measure: str, arm: str | None, wave: str) -> float:
    trend = truth.trends.get(measure, 0.0) * truth.share_by(documents.protocol, wave)
    return trend + truth.effect(documents.protocol, measure, arm, wave)


def _parts(
    documents: Documents, measure: str, owner_of: Mapping[tuple[str, str], str], constructs: Mapping[str, Construct]
) -> tuple[tuple[str, Scoring], ...]:
    """A measure's items grouped by the construct they answer from."""
    population = documents.protocol.measures[measure].population
    by_owner: dict[str, list[Answering]] = {}
    for item in items_of(measure, documents):
        owner = owner_of[population, item]
        known = {asked.item: asked for asked in constructs[owner].scoring.answering}
        by_owner.setdefault(owner, []).append(known[item])
    return tuple(
        (owner, _scoring(documents, measure, tuple(items), constructs[owner].scoring.mixture))
        for owner, items in by_owner.items()
    )
