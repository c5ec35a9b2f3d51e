"""The verdict: a shape with its word, the sentence, who stands behind it, and the four questions a board asks of it."""

from collections.abc import Sequence

from dash import html
from dash.development.base_component import Component

from dashboards import wording
from dashboards.addresses import measure_address
from dashboards.charts import finding_address, route_label, sides
from dashboards.components.attributes import aria
from dashboards.look_up import percent_answered, population_of, side_cell, units_of
from evaluation.figures import numbers
from evaluation.release.cards import FindingCard
from evaluation.release.publish import Release
from evaluation.terms import Design, Role, Tone


def word(tone: Tone, text: str) -> Component:
    """A verdict's word with its shape."""
    shape = html.Span(wording.mark(tone), className="shape", **aria(hidden="true"))
    return html.Span([shape, text], className=f"word {tone.value}")


def verdict(release: Release, finding: FindingCard, anchor: str) -> list[Component]:
    """Word, sentence and facts of one finding; `anchor` is the id of the sentence."""
    sentence = finding.sentence.removeprefix(f"{finding.verdict}. ")
    said = [word(finding.tone, finding.verdict), html.H2(sentence, className="say", id=anchor), _facts(release, finding)]
    if finding.claim_change_not_effect:
        said.append(html.P("This is a change, not an effect: there is nothing to compare it with.", className="facts"))
    return said


def _facts(release: Release, finding: FindingCard) -> Component:
    population = population_of(release, finding.population)
    if finding.estimate is None and not finding.n_units:
        return html.P(" · ".join(_expected(release, finding)), className="facts")
    units = [html.B(text) if strong else text for text, strong in wording.units(finding, release.study)]
    who = wording.people(finding, population.label if population else "people")
    return html.P([*units, f" · {who}{_answered(release, finding)} · {wording.STATUS_WORDS[finding.status]}"], className="facts")


def _expected(release: Release, finding: FindingCard) -> list[str]:
    """Facts before anything is compared: who takes part, from the register, and how many answered at the start."""
    left, right = sides(finding.contrast)
    alone = finding.design.alone
    counts = {side: sum(side in (unit.arm, unit.role) for unit in release.organisations) for side in (left, right)}
    parts = [f"{numbers.count(counts[left])} pilot"]
    parts += [f"{numbers.count(counts[right])} comparison"] if counts[right] and not alone else []
    one, many = wording.compared(finding, release.study)
    said = [f"{numbers.listed(parts)} {one if parts == ['1 pilot'] else many}"] if counts[left] else []
    cells = [side_cell(release, finding.measure, finding.wave_from, side) for side in ((left,) if alone else (left, right))]
    answered = [cell.n for cell in cells if cell and cell.n]
    population = population_of(release, finding.population)
    if answered and len(answered) == len(cells) and population:
        said.append(f"{numbers.count(sum(answered))} {population.label.lower()} at the start")
    return [*said, wording.STATUS_WORDS[finding.status]]


def _answered(release: Release, finding: FindingCard) -> str:
    """" · 52% answered": of the sides compared, at the later wave; nothing without headcounts, or beside people asked twice."""
    if finding.n_to is None or finding.design is Design.ANCOVA:
        return ""
    compared = [side for side in sides(finding.contrast) if side != Role.COMPARISON.value or finding.n_comparison]
    share = percent_answered(release, finding.population, finding.wave_to, compared)
    return "" if share is None else f" · {numbers.percent(share)} answered"


def questions(release: Release, finding: FindingCard, routes: Sequence[FindingCard] = ()) -> Component:
    """How sure, was it enough, which route, what would change our mind: those that have an answer."""
    each = [_link(finding, "organisations", f"See each {release.study.unit_word}")] if units_of(release, Role.PILOT) else []
    calculated = [_link(finding, "method", "How this was calculated")] if finding.panel else []
    sure = dict.fromkeys([*finding.how_sure, finding.floor_words])
    parts = [
        ("How sure", _words(list(sure), *each)),
        ("Was it enough", _words(finding.was_it_enough)),
        ("Which route", _routes(release, routes)),
        ("What would change our mind", _words(finding.would_change, *calculated)),
    ]
    return html.Dl([html.Div([html.Dt(name), html.Dd(answer)]) for name, answer in parts if answer])


def _link(finding: FindingCard, anchor: str, words: str) -> Component:
    return html.A(words, href=measure_address(finding.measure) + f"#{anchor}", className="more")


def _words(said: Sequence[str], *links: Component) -> list[Component | str]:
    text = " ".join(wording.sentence(each) for each in said if each)
    return [f"{text} ", *links] if text else []


def _routes(release: Release, routes: Sequence[FindingCard]) -> list[Component | str]:
    if all(found.estimate is None for found in routes):
        return []
    items, plural = [html.Li(_route(release, found)) for found in routes], release.study.unit_plural
    beside = any(found.n_comparison for found in routes) and all(sides(found.contrast)[1] == Role.COMPARISON for found in routes)
    together = f"Each is compared with the comparison {plural}, not with the other." if beside and len(routes) > 1 else ""
    return [html.Ul(items, className="bare"), *([together] if together else [])]


def _route(release: Release, found: FindingCard) -> list[Component | str]:
    if found.estimate is None:
        return [f"{route_label(release, found)}: {found.short}."]
    verdict_words = found.short[:1].lower() + found.short[1:]
    interval = "no interval can be given" if found.conf_low is None else wording.interval(found)
    said = f": {numbers.signed(found.estimate, found.decimals)} ({interval}), {verdict_words}."
    return [html.A(route_label(release, found), href=finding_address(release, found)), said]
