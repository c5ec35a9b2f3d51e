"""Which column answers which item. Only an exact name or wording is sure; where two fit one item alike, neither is chosen.

Nor is a name sure that is only a number, where file and instrument count differently.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import polars as pl

from evaluation.protocol.instrument import Scale
from evaluation.waves.checks.answer_codes import match_answers
from evaluation.waves.checks.expected import ExpectedItem
from evaluation.waves.checks.likeness import ALIKE, apart, fold, likeness, names, same_wording, words_of
from evaluation.waves.checks.question_text import bare, in_grid, only_says_how, without_number
from evaluation.waves.drafts.guesses import SAME, Guess, beside, free_columns
from evaluation.waves.drafts.numbered_names import doubted
from evaluation.waves.drafts.opposites import FEWEST_WORDS, opposite_of, without_name
from evaluation.waves.readers.table import Table

NAME, WORDING, HOLDS_NAME, CLOSEST, HOLDS_WORD = 1.0, 0.99, 0.96, 0.95, 0.5
"""Likeness of a column headed by the item's name, by its wording, by its name among other words, by words that are nearly its
wording (long texts that differ in one word are more alike than that), by a word that is its name."""
AGREEING = 0.6
"""Likeness of wordings that confirms an item's name of one word, such as 'kind', found somewhere in a header."""
MOST_WORDS = 4
"""Words of a header beyond which one of them that is an item's name says nothing."""

_COPY = re.compile(r"\.\d+$")
"""What programs put behind a header that came before, so that two columns have two names."""


@dataclass(frozen=True)
class Tie:
    """Columns that fit one item alike, or one column that fits several items alike: which is which, only a person can say."""

    items: tuple[str, ...]
    columns: tuple[str, ...]


@dataclass(frozen=True)
class _Pair:
    item: str
    guess: Guess


def guess_items(
    table: Table, questions: Mapping[str, ExpectedItem], taken: Sequence[str]
) -> tuple[dict[str, Guess], tuple[Tie, ...]]:
    """Item -> column, each column once, the likeliest pairs first; and what fits alike, of which nothing is taken.

    A column that asks one item word for word is no other item's. A guess that is not sure names the other columns that could be
    meant and are no other item's.
    """
    every = list(_pairs(table, questions, taken))
    exact = {pair.guess.column for pair in every if pair.guess.alike >= WORDING}
    pairs = [pair for pair in every if pair.guess.alike >= WORDING or pair.guess.column not in exact]
    found: dict[str, Guess] = {}
    ties: list[Tie] = []
    settled: set[str] = set()
    used: set[str] = set()
    for alike in sorted({_level(pair) for pair in pairs}, reverse=True):
        level = [pair for pair in pairs if _level(pair) == alike and pair.item not in settled and pair.guess.column not in used]
        for tie in _parts(level):
            settled |= set(tie.items)
            used |= set(tie.columns)
            if len(tie.items) == len(tie.columns) == 1:
                found |= {pair.item: pair.guess for pair in level if pair.item in tie.items}
            else:
                ties.append(tie)
    guesses = {item: _beside_rivals(guess, item, pairs, used) for item, guess in found.items()}
    return doubted(guesses, table, questions), tuple(ties)


def _level(pair: _Pair) -> float:
    return round(pair.guess.alike, 2)


def _parts(pairs: Iterable[_Pair]) -> list[Tie]:
    """Items and columns that hang together by these pairs, each in the order of the first."""
    parts: list[Tie] = []
    for pair in pairs:
        joined = [part for part in parts if pair.item in part.items or pair.guess.column in part.columns]
        items = dict.fromkeys([*(item for part in joined for item in part.items), pair.item])
        columns = dict.fromkeys([*(column for part in joined for column in part.columns), pair.guess.column])
        parts = [*(part for part in parts if part not in joined), Tie(tuple(items), tuple(columns))]
    return parts


def _beside_rivals(guess: Guess, item: str, pairs: Sequence[_Pair], used: set[str]) -> Guess:
    """The guess with the columns that could be meant as well; beside an exact name or wording only another one counts."""
    least = WORDING if guess.sure else ALIKE
    fitting = [pair.guess for pair in pairs if pair.item == item and pair.guess.alike >= least]
    return beside(guess, [other.column for other in fitting if other.column not in used])


def _pairs(table: Table, questions: Mapping[str, ExpectedItem], taken: Sequence[str]) -> Iterator[_Pair]:
    for column in free_columns(table, taken):
        header = column if (first := _COPY.sub("", column)) not in table.frame.columns else first
        for item, question in questions.items():
            if (guess := _guess(header, table.labels.get(column, ""), item, question.wording)) is not None:
                yield _Pair(item, replace(guess, column=column))


def _guess(column: str, label: str, item: str, wording: str) -> Guess | None:
    """Why the column may answer the item, by the strongest reason; None where nothing speaks for it."""
    texts = dict.fromkeys(part for text in (column, label) for part in (text, without_name(text, item)) if part)
    worded = [text for text in texts if same_wording(text, wording)]
    exact = any(not _behind_a_stem(text, wording) for text in worded)
    alike, closest = max((likeness(text, wording), text) for text in texts)
    begins = fold(wording).startswith(fold(without_number(label)))
    labelled = "" if exact or begins or len(words_of(label)) < FEWEST_WORDS else "; its label differs from the wording: "
    labelled += apart(label, wording) if labelled else ""
    if fold(column) == fold(item):
        return Guess(column, SAME + labelled, not labelled, NAME)
    if exact:
        return Guess(column, "the item's wording", True, WORDING)
    if worded:
        return Guess(column, "the item's wording, behind words that may ask something else of it", False, CLOSEST)
    if names(column, item) and len(words_of(item)) > 1:
        alone = fold(without_name(column, item)) == ""
        reason = f"the header holds the item's name{'' if alone else ' and more'}{labelled}"
        return Guess(column, reason, alone and not labelled, HOLDS_NAME)
    if alike >= ALIKE or (names(column, item) and alike >= AGREEING):
        return Guess(column, f"wording {alike:.0%} alike: {apart(closest, wording)}", False, min(alike, CLOSEST))
    if names(column, item) and len(words_of(without_number(column))) <= MOST_WORDS:
        return Guess(column, "the header holds a word that is the item's name, its wording is another", False, HOLDS_WORD)
    return None


def _behind_a_stem(text: str, wording: str) -> bool:
    """Whether a wording stands in brackets behind words that tell more than how to answer.

    So it does in 'How important are these to you? [I am heard]', and 'How far do you disagree?' turns it round.
    """
    row = in_grid(text)
    if not row or not same_wording(row, wording):
        return False
    return not only_says_how(bare(text).rsplit("[", 1)[0])


def guess_by_place(
    table: Table, questions: Mapping[str, ExpectedItem], found: Mapping[str, Guess], taken: Sequence[str]
) -> tuple[dict[str, Guess], dict[str, str]]:
    """Items that no header names, where just as many columns are left whose answers are all on their scale: in order of both.

    Returns:
        The guesses, and by column the item whose opposite it says, or may say: such a column is no item's by its place.
    """
    placed: dict[str, Guess] = {}
    turned: dict[str, str] = {}
    left = {item: question for item, question in questions.items() if item not in found and question.scale.options}
    for scale in {str(question.scale.options): question.scale for question in left.values()}.values():
        items = {item: question for item, question in left.items() if question.scale.options == scale.options}
        columns = [column for column in free_columns(table, taken) if _answers_all(table.frame[column], scale)]
        if len(items) != len(columns):
            continue
        for item, column in zip(items, columns, strict=True):
            if (opposite := opposite_of(table, column, item, items)) is not None:
                turned[column] = opposite
            else:
                placed[item] = Guess(column, "by its place and answers only", sure=False)
    return placed, turned


def _answers_all(column: pl.Series, scale: Scale) -> bool:
    """Whether a column holds answers in words, all of them options of the scale."""
    values = [str(value) for value in column.drop_nulls().unique().head(100).to_list()]
    matched = match_answers(values, scale)
    return len(matched.codes) > 1 and not matched.unknown
