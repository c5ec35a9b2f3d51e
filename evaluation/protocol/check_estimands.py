"""What estimands ask of the rest of the protocol: measures, waves, arms, linkage, groups, items asked."""

from collections import Counter
from collections.abc import Iterator, Sequence

from evaluation.protocol.check_measures import unit_of
from evaluation.protocol.check_plan import is_inside
from evaluation.protocol.faults import Check, Fault, Parts, check, unknown
from evaluation.protocol.model import Estimand, Measure
from evaluation.protocol.wording import suggestion
from evaluation.terms import Assignment, Design, Estimator, Role

TWO_WAVES = (Design.BEFORE_AFTER, Design.DIFFERENCE_IN_DIFFERENCES, Design.ANCOVA, Design.BENCHMARK)

DOSED = (Design.COMPARISON, Design.DIFFERENCE_IN_DIFFERENCES)


@check("estimands", "measures", "populations", "waves", "looks", "arms", "assignment")
def check_estimands(parts: Parts) -> Iterator[Fault]:
    """Every estimand asks for something that the protocol measures, compares and can link."""
    for name, estimand in parts.protocol.estimands.items():
        measure = parts.protocol.measures.get(estimand.measure)
        if measure is None:
            if estimand.measure not in parts.lost:
                yield Fault(
                    f"estimand '{name}' asks for outcome '{estimand.measure}', which this protocol does not measure.",
                    suggestion(estimand.measure, parts.protocol.measures, "Measures in this protocol"),
                    ("estimands", name, "measure"),
                )
        else:
            yield from _measure_faults(name, estimand, measure, parts)
        yield from _wave_faults(name, estimand, parts)
        yield from _estimator_faults(name, estimand, parts)
        yield from _source_faults(name, estimand, parts)
        yield from _contrast_faults(name, estimand, parts)


def _counted_faults(name: str, estimand: Estimand, parts: Parts) -> Iterator[Fault]:
    """Rates of events are compared as changes of units, with nothing to adjust for and nobody to follow."""
    if estimand.design is not Design.DIFFERENCE_IN_DIFFERENCES or parts.protocol.assignment is Assignment.RESPONDENT:
        yield Fault(
            f"estimand '{name}' is about a rate counted in records, whose change in pilots is compared with that of other units.",
            "write 'design: difference in differences', with organisations, sites or teams assigned.",
            ("estimands", name, "design"),
        )
    given = [key for key in ("covariates", "by", "dose", "weights", "benchmark") if getattr(estimand, key)]
    given += ["estimator"] if estimand.estimator not in (None, Estimator.UNIT_CHANGE) else []
    for key in given:
        yield Fault(
            f"estimand '{name}' is about a rate counted in records, for which '{key}' means nothing.",
            f"take '{key}' out.",
            ("estimands", name, key),
        )
    if estimand.margin is not None and estimand.margin.value >= 100:
        yield Fault(
            f"estimand '{name}' lets a rate get worse by {estimand.margin}: that is no margin.",
            "write a margin below 100 percent.",
            ("estimands", name, "margin"),
        )


def _measure_faults(name: str, estimand: Estimand, measure: Measure, parts: Parts) -> Iterator[Fault]:
    if measure.is_counted:
        yield from _counted_faults(name, estimand, parts)
    if estimand.margin is not None and estimand.margin.unit != unit_of(measure):
        yield Fault(
            f"estimand '{name}' has a margin in {estimand.margin.unit}, but '{estimand.measure}' is in {unit_of(measure)}.",
            f"write '{estimand.margin.value:g} {unit_of(measure)}'.",
            ("estimands", name, "margin"),
        )
    population = parts.protocol.populations.get(measure.population)
    if population is None:
        return
    yield from _covariate_faults(name, estimand, population.groups, parts)
    if estimand.by is not None and not parts.knows(estimand.by, population.groups):
        yield Fault(
            f"estimand '{name}' is told by '{estimand.by}', which is no group of population '{measure.population}'.",
            suggestion(estimand.by, population.groups, "Groups"),
            ("estimands", name, "by"),
        )
    if estimand.by is not None and estimand.design is Design.ANCOVA:
        yield Fault(
            f"estimand '{name}' is an ancova told by '{estimand.by}': linked people are not summed by group.",
            "tell it by group in an estimand of another design.",
            ("estimands", name, "by"),
        )
    if estimand.design is Design.ANCOVA and (not population.linkage.recognises or population.level.is_published):
        yield Fault(
            f"estimand '{name}' is an ancova, which follows the same people, but nobody in '{measure.population}' can be linked.",
            "write 'linkage: pseudonym' in the population, or 'design: difference in differences'.",
            ("estimands", name, "design"),
        )


def _covariate_faults(name: str, estimand: Estimand, groups: Sequence[str], parts: Parts) -> Iterator[Fault]:
    """Each covariate is a group of the measure's population, and is named once."""
    path = ("estimands", name, "covariates")
    for covariate, times in Counter(estimand.covariates).items():
        if times > 1:
            yield Fault(f"estimand '{name}' adjusts for '{covariate}' {times} times.", "name each covariate once.", path)
        if not parts.knows(covariate, groups):
            population = parts.protocol.measures[estimand.measure].population
            yield Fault(
                f"estimand '{name}' adjusts for '{covariate}', which is no group of population '{population}'.",
                suggestion(covariate, groups, "Groups"),
                path,
            )


def _wave_faults(name: str, estimand: Estimand, parts: Parts) -> Iterator[Fault]:
    waves = list(parts.protocol.waves)
    for key, wave in (("wave_from", estimand.wave_from), ("wave_to", estimand.wave_to)):
        if wave is not None and not parts.knows(wave, waves):
            yield unknown(f"estimand '{name}'", "names wave", wave, waves, ("estimands", name, key))
    if not waves or not parts.protocol.looks.decide:
        return
    first, last = parts.protocol.waves_of(name)
    if first not in waves or last not in waves:
        return
    if estimand.design in TWO_WAVES and waves.index(first) >= waves.index(last):
        key = "wave_to" if estimand.wave_to else "wave_from" if estimand.wave_from else "design"
        yield Fault(
            f"estimand '{name}' compares wave '{last}' with '{first}', which is not before it.",
            "name an earlier 'wave_from'.",
            ("estimands", name, key),
        )
        return
    compared = (first, last) if estimand.design in TWO_WAVES else (last,)
    yield from _unasked(name, estimand, parts, compared)


def _unasked(name: str, estimand: Estimand, parts: Parts, waves: tuple[str, ...]) -> Iterator[Fault]:
    measure = parts.protocol.measures.get(estimand.measure)
    items = parts.items_of(measure) if measure else None
    if not measure or not items:
        return
    for wave in waves:
        asked = parts.instruments[measure.instrument].asked(wave)
        lacking = [item for item in items if item not in asked]
        if lacking:
            yield Fault(
                f"estimand '{name}' uses wave '{wave}', which did not ask {', '.join(lacking)} of '{estimand.measure}'.",
                "compare waves that asked it, take the item out of the measure, or correct 'asked_in'.",
                ("estimands", name),
            )
    alike = parts.instruments[measure.instrument].alike_until(items, list(parts.protocol.waves))
    changed = [wave for wave in waves if wave not in alike]
    if changed and len(waves) > 1:
        way = f"compare waves up to '{alike[-1]}'" if len(alike) > 1 else "take the estimand out"
        yield Fault(
            f"estimand '{name}' compares '{waves[0]}' with '{changed[-1]}', and in between {', '.join(items)} became another "
            "question: a difference could be in the words.",
            f"{way}, ask it of another measure, or say 'equivalent_in' where the two ask the same.",
            ("estimands", name),
        )


def _estimator_faults(name: str, estimand: Estimand, parts: Parts) -> Iterator[Fault]:
    by_person = parts.protocol.assignment is Assignment.RESPONDENT
    robust = estimand.estimator is Estimator.ROBUST_LEAST_SQUARES
    path = ("estimands", name, "estimator")
    if robust and not by_person:
        yield Fault(
            f"estimand '{name}' uses robust least squares, but {parts.protocol.assignment.plural} were assigned, not people.",
            "write 'estimator: unit change' or 'estimator: least squares'.",
            path,
        )
    if by_person and estimand.estimator is not None and not robust:
        yield Fault(
            f"estimand '{name}' uses '{estimand.estimator}', but people were assigned one by one.",
            "write 'estimator: robust least squares'.",
            path,
        )
    if by_person and estimand.design.alone:
        yield Fault(
            f"estimand '{name}' looks before and after, but people were drawn into arms.",
            "compare the arms: 'design: comparison at follow-up' or 'difference in differences'.",
            ("estimands", name, "design"),
        )


def _source_faults(name: str, estimand: Estimand, parts: Parts) -> Iterator[Fault]:
    """National figures and doses are asked for where a design reads them, and nowhere else."""
    national = estimand.design is Design.BENCHMARK
    if national and estimand.benchmark is None:
        yield Fault(
            f"estimand '{name}' is a benchmark-adjusted change, but names no national figures.",
            "add 'benchmark: benchmarks/national.csv'.",
            ("estimands", name, "design"),
        )
    if estimand.benchmark is not None and not national:
        yield Fault(
            f"estimand '{name}' names national figures, which '{estimand.design}' does not read.",
            "write 'design: benchmark-adjusted change', or take 'benchmark' out.",
            ("estimands", name, "benchmark"),
        )
    if estimand.benchmark is not None and not is_inside(estimand.benchmark):
        yield Fault(
            f"estimand '{name}' names a file outside the study.",
            "put it into the study's folder, such as benchmarks/national.csv.",
            ("estimands", name, "benchmark"),
        )
    people = parts.protocol.assignment is Assignment.RESPONDENT
    if national and people:
        yield Fault(
            f"estimand '{name}' sets organisations beside national figures, but people were assigned one by one.",
            "compare the arms.",
            ("estimands", name, "design"),
        )
    if estimand.dose is not None and (people or estimand.design not in DOSED):
        yield Fault(
            f"estimand '{name}' asks for a dose, which '{estimand.design}' of {parts.protocol.assignment.plural} cannot carry.",
            "write 'design: difference in differences' or 'comparison at follow-up', or take 'dose' out.",
            ("estimands", name, "dose"),
        )


def _contrast_faults(name: str, estimand: Estimand, parts: Parts) -> Iterator[Fault]:
    alone = estimand.design.alone
    if not alone and not parts.protocol.arms_with(Role.COMPARISON) and not estimand.contrast and parts.is_whole("arms"):
        yield Fault(
            f"estimand '{name}' compares pilots with others, but no arm is a comparison.",
            "write 'design: before and after', or add an arm with 'role: comparison'.",
            ("estimands", name, "design"),
        )
    for number, text in enumerate(estimand.contrast):
        yield from _sides(name, text, parts, ("estimands", name, "contrast", number), alone=alone)
    twice = sorted({text for text in estimand.contrast if estimand.contrast.count(text) > 1})
    if twice:
        yield Fault(
            f"estimand '{name}' makes the comparison '{twice[0]}' twice.", "state it once.", ("estimands", name, "contrast")
        )


def _sides(name: str, text: str, parts: Parts, path: tuple[str | int, ...], *, alone: bool) -> Iterator[Fault]:
    sides = text.split(" - ")
    if len(sides) != (1 if alone else 2):
        form = "one arm, such as 'develop'" if alone else "two, such as 'develop - comparison'"
        yield Fault(f"estimand '{name}' has the contrast '{text}', but its design compares {form}.", f"write {form}.", path)
        return
    named = [[part.strip() for part in side.split(" + ")] for side in sides]
    known = [*parts.protocol.arms, *(role.value for role in Role if role.value not in parts.protocol.arms)]
    for arm in (one for side in named for one in side):
        if not parts.knows(arm, known):
            yield unknown(f"estimand '{name}'", "compares arm", arm, known, path)
    if not alone and set(named[0]) & set(named[1]):
        yield Fault(f"estimand '{name}' compares '{text}': an arm with itself.", "name different arms on the two sides.", path)


ESTIMAND_CHECKS: tuple[Check, ...] = (check_estimands,)
