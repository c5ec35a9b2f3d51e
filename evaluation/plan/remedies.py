"""What a study that cannot see its own threshold could do about it, and what is cheapest.

Cost is counted in answers more per wave: a comparison organisation costs its answers, more people in each unit cost theirs.
A further pilot costs the programme itself, so it is named as the cheapest only where answers alone would not do.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import partial

from evaluation.findings.remedy import More, fewest_more
from evaluation.plan.shape import Shape

MOST_TIMES = 4
"""How many times what is planned a remedy may take; beyond, it is not offered."""


MOST_TO_OPEN = 40
"""How many more units are looked at for any verdict at all, or for a firm one."""


class Lever(StrEnum):
    """What there could be more of."""

    COMPARISONS = "comparison units"
    PEOPLE = "people in each unit"
    PILOTS = "pilot units"


@dataclass(frozen=True)
class Remedy:
    """One lever: how many `more` make a firm verdict on the threshold likely, and the `answers` that costs in each wave.

    `more` is None where even `most` more would not do; `grown` is the question with `more`, or else `most`.
    """

    lever: Lever
    more: int | None
    most: int
    answers: int
    grown: Shape

    @property
    def detectable(self) -> float:
        """What it would find four times in five."""
        return self.grown.detectable


@dataclass(frozen=True)
class Shortfall:
    """A question that cannot be relied on to see its own threshold, with every lever compared.

    `openings` are the fewest more units with which there is any verdict, `firmer` those with which one may go beyond "probably";
    nothing where there is one already, or where `firmer` asks for no more than `openings`.
    """

    shape: Shape
    remedies: tuple[Remedy, ...]
    openings: tuple[More, ...] = ()
    firmer: tuple[More, ...] = ()

    @property
    def cheapest(self) -> Remedy | None:
        """The remedy that costs least; None where nothing alone would do."""
        enough = [remedy for remedy in self.remedies if remedy.more is not None]
        return min(enough, key=lambda remedy: (remedy.lever is Lever.PILOTS, remedy.answers), default=None)


def shortfall(shape: Shape) -> Shortfall | None:
    """What is missing when no firm verdict on the threshold is found four times in five; None when the study is large enough."""
    if shape.suffices:
        return None
    remedies = tuple(_remedy(shape, lever) for lever in Lever if _applies(lever, shape))
    openings, firmer = _fewest(shape, lambda grown: not grown.withheld), _fewest(shape, lambda grown: grown.firm)
    return Shortfall(shape, remedies, openings, () if firmer == openings else firmer)


def _fewest(shape: Shape, enough: Callable[[Shape], bool]) -> tuple[More, ...]:
    if enough(shape) or shape.people_assigned:
        return ()
    grown = partial(_grown, shape)
    return fewest_more(lambda more: enough(grown(more)), alone=shape.subject.design.alone, most=MOST_TO_OPEN)


def _grown(shape: Shape, more: More) -> Shape:
    return shape.with_more(pilots=more.pilots, comparisons=more.comparisons)


def _applies(lever: Lever, shape: Shape) -> bool:
    if lever is Lever.PEOPLE:
        return True
    return not shape.people_assigned and (lever is Lever.PILOTS or not shape.subject.design.alone)


def _remedy(shape: Shape, lever: Lever) -> Remedy:
    if lever is Lever.COMPARISONS:
        return _least(lever, shape, shape.comparisons, shape.people, lambda more: shape.with_more(comparisons=more))
    if lever is Lever.PILOTS:
        return _least(lever, shape, shape.pilots, shape.people, lambda more: shape.with_more(pilots=more))
    if shape.people_assigned:
        return _least(lever, shape, shape.pilots, 2, lambda more: shape.with_more(pilots=more, comparisons=more))
    return _least(lever, shape, shape.people, shape.units, lambda more: shape.with_more(people=more))


def _least(lever: Lever, shape: Shape, now: int, each: int, grown: Callable[[int], Shape]) -> Remedy:
    """The smallest addition that suffices, by bisection: with more, refusals lift and detectable differences fall."""
    most = max(1, (MOST_TIMES - 1) * now)
    low, high = 0, most
    if not grown(most).suffices:
        return Remedy(lever, None, most, most * each, grown(most))
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if grown(middle).suffices else (middle, high)
    return Remedy(lever, high, most, high * each, grown(high))
