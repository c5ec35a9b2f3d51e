"""What an unknown file holds, before there is a study: which columns are answers, groups, organisations, waves, people.

The judgement is cautious: what could identify people is left out, what could be two things is marked as a guess.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from evaluation.waves.checks.answer_faults import number_of
from evaluation.waves.checks.day_orders import parsed_days
from evaluation.waves.checks.groups import names_people
from evaluation.waves.checks.identifiers import identifying_values, is_free_text, named_identifier
from evaluation.waves.checks.likeness import words_of
from evaluation.waves.drafts.answerings import MOST_OPTIONS, Answering, answerings
from evaluation.waves.drafts.arm_columns import headed_as_arm, may_be_arms
from evaluation.waves.drafts.clocks import clocks
from evaluation.waves.drafts.guesses import BASE, WAVE, day_order, guess_day, guess_respondent
from evaluation.waves.drafts.person_columns import quotes_people, ticks_an_option
from evaluation.waves.drafts.place_columns import ORGANISATION, of_another_time
from evaluation.waves.readers.table import Table


@dataclass(frozen=True)
class Profile:
    """A file's columns by use. `waves` are values of the wave column in order with the days on which they were answered."""

    organisations: tuple[str, ...]
    arms: Mapping[str, str]
    arm_values: tuple[str, ...]
    arm_column: str | None
    arm_inside: bool
    waves: Mapping[str, tuple[date, date] | None]
    respondent: str | None
    groups: tuple[str, ...]
    items: tuple[Answering, ...]
    by_organisation: bool


def profile(table: Table) -> Profile:
    """Judge every column of `table`, each for one use."""
    apart = [c for c in table.frame.columns if _identifies(table.frame[c])]
    apart += clocks(table)
    place = _headed(table, ORGANISATION, apart, 0.67) or _coded(table, apart)
    used = [*apart, *_named(place)]
    wave = _headed(table, WAVE, used, 0.2)
    used += _named(wave)
    arm = _arm(table, used)
    used += _named(arm)
    day = guess_day(table, used)
    used += [day[0].column] if day else []
    by_organisation = place is not None and _is_table_of_organisations(table, place, wave)
    base = _headed(table, BASE, used, 1.0) if by_organisation else None
    used += _named(base)
    person = None if by_organisation else guess_respondent(table, used)
    used += [person.column] if person else []
    items = list(answerings(table, used))
    used += [item.column for item in items]
    free = [] if by_organisation else [c for c in table.frame.columns if c not in used and not _of_another_place(c)]
    groups = [c for c in free if _is_group(table.frame[c])]
    return Profile(
        organisations=_distinct(table, place),
        arms=_arms(table, place, arm),
        arm_values=_distinct(table, arm),
        arm_column=arm,
        arm_inside=_inside(table, place, arm),
        waves=_waves(table, wave, day[0].column if day else None, day[1] if day else "iso"),
        respondent=person.column if person else None,
        groups=tuple(groups),
        items=tuple(items),
        by_organisation=by_organisation,
    )


def _identifies(column: pl.Series) -> bool:
    by_name = named_identifier(column.name) is not None and not ticks_an_option(column.name, column)
    return by_name or identifying_values(column, is_key=False) is not None


def _of_another_place(column: str) -> bool:
    """Whether a column holds organisations of another time than the answers', 'Former trust': no group of people as they are."""
    return bool(set(words_of(column)) & ORGANISATION) and of_another_time(column)


def _named(column: str | None) -> list[str]:
    return [] if column is None else [column]


def _headed(table: Table, words: set[str], taken: Sequence[str], most_different: float) -> str | None:
    """The first column headed by one of `words` whose values repeat at least so far; present organisations before former ones."""
    for column in sorted(table.frame.columns, key=lambda column: words is ORGANISATION and of_another_time(column)):
        values = table.frame[column].drop_nulls()
        if column in taken or not set(words_of(column)) & words or not len(values):
            continue
        if words is ORGANISATION and set(values.unique().to_list()) <= {"0", "1"}:
            continue
        if values.n_unique() <= max(2, most_different * len(values)) and not is_free_text(values):
            return column
    return None


def _arm(table: Table, taken: Sequence[str]) -> str | None:
    """The first column that is named as an arm and whose values may be arms."""
    free = [column for column in table.frame.columns if column not in taken and headed_as_arm(column)]
    return next((column for column in free if may_be_arms(table.frame[column])), None)


def _coded(table: Table, taken: Sequence[str]) -> str | None:
    """The first column whose values are all NHS organisation codes, such as RXL or X2408 (Organisation Data Service)."""
    for column in table.frame.columns:
        values = table.frame[column].drop_nulls().unique()
        if column not in taken and len(values) > 2 and bool(values.str.contains(r"^[A-Z][A-Z0-9]{2}([A-Z0-9]{2})?$").all()):
            return column
    return None


def _distinct(table: Table, column: str | None) -> tuple[str, ...]:
    return () if column is None else tuple(table.frame[column].drop_nulls().unique().sort().to_list())


def _is_table_of_organisations(table: Table, place: str, wave: str | None) -> bool:
    keys = [place, *_named(wave)]
    return table.frame.select(keys).drop_nulls().is_duplicated().sum() == 0 and table.frame.height > 2


def _arms(table: Table, place: str | None, arm: str | None) -> Mapping[str, str]:
    """Organisation -> the arm that the file states for it; empty when it states none, or several for one organisation."""
    if place is None or arm is None or _inside(table, place, arm):
        return {}
    pairs = table.frame.select(place, arm).drop_nulls().unique().sort(place)
    return dict(zip(pairs[place].to_list(), pairs[arm].to_list(), strict=True))


def _inside(table: Table, place: str | None, arm: str | None) -> bool:
    """Whether one organisation holds people of several arms."""
    if arm is None:
        return False
    if place is None:
        return True
    return bool(table.frame.select(place, arm).drop_nulls().unique()[place].is_duplicated().any())


def _waves(table: Table, wave: str | None, day: str | None, order: str) -> Mapping[str, tuple[date, date] | None]:
    days = None if day is None else parsed_days(table.frame[day], order)
    if wave is None:
        return {"": _span(days)}
    values = table.frame[wave].drop_nulls().unique(maintain_order=True).to_list()
    span_of = {
        value: _span(None if days is None else days.filter((table.frame[wave] == value).fill_null(False))) for value in values
    }
    if all(number_of(value) is not None for value in values):
        return {value: span_of[value] for value in sorted(values, key=lambda value: number_of(value) or 0.0)}
    dated = sorted((span, value) for value, span in span_of.items() if span is not None)
    return {value: span for span, value in dated} if len(dated) == len(values) else span_of


def _span(days: pl.Series | None) -> tuple[date, date] | None:
    if days is None or not days.drop_nulls().len():
        return None
    first, last = days.min(), days.max()
    assert isinstance(first, date) and isinstance(last, date)
    return first, last


def _is_group(values: pl.Series) -> bool:
    """A few categories, each of several people, that neither name nor quote anybody and are no days."""
    given = values.drop_nulls()
    counts = given.value_counts()["count"] if len(given) else given
    few = len(given) > 0 and 2 <= len(counts) <= MOST_OPTIONS and int(counts.min()) >= 2  # type: ignore[arg-type]
    return few and day_order(given) is None and not names_people(given, values.name) and not quotes_people(values.name, given)
