"""Responses that somebody began and did not finish, as survey platforms mark them: they are kept, and a note says how many.

Whether they count is the study's to say, in every wave alike. Qualtrics says it under Finished, REDCap in the state of the form
in which the questions stand, LimeSurvey by leaving the day of submission blank.
"""

from collections.abc import Callable, Iterator

import polars as pl

from evaluation.waves.checks.faults import of_rows
from evaluation.waves.checks.intake import Intake
from evaluation.waves.checks.mapping_text import value_flow
from evaluation.waves.readers.qualtrics import finished_column
from evaluation.waves.readers.redcap import NOT_BEGUN, forms

_SUBMITTED = "submitdate"
_NOT_FINISHED = ("False", "FALSE", "false", "0")


def unfinished_notes(intake: Intake) -> Iterator[str]:
    """One note for each column by which rows were not finished, with what a mapping says to leave them out if others are left."""
    found_by = _MARKS.get(intake.form.format)
    for column, marks in (found_by(intake) if found_by else {}).items():
        held = intake.column(column)
        rows = held.is_in(marks).fill_null(False) | (held.is_null() & ("" in marks))
        if count := int(rows.sum()):
            if count == intake.total:
                yield _none_finished(column, count)
                continue
            found = held.filter(rows).fill_null("").unique().sort().to_list()
            were = f"{of_rows(count, intake.total)} {'was' if count == 1 else 'were'} not finished"
            leave_out = f"leave_out: {value_flow({column: found})}"
            yield f"{were}, by column '{column}', and kept; '{leave_out}' in the mapping's file block leaves such rows out"


def _none_finished(column: str, rows: int) -> str:
    """Of a file in which nothing would be left without such rows."""
    none = "the only row was not" if rows == 1 else f"none of {rows:,} rows was"
    return (
        f"{none} finished, by column '{column}', and all are kept: if the platform keeps responses in progress apart from the "
        "finished ones, this may be the wrong one of its two exports; leaving such rows out would leave none"
    )


def _of_qualtrics(intake: Intake) -> dict[str, tuple[str, ...]]:
    name = finished_column(intake.cells.columns)
    return {} if name is None else {name: _NOT_FINISHED}


def _of_limesurvey(intake: Intake) -> dict[str, tuple[str, ...]]:
    return {_SUBMITTED: ("",)} if _SUBMITTED in intake.cells.columns else {}


def _of_redcap(intake: Intake) -> dict[str, tuple[str, ...]]:
    read = {column for column, _ in intake.layout.items.values()}
    return {state: NOT_BEGUN for *fields, state in forms(intake.cells.select(pl.all().cast(pl.String))) if read & {*fields}}


_MARKS: dict[str, Callable[[Intake], dict[str, tuple[str, ...]]]] = {
    "qualtrics": _of_qualtrics,
    "limesurvey": _of_limesurvey,
    "redcap": _of_redcap,
}
"""By format, what stands in which columns where a response was not finished; '' is a blank cell."""
