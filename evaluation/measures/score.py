"""From a table of responses to a table of scores, as lazy expressions: nothing is read here.

A reverse-scored item is turned first (low + high - answer). In a wave that did not ask every item of a measure the
measure has no score at all: a mean over fewer items would not be comparable with the other waves. For the same reason an item
that became another question in some wave is left out in all of them; a measure of which nothing else is left ends before it.
"""

from functools import reduce
from operator import or_

import ibis
import ibis.expr.types as ir

from evaluation.measures import rules as _registered  # noqa: F401  (reading the folder registers every rule)
from evaluation.measures.rule import SCORE_INTERVALS, SCORING_RULES, Answer
from evaluation.protocol.block import Interval
from evaluation.protocol.documents import Documents
from evaluation.protocol.instrument import Instrument, Item, Scale
from evaluation.protocol.model import Measure


def items_of(measure: str, documents: Documents) -> tuple[str, ...]:
    """The items that a measure is scored from, in the order of its document; `by value` is every item that belongs to a value.

    A measure counted in records has none.
    """
    named = _named_items(measure, documents)
    return _plan(measure, documents)[1].trend_items(named) if named else ()


def left_out_of(measure: str, documents: Documents) -> dict[str, str]:
    """Items that a measure names and is not scored from, with the wave in which they became another question."""
    kept = items_of(measure, documents)
    gone = [item for item in _named_items(measure, documents) if item not in kept]
    return {item: _plan(measure, documents)[1].items[item].changed_in[0] for item in gone}


def _named_items(measure: str, documents: Documents) -> tuple[str, ...]:
    if documents.protocol.measures[measure].is_counted:
        return ()
    plan, instrument = _plan(measure, documents)
    if plan.named == "by value":
        return tuple(name for name, item in instrument.items.items() if item.value is not None)
    return tuple(plan.named)


def waves_scored(measure: str, documents: Documents) -> tuple[str, ...]:
    """The waves that asked every item of `measure` alike, in the order of the protocol; none of a measure counted in records."""
    if documents.protocol.measures[measure].is_counted:
        return ()
    _, instrument = _plan(measure, documents)
    items = items_of(measure, documents)
    alike = instrument.alike_until(items, list(documents.protocol.waves))
    return tuple(wave for wave in alike if set(items) <= set(instrument.asked(wave)))


def interval_of(measure: str, documents: Documents) -> Interval:
    """Lowest and highest possible score of `measure`; 0 to 100 for percent positive."""
    plan = documents.protocol.measures[measure]
    scales = [documents.instruments[plan.instrument].scale_of(item) for item in items_of(measure, documents)]
    return SCORE_INTERVALS[plan.score](scales, plan)


def measures_of(population: str, documents: Documents) -> tuple[str, ...]:
    """The measures asked of `population`, in the order of the protocol; those counted in records are asked of nobody."""
    asked = ((name, one) for name, one in documents.protocol.measures.items() if not one.is_counted)
    return tuple(name for name, measure in asked if measure.population == population)


def scores(table: ir.Table, documents: Documents, population: str) -> dict[str, ir.NumericValue]:
    """One Float64 expression over `table` per measure of `population`: null where a respondent has no score.

    `table` has a column `wave` and one numeric column per item; an item without a column counts as unanswered.
    """
    return {name: _score(table, name, documents) for name in measures_of(population, documents)}


def _score(table: ir.Table, measure: str, documents: Documents) -> ir.NumericValue:
    plan, instrument = _plan(measure, documents)
    answers = [_answer(table, item, instrument) for item in items_of(measure, documents)]
    score = SCORING_RULES[plan.score](answers, plan).cast("float64")
    waves = waves_scored(measure, documents)
    if len(waves) == len(documents.protocol.waves):
        return score
    return ibis.ifelse(table["wave"].isin(waves), score, ibis.null("float64"))


def _answer(table: ir.Table, name: str, instrument: Instrument) -> Answer:
    item, scale = instrument.items[name], instrument.scale_of(name)
    column = table[name].cast("float64") if name in table.columns else ibis.null("float64")
    return Answer(_turned(column, item, scale), scale, name, routed_out(table, name, instrument))


def routed_out(table: ir.Table, item: str, instrument: Instrument) -> ir.BooleanValue | None:
    """Who was not asked `item` because of another answer; None where everybody was, as far as the table can say.

    Whoever left the other question unanswered may have been asked: their silence stays silence.
    """
    away = [
        (table[other].notnull() & ~table[other].isin([float(code) for code in codes])).fill_null(False)
        for other, codes in instrument.items[item].asked_if.items() if other in table.columns
    ]  # fmt: skip
    further = [routed_out(table, other, instrument) for other in instrument.items[item].asked_if]
    found = [*away, *(out for out in further if out is not None)]
    return reduce(or_, found) if found else None


def _turned(column: ir.NumericValue, item: Item, scale: Scale) -> ir.NumericValue:
    return (scale.interval.low + scale.interval.high) - column if item.reverse else column


def _plan(measure: str, documents: Documents) -> tuple[Measure, Instrument]:
    plan = documents.protocol.measures[measure]
    return plan, documents.instruments[plan.instrument]
