"""What a check found, as a workbook that can be sent back to whoever made the file. Written once, and never over another file."""

import os
from collections.abc import Sequence
from pathlib import Path

from evaluation.errors import MachineError, Problem, UsageError
from evaluation.figures.numbers import several
from evaluation.waves.arriving import Arrived, Arriving
from evaluation.waves.marked import marked
from evaluation.waves.readers.opening import shown_name
from evaluation.waves.report_book import workbook


def report_place(name: str) -> Path:
    """Where a report can be written: a new .xlsx file in a folder that is there.

    Raises:
        UsageError: another ending, a file that is there already, or no such folder.
    """
    path = Path(name)
    if path.suffix.lower() != ".xlsx":
        raise UsageError(f"a report is a workbook, and '{path.name}' does not end in .xlsx.", fix="--report report.xlsx")
    if path.exists() or path.is_symlink():
        raise _taken(path)
    if not path.parent.is_dir():
        raise UsageError("there is no such folder.", where=str(path.parent), fix="make it, or name one that is there.")
    return path


def refused(problems: Sequence[Problem]) -> str:
    """The verdict on a file that has problems: 'REFUSED, 2 problems, 14 faults; nothing was stored'."""
    faults = sum(problem.count for problem in problems)
    return f"REFUSED, {several(len(problems), 'problem')}, {several(faults, 'fault')}; nothing was stored"


def write_report(
    path: Path,
    arriving: Arriving,
    arrived: Arrived | None,
    verdict: str,
    *,
    problems: Sequence[Problem] = (),
    notes: Sequence[str] = (),
) -> None:
    """Write what a check found of a file to `path`, readable by its owner only.

    Args:
        path: as `report_place` gives it.
        arriving: the file, and what its sender says of it.
        arrived: the file as it was read; None when it cannot be read as a table.
        verdict: `refused`, or that of what came of the file.
        problems: what is wrong with it; none when it may be loaded.
        notes: what a reader should know beside.

    Raises:
        UsageError: the file came into being meanwhile.
        MachineError: it cannot be written.
    """
    heading = f"{shown_name(arriving.file)}, wave '{arriving.wave}' of '{arriving.population}': {verdict}."
    content = workbook(heading, problems, notes, marked(arrived.table, arrived.layout, problems) if arrived else None)
    try:
        with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | getattr(os, "O_BINARY", 0), 0o600), "wb") as stream:
            stream.write(content)
    except FileExistsError as fault:
        raise _taken(path) from fault
    except OSError as fault:
        fix = "check free space and permissions; nothing else was written."
        raise MachineError(f"cannot write the report: {fault.strerror or fault}.", where=str(path), fix=fix) from fault


def _taken(path: Path) -> UsageError:
    return UsageError(f"there is a file '{path.name}' already.", where=str(path), fix="give the report another name.")
