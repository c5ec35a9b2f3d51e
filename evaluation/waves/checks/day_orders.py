"""How days are written: ISO and other days that begin with the year, or day and month in an order that has to be known.

'2026/01/05 3:04:05 PM GMT' (Google Forms) can be read in one way, '1/5/2026' in two and '05/01/26' in three. Which one is meant a
mapping declares, or the column itself shows: where every day is written like this and a single order makes days of all of them
(13/05/2026 has no thirteenth month), it is that order; where several make the same days (05/05/2026), it is any of these. Beside
days that begin with the year or name their month none is shown: a spreadsheet may have made these of what it could turn round.
Years of two digits are those from 1990 to 2089. A month that English names is no day, so 5 January 2025, Jan 5, 2025 and
05-Jan-25 are read in any order.
"""

from dataclasses import dataclass
from datetime import date

import polars as pl

EARLIEST = date(1990, 1, 1)
ORDERS = ("day first", "month first")
"""What a mapping may declare beside 'iso'."""
YEAR_FIRST = "year first"
"""How a year of two digits may stand; nobody can declare it, because four digits say it better."""

_AT = (
    r"[T ,]{1,2}\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:[ \u00a0\u202f]?[AaPp]\.?[Mm]\.?)?"
    r"(?: ?(?:Z|[A-Z]{2,5})?(?:[+-]\d{1,2}(?::?\d{2})?)?)?"
)
_TIME = f"(?:{_AT})?$"
_WHOLE = r"^(\d{4})[-/.](\d{1,2})[-/.](\d{2})" + _TIME
_TIMED = r"^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})" + f"{_AT}$"
YEAR = f"{_WHOLE}|{_TIMED}"
"""A day that begins with a year of four digits; where no time follows, one digit for the day may be what a cut left of two."""
ORDERED = r"^(\d{1,2})[/.-](\d{1,2})[/.-](\d{4}|\d{2})" + _TIME
SHORT = r"^(\d{1,2})[/.-](\d{1,2})[/.-](\d{2})" + _TIME
"""A day whose year has two digits, wherever it stands."""
MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_NUMBERS = {name[:3].lower(): str(number) for number, name in enumerate(MONTHS, start=1)}
_MONTH = "(" + "|".join(rf"{name[:3]}(?:{name[3:]})?" for name in MONTHS) + r"|Sept)\.?"
_WEEKDAY = r"(?i)^(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*\.?,? +)?"
_DAY = r"(\d{1,2})(?:st|nd|rd|th)?"
_LATER = f"(?:(?:,? at)?{_AT})?$"
_DAY_MONTH = rf"{_WEEKDAY}{_DAY}[ ./-]*(?:of +)?{_MONTH}[ .,/'’-]*"
_NAMED = (
    (f"{_DAY_MONTH}(\\d{{4}}|\\d{{2}}){_LATER}", (1, 2, 3)),
    (rf"{_WEEKDAY}{_MONTH}[ ./-]*{_DAY}[ .,/-]+(\d{{4}}|\d{{2}}){_LATER}", (2, 1, 3)),
    (rf"{_WEEKDAY}{_MONTH} +{_DAY} +\d{{1,2}}:\d{{2}}(?::\d{{2}})? +(?:[A-Z]{{2,5}} +)?(\d{{4}})$", (2, 1, 3)),
    (rf"(?i)^(\d{{4}})[ ./-]*{_MONTH}[ ./-]*(\d{{2}}){_LATER}", (3, 2, 1)),
)
"""Days whose month is named, and which part is day, month and year; a year of two digits stands last, as in Excel."""
_SHORT_NAMED = rf"{_DAY_MONTH}\d{{2}}{_LATER}|{_WEEKDAY}{_MONTH}[ ./-]*{_DAY}[ .,/-]+\d{{2}}{_LATER}"
_YEAR_OR_DAY = rf"(?i)^(\d{{2}})[ ./-]*{_MONTH}[ .,/-]*(\d{{2}}){_LATER}"
ONE_DIGIT = rf"(?i)^\d{{4}}[ ./-]*(?:{_MONTH}|\d{{1,2}})[ ./-]*[ ./-]\d$"
"""A day of one digit behind year and month, which may be what a cut left of two."""
NAMED = rf"(?i)(?:^|[^a-z]){_MONTH}(?:[^a-z]|$)"
"""A month that English names, somewhere in a text."""
OTHER_WORD = r"^\d{1,2}\.?[ ./-]*(?:de +)?\p{L}{3,}\.?[ .,/-]*(?:de +)?\d{2,4}\b|^\p{L}{3,}\.?[ ./-]*\d{1,2}[ .,/-]+\d{4}\b"
"""A word between day and year, which is a month in another language or a slip."""
_YEAR_FIRST = (3, 2, 1)
_PLACES = {"day first": (1, 2, 3), "month first": (2, 1, 3), YEAR_FIRST: _YEAR_FIRST}
"""By order, which part is day, month and year."""


@dataclass(frozen=True)
class Order:
    """The order in which a column's days are read, and how many cells show it: 0 where it is declared."""

    name: str
    shown_by: int = 0


def parsed_days(text: pl.Series, order: str) -> pl.Series:
    """Text as days in an order (those that begin with the year in any), each different text once; null where it is no day."""
    different = text.drop_nulls().unique()
    return text.replace_strict(different, _days(different, order), default=None, return_dtype=pl.Date)


def order_of(text: pl.Series, declared: str, latest: date) -> Order:
    """The declared order, or the one that a column without a declaration shows.

    Args:
        text: (R,) what stands in a column of days.
        declared: 'iso' where nothing is declared.
        latest: the last day on which anybody can have answered; only years of two digits that stand first are held to it.
    """
    different = text.drop_nulls().unique()
    if declared != "iso" or written_in_two_ways(different) or not different.str.contains(ORDERED).any():
        return Order(declared)
    every = readings(different, latest)
    some = pl.select(pl.any_horizontal(*(days.is_not_null() for days in every.values()))).to_series()
    possible = [name for name, days in every.items() if some.any() and bool(days.filter(some).is_not_null().all())]
    if not possible or any(not every[name].equals(every[possible[0]]) for name in possible[1:]):
        return Order(declared)
    if len(possible) > 1:
        return Order(possible[0])
    others = [days.is_null() for name, days in every.items() if name != possible[0]]
    only = different.filter(some & pl.select(pl.all_horizontal(*others)).to_series())
    return Order(possible[0], int(text.is_in(only.implode()).sum()))


def written_in_two_ways(text: pl.Series) -> bool:
    """Whether days whose order has to be known stand beside others: a program may have turned the others round into real days."""
    return bool(text.str.contains(ORDERED).any() and text.str.contains(f"{YEAR}|{NAMED}").any())


def with_year_first(text: pl.Series) -> pl.Series:
    """(R,) the days that '25-Feb-13' and the like are where the year stands first; null where none of them is meant so."""
    return _joined(text, _YEAR_OR_DAY, _YEAR_FIRST)


def readings(text: pl.Series, latest: date) -> dict[str, pl.Series]:
    """The days that each order makes of text, null where it makes none; a year of two digits comes first up to `latest` only."""
    found = {name: parsed_days(text, name) for name in _PLACES}
    early = (found[YEAR_FIRST] <= latest).fill_null(False)
    return found | {YEAR_FIRST: found[YEAR_FIRST].set(~early, None)}


def _days(text: pl.Series, order: str) -> pl.Series:
    days = _joined(text, _WHOLE, _YEAR_FIRST).fill_null(_joined(text, _TIMED, _YEAR_FIRST))
    if text.str.contains(NAMED).any():
        for pattern, places in _NAMED:
            days = days.fill_null(_joined(text, pattern, places))
    if order == "iso":
        return days
    return days.fill_null(_joined(text, SHORT if order == YEAR_FIRST else ORDERED, _PLACES[order]))


def cut_short(text: pl.Series) -> pl.Series:
    """(R,) whether a day has a year of two digits beside days with four: a file that was cut off in 7/10/2025 ends in 7/10/20."""
    short = text.str.contains(f"{SHORT}|{_SHORT_NAMED}").fill_null(False)
    return short if bool((text.is_not_null() & ~short).any()) else short & False


def _joined(text: pl.Series, pattern: str, places: tuple[int, int, int]) -> pl.Series:
    """Days from the parts of a pattern that are day, month and year."""
    day, month, year = (text.str.extract(pattern, place) for place in places)
    century = (
        pl.when(pl.col("year").str.len_chars() == 4)
        .then(pl.lit(""))
        .otherwise(pl.when(pl.col("year") >= "90").then(pl.lit("19")).otherwise(pl.lit("20")))
    )
    month = month.str.slice(0, 3).str.to_lowercase().replace(_NUMBERS)
    parts = pl.DataFrame({"day": day, "month": month, "year": year})
    whole = pl.concat_str(century + pl.col("year"), pl.col("month").str.zfill(2), pl.col("day").str.zfill(2), separator="-")
    return parts.select(whole).to_series().str.to_date("%Y-%m-%d", strict=False)
