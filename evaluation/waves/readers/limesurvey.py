"""LimeSurvey exports: columns headed by question codes, by 'code. question' or by questions; boxes not ticked left blank.

'N/A' is a question that was not shown, a blank cell one that was shown and not answered; in a question with several boxes, such
as `B1[SQ001]` and `B1[SQ002]`, a ticked box is Y and every other one blank; what people wrote stands in `B1[other]`, and as a
comment on a box in `B1[SQ001comment]`. Source: LimeSurvey manual, "Exporting results".
"""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import polars as pl

from evaluation.errors import Problem
from evaluation.protocol.mapping import FileForm
from evaluation.waves.checks.faults import listed
from evaluation.waves.readers.header import Header, Rows
from evaluation.waves.readers.survey_file import SIGNATURES, read_survey
from evaluation.waves.readers.table import READERS, Content, Reader, Table

CODE_AND_TEXT = re.compile(r"^([A-Za-z][A-Za-z0-9_]*(?:\[[^\]]*\])*)\.\s+(.*)$", re.DOTALL)
_BOX = re.compile(r"^(.+)\[[^\]]+\]$")
_CLOCK = re.compile(r"interviewtime|groupTime\d*", re.IGNORECASE)
_TIMED = re.compile(r"(Total time$|(Group|Question) time:)", re.IGNORECASE)
_COMMENT, _OTHER = "comment]", "[other]"
NOT_SHOWN = "N/A"


def read_limesurvey(content: Content, form: FileForm) -> Table:
    """Cells of a LimeSurvey export under question codes, the questions as labels where the header holds them.

    A blank box beside a ticked one of the same question, or beside an answer under 'other', reads N, so that each box is an item
    answered yes or no; where there is neither all stay blank, because nobody can tell none from not answered.

    Raises:
        WaveError: a header that is not what `form.headers` says, or as the readers of text and workbooks.
    """
    table = read_survey(content, form, limesurvey_header)
    frame, questions = _boxes(table.frame)
    notes = (f"boxes of {listed(questions)}: one left blank beside a ticked one reads N",) if questions else ()
    return replace(table, cells=frame, notes=(*table.notes, *notes))


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


def timings(names: Sequence[str], form: str) -> list[str]:
    """Columns that hold the seconds somebody took over the survey, a group of questions or one of them: no answers.

    LimeSurvey calls them interviewtime, groupTime12 and Q1Time, or 'Question time: Q1'; 'workTime' without 'work' is a question.
    `form` is the format of the file.
    """
    stems = {name.split("[")[0] for name in names}
    asked = [name for name in names if name.endswith("Time") and name.removesuffix("Time") in stems]
    worded = [name for name in names if form == "limesurvey" and _TIMED.match(name)]
    return [name for name in names if _CLOCK.fullmatch(name) or name in asked or name in worded]


@dataclass(frozen=True)
class _Question:
    """A question's boxes, and the columns of what people wrote beside them: 'other', or a comment on a box."""

    boxes: tuple[str, ...]
    other: tuple[str, ...]


def _boxes(frame: pl.DataFrame) -> tuple[pl.DataFrame, list[str]]:
    """The frame with blanks beside a ticked box, or beside an answer under 'other', turned to N, and the questions with boxes."""
    questions = {stem: question for stem, question in _questions(frame.columns).items() if _are_boxes(frame, question)}
    for question in questions.values():
        boxes = pl.col(question.boxes)
        written = [pl.col(name).is_not_null() & (pl.col(name) != NOT_SHOWN) for name in question.other]
        answered = frame.select(pl.any_horizontal((boxes == "Y").fill_null(False), *written)).to_series()
        frame = frame.with_columns(pl.when(answered).then(boxes.fill_null("N")).otherwise(boxes))
    return frame, list(questions)


def _questions(names: Sequence[str]) -> Mapping[str, _Question]:
    """By the code of each question with several columns in brackets, which are boxes; comments are of none."""
    found: dict[str, list[str]] = defaultdict(list)
    for name in names:
        comments = name.endswith(_COMMENT) and f"{name.removesuffix(_COMMENT)}]" in names
        if (match := _BOX.match(name)) and not comments:
            found[match[1]].append(name)
    questions = {}
    for stem, columns in found.items():
        other = tuple(name for name in columns if name.endswith(_OTHER))
        if len(columns) > 1 and len(columns) > len(other):
            questions[stem] = _Question(tuple(name for name in columns if name not in other), other)
    return questions


def _are_boxes(frame: pl.DataFrame, question: _Question) -> bool:
    """Whether the columns hold nothing but Y, blanks and N/A, and Y or an answer under 'other' somewhere."""
    values = {value for name in question.boxes for value in frame[name].drop_nulls().unique()}
    written = {value for name in question.other for value in frame[name].drop_nulls().unique()} - {NOT_SHOWN}
    return ("Y" in values or bool(written)) and values <= {"Y", NOT_SHOWN}


READERS.register("limesurvey")(Reader(read_limesurvey, (), SIGNATURES))
