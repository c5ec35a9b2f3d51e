"""What a mapping says about the study: populations, waves, groups, items and arms that must be there, columns used once,
answer codes on their scales, organisations in the register."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping

from evaluation.protocol.faults import Fault, unknown
from evaluation.protocol.instrument import Instrument, Scale
from evaluation.protocol.mapping import Mapping as SourceMapping
from evaluation.protocol.mapping import OrganisationSource, Source
from evaluation.protocol.model import Protocol
from evaluation.terms import Assignment

_DOCUMENT = "mapping"


def mapping_faults(
    mapping: SourceMapping, protocol: Protocol, instruments: Mapping[str, Instrument], places: Mapping[str, Collection[str]]
) -> Iterator[Fault]:
    """Every contradiction between a mapping and the study's documents.

    `places` holds the register's codes by column ('organisation', 'unit'); a column that the register lacks is not checked.
    """
    yield from _names(mapping, protocol)
    yield from _groups(mapping, protocol)
    yield from _items(mapping, instruments)
    yield from _codes(mapping, instruments)
    yield from _places(mapping, places)
    yield from _unit_and_arm(mapping, protocol)
    yield from _by_name(mapping, protocol)
    yield from _columns(mapping)
    for key, source in _sources(mapping):
        if (source.column is None) == (source.constant is None):
            yield Fault(
                f"'{key[-1]}' names both a column and a constant, or neither.", "write 'column:' or 'constant:'.", key, _DOCUMENT
            )


def _names(mapping: SourceMapping, protocol: Protocol) -> Iterator[Fault]:
    if mapping.population not in protocol.populations:
        yield unknown("the mapping", "is for population", mapping.population, protocol.populations, ("population",), _DOCUMENT)
    for number, wave in enumerate(mapping.waves):
        if wave not in protocol.waves:
            yield unknown("the mapping", "is for wave", wave, protocol.waves, ("waves", number), _DOCUMENT)
    codes = mapping.wave.codes if mapping.wave is not None else {}
    for code, wave in codes.items():
        if wave not in protocol.waves:
            yield unknown("the mapping", f"turns '{code}' into wave", wave, protocol.waves, ("wave", "codes", code), _DOCUMENT)


def _groups(mapping: SourceMapping, protocol: Protocol) -> Iterator[Fault]:
    population = protocol.populations.get(mapping.population)
    if population is None:
        return
    for group in mapping.groups:
        if group not in population.groups:
            yield unknown("the mapping", "reads group", group, population.groups, ("groups", group), _DOCUMENT)
    for group in population.groups:
        if group not in mapping.groups:
            yield Fault(f"no column is read as group '{group}'.", f"add '{group}:' under 'groups'.", ("groups",), _DOCUMENT)


def _items(mapping: SourceMapping, instruments: Mapping[str, Instrument]) -> Iterator[Fault]:
    known = [item for one in instruments.values() if one.population == mapping.population for item in one.items]
    for column, source in mapping.items.items():
        if source.item not in known:
            yield unknown(f"column '{column}'", "answers item", source.item, known, ("items", column), _DOCUMENT)
    for item, times in Counter(source.item for source in mapping.items.values()).items():
        if times > 1:
            yield Fault(
                f"{times} columns answer item '{item}'.",
                "keep one of them; list the others under 'ignore'.",
                ("items",),
                _DOCUMENT,
            )


def _codes(mapping: SourceMapping, instruments: Mapping[str, Instrument]) -> Iterator[Fault]:
    """Answer codes that are neither on their item's scale nor one of its missing codes."""
    scales = {
        item: one.scale_of(item) for one in instruments.values() if one.population == mapping.population for item in one.items
    }
    for column, source in mapping.items.items():
        scale = scales.get(source.item)
        for code, answer in source.codes.items() if scale else ():
            if scale and not _is_answer(answer, scale):
                yield Fault(
                    f"column '{column}' turns '{code}' into '{answer}', which is not on the scale of '{source.item}'.",
                    f"its scale: {_scale_words(scale)}; a code that means no answer belongs under 'missing_codes'.",
                    ("items", column, "codes", code),
                    _DOCUMENT,
                )


def _scale_words(scale: Scale) -> str:
    return str(scale.range) if scale.range is not None else ", ".join(f"{code:g}" for code in scale.codes)


def _is_answer(text: str, scale: Scale) -> bool:
    if text in scale.missing_codes:
        return True
    try:
        number = float(text)
    except ValueError:
        return False
    if scale.range is None:
        return number in scale.codes
    return scale.interval.low <= number <= scale.interval.high and (not scale.whole or number.is_integer())


def _places(mapping: SourceMapping, places: Mapping[str, Collection[str]]) -> Iterator[Fault]:
    """Organisations and units that the register does not hold."""
    for key, source in (("organisation", mapping.organisation), ("unit", mapping.unit)):
        known = places.get(key)
        if source is None or not known or (isinstance(source, OrganisationSource) and source.by == "name"):
            continue
        for code, place in source.codes.items():
            if place not in known:
                yield unknown("the mapping", f"turns '{code}' into {key}", place, known, (key, "codes", code), _DOCUMENT)
        if source.constant is not None and source.constant not in known:
            yield unknown("the mapping", f"says {key}", source.constant, known, (key, "constant"), _DOCUMENT)


def _unit_and_arm(mapping: SourceMapping, protocol: Protocol) -> Iterator[Fault]:
    by_person = protocol.assignment is Assignment.RESPONDENT
    if by_person and mapping.arm is None:
        yield Fault(
            "people were assigned one by one, but no column says to which arm.",
            "add 'arm: {column: ..., codes: {...}}'.",
            (),
            _DOCUMENT,
        )
    if not by_person and mapping.arm is not None:
        yield Fault(
            f"the mapping reads arms from the file, but {protocol.assignment.plural} were assigned.",
            "take 'arm' out: the register says the arm.",
            ("arm",),
            _DOCUMENT,
        )
    if mapping.arm is not None:
        for code, arm in mapping.arm.codes.items():
            if arm not in protocol.arms:
                yield unknown("the mapping", f"turns '{code}' into arm", arm, protocol.arms, ("arm", "codes", code), _DOCUMENT)
    if protocol.assignment in (Assignment.TEAM, Assignment.SITE) and mapping.unit is None:
        yield Fault(
            f"{protocol.assignment.plural} were assigned, but no column says which.", "add 'unit: {column: ...}'.", (), _DOCUMENT
        )


def _by_name(mapping: SourceMapping, protocol: Protocol) -> Iterator[Fault]:
    if mapping.organisation.by == "name" and protocol.assignment in (Assignment.TEAM, Assignment.SITE):
        yield Fault(
            f"organisations are looked up by name, but the register's names are those of {protocol.assignment.plural}.",
            "take 'by: name' out, and write the codes: 'codes: {name: code}'.",
            ("organisation", "by"),
            _DOCUMENT,
        )


def _sources(mapping: SourceMapping) -> Iterator[tuple[tuple[str | int, ...], Source]]:
    for name in ("organisation", "unit", "arm", "respondent", "answered_on", "base"):
        source = getattr(mapping, name)
        if isinstance(source, Source):
            yield (name,), source
    for group, source in mapping.groups.items():
        yield ("groups", group), source


def _columns(mapping: SourceMapping) -> Iterator[Fault]:
    """A column is read, dropped or ignored, not two of these."""
    read = {source.column for _, source in _sources(mapping) if source.column} | set(mapping.items)
    if mapping.wave is not None:
        read.add(mapping.wave.column)
    for key, columns in (("drop", mapping.drop), ("ignore", mapping.ignore)):
        for number, column in enumerate(columns):
            if column in read:
                yield Fault(
                    f"column '{column}' is both read and under '{key}'.", "keep one of the two.", (key, number), _DOCUMENT
                )
    for column in sorted(set(mapping.drop) & set(mapping.ignore)):
        yield Fault(
            f"column '{column}' is under both 'drop' and 'ignore'.", "identifiers belong under 'drop'.", ("drop",), _DOCUMENT
        )
