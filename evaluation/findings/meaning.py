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

SIZED = (Design.BEFORE_AFTER, Design.COMPARISON, Design.DIFFERENCE_IN_DIFFERENCES)
"""Designs whose estimate moves by what its sides move, one for one; an ancova's baseline has a slope, and a dose its shares."""
FEWEST_ITEMS = 3
Sides = tuple[tuple[Group, float], ...]
"""Groups, and how each enters the estimate: +1 or -1."""


def with_meaning(answers: Iterable[Answer], documents: Documents, evidence: Evidence) -> tuple[Answer, ...]:
    """The same answers, with the flag "other_meaning" at those whose measure fails to mean the same in the groups compared.

    Where a measure of three items or more cannot be compared (few people, no proper fit), "meaning_not_checked" says why.
    """
    found: dict[tuple[str, Sides], str] = {}
    return tuple(_flagged(answer, documents, evidence, found) for answer in answers)


def _flagged(answer: Answer, documents: Documents, evidence: Evidence, found: dict[tuple[str, Sides], str]) -> Answer:
    estimand = documents.protocol.estimands[answer.estimand]
    measure, sides = estimand.measure, _sides(answer, documents)
    if answer.headline.estimate is None or measure not in evidence.complete:
        return answer
    if (measure, sides) not in found:
        sized = estimand.design in SIZED and estimand.dose is None
        found[measure, sides] = _caution(measure, sides, evidence, documents, sized=sized)
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


def _caution(measure: str, sides: Sides, evidence: Evidence, documents: Documents, *, sized: bool) -> str:
    """The flag with its detail, `sized` where the estimate is the sum of its sides; empty where the measure means the same."""
    if len(evidence.complete[measure].names) < FEWEST_ITEMS:
        return ""
    try:
        found = invariance([item_set(measure, group, evidence, documents) for group, _ in sides])
    except DesignError as refused:
        return flag("meaning_not_checked", refused.problems[0].what.rstrip("."))
    shares = documents.protocol.measures[measure].score is ScoreRule.PERCENT_POSITIVE
    return "" if found.holds else flag("other_meaning", _detail(found, sides, sized=sized and not shares))


def _detail(found: Invariance, sides: Sides, *, sized: bool) -> str:
    if not found.partial:
        return "whichever are let go"
    moved = float(np.array([sign for _, sign in sides]) @ found.score_shifts)
    size = f", which moves the estimate by {moved:+.2f} points" if sized else ""
    return f"{', '.join(found.let_go)}{size}"
