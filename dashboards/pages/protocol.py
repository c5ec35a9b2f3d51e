"""The plan: what was measured, when, in whom, by which rules the board decides, and whether it was sealed beforehand."""

import re

from dash import html
from dash.development.base_component import Component

from dashboards import wording
from dashboards.addresses import Asked, measure_address
from dashboards.components.attributes import aria
from dashboards.components.card import card, notice
from dashboards.components.table import Head, table
from dashboards.components.theory import theory
from dashboards.look_up import measure_of, population_of, wave_label
from dashboards.pages import Body, Page, register
from evaluation.figures import numbers
from evaluation.release.cards import FrozenPlan, MeasureCard, PlannedEstimand, RuleCard
from evaluation.release.publish import Release
from evaluation.terms import Design

HOLDS = {True: "holds now", False: "does not hold", None: "cannot be told yet"}


def build(release: Release, asked: Asked) -> Body:
    """The page; it offers no choices."""
    warning = [] if asked.only() else [notice(wording.UNKNOWN_CHOICE)]
    return Body("Protocol", [
        html.H1("The plan", tabIndex="-1"), html.P(release.study.question, className="asof"), *warning,
        _seal(release), _rules(release), _theory(release), *_values(release), _measures(release), _waves(release),
        _estimands(release), _arms(release), _document(release),
    ])


def _seal(release: Release) -> Component:
    frozen, fingerprint = release.study.frozen, release.study.fingerprint
    if frozen is None:
        so_far = "The plan can still change without leaving a trace. Fingerprint now: "
        return notice(html.B("Not yet frozen. "), so_far, html.Code(fingerprint), ".")
    amended = f"Plan {frozen.number}" if frozen.number > 1 else "The plan"
    when = html.B(f"{amended} was frozen on {numbers.day(frozen.date)}{_late(release, frozen)}. ")
    other = "" if frozen.fingerprint == fingerprint else f" The plan used for this result is another: {fingerprint}."
    return notice(when, "Fingerprint: ", html.Code(frozen.fingerprint), f".{other}", kind="notice sealed")


def _late(release: Release, frozen: FrozenPlan) -> str:
    """That a first plan was sealed with answers at hand; simulated answers were made after it, whatever their dates."""
    before = [wave for wave in release.waves if not wave.before_start and wave.opens < frozen.date]
    if not before or frozen.number > 1 or release.study.simulated:
        return ""
    return f", after people had begun to answer ({before[0].label}, {numbers.day(before[0].opens)})"


def _rules(release: Release) -> Component:
    items = [html.Li(_rule(rule)) for rule in release.decision.rules]
    lead = html.P(f"The board is asked: {release.decision.asks} The first rule that holds says what the plan does.")
    return card("Decision rules", "rules", lead, html.Ol(items, className="plain"))


def _rule(rule: RuleCard) -> list[Component | str]:
    if rule.when is None:
        return ["Otherwise: ", html.B(rule.then), "."]
    reason = f" {wording.sentence(rule.reason)}" if rule.reason and not rule.holds else ""
    return [f"When {_plain(rule.when)}: ", html.B(rule.then), f" ({HOLDS[rule.holds]}).{reason}"]


def _plain(text: str) -> str:
    """Names of the plan with spaces in place of underscores."""
    return text.replace("_", " ")


def _theory(release: Release) -> Component:
    if not release.theory_of_change:
        return card("How it should work", "theory", html.P("The plan states no theory of change."))
    return card("How it should work", "theory", *theory(release))


def _values(release: Release) -> list[Component]:
    """The framework of values; none where the study has none."""
    heads = [Head(text) for text in ("Value", "What it means", "What it looks like", "Who meets it")]
    rows = [
        [value.label, value.statement, html.Ul([html.Li(each) for each in value.behaviours], className="bare"),
         wording.capital(numbers.listed(value.surfaced_by))]
        for value in release.protocol_page.values
    ]
    return [card("Values", "values", table("The values and how they show", heads, rows))] if rows else []


def _measures(release: Release) -> Component:
    heads = [Head(text) for text in ("Measure", "Who is asked", "Score", "Better", "Change that matters")]
    rows = [_measure(release, measure) for measure in release.measures]
    made = table("What is measured and how much change matters", [*heads, Head("Questions", True)], rows)
    return card("Measures", "measures", made)


def _measure(release: Release, measure: MeasureCard) -> list[Component | str]:
    population = population_of(release, measure.population)
    decimals = numbers.decimals_for(measure.minimum_important_difference, measure.unit_words.startswith("percent"))
    matters = numbers.amount(measure.minimum_important_difference, measure.unit_words, decimals)
    return [
        html.A(measure.label, href=measure_address(measure.id)), population.label if population else measure.population,
        wording.capital(wording.score(measure)), wording.capital(measure.better.value), matters,
        numbers.count(len(measure.items)),
    ]


def _waves(release: Release) -> Component:
    looks = {"watch": "watched: an estimate so far, no verdict", "decide": "decides", None: ""}
    heads = [Head("Wave"), Head("Opens"), Head("Closes"), Head("What it is for"), Head("Answers")]
    rows = [
        [
            wave.label, numbers.day(wave.opens), numbers.day(wave.closes),
            "Before the start" if wave.before_start else wording.capital(looks[wave.look]) or "Described only",
            "In" if wave.loaded else "Deleted at the end of their time" if wave.retired else "Not yet in",
        ]
        for wave in release.waves
    ]
    return card("Waves", "waves", table("When people are asked", heads, rows))


def _estimands(release: Release) -> Component:
    page = release.protocol_page
    heads = [Head(text) for text in ("Question", "Standing", "Measure", "Compared", "Waves", "Change that matters")]
    level = html.P(f"Intervals are {wording.confidence(release.study.confidence)}s.")
    rows = [_estimand(release, planned) for planned in page.estimands]
    return card("Questions to the data", "estimands", table("What the plan asks", heads, rows), level, _methods(release))


def _methods(release: Release) -> Component:
    """The names of designs, estimators and corrections, folded away."""
    page = release.protocol_page
    heads = [Head(text) for text in ("Question", "Design", "Estimator", "Family")]
    rows = [
        [wording.capital(_plain(each.name)), wording.capital(each.design.value), each.estimator, each.family or "none"]
        for each in page.estimands
    ]
    families = page.multiplicity.items()
    shared = [html.P(f"Family {name}: error rate shared by the method of {method.title()}.") for name, method in families]
    methods = table("How each question is answered", heads, rows)
    return html.Details([html.Summary("For analysts"), methods, *shared], className="method")


def _estimand(release: Release, planned: PlannedEstimand) -> list[Component | str]:
    measure = measure_of(release, planned.measure)
    limit = f"{planned.mid}; at most {planned.margin} worse" if planned.margin else planned.mid
    compared = [_sides(release, each) for each in planned.contrast] or [_usual(planned)]
    return [
        wording.capital(_plain(planned.name)), wording.capital(planned.status.value),
        measure.label if measure else planned.measure, html.Ul([html.Li(each) for each in compared], className="bare"),
        f"{wave_label(release, planned.wave_from)} to {wave_label(release, planned.wave_to)}", limit,
    ]


def _usual(planned: PlannedEstimand) -> str:
    if planned.design is Design.BENCHMARK:
        return "Pilots with the national trend"
    return "Pilots with themselves" if planned.design is Design.BEFORE_AFTER else "Pilots with comparison"


def _sides(release: Release, contrast: str) -> str:
    """A contrast with the arms' own names."""
    names = {arm.id: arm.label for arm in release.arms}
    return wording.capital(" with ".join(names.get(each.strip(), each.strip()) for each in contrast.split(" - ")))


def _arms(release: Release) -> Component:
    study = release.study
    counts = {arm.id: sum(unit.arm == arm.id for unit in release.organisations) for arm in release.arms}
    heads = [Head("Arm"), Head("Side"), Head(wording.capital(study.unit_plural), True)]
    shown = {arm: numbers.count(number) if number else numbers.NOT_AVAILABLE for arm, number in counts.items()}
    rows = [[arm.label, wording.capital(arm.role.value), shown[arm.id]] for arm in release.arms]
    leaves = f"If {_article(study.unit_word)} leaves: {_small(study.if_an_organisation_leaves)}"
    said = f"{wording.sentence(study.selection.says)} {leaves}"
    hidden = f"Disclosure policy {study.policy.name}, version {study.policy.version}: {wording.sentence(study.policy.says)}"
    return card("Who takes part", "arms", table("Arms", heads, rows), html.P(said), html.P(hidden))


def _small(text: str) -> str:
    """The rest of a sentence."""
    whole = wording.sentence(text)
    return whole[:1].lower() + whole[1:]


def _article(word: str) -> str:
    return f"{'an' if word[:1] in 'aeiou' else 'a'} {word}"


def _document(release: Release) -> Component:
    text = release.protocol_page.document_text
    file = html.A(f"The plan as written (YAML, {wording.kilobytes(text)})", href="/data/protocol.yaml", download="protocol.yaml")
    source = html.Pre(html.Code(text), tabIndex="0", role="region", **aria(label="Text of the plan"))
    versions = _versions(release.protocol_page.versions)
    folded = html.Details([html.Summary("Read the plan as written"), source])
    return card("The document", "document", versions, html.P(file, className="actions"), folded)


def _versions(versions: dict[str, str]) -> Component:
    return html.Ul([html.Li(f"{wording.capital(name)}: {version}") for name, version in versions.items()], className="plain")


PAGE = register(Page("Protocol", 80, re.compile(r"/protocol"), lambda release: "/protocol", build))
