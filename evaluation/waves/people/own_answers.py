"""People beside themselves: who is recognised answers much as before; answers against those of before show a turned scale.

Item-rest correlations (`compared.turned_items`) stay as they are where every item is turned at once, or where a measure has one.
"""

from collections.abc import Iterator, Sequence

import numpy as np
import polars as pl

from evaluation.protocol.documents import Documents
from evaluation.protocol.wave_checks import read_wave_checks
from evaluation.terms import Level
from evaluation.waves.checks.faults import listed
from evaluation.waves.storage.log import Log
from evaluation.waves.storage.read import checked_pieces, files_by_wave

_PEOPLE = 2_000
"""People who are looked at, from one earlier wave."""


def turned_since(
    documents: Documents, population: str, wave: str, frame: pl.DataFrame, items: Sequence[str], log: Log
) -> Iterator[str]:
    """A note on items whose answers run against those that the same people gave in baseline or the latest other wave.

    Args:
        documents: the plan, with the bounds of a correlation and of people behind it.
        population: whose answers.
        wave: the one that arrives.
        frame: its rows, with pseudonyms.
        items: the columns of answers.
        log: what is stored.

    Raises:
        IntegrityError: a data file is not what was written.
    """
    asked, files = documents.protocol.populations[population], files_by_wave(log)
    if not asked.linkage.recognises or asked.level is not Level.RESPONDENT:
        return
    bounds = read_wave_checks(documents.root)
    others = [name for name in documents.protocol.waves if name in files and name != wave]
    for other in dict.fromkeys([name for name in others if name == documents.protocol.baseline] + others[-1:]):
        both = _met(frame, items, log, files[other])
        found = {item: _correlation(both, item, bounds.turned_item_people) for item in items}
        turned = [f"{item} ({r:.2f})" for item, r in found.items() if r < -bounds.turned_item]
        if turned:
            yield (
                f"people answer against what they answered in wave '{other}': {listed(turned)} (correlation of {both.height:,} "
                "people with themselves): the codes may run the other way in one of the two"
            )


def _met(frame: pl.DataFrame, items: Sequence[str], log: Log, files: dict[str, str]) -> pl.DataFrame:
    """The answers of people who are in a stored wave too, with those of then under `item_then`; of enough people."""
    named = frame.select("respondent", *items).drop_nulls("respondent")
    found: list[pl.DataFrame] = []
    people = 0
    for piece in checked_pieces(log, files, ["respondent", *items]):
        then = piece.with_columns(pl.lit(None, pl.Float64).alias(item) for item in items if item not in piece.columns)
        some = then.gather_every(max(1, then.height // (2 * _PEOPLE)))
        met = named.join(some, on="respondent", suffix="_then")
        found, people = [*found, met], people + met.height
        if people >= _PEOPLE:
            break
    return pl.concat(found)


def _correlation(both: pl.DataFrame, item: str, least: int) -> float:
    """Of the answers now and then; 0 where too few people gave both or all answered alike, or where it may be chance.

    A correlation of n pairs that have nothing to do with each other has a standard error of 1 / sqrt(n - 1); three of them are
    asked for, because many items are looked at.
    """
    pairs = both.select(item, f"{item}_then").drop_nulls().to_numpy().astype(float)
    if len(pairs) < least or not pairs.std(axis=0).all():
        return 0.0
    r = float(np.corrcoef(pairs.T)[0, 1])
    return r if abs(r) > 3 / np.sqrt(len(pairs) - 1) else 0.0
