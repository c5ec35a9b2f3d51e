"""Columns of an unknown file whose words contradict a question that they seem to answer: such a column is drafted as no item."""

import re
from collections.abc import Mapping

from evaluation.waves.checks.expected import ExpectedItem
from evaluation.waves.checks.likeness import ALIKE, fold, names, opposed, turned_round, words_of
from evaluation.waves.checks.question_text import without_number
from evaluation.waves.readers.table import Table

FEWEST_WORDS = 3
"""Words of a header from which it is a wording, and not the number or the name of a question."""


def turned_by_name(table: Table, questions: Mapping[str, ExpectedItem]) -> dict[str, str]:
    """Columns that carry an item's name though their words, or their label's, say its opposite: by column, the item."""
    return {
        column: item
        for column in table.frame.columns
        for item, question in questions.items()
        if (fold(column) == fold(item) or names(column, item))
        and any(turned_round(text, question.wording, ALIKE) for text in _worded(table, column, item))
    }


def opposite_of(table: Table, column: str, item: str, questions: Mapping[str, ExpectedItem]) -> str | None:
    """The question that a column's words contradict: one in words that are otherwise alike, else the one at its place."""
    texts = _worded(table, column)
    alike = [name for name, one in questions.items() if any(turned_round(text, one.wording, ALIKE) for text in texts)]
    if not alike and any(opposed(text, questions[item].wording) for text in texts):
        return item
    return next(iter(alike), None)


def _worded(table: Table, column: str, item: str = "") -> list[str]:
    """The header and label of a column as far as they are wordings, without the name of an item in front."""
    texts = [without_name(text, item) for text in (column, table.labels.get(column, ""))]
    return [text for text in texts if len(words_of(without_number(text))) >= FEWEST_WORDS]


def without_name(text: str, item: str) -> str:
    """A header without the name of an item in front of its wording, nor the number of the question before that name."""
    front = rf"^\W*(?:q(?:uestion)?\s*\d+\W+)?{re.escape(item)}(?:\W+|$)"
    return re.sub(front, "", text, flags=re.IGNORECASE) if item else text
