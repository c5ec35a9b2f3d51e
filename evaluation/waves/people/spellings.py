"""Ids that look like those of stored waves written in another way, or under another organisation: they recognise nobody.

Told before they are stored.
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from unicodedata import normalize

import polars as pl

from evaluation.protocol.model import Protocol
from evaluation.terms import Level
from evaluation.waves.checks.faults import counted
from evaluation.waves.people.keys import Key
from evaluation.waves.people.linkage import pseudonymise

_LOOKED_AT = 500
"""People of an arriving wave whose ids are tried in other spellings."""
_TRIED = {"how": pl.String, "number": pl.Int64, "wave": pl.String, "organisation": pl.String, "respondent": pl.String}
_ELSEWHERE, _ELSEWHERE_TRIED = "under another organisation", 50_000
"""How ids are tried that are not written in another way, and how many tries that may take."""
_NOBODY = 20
"""Ids of which none is met before that is told: a small team may be new."""
_LONGEST = 12
"""Digits up to which noughts are tried in front of a number."""


def unlike_stored(
    arriving: pl.DataFrame,
    places: Collection[str],
    near: Iterable[pl.DataFrame],
    far: Iterable[pl.DataFrame],
    protocol: Protocol,
    population: str,
    key: Key,
) -> tuple[str, ...]:
    """A note where few people of a wave are recognised and far more would be if their ids were written in another way.

    Args:
        arriving: rows with `wave`, `organisation` and the `respondent` ids as read.
        places: organisations that have stored rows.
        near: `organisation` and `respondent` (pseudonyms) of those rows, piece by piece: of waves that tell how ids are written.
        far: the same of all other waves. Where nobody of `near` is met in another spelling, they are not asked for.
        protocol: says whether people are recognised at all.
        population: whom the rows are from.
        key: the secret that the pseudonyms were made with.

    Ids are counted and never shown.
    """
    asked = protocol.populations[population]
    if not asked.linkage.recognises or asked.level is not Level.RESPONDENT or not places:
        return ()
    people = _some_people(arriving.filter(pl.col("organisation").is_in(list(places))))
    hidden = pseudonymise(_tries(people, places), key, protocol, population)
    met = _met(hidden, near, far, people.height / 2)
    as_written, elsewhere = met.pop("", 0), met.pop(_ELSEWHERE, 0)
    if 2 * as_written >= people.height:
        return ()
    ids = counted(people.height, "respondent id", "respondent ids")
    if 2 * elsewhere > people.height:
        return (
            f"of {ids}, {as_written:,} {'is' if as_written == 1 else 'are'} stored under their "
            f"organisation, and {elsewhere:,} under another one: ids or organisations may have been sorted by themselves.",
        )
    best, how = max(((count, how) for how, count in met.items()), default=(0, ""))
    if not as_written and not best and people.height >= _NOBODY:
        return (
            f"none of {people.height:,} respondent ids that were looked for is stored: where the same people were "
            "asked before, ids are made or written otherwise now (a prefix, another list), and nobody is recognised.",
        )
    if best <= 2 * as_written or 10 * best < people.height:
        return ()
    known = f"{as_written:,} {'is' if as_written == 1 else 'are'} in the store"
    return (
        f"of {ids}, {known}, and {best:,} would be if they were written {how}: "
        "the same people count as others. Write ids in every wave as in the first.",
    )


def _some_people(rows: pl.DataFrame) -> pl.DataFrame:
    """Wave, organisation and id of about `_LOOKED_AT` of the people who have one, each once, from all parts of the file."""
    named = rows.select("wave", "organisation", "respondent").drop_nulls()
    return named.gather_every(max(1, named.height // _LOOKED_AT)).unique(maintain_order=True)


def _tries(people: pl.DataFrame, places: Collection[str]) -> pl.DataFrame:
    """Every id as it is written, in other spellings, and under other organisations, as many as may be tried; columns `_TRIED`."""
    tried = [
        (how, number, wave, place, one)
        for how, spelt in (("", _as_written), *_SPELLINGS.items())
        for number, (wave, place, person) in enumerate(people.iter_rows())
        for one in spelt(person)
    ]
    others = sorted(places)[: _ELSEWHERE_TRIED // max(people.height, 1)]
    tried += [
        (_ELSEWHERE, number, wave, other, person)
        for number, (wave, place, person) in enumerate(people.iter_rows())
        for other in others
        if other != place
    ]
    return pl.DataFrame(tried, schema=_TRIED, orient="row")


def _met(tried: pl.DataFrame, near: Iterable[pl.DataFrame], far: Iterable[pl.DataFrame], enough: float) -> dict[str, int]:
    """By way of writing, how many people it recognises; nothing more is read once `enough` are as they are written.

    Of the stored rows only those that somebody was tried as are kept; `far` ones are read where somebody is met in another
    spelling.
    """
    pair, met = ["organisation", "respondent"], dict[str, int]()
    held = tried.clear().select(pair)
    for pieces in (near, far):
        for piece in pieces:
            held = pl.concat([held, piece.select(pair).join(tried, on=pair, how="semi")])
            counts = tried.join(held, on=pair, how="semi").group_by("how").agg(pl.col("number").n_unique())
            met = dict(counts.iter_rows())
            if met.get("", 0) >= enough:
                return met
        if not met.keys() - {"", _ELSEWHERE}:
            return met
    return met


def _as_written(person: str) -> tuple[str, ...]:
    return (person,)


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
    "without spaces, hyphens and other signs": lambda person: _other("".join(filter(str.isalnum, person)), person),
    "with accents as signs of their own": lambda person: _other(normalize("NFD", person), person),
    "with letters and accents as one": lambda person: _other(normalize("NFC", person), person),
}
