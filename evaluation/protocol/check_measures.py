"""What instruments, values and measures say about one another."""

from collections.abc import Iterator

from evaluation.protocol.block import Share
from evaluation.protocol.check_plan import RESERVED, is_inside
from evaluation.protocol.check_routing import routing_faults
from evaluation.protocol.faults import Check, Fault, Parts, check, unknown
from evaluation.protocol.instrument import Instrument, Item
from evaluation.protocol.model import Measure
from evaluation.terms import ScoreRule


@check("populations", "waves")
def check_instruments(parts: Parts) -> Iterator[Fault]:
    """Instruments ask populations of the protocol, in waves of the protocol, about values of the framework."""
    for name, instrument in parts.instruments.items():
        document = f"instruments/{name}"
        if not parts.knows(instrument.population, parts.protocol.populations):
            yield unknown(
                f"instrument '{name}'",
                "asks population",
                instrument.population,
                parts.protocol.populations,
                ("population",),
                document,
            )
        for item, asked in instrument.items.items():
            yield from routing_faults(item, instrument, tuple(parts.protocol.waves), document)
            yield from _wave_faults(item, asked, parts, document)
            yield from _value_faults(item, asked.value, parts, document)


def _wave_faults(item: str, asked: Item, parts: Parts, document: str) -> Iterator[Fault]:
    """The waves that an item names are the protocol's, and a change comes after a wave that it is a change from."""
    waves = parts.protocol.waves
    for key, says in (("asked_in", "is asked"), ("changed_in", "changes"), ("equivalent_in", "is worded otherwise")):
        for number, wave in enumerate(getattr(asked, key)):
            if not parts.knows(wave, waves):
                yield unknown(f"item '{item}'", f"{says} in wave", wave, waves, ("items", item, key, number), document)
            elif key != "asked_in" and wave == next(iter(waves), None):
                yield Fault(
                    f"item '{item}' {says} in '{wave}', and no wave comes before it.",
                    "name the first wave that asked it otherwise.",
                    ("items", item, key, number),
                    document,
                )


def _value_faults(item: str, value: str | None, parts: Parts, document: str) -> Iterator[Fault]:
    path = ("items", item, "value")
    if value is None or value in parts.lost or not parts.is_whole("values"):
        return
    if parts.framework is None:
        yield Fault(
            "items name values, but the study has no values.yaml.",
            "write values.yaml, or take 'value:' out of the items.",
            path,
            document,
        )
    elif value not in parts.framework.values:
        yield unknown(f"item '{item}'", "belongs to value", value, parts.framework.values, path, document)


@check("populations", "measures")
def check_names(parts: Parts) -> Iterator[Fault]:
    """Items, groups and reserved columns of a population share one table, so no two have one name."""
    for population, block in parts.protocol.populations.items():
        taken = dict.fromkeys(RESERVED, "a column that every response has") | dict.fromkeys(
            block.groups, f"a group of '{population}'"
        )
        for name, instrument in parts.instruments.items():
            if instrument.population != population:
                continue
            for item in instrument.items:
                if item in taken:
                    yield Fault(
                        f"item '{item}' has the name of {taken[item]}.",
                        "give it another name.",
                        ("items", item),
                        f"instruments/{name}",
                    )
            taken |= dict.fromkeys(instrument.items, f"an item of instrument '{name}'")
    for measure in parts.protocol.measures:
        if measure in RESERVED:
            yield Fault(
                f"measure '{measure}' has the name of a column that every response has.",
                "give it another name.",
                ("measures", measure),
            )


@check("measures", "populations")
def check_measures(parts: Parts) -> Iterator[Fault]:
    """Every measure is scored from items that its instrument has, in a unit that its score has."""
    for name, measure in parts.protocol.measures.items():
        yield from _population_faults(name, measure, parts)
        if measure.is_counted:
            yield from _record_faults(name, measure)
            continue
        instrument = parts.instruments.get(measure.instrument)
        if instrument is None:
            if measure.instrument not in parts.lost and parts.is_whole("instruments"):
                yield unknown(
                    f"measure '{name}'",
                    "uses instrument",
                    measure.instrument,
                    parts.instruments,
                    ("measures", name, "instrument"),
                )
            continue
        yield from _item_faults(name, measure, instrument, parts)
        items = parts.items_of(measure)
        if items:
            yield from _score_faults(name, measure, instrument, items, _left_out(measure, items, parts))
            yield from _unit_faults(name, measure, instrument, items)


def _record_faults(name: str, measure: Measure) -> Iterator[Fault]:
    """A measure counted in records names a table of the study, and says in percent of the rate what matters."""
    least = measure.minimum_important_difference
    if measure.records is not None and not is_inside(measure.records):
        yield Fault(
            f"'records: {measure.records}' is not a CSV file inside the study.",
            "write a name such as records/sickness.csv.",
            ("measures", name, "records"),
        )
    if least.unit != "percent" or least.value >= 100:
        yield Fault(
            f"measure '{name}' is a rate: the change that matters is in percent of it, below 100, not {least}.",
            f"write '{min(least.value, 99):g} percent'.",
            ("measures", name, "minimum_important_difference"),
        )


def _population_faults(name: str, measure: Measure, parts: Parts) -> Iterator[Fault]:
    if not parts.knows(measure.population, parts.protocol.populations):
        yield unknown(
            f"measure '{name}'",
            "is about population",
            measure.population,
            parts.protocol.populations,
            ("measures", name, "population"),
        )
        return
    instrument = parts.instruments.get(measure.instrument)
    if instrument and instrument.population != measure.population and instrument.population in parts.protocol.populations:
        yield Fault(
            f"measure '{name}' is about '{measure.population}', but '{measure.instrument}' asks '{instrument.population}'.",
            "name the population that is asked, or another instrument.",
            ("measures", name, "population"),
        )


def _item_faults(name: str, measure: Measure, instrument: Instrument, parts: Parts) -> Iterator[Fault]:
    path = ("measures", name, "sub_scores" if measure.sub_scores else "items")
    if measure.named == "by value":
        if not any(item.value for item in instrument.items.values()):
            yield Fault(
                f"measure '{name}' takes items by value, but no item of instrument '{measure.instrument}' has a value.",
                "write 'value:' in the items, or list the items.",
                path,
            )
        elif parts.framework is not None:
            yield from _uncovered(name, instrument, parts, path)
        return
    if not measure.named:
        yield Fault(f"measure '{name}' has no items.", f"list items of instrument '{measure.instrument}'.", path)
    for item in measure.named:
        if not parts.knows(item, instrument.items):
            yield unknown(f"measure '{name}'", "uses item", item, instrument.items, path)
    twice = sorted({item for item in measure.named if measure.named.count(item) > 1})
    if twice:
        yield Fault(f"measure '{name}' lists {', '.join(twice)} twice.", "list each item once.", path)


def _uncovered(name: str, instrument: Instrument, parts: Parts, path: tuple[str | int, ...]) -> Iterator[Fault]:
    asked = {item.value for item in instrument.items.values()}
    missing = [value for value in (parts.framework.values if parts.framework else ()) if value not in asked]
    if missing:
        yield Fault(
            f"measure '{name}' takes items by value, but no item of '{instrument.instrument}' asks about: {', '.join(missing)}.",
            "add an item for each, or take the value out of values.yaml.",
            path,
        )


def _left_out(measure: Measure, items: tuple[str, ...], parts: Parts) -> str:
    """Why a measure has fewer items than it names, in words; empty where it has them all."""
    gone = [item for item in parts.named_items(measure) or () if item not in items]
    return f" ({', '.join(gone)} changed between waves and left the measure)" if gone else ""


def _score_faults(name: str, measure: Measure, instrument: Instrument, items: tuple[str, ...], left_out: str) -> Iterator[Fault]:
    scales = {item: instrument.scale_of(item) for item in items}
    if measure.score is ScoreRule.SINGLE_ITEM and len(items) != 1:
        yield Fault(
            f"measure '{name}' is a single item, but has {len(items)}.",
            "keep one item, or write 'score: mean'.",
            ("measures", name, "items"),
        )
    if measure.score is ScoreRule.PERCENT_POSITIVE:
        bare = sorted({instrument.items[item].scale for item, scale in scales.items() if not scale.positive})
        if bare:
            yield Fault(
                f"measure '{name}' counts favourable answers, but scale {', '.join(bare)} does not say which are.",
                "add 'positive:' to the scale.",
                ("measures", name, "score"),
            )
        if measure.scale is not None:
            yield Fault(
                f"measure '{name}' is a percentage and cannot be put on a scale of {measure.scale}.",
                "take 'scale:' out.",
                ("measures", name, "scale"),
            )
    elif measure.scale is None and len({(scale.interval.low, scale.interval.high) for scale in scales.values()}) > 1:
        yield Fault(
            f"measure '{name}' takes the mean of items on different scales.",
            "add 'scale: 0 to 10', or use items on one scale.",
            ("measures", name, "items"),
        )
    path: tuple[str, ...] = ("measures", name)
    if not measure.sub_scores:
        yield from _share_faults(f"measure '{name}'", measure.at_least, len(items), f"items{left_out}", path)
        return
    yield from _share_faults(f"measure '{name}'", measure.at_least, len(measure.sub_scores), "sub-scores", path)
    for part, stated in measure.sub_scores.items():
        kept = [item for item in stated.items if item in items]
        where = (*path, "sub_scores", part)
        yield from _share_faults(f"sub-score '{part}'", stated.at_least, len(kept), f"items{left_out}", where)
        if not kept:
            yield Fault(f"nothing is left of sub-score '{part}'{left_out}.", "take it out, or give it another item.", where)


def _share_faults(who: str, share: Share | None, there: int, of: str, path: tuple[str, ...]) -> Iterator[Fault]:
    """`at_least` speaks of as many items or sub-scores as there are, and asks for no more."""
    if share is not None and share.of != there:
        says = f"{who} says 'at_least: {share}', but has {there} {of}."
        yield Fault(says, f"write '{min(share.least, there)} of {there}'.", (*path, "at_least"))
    elif share is not None and share.least > share.of:
        says = f"{who} asks for more {of.partition(' ')[0]} than there are: {share}."
        yield Fault(says, f"write at most '{share.of} of {share.of}'.", (*path, "at_least"))


def _unit_faults(name: str, measure: Measure, instrument: Instrument, items: tuple[str, ...]) -> Iterator[Fault]:
    """The unit of the smallest change that matters is the unit of the score, and the change fits on the scale."""
    path = ("measures", name, "minimum_important_difference")
    least = measure.minimum_important_difference
    wanted = unit_of(measure)
    if least.unit != wanted:
        yield Fault(
            f"measure '{name}' is scored as {measure.score}: the change that matters is in {wanted}, not {least.unit}.",
            f"write '{least.value:g} {wanted}'.",
            path,
        )
    intervals = [measure.scale or instrument.scale_of(item).interval for item in items]
    length = 100.0 if wanted == "percentage points" else max(one.high for one in intervals) - min(one.low for one in intervals)
    if least.value >= length:
        yield Fault(
            f"measure '{name}' can change by at most {length:g}, but the smallest change that matters is {least.value:g}.",
            "write a smaller change, or correct the scale.",
            path,
        )


def unit_of(measure: Measure) -> str:
    """'percent', 'percentage points' or 'points'."""
    if measure.is_counted:
        return "percent"
    return "percentage points" if measure.score is ScoreRule.PERCENT_POSITIVE else "points"


MEASURE_CHECKS: tuple[Check, ...] = (check_instruments, check_names, check_measures)
