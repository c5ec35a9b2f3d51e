"""The chart of organisations: before and after for each, with its words and its numbers."""

from dash import html
from dash.development.base_component import Component

from dashboards import wording
from dashboards.components.chart import Chart, Download, chart
from dashboards.components.table import Head, table
from dashboards.look_up import measure_of, population_of, wave_label
from evaluation.figures import numbers
from evaluation.figures.dumbbell import WIDTHS, Pair, Pairs, describe, dumbbell, headline
from evaluation.figures.readings import Reading
from evaluation.release.cards import FindingCard
from evaluation.release.publish import Release
from evaluation.terms import Better


def organisations_chart(
    release: Release, finding: FindingCard, pairs: Pairs, everyone: Pairs, downloads: tuple[Download, ...],
) -> Component:
    """The dumbbell of `pairs`; the table beneath lists `everyone`."""
    counted = _counted(release, finding, pairs)
    return chart(Chart(
        name="organisations", headline=headline(everyone, release.study.unit_plural, finding.better, counted),
        subtitle=_subtitle(release, finding, pairs), alternative=describe(pairs),
        source=wording.snapshot(release), note="Numbers of answers are rounded as the disclosure policy says.",
        draw=lambda look, width: dumbbell(pairs, look, width), numbers=pairs_table(everyone), widths=WIDTHS,
        downloads=downloads,
    ))


def _counted(release: Release, finding: FindingCard, pairs: Pairs) -> tuple[int, int] | None:
    """How many rose before rounding: known for the waves that the finding compares."""
    compared = pairs.wave_to == wave_label(release, finding.wave_to) and finding.better is Better.HIGHER
    if not compared or finding.units_rose is None or finding.units_counted is None:
        return None
    return finding.units_rose, finding.units_counted


def _subtitle(release: Release, finding: FindingCard, pairs: Pairs) -> str:
    measure, population = measure_of(release, finding.measure), population_of(release, finding.population)
    if measure is None or population is None:
        return finding.label
    shown = wording.scale_shown(measure, pairs.shown(), pairs.decimals)
    what = f"{finding.label}, {wording.score(measure)}, {population.label.lower()}"
    return f"{what}, {pairs.wave_from} and {pairs.wave_to}. {shown}"


def pairs_table(pairs: Pairs) -> Component:
    """Every row with both means, their intervals and answers, and the change."""
    heads = [
        Head("Organisation"), Head("Side"), Head(pairs.wave_from, True), Head("Interval", True), Head("Answers", True),
        Head(pairs.wave_to, True), Head("Interval", True), Head("Answers", True), Head("Change", True),
    ]
    return table(f"Change from {pairs.wave_from} to {pairs.wave_to}", heads, [_row(pairs, row) for row in pairs.rows])


def _row(pairs: Pairs, row: Pair) -> list[str]:
    change = pairs.change(row)
    ends = [*_cells(row.before, pairs.decimals), *_cells(row.after, pairs.decimals)]
    shown = numbers.NOT_AVAILABLE if change is None else numbers.signed(change, pairs.decimals)
    return [row.label, wording.capital(row.role.value), *ends, shown]


def _cells(reading: Reading, decimals: int) -> list[str]:
    if reading.mean is None:
        return [reading.why, "", ""]
    people = numbers.NOT_AVAILABLE if reading.n is None else numbers.count(reading.n)
    return [reading.level(decimals), reading.interval(decimals) or numbers.NOT_AVAILABLE, people]


def chosen_words(pairs: Pairs, chosen: str) -> Component | None:
    """The chosen organisation in a sentence: what hover says of its two points."""
    row = next((row for row in pairs.rows if row.key == chosen and chosen), None)
    if row is None:
        return None
    change = pairs.change(row)
    moved = f" Change {numbers.signed(change, pairs.decimals)}." if change is not None else ""
    before, after = row.before.words(pairs.decimals), row.after.words(pairs.decimals)
    said = f": {pairs.wave_from} {before}; {pairs.wave_to} {after}.{moved}"
    return html.P([html.B(row.label), said], className="chosen")
