"""What answers mean does not depend on whether their column came as codes or as text; faults are named in the order of the rows."""

from collections.abc import Mapping as Said
from dataclasses import replace

import polars as pl
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from evaluation.protocol.mapping import FileForm, Mapping
from evaluation.waves.checks.answer_meanings import ItemRead, read_items
from evaluation.waves.checks.answers import Answers, check_answers
from evaluation.waves.checks.expected import expect
from evaluation.waves.checks.intake import Intake
from evaluation.waves.checks.layout import layout_from_mapping
from tests.waves.intake_study import ITEMS, tiny

FUZZ = settings(max_examples=80, derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
CELLS = st.sampled_from([None, 1, 2, 3, 3, 4, 4, 5, 5, 0, 6, 9, 77, 99, -1, 999])
CODES = st.sampled_from([{}, {}, {"1": 5, "2": 4, "3": 3, "4": 2, "5": 1}, {"4": 2}, {"05": 1, "Agree": 4}])
MISSING = st.sampled_from([[], [], ["9"], ["77", "n/a"], ["5"], ["99.0"], ["0", "6", "9", "77", "-1", "999"]])


def intake_of(cells: pl.DataFrame, said: Said[str, object], missing: list[str], declared: dict[str, tuple[str, ...]]) -> Intake:
    """Rows of month 6 of the tiny study under a mapping, the file declaring some codes to be no answers."""
    documents, register = tiny()
    stated = {"mapping": "m", "version": 1, "reviewed_by": "Ana", "population": "staff", "file": {"format": "csv"},
              "organisation": {"column": "organisation"}, "missing_codes": missing, "items": {item: {**said, "item": item} for item in ITEMS}}  # fmt: skip
    layout = replace(layout_from_mapping(Mapping.model_validate(stated)), declared=declared)
    rows = pl.Series("row", range(2, cells.height + 2), dtype=pl.Int64)
    return Intake("w.csv", cells, rows, FileForm(format="csv"), layout, expect(documents, "staff", "month_6"), register)


def told(answers: Answers) -> tuple[object, ...]:
    columns = [(column.name, column.dtype, column.to_list()) for column in answers.columns]
    return columns, list(answers.missing.items()), answers.problems, answers.notes


@FUZZ
@given(
    columns=st.lists(st.lists(CELLS, min_size=5, max_size=5), min_size=5, max_size=5),
    codes=CODES,
    own=MISSING,
    missing=MISSING,
    declared=st.sampled_from([(), (), ("3",), ("9", "77"), ("99",)]),
)
@example(columns=[[None] * 5] * 5, codes={}, own=[], missing=[], declared=())
@example(columns=[[1, 2, 3, 4, 5]] * 5, codes={"1": 5, "2": 4, "3": 3, "4": 2, "5": 1}, own=[], missing=[], declared=())
@example(columns=[[5, 9, 9, 77, None]] * 5, codes={}, own=["9"], missing=["77"], declared=("5",))
def test_columns_of_codes_and_of_text_tell_the_same(
    columns: list[list[int | None]], codes: dict[str, int], own: list[str], missing: list[str], declared: tuple[str, ...]
) -> None:
    cells = pl.DataFrame(dict(zip(ITEMS, columns, strict=True)), schema=dict.fromkeys(ITEMS, pl.Int16))
    said, none = {"codes": codes, "missing_codes": own}, {ITEMS[1]: declared}
    as_codes = check_answers(intake_of(cells, said, missing, none))
    as_text = check_answers(intake_of(cells.cast(pl.String), said, missing, none))
    assert told(as_codes) == told(as_text)
    assert as_codes.problems or [column.name for column in as_codes.columns] == ITEMS


def test_answers_that_change_in_the_reading_leave_the_other_columns_alone() -> None:
    """One column of text of which a code is missing, beside others that hold nothing of the kind."""
    cells = pl.DataFrame({item: ["1", "5", "3"] for item in ITEMS}).with_columns(lived_2=pl.Series(["9", "5", "3"]))
    columns = check_answers(intake_of(cells, {"missing_codes": ["9"]}, [], {})).columns
    assert {column.name: column.to_list() for column in columns} == {
        item: [None if item == "lived_2" else 1.0, 5.0, 3.0] for item in ITEMS
    }


def test_faults_are_counted_by_answer_and_named_in_the_order_of_the_rows() -> None:
    cells = pl.DataFrame({item: pl.Series([7, 1, 0, 7, 5, 77], dtype=pl.Int16) for item in ITEMS[:1]})
    cells = cells.with_columns(pl.lit(3, pl.Int16).alias(item) for item in ITEMS[1:])
    (problem,) = check_answers(intake_of(cells, {}, [], {})).problems
    assert problem.count == 4 and problem.where == "w.csv, rows 2, 4, 5, 7; values 7, 0, 77"
    assert problem.cells[0].rows == (2, 4, 5, 7)


def test_every_different_answer_is_judged_once_for_all_columns_on_one_scale() -> None:
    cells = pl.DataFrame({item: pl.Series([1, 2, 6], dtype=pl.Int16) for item in ITEMS})
    read: dict[str, ItemRead] = read_items(intake_of(cells, {}, [], {}), ITEMS)
    assert len({id(one.means) for one in read.values()}) == 1
    assert all(one.odd.tolist() == [2] and one.means.bad[one.which].all() for one in read.values())
