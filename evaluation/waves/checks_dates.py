"""Days on which people answered: ISO, or as a mapping declares; impossible, ambiguous and future days are refused."""

from datetime import date

import polars as pl

from evaluation.errors import Problem
from evaluation.waves.checks_rows import Found
from evaluation.waves.intake import Intake

ISO = r"^(\d{4}-\d{2}-\d{2})([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?$"
ORDERED = r"^(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})([T ]\d{2}:\d{2}(:\d{2})?)?$"
EARLIEST = date(1990, 1, 1)
_FORMATS = {"iso": "%Y-%m-%d", "day first": "%d-%m-%Y", "month first": "%m-%d-%Y"}


def answered_on(intake: Intake, today: date) -> Found:
    """(R,) day of each answer, null where none is given or the file has no such column."""
    text = intake.key("answered_on")
    if text is None:
        return Found(pl.repeat(None, intake.total, dtype=pl.Date, eager=True).alias("answered_on"))
    days = parsed_days(text, intake.form.dates)
    given = text.is_not_null()
    odd = given & days.is_null()
    problems = _unreadable(intake, text, odd)
    latest = max(today, intake.expected.closes)
    problems += intake.fault(
        "date-future",
        (days > latest).fill_null(False),
        f"were answered after {latest}, which has not come",
        "correct the date.",
        values=text,
    )
    problems += intake.fault(
        "date-impossible",
        (days < EARLIEST).fill_null(False),
        f"were answered before {EARLIEST}",
        "correct the date.",
        values=text,
    )
    late = int((days > intake.expected.closes).fill_null(False).sum())
    note = f"{late:,} answers are dated after the wave closed on {intake.expected.closes}"
    return Found(days.alias("answered_on"), tuple(problems), (note,) if late and not problems else ())


def parsed_days(text: pl.Series, order: str) -> pl.Series:
    """Text as days in the declared order (ISO is always read); null where it is not one."""
    iso = text.str.extract(ISO, 1)
    days = iso.str.to_date("%Y-%m-%d", strict=False)
    if order == "iso":
        return days
    parts = pl.DataFrame(
        {"first": text.str.extract(ORDERED, 1), "second": text.str.extract(ORDERED, 2), "year": text.str.extract(ORDERED, 3)}
    )
    joined = parts.select(
        pl.concat_str([pl.col("first").str.zfill(2), pl.col("second").str.zfill(2), "year"], separator="-")
    ).to_series()
    return days.fill_null(joined.str.to_date(_FORMATS[order], strict=False))


def _unreadable(intake: Intake, text: pl.Series, odd: pl.Series) -> list[Problem]:
    """Why a day could not be read: an ambiguous order, an Excel serial number, or no day of the calendar."""
    serial = odd & text.str.contains(r"^\d{4,5}(\.\d+)?$")
    ordered = odd & text.str.contains(ORDERED)
    possible = parsed_days(text, "day first").is_not_null() | parsed_days(text, "month first").is_not_null()
    ambiguous = ordered & possible
    rest = odd & ~serial & ~ambiguous
    how = "ISO (2025-03-14)" if intake.form.dates == "iso" else f"ISO or {intake.form.dates}"
    return [
        *intake.fault(
            "date-format",
            ambiguous,
            f"give a day that is not written {how} and could mean two days",
            "export ISO dates, or declare 'dates: day first' or 'month first' in a mapping's file block.",
            values=text,
        ),
        *intake.fault(
            "date-serial",
            serial,
            "give a day as an Excel serial number",
            "format the column as a date and export ISO dates.",
            values=text,
        ),
        *intake.fault(
            "date-impossible",
            rest,
            "give a day that is not one of the calendar, or not written as one",
            f"write days as {how}.",
            values=text,
        ),
    ]
