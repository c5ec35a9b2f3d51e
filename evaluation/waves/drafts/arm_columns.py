"""Whether a column may say who has the pilot. Questions that merely mention treatment or a pilot are answers, never arms."""

import re

import polars as pl

from evaluation.waves.checks.answer_faults import number_of
from evaluation.waves.checks.likeness import words_of
from evaluation.waves.drafts.vocabularies import vocabulary_of

ARM = {"arm", "treat", "treatment", "treated", "pilot", "intervention", "allocation"}
MOST_WORDS = 3
"""Words of a header beyond which it is a question."""
MOST_ARMS = 6
_QUESTION = re.compile(r"^\s*q(uestion)?\s*\d", re.IGNORECASE)


def headed_as_arm(column: str) -> bool:
    """Whether a header is a short name of an arm: 'Pilot?' and 'Treatment group', not 'Q3 Patients are treated with respect'."""
    words = words_of(column)
    return bool(set(words) & ARM) and len(words) <= MOST_WORDS and not is_question(column)


def is_question(column: str) -> bool:
    """Whether a header is a question: numbered as one, or longer than a name."""
    return bool(_QUESTION.match(column)) or len(words_of(column)) > MOST_WORDS + 1


def may_be_arms(values: pl.Series) -> bool:
    """Whether a column's values may be arms: few, no list of answers (but yes and no), and no run of codes such as 1 to 5."""
    given = [str(value) for value in values.drop_nulls().unique().head(MOST_ARMS + 1).to_list()]
    if not 1 <= len(given) <= MOST_ARMS:
        return False
    words = vocabulary_of(given)
    if words is not None and words.name != "yes_no":
        return False
    return len(given) <= 3 or not all(number_of(value) is not None for value in given)
