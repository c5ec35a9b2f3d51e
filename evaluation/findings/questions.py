"""Every question of the plan put to inference: at the waves that decide, and at those that are only watched."""

from collections.abc import Mapping
from functools import partial

from evaluation.evidence import scan
from evaluation.evidence.evidence import Evidence
from evaluation.inference import multiplicity
from evaluation.inference.estimate import Answer
from evaluation.inference.fit_estimand import Rows, answer
from evaluation.organisations.register import Register
from evaluation.protocol.documents import Documents
from evaluation.terms import Assignment

Answers = tuple[Answer, ...]


def answers_of(documents: Documents, evidence: Evidence, register: Register) -> tuple[Answers, Answers]:
    """What inference says to every contrast: (where the plan decides, where it only watches).

    Families are adjusted together; a watched wave is asked only where its population answered, and without the tests within
    people, which nobody reads there.
    """
    protocol = documents.protocol
    rows: Rows = partial(scan.rows, evidence.responses, documents, register)
    asked = partial(answer, documents=documents, evidence=evidence, register=register, rows=rows)
    decided = [one for name in protocol.estimands for one in asked(name)]
    so_far = asked if protocol.assignment is Assignment.RESPONDENT else partial(asked, rows=None)
    watched = [one for name, wave in _watched(documents, loaded_waves(evidence)) for one in so_far(name, wave_to=wave)]
    return multiplicity.adjust(decided, protocol), tuple(watched)


def loaded_waves(evidence: Evidence) -> dict[str, tuple[str, ...]]:
    """Waves with answers, by population."""
    return {str(name): tuple(part["wave"].unique()) for name, part in evidence.types.groupby("population")}


def _watched(documents: Documents, loaded: Mapping[str, tuple[str, ...]]) -> list[tuple[str, str]]:
    """Estimands and the watched waves at which they can be looked at."""
    protocol = documents.protocol
    return [
        (name, wave) for name, plan in protocol.estimands.items() for wave in protocol.looks.watch
        if wave not in protocol.waves_of(name) and wave in loaded.get(protocol.measures[plan.measure].population, ())
    ]
