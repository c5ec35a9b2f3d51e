"""What the documents make the scan sum: which measures, with which covariates, around which centre."""

from evaluation.evidence.sums import Ask
from evaluation.measures.score import interval_of, measures_of
from evaluation.protocol.documents import Documents


def asks_of(population: str, documents: Documents) -> dict[str, Ask]:
    """One matrix per measure of `population`, in the order of the protocol."""
    return {name: _ask(number, name, documents) for number, name in enumerate(measures_of(population, documents))}


def covariates_of(measure: str, documents: Documents) -> tuple[str, ...]:
    """Every covariate that some estimand of `measure` adjusts for, in the order of the population's groups."""
    protocol = documents.protocol
    asked = {name for estimand in protocol.estimands.values() if estimand.measure == measure for name in estimand.covariates}
    groups = protocol.populations[protocol.measures[measure].population].groups
    return tuple(name for name in groups if name in asked)


def groups_told(population: str, documents: Documents) -> tuple[tuple[str, str], ...]:
    """Every (measure, group) by whose levels some estimand of `population` is told, sorted."""
    measures, estimands = measures_of(population, documents), documents.protocol.estimands.values()
    return tuple(sorted({(one.measure, one.by) for one in estimands if one.by is not None and one.measure in measures}))


def centre_of(measure: str, documents: Documents) -> float:
    """The middle of the measure's scale, subtracted before anything is squared."""
    return interval_of(measure, documents).middle


def _ask(number: int, measure: str, documents: Documents) -> Ask:
    interval = interval_of(measure, documents)
    half = (interval.high - interval.low) / 2
    return Ask(f"_y{number}", (measure,), covariates_of(measure, documents), interval.middle, half)
