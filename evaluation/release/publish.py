"""The release: everything that the board's site may read, and nothing it may not.

`Release` is the contract with the dashboards. On disk it is one JSON file, written whole or not at all; the release before it
stays in place until the new one is complete.
"""

import os
from datetime import datetime
from pathlib import Path
from typing import Literal

from pydantic import ValidationError

from evaluation.errors import MachineError, ReleaseError
from evaluation.release.cards import (
    ArmCard,
    CellCard,
    DecisionCard,
    FindingCard,
    LinkCard,
    MeasureCard,
    OrganisationCard,
    Part,
    PopulationCard,
    ProtocolPage,
    ResponseCard,
    StudyCard,
    WaveCard,
    Words,
)


class Release(Part):
    """One release, whole."""

    format: Literal[1] = 1
    status: Literal["preview"] = "preview"
    made: datetime
    result_id: str
    result_number: str
    study: StudyCard
    arms: tuple[ArmCard, ...]
    waves: tuple[WaveCard, ...]
    populations: tuple[PopulationCard, ...]
    theory_of_change: tuple[LinkCard, ...]
    measures: tuple[MeasureCard, ...]
    organisations: tuple[OrganisationCard, ...]
    findings: tuple[FindingCard, ...]
    decision: DecisionCard
    cells: tuple[CellCard, ...]
    response_rates: tuple[ResponseCard, ...] = ()
    since_last: Words
    protocol_page: ProtocolPage


def write_release(release: Release, file: Path) -> Path:
    """Write the release beside `file`, then put it in its place in one step.

    Raises:
        MachineError: disk full or no permission; the release before stays as it was.
    """
    new = file.with_name(f".{file.name}.{os.getpid()}.new")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        for left in file.parent.glob(f".{file.name}.*.new"):  # of a process that died; the study's lock lets one write
            left.unlink()
        with new.open("w", encoding="utf-8") as out:
            out.write(release.model_dump_json(by_alias=True, indent=1))
            out.flush()
            os.fsync(out.fileno())
        new.replace(file)
    except OSError as fault:
        new.unlink(missing_ok=True)
        raise MachineError(f"the release could not be written: {fault.strerror}.", where=str(file), code="release") from fault
    return file


def read_release(path: Path) -> Release:
    """The release kept in `path`, a file or the folder that holds release.json.

    Raises:
        ReleaseError: there is none, or it is not of a form this version reads.
    """
    file = path / "release.json" if path.is_dir() else path
    try:
        return Release.model_validate_json(file.read_bytes())
    except FileNotFoundError:
        fix = "run `pilot run STUDY` first."
        raise ReleaseError("there is no release here yet.", where=str(file), fix=fix, code="no-release") from None
    except ValidationError as fault:
        raise ReleaseError(
            f"the release is not of a form this version reads: {fault.error_count()} faults.",
            where=str(file), fix="build it again with `pilot run STUDY`.", code="release-form",
        ) from fault
