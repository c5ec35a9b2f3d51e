"""What weights ask of the rest of the protocol: headcounts, groups, units that were assigned."""

from collections.abc import Iterator

from evaluation.protocol.faults import Check, Fault, Parts, check
from evaluation.protocol.model import Population
from evaluation.protocol.wording import suggestion
from evaluation.terms import Assignment, Design


@check("populations", "assignment")
def check_weights(parts: Parts) -> Iterator[Fault]:
    """Weights need people in units, headcounts of them, and margins that the answers know."""
    for name, population in parts.protocol.populations.items():
        if population.weights is not None:
            yield from _weight_faults(name, population, parts)


def _weight_faults(name: str, population: Population, parts: Parts) -> Iterator[Fault]:
    weights, path = population.weights, ("populations", name, "weights")
    if weights is None:
        return
    if population.headcounts is None or population.level.is_published:
        yield Fault(
            f"the answers of '{name}' are weighted, but there are no headcounts to weight them to.",
            "name a table of people by unit and group under 'headcounts', or take 'weights' out.",
            path,
        )
    if parts.protocol.assignment is Assignment.RESPONDENT:
        yield Fault(
            f"the answers of '{name}' are weighted unit by unit, but people were assigned one by one.",
            "take 'weights' out, and adjust for the groups as covariates.",
            path,
        )
    for number, margin in enumerate(weights.margins):
        if not parts.knows(margin, population.groups):
            yield Fault(
                f"the answers of '{name}' are weighted by '{margin}', which is no group of the population.",
                suggestion(margin, population.groups, "Groups"),
                (*path, "margins", number),
            )
    if len(set(weights.margins)) < len(weights.margins):
        yield Fault(f"the weights of '{name}' name a margin twice.", "name it once.", (*path, "margins"))
    if weights.trim is not None and not 0 <= weights.trim.low < 1 < weights.trim.high:
        yield Fault(
            f"the weights of '{name}' are trimmed to {weights.trim}, but they have a mean of 1.",
            "write bounds on either side of 1, such as '0.3 to 3'.",
            (*path, "trim"),
        )


@check("estimands", "measures", "populations")
def check_weighted_estimands(parts: Parts) -> Iterator[Fault]:
    """A weighted headline needs weights, and answers of everybody, not only of those who answered twice."""
    for name, estimand in parts.protocol.estimands.items():
        measure = parts.protocol.measures.get(estimand.measure)
        population = parts.protocol.populations.get(measure.population) if measure else None
        if estimand.weights is None or measure is None or population is None:
            continue
        if population.weights is None:
            yield Fault(
                f"estimand '{name}' is weighted, but population '{measure.population}' declares no weights.",
                "add 'weights: {kind: raking, margins: [...]}' to the population, or take 'weights' out.",
                ("estimands", name, "weights"),
            )
        if estimand.design is Design.ANCOVA:
            yield Fault(
                f"estimand '{name}' is an ancova of people who answered twice, whom headcounts say nothing about.",
                "take 'weights' out, or write 'design: difference in differences'.",
                ("estimands", name, "weights"),
            )


WEIGHT_CHECKS: tuple[Check, ...] = (check_weights, check_weighted_estimands)
