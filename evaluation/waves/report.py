"""What a check found, as a workbook that can be sent back to whoever made the file. Written once, and never over another file."""

import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from evaluation.errors import MachineError, PilotError, Problem, UsageError
from evaluation.protocol.documents import read_documents, read_mapping
from evaluation.study import Study
from evaluation.waves.collect import read_arrived
from evaluation.waves.expected import expect
from evaluation.waves.layout import layout_from_header, layout_from_mapping
from evaluation.waves.load import Arriving, mapping_file
from evaluation.waves.marked import Marked, marked
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


def write_report(path: Path, study: Study, arriving: Arriving, problems: Sequence[Problem], notes: Sequence[str] = ()) -> None:
    """Write what a check found of a file to `path`, readable by its owner only.

    Args:
        path: as `report_place` gives it.
        study: the study.
        arriving: the file, and what its sender says of it.
        problems: what is wrong with it; none when it may be loaded.
        notes: what a reader should know beside.

    Raises:
        UsageError: the file came into being meanwhile.
        MachineError: it cannot be written.
    """
    faults = sum(problem.count for problem in problems)
    verdict = f"REFUSED, {len(problems):,} problems, {faults:,} faults; nothing was stored" if problems else "READY"
    heading = f"{shown_name(arriving.file)}, wave '{arriving.wave}' of '{arriving.population}': {verdict}."
    content = workbook(heading, problems, notes, _shown(study, arriving, problems))
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


def _shown(study: Study, arriving: Arriving, problems: Sequence[Problem]) -> Marked | None:
    """The file's rows, read once more; None when it cannot be read as a table."""
    with suppress(PilotError):
        documents = read_documents(study.root)
        mapping = read_mapping(mapping_file(study, arriving.mapping), documents) if arriving.mapping else None
        table = read_arrived(arriving.file, mapping, arriving.options)
        expected = expect(documents, arriving.population, arriving.wave)
        named = layout_from_header(table.frame.columns, expected, arriving.organisation)
        return marked(table, layout_from_mapping(mapping) if mapping else named, problems)
    return None
