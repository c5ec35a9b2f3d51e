"""Columns that quote somebody, though no identifier's form gives them away: sentences in which somebody says 'I'."""

import polars as pl

from evaluation.waves.checks.identifiers import is_free_text
from evaluation.waves.checks.likeness import words_of
from evaluation.waves.checks.question_text import in_grid
from evaluation.waves.drafts.vocabularies import vocabulary_of

_CATEGORY_WORDS = """
age area band branch category clinic department directorate discipline district division ethnic ethnicity function gender grade
group groups job location occupation post profession race region religion role service site speciality specialty staff team title
tenure type unit ward
"""
_CATEGORIES = set(_CATEGORY_WORDS.split())
_FIRST_PERSON = r"(?i)\b(i|i'm|i’m|my|me|we|our|us)\b"
_SENTENCE = r"^(\S+\s+){4,}\S+$"


_TICKS = {"0", "1", "0.0", "1.0", "y", "n", "yes", "no", "true", "false", "checked", "unchecked"}


def ticks_an_option(column: str, values: pl.Series) -> bool:
    """Whether a column says of an option in brackets who ticked it: 'Which ones? [Email]' holds no addresses then."""
    return bool(in_grid(column)) and {value.casefold() for value in values.drop_nulls().unique().head(3).to_list()} <= _TICKS


def quotes_people(column: str, values: pl.Series) -> bool:
    """Whether a column holds sentences: somebody says 'I' or 'my' in one, or most values have five words or more."""
    different = values.drop_nulls().unique()
    if not len(different) or vocabulary_of(different.head(20).to_list()) is not None:
        return False
    if is_free_text(values) or different.str.contains(_FIRST_PERSON).any():
        return True
    long = int(different.str.contains(_SENTENCE).sum()) > len(different) / 2
    return long and not set(words_of(column)) & _CATEGORIES
