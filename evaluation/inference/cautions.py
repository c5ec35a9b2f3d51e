"""Which cautions the numbers of an answer call for."""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from evaluation.evidence.moments import Moments
from evaluation.inference.cells import Cells
from evaluation.inference.estimate import Estimate
from evaluation.inference.flags import counted, flag
from evaluation.inference.question import Question
from evaluation.inference.unit_level import UnitLevel
from evaluation.inference.variance import LeastSquares
from evaluation.terms import Assignment

Flags = npt.NDArray[np.bool_]


def found_cautions(
    question: Question, cells: Cells, level: UnitLevel, fit: LeastSquares, headline: Estimate, beside: Sequence[Estimate]
) -> list[str]:
    """The flags that one answer's sizes, floor, panel and dropped columns raise, in the order of a fixed list."""
    level_of = 1 - question.protocol.look_confidence
    plural, alone = question.protocol.assignment.plural, question.design.alone
    plural = Assignment.ORGANISATION.plural if cells.places else plural
    absent = "unbalanced_waves" if len(question.needed) == 2 else "absent_at_follow_up"
    rules = [
        _few(cells.n_pilot, cells.n_comparison, plural, alone=alone),
        (bool(cells.left_out), absent, counted(cells.left_out)),
        *_floor_rules(headline, level_of),
        (level.sampling is None, "spread_unknown", ""),
        (bool(level.shared), "shared_organisations", counted(level.shared)),
        (bool(cells.places), "nested_units", ""),
        (bool(alike := _alike(question, cells)), "all_alike", alike),
        (any("leverage_one" in row.flags for row in beside), "leverage_one", ""),
        (bool(said := _disagreement(headline, beside, level_of)), "panel_disagrees", said),
        (headline.p_value is None and cells.n_pilot == 1 and not alone, "pilot_rank", _rank(cells, level)),
    ]
    return [flag(name, detail) for holds, name, detail in rules if holds] + dropped_cautions(level.dropped | fit.dropped)


def dropped_cautions(dropped: Mapping[str, str]) -> list[str]:
    """A flag for every covariate left out, by the reason."""
    return [flag("singular_dropped", f"{name} ({why})") for name, why in dropped.items()]


def _few(pilots: int, others: int, plural: str, *, alone: bool) -> tuple[bool, str, str]:
    """Whether fewer than four units stand on a side, and how many there are."""
    sizes = f"{pilots} pilot {plural}" if alone else f"{pilots} pilot and {others} comparison {plural}"
    return (pilots if alone else min(pilots, others)) < 4, "few_units", sizes


def sized_cautions(
    headline: Estimate, left_out: Sequence[str], shared: Sequence[str], plural: str, level: float
) -> list[str]:
    """The flags that follow from how many units there are, which were left out, and the floor; for outcomes without cells."""
    rules = [
        _few(headline.n_pilot or 0, headline.n_comparison or 0, plural, alone=headline.alone),
        (bool(left_out), "unbalanced_waves", counted(left_out)),
        *_floor_rules(headline, level),
        (bool(shared), "shared_organisations", counted(shared)),
    ]
    return [flag(name, detail) for holds, name, detail in rules if holds]


def _floor_rules(headline: Estimate, level: float) -> list[tuple[bool, str, str]]:
    """Whether the floor lies above the level, and whether the p-value lies below the floor."""
    least, p = headline.resolution_floor or 0.0, headline.p_value
    return [
        (least > level, "floor_above_level", f"{least:.2g}"),
        (p is not None and p < least, "below_floor", f"{least:.2g}"),
    ]


def _disagreement(headline: Estimate, beside: Sequence[Estimate], level: float) -> str:
    """The headline and CR2 (or unit change, where CR2 is the headline) on different sides of the level, in words."""
    other = next(
        (
            row
            for row in beside
            if (row.variance, row.term) in (("CR2", headline.term), ("REML-HK", headline.term))
            and row.estimator != headline.estimator
        ),
        None,
    )
    if other is None or headline.p_value is None or other.p_value is None:
        return ""
    if (headline.p_value < level) == (other.p_value < level):
        return ""
    sides = (f"{row.estimator} ({row.variance}) gives p = {row.p_value:.2g}" for row in (headline, other))
    return ", ".join(sides)


def _alike(question: Question, cells: Cells) -> str:
    plural, side = question.protocol.assignment.plural, cells.contrast.side(cells.usable.cells["arm"])
    places = {f"pilot {plural}": (side == 1).to_numpy(), f"comparison {plural}": (side == 0).to_numpy()}
    return alike(question, cells.usable, places, by_unit=True)


def alike(question: Question, moments: Moments, places: Mapping[str, Flags], *, by_unit: bool) -> str:
    """Where and when nobody differs from anybody else, in words; empty where people differ, or where no people are known.

    Args:
        question: names the waves that are compared.
        moments: cells of these waves.
        places: by name, which cells belong there (C,).
        by_unit: people are set beside others of their own unit; otherwise beside all others of the place.
    """
    n, total, squares = moments.n, moments.products[:, 0, -1], moments.products[:, -1, -1]
    waves = moments.cells["wave"].to_numpy()
    said = []
    for wave in question.needed:
        for place, there in places.items():
            own = there & (waves == wave) & (n > 0)
            people, sums = (n[own], total[own]) if by_unit else (n[own].sum(keepdims=True), total[own].sum(keepdims=True))
            if people.max(initial=0) > 1 and squares[own].sum() - (sums**2 / people).sum() <= 1e-9 * max(1.0, squares[own].sum()):
                said.append(f"{place} at {question.protocol.waves[wave].label}")
    return " and ".join(said)


def _rank(cells: Cells, level: UnitLevel) -> str:
    pilot = cells.compared.reindex(list(level.units)).to_numpy() == 1
    place = 1 + int((level.outcome > level.outcome[pilot].max()).sum()) if pilot.any() else 0
    return f"{place} of {len(level.outcome)}"
