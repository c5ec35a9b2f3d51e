"""Days on which people answered: ISO, or as a mapping declares; impossible, ambiguous and future days are refused.

So are the answers of another wave: a baseline stored as a follow-up would be read as no change.
"""

from datetime import date, timedelta

import polars as pl

from evaluation.errors import Problem
from evaluation.waves.checks_rows import Found
from evaluation.waves.faults import shown_day
from evaluation.waves.intake import Intake

ISO = r"^(\d{4}-\d{2}-\d{2})([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?$"
ORDERED = r"^(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})([T ]\d{1,2}:\d{2}(:\d{2})?( ?[AaPp][Mm])?)?$"
EARLIEST = date(1990, 1, 1)
LATEST = timedelta(days=365)
"""Answers may come long after a wave closed; when most come later than this, they are another wave's."""

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
        columns=intake.columns_of("answered_on"),
        values=text,
        shows=shown_day,
    )
    problems += intake.fault(
        "date-impossible",
        (days < EARLIEST).fill_null(False),
        f"were answered before {EARLIEST}",
        "correct the date.",
        columns=intake.columns_of("answered_on"),
        values=text,
        shows=shown_day,
    )
    problems += [] if problems else _of_another_wave(intake, days)
    return Found(days.alias("answered_on"), tuple(problems), () if problems else _outside(intake, days))


def _of_another_wave(intake: Intake, days: pl.Series) -> list[Problem]:
    """Refuse when more than half of the dated answers come before the wave opens, or more than a year after it closed."""
    expected, dated = intake.expected, len(days) - days.null_count()
    early, late = _count(days < expected.opens), _count(days > expected.closes + LATEST)
    if not dated or 2 * max(early, late) <= dated:
        return []
    known = days.drop_nulls().sort().dt.to_string("%Y-%m-%d")
    held = {name: _count((days >= opens) & (days <= closes)) for name, (opens, closes) in expected.windows.items()}
    nearest = max(held, key=held.__getitem__)
    hint = f"if they are wave '{nearest}', load them as such; " if 2 * held[nearest] > dated and nearest != expected.wave else ""
    when = f"before it opens on {expected.opens}" if early > late else f"more than a year after it closed on {expected.closes}"
    what = f"{max(early, late):,} of {dated:,} dated answers in wave '{expected.wave}' were given {when}."
    return [
        Problem(
            what,
            f"{intake.name}; dates from {known[0]} to {known[-1]}",
            f"{hint}correct the dates, or 'opens' and 'closes' in protocol.yaml.",
            "dates-of-another-wave",
            max(early, late),
            intake.headings("answered_on"),
        )
    ]


def _outside(intake: Intake, days: pl.Series) -> tuple[str, ...]:
    """Notes on the few answers from outside the wave."""
    expected = intake.expected
    counts = {
        f"before the wave opens on {expected.opens}": _count(days < expected.opens),
        f"after the wave closed on {expected.closes}": _count(days > expected.closes),
    }
    are = {1: "answer is"}
    return tuple(f"{count:,} {are.get(count, 'answers are')} dated {when}" for when, count in counts.items() if count)


def _count(holds: pl.Series) -> int:
    return int(holds.fill_null(False).sum())


def parsed_days(text: pl.Series, order: str) -> pl.Series:
    """Text as days in the declared order (ISO is always read), each different text once; null where it is no day."""
    different = text.drop_nulls().unique()
    return text.replace_strict(different, _days(different, order), default=None, return_dtype=pl.Date)


def _days(text: pl.Series, order: str) -> pl.Series:
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
    if not odd.any():
        return []
    serial = odd & text.str.contains(r"^\d{4,5}(\.\d+)?$")
    ordered = odd & text.str.contains(ORDERED)
    by_day, by_month = parsed_days(text, "day first"), parsed_days(text, "month first")
    ambiguous = ordered & (by_day != by_month).fill_null(False)
    single = by_day.fill_null(by_month)
    plain = ordered & single.is_not_null() & ~ambiguous
    rest = odd & ~serial & ~ambiguous & ~plain
    how = "ISO (2025-03-14)" if intake.form.dates == "iso" else f"ISO or {intake.form.dates}"
    iso = str(single.filter(plain).first()) if plain.any() else ""
    column = intake.columns_of("answered_on")
    return [
        *intake.fault(
            "date-format",
            plain,
            f"give a day that is not written {how}",
            f"write the first one {iso}: export ISO dates, or declare 'dates: day first' in a mapping's file block.",
            columns=column,
            values=text,
            shows=shown_day,
        ),
        *intake.fault(
            "date-format",
            ambiguous,
            f"give a day that is not written {how} and could mean two days",
            "export ISO dates, or declare 'dates: day first' or 'month first' in a mapping's file block.",
            columns=column,
            values=text,
            shows=shown_day,
        ),
        *intake.fault(
            "date-serial",
            serial,
            "give a day as an Excel serial number",
            "format the column as a date and export ISO dates.",
            columns=column,
            values=text,
            shows=shown_day,
        ),
        *intake.fault(
            "date-impossible",
            rest,
            "give a day that is not one of the calendar, or not written as one",
            f"write days as {how}.",
            columns=column,
            values=text,
            shows=shown_day,
        ),
    ]
