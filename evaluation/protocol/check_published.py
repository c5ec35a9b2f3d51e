"""What published tables cannot hold: people who are recognised, and several answers of one person."""

from collections.abc import Iterator

from evaluation.protocol.faults import Check, Fault, Parts, check
from evaluation.terms import Level


@check("populations")
def check_levels(parts: Parts) -> Iterator[Fault]:
    """A published table has no people in it who could be recognised."""
    for name, population in parts.protocol.populations.items():
        if population.level.is_published and population.linkage != "none":
            yield Fault(
                f"population '{name}' is a published table, so nobody in it can be linked.",
                "write 'linkage: none'.",
                ("populations", name, "linkage"),
            )


@check("populations", "measures")
def check_options(parts: Parts) -> Iterator[Fault]:
    """Published options are of one question at a time, and an option is a code."""
    for name, measure in parts.protocol.measures.items():
        population, items = parts.protocol.populations.get(measure.population), parts.items_of(measure)
        if population is None or population.level is not Level.OPTION or items is None or measure.is_counted:
            continue
        if len(items) > 1:
            yield Fault(
                f"measure '{name}' takes {len(items)} items, but '{measure.population}' is a table of options: nobody knows "
                "which answers to several questions came from one person.",
                "score each item by itself, with 'score: single item' or 'score: percent positive'.",
                ("measures", name),
            )
        scales = [parts.instruments[measure.instrument].scale_of(item) for item in items]
        if any(not scale.options for scale in scales):
            yield Fault(
                f"measure '{name}' is of a table of options, but its scale has none.",
                "write 'options:' in place of 'range:' in the scale.",
                ("measures", name),
            )


PUBLISHED_CHECKS: tuple[Check, ...] = (check_levels, check_options)
