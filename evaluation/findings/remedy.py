"""What would tell, where the answers so far cannot: how many more units, people or waves.

The error found is taken as it is and scaled: with m pilots and c comparisons it goes with sqrt(1/m + 1/c); the part of it that
comes from asking people goes with 1/sqrt(people); another follow-up wave can at best halve the variance of a change. A study
"can tell" a difference that it would show four times in five (docs/methods.md, formula 6).
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import ceil, isclose, sqrt

import pandas as pd

from evaluation.figures.numbers import several
from evaluation.findings.subject import Subject
from evaluation.inference.estimate import Answer, Estimate
from evaluation.inference.power import detectable
from evaluation.inference.resolution import floor
from evaluation.terms import Assignment, Design

REMEDIES: dict[str, str] = {
    "wave_missing": "The answers that are still missing.",
    "not_weighted": "Headcounts by group for every place, and answers from every group.",
    "not_asked": "Asking the questions in both waves.",
    "no_comparison_arm": "A comparison: places that go on as before.",
    "estimator_unfit": "A plan whose way of working out fits what was assigned.",
    "nobody_linked": "A personal code, so that the same people can be recognised.",
    "empty_arm": "Answers from both sides in every wave compared.",
    "one_unit": "More than one place with the pilot.",
    "dose_unknown": "A record of how far each pilot was carried out.",
    "no_benchmark": "National figures for the same kind of organisation in both waves.",
    "too_many_columns": "More places, or a simpler question.",
    "contrast_lost": "A comparison that differs from the pilots in nothing but the pilot.",
    "no_spread": "A look at the file: everybody giving the same answer is rarely real.",
    "one_on_a_side": "At least two {many} on each side and five in all would be needed.",
    "four_units": "At least two {many} on each side and five in all would be needed.",
    "leverage_one": "More {many} on either side, so that no result rests on one {one}.",
    "few_before_after": "More pilots, or a comparison.",
}
"""What would help where inference refused, by the refusal's rule, in board words; `one` and `many` name what is compared."""

MOST_UNITS = 200
MOST_TIMES = 10
MOST_WAVES = 4
_ROUNDING = 1e-9


@dataclass(frozen=True)
class Precision:
    """How big a study is and how sure it was: units on each side (`comparisons` 0 before/after), error, two-sided confidence."""

    pilots: int
    comparisons: int
    std_error: float
    confidence: float

    @property
    def spread(self) -> float:
        """Standard deviation between units that the error implies."""
        return self.std_error / sqrt(self._balance(self.pilots, self.comparisons))

    def detectable(self, pilots: int, comparisons: int, spread: float) -> float:
        """The difference that a study of that size and spread would show four times in five."""
        error = spread * sqrt(self._balance(pilots, comparisons))
        df = pilots + comparisons - (2 if self.comparisons else 1)
        return detectable(error, df, confidence=self.confidence)

    def _balance(self, pilots: int, comparisons: int) -> float:
        return 1 / pilots + (1 / comparisons if self.comparisons else 0.0)


def precision_of(headline: Estimate, confidence: float) -> Precision | None:
    """The precision behind a headline; None where it has no error or too few units."""
    pilots, others, error = headline.n_pilot or 0, headline.n_comparison or 0, headline.std_error
    if headline.alone:
        others = 0
    return Precision(pilots, others, error, confidence) if error and pilots >= 1 and pilots + others >= 3 else None


def more_units(precision: Precision, target: float) -> int | None:
    """How many more units on each side; 0 where there are enough, None where more than 200 would be needed."""
    for more in range(MOST_UNITS + 1):
        others = precision.comparisons + more if precision.comparisons else 0
        if precision.detectable(precision.pilots + more, others, precision.spread) <= target:
            return more
    return None


def times_the_people(precision: Precision, sampling: float, target: float) -> float | None:
    """By how much the number of answers would have to grow; None where no number up to tenfold is enough.

    `sampling` is the part of a unit's variance that comes from asking people, in squared points.
    """
    between = max(precision.spread**2 - sampling, 0.0)
    for tenths in range(10, 10 * MOST_TIMES + 1):
        if precision.detectable(precision.pilots, precision.comparisons, sqrt(between + sampling * 10 / tenths)) <= target:
            return tenths / 10
    return None


def more_waves(precision: Precision, target: float) -> int | None:
    """How many more follow-up waves at best; None where even endless waves could not be enough, or more than four."""
    for more in range(1, MOST_WAVES + 1):
        spread = precision.spread * sqrt((1 + 1 / (1 + more)) / 2)
        if precision.detectable(precision.pilots, precision.comparisons, spread) <= target:
            return more
    return None


@dataclass(frozen=True)
class More:
    """Units to be added on either side."""

    pilots: int
    comparisons: int


def fewest_more(tells: Callable[[More], bool], *, alone: bool, most: int = MOST_UNITS) -> tuple[More, ...]:
    """The fewest more pilots, and the fewest more comparisons, with which a design `tells`; on both sides where neither does.

    Args:
        tells: whether a design with that many more can tell; with more it never tells less.
        alone: only pilots can be added.
        most: more than that on either side are not looked at; nothing is returned where they would be needed.
    """
    numbers = range(1, most + 1)
    one_side = [[More(more, 0) for more in numbers], [] if alone else [More(0, more) for more in numbers]]
    found = tuple(filter(None, (next(filter(tells, tried), None) for tried in one_side)))
    if found or alone:
        return found
    both = (More(pilots, total - pilots) for total in numbers for pilots in range(1, total))
    best = next(filter(tells, both), None)
    return () if best is None else (best,)


def what_would_tell(subject: Subject, answer: Answer, firm: bool) -> tuple[str, ...]:
    """Sentences for the board: the units, the people and the waves that would settle the question.

    `firm` is False where the design cannot tell even its clearest result from chance: then only more units help, except with what
    must not get worse, which is judged by its interval alone.
    """
    precision = precision_of(answer.headline, subject.confidence)
    if precision is None:
        return tuple(dict.fromkeys(_words(subject, refusal.rule) for refusal in answer.refusals))
    if not firm and subject.margin is None:
        return (_firmer(subject, precision, answer.headline.resolution_floor),)
    limit = subject.margin or subject.minimum
    size = f"a {'change' if subject.design is Design.BEFORE_AFTER else 'difference'} of {subject.amount(limit)}"
    target = subject.as_estimated(limit)
    more = more_units(precision, target)
    if more == 0:
        return (f"The study was large enough to show {size} four times in five; what is there lies too close to call.",)
    lines = (_units(subject, more, size), _people(subject, answer.units, precision, target), _waves(subject, precision, target))
    return tuple(filter(None, lines))


def _words(subject: Subject, rule: str) -> str:
    return REMEDIES[rule].format(one=subject.one, many=subject.many)


def _firmer(subject: Subject, precision: Precision, lowest: float | None) -> str:
    """The fewest more units that bring the resolution floor down to the plan's level; no number where `lowest`, the floor so far,
    is that of arms reassigned within places, because it matters where units are added.
    """
    def floor_with(more: More) -> float:
        pilots = precision.pilots + more.pilots
        return floor(pilots, pilots + precision.comparisons + more.comparisons, subject.design)

    everywhere = lowest is None or isclose(lowest, floor_with(More(0, 0)))
    fewest = fewest_more(lambda more: floor_with(more) <= 1 - precision.confidence + _ROUNDING, alone=subject.design.alone)
    sides = " or ".join(_side(subject, more) for more in fewest) if everywhere else ""
    needed = f"At least {sides}" if sides else f"More {subject.many}"
    return f"{needed} would be needed before any result could be told from chance."


def _side(subject: Subject, more: More) -> str:
    sides = (("pilot", more.pilots), ("comparison", more.comparisons))
    return " and ".join(several(n, f"more {side} {subject.one}", f"more {side} {subject.many}") for side, n in sides if n)


def _units(subject: Subject, more: int | None, size: str) -> str:
    if subject.assignment is Assignment.RESPONDENT:
        return f"{_number(more, 'person', 'people')} on each side would show {size} four times in five."
    if subject.design.alone:
        return f"{_number(more, f'pilot {subject.one}', f'pilot {subject.many}')} would show {size} four times in five."
    return f"{_number(more, subject.one, subject.many)} on each side would show {size} four times in five."


def _number(more: int | None, one: str, many: str) -> str:
    return f"More than {MOST_UNITS} more {many}" if more is None else f"About {several(more, f'more {one}', f'more {many}')}"


def _people(subject: Subject, units: pd.DataFrame, precision: Precision, target: float) -> str:
    unknown = "std_error" not in units or not units["std_error"].notna().any()
    if subject.assignment is Assignment.RESPONDENT or subject.counted or unknown:
        return ""
    times = times_the_people(precision, _sampling(subject, units), target)
    if times is None:
        return f"More answers from the same {subject.many} would not be enough."
    return f"Or about {ceil(2 * times) / 2:g} times as many answers from the same {subject.many}."


def _sampling(subject: Subject, units: pd.DataFrame) -> float:
    """The mean over what is compared of the variance that comes from asking people, in squared points."""
    variances = units["std_error"] ** 2
    if not subject.whole_organisations or not (variances > 0).all():
        return float(variances.mean())
    return float((1 / (1 / variances).groupby(units["organisation"]).sum()).mean())


def _waves(subject: Subject, precision: Precision, target: float) -> str:
    if subject.design is Design.COMPARISON or subject.assignment is Assignment.RESPONDENT:
        return ""
    more = more_waves(precision, target)
    if more is None:
        return "More waves alone would not be enough."
    return f"Or, at best, {several(more, 'more wave')}, if the {subject.many}' ups and downs even out."
