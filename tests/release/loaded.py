"""The tiny study with waves in its store."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from evaluation.organisations.register import read_register
from evaluation.protocol.documents import read_documents
from evaluation.study import Study
from evaluation.waves import store
from evaluation.waves.collect import collect
from tests.studies import tiny_frame, tiny_study

WAVES = ("baseline", "month_6", "month_12")


def loaded_study(
    folder: Path, *, waves: Sequence[str] = WAVES, people: Mapping[str, int] | None = None, replace: dict[str, str] | None = None,
    effect: float = 0.5,
) -> Study:
    """Write the tiny study into `folder` and load its waves; `people` keeps only so many of a unit's answers."""
    study = Study(tiny_study(folder, replace=replace))
    load_waves(study, waves, people=people, effect=effect)
    return study


def load_waves(study: Study, waves: Sequence[str], *, people: Mapping[str, int] | None = None, effect: float = 0.5) -> None:
    """Load waves of the tiny study, as an evaluator would."""
    documents = read_documents(study.root)
    register = read_register(documents)
    for wave in waves:
        frame = tiny_frame(wave, effect=effect)
        place = frame.groupby("organisation").cumcount()
        kept = place < frame["organisation"].map(people or {}).fillna(len(frame))
        file = study.root / f"{wave}.csv"
        frame[kept].to_csv(file, index=False)
        store.load(study, collect(documents, register, file, wave=wave, population="staff"), actor="tests")
        file.unlink()
