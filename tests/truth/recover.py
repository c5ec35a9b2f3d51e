"""Many simulated studies of known truth, each taken through evidence and inference: does the interval hold what was put in?

Answers go from the simulator to Parquet in the store's own columns; from there on it is the line that a run takes. Studies are
scanned in batches, each unit under a name of its own: a scan costs what its SQL costs to write, whatever the number of rows.
That nothing is lost on the way round the files is checked against a whole load in test_coverage.py.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd

from evaluation.evidence.evidence import Evidence
from evaluation.evidence.scan import summarise
from evaluation.inference.design import contrasts
from evaluation.inference.fit_estimand import answer
from evaluation.measures.score import items_of
from evaluation.organisations.register import Register, read_register
from evaluation.protocol.documents import Documents, read_documents
from evaluation.simulate.draw import draw_waves
from evaluation.simulate.model import StudyModel, study_model
from evaluation.simulate.truth import read_truth
from evaluation.waves.storage.read import Responses

BATCH = 10


@dataclass(frozen=True)
class Setting:
    """A study ready to be simulated again and again; `truths` are the true differences by (estimand, contrast)."""

    documents: Documents
    register: Register
    model: StudyModel
    truths: dict[tuple[str, str], float]


@dataclass(frozen=True)
class Row:
    """One contrast in one simulated study."""

    seed: int
    estimand: str
    contrast: str
    truth: float
    estimate: float
    std_error: float
    low: float
    high: float

    @property
    def holds(self) -> bool:
        return self.low <= self.truth <= self.high


def setting(root: Path, *estimands: str) -> Setting:
    """The study in `root`, with these estimands only, and only the questions that their measures ask."""
    truth = read_truth(read_documents(root))
    documents = _only(read_documents(root), estimands)
    register = read_register(documents)
    model = study_model(documents, truth)
    arms, truths = register.units["arm"], {}
    for name in estimands:
        measure, waves = documents.protocol.estimands[name].measure, documents.protocol.waves_of(name)
        for contrast in contrasts(documents.protocol, name):
            gains = [model.effect(measure, arm, *waves) for arm in arms[arms.isin(contrast.left)]]
            truths[name, contrast.label] = float(np.mean(gains))
    return Setting(documents, register, model, truths)


def _only(documents: Documents, estimands: Sequence[str]) -> Documents:
    protocol = documents.protocol
    asked = {name: protocol.estimands[name] for name in estimands}
    measures = {plan.measure: protocol.measures[plan.measure] for plan in asked.values()}
    items = {item for name in measures for item in items_of(name, documents)}
    instruments = {
        name: document.model_copy(update={"items": {item: block for item, block in document.items.items() if item in items}})
        for name, document in documents.instruments.items()
        if name in {measure.instrument for measure in measures.values()}
    }
    populations = {measure.population: protocol.populations[measure.population] for measure in measures.values()}
    smaller = protocol.model_copy(update={"estimands": asked, "measures": measures, "populations": populations})
    return replace(documents, protocol=smaller, instruments=instruments)


def recover(known: Setting, seeds: Sequence[int]) -> Iterator[Row]:
    """Estimates and intervals of simulated studies beside the truth, seed by seed."""
    left = iter(seeds)
    while batch := list(islice(left, BATCH)):
        whole = _evidence(known, batch)
        for seed in batch:
            yield from _answers(known, seed, _of_seed(whole, seed))


def _answers(known: Setting, seed: int, evidence: Evidence) -> Iterator[Row]:
    register = _register(known, [seed])
    for name in known.documents.protocol.estimands:
        for found in answer(name, known.documents, evidence, register):
            head = found.headline
            yield Row(
                seed,
                name,
                found.contrast,
                known.truths[name, found.contrast],
                head.estimate,
                head.std_error,
                head.conf_low,
                head.conf_high,
            )


def _evidence(known: Setting, seeds: Sequence[int]) -> Evidence:
    parts: dict[str, list[pd.DataFrame]] = {}
    asked = tuple(known.documents.protocol.populations)
    for seed in seeds:
        for (population, wave), frame in draw_waves(known.model, known.register.units, seed, asked).items():
            parts.setdefault(population, []).append(stored(known, frame, population, wave, seed))
    with TemporaryDirectory() as folder:
        responses = {}
        for population, frames in parts.items():
            file = Path(folder) / f"{population}.parquet"
            pd.concat(frames).to_parquet(file, index=False)
            responses[population] = Responses(population, 0, (file,), tuple(frames[0].columns))
        return summarise(responses, known.documents, _register(known, seeds))


def stored(known: Setting, frame: pd.DataFrame, population: str, wave: str, seed: int) -> pd.DataFrame:
    """Simulated answers in the columns of the store: declared missing codes left out, every unit named with its seed.

    Questions that the setting does not ask stay as they are; nothing reads them.
    """
    scales = {
        name: document.scale_of(name)
        for document in known.documents.instruments.values()
        if document.population == population
        for name in document.items
    }
    answers = {
        name: frame[name].astype("float64").where(~frame[name].isin([float(code) for code in scale.missing_codes]))
        for name, scale in scales.items()
    }
    unit = frame["organisation"] + f"@{seed}"
    arm = frame["organisation"].map(known.register.units["arm"])
    person = frame["respondent"] + f"@{seed}" if "respondent" in frame else pd.Series(pd.NA, frame.index, dtype="str")
    rest = frame.drop(columns=[*scales, "answered_on"])
    return rest.assign(
        wave=wave,
        organisation=unit,
        unit=unit,
        arm=arm,
        respondent=person,
        base=pd.array([pd.NA] * len(frame), "Int64"),
        **answers,
    )


def _register(known: Setting, seeds: Sequence[int]) -> Register:
    units = known.register.units
    named = [units.assign(organisation=units["organisation"] + f"@{seed}").set_axis(units.index + f"@{seed}") for seed in seeds]
    return Register(pd.concat(named))


def _of_seed(whole: Evidence, seed: int) -> Evidence:
    def own(frame: pd.DataFrame) -> pd.Series:
        return frame["unit"].astype(str).str.endswith(f"@{seed}")

    return replace(
        whole,
        moments={name: sums.select(own(sums.cells)) for name, sums in whole.moments.items()},
        linked={key: sums.select(own(sums.cells)) for key, sums in whole.linked.items()},
        tallies=whole.tallies[own(whole.tallies)],
        types=whole.types[own(whole.types)],
    )
