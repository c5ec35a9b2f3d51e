"""The lists under a sentence: how sure, was it enough, what would change our mind, what this cannot tell you."""

from collections.abc import Collection
from dataclasses import dataclass

import pandas as pd

from evaluation.figures.numbers import listed, plain, several
from evaluation.findings.grade import Grade
from evaluation.findings.people import Answers, in_people
from evaluation.findings.remedy import what_would_tell
from evaluation.findings.subject import Subject
from evaluation.findings.verdict import Kind, Reading
from evaluation.inference.estimate import Answer
from evaluation.terms import Assignment, Better, Design

Lines = tuple[str, ...]

OPEN = (Kind.CANNOT_TELL, Kind.NOT_SHOWN_SAFE, Kind.PROBABLY_IMPROVED, Kind.PROBABLY_WORSE)
TOLD_IN_PEOPLE = (Kind.IMPROVED, Kind.WORSE, Kind.PROBABLY_IMPROVED, Kind.PROBABLY_WORSE, Kind.BREACHED)


@dataclass(frozen=True)
class Moved:
    """How many pilot units rose, of how many counted; only units where enough people answered in both waves count.

    `own_change` is how far pilots alone moved, the mean of all their units; None without two waves.
    """

    rose: int | None
    fell: int | None
    counted: int | None
    own_change: float | None


NEGLIGIBLE = 0.001
"""A resolution floor below this is not worth a number: chance can be ruled out as clearly as anybody needs."""


def moved(subject: Subject, units: pd.DataFrame, pilot_arms: Collection[str], threshold: int) -> Moved:
    """What happened in each pilot unit, from the answer's table of units."""
    if subject.design is Design.COMPARISON or units.empty:
        return Moved(None, None, None, None)
    pilots = units[units["arm"].isin(list(pilot_arms))]
    enough = pilots[(pilots[["n_from", "n_to"]].min(axis=1) >= threshold) & pilots["change"].notna()]
    own = pilots["change"].mean()
    if subject.assignment is Assignment.RESPONDENT:
        return Moved(None, None, None, None if pd.isna(own) else float(own))
    rose, fell = int((enough["change"] > 0).sum()), int((enough["change"] < 0).sum())
    return Moved(rose, fell, len(enough), None if pd.isna(own) else float(own))


def how_sure(subject: Subject, interval: tuple[float | None, float | None], units: Moved, grade: Grade, floor: str) -> Lines:
    """The interval, the pilots that moved, the grade with its reason, and how clear a result could be at all."""
    low, high = interval
    lines = []
    if low is not None and high is not None:
        lower = high < 0
        low, high = (-high, -low) if lower else (low, high)
        ends = f"Between {subject.plain(low)} and {subject.plain(high)} {subject.unit_words}{' lower' if lower else ''}"
        lines.append(f"{ends} ({subject.interval_name}).")
        lines += [_touching(subject, "lower", low), _touching(subject, "upper", high)]
    if units.counted:
        lines.append(rose_words(subject, units))
    return tuple(filter(None, (*lines, grade.words, floor)))


def _touching(subject: Subject, which: str, end: float) -> str:
    """What rounding hides: on which side of no difference, or of the change that matters, the interval ends."""
    limit = subject.minimum if subject.margin is None else subject.margin
    for mark, name in ((0.0, "zero"), (limit, subject.plain(limit)), (-limit, subject.plain(-limit))):
        if subject.shown(end) == subject.shown(mark) and end != mark:
            return f"The {which} end is just {'above' if end > mark else 'below'} {name}."
    return ""


def rose_words(subject: Subject, units: Moved, hidden: int = 0) -> str:
    """"7 of 8 pilot organisations rose.", told in the direction most of them went; `hidden` ones are not counted."""
    rose, fell, counted = units.rose or 0, units.fell or 0, units.counted or 0
    number, word = (rose, "rose") if rose > fell or (rose == fell and subject.better is Better.HIGHER) else (fell, "fell")
    way = f"{word} (lower is better)" if subject.better is Better.LOWER else word
    if not hidden:
        return f"{number} of {several(counted, f'pilot {subject.unit}', f'pilot {subject.units}')} {way}."
    which = f"the {several(counted, f'pilot {subject.unit}', f'pilot {subject.units}')} that can be shown"
    return f"{number} of {which} {way}; {hidden} {'is' if hidden == 1 else 'are'} hidden."


def floor_words(subject: Subject, floor: float | None, pilots: int, others: int, firm: bool) -> str:
    """The resolution floor in words: how often chance alone would single these pilots out."""
    if floor is None or floor <= 0 or subject.assignment is Assignment.RESPONDENT:
        return ""
    alone = subject.design.alone
    sides = several(pilots, "pilot") + ("" if alone else f" and {several(others, 'comparison')}")
    if floor < NEGLIGIBLE:
        return f"{sides} are enough to tell a clear result from chance."
    times = f"one time in {plain(round(1 / floor), 0)}"
    words = f"With {sides}, even the clearest result could be chance {times}"
    return f"{words}." if firm else f"{words}, too often for a firm verdict."


def was_it_enough(
    subject: Subject, kind: Kind, reading: Reading, estimate: float | None, answers: Answers | None,
    own_change: float | None = None,
) -> Lines:
    """The estimate beside the change that matters, and what the number means in people where pilots moved that way."""
    limit = reading.minimum if reading.margin is None else reading.margin
    what = "the change that matters" if reading.margin is None else "the most that may get worse"
    lines = [f"The plan set {subject.amount(limit)} as {what}."]
    if estimate is not None and reading.estimate is not None and reading.low is not None and reading.high is not None:
        margin = reading.margin
        lines.append(_beside_limit(reading, subject.better) if margin is None else _beside_margin(reading, margin))
    against = subject.design.beyond_others and own_change is not None and estimate is not None and \
        subject.shown(own_change) * estimate <= 0
    if estimate is not None and kind in TOLD_IN_PEOPLE and not against:
        lines.append(in_people(subject, estimate, answers))
    return tuple(filter(None, lines))


def _beside_limit(reading: Reading, better: Better) -> str:
    d, low, high, m = reading.estimate or 0.0, reading.low or 0.0, reading.high or 0.0, reading.minimum
    if low > m:
        return "The whole interval is above it."
    if high < m and high < 0:
        return "The change went the other way."
    if high < m:
        return "Even the upper end of the interval is below it." if better is Better.HIGHER else \
            "Even the better end of the interval falls short of it."
    return "The best estimate is above it; we cannot be sure the true change is." if d >= m else \
        "The best estimate is below it; the true change could still reach it."


def _beside_margin(reading: Reading, margin: float) -> str:
    low, high = reading.low or 0.0, reading.high or 0.0
    if low > -margin:
        return "The whole interval stays within it."
    return "The whole interval is beyond it." if high < -margin else "The interval reaches beyond it."


def would_change(
    subject: Subject, kind: Kind, answer: Answer, interval: tuple[float | None, float | None], *, firm: bool, due: str
) -> Lines:
    """What would tell where we cannot yet; how big an error would overturn what we can tell."""
    if kind in (Kind.NOT_YET, Kind.SO_FAR):
        return (due,) if due else ()
    if kind in OPEN:
        return what_would_tell(subject, answer, firm)
    return _overturned(subject, kind, interval)


def _overturned(subject: Subject, kind: Kind, interval: tuple[float | None, float | None]) -> Lines:
    low, high = interval
    if low is None or high is None or kind not in (Kind.IMPROVED, Kind.WORSE):
        return ()
    nearest = min(abs(low), abs(high))
    if subject.shown(nearest) == 0:
        return ("A very small error, all in one direction, would be enough to overturn this.",)
    size = subject.amount(nearest)
    if subject.design is Design.BEFORE_AFTER:
        return (f"If pilots would have moved by {size} anyway, this could be chance.",)
    why = "who did not answer in one group differed from who did not in the other" if subject.randomised else \
        "pilots were already on their way"
    return (f"If {size} of the difference has another reason, for example because {why}, the rest could be chance.",)


def cannot_tell(subject: Subject, silent: str, missing: tuple[str, ...]) -> Lines:
    """What this finding leaves open: whom it does not speak for, who did not answer, which waves are missing."""
    lines = []
    if subject.design is Design.BEFORE_AFTER:
        lines.append("Whether it would have happened without the pilot: there is no comparison.")
    elif not subject.randomised:
        lines.append("Whether others would do as well.")
    why = "records hold them for one wave only" if subject.counted else "they did not answer every time"
    lines += [f"Left out because {why}: {silent}."] if silent else []
    lines += [f"Answers from {listed(missing)} are not in."] if missing else []
    return tuple(lines)
