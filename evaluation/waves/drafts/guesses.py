"""What the columns of an unknown file probably are. Every guess carries its reason, for the person who reviews it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import polars as pl

from evaluation.waves.checks.day_orders import ORDERED, ORDERS, parsed_days, readings
from evaluation.waves.checks.faults import listed
from evaluation.waves.checks.likeness import ALIKE, fold, likeness, names, words_of
from evaluation.waves.drafts.arm_columns import headed_as_arm, is_question, may_be_arms
from evaluation.waves.drafts.number_forms import may_be_counts
from evaluation.waves.drafts.place_columns import ORGANISATION, doubt_of, of_another_time, says_where
from evaluation.waves.readers.header import shown_header
from evaluation.waves.readers.table import Table

SAME = "same name"

_RESPONDENT = {"respondent", "participant", "subject", "person", "case", "subnum", "pid", "token", "external", "pseudonym"}
_STAFF = {"payroll", "staff", "employee", "personnel", "member", "worker", "esr"}
_BESIDE_STAFF = {"unique", "anonymous", "anonymised", "hashed", "study", "my", "your"}
"""Words of a header that leave 'Payroll ref' a person's own number; 'Staff group code' is another one."""
NUMBERED = {"id", "ref", "reference", "number", "no", "code", "key"}
_RESPONSE = {"response", "submission"}
_DAY = {"date", "submitted", "completed", "ended", "finished", "enddate", "submitdate", "timestamp", "completion"}
_START = {"start", "started", "opened", "birth", "dob"}
_WITH_DAY = {"time", "day", "of", "on", "the", "survey", "form", "response", "submission", "end", "start", "recorded"}
"""Words of a header that leave it one of the day on which somebody answered; "Date training completed" may be another day."""
BASE = {"base", "responses", "respondents", "n", "count", "sample", "completes"}
_UNIT = {"unit", "team", "site", "ward", "department", "directorate", "location"}
WAVE = {"wave", "time", "round", "year", "survey", "occasion", "timepoint", "event"}

_YEAR = re.compile(r"^(19|20)\d\d$")


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


def beside(guess: Guess, rivals: Sequence[str]) -> Guess:
    """The guess with other columns that could be meant as well, which leaves it to a person."""
    said = f"{guess.reason}; {listed([shown_header(name) for name in rivals], 3)} could be meant too"
    return replace(guess, reason=said, sure=False) if rivals else guess


def _apart(columns: Mapping[str, pl.Series], chosen: str) -> list[str]:
    """Columns that say something else than the chosen one in a row where both say something."""
    return [name for name, column in columns.items() if name != chosen and bool((column != columns[chosen]).any())]


def guess_organisation(table: Table, organisations: Mapping[str, str], taken: Sequence[str]) -> Guess | None:
    """The column whose values or labels are codes or names of registered organisations (`organisations`: code -> name)."""
    known = {fold(name): code for code, name in organisations.items()} | {fold(code): code for code in organisations}
    scores: dict[str, float] = {}
    places: dict[str, pl.Series] = {}
    for column in free_columns(table, taken):
        values = table.frame[column].drop_nulls().unique().to_list()
        labels = table.value_labels.get(column, {})
        meant = {value: code for value in values if (code := known.get(fold(labels.get(value, value)))) is not None}
        named = bool(set(words_of(column)) & ORGANISATION)
        if not meant or (set(values) <= {"0", "1"} and not labels) or not (named or len(meant) >= 0.5 * len(values)):
            continue
        scores[column] = len(meant) / len(values) + 0.25 * named
        places[column] = table.frame[column].replace_strict(meant, default=None, return_dtype=pl.String)
    if (own := _named(table, "organisation", taken)) in scores:
        return Guess(str(own), SAME)
    if scores:
        plain = {column: says_where(column, table.labels.get(column, "")) for column in scores}
        best = max(scores, key=lambda one: (plain[one] and scores[one] >= 0.5, not of_another_time(one), scores[one]))
        reason = "its values are organisations of the register"
        reason += "" if plain[best] else f"; {doubt_of(best)}"
        return beside(Guess(best, reason, plain[best]), _apart(places, best))
    free = free_columns(table, taken)
    headed = [column for column in free if set(words_of(column)) & ORGANISATION and table.frame[column].n_unique() > 3]
    reason = "by its header only; none of its values is in the register"
    return beside(Guess(headed[0], reason, sure=False), headed[1:]) if headed else None


def guess_wave(table: Table, waves: Mapping[str, tuple[str, int]], taken: Sequence[str]) -> tuple[Guess, dict[str, str]] | None:
    """The column that says the wave and its codes (`waves`: identifier -> label and year of opening)."""
    meanings: dict[str, str] = {}
    years = [year for _, year in waves.values()]
    for wave, (label, year) in waves.items():
        meanings |= {fold(wave): wave, fold(label): wave}
        if years.count(year) == 1:
            meanings[str(year)] = wave
    free = free_columns(table, taken)
    values = {column: table.frame[column].drop_nulls().unique(maintain_order=True).to_list() for column in free}
    dated = [column for column in free if values[column] and all(_YEAR.match(value) for value in values[column])]
    said = {
        column: {value: meanings[_occasion(value)] for value in values[column]}
        for column in free
        if 0 < len(values[column]) <= 20 and all(_occasion(value) in meanings for value in values[column])
        if column not in dated or _only_wave(column)
    }
    if said:
        own = _named(table, "wave", taken)
        best = own if own in said else next(iter(said))
        guess = Guess(best, "its values are waves of the protocol")
        named = {column: table.frame[column].replace_strict(codes, return_dtype=pl.String) for column, codes in said.items()}
        codes = {value: wave for value, wave in said[best].items() if value != wave}
        return (guess if own == best else beside(guess, _apart(named, best))), codes
    for column in (column for column in free if _only_wave(column) and all(value.isdigit() for value in values[column])):
        if column in dated and 1 < len(values[column]) <= 20:
            others = listed(sorted(value for value in values[column] if value not in meanings), 3)
            opened = {value: meanings[value] for value in values[column] if value in meanings}
            return Guess(column, f"years; no wave, or more than one, opens in {others}", sure=False), opened
        if column not in dated and 1 < len(values[column]) <= len(waves):
            ordered = dict(zip(sorted(values[column], key=int), waves, strict=False))
            return Guess(column, "numbers in the order of the waves", sure=False), ordered
    return None


def _only_wave(column: str) -> bool:
    """Whether a header speaks of occasions and of nothing else: 'Survey round' and 'wave_no', not 'Time in post'."""
    words = set(words_of(column))
    return bool(words & WAVE) and words <= WAVE | {"point", *NUMBERED}


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
    return beside(Guess(headed[0], "by its header only", sure=False), headed[1:]) if headed else None


def guess_respondent(table: Table, taken: Sequence[str]) -> Guess | None:
    """The column of ids: by its header, and different in almost every row.

    The number that a survey tool gives each response comes last, for it is another in every wave. A person's own number stays,
    so it repeats in a file of several waves.
    """
    if (own := _named(table, "respondent", taken)) is not None:
        return Guess(own, SAME)
    headed: dict[str, float] = {}
    for column in free_columns(table, taken):
        words, values = set(words_of(column)), table.frame[column].drop_nulls()
        if not len(values):
            continue
        unique = values.n_unique() / len(values)
        if words & _RESPONDENT and (unique > 0.2 or len(values) < 20):
            headed[column] = 2 + unique
        elif unique > 0.2 and (_numbers_staff(words) or (table.form.format == "redcap" and column == table.frame.columns[0])):
            headed[column] = 1 + unique
        elif unique > 0.98 and (words & NUMBERED or fold(column).endswith("id")):
            headed[column] = unique
    if not headed:
        return None
    best = max(headed, key=lambda column: (not numbers_responses(column), headed[column]))
    values = table.frame[best].drop_nulls()
    repeats = values.n_unique() <= 0.9 * len(values)
    said = "its values repeat, as in a file of several waves" if repeats else "almost every value is different"
    reason = f"by its header; {said}"
    if numbers_responses(best):
        return Guess(best, f"{reason}; a survey tool's own number of a response links no waves", sure=False)
    rivals = {name: table.frame[name] for name in headed if name == best or not numbers_responses(name) or _is_id(name)}
    return beside(Guess(best, reason), _apart(rivals, best))


def _numbers_staff(words: set[str]) -> bool:
    """Whether the words of a header are those of a number that an employer gave a person."""
    return bool(words & _STAFF and words & NUMBERED) and words <= _STAFF | NUMBERED | _BESIDE_STAFF


def numbers_responses(column: str) -> bool:
    """Whether a column is headed like the number that a survey tool gives each response."""
    words = set(words_of(column))
    return _is_id(column) or fold(column) == "id" or bool(words & _RESPONSE and (words & NUMBERED or fold(column).endswith("id")))


def _is_id(column: str) -> bool:
    """Whether a column is headed as SurveyMonkey heads its number of a response, which may as well be a study's own id."""
    return fold(column) == "respondentid"


def guess_day(table: Table, taken: Sequence[str]) -> tuple[Guess, str] | None:
    """The column of days on which people answered, of several the plainest and shortest header; and the order of its days."""
    if (own := _named(table, "answered_on", taken)) is not None:
        order = day_order(table.frame[own].drop_nulls())
        return Guess(own, SAME if order else f"{SAME}; its values are no days", sure=order is not None), order or "iso"
    ends: dict[str, str] = {}
    starts: dict[str, str] = {}
    for column in free_columns(table, taken):
        words = set(words_of(f"{column} {table.labels.get(column, '')}"))
        if words & _DAY and (order := day_order(table.frame[column].drop_nulls())) is not None:
            (starts if words & _START else ends)[column] = order
    found = ends or starts
    if not found:
        return None
    said = {column: [set(words_of(text)) for text in (column, table.labels.get(column, "")) if text] for column in found}
    plain = {column for column, texts in said.items() if any(words <= _DAY | _WITH_DAY for words in texts)}
    best = min(found, key=lambda column: (column not in plain, len(words_of(column))))
    days = {column: parsed_days(table.frame[column], order) for column, order in found.items()}
    reason = "by its header or label and its dates" + ("" if best in plain else "; it may be the day of something else")
    return beside(Guess(best, reason, best in plain), _apart(days, best)), found[best]


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
    headed = [column for column in free_columns(table, taken) if set(words_of(column)) & BASE]
    counts = [column for column in headed if may_be_counts(table.frame[column])]
    return beside(Guess(counts[0], "by its header; whole numbers"), counts[1:]) if counts else None


def guess_group(table: Table, group: str, taken: Sequence[str]) -> Guess | None:
    """The column most like the name of a group; of equals the first."""
    wanted = group.replace("_", " ")
    scores = {
        column: max(
            1.0 if fold(text) == fold(group) else max(likeness(text, wanted), 0.9 * names(text, group))
            for text in (column, table.labels.get(column, ""))
        )
        for column in free_columns(table, taken)
    }
    best = max(scores, key=lambda column: scores[column], default="")
    if not best or scores[best] < ALIKE:
        return None
    if scores[best] == 1:
        return Guess(best, SAME)
    rivals = [column for column, score in scores.items() if column != best and score >= ALIKE]
    return beside(Guess(best, f"name {scores[best]:.0%} alike", scores[best] >= 0.9), rivals)
