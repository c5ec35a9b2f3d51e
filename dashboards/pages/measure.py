"""One measure: its verdict, the lines of change, every organisation, its questions, and how it was calculated.

The address holds every choice: `?wave=` the later wave, `?compare=` the sides compared, `?unit=` an organisation to pick out,
`?rows=all` every comparison organisation by itself.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import unquote

from dash import html
from dash.development.base_component import Component

from dashboards import wording
from dashboards.addresses import Asked, measure_address
from dashboards.charts import apart_label, finding_key, later_waves, lines_of, pairs_of, usual_wave
from dashboards.components.attributes import aria
from dashboards.components.card import card, notice, section
from dashboards.components.change import change_chart
from dashboards.components.chart import Download
from dashboards.components.choices import Choice, choices
from dashboards.components.method import method_note
from dashboards.components.organisations import chosen_words, organisations_chart
from dashboards.components.verdict import questions, verdict
from dashboards.downloads import cells_csv, panel_csv
from dashboards.look_up import findings_of, main_findings, measure_of, population_of, wave_label
from dashboards.pages import Body, Page, register
from evaluation.figures import numbers
from evaluation.release.cards import FindingCard, ItemCard, MeasureCard
from evaluation.release.publish import Release
from evaluation.terms import Design, ScoreRule

CHOICES = ("wave", "compare", "unit", "rows")


@dataclass(frozen=True)
class View:
    """What of a measure is looked at: checked choices, and whether all that was asked for could be given."""

    measure: MeasureCard
    finding: FindingCard
    key: str
    wave: str
    unit: str
    everyone: bool
    understood: bool

    def address(self, **other: str) -> str:
        """This view's address, with other choices in place of its own."""
        own = {"wave": self.wave, "compare": self.key, "unit": self.unit, "rows": "all" if self.everyone else ""}
        return measure_address(self.measure.id, **{**own, **other})


def build(release: Release, asked: Asked) -> Body | None:
    """The page of the measure in the path; None when the release has no such measure."""
    measure = measure_of(release, unquote(asked.path.removeprefix("/m/")))
    if measure is None:
        return None
    findings = findings_of(release, measure.id)
    main = [html.H1(measure.label, tabIndex="-1"), html.P(_about(release, measure), className="asof"), _others(release, measure)]
    if not findings:
        return Body(measure.label, [*main, notice("The plan asks nothing of this measure."), _items(release, measure)])
    view = _view(release, asked, measure, findings)
    warning = [] if view.understood else [notice(wording.UNKNOWN_CHOICE)]
    return Body(measure.label, [
        *main, *warning, _verdict(release, view), _controls(release, view, findings), *_figures(release, view),
        _items(release, measure), html.Section(method_note(release, view.finding), className="card", **aria(label="Method")),
    ])


def _view(release: Release, asked: Asked, measure: MeasureCard, findings: Sequence[FindingCard]) -> View:
    keyed = {finding_key(release, found): found for found in findings}
    key, known_contrast = asked.choose("compare", keyed, next(iter(keyed)))
    finding = keyed[key]
    later = later_waves(release, finding)
    wave, known_wave = asked.choose("wave", later, usual_wave(release, finding))
    unit, known_unit = asked.choose("unit", [unit.unit for unit in release.organisations if unit.role])
    rows, known_rows = asked.choose("rows", ("all",))
    understood = asked.only(*CHOICES) and known_contrast and known_wave and known_unit and known_rows
    return View(measure, finding, key, wave, unit, rows == "all", understood)


def _about(release: Release, measure: MeasureCard) -> str:
    population = population_of(release, measure.population)
    who = population.label if population else measure.population
    return f"{who} · {wording.score(measure)} · {measure.better.value} is better"


def _others(release: Release, here: MeasureCard) -> Component:
    asked_of = {finding.measure for finding in release.findings}
    links = [
        html.Li(html.A(measure.label, href=measure_address(measure.id), **(aria(current="page") if measure is here else {})))
        for measure in release.measures if measure.id in asked_of
    ]
    return html.Nav(html.Ul(links), className="measures", **aria(label="Measures"))


def _verdict(release: Release, view: View) -> Component:
    said = verdict(release, view.finding, "verdict")
    so_far = [each for each in view.finding.so_far if each.wave == view.wave != view.finding.wave_to]
    watched = [notice(html.B("A watched wave: no verdict yet. "), each.sentence) for each in so_far]
    another = view.wave != view.finding.wave_to and view.finding.estimate is not None
    dated = [html.P(f"At {wave_label(release, view.finding.wave_to)}:", className="facts")] if another else []
    return section("verdict", *dated, *said, *watched, questions(release, view.finding))


def _controls(release: Release, view: View, findings: Sequence[FindingCard]) -> Component:
    units = [(unit.unit, unit.name) for unit in sorted(release.organisations, key=lambda unit: unit.name) if unit.role]
    waves = [(wave, wave_label(release, wave)) for wave in later_waves(release, view.finding)]
    alone = view.finding.design is Design.COMPARISON
    label = "Compare at" if alone else f"Compare {wave_label(release, view.finding.wave_from)} with"
    offered = [Choice("wave", label, waves, view.wave)]
    if len(findings) > 1:
        answers = [(finding_key(release, found), wording.capital(apart_label(release, found))) for found in findings]
        offered.append(Choice("compare", "Which answer", answers, view.key))
    if units:
        nobody = ("", f"No {release.study.unit_word} picked out")
        offered.append(Choice("unit", f"Pick out one {release.study.unit_word}", [nobody, *units], view.unit))
    kept = [choice for choice in offered if choice.options]
    said = [dict(choice.options).get(choice.chosen, "") for choice in kept]
    status = html.P(f"Showing: {', '.join(words for words in said if words)}.", role="status", className="unseen")
    return html.Div([choices(measure_address(view.measure.id), kept, "What to show"), status])


def _figures(release: Release, view: View) -> list[Component]:
    lines = lines_of(release, view.finding, view.wave)
    if view.measure.score is ScoreRule.EVENT_RATE:
        return [notice("Only how rates compare is shown; the counts behind them stay in the study.")]
    if lines is None:
        return [notice("No number of this measure can be shown yet.")]
    size = wording.kilobytes(panel_csv(release, view.measure.id))
    panel = Download(f"Estimates (CSV, {size})", f"/data/estimates/{view.measure.id}.csv", f"{view.measure.id}-estimates.csv")
    change = change_chart(release, view.finding, lines, "change", (panel,))
    return [card("Change over the waves", "change", *_everybody(view), change), *_organisations(release, view)]


def _everybody(view: View) -> list[Component]:
    """That the charts show more people than the verdict is about, where it is about the same people asked twice."""
    if view.finding.design is not Design.ANCOVA:
        return []
    return [notice("This shows everybody who answered. The verdict above is about the same people asked twice.")]


def _organisations(release: Release, view: View) -> list[Component]:
    def link(unit: str) -> str:
        return view.address(unit=unit)

    pairs = pairs_of(release, view.finding, view.wave, chosen=view.unit, everyone=view.everyone, link=link)
    everyone = pairs_of(release, view.finding, view.wave, chosen=view.unit, everyone=True)
    if pairs is None or everyone is None or pairs.wave_from == pairs.wave_to or not later_waves(release, view.finding):
        return []
    size = wording.kilobytes(cells_csv(release, view.measure.id))
    cells = Download(f"Data (CSV, {size})", f"/data/cells/{view.measure.id}.csv", f"{view.measure.id}-cells.csv")
    picked = chosen_words(everyone, view.unit)
    dumbbells = organisations_chart(release, view.finding, pairs, everyone, (cells,))
    more = _more(release, view, len(pairs.rows), len(everyone.rows))
    said = [*_everybody(view), *([picked] if picked else [])]
    return [card(f"Each {release.study.unit_word}", "organisations", *said, dumbbells, *more)]


def _more(release: Release, view: View, shown: int, all_rows: int) -> list[Component]:
    plural = release.study.unit_plural
    if shown == all_rows and not view.everyone:
        return []
    words = f"Show comparison {plural} together" if view.everyone else f"Show all {numbers.count(all_rows)} {plural}"
    href = view.address(rows="" if view.everyone else "all") + "#organisations"
    return [html.P(html.A(words, href=href, id="rows"), className="actions")]


def _items(release: Release, measure: MeasureCard) -> Component:
    if measure.score is ScoreRule.EVENT_RATE:
        return card("Where the numbers come from", "items", html.P("Counted in records: nobody was asked."))
    population = population_of(release, measure.population)
    title = f"What {population.label.lower()} were asked" if population else "What was asked"
    asked = [html.Li([item.wording, _reversed(item), _asked_when(release, item.waves)]) for item in measure.items]
    return card(title, "items", html.Ol(asked, className="plain"))


def _reversed(item: ItemCard) -> str:
    return " (a high answer lowers the score)" if item.reverse else ""


def _asked_when(release: Release, waves: Sequence[str]) -> str:
    if set(waves) >= {wave.id for wave in release.waves}:
        return ""
    return f" (asked at {numbers.listed([wave_label(release, wave) for wave in waves])})"


def _first(release: Release) -> str:
    mains = main_findings(release)
    return measure_address(mains[0].measure if mains else release.measures[0].id if release.measures else "none")


PAGE = register(Page("Measures", 20, re.compile(r"/m/[^/]+"), _first, build))
