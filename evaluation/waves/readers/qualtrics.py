"""Qualtrics exports: a header of three rows (name, question, ImportId), or of two in the legacy form (name, question).

Answers come as choice text or as recode values; the file does not say what a recode value means, so the draft of a mapping asks.
Sources: Qualtrics' help pages "Understanding Your Dataset" and "Export Options".
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

import polars as pl

from evaluation.errors import Problem, WaveError
from evaluation.protocol.mapping import FileForm
from evaluation.waves.readers.header import Header, Rows
from evaluation.waves.readers.survey_file import SIGNATURES, read_survey
from evaluation.waves.readers.table import READERS, Content, Reader, Table

IMPORT_ID = re.compile(r"""^\s*\{\s*["']ImportId["']\s*:""")
PREVIEWS = ("1", "2", "17", "Survey Preview", "Survey Test", "Offline Survey Preview")
"""What the column Status holds in rows that are nobody's answers: previews and generated tests."""


def read_qualtrics(content: Content, form: FileForm) -> Table:
    """Cells of a Qualtrics export, its questions as labels; a name that stands twice is followed by its question.

    Raises:
        WaveError: the header is not of the declared number of rows, or as the readers of text and workbooks.
    """
    table = read_survey(content, form, qualtrics_header, form.header_rows or 3)
    if table.frame.height and any(IMPORT_ID.match(cell or "") for cell in table.frame.row(0)):
        raise WaveError(
            "the first row below the header holds Qualtrics' ImportIds, not somebody's answers.",
            where=f"{table.name}, row {table.rows[0]:,}",
            fix="say 'header_rows: 3' in the mapping's file block, or leave it out.",
            code="no-header",
        )
    return replace(table, notes=(*table.notes, *_notes(table)))


def qualtrics_header(rows: Rows, form: FileForm, file: str) -> Header:
    """Names from the first row, labels from the second; the third holds ImportIds and says nothing more."""
    names, questions = list(rows[0]), [" ".join(cell.split()) for cell in rows[1]]
    twice = {name for name, count in Counter(names).items() if count > 1 and name.strip()}
    unique = tuple(f"{name}: {question}" if name in twice else name for name, question in zip(names, questions, strict=True))
    notes = (f"{len(twice):,} names stand over several columns, and are followed by their question",) if twice else ()
    labels = {name: question for name, question in zip(unique, questions, strict=True) if name.strip() and question}
    return Header(unique, labels, tuple(_wrong_depth(rows, file)), notes)


def _wrong_depth(rows: Rows, file: str) -> Iterator[Problem]:
    if len(rows) == 3 and not all(IMPORT_ID.match(cell) for cell in rows[2] if cell.strip()):
        yield Problem(
            "the third row of the header does not hold Qualtrics' ImportIds.",
            f"{file}, row 3; its cells are not shown",
            "a legacy export has two header rows: say 'header_rows: 2' in the mapping's file block.",
            "no-header",
        )


def _notes(table: Table) -> Iterator[str]:
    if "Status" in table.frame.columns:
        previews = int(table.frame["Status"].is_in(PREVIEWS).sum())
        if previews:
            yield f"{previews:,} of {table.frame.height:,} rows are previews or tests by their Status, nobody's answers"
    questions = [name for name in table.frame.columns if re.match(r"^[Qq]\d", name) and not name.endswith("TEXT")]
    answers = pl.concat([table.frame[name].drop_nulls() for name in questions]) if questions else pl.Series([], dtype=pl.String)
    if len(answers):
        numbers = int(answers.str.contains(r"^-?\d+$").sum()) / len(answers)
        if numbers > 0.9:
            yield "answers are recode values; what they mean stands only in the survey"
        elif numbers < 0.1:
            yield "answers are choice texts"


READERS.register("qualtrics")(Reader(read_qualtrics, (), SIGNATURES))
