"""Response weights: from who answered, and who could have, to how much each answer counts.

Post-stratification weights every stratum of people to its known total; raking (iterative proportional fitting) weights to the
totals of several margins at once, of which the joint totals are not known. Both begin from design weights: one over the chance of
being asked. Trimming holds weights between bounds and spreads what it takes over the other people, so that the sum stays.

A line stands for people of one kind: one person, or as many as `people` says; every one of them has the line's weight.
Sources: Holt & Smith (1979), Journal of the Royal Statistical Society A 142, 33 (post-stratification); Deming & Stephan (1940),
Annals of Mathematical Statistics 11, 427 (raking); Kish (1965), Survey Sampling, section 11.2 (effective sample size); Lumley
(2010), Complex Surveys, chapter 7 (trimming as in R's survey).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from evaluation.errors import DesignError, Problem
from evaluation.terms import WeightKind

Array = npt.NDArray[np.float64]
Codes = npt.NDArray[np.intp]

CLOSE = 1e-10
"""Raking ends when every total is met to this relative distance."""
ROUNDS = 1000
ALIKE = 1e-6
"""Totals of two margins may differ by this share: rounding, not another number of people."""


@dataclass(frozen=True)
class Margin:
    """One way of telling people apart: `levels` (N lines) and the known `totals` of people by level."""

    name: str
    levels: tuple[str, ...]
    totals: Mapping[str, float]


@dataclass(frozen=True, eq=False)
class Weighting:
    """Weights of N lines and how they came about.

    Attributes:
        weights: of each person of a line, (N,), all positive.
        people: of each line, (N,).
        rounds: passes over the margins until all totals were met; 1 for post-stratification.
        trimmed: people whose weight was beyond a bound.
        off: the largest relative distance between a total and the sum of weights that should meet it.
    """

    weights: Array
    people: Array
    rounds: int
    trimmed: int
    off: float

    @property
    def total(self) -> float:
        """The sum of weights over people."""
        return float(self.people @ self.weights)

    @property
    def effective(self) -> float:
        """Kish's effective sample size: the number of equally weighted people who would tell a mean as surely."""
        return self.total**2 / float(self.people @ self.weights**2)

    @property
    def design_effect(self) -> float:
        """Kish's design effect of unequal weights, 1 or more: people over effective sample size."""
        return float(self.people.sum()) / self.effective


def post_stratify(
    margin: Margin, *, people: npt.ArrayLike | None = None, design_weights: npt.ArrayLike | None = None
) -> Weighting:
    """Weights that meet the total of every level.

    Args:
        margin: the strata.
        people: people of each line, (N,), zero or more; one where it is not given.
        design_weights: one over each line's chance of being asked, (N,), positive; equal where not given.

    Raises:
        DesignError: a level has a total and nobody answered, or answers and no total; a total or design weight is zero, negative
            or infinite. Every problem at once.
        ValueError: margins, people and design weights are not of the same lines, or there is no line.
    """
    return rake([margin], people=people, design_weights=design_weights)


def rake(
    margins: Sequence[Margin], *, people: npt.ArrayLike | None = None, design_weights: npt.ArrayLike | None = None
) -> Weighting:
    """Weights that meet the totals of every margin, each as near its design weight as that allows.

    Arguments are those of `post_stratify`; margins are met in turn until all totals are met to 1e-10.

    Raises:
        DesignError: as `post_stratify`; the totals of two margins are not of the same number of people; or the totals cannot be
            met together by the people who answered (no convergence in 1,000 rounds), naming the level furthest off.
        ValueError: as `post_stratify`, or no margin.
    """
    each, weights = _lines(margins, people, design_weights)
    problems = [*_faults(margins, each, weights), *_disagreements(margins)]
    if problems:
        raise DesignError(problems)
    coded = [_coded(margin) for margin in margins]
    for done in range(1, ROUNDS + 1):
        for codes, totals in coded:
            weights = weights * (totals / np.bincount(codes, each * weights, len(totals)))[codes]
        off = _off(coded, each, weights)
        if off <= CLOSE:
            return Weighting(weights, each, done, 0, off)
    raise DesignError(_unmet(margins, coded, each, weights))


def trim_weights(found: Weighting, low: float, high: float, margins: Sequence[Margin] = ()) -> Weighting:
    """Hold weights between `low` and `high` and spread what that takes equally over everybody else; their sum stays.

    Where nobody lies between the bounds, those at the bound that is not in the way take it.

    Args:
        found: weights, in the unit of the bounds.
        low: the least weight.
        high: the greatest weight.
        margins: whose totals are looked at again, for `off`: trimmed weights meet them no longer.

    Raises:
        DesignError: the mean weight is not between the bounds, so that no weights between them have the same sum.
    """
    weights, people = found.weights, found.people
    mean = found.total / people.sum()
    beyond = people[(weights < low) | (weights > high)].sum()
    if beyond and not low < mean < high:
        said = f"weights have a mean of {mean:.3g} and cannot all lie from {low:g} to {high:g}."
        raise DesignError(said, fix="give bounds on either side of the mean.", code="trim")
    for _ in range(ROUNDS):
        outside = (weights < low * (1 - CLOSE)) | (weights > high * (1 + CLOSE))
        if not outside.any():
            break
        held = np.clip(weights, low, high)
        over = float(people @ (weights - held))
        takes = ~outside if (~outside & (people > 0)).any() else (held < high if over > 0 else held > low)
        weights = held + np.where(takes, over / float(people[takes].sum()), 0.0)
    off = _off([_coded(margin) for margin in margins], people, weights)
    return replace(found, weights=weights, trimmed=int(beyond), off=off)


def response_weights(
    kind: WeightKind, margins: Sequence[Margin], bounds: tuple[float, float] | None = None, *, people: npt.ArrayLike | None = None
) -> Weighting:
    """The weights of those who answered in one unit and wave, with a mean of 1: what a study declares, in one step.

    With a mean of 1 a unit counts by how many answered there, weighted or not, and only who answered inside it is put right.

    Args:
        kind: post-stratification takes one margin, the strata; raking any number.
        margins: levels of the N lines and known totals.
        bounds: least and greatest weight, where weights are trimmed.
        people: people of each line, (N,).

    Raises:
        DesignError: as `rake` and `trim_weights`.
    """
    if kind is WeightKind.POST_STRATIFICATION and len(margins) != 1:
        raise ValueError("post-stratification takes one margin, whose levels are the strata")
    found = rake(margins, people=people)
    scale = found.people.sum() / found.total
    even = replace(found, weights=found.weights * scale)
    if bounds is None:
        return even
    scaled = [replace(margin, totals={level: total * scale for level, total in margin.totals.items()}) for margin in margins]
    return trim_weights(even, *bounds, scaled)


def _lines(margins: Sequence[Margin], people: npt.ArrayLike | None, design_weights: npt.ArrayLike | None) -> tuple[Array, Array]:
    """People and design weights of each line, (N,) each."""
    if not margins:
        raise ValueError("weights need at least one margin")
    size = len(margins[0].levels)
    each, weights = (np.ones(size) if given is None else np.asarray(given, dtype=float) for given in (people, design_weights))
    if {len(margin.levels) for margin in margins} | {len(each), len(weights)} != {size}:
        raise ValueError("margins, people and design weights are not of the same lines")
    if not (np.isfinite(each).all() and (each >= 0).all() and each.any()):
        raise ValueError("people are counted, and there is at least one")
    return each, weights


def _faults(margins: Sequence[Margin], people: Array, weights: Array) -> Iterator[Problem]:
    """What cannot be weighted: design weights, totals, levels without answers or without a total."""
    wrong = int(np.count_nonzero(~(np.isfinite(weights) & (weights > 0))))
    if wrong:
        yield Problem(
            "design weights are zero, negative or infinite.", fix="give every line a positive one.", code="weights", count=wrong
        )
    for margin in margins:
        answered = set(np.asarray(margin.levels)[people > 0].tolist())
        for level, total in sorted(margin.totals.items()):
            if not (np.isfinite(total) and total > 0):
                yield Problem(
                    f"the headcount of {margin.name} '{level}' is {total:g}.",
                    fix="give a positive number, or leave out a level that nobody belongs to.",
                    code="weights-total",
                )
            elif level not in answered:
                yield Problem(
                    f"nobody of {margin.name} '{level}' answered, and {total:g} could have.",
                    fix="join the level to one that is like it, in the answers and in the headcounts.",
                    code="weights-empty",
                )
        for level in sorted(set(margin.levels) - set(margin.totals)):
            yield Problem(
                f"people of {margin.name} '{level}' answered, and the headcounts do not know the level.",
                fix="add it to the headcounts, or write the levels of answers and headcounts alike.",
                code="weights-unknown",
            )


def _disagreements(margins: Sequence[Margin]) -> Iterator[Problem]:
    """Margins whose totals do not add up to the first one's."""
    first, *others = [(margin.name, float(sum(margin.totals.values()))) for margin in margins]
    for name, total in others:
        if not abs(total - first[1]) <= ALIKE * abs(first[1]):
            yield Problem(
                f"headcounts add up to {first[1]:,.0f} people by {first[0]} and to {total:,.0f} by {name}.",
                fix="count the same people both ways.",
                code="weights-disagree",
            )


def _coded(margin: Margin) -> tuple[Codes, Array]:
    """A margin's levels as codes (N,) and the totals by code."""
    names = sorted(margin.totals)
    codes = pd.Index(names).get_indexer(pd.Index(margin.levels))
    return np.asarray(codes, dtype=np.intp), np.array([float(margin.totals[name]) for name in names])


def _off(coded: Sequence[tuple[Codes, Array]], people: Array, weights: Array) -> float:
    """The largest relative distance from a total; 0 without margins."""
    return max((float(np.abs(distance).max()) for distance in _distances(coded, people, weights)), default=0.0)


def _distances(coded: Sequence[tuple[Codes, Array]], people: Array, weights: Array) -> Iterator[Array]:
    for codes, totals in coded:
        yield np.bincount(codes, people * weights, len(totals)) / totals - 1


def _unmet(margins: Sequence[Margin], coded: Sequence[tuple[Codes, Array]], people: Array, weights: Array) -> Problem:
    """Which level is furthest from its total when raking has not ended."""
    distances = list(_distances(coded, people, weights))
    worst = int(np.argmax([np.abs(distance).max() for distance in distances]))
    level = int(np.abs(distances[worst]).argmax())
    margin, total = margins[worst], float(coded[worst][1][level])
    name, reached = sorted(margin.totals)[level], total * (1 + float(distances[worst][level]))
    return Problem(
        f"raking does not converge: after {ROUNDS:,} rounds {margin.name} '{name}' has {reached:,.4g} of {total:,.4g} people.",
        fix="margins that too few people connect cannot be met together: join levels, or weight to fewer margins.",
        code="weights-convergence",
    )
