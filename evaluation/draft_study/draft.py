"""Drafting a study: guess or read, write the documents, and keep them only if the program itself accepts them."""

import csv
import io
import re
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from tempfile import mkdtemp

from evaluation.draft_study.document import Line, StudyDraft, decisions_in, document
from evaluation.draft_study.from_data import POPULATION, draft_from_data
from evaluation.draft_study.from_workbook import draft_from_workbook
from evaluation.draft_study.places import placed
from evaluation.draft_study.several_answers import boxes_decisions, several_answers
from evaluation.draft_study.sheets import SHEETS
from evaluation.errors import MachineError, Problem, ProtocolError, UsageError
from evaluation.organisations.register import read_register
from evaluation.protocol.documents import read_documents
from evaluation.protocol.mapping import FileForm
from evaluation.waves.drafts.mapping import draft_from_table, slug
from evaluation.waves.drafts.profile import profile
from evaluation.waves.readers import read_file
from evaluation.waves.readers.excel import sheet_names
from evaluation.waves.readers.recognise import recognised

_LINE = re.compile(r"\bline (\d+)")


@dataclass(frozen=True)
class DraftReceipt:
    """What was drafted: from a 'data file' or a 'workbook', `files` relative to `root`, `decisions` left to a person."""

    root: Path
    source: str
    files: tuple[str, ...]
    organisations: int
    items: int
    waves: tuple[str, ...]
    decisions: tuple[str, ...]


def draft_study(
    source: Path, destination: Path, *, name: str, form: FileForm | None = None, today: date | None = None
) -> DraftReceipt:
    """Write a study's documents to `destination`, drafted from a data file or a filled workbook.

    Args:
        source: a survey file (CSV, Excel, Stata), or the workbook that `write_workbook` makes, filled.
        destination: a folder that is not there yet, or is empty.
        name: the study's title; its identifier is made from it.
        form: how a data file is written down, where it has to be said (a sheet, an encoding).
        today: for dates that nobody knows yet.

    Raises:
        UsageError: the destination holds something.
        WaveError: the file cannot be read.
        ProtocolError: the workbook contradicts itself; every problem by sheet and row. Nothing is left behind.
        MachineError: the destination cannot be written to.
    """
    if destination.exists() and (not destination.is_dir() or any(destination.iterdir())):
        raise UsageError(f"'{destination.name}' holds something already.", where=str(destination), fix="name a new folder.")
    day = today or date.today()
    try:
        destination.parent.mkdir(parents=True, exist_ok=True)
        scratch = Path(mkdtemp(prefix=".draft-", dir=destination.parent))
    except OSError as error:
        raise MachineError(
            f"cannot write there: {error.strerror}.", where=str(destination), fix="choose a folder of your own."
        ) from error
    try:
        receipt = _from_workbook(source, scratch, name) if is_workbook(source) else _from_data(source, scratch, name, form, day)
        if destination.exists():
            destination.rmdir()
        scratch.replace(destination)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return replace(receipt, root=destination)


def is_workbook(source: Path) -> bool:
    """Whether a file is the study workbook: all of its sheets are there."""
    if source.suffix.lower() != ".xlsx":
        return False
    return {sheet.name for sheet in SHEETS} <= set(sheet_names(source))


def _from_data(source: Path, root: Path, name: str, form: FileForm | None, today: date) -> DraftReceipt:
    seen = recognised(source, form)
    table = read_file(source, seen.form)
    boxes = several_answers(table, profile(table))
    if boxes:
        table = read_file(source, FileForm.model_validate(seen.form.model_dump() | {"boxes": {**seen.form.boxes, **boxes}}))
    place = placed(table)
    draft = draft_from_data(place.profile, name=name, today=today)
    opening = [f"Drafted from {table.name}. Every line marked DECIDE needs your judgement; the rest is worth reading once."]
    decisions, waves = _written(draft, root, opening)
    told = bool(place.profile.organisations) or place.profile.arm_inside
    names = {row["organisation"]: row["name"] for row in draft.organisations} if told else {}
    mapping = draft_from_table(table, read_documents(root), names, POPULATION, seen.saw)
    (root / "mappings").mkdir()
    (root / "mappings" / f"{slug(table.name)}.yaml").write_text(mapping, encoding="utf-8")
    left = [
        *place.decisions,
        *boxes_decisions(boxes, slug(table.name)),
        *draft.decisions,
        *decisions,
        f"mappings/{slug(table.name)}.yaml: read it beside the file and put your name under reviewed_by.",
    ]
    return _receipt(root, "data file", draft, waves, left)


def _from_workbook(source: Path, root: Path, name: str) -> DraftReceipt:
    draft = draft_from_workbook(source, name=name)
    decisions, waves = _written(draft, root, [f"Written from the workbook {source.name}."])
    try:
        read_register(read_documents(root))
    except ProtocolError as error:
        rows = {"organisations.csv": [Line("header"), *(Line("", origin) for origin in draft.origins)]}
        raise ProtocolError([_traced(problem, rows) for problem in error.problems]) from error
    return _receipt(root, "workbook", draft, waves, [*draft.decisions, *decisions])


def _receipt(root: Path, source: str, draft: StudyDraft, waves: Sequence[str], left: Sequence[str]) -> DraftReceipt:
    files = sorted(path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file())
    items = sum(len(getattr(one["items"], "value", one["items"])) for one in draft.instruments.values())
    return DraftReceipt(root, source, tuple(files), len(draft.organisations), items, tuple(waves), tuple(left))


def _written(draft: StudyDraft, root: Path, opening: Sequence[str]) -> tuple[list[str], list[str]]:
    """Write the documents, have the program read them, and return what is left to decide and the waves."""
    pages = {"protocol.yaml": document(draft.protocol, opening)}
    pages |= {f"instruments/{name}.yaml": document(content, opening) for name, content in draft.instruments.items()}
    (root / "instruments").mkdir()
    for file, lines in pages.items():
        (root / file).write_text("\n".join(line.text for line in lines) + "\n", encoding="utf-8")
    (root / "organisations.csv").write_text(_table(draft.organisations), encoding="utf-8")
    try:
        documents = read_documents(root)
    except ProtocolError as error:
        raise ProtocolError([_traced(problem, pages) for problem in error.problems]) from error
    decisions = [f"{file}: {text}" for file, lines in pages.items() for text in decisions_in(lines)]
    return decisions, list(documents.protocol.waves)


def _traced(problem: Problem, pages: Mapping[str, Sequence[Line]]) -> Problem:
    """The problem with the workbook's sheet and row in place of each line of a document."""
    for file, lines in pages.items():
        if file in problem.where:
            numbers = [int(number) - 1 for number in _LINE.findall(problem.where)]
            places = [lines[number].origin for number in numbers if number < len(lines) and lines[number].origin]
            plain = problem.where[problem.where.index(file) :]
            return replace(problem, where="; ".join(dict.fromkeys(places)) or plain)
    return problem


def _table(rows: Sequence[Mapping[str, str]]) -> str:
    stream = io.StringIO(newline="")
    writer = csv.DictWriter(stream, fieldnames=list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return stream.getvalue()
