"""What arms, waves, looks, populations and families of a protocol say about one another."""

from collections.abc import Iterator
from itertools import pairwise
from pathlib import PurePosixPath

from evaluation.protocol.faults import Check, Fault, Parts, check, unknown
from evaluation.terms import Role, Selection, Status

RESERVED = ("wave", "organisation", "unit", "arm", "role", "respondent", "answered_on", "base")
"""Columns of stored responses that no item, group or measure may be named as."""


@check("arms")
def check_arms(parts: Parts) -> Iterator[Fault]:
    """A pilot needs an arm in which something is piloted."""
    if not parts.protocol.arms_with(Role.PILOT) and parts.is_whole("arms"):
        yield Fault("no arm is a pilot.", "give the arm that has the programme 'role: pilot'.", ("arms",))


@check("selection", "randomised")
def check_selection(parts: Parts) -> Iterator[Fault]:
    """Drawn by lot and randomised are one claim."""
    by_lot = parts.protocol.selection is Selection.BY_LOT
    if by_lot != parts.protocol.randomised:
        said = str(parts.protocol.randomised).lower()
        yield Fault(
            f"'selection: {parts.protocol.selection}' contradicts 'randomised: {said}'.",
            "write 'selection: by lot' with 'randomised: true', or another selection with 'randomised: false'.",
            ("selection",),
        )


@check("waves")
def check_waves(parts: Parts) -> Iterator[Fault]:
    """Waves stand in the order of time, and waves before the start come first."""
    for (earlier, one), (later, two) in pairwise(parts.protocol.waves.items()):
        if two.opens <= one.closes:
            yield Fault(
                f"wave '{later}' opens on {two.opens}, but '{earlier}' before it closes on {one.closes}.",
                "list waves in the order of time, without overlap.",
                ("waves", later),
            )
        if two.before == "start" and one.before is None:
            yield Fault(
                f"wave '{later}' is before the start, but '{earlier}' before it is not.",
                "mark the earlier wave 'before: start' as well, or neither.",
                ("waves", later),
            )


@check("looks", "waves")
def check_looks(parts: Parts) -> Iterator[Fault]:
    """Looks name waves, each once, after the baseline."""
    protocol, seen = parts.protocol, set[str]()
    for kind, names in (("watch", protocol.looks.watch), ("decide", protocol.looks.decide)):
        for number, name in enumerate(names):
            path = ("looks", kind, number)
            if not parts.knows(name, protocol.waves):
                yield unknown(f"'looks: {kind}'", "names wave", name, protocol.waves, path)
            if name in seen:
                yield Fault(f"wave '{name}' is looked at twice.", "a wave is either watched or decides, once.", path)
            if parts.is_whole("waves") and len(protocol.waves) > 1 and name == protocol.baseline:
                yield Fault(f"'looks: {kind}' names the baseline '{name}'.", "look at a wave after the start.", path)
            seen.add(name)
    if not protocol.looks.decide:
        yield Fault("no wave decides.", "name at least one wave under 'looks: decide'.", ("looks", "decide"))


@check("theory_of_change", "measures")
def check_theory(parts: Parts) -> Iterator[Fault]:
    """Every arrow is measured by measures of the protocol."""
    for number, link in enumerate(parts.protocol.theory_of_change if parts.is_whole("theory_of_change") else ()):
        for name in link.measured_by:
            if not parts.knows(name, parts.protocol.measures):
                yield unknown(
                    "the theory of change",
                    "is measured by",
                    name,
                    parts.protocol.measures,
                    ("theory_of_change", number, "measured_by"),
                )


@check("populations", "measures")
def check_populations(parts: Parts) -> Iterator[Fault]:
    """Groups have names of their own, and somebody asks every population, or records count it."""
    asked = {instrument.population for instrument in parts.instruments.values()}
    all_known = asked <= set(parts.protocol.populations)
    asked |= {measure.population for measure in parts.protocol.measures.values() if measure.is_counted}
    for name, population in parts.protocol.populations.items():
        for number, group in enumerate(population.groups):
            if group in RESERVED:
                yield Fault(
                    f"group '{group}' has the name of a column that every response has.",
                    "give the group another name.",
                    ("populations", name, "groups", number),
                )
            if group in population.groups[:number]:
                yield Fault(
                    f"group '{group}' of '{name}' is listed twice.", "list it once.", ("populations", name, "groups", number)
                )
        if not parts.knows(name, asked) and all_known and parts.is_whole("instruments", "populations"):
            yield Fault(
                f"no instrument asks the population '{name}'.",
                f"write 'population: {name}' in an instrument, or take the population out.",
                ("populations", name),
            )


@check("estimands", "multiplicity")
def check_families(parts: Parts) -> Iterator[Fault]:
    """A family has a rule for its shared error rate, and a rule has a family."""
    protocol = parts.protocol
    used: dict[str, list[str]] = {}
    for name, estimand in protocol.estimands.items():
        if estimand.family:
            used.setdefault(estimand.family, []).append(name)
    for family, members in used.items():
        if not parts.knows(family, protocol.multiplicity):
            yield Fault(
                f"estimand '{members[0]}' belongs to family '{family}', which has no rule under 'multiplicity'.",
                f"add 'multiplicity: {{{family}: holm}}', or correct the name. "
                f"Families with a rule: {', '.join(protocol.multiplicity) or 'none'}.",
                ("estimands", members[0], "family"),
            )
    for family in protocol.multiplicity:
        if family not in used and parts.is_whole("estimands"):
            yield Fault(
                f"'multiplicity' has a rule for family '{family}', to which no estimand belongs.",
                f"take it out, or write 'family: {family}' in its estimands.",
                ("multiplicity", family),
            )


@check("expect", "populations")
def check_expectations(parts: Parts) -> Iterator[Fault]:
    """Expectations are about populations, and leave something for people to differ by."""
    for name, expected in parts.protocol.expect.items():
        if not parts.knows(name, parts.protocol.populations):
            yield unknown("'expect'", "names population", name, parts.protocol.populations, ("expect", name))
        if expected.unit_variance_share + expected.wave_variance_share >= 1:
            yield Fault(
                f"'expect: {name}' gives all variance to units and waves.",
                "the two shares together are below 1.",
                ("expect", name),
            )


@check("estimands")
def check_status(parts: Parts) -> Iterator[Fault]:
    """One question at least is primary."""
    if not any(estimand.status is Status.PRIMARY for estimand in parts.protocol.estimands.values()) and parts.is_whole(
        "estimands"
    ):
        yield Fault("no estimand is primary.", "give the question that decides 'status: primary'.", ("estimands",))


@check("organisations", "populations")
def check_table_names(parts: Parts) -> Iterator[Fault]:
    """The tables that the protocol names are files of the study."""
    named: list[tuple[tuple[str, ...], str]] = [(("organisations",), parts.protocol.organisations)]
    named += [
        (("populations", name, "headcounts"), one.headcounts)
        for name, one in parts.protocol.populations.items()
        if one.headcounts
    ]
    for path, name in named:
        if not is_inside(name):
            yield Fault(
                f"'{path[-1]}: {name}' is not a CSV file inside the study.", "write a name such as organisations.csv.", path
            )


@check("populations")
def check_headcounts(parts: Parts) -> Iterator[Fault]:
    """A response rate needs people who answer, not a table of published means."""
    for name, population in parts.protocol.populations.items():
        if population.headcounts and population.level.is_published:
            yield Fault(
                f"'{name}' is a published table, whose 'base' already says how many people are behind it.",
                "take 'headcounts' out.",
                ("populations", name, "headcounts"),
            )


def is_inside(name: str) -> bool:
    """Whether `name` is that of a CSV file in the study's folder, or below it."""
    plain = PurePosixPath(name.replace("\\", "/"))
    return plain.suffix == ".csv" and not plain.is_absolute() and ".." not in plain.parts and ":" not in name


PLAN_CHECKS: tuple[Check, ...] = (
    check_arms,
    check_selection,
    check_waves,
    check_looks,
    check_theory,
    check_populations,
    check_families,
    check_expectations,
    check_status,
    check_table_names,
    check_headcounts,
)
