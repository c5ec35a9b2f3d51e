"""The summary: what is to be decided, the verdict and how sure it is, everything the plan measured, what it cannot tell."""

import re
from collections.abc import Sequence
from datetime import date

from dash import html
from dash.development.base_component import Component

from dashboards import wording
from dashboards.addresses import Asked, address
from dashboards.charts import finding_address, finding_label, forest_rows, lines_of, usual_wave
from dashboards.components.attributes import aria
from dashboards.components.card import card, notice, section
from dashboards.components.change import change_chart
from dashboards.components.chart import Chart, Download, chart
from dashboards.components.table import Head, key_to_marks, table
from dashboards.components.verdict import questions, verdict
from dashboards.downloads import findings_csv
from dashboards.look_up import first_answers, main_findings, routes_of, wave_of
from dashboards.pages import Body, Page, register
from evaluation.figures import numbers
from evaluation.figures.forest import WIDTHS, describe, forest
from evaluation.release.cards import FindingCard, WaveCard
from evaluation.release.publish import Release
from evaluation.terms import Design, Status, Tone


def build(release: Release, asked: Asked) -> Body:
    """The page; `?show=table` puts the table in the forest's place."""
    show, known = asked.choose("show", ("table",))
    mains = main_findings(release)
    warning = [] if known and asked.only("show") else [notice(wording.UNKNOWN_CHOICE)]
    main = [
        html.H1(release.study.question, className="long" if len(release.study.question) > 90 else None, tabIndex="-1"),
        html.P(_as_of(release, mains), className="asof"), *warning, _decision(release), *_waiting(release),
        *(_main_card(release, finding, number) for number, finding in enumerate(mains, start=1)), _everything(release, show),
        html.Div([_since(release), _cannot_tell(release, mains)], className="pair"),
    ]
    return Body("Summary", main)


def _as_of(release: Release, mains: Sequence[FindingCard]) -> str:
    wave = wave_of(release, mains[0].wave_to) if mains else None
    loaded = wave.label if wave and (wave.loaded or wave.retired) else "Before the deciding wave"
    made = numbers.day(release.made.date())
    return f"{loaded} · result {release.result_number} of {made} · {wording.plan_state(release.study)}"


def _decision(release: Release) -> Component:
    decision = release.decision
    says = [html.B(decision.plan_says), ". "] if decision.plan_says else ["nothing yet. "]
    stated = "The plan" if release.study.frozen is None else f"The plan, frozen {numbers.day(release.study.frozen.date)},"
    rules = html.A("See the rules", href="/protocol#rules", className="more")
    body = html.P([f"{stated} says: ", *says, f"{wording.sentence(decision.reason)} ", rules])
    return section("ask", html.H2(f"For decision: {decision.asks}", id="ask"), body, kind="card ask")


def _waiting(release: Release) -> list[Component]:
    """Before any follow-up: what is in, what is due."""
    due = next((wave for wave in release.waves if not (wave.before_start or wave.loaded or wave.retired)), None)
    if due is None or any(wave.loaded or wave.retired for wave in release.waves if not wave.before_start):
        return []
    loaded = [wave.label for wave in release.waves if wave.loaded]
    in_hand = f"Answers so far: {numbers.listed(loaded)}. " if loaded else "No answers have been loaded yet. "
    return [notice(html.B("No follow-up yet. "), in_hand, _due(due, release.made.date()))]


def _due(wave: WaveCard, today: date) -> str:
    if wave.closes < today:
        return f"{wave.label} was due by {numbers.day(wave.closes)}."
    if wave.opens <= today:
        return f"Next: {wave.label}, open since {numbers.day(wave.opens)}, until {numbers.day(wave.closes)}."
    return f"Next: {wave.label}, open {numbers.day(wave.opens)} to {numbers.day(wave.closes)}."


def _main_card(release: Release, finding: FindingCard, number: int) -> Component:
    anchor = f"verdict-{number}"
    lines = lines_of(release, finding, usual_wave(release, finding))
    words = html.Div([*verdict(release, finding, anchor), questions(release, finding, routes_of(release, finding))])
    picture = [change_chart(release, finding, lines, f"change-{number}")] if lines else []
    return section(anchor, words, *picture, kind="card verdict")


def _everything(release: Release, show: str) -> Component:
    if not release.findings:
        return card("Everything the plan said we would measure", "all", notice("The plan asks nothing that can be answered."))
    share = wording.confidence(release.study.confidence)
    compared = any(finding.design is not Design.BEFORE_AFTER for finding in release.findings)
    what = "Difference between pilots and comparison" if compared else "Change in pilots"
    shaded = "Shaded: too small to matter for that measure, as the plan sets it."
    subtitle = f"{what}, with {share}. {shaded}{_not_worse(release)}"
    listed = _numbers(release)
    body = html.Div([listed, *key_to_marks(listed)]) if show == "table" else _forest(release, subtitle)
    return card("Everything the plan said we would measure", "all", body, beside=_switch(show))


def _switch(show: str) -> Component:
    links = []
    for word, value in (("Chart", ""), ("Table", "table")):
        current = aria(current="true") if value == show else {}
        links.append(html.A(word, href=address("/", show=value) + "#all", id=f"show-{word.lower()}", **current))
    return html.Nav(links, className="switch", **aria(label="Show as"))


def _forest(release: Release, subtitle: str) -> Component:
    rows = forest_rows(release)
    data = Download(f"Data (CSV, {wording.kilobytes(findings_csv(release))})", "/data/findings.csv", "findings.csv")
    return chart(Chart(
        name="forest", headline=_counted(release), subtitle=subtitle, alternative=describe(rows),
        source=wording.snapshot(release), draw=lambda look, width: forest(rows, look, width), numbers=_numbers(release),
        widths=WIDTHS, downloads=[data], fold="Show the numbers, with a link to each answer",
    ))


def _counted(release: Release) -> str:
    """The forest's headline."""
    if all(finding.estimate is None for finding in release.findings):
        watched = any(finding.so_far for finding in release.findings)
        return "No verdict yet; estimates so far stand with each measure" if watched else "Nothing to compare yet"
    tones = [finding.tone for finding in first_answers(release) if finding.status is not Status.GUARDRAIL]
    better, worse = tones.count(Tone.BETTER), tones.count(Tone.WORSE) or "none"
    if any(finding.tone is Tone.WORSE for finding in _safeguards(release)):
        return f"{better} of {len(tones)} measures better, {worse} worse; a safeguard got worse"
    return f"{better} of {len(tones)} measures changed for the better, {worse} for the worse"


def _safeguards(release: Release) -> list[FindingCard]:
    return [finding for finding in release.findings if finding.status is Status.GUARDRAIL]


def _not_worse(release: Release) -> str:
    """How what must not get worse stands; nothing where the plan names nothing."""
    said = [f"{finding.label} ({finding.short[:1].lower()}{finding.short[1:]})" for finding in _safeguards(release)]
    return f" What must not get worse: {'; '.join(said)}." if said else ""


def _units_of(found: FindingCard) -> str:
    if not found.n_units:
        return numbers.NOT_AVAILABLE
    return numbers.count(found.n_units) + (f" {found.compared.plural}" if found.compared else "")


def _numbers(release: Release) -> Component:
    heads = [
        Head("Measure"), Head("Verdict"), Head("Difference", True), Head("Interval", True), Head("Unit"),
        Head("Matters from", True), Head(wording.capital(release.study.unit_plural), True), Head("Answers", True),
    ]
    rows = [
        [
            html.A(finding_label(release, found), href=finding_address(release, found)), found.short,
            wording.number(found), wording.interval(found), found.unit_words,
            numbers.plain(found.margin or found.minimum_important_difference, found.decimals),
            _units_of(found), wording.answers(found),
        ]
        for found in release.findings
    ]
    return table(f"Every question of the plan, with the {release.study.unit_plural} and answers behind it", heads, rows)


def _since(release: Release) -> Component:
    said = release.since_last or ("Nothing is recorded since the last meeting.",)
    return _listed("Since the last meeting", "since", said)


def _cannot_tell(release: Release, mains: Sequence[FindingCard]) -> Component:
    said = [*release.study.cannot_tell, *(words for finding in mains for words in finding.cannot_tell)]
    said += [flag.sentence for finding in mains for flag in finding.flags]
    once = list(dict.fromkeys(wording.sentence(each) for each in said))
    return _listed("What this cannot tell you", "cannot", once or ["The plan states no limits."])


def _listed(title: str, anchor: str, said: Sequence[str]) -> Component:
    return card(title, anchor, html.Ul([html.Li(wording.sentence(each)) for each in said], className="plain"))


PAGE = register(Page("Summary", 10, re.compile(r"/"), lambda release: "/", build))
