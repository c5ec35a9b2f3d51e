"""Columns that say how long somebody took over the survey or over a part of it: no answers, whichever tool measured them."""

import re
from collections.abc import Collection

import polars as pl

from evaluation.waves.checks.likeness import words_of
from evaluation.waves.checks.question_text import bare
from evaluation.waves.readers.limesurvey import timings
from evaluation.waves.readers.table import Table

_UNIT = r"(?: (?:in )?(?:s|secs?|seconds|ms|mins?|minutes|hh mm ss))?"
_TOOK = re.compile(
    r"(?:(?:survey|total|overall|interview|completion|response|page) )*"
    r"(?:time (?:taken|spent|elapsed|to complete|to finish|on page|on survey)|time to complete (?:the |this )?survey"
    r"|(?:survey|total|overall|interview|completion|response|page) time|duration|elapsed(?: time)?|loi"
    r"|(?:survey|interview) length|length of (?:the )?(?:survey|interview)"
    rf"|(?:seconds|secs?|minutes|mins?) (?:to complete|to finish|on page|elapsed)){_UNIT}"
)
"""A header that says it, and nothing else."""
_MEASURED = re.compile(
    r"(?:.* )?(?:(?:first|last) click|page submit|click count|time (?:spent|taken) (?:in )?(?:s|secs?|seconds|ms))"
)
"""A header that ends as Qualtrics and others head what they measure of one question or page."""
_LENGTH = r"^\d+(?:[.,:]\d+)*\s?(?:s|sec|seconds|min|mins|minutes)?$"
MOST_CODES = 10
"""Up to here a number may be the code of an option: 'Response time' may be what people were satisfied with."""


def clocks(table: Table, asked: Collection[str] = ()) -> list[str]:
    """Columns of such times, as LimeSurvey names them or by headers of other tools; none that is headed by one of `asked`."""
    names = table.frame.columns
    known = timings(names, table.form.format)
    return [name for name in names if name in known or (name not in asked and _is_clock(name, table.frame[name].drop_nulls()))]


def _is_clock(header: str, values: pl.Series) -> bool:
    words = " ".join(words_of(bare(header)))
    if not len(values) or not (_MEASURED.fullmatch(words) or _TOOK.fullmatch(words)):
        return False
    if not values.str.contains(_LENGTH).all():
        return False
    numbers = values.str.extract(r"^(\d+)$").cast(pl.Float64)
    return bool(_MEASURED.fullmatch(words)) or not bool((numbers <= MOST_CODES).fill_null(False).all())
