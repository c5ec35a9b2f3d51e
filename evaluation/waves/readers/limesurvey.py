"""LimeSurvey exports: columns headed by question codes, by 'code. question' or by questions; boxes not ticked left blank.

'N/A' is a question that was not shown, a blank cell one that was shown and not answered; in a question with several boxes, such
as `B1[SQ001]` and `B1[SQ002]`, a ticked box is Y and every other one blank. Source: LimeSurvey manual, "Exporting results".
"""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

import polars as pl

from evaluation.errors import Problem
from evaluation.protocol.mapping import FileForm
from evaluation.waves.faults import listed
from evaluation.waves.readers.header import Header, Rows
from evaluation.waves.readers.survey_file import SIGNATURES, read_survey
from evaluation.waves.readers.table import READERS, Content, Reader, Table

CODE_AND_TEXT = re.compile(r"^([A-Za-z][A-Za-z0-9_]*(?:\[[^\]]*\])*)\.\s+(.*)$", re.DOTALL)
_BOX = re.compile(r"^(.+)\[[^\]]+\]$")
NOT_SHOWN = "N/A"


def read_limesurvey(content: Content, form: FileForm) -> Table:
    """Cells of a LimeSurvey export under question codes, the questions as labels where the header holds them.

    A blank box beside a ticked one of the same question reads N, so that each box is an item answered yes or no; where no box is
    ticked all stay blank, because nobody can tell none from not answered.

    Raises:
        WaveError: a header that is not what `form.headers` says, or as the readers of text and workbooks.
    """
    table = read_survey(content, form, limesurvey_header)
    frame, questions = _boxes(table.frame)
    notes = (f"boxes of {listed(questions)}: one left blank beside a ticked one reads N",) if questions else ()
    return replace(table, frame=frame, notes=(*table.notes, *notes))


def limesurvey_header(rows: Rows, form: FileForm, file: str) -> Header:
    """Codes as names; 'code. question' is taken apart where the form says that the header is written so."""
    (cells,) = rows
    if form.headers != "code and text":
        return Header(tuple(cells))
    found = [CODE_AND_TEXT.match(cell) for cell in cells]
    odd = sum(match is None for match in found)
    if odd:
        says = f"{odd:,} of {len(cells):,} headers are not written 'code. question'."
        return Header(
            tuple(cells), problems=(Problem(says, f"{file}, row 1", "correct 'headers' in the mapping.", "no-header", odd),)
        )
    parts = [(match[1], " ".join(match[2].split())) for match in found if match]
    return Header(tuple(code for code, _ in parts), {code: question for code, question in parts if question})


def _boxes(frame: pl.DataFrame) -> tuple[pl.DataFrame, list[str]]:
    """The frame with blanks beside a ticked box turned to N, and the questions that have boxes."""
    boxes = {stem: columns for stem, columns in _by_question(frame.columns).items() if _are_boxes(frame.select(columns))}
    for columns in boxes.values():
        ticked = frame.select(pl.any_horizontal((pl.col(columns) == "Y").fill_null(False))).to_series()
        frame = frame.with_columns(pl.when(ticked).then(pl.col(columns).fill_null("N")).otherwise(pl.col(columns)))
    return frame, list(boxes)


def _by_question(names: Sequence[str]) -> Mapping[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for name in names:
        match = _BOX.match(name)
        if match and not name.endswith("[other]"):
            found[match[1]].append(name)
    return {stem: columns for stem, columns in found.items() if len(columns) > 1}


def _are_boxes(frame: pl.DataFrame) -> bool:
    """Whether the columns hold nothing but Y, blanks and N/A, and Y somewhere."""
    values = {value for column in frame for value in column.drop_nulls().unique()}
    return "Y" in values and values <= {"Y", NOT_SHOWN}


READERS.register("limesurvey")(Reader(read_limesurvey, (), SIGNATURES))
