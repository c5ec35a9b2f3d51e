"""Rows that a platform writes although nobody answered in them: they are set aside before anything is judged, and counted.

Qualtrics keeps previews, tests and what it takes for spam beside the answers and marks them in a column of its own; REDCap writes
a row for a repeated instrument that nobody filled in. A column that the mapping reads is the study's and marks no rows.
"""

from collections.abc import Callable, Mapping, Sequence

import polars as pl

from evaluation.waves.checks.answers import check_answers
from evaluation.waves.checks.intake import Intake
from evaluation.waves.checks.mapping_text import value_flow
from evaluation.waves.readers.qualtrics import marks, status_column
from evaluation.waves.readers.redcap import blank_repeats

NOBODYS = (
    r"(?i)^(grand total|count|averages?|means?|medians?|overall|sub-?totals?|totals?|maximum|minimum|variance|benchmark|gesamt"
    r"|durchschnitt|mittelwert|moyenne|(all|total) (staff|patients|people|respondents|responses))$"
    r"|(^|\s)(averages?|means?|medians?|overall|sub-?totals?|totals?|maximum|minimum|standard (deviation|error)"
    r"|std\.? (dev|err)\.?)([\s:(]|$)"
    r"|^((pilot )?(tests?|testing)|dummy|demo)( (row|response|record|entry|case|user))?$|^asdf$"
)
"""What the last rows of a table and those of a trial are called; 'Max Webb' and 'test01' may be somebody."""
_INITIALS = r"(?i)^(max|min|sd|std|stdev|sum|n|se|sem|ci|var|mode|all)$"
"""What they are called too, and what may be somebody's initials or name."""


def nobodys_names(text: pl.Series) -> pl.Series:
    """(R,) whether an id, or the code of an organisation, may say that a row is a total, a mean, a test or the like."""
    return text.str.contains(f"{NOBODYS}|{_INITIALS}").fill_null(False)


def leave_out(columns: Sequence[str]) -> str:
    """What a mapping's file block says so that rows that are no answers are not read, for a column where they are called so."""
    return f"leave them out by what they are called: leave_out: {value_flow({columns[0] if columns else 'COLUMN': ['WORD']})}"


def summary_rows(intake: Intake, ids: pl.Series) -> pl.Series:
    """(R,) whether a row is a total, a mean, a test or the like, by its respondent's id.

    Where the id may be somebody's initials (SD, MAX) its row has to look like one as well: it has no day and no group, and others
    have, or stands beside a summary and lacks one of them. Where the file tells neither of anybody, some answer is none on its
    scale, rows beside it are summaries, or it ends the file and another such row does too, or it holds the highest
    answer to every item, or the lowest.
    """
    certain = ids.str.contains(NOBODYS).fill_null(False)
    initials = ids.str.contains(_INITIALS).fill_null(False)
    if not initials.any():
        return certain
    named = certain | initials
    block = named.rle_id()
    told = _told(intake, ~named)
    if told.width:
        partly = ~told.select(pl.all_horizontal(pl.all())).to_series() & block.is_in(block.filter(certain).unique().implode())
        return certain | (initials & (partly | ~_any(told)))
    odd = [row for row in initials.arg_true().to_list() if check_answers(intake.where_holds(_only(row, intake.total))).problems]
    certain = certain.scatter(odd, True)
    beside = named & block.is_in(block.filter(certain).unique().implode())
    last: pl.Series = named & (block == block[-1])
    if not (last & ~beside).any():
        return beside
    at_the_end = last if int(last.sum()) > 1 else last & _at_the_ends(intake, last)
    return beside | at_the_end


def summaries_by_group(intake: Intake) -> dict[str, pl.Series]:
    """By group, (R,) whether a row is a total, a mean or the like by what stands in the column of the group.

    Such a row has no day, no other group and no id where others have, and no row that has any says the same: that is a category.
    """
    found: dict[str, pl.Series] = {}
    for group, source in intake.layout.groups.items():
        if source.column is None:
            continue
        text = intake.column(source.column)
        different = text.drop_nulls().unique()
        words = different.filter(nobodys_names(different))
        if not len(words):
            continue
        named = text.is_in(words.implode()).fill_null(False)
        told = _told(intake, ~named, "respondent", but=group)
        if told.width:
            of_people = text.filter(_any(told)).unique()
            found[group] = named & ~_any(told) & ~text.is_in(of_people.implode()).fill_null(False)
    return found


def _told(intake: Intake, people: pl.Series, *keys: str, but: str = "") -> pl.DataFrame:
    """(R, K) whether a row has a day, each group but one, and these keys, where more than half of `people` have it."""
    sources = {name: intake.layout.keys[name] for name in ("answered_on", *keys) if name in intake.layout.keys}
    sources |= {name: source for name, source in intake.layout.groups.items() if name != but}
    told = {name: intake.text(source)[0].is_not_null() for name, source in sources.items() if source.column is not None}
    return pl.DataFrame({name: rows for name, rows in told.items() if 2 * int((rows & people).sum()) > int(people.sum())})


def _any(told: pl.DataFrame) -> pl.Series:
    return told.select(pl.any_horizontal(pl.all())).to_series()


def _only(row: int, rows: int) -> pl.Series:
    return pl.int_range(rows, eager=True) == row


def _at_the_ends(intake: Intake, apart: pl.Series) -> pl.Series:
    """(R,) whether a row holds the highest of the answers of all rows that are not `apart` in every item, or the lowest."""
    answers = pl.DataFrame(check_answers(intake).columns)
    items = [item for item in answers.columns if answers[item].count()]
    people = answers.filter(~apart)
    if not items or not people.height:
        return apart & False
    ends = (people.select(pl.col(items).max()), people.select(pl.col(items).min()))
    found = [pl.all_horizontal(*(pl.col(item) == end[item].item() for item in items)).fill_null(False) for end in ends]
    return answers.select(pl.any_horizontal(*found)).to_series()


def without_nobodys(intake: Intake) -> tuple[Intake, dict[str, int]]:
    """The rows that somebody may have answered, and how many others there are, by the reason that the platform gives."""
    if intake.form.format not in _REASONS or not intake.total:
        return intake, {}
    reasons = _REASONS[intake.form.format](intake)
    counts = {reason: int(rows.sum()) for reason, rows in reasons.items() if rows.any()}
    if not counts:
        return intake, {}
    kept = ~pl.select(pl.any_horizontal(*reasons.values())).to_series()
    return intake.where_holds(kept), counts


def _by_status(intake: Intake) -> Mapping[str, pl.Series]:
    name = status_column(intake.cells.columns)
    return {} if name is None or name in intake.layout.columns() else marks(intake.column(name))


def _blank(intake: Intake) -> Mapping[str, pl.Series]:
    return {"REDCap's blank row of a repeated instrument": blank_repeats(intake.cells.select(pl.all().cast(pl.String)))}


_REASONS: dict[str, Callable[[Intake], Mapping[str, pl.Series]]] = {"qualtrics": _by_status, "redcap": _blank}
"""By format, (R,) masks of rows by why they are nobody's; no row has two reasons."""
