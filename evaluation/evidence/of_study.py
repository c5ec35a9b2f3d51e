"""The evidence on everything that is stored in a study now."""

from evaluation.errors import DesignError
from evaluation.evidence.evidence import Evidence
from evaluation.evidence.kept import evidence_of
from evaluation.organisations.register import Register
from evaluation.protocol.documents import Documents
from evaluation.study import Study
from evaluation.waves import store


def stored_evidence(study: Study, documents: Documents, register: Register) -> Evidence:
    """The evidence on the newest version of every population, as kept or summed now.

    Raises:
        DesignError: no wave has been loaded.
        IntegrityError: a file of the store is not what was written.
    """
    responses = {population: store.responses(study, population) for population in store.version(study)}
    if not responses:
        fix = f"load one: pilot wave load {study.root} FILE --wave W --population P"
        raise DesignError("no wave has been loaded, so there is nothing to evaluate.", fix=fix, code="no-waves")
    return evidence_of(study.evidence, responses, documents, register)
