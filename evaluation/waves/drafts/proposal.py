"""All guesses about one file together: which column holds what, each column once, and which identify people."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import polars as pl

from evaluation.protocol.mapping import FileForm
from evaluation.protocol.model import Protocol
from evaluation.terms import Assignment, Role
from evaluation.waves.checks.answer_codes import match_answers
from evaluation.waves.checks.answer_faults import number_of
from evaluation.waves.checks.answer_numbers import as_numbers, on_scale
from evaluation.waves.checks.expected import Expected, ExpectedItem
from evaluation.waves.checks.faults import listed
from evaluation.waves.checks.groups import names_people
from evaluation.waves.checks.identifiers import identifying_values, named_identifier
from evaluation.waves.checks.likeness import fold, words_of
from evaluation.waves.checks.question_text import bare
from evaluation.waves.drafts.clocks import clocks
from evaluation.waves.drafts.guesses import (
    Guess,
    guess_arm,
    guess_base,
    guess_day,
    guess_group,
    guess_organisation,
    guess_respondent,
    guess_unit,
    guess_wave,
    numbers_responses,
)
from evaluation.waves.drafts.item_columns import Tie, guess_by_place, guess_items
from evaluation.waves.drafts.number_forms import has_decimal_commas, has_signs, number_form
from evaluation.waves.drafts.opposites import turned_by_name
from evaluation.waves.drafts.person_columns import ticks_an_option
from evaluation.waves.readers import Table
from evaluation.waves.readers.header import shown_header
from evaluation.waves.readers.redcap import INSTRUMENT

LABEL_WORDS = 3
"""Words of a label up to which it is the name of a field, such as 'IP address', and not a question."""
CLOSE = 0.9
"""Likeness to an item's wording from which a header that names an identifier as well is a question about it."""
NAMED = "CHECK: looks like names of people; categories that do may be a group, each listed under its 'codes'"
NAMED_GROUP = (
    "looks like names of people, and is refused as such; where these are categories, list every one under 'codes', else move the "
    "column to 'drop'"
)
_OF_A_PERSON = ("staff numbers", "patient numbers", "NHS numbers")
"""What is dropped because it identifies people, and stays with a person from wave to wave."""


@dataclass(frozen=True)
class Proposal:
    """What each column probably is. `keys` holds organisation, unit, arm, wave, respondent, answered_on and base as far as found.

    `codes` are the file's words for a key's values, `drop` columns that identify people with the reason, `form` how numbers
    and days are written; `turned` are, by column, items whose opposite it says though its name or its place would fit; `ties` are
    columns that fit an item alike, of which none was taken; `timed` say how long somebody took.
    """

    table: Table
    expected: Expected
    keys: Mapping[str, Guess]
    codes: Mapping[str, Mapping[str, str]]
    groups: Mapping[str, Guess]
    items: Mapping[str, Guess]
    drop: Mapping[str, str]
    form: FileForm
    turned: Mapping[str, str]
    ties: tuple[Tie, ...] = ()
    timed: tuple[str, ...] = ()

    @property
    def rest(self) -> list[str]:
        """Columns without a use, in the order of the file."""
        used = {guess.column for part in (self.keys, self.groups, self.items) for guess in part.values()} | set(self.drop)
        return [column for column in self.table.frame.columns if column not in used]


def propose(table: Table, expected: Expected, protocol: Protocol, organisations: Mapping[str, str]) -> Proposal:
    """Guess the use of every column of `table`; `organisations` are names by code."""
    turned = turned_by_name(table, expected.questions)
    timed = _measured(table, expected)
    items, ties = guess_items(table, expected.questions, [*turned, *timed])
    worded = {g.column for item, g in items.items() if g.alike >= CLOSE and _fits(table, g, expected.questions[item])}
    drop = _identifying(table, worded)
    items = {item: guess for item, guess in items.items() if guess.column not in drop}
    tied = [column for tie in ties for column in tie.columns if column not in drop]
    open_ones = {item: one for item, one in expected.questions.items() if not any(item in tie.items for tie in ties)}
    placed, opposite = guess_by_place(table, open_ones, items, [*drop, *turned, *tied, *timed, *_columns(items)])
    items |= placed
    turned |= opposite
    used = [*drop, *tied, *timed, *_columns(items)]
    keys, codes = _places(table, expected, protocol, organisations, used)
    used += _columns(keys)
    named = [column for column in table.frame.columns if column not in used and names_people(table.frame[column], column)]
    groups = _groups(table, expected, used, named)
    drop |= {column: NAMED for column in named if column not in _columns(groups)}
    used += [column for column in (*drop, *_columns(groups)) if column not in used]
    day = guess_day(table, used)
    if day is not None:
        keys["answered_on"] = day[0]
        used.append(day[0].column)
    keys |= _people(table, expected, used, [column for column, kind in drop.items() if kind in _OF_A_PERSON])
    counts = [table.frame[keys["base"].column]] if "base" in keys else []
    used = [*drop, *_columns(items), *_columns(keys), *_columns(groups)]
    rest = [column for column in table.frame.columns if column not in used]
    form = _form(table, items, expected, day[1] if day else "iso", counts, rest)
    return Proposal(table, expected, keys, codes, groups, items, drop, form, turned, ties, tuple(timed))


def _measured(table: Table, expected: Expected) -> list[str]:
    """Columns of how long somebody took, but for those that are headed as an item is."""
    said = {fold(text) for item, question in expected.questions.items() for text in (item, question.wording)}
    return clocks(table, [name for name in table.frame.columns if {fold(name), fold(bare(name))} & said])


def _columns(guesses: Mapping[str, Guess]) -> list[str]:
    return [guess.column for guess in guesses.values()]


def _places(
    table: Table, expected: Expected, protocol: Protocol, organisations: Mapping[str, str], used: list[str]
) -> tuple[dict[str, Guess], dict[str, Mapping[str, str]]]:
    """Organisation, wave, arm and unit as far as columns for them are found, and the file's codes for them."""
    keys: dict[str, Guess] = {}
    codes: dict[str, Mapping[str, str]] = {}
    if (place := guess_organisation(table, organisations, used)) is not None:
        keys["organisation"] = place
    waves = {name: (one.label, one.opens.year) for name, one in protocol.waves.items()}
    if (wave := guess_wave(table, waves, [*used, *_columns(keys)])) is not None:
        keys["wave"], codes["wave"] = wave
    by_person = expected.assignment is Assignment.RESPONDENT
    if by_person and (arm := _arm(table, protocol, [*used, *_columns(keys)])) is not None:
        keys["arm"], codes["arm"] = arm
    if expected.assigns_inside and (unit := guess_unit(table, [*used, *_columns(keys)])) is not None:
        keys["unit"] = unit
    return keys, codes


def _groups(table: Table, expected: Expected, used: list[str], named: list[str]) -> dict[str, Guess]:
    """The columns of groups; one whose values look like names (`named`) only where nothing else does for the group."""
    groups: dict[str, Guess] = {}
    for group in expected.groups:
        taken = [*used, *_columns(groups)]
        if (guess := guess_group(table, group, [*taken, *named])) is not None:
            groups[group] = guess
        elif (guess := guess_group(table, group, [*taken, *(set(table.frame.columns) - {*named})])) is not None:
            groups[group] = replace(guess, reason=NAMED_GROUP, sure=False)
    return groups


def _people(table: Table, expected: Expected, used: list[str], dropped: list[str]) -> dict[str, Guess]:
    """Who answered, or how many stand behind a row; `dropped` identify people and are the same in every wave."""
    if expected.level.is_published:
        return {"base": guess} if (guess := guess_base(table, used)) is not None else {}
    wanted = guess_respondent(table, used) if expected.linkage.recognises else None
    if wanted is None:
        return {}
    if dropped and numbers_responses(wanted.column):
        stay = f"{listed([shown_header(column) for column in dropped], 3)}, dropped as identifying, would as 'respondent'"
        wanted = replace(wanted, reason=f"{wanted.reason}; {stay} and be stored as a pseudonym", sure=False)
    return {"respondent": wanted}


def _identifying(table: Table, worded: set[str]) -> dict[str, str]:
    """Columns that hold what identifies people, by their values or their name.

    A name counts unless the column is in `worded` (its header is much like an item's wording and all its values answer it), or
    says who ticked an option of that name.
    """
    found = {}
    for column in table.frame.columns:
        no_name = column in worded or ticks_an_option(column, table.frame[column])
        kind = identifying_values(table.frame[column], is_key=False) or (None if no_name else _named(table, column))
        if kind is not None:
            found[column] = kind
    return found


def _named(table: Table, column: str) -> str | None:
    """What a column's name, or a label as short as one, says it holds, when that identifies people."""
    label = table.labels.get(column, "")
    return named_identifier(column) or (named_identifier(label) if len(words_of(label)) <= LABEL_WORDS else None)


def _fits(table: Table, guess: Guess, question: ExpectedItem) -> bool:
    """Whether the column's first values are answers to the question, words for no answer aside."""
    values = [str(value) for value in table.frame[guess.column].drop_nulls().unique().head(100).to_list()]
    matched = match_answers([value for value in values if number_of(value) is None], question.scale)
    numbers = as_numbers(pl.Series([value for value in values if number_of(value) is not None], dtype=pl.String), table.form)
    return not matched.unknown and bool(on_scale(numbers, question.scale).all())


def _arm(table: Table, protocol: Protocol, taken: list[str]) -> tuple[Guess, dict[str, str]] | None:
    pilots, others = protocol.arms_with(Role.PILOT), protocol.arms_with(Role.COMPARISON)
    labels = {arm: block.label for arm, block in protocol.arms.items()}
    return guess_arm(table, labels, pilots[0], others[0], taken) if pilots and others else None


def _form(
    table: Table, items: Mapping[str, Guess], expected: Expected, dates: str, counts: Sequence[pl.Series], rest: Sequence[str]
) -> FileForm:
    """How numbers and days are written; numbers as in the columns of items, or in the `rest` where items have no decimals."""
    decimal, thousands = number_form([table.frame[guess.column] for guess in items.values()], counts)
    if (decimal, thousands) == (".", None) and not any(map(has_signs, (table.frame[guess.column] for guess in items.values()))):
        decimal = "," if any(map(has_decimal_commas, (table.frame[name] for name in rest))) else decimal
    leave_out = dict(table.form.leave_out) | _other_forms(table)
    said = {"decimal": decimal, "thousands": thousands, "dates": dates, "leave_out": leave_out}
    fractions = [
        guess.column for item, guess in items.items()
        if guess.column in table.percents and expected.questions[item].scale.interval.high > 1
    ]  # fmt: skip
    return FileForm.model_validate(table.form.model_dump() | said | {"fractions": fractions})


def _other_forms(table: Table) -> dict[str, list[str]]:
    """Rows that REDCap marks as another form of the same person: values by column, to leave out."""
    if table.form.format != "redcap" or INSTRUMENT not in table.frame.columns:
        return {}
    found = [str(value) for value in table.frame[INSTRUMENT].drop_nulls().unique().sort().to_list()]
    return {INSTRUMENT: found} if found else {}
