"""Ids that look like those of stored waves written in another way: told before they are stored, for they recognise nobody."""

from collections.abc import Callable, Iterable, Iterator

import polars as pl

from evaluation.protocol.model import Protocol
from evaluation.terms import Level
from evaluation.waves.keys import Key
from evaluation.waves.linkage import pseudonyms_at

_LOOKED_AT = 500
"""People of an arriving wave whose ids are tried in other spellings."""
_LONGEST = 12
"""Digits up to which noughts are tried in front of a number."""


def unlike_stored(arriving: pl.DataFrame, stored: pl.DataFrame, protocol: Protocol, population: str, key: Key) -> tuple[str, ...]:
    """A note where few people of a wave are recognised and far more would be if their ids were written in another way.

    Args:
        arriving: rows with `wave`, `organisation` and the `respondent` ids as read.
        stored: `organisation` and `respondent` (pseudonyms) of the rows that stand, in whatever wave.
        protocol: says whether people are recognised at all.
        population: whom the rows are from.
        key: the secret that the pseudonyms were made with.

    Ids are counted and never shown.
    """
    asked = protocol.populations[population]
    if not asked.linkage.recognises or asked.level is not Level.RESPONDENT or not stored.height:
        return ()
    people = arriving.select("organisation", "respondent").drop_nulls().unique().sort("organisation", "respondent")
    people = people.join(stored.select("organisation").unique(), on="organisation", how="semi")
    people = people.gather_every(max(1, people.height // _LOOKED_AT))
    there = set(stored.select("organisation", "respondent").drop_nulls().iter_rows())
    makers = {place: pseudonyms_at(key, protocol, population, "", place) for place in people["organisation"].unique()}

    def met(spelt: Callable[[str], Iterable[str]]) -> int:
        return sum(any((place, makers[place](one)) in there for one in spelt(person)) for place, person in people.iter_rows())

    as_written = met(lambda person: (person,))
    if 2 * as_written >= people.height:
        return ()
    best, how = max((met(spelt), how) for how, spelt in _SPELLINGS.items())
    if best <= 2 * as_written or 10 * best < people.height:
        return ()
    known = f"{as_written:,} {'is' if as_written == 1 else 'are'} in the store"
    return (
        f"of {people.height:,} respondent ids, {known}, and {best:,} would be if they were written {how}: "
        "the same people count as others. Write ids in every wave as in the first.",
    )


def _with_noughts(person: str) -> Iterator[str]:
    if person.isdigit():
        yield from (person.zfill(length) for length in range(len(person) + 1, _LONGEST + 1))


def _other(changed: str, person: str) -> tuple[str, ...]:
    return (changed,) if changed and changed != person else ()


_SPELLINGS: dict[str, Callable[[str], Iterable[str]]] = {
    "with noughts in front": _with_noughts,
    "without the noughts in front": lambda person: _other(person.lstrip("0"), person),
    "in capitals": lambda person: _other(person.upper(), person),
    "in small letters": lambda person: _other(person.lower(), person),
}
