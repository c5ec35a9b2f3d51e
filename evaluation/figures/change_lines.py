"""Lines of change: pilots and comparison over the waves, where pilots would be had they changed alike, and the gap.

The dashed line is the pilots' start moved as the others moved, from the means as shown: what is drawn agrees with itself. The
bracket carries the estimate; where the means as shown would give another number, it says that it is the plan's.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any

from evaluation.figures import numbers
from evaluation.figures.axes import coloured, decimals_of, literal, shown_range, ticks
from evaluation.figures.looks import NARROWEST, Figure, Look, layout
from evaluation.figures.marks import Mark, line, words
from evaluation.figures.readings import Reading, difference

WIDTHS = (NARROWEST, 370, 560)
LEFT, LETTER = 36, 7.4
HEIGHT, TOP, BOTTOM, LABEL_GAP, BRACKET, NARROW_BRACKET = 300, 16, 48, 19, 78, 70


@dataclass(frozen=True)
class Side:
    """One line: its name and a reading for each wave."""

    name: str
    readings: dict[str, Reading]

    def mean(self, wave: str) -> float | None:
        """The mean of a wave, or None."""
        reading = self.readings.get(wave)
        return reading.mean if reading else None

    def last(self, waves: Iterable[str]) -> float | None:
        """The mean of the last of `waves` that shows one."""
        means = [self.mean(wave) for wave in waves]
        return next((mean for mean in reversed(means) if mean is not None), None)


@dataclass(frozen=True)
class Gap:
    """The difference the estimate speaks of."""

    estimate: float
    low: float | None
    high: float | None


@dataclass(frozen=True)
class ChangeLines:
    """All that the figure shows.

    `waves` are label and day in order; `others` None: pilots alone, compared with their own start; `gap` None: no estimate for
    these waves; `low` and `high` bound the scale; means have `decimals`, the gap `gap_decimals`; `anchored` False: only the
    later wave is compared, not the change.
    """

    waves: tuple[tuple[str, date], ...]
    pilots: Side
    others: Side | None
    wave_from: str
    wave_to: str
    gap: Gap | None
    low: float
    high: float
    unit_words: str
    decimals: int
    gap_decimals: int
    anchored: bool = True

    @property
    def sides(self) -> tuple[Side, ...]:
        """The lines there are."""
        return (self.pilots, self.others) if self.others else (self.pilots,)

    def expected(self) -> tuple[tuple[date, float], ...]:
        """Where pilots would be without a difference: days and means from the first wave compared to the last."""
        first, last, days = self.pilots.mean(self.wave_from), self.pilots.mean(self.wave_to), dict(self.waves)
        shown = self.shown_gap()
        if self.gap is None or last is None:
            return ()
        end = last - self.gap.estimate if shown is None else numbers.rounded(last, self.decimals) - shown
        if not self.anchored:
            return ((days[self.wave_to], end),)
        if first is None:
            return ()
        between = [wave for wave, day in self.waves if days[self.wave_from] < day < days[self.wave_to]]
        path = [(days[wave], first + moved) for wave in between if (moved := self._moved_others(wave)) is not None]
        return (days[self.wave_from], first), *path, (days[self.wave_to], end)

    def _moved_others(self, wave: str) -> float | None:
        return 0.0 if self.others is None else self.moved(self.others, wave)

    def moved(self, side: Side, wave: str = "") -> float | None:
        """How far one side moved to `wave`, else to the later of the waves compared, as shown; None where one is hidden."""
        nothing = Reading(None)
        before, after = (side.readings.get(each, nothing) for each in (self.wave_from, wave or self.wave_to))
        return difference(before, after, self.decimals)

    def shown_gap(self) -> float | None:
        """The gap that the means as shown would give."""
        if not self.anchored:
            last, others = self.pilots.mean(self.wave_to), self.others.mean(self.wave_to) if self.others else None
            return None if last is None or others is None else numbers.rounded(last - others, self.decimals)
        moves = [self.moved(side) for side in self.sides]
        own, beside = moves[0], moves[1] if self.others else 0.0
        return None if own is None or beside is None else numbers.rounded(own - beside, self.decimals)

    def told_gap(self) -> float | None:
        """The estimate as pages write it."""
        return None if self.gap is None else numbers.rounded(self.gap.estimate, self.gap_decimals)

    def shown(self) -> tuple[float, float]:
        """The part of the scale that the figure shows."""
        means = [mean for side in self.sides for wave, _ in self.waves if (mean := side.mean(wave)) is not None]
        return shown_range([*means, *(mean for _, mean in self.expected())], self.low, self.high)


def headline(lines: ChangeLines) -> str:
    """What the figure shows, in at most twelve words: "Pilots rose 0.6, others rose 0.1".

    Where a mean is hidden, or one wave only is compared, the gap is told instead.
    """
    said = [_moved(side, lines) for side in lines.sides]
    if lines.gap is not None and lines.expected() and (None in said or not lines.anchored):
        return _told(lines)
    if said[0] is None:
        mean = lines.pilots.mean(lines.wave_from)
        return "No number can be shown" if mean is None else f"{lines.pilots.name} began at {numbers.plain(mean, lines.decimals)}"
    both = [words for words in said if words]
    return ", ".join([both[0], *(words[:1].lower() + words[1:] for words in both[1:])])


def _told(lines: ChangeLines) -> str:
    shown = lines.shown_gap()
    told, decimals = (lines.told_gap() or 0.0, lines.gap_decimals) if shown is None else (shown, lines.decimals)
    if lines.others is None:
        return _change(lines.pilots.name, told, decimals)
    beside = "expected" if lines.anchored else "the others"
    if told == 0:
        return f"{lines.pilots.name} level with {'what was ' if lines.anchored else ''}{beside}"
    return f"{lines.pilots.name} {numbers.plain(abs(told), decimals)} {'higher' if told > 0 else 'lower'} than {beside}"


def note(lines: ChangeLines) -> str:
    """That the gap is not the one a reader would get by subtracting the means as shown; nothing where it is."""
    shown, told = lines.shown_gap(), lines.told_gap()
    if told is None or shown is None or shown == told:
        return ""
    return (
        f"The gap is the estimate by the plan's method, {numbers.plain(abs(told), lines.gap_decimals)}; "
        f"the means as shown would give {numbers.plain(abs(shown), lines.decimals)}."
    )


def _moved(side: Side, lines: ChangeLines) -> str | None:
    """"Pilots rose 0.6", from the means as shown; None where one is hidden."""
    change = lines.moved(side)
    return None if change is None else _change(side.name, change, lines.decimals)


def _change(name: str, change: float, decimals: int) -> str:
    if change == 0:
        return f"{name} did not change"
    return f"{name} {'rose' if change > 0 else 'fell'} {numbers.plain(abs(change), decimals)}"


def describe(lines: ChangeLines) -> str:
    """The figure in sentences, for who cannot see it."""
    said = []
    for side in lines.sides:
        waves = [f"{wave} {side.readings[wave].words(lines.decimals)}" for wave, _ in lines.waves]
        said.append(f"{side.name}: {'; '.join(waves)}.")
    expected = lines.expected()
    if lines.gap and expected:
        would_be, gap = numbers.plain(expected[-1][1], lines.decimals), numbers.plain(abs(lines.gap.estimate), lines.gap_decimals)
        without = "Without a difference in change" if lines.anchored else "Without a difference"
        method = " by the plan's method" if note(lines) else ""
        said.append(f"{without} pilots would be at {would_be}; the gap is {gap} {lines.unit_words}{method}.")
    return " ".join([*said, "The same numbers are in the table."])


def change_lines(lines: ChangeLines, look: Look, width: int = WIDTHS[-1]) -> Figure:
    """The figure dictionary: both sides with their names at the ends, the dashed expectation and the bracketed gap.

    It fits from `width` pixels on: below the widest of `WIDTHS` words break and the interval is left out.
    """
    narrow = width < WIDTHS[-1]
    figure: Figure = {"data": [], "layout": layout(look, height=_height(look), margin=(LEFT, _room(lines, narrow), TOP, BOTTOM))}
    low, high = lines.shown()
    places = ticks(low, high, 5)
    figure["layout"].update(
        xaxis=_time_axis(lines, width), shapes=_bracket(lines, look, narrow),
        annotations=[*_names(lines, look, high - low, narrow), *_gap_words(lines, look, narrow)],
        yaxis={"range": [low, high], "tickvals": places, "ticktext": [numbers.plain(p, decimals_of(places)) for p in places]},
    )
    if lines.expected() and lines.anchored:
        figure["data"].append(_dashes(lines, look))
    if lines.others:
        diamond = {"symbol": "diamond", "size": 12, "color": look.card, "line": {"color": look.comparison, "width": 2}}
        figure["data"].append(_line(lines.others, lines, {"color": look.comparison, "width": 2}, diamond))
    disc = {"symbol": "circle", "size": 12, "color": look.pilot, "line": {"width": 0}}
    figure["data"].append(_line(lines.pilots, lines, {"color": look.pilot, "width": 3}, disc))
    return figure


def _room(lines: ChangeLines, narrow: bool) -> int:
    """Pixels right of the plot that names, bracket and its words need."""
    widest = max((len(text) for text in _gap_texts(lines, narrow)), default=0)
    return (NARROW_BRACKET if narrow else BRACKET) + 12 + round(8.2 * widest)


def _height(look: Look) -> int:
    return round(HEIGHT * look.height)


def _line(side: Side, lines: ChangeLines, stroke: Figure, marker: Figure) -> dict[str, Any]:
    days = dict(lines.waves)
    known = [(wave, reading) for wave, reading in side.readings.items() if wave in days]
    return {
        "type": "scatter", "mode": "lines+markers", "x": [days[wave].isoformat() for wave, _ in known],
        "y": [reading.mean for _, reading in known], "line": stroke, "marker": {**marker, "opacity": 1}, "connectgaps": False,
        "cliponaxis": False, "hoverinfo": "text",
        "hovertext": [f"<b>{literal(f'{side.name}, {wave}')}</b><br>{literal(r.words(lines.decimals))}" for wave, r in known],
    }


def _dashes(lines: ChangeLines, look: Look) -> dict[str, Any]:
    expected = lines.expected()
    said = "Where pilots would be had they changed like the others" if lines.others else "Where pilots began"
    return {
        "type": "scatter", "mode": "lines", "x": [day.isoformat() for day, _ in expected], "y": [mean for _, mean in expected],
        "line": {"color": look.expected, "width": 2, "dash": "5px,5px"}, "hoverinfo": "text",
        "hovertext": [f"{said}: {numbers.plain(mean, lines.decimals)}" for _, mean in expected],
    }


def _time_axis(lines: ChangeLines, width: int) -> Figure:
    first, last = lines.waves[0][1], lines.waves[-1][1]
    days = max((last - first).days, 1)
    return {
        "type": "date", "tickvals": [day.isoformat() for _, day in lines.waves], "showgrid": False, "tickangle": 0,
        "ticklabelstandoff": 8, "ticktext": _wave_names(lines, width),
        "range": [_day(first, -0.07 * days), _day(last, 0.03 * days)],
    }


def _wave_names(lines: ChangeLines, width: int) -> list[str]:
    """Names under the waves; where they would touch, only the first and the last."""
    narrow = width < WIDTHS[-1]
    names = [literal(wave).replace(" ", "<br>", 1) if narrow else literal(wave) for wave, _ in lines.waves]
    days = [day.toordinal() for _, day in lines.waves]
    gaps = [after - before for before, after in pairwise(days)]
    pixels = (width - LEFT - _room(lines, narrow)) / (1.1 * max(days[-1] - days[0], 1))
    longest = max(len(part) for name in names for part in name.split("<br>"))
    if len(names) < 3 or min(gaps) * pixels > LETTER * longest:
        return names
    return [names[0], *([""] * (len(names) - 2)), names[-1]]


def _day(when: date, days: float) -> str:
    return date.fromordinal(when.toordinal() + round(days)).isoformat()


def _names(lines: ChangeLines, look: Look, span: float, narrow: bool) -> list[Mark]:
    """Names at the ends of the lines, moved apart where they would lie on one another."""
    waves = [wave for wave, _ in lines.waves]
    ends: list[tuple[float | None, str, str]] = [(lines.pilots.last(waves), f"<b>{literal(lines.pilots.name)}</b>", look.pilot)]
    if lines.others:
        ends.append((lines.others.last(waves), literal(lines.others.name), look.text))
    if lines.expected() and lines.anchored:
        ends.append((lines.expected()[-1][1], "Expected", look.soft))
    known = sorted([(y, text, colour) for y, text, colour in ends if y is not None], reverse=True)
    places = _apart([y for y, _, _ in known], LABEL_GAP * span / (_height(look) - TOP - BOTTOM))
    size = look.size - narrow
    named = zip(places, known, strict=True)
    return [words(text, 1, place, xshift=4, font={"color": colour, "size": size}) for place, (_, text, colour) in named]


def _apart(places: Sequence[float], gap: float) -> list[float]:
    """Falling places pushed apart to at least `gap`, their middle kept."""
    spread: list[float] = []
    for place in places:
        spread.append(min(place, spread[-1] - gap) if spread else place)
    drift = (sum(places) - sum(spread)) / max(len(places), 1)
    return [place + drift for place in spread]


def _bracket(lines: ChangeLines, look: Look, narrow: bool) -> list[Mark]:
    """The gap right of the names: from the pilots' last mean to where they would be."""
    last, expected = lines.pilots.mean(lines.wave_to), lines.expected()
    if last is None or not expected:
        return []
    would_be, at = expected[-1][1], NARROW_BRACKET if narrow else BRACKET
    if numbers.rounded(last - would_be, lines.gap_decimals) == 0:
        return []
    pixels = {"xsizemode": "pixel", "xanchor": 1}
    spans = [((at, at), (last, would_be)), *(((at - 6, at), (end, end)) for end in (last, would_be))]
    return [line(x, y, look.text, 1.5, **pixels) for x, y in spans]


def _gap_texts(lines: ChangeLines, narrow: bool) -> list[str]:
    """The gap; where there is room also its interval, and whose number it is where the means as shown give another."""
    if lines.gap is None or not lines.expected():
        return []
    size = numbers.plain(abs(lines.gap.estimate), lines.gap_decimals)
    if narrow:
        return [size, *(["by the", "plan's", "method"] if note(lines) else [])]
    low, high = lines.gap.low, lines.gap.high
    interval = [] if low is None or high is None else [numbers.between(low, high, lines.gap_decimals)]
    return [size, *(["by the plan's", "method"] if note(lines) else []), *interval]


def _gap_words(lines: ChangeLines, look: Look, narrow: bool) -> list[Mark]:
    last, texts = lines.pilots.mean(lines.wave_to), _gap_texts(lines, narrow)
    if last is None or not texts:
        return []
    text = "<br>".join([f"<b>{texts[0]}</b>", *(coloured(each, look.soft) for each in texts[1:])])
    middle = (last + lines.expected()[-1][1]) / 2
    return [words(text, 1, middle, xshift=(NARROW_BRACKET if narrow else BRACKET) + 8)]
