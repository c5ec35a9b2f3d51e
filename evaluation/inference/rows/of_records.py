"""A study's estimand of events counted in records: from its table to its answer, with the refusals of every other headline.

Where whole organisations were given an arm, the counts of their units are added up. Estimates are logs of rate ratios. Source:
docs/methods.md, section 17.
"""

from dataclasses import replace

import numpy as np
import pandas as pd
from scipy import stats

from evaluation.evidence.evidence import Evidence
from evaluation.inference.cautions import sized_cautions
from evaluation.inference.design import Contrast, whole_organisations
from evaluation.inference.estimate import Answer, Estimate
from evaluation.inference.fit_units import interval80
from evaluation.inference.further import without_each_unit
from evaluation.inference.level_row import is_told
from evaluation.inference.panel import withheld
from evaluation.inference.question import Question
from evaluation.inference.refusals import Facts, Keeps, Refusal, refusals, standing
from evaluation.inference.resolution import floor, floor_within
from evaluation.inference.restated import against_margin, as_estimated
from evaluation.inference.rows.records import TERM, Counts, counts_of, rate_rows
from evaluation.organisations.register import Register
from evaluation.terms import Assignment


def answer_records(question: Question, contrast: Contrast, evidence: Evidence, register: Register) -> Answer:
    """The answer to one contrast of an estimand that is counted in records."""
    table = evidence.records[question.estimand.measure]
    own = table.assign(side=contrast.side(table["arm"])).dropna(subset=["side"])
    gathered = bool(len(own)) and whole_organisations(own.drop_duplicates("unit"), question.design)
    counts = counts_of(own.assign(unit=own["organisation"]) if gathered else own, question.waves)
    absent = _absent(register, contrast, counts, gathered=gathered)
    facts = question.facts(contrast, evidence, counts.n_pilot, len(counts.units) - counts.n_pilot, 2)
    if gathered:
        facts = replace(facts, unit_word=Assignment.ORGANISATION.value, unit_plural=Assignment.ORGANISATION.plural)
    level = counts.level if len(counts.units) else None
    if level is not None:
        facts = replace(facts, columns=level.columns.shape[1], contrast_lost=not is_told(level), no_spread=not counts.varies)
    found = refusals(facts)
    blank = _blank(question, contrast, facts, gathered=gathered)
    status, keeps = standing(found)
    if keeps is Keeps.NOTHING or level is None:
        flags = question.cautions(evidence)
        nothing = replace(blank, status=status.value, flags=flags)
        return Answer(question.name, contrast.label, nothing, (), unit_table(question, own, counts), flags, refusals=found)
    blank = replace(blank, resolution_floor=_floor(counts))
    return _finished(question, evidence, blank, own, counts, (absent, found))


def _finished(
    question: Question, evidence: Evidence, blank: Estimate, own: pd.DataFrame, counts: Counts,
    told: tuple[tuple[str, ...], tuple[Refusal, ...]],
) -> Answer:
    absent, found = told
    confidence = question.protocol.look_confidence
    headline, *beside = withheld(rate_rows(blank, counts, confidence), *standing(found))
    plural = Assignment(str(blank.unit)).plural
    sized = sized_cautions(headline, absent, counts.level.shared, plural, 1 - confidence)
    flags = (*question.cautions(evidence), *sized, *counts.corrected)
    alone = without_each_unit(question, blank, counts.level) if headline.std_error is not None else ()
    plain = replace(headline, statistic=None, p_value=None, adjusted_p=None)
    return Answer(
        question.name, str(blank.contrast), replace(headline, flags=flags), tuple(beside), unit_table(question, own, counts),
        flags, interval80(headline), refusals=found, further=(*against_margin(question, plain, headline), *alone),
    )  # fmt: skip


def _blank(question: Question, contrast: Contrast, facts: Facts, *, gathered: bool) -> Estimate:
    _, matters = as_estimated(question.measure.minimum_important_difference)
    return replace(
        question.blank(contrast), term=TERM, minimum_important_difference=matters, n_units=facts.units, n_pilot=facts.n_pilot,
        n_comparison=facts.n_comparison,
        unit=Assignment.ORGANISATION.value if gathered else question.protocol.assignment.value,
    )  # fmt: skip


def _absent(register: Register, contrast: Contrast, counts: Counts, *, gathered: bool) -> tuple[str, ...]:
    """Who was assigned, and has no counts in one of the waves or in both."""
    units = register.units[contrast.side(register.units["arm"]).notna()]
    expected = set(units["organisation"].astype(str)) if gathered else set(units.index.astype(str))
    return tuple(sorted(expected - set(counts.units)))


def _floor(counts: Counts) -> float:
    if not counts.places:
        return floor(counts.n_pilot, len(counts.units))
    places = pd.Series(counts.pilots).groupby(list(counts.places))
    return floor_within((int(side.sum()), len(side)) for _, side in places)


def unit_table(question: Question, own: pd.DataFrame, counts: Counts) -> pd.DataFrame:
    """One row a usable unit, columns as `estimate.Answer` says: n are events, means rates, changes logs of rate ratios."""
    named = own.drop_duplicates("unit").set_index("unit")
    if counts.units and not set(counts.units) <= set(named.index):
        named = own.drop_duplicates("organisation").set_index("organisation", drop=False)
    table = named.reindex(list(counts.units))[["organisation", "arm", "role"]].rename_axis("unit")
    rates, level = counts.events / counts.exposure, counts.level if len(counts.units) else None
    outcome = np.empty(0) if level is None else level.outcome
    spread = np.empty(0) if level is None or level.sampling is None else np.sqrt(level.sampling)
    reach = float(stats.norm.ppf((1 + question.protocol.look_confidence) / 2)) * spread
    table = table.assign(
        n_from=counts.events[:, 0], n_to=counts.events[:, 1], mean_from=rates[:, 0], mean_to=rates[:, 1], change=outcome,
        adjusted_change=outcome, std_error=spread, conf_low=outcome - reach, conf_high=outcome + reach,
    )  # fmt: skip
    return table.reset_index()
