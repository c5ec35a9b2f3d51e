"""Names that are only numbers: a file's q2 is the instrument's q2 only where both count alike, or the file says its question."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

from evaluation.waves.checks.expected import ExpectedItem
from evaluation.waves.checks.likeness import fold, same_wording
from evaluation.waves.checks.question_text import without_number
from evaluation.waves.drafts.guesses import SAME, Guess
from evaluation.waves.readers.table import Table

COUNTED = "names that are only numbers, and file and instrument do not hold the same ones: compare the questions"
_LETTERS = "[a-z]|qu|qn|quest|question|item|itm|var|variable|frage|field|col|column"
_NUMBER = re.compile(rf"({_LETTERS})[\s_.-]*(\d+(?:[._-]\d+)*[a-z]?)")


def doubted(found: Mapping[str, Guess], table: Table, questions: Mapping[str, ExpectedItem]) -> dict[str, Guess]:
    """The guesses, those by a name such as q2, item3 or question_4 unsure unless the file's names of that form are the items'.

    Where one counts a question that the other lacks, every number behind it is another question. A label of the column that is
    the item's wording, or its beginning, leaves no doubt.
    """
    return {item: _doubted(guess, item, table, questions) for item, guess in found.items()}


def _doubted(guess: Guess, item: str, table: Table, questions: Mapping[str, ExpectedItem]) -> Guess:
    form, _ = _parts(item)
    if not guess.sure or guess.reason != SAME or not form:
        return guess
    label, wording = table.labels.get(guess.column, ""), questions[item].wording
    begun = fold(without_number(label))
    if label and (same_wording(label, wording) or (begun and fold(wording).startswith(begun))):
        return guess
    if _of_form(form, table.frame.columns) == _of_form(form, questions):
        return guess
    return replace(guess, reason=f"{SAME}; {COUNTED}", sure=False)


def _parts(name: str) -> tuple[str, str]:
    """The letters and the number of a name that is only a number, 'q' and '2_1' of 'Q2.1'; of others nothing."""
    match = _NUMBER.fullmatch(name.casefold().strip())
    return (match[1], re.sub(r"[.-]", "_", match[2])) if match else ("", "")


def _of_form(form: str, names: Iterable[str]) -> set[str]:
    """The numbers of the names that begin with these letters."""
    return {number for letters, number in map(_parts, names) if letters == form}
