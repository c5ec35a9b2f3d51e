"""The caution that goes with a difference of scores whose items do not mean the same in the groups that are compared.

Exactly the cells that an estimate sets side by side are compared: pilots before and after, or each side in each wave. Formulas
and the rule are in docs/quality.md, sections 3 and 4.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace

import numpy as np

from evaluation.errors import DesignError
from evaluation.evidence.evidence import Evidence
from evaluation.inference.design import NEEDS_TWO_WAVES, contrasts
from evaluation.inference.estimate import Answer
from evaluation.inference.flags import flag
from evaluation.protocol.documents import Documents
from evaluation.quality.invariance import Invariance, invariance
from evaluation.quality.of_study import Group, item_set
from evaluation.terms import Design, ScoreRule

Sides = tuple[tuple[Group, float], ...]
"""Groups, and how each enters the estimate: +1 or -1."""


def with_meaning(answers: Iterable[Answer], documents: Documents, evidence: Evidence) -> tuple[Answer, ...]:
    """The same answers, with the flag "other_meaning" at those whose measure fails to mean the same in the groups compared.

    A measure of fewer than three items, groups of fewer than fifty people, and what else `invariance` refuses carry no flag.
    """
    found: dict[tuple[str, Sides], str] = {}
    return tuple(_flagged(answer, documents, evidence, found) for answer in answers)


def _flagged(answer: Answer, documents: Documents, evidence: Evidence, found: dict[tuple[str, Sides], str]) -> Answer:
    measure, sides = documents.protocol.estimands[answer.estimand].measure, _sides(answer, documents)
    if answer.headline.estimate is None or measure not in evidence.complete:
        return answer
    if (measure, sides) not in found:
        found[measure, sides] = _caution(measure, sides, evidence, documents)
    said = found[measure, sides]
    return replace(answer, flags=(*answer.flags, said)) if said else answer


def _sides(answer: Answer, documents: Documents) -> Sides:
    """What the estimate sets side by side, the group that others are set beside first."""
    protocol, head = documents.protocol, answer.headline
    contrast = next(known for known in contrasts(protocol, answer.estimand) if known.label == answer.contrast)
    design: Design = protocol.estimands[answer.estimand].design
    waves = {wave: sign for wave, sign in ((head.wave_from, -1.0), (head.wave_to, 1.0)) if wave is not None}
    if not NEEDS_TWO_WAVES[design]:
        waves = {wave: sign for wave, sign in waves.items() if sign > 0}
    arms: Mapping[tuple[str, ...], float] = {contrast.left: 1.0} if design.alone else {contrast.right: -1.0, contrast.left: 1.0}
    return tuple(
        (Group(f"{', '.join(side)} at {wave}", (wave,), side), arm * when)
        for side, arm in arms.items() if side for wave, when in waves.items()
    )


def _caution(measure: str, sides: Sides, evidence: Evidence, documents: Documents) -> str:
    """The flag with its detail; empty where the measure means the same, or where that cannot be told."""
    try:
        found = invariance([item_set(measure, group, evidence, documents) for group, _ in sides])
    except DesignError:
        return ""
    return "" if found.holds else flag("other_meaning", _detail(found, sides, documents.protocol.measures[measure].score))


def _detail(found: Invariance, sides: Sides, rule: ScoreRule) -> str:
    if not found.partial:
        return "whichever are let go"
    moved = float(np.array([sign for _, sign in sides]) @ found.score_shifts)
    size = "" if rule is ScoreRule.PERCENT_POSITIVE else f", which moves the estimate by {moved:+.2f} points"
    return f"{', '.join(found.let_go)}{size}"
