"""Qualtrics exports: a header of three rows (name, question, ImportId), or of two in the legacy form (name, question).

Answers come as choice text or as recode values; the file does not say what a recode value means, so the draft of a mapping asks.
Previews, tests and spam are told by the column Status: as words, or as a number of which each bit is one property.
Sources: Qualtrics' help pages "Understanding Your Dataset" and "Export Options".
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

import polars as pl

from evaluation.errors import Problem, WaveError
from evaluation.protocol.mapping import FileForm
from evaluation.waves.readers.header import Header, Rows
from evaluation.waves.readers.survey_file import SIGNATURES, read_survey
from evaluation.waves.readers.table import READERS, Content, Reader, Table

IMPORT_ID = re.compile(r"""^\s*\{\s*["']ImportId["']\s*:""")
STATUS, LEGACY_STATUS = "Status", "V7"
FINISHED, LEGACY_FINISHED = "Finished", "V10"
_LEGACY = ("V1", "V2", "V8", "V9", "V10")
"""What stands beside the status of a legacy export."""
_MARKS = {
    "a preview, by Qualtrics' Status": (1, r"^(Offline |EX )*Survey Preview( Spam)?$"),
    "a test, by Qualtrics' Status": (2, r"^(Offline |EX )*Survey Test( Spam)?$"),
    "possible spam, by Qualtrics' Status": (8, r"^(Imported |Offline |EX )*Spam$"),
}
"""Why a row is nobody's answers: a bit of the status as a number (8 is spam, 9 a preview that is spam too), and its words."""
_STATUS_LIMIT = 63


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


def status_column(columns: Sequence[str]) -> str | None:
    """The column in which Qualtrics says what kind of response a row is; None where the export lacks it."""
    if STATUS in columns:
        return STATUS
    return LEGACY_STATUS if {*_LEGACY, LEGACY_STATUS} <= {*columns} else None


def finished_column(columns: Sequence[str]) -> str | None:
    """The column in which Qualtrics says whether a response was finished; None where the export lacks it."""
    if FINISHED in columns:
        return FINISHED
    return LEGACY_FINISHED if {*_LEGACY, LEGACY_STATUS} <= {*columns} else None


def marks(status: pl.Series) -> dict[str, pl.Series]:
    """(R,) masks of rows that are nobody's answers, by the reason; each row has one, a preview before spam.

    Answers that were imported (4), given offline (16) or in an employee survey (32) are somebody's.
    """
    number = status.cast(pl.Float64, strict=False).cast(pl.Int64, strict=False)
    number = number.set((~number.is_between(0, _STATUS_LIMIT)).fill_null(False), None)
    found: dict[str, pl.Series] = {}
    taken = status.is_null()
    for reason, (bit, words) in _MARKS.items():
        held = ((number & bit) > 0).fill_null(False) | status.str.contains(words).fill_null(False)
        found[reason] = held & ~taken
        taken |= held
    return found


def _notes(table: Table) -> Iterator[str]:
    status = status_column(table.frame.columns)
    if status is not None and (count := sum(int(rows.sum()) for rows in marks(table.frame[status]).values())):
        which = f"{count:,} of {table.frame.height:,} rows are previews, tests or spam by their Status"
        yield f"{which}; a load sets them aside unless its mapping reads that column"
    questions = [name for name in table.frame.columns if re.match(r"^[Qq]\d", name) and not name.endswith("TEXT")]
    answers = pl.concat([table.frame[name].drop_nulls() for name in questions]) if questions else pl.Series([], dtype=pl.String)
    if len(answers):
        numbers = int(answers.str.contains(r"^-?\d+$").sum()) / len(answers)
        if numbers > 0.9:
            yield "answers are recode values; what they mean stands only in the survey"
        elif numbers < 0.1:
            yield "answers are choice texts"


READERS.register("qualtrics")(Reader(read_qualtrics, (), SIGNATURES))
