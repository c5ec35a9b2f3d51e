"""What the columns of an unknown file probably are. Every guess carries its reason, for the person who reviews it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from evaluation.protocol.mapping import FileForm
from evaluation.waves.checks.answer_numbers import as_numbers
from evaluation.waves.checks.day_orders import ORDERED, ORDERS, parsed_days, readings
from evaluation.waves.checks.likeness import ALIKE, fold, likeness, names, words_of
from evaluation.waves.drafts.arm_columns import headed_as_arm, is_question, may_be_arms
from evaluation.waves.readers.table import Table

SAME = "same name"

ORGANISATION = {"organisation", "organization", "org", "trust", "provider", "employer", "site", "ods", "practice", "hospital"}
_RESPONDENT = {"respondent", "participant", "subject", "person", "case", "subnum", "pid", "token", "external"}
NUMBERED = {"id", "ref", "reference", "number", "no", "code", "key"}
_DAY = {"date", "submitted", "completed", "ended", "finished", "enddate", "submitdate", "timestamp", "completion"}
BASE = {"base", "responses", "respondents", "n", "count", "sample", "completes"}
_UNIT = {"unit", "team", "site", "ward", "department", "directorate", "location"}
WAVE = {"wave", "time", "round", "year", "survey", "occasion", "timepoint", "event"}


@dataclass(frozen=True)
class Guess:
    """A column and why it is thought to be what it is; `sure` says that the reason leaves little doubt.

    `alike` is how alike an item's wording and the column's are, 0 to 1.
    """

    column: str
    reason: str
    sure: bool = True
    alike: float = 1.0


def free_columns(table: Table, taken: Sequence[str]) -> list[str]:
    """The columns that are not `taken`, in the order of the file."""
    used = set(taken)
    return [column for column in table.frame.columns if column not in used]


def _named(table: Table, key: str, taken: Sequence[str]) -> str | None:
    """The column headed by the program's own name of a key, which leaves nothing to guess."""
    return next((column for column in free_columns(table, taken) if fold(column) == fold(key)), None)


def guess_organisation(table: Table, organisations: Mapping[str, str], taken: Sequence[str]) -> Guess | None:
    """The column whose values or labels are codes or names of registered organisations (`organisations`: code -> name)."""
    known = {fold(code) for code in organisations} | {fold(name) for name in organisations.values()}
    best: tuple[float, str] | None = None
    for column in free_columns(table, taken):
        values = table.frame[column].drop_nulls().unique().to_list()
        labels = table.value_labels.get(column, {})
        share = sum(fold(labels.get(value, value)) in known for value in values) / len(values) if values else 0.0
        named = bool(set(words_of(column)) & ORGANISATION)
        score = share + 0.25 * named
        if set(values) <= {"0", "1"} and not labels:
            continue
        if (share >= 0.5 or (named and share > 0)) and (best is None or score > best[0]):
            best = (score, column)
    if best is not None:
        return Guess(best[1], "its values are organisations of the register")
    free = free_columns(table, taken)
    headed = [column for column in free if set(words_of(column)) & ORGANISATION and table.frame[column].n_unique() > 3]
    return Guess(headed[0], "by its header only; none of its values is in the register", sure=False) if headed else None


def guess_wave(table: Table, waves: Mapping[str, tuple[str, int]], taken: Sequence[str]) -> tuple[Guess, dict[str, str]] | None:
    """The column that says the wave and its codes (`waves`: identifier -> label and year of opening)."""
    meanings: dict[str, str] = {}
    years = [year for _, year in waves.values()]
    for wave, (label, year) in waves.items():
        meanings |= {fold(wave): wave, fold(label): wave}
        if years.count(year) == 1:
            meanings[str(year)] = wave
    for column in free_columns(table, taken):
        values = [str(value) for value in table.frame[column].drop_nulls().unique(maintain_order=True).to_list()]
        if values and len(values) <= 20 and all(_occasion(value) in meanings for value in values):
            codes = {value: meanings[_occasion(value)] for value in values if value != meanings[_occasion(value)]}
            return Guess(column, "its values are waves of the protocol"), codes
        if set(words_of(column)) & WAVE and 1 < len(values) <= len(waves) and all(value.isdigit() for value in values):
            ordered = dict(zip(sorted(values, key=int), waves, strict=False))
            return Guess(column, "numbers in the order of the waves", sure=False), ordered
    return None


def _occasion(value: str) -> str:
    """A wave's name folded, without the arm that REDCap adds to the names of events ('month_6_arm_1')."""
    return fold(re.sub(r"_arm_\d+$", "", value))


def guess_arm(
    table: Table, arms: Mapping[str, str], pilot: str, comparison: str, taken: Sequence[str]
) -> tuple[Guess, dict[str, str]] | None:
    """The column that says the arm of a person (`arms`: identifier -> label), with codes."""
    meanings = {fold(arm): arm for arm in arms} | {fold(label): arm for arm, label in arms.items()}
    free = [column for column in free_columns(table, taken) if not is_question(column) and may_be_arms(table.frame[column])]
    for column in sorted(free, key=lambda column: not headed_as_arm(column)):
        values = [str(value) for value in table.frame[column].drop_nulls().unique(maintain_order=True).to_list()]
        if values and len(values) <= len(arms) and all(fold(value) in meanings for value in values):
            codes = {v: meanings[fold(v)] for v in values if v != meanings[fold(v)]}
            return Guess(column, "its values are arms", sure=False), codes
        if headed_as_arm(column) and sorted(values) == ["0", "1"]:
            return Guess(column, "by its header; 1 is taken for the pilot", sure=False), {"1": pilot, "0": comparison}
    return None


def guess_unit(table: Table, taken: Sequence[str]) -> Guess | None:
    """The column that names the team or site, by its header."""
    if (own := _named(table, "unit", taken)) is not None:
        return Guess(own, SAME)
    headed = [column for column in free_columns(table, taken) if set(words_of(column)) & _UNIT]
    return Guess(headed[0], "by its header only", sure=False) if headed else None


def guess_respondent(table: Table, taken: Sequence[str]) -> Guess | None:
    """The column of ids: by its header, and different in almost every row."""
    if (own := _named(table, "respondent", taken)) is not None:
        return Guess(own, SAME)
    headed = []
    for column in free_columns(table, taken):
        words, values = set(words_of(column)), table.frame[column].drop_nulls()
        if not len(values):
            continue
        unique = values.n_unique() / len(values)
        if words & _RESPONDENT and (unique > 0.2 or len(values) < 20):
            headed.append((2 + unique, column))
        elif table.form.format == "redcap" and column == table.frame.columns[0] and unique > 0.2:
            headed.append((1 + unique, column))
        elif unique > 0.98 and (words & NUMBERED or fold(column).endswith("id")):
            headed.append((unique, column))
    return Guess(max(headed)[1], "by its header; almost every value is different") if headed else None


def guess_day(table: Table, taken: Sequence[str]) -> tuple[Guess, str] | None:
    """The column of days on which people answered, and the order in which its days are written."""
    if (own := _named(table, "answered_on", taken)) is not None:
        order = day_order(table.frame[own].drop_nulls())
        return Guess(own, SAME if order else f"{SAME}; its values are no days", sure=order is not None), order or "iso"
    found = []
    for column in free_columns(table, taken):
        words = set(words_of(f"{column} {table.labels.get(column, '')}"))
        if not words & _DAY:
            continue
        values = table.frame[column].drop_nulls()
        order = day_order(values)
        if order is not None:
            found.append((not words & {"start", "started", "opened", "birth", "dob"}, column, order))
    return (Guess(max(found)[1], "by its header or label and its dates"), max(found)[2]) if found else None


def day_order(values: pl.Series) -> str | None:
    """'iso', 'day first' or 'month first' as most values are written; None when they are no days. Ties are day first."""
    if not len(values):
        return None
    shares = {order: int(parsed_days(values, order).is_not_null().sum()) / len(values) for order in ("iso", *ORDERS)}
    if shares["iso"] > 0.9:
        return "iso"
    best = "month first" if shares["month first"] > shares["day first"] else "day first"
    return best if shares[best] > 0.9 else None


def is_ambiguous_day(values: pl.Series) -> bool:
    """Whether days written with slashes could be read in another order, too, in every row; of years of two digits in a third."""
    ordered = values.filter(values.str.contains(ORDERED))
    every = [days.is_not_null().all() for days in readings(ordered, date.today()).values()]
    return bool(len(ordered)) and sum(every) > 1


def guess_base(table: Table, taken: Sequence[str]) -> Guess | None:
    """In a table of organisations, the column of people behind each row."""
    if (own := _named(table, "base", taken)) is not None:
        return Guess(own, SAME)
    for column in free_columns(table, taken):
        if not set(words_of(column)) & BASE:
            continue
        numbers = table.frame[column].cast(pl.Float64, strict=False).drop_nulls()
        if len(numbers) and bool((numbers == numbers.floor()).all()):
            return Guess(column, "by its header; whole numbers")
    return None


def guess_group(table: Table, group: str, taken: Sequence[str]) -> Guess | None:
    """The column most like the name of a group."""
    wanted = group.replace("_", " ")
    scored = [
        (1.0 if fold(text) == fold(group) else max(likeness(text, wanted), 0.9 * names(text, group)), column)
        for column in free_columns(table, taken)
        for text in (column, table.labels.get(column, ""))
    ]
    score, column = max(scored, default=(0.0, ""))
    return Guess(column, SAME if score == 1 else f"name {score:.0%} alike", score >= 0.9) if score >= ALIKE else None


def number_form(columns: Sequence[pl.Series]) -> tuple[str, str | None]:
    """Decimal and thousands sign in which the most cells of these columns are numbers; a point and none when in doubt."""
    text = pl.concat([column.drop_nulls().head(5000) for column in columns]) if columns else pl.Series([], dtype=pl.String)
    best: tuple[str, str | None] = (".", None)
    score = int(text.cast(pl.Float64, strict=False).is_not_null().sum())
    tried: tuple[tuple[str, str | None], ...] = ((",", None), (",", "."), (".", ","))
    for decimal, thousands in tried:
        form = FileForm.model_validate({"format": "csv", "decimal": decimal, "thousands": thousands})
        fits = int(as_numbers(text, form).is_not_null().sum())
        if fits > score:
            best, score = (decimal, thousands), fits
    return best
