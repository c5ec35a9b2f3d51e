"""Late answers that are not late: rows of an organisation that stand in the wave already and are sent once more.

Where people are followed by pseudonyms a second answer is refused by its pseudonym. Without ids only the answers can tell, and a
few equal answers are chance: what is refused has enough of them that chance is no explanation.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence

import polars as pl

from evaluation.errors import Problem, WaveError
from evaluation.waves.checks.faults import agreeing, counted, listed
from evaluation.waves.storage.same_answers import ENOUGH_ROWS, NEARLY, are_rare, different, equal_within, hashed

WHOLE_EXPORT, LONGER, KINDS = 20, 1.3, 0.5
"""Stored rows of which nearly all come again, how many times as long a file may be, and what share of them must be different, for
it to be taken for a whole export."""
FEWEST_AGAIN = 3
"""Stored rows, half of them different or more, that all come again in a file that is refused; of fewer it may be chance."""


def refuse_unnamed_again(frame: pl.DataFrame, known: Collection[str], wave: str) -> None:
    """Refuse late answers beside which rows without ids come again as they are stored: the same people's, or others'?

    Args:
        frame: the rows that arrive.
        known: organisations whose rows are stored, row for row.
        wave: for the message.

    Raises:
        WaveError: such an organisation has rows without ids.
    """
    again = frame.filter(pl.col("organisation").is_in(list(known)) & pl.col("respondent").is_null())
    if again.height:
        names = listed(again["organisation"].unique().sort().to_list(), 5)
        raise WaveError(
            f"{counted(again.height, 'row', 'rows')} of {names} {agreeing('equal rows that are stored, and name', again.height)} "
            "nobody: nobody can tell whether other people "
            "gave them.",
            where=f"wave '{wave}'",
            fix="leave them out where they are the same; where others gave them, add the day or an id to the rows, or replace "
            'all of the organisation\'s rows with --supersede --reason "...".',
            code="already-answered",
        )


def check_late(late: pl.DataFrame, stored: pl.DataFrame, wave: str, groups: Sequence[str]) -> tuple[str, ...]:
    """Refuse late answers that repeat what is stored; notes on those that may.

    Args:
        late: rows of organisations that already have rows in the wave, pseudonymised.
        stored: the stored rows of the same organisations and wave.
        wave: for the message.
        groups: of the population.

    Raises:
        WaveError: somebody in `late` has already answered; or people have no ids and the file repeats stored rows.
    """
    people = late.drop_nulls("respondent")
    twice = people.join(stored, on=["organisation", "respondent"], how="semi").height
    have = f"{counted(people.height, 'respondent', 'respondents')} in the file {agreeing('have already answered', twice)}"
    problems = [_repeated(f"{twice:,} of {have}.", wave)] if twice else []
    notes = []
    again = {} if twice else _answered_again(late, stored, groups)
    for organisation, new, held in _unlinked(late, stored):
        equal = new.total() - (new - held).total()
        says = f"{equal:,} of {new.total():,} rows without an id equal rows of {organisation} that are stored"
        varied = 2 * len(held) >= held.total() >= FEWEST_AGAIN
        if not held - new and varied:
            problems.append(
                _repeated(f"the file repeats all {held.total():,} stored rows of {organisation}: a whole export.", wave)
            )
        elif equal == new.total() >= ENOUGH_ROWS and varied:
            problems.append(_repeated(f"{says}.", wave))
        elif organisation in again:
            continue
        elif equal:
            notes.append(f"{says}; if they are the same people, they now count twice.")
    if problems:
        raise WaveError(problems)
    if again:
        raise WaveError(_again(again, wave))
    return tuple(notes)


def _answered_again(late: pl.DataFrame, stored: pl.DataFrame, groups: Sequence[str]) -> dict[str, tuple[int, int]]:
    """Organisations whose late rows answer as stored ones do: how many, and of how many.

    More than half of them where hardly two stored rows are alike; elsewhere nearly all that is stored, in a file not much longer,
    with the same answers beside the same groups or the same days.
    """
    asked = [name for name, dtype in late.schema.items() if dtype == pl.Float64 and late[name].count()]
    rows, held = (dict(one.group_by("organisation").len().iter_rows()) for one in (late, stored))
    found: dict[str, tuple[int, int]] = {}
    for columns in (asked, [*groups, *asked], ["answered_on", *asked]):
        mine, theirs = (hashed([one], columns) for one in (late, stored))
        equal, share = equal_within(mine, theirs), different(theirs, rows)
        for name, count in sorted(equal.items()):
            rare = columns is asked and are_rare(theirs) and ENOUGH_ROWS <= count > rows[name] / 2
            whole = share[name] >= KINDS and WHOLE_EXPORT <= held[name] >= rows[name] / LONGER and count >= NEARLY * held[name]
            if rare or whole:
                found.setdefault(name, (count, rows[name]))
    return {name: found[name] for name in sorted(found)}


def _again(again: Mapping[str, tuple[int, int]], wave: str) -> Problem:
    equal, rows = (sum(counts) for counts in zip(*again.values(), strict=True))
    return _repeated(f"{equal:,} of {rows:,} rows of {listed([*again], 5)} answer as rows do that are stored, one by one.", wave)


def _unlinked(late: pl.DataFrame, stored: pl.DataFrame) -> Iterator[tuple[str, Counter[str], Counter[str]]]:
    """By organisation, of rows that name nobody: how often each comes in the file, and how often it is stored.

    Where every stored row of the organisation names somebody, those rows are looked at: they may come again without their ids.
    """
    both = pl.concat([late.with_columns(came=pl.lit(True)), stored.with_columns(came=pl.lit(False))], how="diagonal")
    columns = sorted(set(both.columns) - {"came", "respondent"})
    lines = both.select("organisation", "came", "respondent", line=pl.struct(columns).struct.json_encode())
    for organisation in late["organisation"].unique(maintain_order=True):
        mine, nobody = lines.filter(pl.col("organisation") == organisation), pl.col("respondent").is_null()
        new, held = mine.filter(pl.col("came") & nobody), mine.filter(~pl.col("came"))
        if new.height:
            unnamed = held.filter(nobody)
            yield (
                str(organisation),
                Counter(new["line"].to_list()),
                Counter((unnamed if unnamed.height else held)["line"].to_list()),
            )


def _repeated(what: str, wave: str) -> Problem:
    fix = 'append only answers that came late, or replace all of the organisation\'s rows with --supersede --reason "...".'
    return Problem(what, f"wave '{wave}'", fix, "already-answered")
