"""Days on which people answered: year first, or as mapping or column show; impossible, ambiguous and future days are refused.

So is a file most of whose dated answers were given before the wave opens or long after it: a baseline stored as a follow-up would
be read as no change. Fewer such answers are stored, and noted with their rows.
"""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

import polars as pl

from evaluation.errors import Problem
from evaluation.waves.checks.day_orders import (
    EARLIEST,
    NAMED,
    ONE_DIGIT,
    ORDERED,
    ORDERS,
    OTHER_WORD,
    YEAR,
    YEAR_FIRST,
    Order,
    cut_short,
    order_of,
    parsed_days,
    readings,
    with_year_first,
    written_in_two_ways,
)
from evaluation.waves.checks.faults import FIRST, counted, first_rows, shown, shown_day
from evaluation.waves.checks.intake import Intake
from evaluation.waves.checks.rows import Found

LATEST = timedelta(days=365)
"""Answers may come long after a wave closed; when most come later than this, they are another wave's."""


def answered_on(intake: Intake, today: date) -> Found:
    """(R,) day of each answer, null where none is given or the file has no such column."""
    text = intake.key("answered_on")
    if text is None:
        return Found(pl.repeat(None, intake.total, dtype=pl.Date, eager=True).alias("answered_on"))
    latest = max(today, intake.expected.closes)
    order = order_of(text, intake.form.dates, latest)
    days, cut = parsed_days(text, order.name), cut_short(text)
    problems = _unreadable(intake, text, text.is_not_null() & days.is_null() & ~cut, latest)
    fix = "write years with four digits throughout; where it is the last row, the file was cut off, so have it sent again."
    problems += _fault(intake, "date-format", cut, "give a year of two digits, and other rows one of four", fix, text)
    future, past = (days > latest).fill_null(False) & ~cut, (days < EARLIEST).fill_null(False) & ~cut
    says, fix = f"were answered after {latest}, which has not come", f"{_with_year_first(text, future, latest)}correct the date."
    problems += _fault(intake, "date-future", future, says, fix, text)
    problems += _fault(intake, "date-impossible", past, f"were answered before {EARLIEST}", "correct the date.", text)
    problems += [] if problems else _of_another_wave(intake, days, text)
    return Found(
        days.alias("answered_on"), tuple(problems), () if problems else (*_read_as(intake, order), *_outside(intake, days))
    )


def _with_year_first(text: pl.Series, odd: pl.Series, latest: date) -> str:
    """What a day such as '25-Feb-13' is where the year stands first, as the beginning of a fix; nothing where it is no day."""
    turned = with_year_first(text.filter(odd))
    meant = ((turned >= EARLIEST) & (turned <= latest)).fill_null(False)
    if not meant.any():
        return ""
    return f"if the year stands first in {shown_day(text.filter(odd).filter(meant)[0])}, write {turned.filter(meant)[0]}; else "


def _of_another_wave(intake: Intake, days: pl.Series, text: pl.Series) -> list[Problem]:
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
    hint = _with_year_first(text, days.is_not_null(), expected.closes + LATEST) + hint
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
    outside = {
        f"before the wave opens on {expected.opens}": ("opens", days < expected.opens),
        f"after the wave closed on {expected.closes}": ("closes", days > expected.closes),
    }
    return tuple(
        f"{counted(count, 'answer is', 'answers are')} dated {when} ({_rows(intake, holds)}): where that is wrong correct the "
        f"day or '{key}' in protocol.yaml; rows of another wave are loaded as that wave"
        for when, (key, holds) in outside.items()
        if (count := _count(holds))
    )


def _rows(intake: Intake, holds: pl.Series) -> str:
    found = intake.rows.filter(holds.fill_null(False))
    return first_rows(found.head(FIRST).to_list(), len(found))


def _count(holds: pl.Series) -> int:
    return int(holds.fill_null(False).sum())


def _read_as(intake: Intake, order: Order) -> tuple[str, ...]:
    """A note where the column itself shows the order of its days."""
    if not order.shown_by:
        return ()
    column = shown(intake.columns_of("answered_on")[0])
    return (f"days in column {column} are read {order.name}, for {order.shown_by:,} of them can be nothing else",)


def _unreadable(intake: Intake, text: pl.Series, odd: pl.Series, latest: date) -> list[Problem]:
    """Why a day could not be read: an order that nothing tells, an Excel serial number, or no day of the calendar."""
    if not odd.any():
        return []
    every = readings(text, latest)
    found = pl.DataFrame(every).select(pl.concat_list(pl.all()).list.drop_nulls().list.n_unique()).to_series()
    serial = odd & text.str.contains(r"^\d{4,5}(\.\d+)?$")
    ordered = odd & text.str.contains(ORDERED)
    orders = pl.DataFrame(every).select(pl.sum_horizontal(pl.all().is_not_null())).to_series()
    ambiguous, plain = ordered & (found > 1), ordered & (found == 1)
    either = plain & (orders > 1)
    plain &= ~either if (ambiguous | (plain & ~either)).any() else plain
    cut = odd & text.str.contains(ONE_DIGIT)
    worded = odd & text.str.contains(OTHER_WORD) & ~text.str.contains(NAMED)
    return [
        *_in_one_order(intake, text, plain, every),
        *_in_several(intake, text, ambiguous, every),
        *_fault(
            intake,
            "date-serial",
            serial,
            "give a day as an Excel serial number",
            "format the column as a date and export ISO dates.",
            text,
        ),
        *_fault(
            intake,
            "date-format",
            worded,
            "give a day whose month is a word, and no English name of a month",
            "write the month as a number (2025-01-05): export ISO dates, or change the column's format or the export's language.",
            text,
        ),
        *_fault(
            intake,
            "date-format",
            cut,
            "give a day of one digit behind its year and month, as one that was cut off has",
            "write days with two digits (2025-01-05): export ISO dates, or change the column's format.",
            text,
        ),
        *_fault(
            intake,
            "date-impossible",
            odd & ~serial & ~ambiguous & ~plain & ~either & ~worded & ~cut,
            "give a day that is not one of the calendar, or not written as one",
            f"write days as {_how(intake)}.",
            text,
        ),
    ]


def _in_one_order(intake: Intake, text: pl.Series, plain: pl.Series, every: Mapping[str, pl.Series]) -> list[Problem]:
    """Days that can be read in one way, in a column where that way is not the one of all days."""
    if not plain.any():
        return []
    orders = [name for name, days in every.items() if (plain & days.is_not_null()).any()]
    first = next(str(day) for days in every.values() if (day := days.filter(plain).head(1).item()) is not None)
    mixed = " beside days that begin with the year" if text.str.contains(YEAR).any() else ""
    mixed = " beside days whose month is a word" if not mixed and written_in_two_ways(text) else mixed
    if any((plain & every[name].is_null()).any() for name in orders):
        mixed = f", some {' and some '.join(orders)}"
    fits = [name for name in orders if not (text.is_not_null() & every[name].is_null()).any()]
    how = f"or declare {_declared(fits)} in a mapping's file block." if fits else "or correct them as the other days are written."
    if mixed:
        how = "and look at the column's other days, for a program on the way may have turned day and month round."
    fix = f"write the first one {first}: export ISO dates, {how}"
    return _fault(intake, "date-format", plain, f"give a day that is not written {_how(intake)}{mixed}", fix, text)


def _in_several(intake: Intake, text: pl.Series, ambiguous: pl.Series, every: Mapping[str, pl.Series]) -> list[Problem]:
    """Days that could be several, with what the first one could be."""
    if not ambiguous.any():
        return []
    first = {name: day for name, days in every.items() if (day := days.filter(ambiguous).head(1).item()) is not None}
    could = " or ".join(f"{day} ({name})" for name, day in first.items())
    number = {2: "two", 3: "three"}[len(set(first.values()))]
    short = "; a year of two digits is better written with four" if YEAR_FIRST in first else ""
    how = f"or declare {_declared(list(first))} in a mapping's file block, whichever the survey tool writes"
    fix = f"export ISO dates, {how}{short}."
    says = f"give a day that is not written {_how(intake)} and could mean {number} days: the first is {could}"
    return _fault(intake, "date-format", ambiguous, says, fix, text)


def _declared(orders: Sequence[str]) -> str:
    return " or ".join(f"'dates: {name}'" for name in orders if name in ORDERS) or "'dates: day first'"


def _how(intake: Intake) -> str:
    return "ISO (2025-03-14)" if intake.form.dates == "iso" else f"ISO or {intake.form.dates}"


def _fault(intake: Intake, code: str, mask: pl.Series, says: str, fix: str, text: pl.Series) -> list[Problem]:
    return intake.fault(code, mask, says, fix, columns=intake.columns_of("answered_on"), values=text, shows=shown_day)
