"""Units were assigned: from the evidence of one contrast to its answer, without touching a row."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from scipy import stats

from evaluation.evidence.evidence import Evidence
from evaluation.inference.cautions import found_cautions
from evaluation.inference.cells import Cells, cells_of, people_behind, unit_table
from evaluation.inference.design import OWN_COLUMNS, Contrast, Lifted, clustered
from evaluation.inference.estimate import Answer, Estimate
from evaluation.inference.flags import flag
from evaluation.inference.further import further
from evaluation.inference.panel import (
    ERRORS,
    absorbed_row,
    assumed_row,
    least_squares_rows,
    lifted,
    plain_estimate,
    sign_rows,
    unit_rows,
    withheld,
)
from evaluation.inference.power import Noise
from evaluation.inference.question import Question
from evaluation.inference.refusals import Facts, Keeps, Refusal, refusals, standing
from evaluation.inference.resolution import floor, floor_within
from evaluation.inference.second_opinions import second_opinions
from evaluation.inference.sources import with_sources
from evaluation.inference.unit_level import UnitLevel, adjusted_for_baseline, changes
from evaluation.inference.variance import LeastSquares, least_squares
from evaluation.organisations.register import Register
from evaluation.terms import Assignment, Design, Estimator


def answer_units(question: Question, contrast: Contrast, evidence: Evidence, register: Register) -> Answer:
    """The answer to one contrast of an estimand whose units were assigned; `within_people` is left to the caller.

    Of weighted answers there is no row with unit levels absorbed and no mixed model (docs/methods.md, rule 3), and nothing goes
    further.
    """
    cells = cells_of(question, contrast, evidence, register)
    facts = _worded(question.facts(contrast, evidence, cells.n_pilot, cells.n_comparison, OWN_COLUMNS[question.design]), cells)
    found = refusals(facts)
    blank = _sized(question, cells, evidence)
    if standing(found)[1] is Keeps.NOTHING:
        return _nothing(question, cells, blank, found, evidence)
    level = _level(question, cells, evidence)
    sourced = with_sources(question, level, register)
    found = refusals(replace(facts, dose_unknown=sourced.dose_unknown, no_benchmark=sourced.no_benchmark))
    if standing(found)[1] is Keeps.NOTHING:
        return _nothing(question, cells, blank, found, evidence)
    level = sourced.level
    regression = _regression(question, cells, level, sourced.shares)
    fit, second = least_squares(clustered(regression, cells.places)), least_squares(_as_rows(level))
    lost = not second.has_contrast or not fit.has_contrast
    alone = not lost and (second if question.estimator is Estimator.UNIT_CHANGE else fit).rests_on_one_unit
    facts = replace(
        facts,
        columns=level.columns.shape[1],
        contrast_lost=lost,
        no_spread=not level.varies,
        leverage_one=alone,
        floor=_floor(question, cells, level) if level.shared else None,
    )
    found = refusals(facts)
    if standing(found)[1] is Keeps.NOTHING:
        return _nothing(question, cells, blank, found, evidence)
    confidence = question.protocol.look_confidence
    blank = replace(blank, resolution_floor=_floor(question, cells, level))
    kept = _independent(level, second)
    absorbed = () if question.weighted else absorbed_row(blank, regression, question.design, confidence, cells.places)
    panel = _panel(question, cells, blank, kept, absorbed, fit)
    found_answer = _finished(question, cells, kept, fit, panel, found, evidence)
    if question.weighted:
        return found_answer
    return replace(found_answer, further=further(question, cells, evidence, register, blank, kept, found_answer))


def _worded(facts: Facts, cells: Cells) -> Facts:
    """Refusals speak of organisations where organisations are compared."""
    whole = Assignment.ORGANISATION
    return replace(facts, unit_word=whole.value, unit_plural=whole.plural) if cells.places else facts


def _sized(question: Question, cells: Cells, evidence: Evidence) -> Estimate:
    people = people_behind(question, cells, evidence)
    return replace(
        question.blank(cells.contrast),
        unit=Assignment.ORGANISATION.value if cells.places else question.protocol.assignment.value,
        n_units=len(cells.compared),
        n_pilot=cells.n_pilot,
        n_comparison=cells.n_comparison,
        n_respondents=int(people.sum()),
    )


def _level(question: Question, cells: Cells, evidence: Evidence) -> UnitLevel:
    if question.design is Design.ANCOVA:
        return adjusted_for_baseline(cells.usable, cells.contrast)
    linked = evidence.linked.get((question.estimand.measure, *question.waves)) if len(question.needed) == 2 else None
    linked = None if linked is None else linked.with_covariates(question.estimand.covariates)
    return changes(cells.usable, cells.contrast, question.design, question.waves[1], linked)


def _regression(question: Question, cells: Cells, level: UnitLevel, shares: Mapping[str, float]) -> Lifted:
    """The design's regression on everybody's answers; of changes beyond a trend, that on the units' changes."""
    if question.design is Design.BENCHMARK:
        return _as_rows(level)
    return lifted(cells.usable, cells.contrast, question.design, question.waves[1], level.shared, shares)


def _as_rows(level: UnitLevel) -> Lifted:
    """The second stage as a regression with one row a unit, to look for columns and units that decide alone."""
    X, D = level.columns, level.outcome
    return Lifted(level.units, level.terms, level.target, X[:, :, None] * X[:, None, :], X * D[:, None], D**2, np.ones(len(D)))


def _independent(level: UnitLevel, second: LeastSquares) -> UnitLevel:
    """Without columns of X that others already say; the contrast is known to stay."""
    kept = list(second.root.kept)
    return replace(
        level,
        columns=level.columns[:, kept],
        terms=second.terms,
        target=kept.index(level.target),
        dropped=level.dropped | second.dropped,
    )


def _floor(question: Question, cells: Cells, level: UnitLevel) -> float:
    if not level.shared:
        return floor(cells.n_pilot, len(cells.compared), question.design)
    sides = cells.units.reindex(list(level.units))
    own = cells.usable.cells.drop_duplicates("unit").astype({"unit": str}).set_index("unit")
    places = own["organisation"].reindex(sides.index)
    return floor_within((int(side.sum()), len(side)) for _, side in sides.groupby(places))


def _panel(
    question: Question, cells: Cells, blank: Estimate, level: UnitLevel, rest: tuple[Estimate, ...], fit: LeastSquares
) -> tuple[Estimate, ...]:
    """The protocol's estimator first, the other beside it, then the other errors of least squares."""
    confidence = question.protocol.look_confidence
    units = unit_rows(blank, level, confidence)
    rest += second_opinions(question, cells, level, fit, blank)
    squares = least_squares_rows(blank, fit, ERRORS, confidence)
    if question.design.alone:
        rest += sign_rows(blank, level.outcome)
    if question.estimator is Estimator.UNIT_CHANGE:
        return (*units, *squares, *rest)
    return (squares[0], *units, *squares[1:], *rest)


def _finished(
    question: Question,
    cells: Cells,
    level: UnitLevel,
    fit: LeastSquares,
    panel: tuple[Estimate, ...],
    found: tuple[Refusal, ...],
    evidence: Evidence,
) -> Answer:
    status, keeps = standing(found)
    headline, *beside = withheld(panel, status, keeps)
    if keeps is Keeps.ESTIMATE:
        beside += _assumed(question, level, headline)
    flags = (*question.cautions(evidence), *found_cautions(question, cells, level, fit, headline, beside))
    flags += _dose_flag(question, level)
    return Answer(
        question.name,
        cells.contrast.label,
        replace(headline, flags=flags),
        tuple(beside),
        unit_table(question, cells, evidence, level),
        flags,
        interval80(headline),
        refusals=found,
    )


def _dose_flag(question: Question, level: UnitLevel) -> tuple[str, ...]:
    """How far pilots were implemented, "40% to 100%", where that is what is compared."""
    if question.estimand.dose is None:
        return ()
    shares = level.columns[:, level.target]
    reached = shares[shares > 0]
    return (flag("by_dose", f"{100 * reached.min():.0f}% to {100 * reached.max():.0f}%"),) if len(reached) else ()


def _nothing(question: Question, cells: Cells, blank: Estimate, found: tuple[Refusal, ...], evidence: Evidence) -> Answer:
    status, _ = standing(found)
    flags = question.cautions(evidence)
    return Answer(
        question.name,
        cells.contrast.label,
        replace(blank, status=status.value, flags=flags),
        (),
        unit_table(question, cells, evidence, None),
        flags,
        refusals=found,
    )


def interval80(row: Estimate) -> tuple[float | None, float | None]:
    """The 80% interval of a row, (None, None) where it has no interval."""
    if row.estimate is None or row.std_error is None or row.df is None:
        return None, None
    reach = float(stats.t.ppf(0.9, row.df)) * row.std_error
    return row.estimate - reach, row.estimate + reach


def _assumed(question: Question, level: UnitLevel, headline: Estimate) -> list[Estimate]:
    """An interval under the plan's own expectations, where the plan states them and the data cannot judge."""
    plan = question.protocol.expect.get(question.measure.population)
    if plan is None or question.design is Design.ANCOVA or level.shared or headline.estimate is None:
        return []
    noise = Noise.expected(plan, question.scale_length, linked=False)
    once = question.design is Design.COMPARISON
    between = noise.between_units + noise.between_waves if once else 2 * noise.between_waves
    return [assumed_row(headline, level, between, plain_estimate(level), question.protocol.look_confidence)]
