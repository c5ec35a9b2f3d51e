"""REDCap exports: rows by record, event and repeating instrument; a checkbox field is one column a choice, `item___code`.

REDCap writes 0 for every box of a form that nobody opened, so an unanswered question would read as 'none of these'. A form's
fields stand before its `<form>_complete` column; where that says it was not begun and no other field of the form holds anything,
the boxes are blank. Within a form that was begun, no box ticked stays 0: the file cannot tell none from not answered.
Sources: REDCap's help "Data Exports"; the notes that the makers of REDCapR put into their test project on checkboxes.
"""

import re
from collections.abc import Iterator
from dataclasses import replace

import polars as pl

from evaluation.protocol.mapping import FileForm
from evaluation.waves.checks.faults import counted, listed
from evaluation.waves.readers.header import plain_header
from evaluation.waves.readers.survey_file import SIGNATURES, read_survey
from evaluation.waves.readers.table import READERS, Content, Reader, Table

BOX = re.compile(r"^([a-z][a-z0-9_]*?)___(.+)$")
EVENT, INSTRUMENT, INSTANCE = "redcap_event_name", "redcap_repeat_instrument", "redcap_repeat_instance"
_KEYS = (EVENT, INSTRUMENT, INSTANCE, "redcap_survey_identifier", "redcap_data_access_group")
_NOT_COMPLETED = "[not completed]"
_UNTICKED = ("0", "Unchecked")
NOT_BEGUN = ("0", "Incomplete")
_STATE, _STAMP = "_complete", "_timestamp"
_STATES = (("0", "1", "2"), ("Incomplete", "Unverified", "Complete"))


def read_redcap(content: Content, form: FileForm) -> Table:
    """Cells of a REDCap export with blank boxes where a form was not begun, and notes on events, instruments and boxes.

    Raises:
        WaveError: as the readers of text and workbooks.
    """
    table = read_survey(content, form, plain_header)
    frame = _without_marks(table.frame)
    for begun in forms(frame):
        frame = _blanked(frame, begun)
    notes = list(_notes(frame))
    blanked = _blanks(frame) - _blanks(table.frame)
    if blanked:
        cells = counted(blanked, "cell", "cells")
        notes.append(f"{cells} of forms that nobody began, or of surveys not completed, {'is' if blanked == 1 else 'are'} blank")
    return replace(table, cells=frame, notes=(*table.notes, *notes))


def blank_repeats(frame: pl.DataFrame) -> pl.Series:
    """(R,) whether a row repeats an instrument of which no field holds anything; its state and times are no fields."""
    if INSTRUMENT not in frame.columns:
        return pl.repeat(False, frame.height, eager=True)
    fields = [
        name
        for place, name in enumerate(frame.columns)
        if place and name not in _KEYS and not name.endswith(_STAMP) and not _ends_form(frame, place)
    ]
    rows = pl.col(INSTRUMENT).is_not_null() & pl.all_horizontal(pl.lit(True), *(pl.col(name).is_null() for name in fields))
    return frame.select(rows.alias("")).to_series()


def _blanks(frame: pl.DataFrame) -> int:
    return sum(column.null_count() for column in frame)


def _without_marks(frame: pl.DataFrame) -> pl.DataFrame:
    """Times of completion that are none as blanks."""
    stamps = [name for name in frame.columns if name.endswith(_STAMP)]
    return frame.with_columns(pl.when(pl.col(name) != _NOT_COMPLETED).then(pl.col(name)).alias(name) for name in stamps)


def forms(frame: pl.DataFrame) -> Iterator[list[str]]:
    """The columns of each form, its `_complete` column last; the record's keys belong to none."""
    fields: list[str] = []
    for place, name in enumerate(frame.columns):
        if place and name not in _KEYS:
            fields.append(name)
        if _ends_form(frame, place):
            yield fields
            fields = []


def _ends_form(frame: pl.DataFrame, place: int) -> bool:
    """Whether a column holds the state of a form, not a question that is called so.

    States are few, and a form that somebody began was completed by somebody, so a question answered with yes and no is not a
    state. Where there are only noes, the next column tells: a form has a field at least, so of two states in a row the first is
    a field.
    """
    name = frame.columns[place]
    if not name.endswith(_STATE):
        return False
    values = set(frame[name].drop_nulls().unique())
    if any(states[-1] in values and values <= {*states} for states in _STATES):
        return True
    following = frame.columns[place + 1] if place + 1 < frame.width else ""
    return any(values <= {states[0]} for states in _STATES) and not following.endswith(_STATE)


def _blanked(frame: pl.DataFrame, fields: list[str]) -> pl.DataFrame:
    """The frame with a form's boxes blank in rows where it was not begun."""
    *held, complete = fields
    boxes = [name for name in held if BOX.match(name)]
    if not boxes:
        return frame
    others = [name for name in held if name not in boxes]
    rows = pl.col(complete).is_null() | pl.col(complete).is_in(NOT_BEGUN)
    rows &= pl.all_horizontal(pl.col(boxes).is_null() | pl.col(boxes).is_in(_UNTICKED))
    if others:
        rows &= pl.all_horizontal(pl.col(others).is_null())
    return frame.with_columns(pl.when(~rows).then(pl.col(name)).alias(name) for name in boxes)


def _notes(frame: pl.DataFrame) -> Iterator[str]:
    if EVENT in frame.columns:
        yield f"{frame[EVENT].n_unique():,} events stand in {EVENT}: read it as the wave"
    if INSTRUMENT in frame.columns and (count := int((frame[INSTRUMENT].is_not_null() & ~blank_repeats(frame)).sum())):
        repeat = counted(count, "row repeats", "rows repeat")
        yield f"{repeat} an instrument: list those not wanted under 'leave_out', or a respondent answers twice"
    fields = [name for place, name in enumerate(frame.columns) if name.endswith(_STATE) and not _ends_form(frame, place)]
    if fields:
        yield f"{listed(fields)} {'is' if len(fields) == 1 else 'are'} read as a question's answers, not as the state of a form"
    questions = {match[1] for name in frame.columns if (match := BOX.match(name))}
    if questions:
        yield f"boxes of {listed(sorted(questions))}: one column each; no box ticked may mean none, or no answer"


READERS.register("redcap")(Reader(read_redcap, (), SIGNATURES))
