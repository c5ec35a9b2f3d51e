"""People who arrive beside people who are stored: their ids in another spelling, or their organisation under another code.

Of the stored waves only some are read, so that a load costs no more after forty waves than after four. How ids are written shows
in the first and the two latest waves of an organisation, and in the wave that the rows join; all others are read where somebody
in these is met under an id in another spelling, so that what is told is counted over the whole store.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date
from pathlib import Path

import polars as pl

from evaluation.protocol.documents import Documents
from evaluation.waves.collect import Collected
from evaluation.waves.people.keys import Key
from evaluation.waves.people.lines import check_renamed, stored_under
from evaluation.waves.people.spellings import unlike_stored
from evaluation.waves.storage.compare import as_stored
from evaluation.waves.storage.log import Log
from evaluation.waves.storage.read import checked_pieces, checked_rows, files_by_wave


def beside_stored(
    documents: Documents,
    collected: Collected,
    frame: pl.DataFrame,
    log: Log,
    key: Key,
    renamed: Mapping[str, tuple[str, date]],
    lines: Mapping[str, str],
) -> tuple[str, ...]:
    """Notes on people who look like stored ones.

    Args:
        documents: the plan.
        collected: the rows that arrive, with ids as read.
        frame: the same with pseudonyms.
        log: what is stored.
        key: the secret.
        renamed: by the code of an organisation, the one before it and the day of the change.
        lines: by the code of an arriving organisation, the one that its pseudonyms are made under.

    Raises:
        WaveError: half the rows of an organisation, or more, are stored in the same wave under its other code.
        IntegrityError: a data file is not what was written.
    """
    files, under = files_by_wave(log), stored_under(log)
    protocol, population = documents.protocol, collected.population
    notes: list[str] = []
    if renamed:
        here, there = files.get(collected.wave), as_stored(frame)
        there = pl.concat([checked_rows(log, here), there], how="diagonal") if here else there
        notes += check_renamed(collected.frame, there, protocol, population, key, renamed, {**under, **lines})
    if log.key_mark is not None and protocol.populations[population].linkage.recognises:
        held = _held(log, files, under, set(lines.values()))
        telling = _telling(list(protocol.waves), log, under, set(lines.values())) | {collected.wave}
        near, far = (
            _people(log, [held[wave] for wave in held if (wave in telling) is nearby], under) for nearby in (True, False)
        )
        arriving = collected.frame.with_columns(pl.col("organisation").replace(dict(lines)))
        notes += unlike_stored(arriving, set(under.values()), near, far, protocol, population, key)
    return tuple(notes)


def _held(
    log: Log, files: Mapping[str, Mapping[str, str]], under: Mapping[str, str], arriving: Collection[str]
) -> dict[str, dict[str, str]]:
    """Of the data files of each wave those that may hold rows of arriving organisations: a load's own, or kept of others."""
    holding: dict[str, set[str]] = {}
    for commit in log.commits:
        if commit.load is not None:
            kept = [holding.get(name, set()) for name in commit.removed]
            holding |= dict.fromkeys(commit.added, set(commit.load.counts).union(*kept))
    lines = {name: {under[code] for code in codes} for name, codes in holding.items()}
    return {
        wave: {path: digest for path, digest in some.items() if not lines[Path(path).name].isdisjoint(arriving)}
        for wave, some in files.items()
    }


def _telling(order: list[str], log: Log, under: Mapping[str, str], arriving: Collection[str]) -> set[str]:
    """The first and the two latest stored waves of every organisation that arrives."""
    waves: dict[str, set[str]] = {}
    for wave, name in log.places:
        if under[name] in arriving:
            waves.setdefault(under[name], set()).add(wave)
    places = {wave: place for place, wave in enumerate(order)}
    held = (sorted(some, key=lambda wave: places.get(wave, -1)) for some in waves.values())
    return {wave for some in held for wave in (some[0], *some[-2:])}


def _people(log: Log, waves: Iterable[Mapping[str, str]], under: Mapping[str, str]) -> Iterator[pl.DataFrame]:
    """Organisation, as its pseudonyms were made under it, and pseudonym of all rows of some data files, piece by piece."""
    former = {name: line for name, line in under.items() if name != line}
    for files in waves:
        for path, digest in files.items():
            for rows in checked_pieces(log, {path: digest}, ["organisation", "respondent"]):
                yield rows.with_columns(pl.col("organisation").replace(former)) if former else rows
