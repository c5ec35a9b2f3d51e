"""Days as survey tools and spreadsheets write them: read where they have one meaning, refused with their meanings where not."""

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from evaluation.protocol.mapping import Mapping
from evaluation.waves.checks.day_orders import order_of, parsed_days
from evaluation.waves.drafts.mapping import draft_mapping
from tests.waves.intake_study import ITEMS, codes, load, refusal, tiny, wave_frame

LATEST = date(2026, 6, 30)


@pytest.mark.parametrize("written", [
    "2025/10/07 3:04:05 PM GMT", "2025/10/07 3:04:05 pm GMT+5:30", "2025/10/7 15:04:05", "2025/10/07", "2025.10.07", "2025-10-7 9:30 AM EET",
    "2025/10/07 3:04:05\u202fPM GMT-7",
])  # fmt: skip
def test_a_day_that_begins_with_its_year_has_one_meaning(written: str) -> None:
    """Google Forms: '2025/10/07 3:04:05 PM GMT' in the CSV of its answers."""
    assert parsed_days(pl.Series([written]), "iso")[0] == date(2025, 10, 7)


@pytest.mark.parametrize(("written", "order", "day"), [
    ("1/5/2026 15:04:05", "day first", date(2026, 5, 1)), ("1/5/2026 15:04:05", "month first", date(2026, 1, 5)), ("05/01/26", "day first", date(2026, 1, 5)),
    ("05/01/26 9:15", "month first", date(2026, 5, 1)), ("05/01/98", "day first", date(1998, 1, 5)), ("05/01/2", "day first", None),
    ("05/01/026", "day first", None), ("1/5/2026, 3:04:05 PM", "month first", date(2026, 1, 5)),
])  # fmt: skip
def test_a_declared_order_reads_years_of_two_and_of_four_digits(written: str, order: str, day: date | None) -> None:
    assert parsed_days(pl.Series([written]), order)[0] == day


@pytest.mark.parametrize(("days", "order", "shown_by"), [
    (["7/10/2025", "13/10/2025", "14/10/2025"], "day first", 2), (["10/7/2025 15:04:05", "10/13/2025 9:00:00"], "month first", 1),
    (["07/10/25", "31/10/25"], "day first", 1), (["10/07/25", "10/31/25"], "month first", 1),
    (["7/10/2025", "8/10/2025"], "iso", 0), (["07/10/25", "13/10/25"], "iso", 0), (["13/10/2025", "10/13/2025"], "iso", 0),
    (["2025-10-07", "13/10/2025"], "iso", 0), (["7-Oct-2025", "13/10/2025"], "iso", 0), (["2025-10-07"], "iso", 0), ([], "iso", 0), (["31/02/2025"], "iso", 0),
])  # fmt: skip
def test_a_column_shows_its_order_by_days_that_fit_no_other(days: list[str], order: str, shown_by: int) -> None:
    """Without ISO days beside: a program that turned some days round leaves those that it could not."""
    found = order_of(pl.Series(days, dtype=pl.String), "iso", LATEST)
    assert (found.name, found.shown_by) == (order, shown_by)


def dated(folder: Path, *days: str) -> Path:
    """A wave whose rows are dated by these days, over and over."""
    frame = wave_frame()
    frame["answered_on"] = [days[k % len(days)] for k in range(len(frame))]
    frame.to_csv(folder / "w.csv", index=False)
    return folder / "w.csv"


def mapping(dates: str) -> Mapping:
    """The canonical columns, with days in a declared order."""
    return Mapping.model_validate({
        "mapping": "m", "version": 1, "reviewed_by": "Ana", "population": "staff", "file": {"format": "csv", "dates": dates},
        "organisation": {"column": "organisation"}, "respondent": {"column": "respondent"}, "answered_on": {"column": "answered_on"},
        "groups": {"staff_group": {"column": "staff_group"}}, "items": {item: {"item": item} for item in ITEMS},
    })  # fmt: skip


def test_days_in_one_order_are_read_and_the_receipt_says_what_showed_it(tmp_path: Path) -> None:
    found = load(dated(tmp_path, "7/10/2025 15:04:05", "13/10/2025 9:00:00"))
    assert sorted(found.frame["answered_on"].unique()) == [date(2025, 10, 7), date(2025, 10, 13)]
    assert found.receipt.notes == ("days in column 'answered_on' are read day first, for 16 of them can be nothing else",)


def test_days_that_are_the_same_in_every_order_are_read(tmp_path: Path) -> None:
    found = load(dated(tmp_path, "10/10/2025", "11/11/2025"))
    assert sorted(found.frame["answered_on"].unique()) == [date(2025, 10, 10), date(2025, 11, 11)] and found.receipt.notes == ()


def test_days_of_google_forms_are_read_without_a_note(tmp_path: Path) -> None:
    found = load(dated(tmp_path, "2025/10/07 3:04:05 PM GMT"))
    assert found.frame["answered_on"].unique().to_list() == [date(2025, 10, 7)] and found.receipt.notes == ()


@pytest.mark.parametrize(("day", "number", "meanings"), [
    ("1/5/2026 15:04:05", "two", "2026-05-01 (day first) or 2026-01-05 (month first)"),
    ("05/01/26", "three", "2026-01-05 (day first) or 2026-05-01 (month first) or 2005-01-26 (year first)"),
])  # fmt: skip
def test_a_day_with_several_meanings_is_refused_naming_them_and_what_to_declare(tmp_path: Path, day: str, number: str, meanings: str) -> None:
    (problem,) = refusal(dated(tmp_path, day)).problems
    assert problem.code == "date-format" and problem.count == 32
    assert f"could mean {number} days: the first is {meanings}" in problem.what and f"'{day}'" in problem.where
    assert "declare 'dates: day first' or 'dates: month first' in a mapping's file block" in problem.fix


def test_a_day_of_one_meaning_beside_one_of_several_is_no_fault_of_its_own(tmp_path: Path) -> None:
    (problem,) = refusal(dated(tmp_path, "10/10/2025", "07/10/2025")).problems
    assert problem.count == 16 and "could mean two days: the first is 2025-10-07 (day first) or 2025-07-10 (month first)" in problem.what
    assert "'10/10/2025'" not in problem.where


@pytest.mark.parametrize(("days", "said"), [
    (("10/10/2025", "2025-10-07"), "beside days that begin with the year"),
    (("13/10/2025", "10/13/2025"), "some day first and some month first"), (("2025-10-07", "13/10/2025"), "beside days that begin with the year"),
    (("21/10/2025", "05-Nov-2025"), "beside days whose month is a word"), (("November 5, 2025", "10/21/2025"), "beside days whose month is a word"),
])  # fmt: skip
def test_a_column_in_two_orders_is_refused_although_each_day_has_one_meaning(tmp_path: Path, days: tuple[str, ...], said: str) -> None:
    (problem,) = refusal(dated(tmp_path, *days)).problems
    assert problem.code == "date-format" and said in problem.what and "turned day and month round" in problem.fix


@pytest.mark.parametrize(("days", "declared"), [(["17/10/2025"] * 31 + ["17/10/20"], "day first"), (["17/10/2025"] * 31 + ["17/10/20"], "iso"), (["2025-10-17"] * 31 + ["17-10-20"], "iso")])
def test_a_year_of_two_digits_beside_years_of_four_is_refused(tmp_path: Path, days: list[str], declared: str) -> None:
    """A file that was cut off in its last cell would otherwise end in another year."""
    (problem,) = refusal(dated(tmp_path, *days), mapping=mapping(declared)).problems
    assert problem.code == "date-format" and problem.count == 1 and "row 33" in problem.where and "cut off" in problem.fix


@pytest.mark.parametrize("written", ["2025-10-1", "2025/10/1", "17/10/202", "17/10/2", "2025-10-"])
def test_what_may_be_left_of_a_day_that_was_cut_off_is_none(written: str) -> None:
    assert parsed_days(pl.Series([written]), "day first")[0] is None


def test_a_mapping_settles_what_two_digits_mean(tmp_path: Path) -> None:
    found = load(dated(tmp_path, "07/10/25"), mapping=mapping("day first"))
    assert found.frame["answered_on"].unique().to_list() == [date(2025, 10, 7)] and found.receipt.notes == ()


@pytest.mark.parametrize(("day", "declared", "is_guess"), [("07/10/25", "day first", True), ("10/31/25", "month first", False), ("2025/10/07", None, False)])
def test_a_draft_declares_the_order_and_says_when_it_guessed(tmp_path: Path, day: str, declared: str | None, is_guess: bool) -> None:
    draft = draft_mapping(dated(tmp_path, day), *tiny(), "staff")
    assert (f"dates: {declared}" in draft) is (declared is not None)
    assert ("CHECK: the days fit another order too" in draft) is is_guess


def test_nothing_but_a_time_is_shown_after_a_day(tmp_path: Path) -> None:
    error = refusal(dated(tmp_path, "07/10/2025 07700 900123"))
    assert codes(error) == ["date-impossible"] and "07700" not in str(error)


@pytest.mark.parametrize("written", [
    "5 January 2025", "05-Jan-2025", "Jan 5, 2025", "January 5, 2025", "5th of January 2025", "05 JAN 2025 14:30", "05Jan2025", "05-Jan-25", "2025-Jan-05",
    "Sunday, January 5, 2025", "Sun Jan 05 2025 10:15:00 GMT+0000", "Jan. 5, 2025 at 3:04 PM", "5/Jan/2025",
    "Sun Jan  5 10:11:12 2025", "Sun Jan 05 10:11:12 GMT 2025", "Jan 5, 25", "5 Jan '25",
])  # fmt: skip
@pytest.mark.parametrize("order", ["iso", "day first", "month first"])
def test_a_day_whose_month_english_names_has_one_meaning(written: str, order: str) -> None:
    assert parsed_days(pl.Series([written]), order)[0] == date(2025, 1, 5)


@pytest.mark.parametrize("written", ["31 February 2025", "5 Janury 2025", "5 Jan 202", "Jan 5", "5 January", "5 Janvier 2025", "2025-Jan-5", "Jan 5, 2"])
def test_a_named_month_with_no_day_of_the_calendar_or_cut_off_is_none(written: str) -> None:
    assert parsed_days(pl.Series([written]), "iso")[0] is None


def test_days_with_named_months_are_read_beside_iso_days_and_without_a_note(tmp_path: Path) -> None:
    found = load(dated(tmp_path, "7 October 2025", "08-Oct-2025", "Oct 9, 2025", "2025-10-10", "11 Sept 2025"))
    assert [str(day)[5:] for day in sorted(found.frame["answered_on"].unique())] == ["09-11", "10-07", "10-08", "10-09", "10-10"]
    assert not [note for note in found.receipt.notes if "read" in note]


def test_a_named_month_does_not_settle_the_order_of_other_days(tmp_path: Path) -> None:
    (problem,) = refusal(dated(tmp_path, "7 October 2025", "07/10/2025")).problems
    assert "could mean two days" in problem.what and problem.count == 16


@pytest.mark.parametrize("other", ["05-Nov-2025", "2025-11-05"])
def test_a_draft_tells_of_days_that_may_have_been_turned_round(tmp_path: Path, other: str) -> None:
    assert "CHECK: same name; days are written in two ways" in draft_mapping(dated(tmp_path, *["21/10/2025"] * 31, other), *tiny(), "staff")
    assert "two ways" not in draft_mapping(dated(tmp_path, "21/10/2025"), *tiny(), "staff")


@pytest.mark.parametrize(("days", "code", "hint"), [
    (["25-Oct-13"] * 32, "dates-of-another-wave", "if the year stands first in '25-Oct-13', write 2025-10-13; else "),
    ([*["25-Oct-13"] * 31, "25-Oct-27"], "date-future", "if the year stands first in '25-Oct-27', write 2025-10-27; else "),
])  # fmt: skip
def test_a_day_that_is_none_of_the_wave_names_the_reading_in_which_its_year_stands_first(tmp_path: Path, days: list[str], code: str, hint: str) -> None:
    (problem,) = refusal(dated(tmp_path, *days)).problems
    assert problem.code == code and problem.fix.startswith(hint)


def test_a_day_of_another_wave_that_can_be_nothing_else_names_no_other_reading(tmp_path: Path) -> None:
    (problem,) = refusal(dated(tmp_path, "31-Oct-13")).problems
    assert problem.code == "dates-of-another-wave" and "the year stands first" not in problem.fix


@pytest.mark.parametrize("day", ["2025 Oct 7", "2025-Oct-7", "2025-10-7"])
def test_a_day_of_one_digit_at_the_end_is_told_as_what_a_cut_may_have_left(tmp_path: Path, day: str) -> None:
    (problem,) = refusal(dated(tmp_path, day)).problems
    assert problem.code == "date-format" and "as one that was cut off has" in problem.what and "with two digits (2025-01-05)" in problem.fix


@pytest.mark.parametrize("short", ["17-Oct-20", "Oct 17, 20"])
def test_a_named_month_and_a_year_of_two_digits_beside_years_of_four_is_refused(tmp_path: Path, short: str) -> None:
    (problem,) = refusal(dated(tmp_path, *["17-Oct-2025"] * 31, short)).problems
    assert problem.code == "date-format" and problem.count == 1 and "cut off" in problem.fix


@pytest.mark.parametrize("day", ["5 janvier 2026", "5. Oktober 2025", "5 de octubre de 2025", "Oktober 5, 2025", "05-ott-2025"])
def test_months_of_another_language_are_refused_with_what_to_do(tmp_path: Path, day: str) -> None:
    (problem,) = refusal(dated(tmp_path, day)).problems
    assert problem.code == "date-format" and problem.count == 32 and day in problem.where
    assert "no English name of a month" in problem.what and "write the month as a number" in problem.fix


def test_a_day_that_no_month_has_is_told_as_such_though_its_month_is_named(tmp_path: Path) -> None:
    (problem,) = refusal(dated(tmp_path, "31 September 2025")).problems
    assert problem.code == "date-impossible"
