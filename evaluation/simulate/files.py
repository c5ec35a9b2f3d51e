"""Write a simulated study's wave files, and say in the study that its data are simulated."""

import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from evaluation.errors import IntegrityError, UsageError
from evaluation.figures.numbers import amount, decimals_for, listed
from evaluation.organisations.register import read_register
from evaluation.protocol.documents import Documents, read_documents, read_mapping
from evaluation.protocol.model import Protocol
from evaluation.simulate.draw import draw_waves, published_means
from evaluation.simulate.model import StudyModel, study_model
from evaluation.simulate.supplier import as_supplier_writes, write_supplier
from evaluation.simulate.traps import Expect, Trap, honest_sheet, planted, trap_named
from evaluation.simulate.truth import Truth, read_truth
from evaluation.study import Study
from evaluation.terms import Level, Role, Status
from evaluation.waves.made_up import simulation_note


@dataclass(frozen=True)
class SimulatedFile:
    """One file: whose answers, how many rows, and how it is loaded (`append` late answers, `mapping` a supplier's form)."""

    path: Path
    population: str
    wave: str
    rows: int
    append: bool = False
    mapping: str | None = None

    def command(self, study: Path, verb: str = "load") -> str:
        """The command that loads it, or with `verb` "check" looks at it without storing."""
        words = [f"pilot wave {verb}", str(study), str(self.path), "--wave", self.wave, "--population", self.population]
        words += ["--mapping", self.mapping] if self.mapping else []
        return " ".join([*words, "--append"] if self.append else words)

    def as_record(self) -> dict[str, Any]:
        """The file as a JSON object, with the hash of its bytes."""
        return {**asdict(self), "path": str(self.path), "sha256": sha256(self.path.read_bytes()).hexdigest()}


@dataclass(frozen=True)
class SimulatedFiles:
    """What was written, with the seed and the sentence that travels with every number made from it."""

    files: tuple[SimulatedFile, ...]
    seed: int
    sentence: str

    def as_record(self) -> dict[str, Any]:
        """The files as a JSON object."""
        return {"seed": self.seed, "sentence": self.sentence, "files": [file.as_record() for file in self.files]}


def simulate(study: Study, destination: Path, seed: int, truth: Truth | None = None) -> SimulatedFiles:
    """Write a wave file for every population and wave, and `simulated.json` in the study.

    Args:
        study: whose documents say what is asked of whom; its `simulation.yaml` says what is put in.
        destination: folder for the files, made when missing.
        seed: the same seed gives the same bytes.
        truth: in place of the study's own.

    Raises:
        ProtocolError: a document, or what the simulation is asked for, is wrong.
        UsageError: the study already holds answers that were not simulated.
    """
    refuse_real_answers(study)
    documents = read_documents(study.root)
    model = study_model(documents, truth or read_truth(documents))
    frames = draw_waves(model, read_register(documents).units, seed)
    destination.mkdir(parents=True, exist_ok=True)
    files: list[SimulatedFile] = []
    for (population, wave), frame in frames.items():
        files += _write(documents, model.truth, destination, population, wave, frame, np.random.default_rng([seed, 900]))
    made = SimulatedFiles(tuple(files), seed, sentence(documents.protocol, model.truth))
    mark_simulated(study, made, model)
    return made


@dataclass(frozen=True)
class TrapFile:
    """A file with one planted fault; `honest` is the file without it, where the trap is one only beside that."""

    file: SimulatedFile
    trap: Trap
    honest: SimulatedFile | None = None


def simulate_trap(study: Study, destination: Path, seed: int, name: str) -> TrapFile:
    """Write one wave file with one planted fault: of the first population that can be linked, at baseline.

    Raises:
        UsageError: there is no such trap, the study asks nobody one by one, or it holds answers that were not simulated.
    """
    trap = trap_named(name)
    refuse_real_answers(study)
    documents = read_documents(study.root)
    model = study_model(documents, read_truth(documents))
    population, wave = _baited(documents.protocol), documents.protocol.baseline
    frame = draw_waves(model, read_register(documents).units, seed, (population,))[population, wave]
    items = tuple(
        item for document in documents.instruments.values() if document.population == population for item in document.asked(wave)
    )
    other = next((known for known in documents.protocol.waves if known != wave), wave)
    sheet = honest_sheet(frame, items, tuple(documents.protocol.populations[population].groups), other)
    destination.mkdir(parents=True, exist_ok=True)
    path = destination / f"{population}-{wave}-{trap.name}.csv"
    path.write_bytes(planted(trap, sheet))
    file = SimulatedFile(path, population, wave, len(frame))
    beside = trap.expect is Expect.KNOWN
    honest = (
        SimulatedFile(write_csv(frame, path.with_name(f"{population}-{wave}.csv")), population, wave, len(frame))
        if beside
        else None
    )
    written = (file, honest) if honest else (file,)
    made = SimulatedFiles(written, seed, sentence(documents.protocol, model.truth))
    mark_simulated(study, made, model, beside=True)
    return TrapFile(file, trap, honest)


def _baited(protocol: Protocol) -> str:
    people = [name for name, population in protocol.populations.items() if population.level is Level.RESPONDENT]
    if not people:
        raise UsageError("traps are planted in answers of people, and this study loads published means only.")
    return next((name for name in people if protocol.populations[name].linkage.recognises), people[0])


def refuse_real_answers(study: Study) -> None:
    """Refuse to mix made-up answers with real ones.

    Raises:
        UsageError: the store holds answers and nothing says that they are simulated.
    """
    if study.store.is_dir() and any(study.store.iterdir()) and not study.simulated_file.is_file():
        raise UsageError(
            "this study holds answers that were not simulated; made-up ones must not join them.",
            where=str(study.root),
            fix="copy the study's documents to a new folder and simulate there.",
        )


def mark_simulated(study: Study, made: SimulatedFiles, model: StudyModel, *, beside: bool = False) -> None:
    """Write `simulated.json`, which makes every output say that its data are simulated, and lists the files that may be loaded.

    Args:
        study: whose data are simulated.
        made: the files, with their seed; files of earlier simulations stay listed.
        model: what was put in.
        beside: the files join a simulation, whose seed and truth stay named.
    """
    before = _noted(study)
    record = {
        "seed": made.seed,
        "sentence": made.sentence,
        "truth": model.truth.model_dump(mode="json", exclude_none=True),
        **(before if beside else {}),
        "files": before.get("files", {}) | {file.as_record()["sha256"]: file.path.name for file in made.files},
    }
    text = json.dumps(record, indent=1, ensure_ascii=False, sort_keys=True) + "\n"
    study.simulated_file.write_text(text, encoding="utf-8", newline="\n")


def _noted(study: Study) -> dict[str, Any]:
    """What the study's note says; nothing when there is none or it is broken: simulating again mends it."""
    with suppress(IntegrityError):
        return simulation_note(study)
    return {}


def sentence(protocol: Protocol, truth: Truth) -> str:
    """What was put in, for the main measure: 'These organisations do not exist; the difference put into ... was 0.5 points.'"""
    name = next(
        (plan.measure for plan in protocol.estimands.values() if plan.status is Status.PRIMARY), next(iter(protocol.measures))
    )
    smallest = protocol.measures[name].minimum_important_difference
    gains = {arm: truth.effects.get(name, {}).get(arm, 0.0) for arm in protocol.arms_with(Role.PILOT)}
    decimals = decimals_for(smallest.value, smallest.unit == "percentage points")

    def said(gain: float) -> str:
        return amount(gain, smallest.unit, decimals)

    if len(set(gains.values())) == 1:
        return f"These organisations do not exist; the difference put into the simulation was {said(next(iter(gains.values())))}."
    parts = listed([f"{said(gain)} ({protocol.arms[arm].label})" for arm, gain in gains.items()])
    return f"These organisations do not exist; the differences put into the simulation were {parts}."


def write_csv(frame: pd.DataFrame, file: Path) -> Path:
    """Write a frame in the canonical form of a wave file."""
    file.write_bytes(frame.to_csv(index=False, lineterminator="\n").encode("utf-8"))
    return file


def _write(
    documents: Documents, truth: Truth, folder: Path, population: str, wave: str, frame: pd.DataFrame, rng: np.random.Generator
) -> Sequence[SimulatedFile]:
    stem, level = folder / f"{population}-{wave}", documents.protocol.populations[population].level
    if level is Level.OPTION:
        fix = "simulate it with 'level: organisation'."
        raise UsageError(f"'{population}' is a table of options, which the simulation does not write.", fix=fix, code="options")
    if level is Level.ORGANISATION:
        means = published_means(frame)
        return [SimulatedFile(write_csv(means, stem.with_suffix(".csv")), population, wave, len(means))]
    if truth.supplier is not None and truth.supplier.wave == wave:
        mapping = read_mapping(documents.root / "mappings" / f"{truth.supplier.mapping}.yaml", documents)
        if mapping.population == population:
            path = write_supplier(
                as_supplier_writes(frame, mapping, rng), mapping, stem.with_name(f"{stem.name}-{mapping.mapping}")
            )
            return [SimulatedFile(path, population, wave, len(frame), mapping=mapping.mapping)]
    if truth.late is not None and (truth.late.population, truth.late.wave) == (population, wave):
        late = np.sort(rng.choice(len(frame), max(1, round(truth.late.share * len(frame))), replace=False))
        first = write_csv(frame.drop(index=list(late)), stem.with_suffix(".csv"))
        second = write_csv(frame.iloc[late], stem.with_name(f"{stem.name}-late.csv"))
        return [
            SimulatedFile(first, population, wave, len(frame) - len(late)),
            SimulatedFile(second, population, wave, len(late), append=True),
        ]
    return [SimulatedFile(write_csv(frame, stem.with_suffix(".csv")), population, wave, len(frame))]
