"""A file on its way in: what its sender says of it, the documents by which it is judged, and its cells where they were read."""

from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from evaluation.errors import PilotError, UsageError, WaveError
from evaluation.organisations.register import Register, read_register
from evaluation.protocol.documents import Documents, read_documents, read_mapping
from evaluation.protocol.mapping import Mapping
from evaluation.protocol.wave_checks import WaveChecks, read_wave_checks
from evaluation.registry import nearest
from evaluation.study import Study
from evaluation.waves.checks.expected import expect
from evaluation.waves.checks.layout import Layout
from evaluation.waves.collect import CollectOptions, layout_of, read_arrived
from evaluation.waves.readers import Table


@dataclass(frozen=True)
class Arriving:
    """What whoever sends a file says about it.

    Attributes:
        file: as received.
        wave: a wave of the protocol.
        population: a population of the protocol.
        organisation: the only organisation that the file may hold; None for any.
        mapping: a mapping of the study by name, or its path; None for a file in canonical form.
        options: what may be allowed in reading it.
    """

    file: Path
    wave: str
    population: str
    organisation: str | None = None
    mapping: str | None = None
    options: CollectOptions | None = None


@dataclass(frozen=True)
class Plan:
    """The study's documents by which a file is judged, each read once."""

    documents: Documents
    register: Register
    mapping: Mapping | None
    bounds: WaveChecks


@dataclass(frozen=True)
class Arrived:
    """A file as it was read, for whoever shows its rows beside what is wrong with it; `state` tells whether it changed since."""

    plan: Plan
    table: Table
    layout: Layout
    state: tuple[int, int] | None


def arrive(study: Study, arriving: Arriving) -> Arrived:
    """Read the file, and judge nothing.

    Raises:
        UsageError: the protocol has no such wave or population, or the study no such mapping.
        WaveError: the file cannot be read as a table.
    """
    plan, state = plan_of(study, arriving), state_of(arriving.file)
    expected = expect(plan.documents, arriving.population, arriving.wave)
    table = read_arrived(arriving.file, plan.mapping, arriving.options)
    return Arrived(plan, table, layout_of(table, expected, plan.mapping, arriving.organisation), state)


def plan_of(study: Study, arriving: Arriving) -> Plan:
    """The documents as they stand now; raises ProtocolError when they are wrong, UsageError when there is no such mapping."""
    documents = read_documents(study.root)
    mapping = read_mapping(mapping_file(study, arriving.mapping), documents) if arriving.mapping else None
    return Plan(documents, read_register(documents), mapping, read_wave_checks(study.root))


def mapping_file(study: Study, name: str) -> Path:
    """The mapping that `name` means: a path, or the name of a file in the study's mappings.

    Raises:
        UsageError: there is none; suggests the nearest.
    """
    for path in (Path(name), study.mappings / name, study.mappings / f"{name}.yaml"):
        if path.is_file():
            return path
    known = [path.stem for path in sorted(study.mappings.glob("*.yaml"))]
    close = nearest(Path(name).stem, known)
    hint = f"did you mean '{close}'? " if close else ""
    listed = f"Mappings of this study: {', '.join(known)}." if known else "Draft one: pilot wave map STUDY FILE."
    raise UsageError(f"there is no mapping '{name}'.", where=str(study.mappings), fix=hint + listed)


def state_of(file: Path) -> tuple[int, int] | None:
    """Size and time of change, to notice a file that changes while it is read; None when it cannot be looked at."""
    try:
        found = file.stat()
    except (OSError, ValueError):
        return None
    return found.st_size, found.st_mtime_ns


def with_hint(refusal: WaveError, study: Study, plan: Plan, arriving: Arriving) -> WaveError:
    """The refusal, its first fix naming a reviewed mapping that would fit when none was named and the columns are not ours."""
    foreign = any(problem.code.endswith("-column") for problem in refusal.problems)
    fitting = _fitting(study, plan.documents, arriving) if foreign and not plan.mapping else []
    if not fitting:
        return refusal
    first, *others = refusal.problems
    names = " and ".join(fitting)
    hint = f"{names} read files of '{arriving.population}': if this is one, --mapping {fitting[0]}; else {first.fix}"
    return WaveError([replace(first, fix=hint), *others])


def _fitting(study: Study, documents: Documents, arriving: Arriving) -> list[str]:
    found = []
    for path in sorted(study.mappings.glob("*.yaml")):
        with suppress(PilotError):
            mapping = read_mapping(path, documents)
            if (
                mapping.reviewed_by
                and mapping.population == arriving.population
                and arriving.wave in (mapping.waves or [arriving.wave])
            ):
                found.append(path.stem)
    return found
