"""Columns that name somebody or quote somebody, though no identifier's form gives them away: managers, whole names, sentences."""

import polars as pl

from evaluation.waves.checks.identifiers import is_free_text
from evaluation.waves.checks.likeness import words_of
from evaluation.waves.drafts.vocabularies import vocabulary_of

_PEOPLE = {"manager", "supervisor", "mentor", "matron", "appraiser", "consultant", "interviewer", "author", "lead", "leader"}
_CATEGORY_WORDS = """
age area band branch category clinic department directorate discipline district division ethnic ethnicity function gender grade
group groups job location occupation post profession race region religion role service site speciality specialty staff team title
tenure type unit ward
"""
_CATEGORIES = set(_CATEGORY_WORDS.split())
_WHOLE_NAME = r"^\p{Lu}[\p{L}'’-]*\p{Ll},? \p{Lu}[\p{L}'’-]*\p{Ll}$"
_FIRST_PERSON = r"(?i)\b(i|i'm|i’m|my|me|we|our|us)\b"
_SENTENCE = r"^(\S+\s+){4,}\S+$"


def names_people(column: str, values: pl.Series) -> bool:
    """Whether a column names people: two capitalised words in most of its values, or one under a header such as 'Line manager'.

    Under the header of a category ('Staff group') two capitalised words are 'Registered Nurse'.
    """
    different = values.drop_nulls().unique()
    words = set(words_of(column))
    if not len(different) or vocabulary_of(different.head(20).to_list()) is not None:
        return False
    whole = int(different.str.contains(_WHOLE_NAME).sum()) / len(different)
    if words & _PEOPLE:
        return whole > 0 or int(different.str.contains(r"^\p{Lu}\p{Ll}{2,}$").sum()) > len(different) / 2
    return whole > 0.5 and not words & _CATEGORIES


def quotes_people(column: str, values: pl.Series) -> bool:
    """Whether a column holds sentences: somebody says 'I' or 'my' in one, or most values have five words or more."""
    different = values.drop_nulls().unique()
    if not len(different) or vocabulary_of(different.head(20).to_list()) is not None:
        return False
    if is_free_text(values) or different.str.contains(_FIRST_PERSON).any():
        return True
    long = int(different.str.contains(_SENTENCE).sum()) > len(different) / 2
    return long and not set(words_of(column)) & _CATEGORIES
