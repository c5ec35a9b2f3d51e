"""Response rates beside those of the wave before the start, and beside those of organisations of the same type.

A rate that fell tells that other people answered, which no statistics can put right: it is noted before anything is estimated.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from statistics import median

from evaluation.figures.numbers import percent
from evaluation.protocol.wave_checks import WaveChecks
from evaluation.waves.checks.faults import FIRST, listed


@dataclass(frozen=True)
class Answered:
    """People who answered one wave and people who could have, by organisation."""

    answered: Mapping[str, int]
    eligible: Mapping[str, int]

    @property
    def rates(self) -> dict[str, float]:
        """Percent, of organisations whose headcount is known."""
        known = ((code, number) for code, number in sorted(self.answered.items()) if self.eligible.get(code))
        return {code: 100 * number / self.eligible[code] for code, number in known}

    def among(self, organisations: Mapping[str, float]) -> float:
        """Percent, over all people of some organisations."""
        return 100 * sum(self.answered[code] for code in organisations) / sum(self.eligible[code] for code in organisations)


def beside_baseline(now: Answered, before: Answered, wave: str, arriving: Collection[str], bounds: WaveChecks) -> tuple[str, ...]:
    """Notes on rates that fell since an earlier wave, in all and by organisation, with both numbers.

    Args:
        now: the wave that comes in, with what stood in it before.
        before: the earlier wave.
        wave: its name.
        arriving: organisations of the file: those that a note on single ones may name.
        bounds: how far a rate may fall.
    """
    fall = bounds.response_fall.value
    both = {code: rate for code, rate in now.rates.items() if code in before.rates}
    if not both:
        return ()
    notes = []
    whole, was = now.among(both), before.among(both)
    if was - whole > fall:
        lowest = ", ".join(f"{code} {percent(rate)}" for code, rate in sorted(both.items(), key=lambda pair: pair[1])[:FIRST])
        among = f"the {len(both)} organisations that answered both" if len(both) > 1 else next(iter(both))
        notes.append(
            f"the response rate of {among} fell from {percent(was)} in wave '{wave}' to {percent(whole)}; lowest: {lowest}"
        )
    fell = {
        code: (rate, before.rates[code]) for code, rate in both.items() if code in arriving and before.rates[code] - rate > fall
    }
    return (*notes, *_listed(fell, f"more than {fall:g} points below their rate in wave '{wave}'"))


def gone_since(now: Mapping[str, int], before: Mapping[str, int], wave: str) -> tuple[str, ...]:
    """A note on organisations that answered an earlier wave and have no rows in the one that comes in.

    Args:
        now: rows of the wave that comes in, with what stood in it before, by organisation.
        before: rows of the earlier wave, of organisations that still take part.
        wave: its name.
    """
    gone = sorted(set(before) - set(now))
    have = "has" if len(gone) == 1 else "have"
    return (f"{listed(gone)} answered wave '{wave}' and {have} no rows in this one yet",) if gone else ()


def fewer_rows(
    now: Mapping[str, int], before: Mapping[str, int], wave: str, arriving: Collection[str], bounds: WaveChecks
) -> tuple[str, ...]:
    """A note on organisations of the file with far fewer rows than in an earlier wave; `now` and `before` as in `gone_since`."""
    few = [code for code in sorted(arriving) if code in before and now[code] < bounds.rows_left * before[code]]
    counts = [f"{code} {now[code]:,} of {before[code]:,}" for code in few]
    return (f"less than {100 * bounds.rows_left:g}% of the rows of wave '{wave}': {listed(counts)}",) if few else ()


def beside_peers(now: Answered, types: Mapping[str, str], arriving: Collection[str], bounds: WaveChecks) -> tuple[str, ...]:
    """Notes on rates below the median of organisations of the same type.

    Args:
        now: the wave that comes in, with what stood in it before.
        types: the type of every organisation of the register.
        arriving: organisations of the file: those that a note may name.
        bounds: how far below, and how many make a median.
    """
    by_type: dict[str, list[float]] = {}
    for code, rate in now.rates.items():
        by_type.setdefault(types.get(code, ""), []).append(rate)
    middles = {kind: median(rates) for kind, rates in by_type.items() if kind and len(rates) >= bounds.response_peers}
    fall = bounds.response_fall.value
    low = {
        code: (rate, middles[types[code]])
        for code, rate in now.rates.items()
        if code in arriving and types.get(code, "") in middles and middles[types[code]] - rate > fall
    }
    return _listed(low, f"more than {fall:g} points below the median of their type")


def _listed(low: Mapping[str, tuple[float, float]], how: str) -> tuple[str, ...]:
    """ "2 organisations answered at a rate ... : C1 31% (52%), C2 40% (52%)", the lowest first."""
    if not low:
        return ()
    named = [
        f"{code} {percent(rate)} ({percent(than)})" for code, (rate, than) in sorted(low.items(), key=lambda pair: pair[1][0])
    ]
    more = f" and {len(named) - FIRST} more" if len(named) > FIRST else ""
    count = f"{len(low)} organisations" if len(low) > 1 else "1 organisation"
    return (f"{count} answered at a rate {how}: {', '.join(named[:FIRST])}{more}",)
