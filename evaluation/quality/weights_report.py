"""How the response weights of a study came about, unit by unit and wave by wave, for the analyst."""

from pathlib import Path

import pandas as pd

from evaluation.evidence.kept import evidence_of
from evaluation.organisations.register import read_register
from evaluation.protocol.documents import read_documents
from evaluation.study import Study
from evaluation.waves import store


def weights_report(study: Study | Path | str) -> pd.DataFrame:
    """What weighting did to the answers that are loaded.

    Returns:
        One row a unit and wave of the populations that declare weights: population, unit, wave, people, effective (Kish's
        effective sample size), design_effect, lowest and highest weight (their mean is 1), trimmed (people at a bound), rounds
        (of raking), off (the largest relative distance from a headcount after trimming) and problem, which says why there are
        no weights. No rows where nothing is loaded or no weights are declared.

    Raises:
        ProtocolError, IntegrityError: the documents or headcounts are wrong, or the store is not what was written.
    """
    place = study if isinstance(study, Study) else Study.open(study)
    documents = read_documents(place.root)
    responses = {population: store.responses(place, population) for population in store.version(place)}
    return evidence_of(place.evidence, responses, documents, read_register(documents)).weighting
