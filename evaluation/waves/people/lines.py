"""Organisations under a new code: their people keep the pseudonyms that the code before gave them.

A pseudonym is made under one code. An organisation that carries on another's history (`Register.renamed`) takes the code that its
predecessor's people are known under, so that nobody leaves and joins because of a new name and nothing stored changes. What an
organisation was first stored under it stays under, whatever the register says later; a load records it where it is a former code.
One that was withdrawn from every wave is as if never stored, and its code is looked up anew when it comes again.
An organisation that answers in a wave which closed before it took its predecessor's place stood beside it: it keeps its own.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date

import polars as pl

from evaluation.errors import Problem, WaveError
from evaluation.protocol.model import Protocol
from evaluation.waves.checks.faults import counted
from evaluation.waves.people.keys import Key
from evaluation.waves.people.linkage import pseudonymise
from evaluation.waves.storage.compare import as_stored
from evaluation.waves.storage.log import Log
from evaluation.waves.storage.same_answers import NEARLY, answer_columns, are_rare, hashed, telling

_PLACE = ("organisation", "unit", "arm")


def stored_under(log: Log) -> dict[str, str]:
    """Every organisation with stored rows in any version, and the code under which its people's pseudonyms were made last."""
    return {name: load.lines.get(name, name) for _, load in log.loads for name in load.counts}


def ever_stored_under(log: Log) -> list[dict[str, str]]:
    """The same, once for each code that there was: an organisation that was withdrawn may have come again under another.

    An organisation with fewer codes than others has its last one in all that are left.
    """
    found: dict[str, list[str]] = {}
    for _, load in log.loads:
        for name in load.counts:
            codes, code = found.setdefault(name, []), load.lines.get(name, name)
            codes += [] if code in codes else [code]
    most = max(map(len, found.values()), default=0)
    return [{name: codes[min(place, len(codes) - 1)] for name, codes in found.items()} for place in range(most)]


def lines_of(organisations: Iterable[str], log: Log, renamed: Mapping[str, tuple[str, date]], closes: date) -> dict[str, str]:
    """The code under which the people of each of these organisations are known in a wave that closes on a day."""
    there = {name for _, name in log.places}
    stored = {name: code for name, code in stored_under(log).items() if name in there}

    def line(name: str) -> str:
        before, day = renamed.get(name, (name, date.max))
        if name in stored or day > closes or before == name:
            return stored.get(name, name)
        return line(before)

    return {name: line(name) for name in organisations}


def check_renamed(
    arriving: pl.DataFrame,
    stored: pl.DataFrame,
    protocol: Protocol,
    population: str,
    key: Key,
    renamed: Mapping[str, tuple[str, date]],
    under: Mapping[str, str],
) -> tuple[str, ...]:
    """Refuse answers that stand in the same wave under another code of the organisation; notes on ids and rows that may.

    Args:
        arriving: rows of one wave with ids as read.
        stored: rows that would stand in that wave, with pseudonyms: those that do, and those that arrive.
        protocol: says how people are recognised; figures that somebody published name nobody.
        population: whom the rows are from.
        key: the secret.
        renamed: by the code of an organisation, the one before it and the day of the change.
        under: by code of an organisation, the one that its pseudonyms were made under.

    Raises:
        WaveError: half the rows of an organisation, or more, are there under its other code, by their ids or answering so that
            chance is no explanation.
    """
    if protocol.populations[population].level.is_published:
        return ()
    problems, notes = [], []
    there, came = (set(frame["organisation"].unique()) for frame in (stored, arriving))
    for name, other in _pairs(came, there, renamed):
        code = {name: under.get(other, other)}
        rows = as_stored(pseudonymise(arriving.filter(pl.col("organisation") == name), key, protocol, population, code))
        held = stored.filter(pl.col("organisation") == other)
        equal, met = _equal(rows, held), rows.join(held, on="respondent", how="semi").height
        if 2 * equal >= rows.height and (met or _is_no_chance(rows, held, equal, protocol.populations[population].groups)):
            problems.append(_twice(name, other, equal, rows.height))
        elif met or (equal and 2 * equal >= rows.height):
            ids = counted(met, "respondent id", "respondent ids") if met else counted(equal, "row", "rows")
            are = f"{'is' if (met or equal) == 1 else 'are'} {'ids' if met else 'rows'} of '{other}' in this wave too"
            notes.append(
                f"{ids} of '{name}' {are}, and the register says that one became the other; if they are the same people, they "
                "count twice"
            )
    if problems:
        raise WaveError(problems)
    return tuple(notes)


def _is_no_chance(rows: pl.DataFrame, held: pl.DataFrame, equal: int, groups: Sequence[str]) -> bool:
    """Whether people without ids cannot have answered alike by chance: nearly all rows equal, or hardly two of many alike."""
    items = [name for name, dtype in rows.schema.items() if dtype == pl.Float64]
    columns = answer_columns(rows, items, ["answered_on", *groups])
    told = telling(rows, items, rows["organisation"].unique()) & telling(rows, columns, rows["organisation"].unique())
    return bool(told) and (equal >= NEARLY * rows.height or are_rare(hashed([rows, held], columns)))


def _pairs(came: set[str], there: set[str], renamed: Mapping[str, tuple[str, date]]) -> Iterator[tuple[str, str]]:
    """Arriving codes and others of which one became the other, through as many steps as there are; each two once."""
    for name in sorted(came | there):
        before = name
        while before in renamed:
            before = renamed[before][0]
            yield from [(one, other) for one, other in ((name, before), (before, name)) if one in came and other in there][:1]


def _equal(rows: pl.DataFrame, held: pl.DataFrame) -> int:
    """How many rows are in both, whatever code they carry."""
    both = pl.concat([rows.with_columns(came=pl.lit(True)), held.with_columns(came=pl.lit(False))], how="diagonal")
    columns = sorted(set(both.columns) - {*_PLACE, "came"})
    lines = both.select("came", line=pl.struct(columns).struct.json_encode())
    new, old = (Counter(lines.filter(side)["line"].to_list()) for side in (pl.col("came"), ~pl.col("came")))
    return (new & old).total()


def _twice(name: str, other: str, equal: int, rows: int) -> Problem:
    return Problem(
        f"{equal:,} of {rows:,} rows of '{name}' stand in this wave already, under its other code '{other}'.",
        "organisations.csv names them as one organisation",
        f"send the answers of this wave once; what '{other}' sent is replaced under '{other}', with --supersede, and rows that "
        f"should not stand under '{other}' go by 'pilot wave withdraw'.",
        "already-answered",
        equal,
    )
