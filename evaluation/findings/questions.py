"""Every question of the plan put to inference: at the waves that decide, and at those that are only watched."""

from collections.abc import Mapping
from functools import partial

from evaluation.evidence import scan
from evaluation.evidence.evidence import Evidence
from evaluation.findings.meaning import with_meaning
from evaluation.findings.subject import records_of, source_of
from evaluation.inference import multiplicity
from evaluation.inference.estimate import Answer
from evaluation.inference.fit_estimand import Rows, answer
from evaluation.organisations.register import Register
from evaluation.protocol.documents import Documents
from evaluation.protocol.model import Protocol
from evaluation.terms import Assignment

Answers = tuple[Answer, ...]


def answers_of(documents: Documents, evidence: Evidence, register: Register) -> tuple[Answers, Answers]:
    """What inference says to every contrast: (where the plan decides, where it only watches).

    Families are adjusted together; a watched wave is asked only where its population answered, and without the tests within
    people, which nobody reads there. Where several waves decide, the latest one with answers does, at the shared confidence;
    the ones before it are watched.
    """
    protocol, loaded = documents.protocol, {**loaded_waves(evidence), **recorded_waves(evidence)}
    rows: Rows = partial(scan.rows, evidence.responses, documents, register)
    asked = partial(answer, documents=documents, evidence=evidence, register=register, rows=rows)
    decides = {name: deciding_wave(name, protocol, loaded) for name in protocol.estimands}
    decided = [one for name, wave in decides.items() for one in asked(name, wave_to=wave)]
    so_far = asked if protocol.assignment is Assignment.RESPONDENT else partial(asked, rows=None)
    watched = [one for name, wave in _watched(protocol, decides, loaded) for one in so_far(name, wave_to=wave)]
    return multiplicity.adjust(with_meaning(decided, documents, evidence), protocol), tuple(watched)


def loaded_waves(evidence: Evidence) -> dict[str, tuple[str, ...]]:
    """Waves with answers, by population."""
    return {str(name): tuple(part["wave"].unique()) for name, part in evidence.types.groupby("population")}


def recorded_waves(evidence: Evidence) -> dict[str, tuple[str, ...]]:
    """Waves with counts, by `source_of` the measure; beside those of populations."""
    return {records_of(name): tuple(table["wave"].unique()) for name, table in evidence.records.items()}


def deciding_wave(name: str, protocol: Protocol, loaded: Mapping[str, tuple[str, ...]]) -> str:
    """The wave at which estimand `name` is judged now: its own, else the latest that decides and has answers, else the first."""
    stated, source = protocol.estimands[name].wave_to, source_of(protocol, protocol.estimands[name].measure)
    answered = [wave for wave in protocol.looks.decide if wave in loaded.get(source, ())]
    return stated or [protocol.looks.decide[0], *answered][-1]


def _watched(
    protocol: Protocol, decides: Mapping[str, str], loaded: Mapping[str, tuple[str, ...]]
) -> list[tuple[str, str]]:
    """Estimands and the other waves at which they can be looked at: watched ones, and ones that decided before."""
    return [
        (name, wave) for name, plan in protocol.estimands.items() for wave in (*protocol.looks.watch, *protocol.looks.decide)
        if wave not in (protocol.waves_of(name)[0], decides[name])
        and (wave in protocol.looks.watch or plan.wave_to is None)
        and wave in loaded.get(source_of(protocol, plan.measure), ())
    ]
