"""Which column of an unknown file says whose row it is, where no header says so in the program's own words.

A column is taken for organisations only if its header names a kind of place ('Depot', 'School name') and no other header does.
Otherwise none is taken: columns that could be meant are named for a person to choose from.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from evaluation.waves.checks.groups import names_people
from evaluation.waves.checks.identifiers import identifying_values, named_identifier
from evaluation.waves.checks.likeness import words_of
from evaluation.waves.checks.question_text import without_number
from evaluation.waves.drafts.guesses import day_order
from evaluation.waves.drafts.person_columns import quotes_people
from evaluation.waves.drafts.profile import Profile, profile
from evaluation.waves.readers import Table
from evaluation.waves.readers.header import shown_header

_PLACES = {
    "branch", "campus", "centre", "center", "clinic", "college", "company", "council", "depot", "factory", "office", "plant",
    "school", "shop", "station", "store", "surgery", "university", "workplace",
}  # fmt: skip
_BESIDE = {
    "at", "base", "code", "do", "for", "home", "id", "in", "is", "main", "my", "name", "of", "the", "what", "where", "which",
    "work", "you", "your",
}  # fmt: skip
"""Words beside a kind of place that leave it one: 'School name', and not 'School type' or 'Office mood'."""
_DIVIDES = 5
"""Rows for each different text, on average, from which a column divides the respondents instead of describing each."""
CALLED = "organisation"


@dataclass(frozen=True)
class Placed:
    """A profile in which every row has its organisation as far as a column says so, and what is to be told of that first."""

    profile: Profile
    decisions: tuple[str, ...]


def placed(table: Table) -> Placed:
    """The profile of `table`, its organisations taken from the one column headed as a kind of place if no header is plainer."""
    found = profile(table)
    if found.organisations:
        return Placed(found, ())
    headed = [column for column in table.frame.columns if CALLED not in table.frame.columns and _is_headed(table, column, found)]
    if len(headed) != 1:
        return Placed(found, (_not_found(table, headed or [*_candidates(table, found)], found),))
    (column,) = headed
    known = replace(table, cells=table.cells.rename({column: CALLED}))
    check = f"CHECK that column {shown_header(column)} says whose row it is; each of its texts became an organisation"
    return Placed(profile(known), (f"organisations.csv: {check}.",))


def _is_headed(table: Table, column: str, found: Profile) -> bool:
    words, values = set(words_of(without_number(column))), table.frame[column].drop_nulls()
    is_place = bool(words & _PLACES) and words <= _PLACES | _BESIDE
    is_answer = column in {item.column for item in found.items if item.known}
    return is_place and not is_answer and 2 <= values.n_unique() <= len(values) / 2 and _names_nobody(table, column)


def _names_nobody(table: Table, column: str) -> bool:
    values = table.frame[column].drop_nulls()
    identifies = identifying_values(values, is_key=False) or named_identifier(column)
    return not identifies and not names_people(values, column) and not quotes_people(column, values)


def _candidates(table: Table, found: Profile) -> Iterator[str]:
    """Columns of few different texts, each of many rows, that are no answers, waves, arms, days or people."""
    used = {*(item.column for item in found.items), found.respondent, found.arm_column}
    for column in table.frame.columns:
        values = table.frame[column].drop_nulls()
        different = values.unique()
        divides = 2 <= len(different) <= len(values) / _DIVIDES and bool(different.str.contains(r"\p{L}").any())
        if column in used or not divides or {*different.to_list()} == {*found.waves}:
            continue
        if day_order(values) is None and _names_nobody(table, column):
            yield column


def _not_found(table: Table, candidates: list[str], found: Profile) -> str:
    says = "organisations.csv: no column was found that says whose row it is, so that nothing can be compared yet"
    says += ", unless people were assigned one by one" if found.arm_inside else ""
    these = f" (it may be {', '.join(map(shown_header, candidates))})" if candidates else ""
    draft = f"call that column 'Organisation' in a copy of the file{these}, and draft again"
    by_hand = "or list the organisations in organisations.csv, and name the column in the mapping: 'organisation: {column: ...}'"
    return f"{says}; {draft}; {by_hand}."
