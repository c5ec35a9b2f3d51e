"""The chart of change: pilots and comparison over the waves, with its words and its numbers."""

from dash.development.base_component import Component

from dashboards import wording
from dashboards.charts import sides
from dashboards.components.chart import Chart, Download, chart
from dashboards.components.table import Head, table
from dashboards.look_up import measure_of, population_of
from evaluation.figures import numbers
from evaluation.figures.change_lines import WIDTHS, ChangeLines, change_lines, describe, headline, note
from evaluation.release.cards import FindingCard
from evaluation.release.publish import Release


def change_chart(
    release: Release, finding: FindingCard, lines: ChangeLines, name: str, downloads: tuple[Download, ...] = (),
) -> Component:
    """The lines of one answer."""
    return chart(Chart(
        name=name, headline=headline(lines), subtitle=_subtitle(release, finding, lines), alternative=describe(lines),
        source=wording.snapshot(release), note=note(lines),
        draw=lambda look, width: change_lines(lines, look, width), numbers=_numbers(lines), widths=WIDTHS,
        downloads=downloads,
    ))


def _subtitle(release: Release, finding: FindingCard, lines: ChangeLines) -> str:
    measure, population = measure_of(release, finding.measure), population_of(release, finding.population)
    if measure is None or population is None:
        return finding.label
    arms = {arm.id: arm.label for arm in release.arms}
    route = arms.get(sides(finding.contrast)[0])
    pilots = f" Pilots: {route}." if route else ""
    shown = wording.scale_shown(measure, lines.shown(), lines.decimals)
    return f"{finding.label}, {wording.score(measure)}, {population.label.lower()}.{pilots} {shown}"


def _numbers(lines: ChangeLines) -> Component:
    heads = [Head("Wave"), *(Head(text, True) for side in lines.sides for text in (side.name, "Interval", "Answers"))]
    rows = [[wave, *(cell for side in lines.sides for cell in _cells(lines, side.name, wave))] for wave, _ in lines.waves]
    return table("Means by wave", heads, rows)


def _cells(lines: ChangeLines, name: str, wave: str) -> list[str]:
    reading = next(side for side in lines.sides if side.name == name).readings[wave]
    if reading.mean is None:
        return [reading.why, "", ""]
    people = numbers.NOT_AVAILABLE if reading.n is None else numbers.count(reading.n)
    return [reading.level(lines.decimals), reading.interval(lines.decimals) or numbers.NOT_AVAILABLE, people]
