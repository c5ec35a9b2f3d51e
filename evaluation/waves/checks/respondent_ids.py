"""How respondents' ids are written: which spellings are one id, and which are what a spreadsheet made of one.

A program that keeps ids as numbers writes 1000 as 1000.0, 1000.00 or 1.0e3: one id, read as 1000 before anything is made of it.
Leading noughts and letter case may tell people apart, so 00012 and 12, ab7 and AB7 stay two ids (spellings.py looks for them).
Whole numbers up to 2^53 are exact in a double (IEEE 754); what is longer or lost digits was rounded, and is refused.
"""

from decimal import Decimal

import polars as pl

from evaluation.waves.checks.day_orders import MONTHS

ROUNDED = r"^\d([.,]\d+[eE]\+?|[eE]\+)\d{1,3}$|^-?\d{16,}[.,]0+$"
"""A number as a program writes it that does not keep all of its digits: 9.87654E+15, 9,87654E+15. What it was is lost.

Programs write a sign or a decimal part: 4E12 is somebody's code.
"""
POINTED = r"^-?\d[\d.,]*([eE]\+\d+|[.,]0+)$|^-?\d+[.,]\d+[eE]\d+$"
"""Every number that is written with a decimal sign or a power, rounded ones among them."""
DAY_LIKE = r"\d[-/.]\d{1,2}[-/.]\d|^[A-Za-z]{3}-\d|^\d{1,2}-[A-Za-z]{3}\b"
"""Some part of what `damaged` takes for a day."""
_FAILED = r"^#(\p{Lu}[\p{Lu}\d_/]*[!?]|N/A|NV|N/D|#{2,})$|^Err:\d{3}$"
"""What a formula gives that found nothing (#N/A, #REF!, in LibreOffice Err:502), and a column that was too narrow (###)."""
_MONTH = f"({'|'.join(name[:3] for name in MONTHS)})"
_DAYS = (
    (r"^\d+[-. ]\p{L}+([-. ]\d+)?$", rf"^\d{{1,2}}[-. ]{_MONTH}([-. ]\d{{2,4}})?$"),
    (r"^\p{L}+[-. ]\d+$", rf"^{_MONTH}[-. ]\d{{2,4}}$"),
    (r"^\d{4}[-/.]\d+[-/.]\d+", r"^\d{4}[-/.](0\d|1[0-2])[-/.]([0-2]\d|3[01])([T ]\d{1,2}:\d{2}(:\d{2})?)?$"),
    (r"^\d+[/.]\d+[/.]\d+$", r"^([0-2]?\d|3[01])[/.]([0-2]?\d|3[01])[/.](\d{4}|\d{2})$"),
)
"""A form of ids, and the days of that form."""
_WITH_POINT = r"^(0|-?[1-9]\d{0,15})\.0+$"
_POWER = r"^[1-9]([.,]\d+[eE]\+?|[eE]\+)\d{1,2}$"
_EXACT = 2**53
_SHORT = 10
"""Powers of ten up to this one are written in full by spreadsheets, so that 1e+05 comes from a program that keeps all digits."""


def whole_ids(ids: pl.Series) -> pl.Series:
    """Ids with whole numbers written one way: '1000.0', '1000.00' and '1.0e3' are '1000'; every other id as it is.

    The very same series where no id is a number with a point or a power, so that none was rounded either.
    """
    if not ids.str.contains(POINTED).any():
        return ids
    plain = ids.str.extract(_WITH_POINT)
    plain = plain.set((plain.cast(pl.Int64).abs() > _EXACT).fill_null(False), None)
    powers = ids.filter(ids.str.contains(_POWER).fill_null(False)).unique().to_list()
    full = {power: number for power in powers if (number := _in_full(power)) is not None}
    return plain.fill_null(ids.replace(full) if full else ids).alias(ids.name)


def whole_id(written: str) -> str:
    """One id as `whole_ids` reads it."""
    return str(whole_ids(pl.Series([written.strip()])).item())


def failed(ids: pl.Series) -> pl.Series:
    """(R,) whether an error of a spreadsheet stands in place of an id."""
    return ids.str.contains(_FAILED).fill_null(False)


def as_days(ids: pl.Series) -> pl.Series:
    """(R,) whether an id is a day, such as a spreadsheet makes of 1-3 or MAR1, among ids of other forms for the most part.

    Where most ids have the form of such a day, be they days or not (12.3.26 beside 12.40.7), they are as somebody gave them.
    """
    different = ids.drop_nulls().unique()
    found = ids.is_null() & False
    for form, days in _DAYS:
        if 0 < 2 * int(different.str.contains(form).sum()) < len(different):
            found |= ids.str.contains(days).fill_null(False)
    return found


def _in_full(power: str) -> str | None:
    """The digits of 1e+05, 1.0e3 or 1.003e3; None where a digit may have been rounded away or it is no whole number."""
    front, end = power.lower().split("e")
    shown, places = front[2:], int(end)
    number = Decimal(power.replace(",", "."))
    kept = len(shown) >= places or (places <= _SHORT and shown in ("", "0"))
    return str(int(number)) if kept and number <= _EXACT and number == int(number) else None
