"""The analyst's part of a measure's page: every estimate beside the headline, tests within people, cautions."""

from collections.abc import Callable, Mapping, Sequence

from dash import html
from dash.development.base_component import Component

from dashboards import wording
from dashboards.components.table import Head, key_to_marks, table
from dashboards.look_up import wave_label
from evaluation.figures import numbers
from evaluation.release.cards import EstimateRow, FindingCard
from evaluation.release.publish import Release

LARGE = 1_000_000
COLUMN_WORDS = {
    "who": "Side", "mean_from": "Mean before", "mean_to": "Mean after", "conf_low": "Interval from", "conf_high": "Interval to",
    "t": "t", "df": "Degrees of freedom", "p_value": "p", "bf10": "Bayes factor", "common_language": "Common-language effect",
}
Value = str | float | int | bool | None


def method_note(release: Release, finding: FindingCard) -> Component:
    """How the number came about, folded away."""
    waves = f"{wave_label(release, finding.wave_from)} to {wave_label(release, finding.wave_to)}"
    said: list[Component] = [
        html.P(f"Design: {finding.design.value}, {finding.contrast_label[:1].lower()}{finding.contrast_label[1:]}, {waves}. "
               f"Unit of inference: {release.study.unit_word}. {wording.sentence(release.study.selection.says)}"),
        html.P(f"Evidence grade {finding.grade}: {wording.sentence(finding.grade_reason)}"),
    ]
    if finding.panel:
        panel = _panel(finding.panel, finding.decimals)
        said += [panel, *key_to_marks(panel)]
    if finding.within_people:
        said += [html.H3("Within people"), html.P("People who answered in both waves. Never the headline.")]
        said.append(_within(finding.within_people))
    if finding.flags:
        cautions = [html.Li(f"{flag.sentence} ({flag.id})") for flag in finding.flags]
        said += [html.H3("Cautions"), html.Ul(cautions, className="plain")]
    title = f"How this {'was' if finding.panel else 'will be'} calculated"
    return html.Details([html.Summary(title), *said], className="method", id="method")


def _panel(rows: Sequence[EstimateRow], decimals: int) -> Component:
    heads = [
        Head("Estimator"), Head("Variance"), Head("Estimate", True), Head("Standard error", True),
        Head("Degrees of freedom", True), Head("Interval", True), Head("p", True),
        Head("Adjusted p", True), Head("Smallest p possible", True), Head("Status"),
    ]
    return table("Every estimate of this answer; the first is the headline", heads, [_estimate(row, decimals) for row in rows])


def _estimate(row: EstimateRow, decimals: int) -> list[str]:
    finer = decimals + 2
    interval = None if row.conf_low is None or row.conf_high is None else numbers.between(row.conf_low, row.conf_high, finer)
    own_levels = "a level for each unit taken out" if row.term and row.term.endswith("| unit") else ""
    estimator = ", ".join(filter(None, (row.estimator, own_levels, "weighted" if row.weighted else "")))
    return [
        estimator or numbers.NOT_AVAILABLE, row.variance or numbers.NOT_AVAILABLE,
        _shown(row.estimate, lambda value: numbers.signed(value, finer)),
        _shown(row.std_error, lambda value: numbers.plain(value, finer)), _shown(row.df, numbers.plain),
        interval or numbers.NOT_AVAILABLE, _shown(row.p_value, numbers.p_value), _shown(row.adjusted_p, numbers.p_value),
        _shown(row.resolution_floor, numbers.p_value), row.status.value if row.status else numbers.NOT_AVAILABLE,
    ]


def _shown(value: float | None, words: Callable[[float], str]) -> str:
    return numbers.NOT_AVAILABLE if value is None else words(value)


def _within(rows: Sequence[Mapping[str, Value]]) -> Component:
    names = list(dict.fromkeys(name for row in rows for name in row))
    numeric = {name: all(_numeric(row.get(name)) for row in rows) for name in names}
    heads = [Head(COLUMN_WORDS.get(name, wording.capital(name.replace("_", " "))), numeric[name]) for name in names]
    cells = [[_value(name, row.get(name)) for name in names] for row in rows]
    return table("Tests on people who answered in both waves", heads, cells)


def _numeric(value: Value) -> bool:
    return value is None or (isinstance(value, int | float) and not isinstance(value, bool))


def _value(name: str, value: Value) -> str:
    if value is None:
        return numbers.NOT_AVAILABLE
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return numbers.count(value)
    if isinstance(value, float):
        return numbers.p_value(value) if {"p"} & set(name.split("_")) else _float(value)
    return value


def _float(value: float) -> str:
    if value > LARGE:
        return f"more than {numbers.count(LARGE)}"
    return numbers.plain(value, 0 if value >= 100 and value.is_integer() else 2)
