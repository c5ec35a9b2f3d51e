"""A study of simulated answers takes simulated files only: `simulated.json` lists them, and a made-up study stays one."""

import hashlib
import json
from pathlib import Path
from typing import Any

from evaluation.errors import IntegrityError, MachineError, WaveError
from evaluation.study import Study


def refuse_unlisted(study: Study, file: Path) -> None:
    """Refuse a file that was not simulated for this study; a study whose answers are real takes any file.

    Raises:
        WaveError: the study holds simulated answers, and the file is none of those that were simulated for it.
        IntegrityError: the list of simulated files cannot be read.
        MachineError: the file cannot be read.
    """
    note = simulation_note(study)
    if note and file.is_file() and _digest(file) not in note["files"]:
        raise WaveError(
            "this study holds simulated answers; real answers belong in a study of their own.",
            where=file.name,
            fix="start a study with 'pilot new' and load the file there; a simulated file loads as 'pilot simulate' wrote it.",
            code="real-answers",
        )


def simulation_note(study: Study) -> dict[str, Any]:
    """What `simulated.json` says: seed, sentence, truth, and `files`, their names by SHA-256; empty where nothing is simulated.

    Raises:
        IntegrityError: it cannot be read, or lists no files.
    """
    if not study.simulated_file.is_file():
        return {}
    try:
        note = json.loads(study.simulated_file.read_bytes())
        return {**note, "files": dict(note["files"])}
    except (ValueError, KeyError, TypeError) as fault:
        raise IntegrityError(
            "the note that says that data are simulated is not what was written.",
            where=study.simulated_file.name,
            fix="simulate again (pilot simulate STUDY); the files that it writes are then listed anew.",
        ) from fault


def _digest(file: Path) -> str:
    try:
        with file.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as fault:
        raise MachineError(f"cannot read the file: {fault.strerror}.", where=file.name, fix="check its permissions.") from fault
