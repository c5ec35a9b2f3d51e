"""Are the rows that arrive rows that are there already? A wave's file sent again as another wave or as another organisation's.

A few equal answers are chance: what is refused has enough of them, or ids that are equal too, so that chance is no explanation.
"""

from collections.abc import Collection, Mapping, Sequence

import polars as pl

from evaluation.errors import Problem, WaveError
from evaluation.protocol.documents import Documents
from evaluation.waves.checks.faults import listed
from evaluation.waves.collect import Collected
from evaluation.waves.people.keys import Key
from evaluation.waves.people.lines import stored_under
from evaluation.waves.people.linkage import pseudonymise
from evaluation.waves.storage.compare import content_hashes, content_hashes_in, standing
from evaluation.waves.storage.log import Log
from evaluation.waves.storage.read import checked_pieces, files_by_wave
from evaluation.waves.storage.same_answers import (
    ENOUGH_CELLS,
    FEW,
    NEARLY,
    answer_columns,
    are_rare,
    equal_across,
    hashed,
    telling,
)

FEWEST_NAMED = 3
"""Rows, their ids and answers equal to another organisation's, from which a file is refused; of fewer it may be chance."""
ENOUGH_PUBLISHED = 12
"""Published figures that are equal in two waves, of whatever organisations, from which they are told."""


def check_copy(
    documents: Documents,
    collected: Collected,
    frame: pl.DataFrame,
    log: Log,
    key: Key,
    lines: Mapping[str, str],
    reason: str,
    is_new: bool,
) -> tuple[str, ...]:
    """Refuse a file of which most rows, or those of several organisations, stand in another wave of the population as they are.

    That one small organisation gave the same answers is noted. Published figures, whole percentages of few organisations above
    all, may be the same a year later: nothing in them tells that from a copy; whoever loads them may say why they are the same.

    Args:
        documents: the plan.
        collected: the rows that arrive, with ids as read.
        frame: the same with pseudonyms.
        log: what is stored.
        key: the secret.
        lines: organisations that are known under a former code (`lines.lines_of`).
        reason: why a published table is the same as another wave's, '' where nobody said so; kept with the load.
        is_new: whether the rows are to stand beside none of theirs; only then `reason` is about a table that is the same.

    Raises:
        WaveError: rows that are no chance, or a whole published table, are those of one other wave, and nobody said why.
    """
    items, asked = collected.items, documents.protocol.populations[collected.population]
    filled = pl.sum_horizontal(pl.col(items).is_not_null()).sum() if items else pl.lit(0)
    sizes = {str(name): (rows, cells) for name, rows, cells in frame.group_by("organisation").agg(pl.len(), filled).rows()}
    least = 0 if asked.level.is_published else ENOUGH_CELLS
    enough = {name: rows for name, (rows, cells) in sizes.items() if cells >= least}
    known = answer_columns(frame, items, [*asked.groups, "answered_on"])
    there = {wave: standing(log.loads, wave) for wave in sorted({load.wave for _, load in log.loads} - {collected.wave})}
    alike = {wave: {name for name, held in stand.items() if enough.get(name) == held.rows} for wave, stand in there.items()}
    if asked.linkage.recognises:
        hashes = content_hashes_in(frame, alike)
    else:
        hashes = {wave: _hashes_of_wave(documents, collected, key, lines, wave, names) for wave, names in alike.items() if names}
    notes = []
    for wave, found in hashes.items():
        stand = there[wave]
        same = [name for name, digest in found.items() if digest in {stand[name].content, *stand[name].arrived}]
        if asked.level.is_published and sum(sizes[name][1] for name in same) < ENOUGH_PUBLISHED:
            continue
        rows = sum(sizes[name][0] for name in same)
        if asked.level.is_published:
            is_copy = len(same) == len(sizes) and not (reason and is_new)
        else:
            told = telling(frame, known, same) if rows >= FEW else set()
            is_copy = len(told) > 1 or bool(told and 2 * rows > frame.height)
        if is_copy:
            raise WaveError(_of_another_wave(collected, wave, same, len(sizes), _if_unchanged(asked.level.is_published, is_new)))
        if same:
            notes.append(f"{len(same)} of the file's organisations gave exactly the answers that stand in wave '{wave}'.")
    return tuple(notes)


def _of_another_wave(collected: Collected, wave: str, same: Sequence[str], of: int, unchanged: str) -> Problem:
    """`same` of the file's organisations come again as they stand in `wave`; `unchanged` says what to do where that is right."""
    whose = "the file's rows" if len(same) == of else f"the rows of {len(same):,} of the file's {of:,} organisations"
    return Problem(
        f"{whose} stand in the store as wave '{wave}' already; the file was sent as wave '{collected.wave}'.",
        f"population '{collected.population}', rows of {listed(sorted(same), 5)}",
        f"send the answers of '{collected.wave}'; if '{wave}' is wrong, put that right first: with --supersede, or "
        f"with 'pilot wave withdraw' where nothing is to take their place{unchanged}.",
        "copy-of-another-wave",
    )


def _if_unchanged(is_published: bool, is_new: bool) -> str:
    """How a published table that is the same as another wave's is stored: replacing nothing, for a reason of its own."""
    first = "" if is_new else "first take out what stands in their place, with 'pilot wave withdraw'; then load them anew and "
    return f'; if these figures were published for it, {first}say --reason "..."' if is_published else ""


def refuse_of_another(
    documents: Documents, collected: Collected, log: Log, key: Key, fresh: Collection[str], replaced: Collection[str]
) -> None:
    """Refuse rows of an organisation that are another's: a file under the wrong name, or a code put right in a second export.

    Comes after `lines.check_renamed`, for an organisation under its former code is no other one.

    Args:
        documents: the plan.
        collected: the rows that arrive, with ids as read.
        log: what is stored.
        key: the secret.
        fresh: organisations that have no rows in the wave yet.
        replaced: organisations whose stored rows the arriving ones take the place of.

    Raises:
        WaveError: nearly all rows of one of them answer as rows of another organisation do, in the store or in the file.
    """
    asked, frame = documents.protocol.populations[collected.population], collected.frame
    if asked.level.is_published:
        return
    columns = answer_columns(frame, collected.items, ["answered_on", *asked.groups])
    rows = hashed([frame], columns)
    mine = rows.filter(pl.col("organisation").is_in(list(fresh)))
    pieces = checked_pieces(log, files_by_wave(log).get(collected.wave, {}), ["organisation", *columns])
    stay = hashed(pieces, columns).filter(~pl.col("organisation").is_in(list(replaced)))
    pairs = [*equal_across(mine, pl.concat([stay, rows.filter(pl.col("row").is_duplicated())]))]
    if not pairs:
        return
    everybody = pl.concat([stay, rows.filter(~pl.col("organisation").is_in(stay["organisation"].unique().implode()))])
    counts = dict(everybody.group_by("organisation").len().iter_rows())
    rare = are_rare(everybody)
    found: dict[str, tuple[str, int]] = {}
    for own, other, equal in pairs:
        longer = counts[own] if rare else max(counts[own], counts[other], FEW)
        if equal >= NEARLY * longer:
            found.setdefault(own, (other, equal))
    told = telling(frame, collected.items, found) & telling(frame, columns, found)
    whole = [(own, other) for own, other, equal in pairs if own not in told and equal >= NEARLY * counts[own]]
    standing_still = [(own, other) for own, other in whole if other not in replaced]
    named = _of_the_same_people(documents, collected, log, key, columns, standing_still)
    some = telling(frame, collected.items, named, FEWEST_NAMED) & telling(frame, columns, named, FEWEST_NAMED)
    found, told = found | {own: named[own] for own in some}, told | some
    if told:
        raise WaveError(_of_another(collected, {own: (*found[own], counts[own]) for own in sorted(told)}))


def _of_the_same_people(
    documents: Documents, collected: Collected, log: Log, key: Key, columns: Sequence[str], pairs: Collection[tuple[str, str]]
) -> dict[str, tuple[str, int]]:
    """By organisation, another one in which nearly all its rows are stored by id and answers both, and how many: never chance."""
    if not pairs:
        return {}
    under, found = stored_under(log), dict[str, tuple[str, int]]()
    kept = ["organisation", "respondent", *columns]
    pieces = checked_pieces(log, files_by_wave(log).get(collected.wave, {}), kept)
    stored = hashed((piece.drop_nulls("respondent") for piece in pieces), kept[1:])
    named = collected.frame.drop_nulls("respondent")
    for own, other in pairs:
        rows = named.filter(pl.col("organisation") == own)
        line = {own: under.get(other, other)}
        rows = hashed([pseudonymise(rows, key, documents.protocol, collected.population, line)], kept[1:])
        equal = sum(many for *_, many in equal_across(rows, stored.filter(pl.col("organisation") == other)))
        if equal >= NEARLY * collected.frame.filter(pl.col("organisation") == own).height:
            found.setdefault(own, (other, equal))
    return found


def _of_another(collected: Collected, told: Mapping[str, tuple[str, int, int]]) -> Problem:
    """One line for all organisations: by its code, whose rows its own are, how many of them, and of how many."""
    ((own, (other, equal, rows)), *more) = told.items()
    many = f"all {rows:,}" if equal == rows else f"{equal:,} of {rows:,}"
    what = f"{many} rows of {own} answer as rows of {other} do in wave '{collected.wave}', one by one"
    others = [f"{name} as {theirs} ({count:,} of {of:,})" for name, (theirs, count, of) in more]
    return Problem(
        what + (f"; so do rows of {listed(others, 5)}." if others else "."),
        f"{collected.receipt.file}, rows of {listed([*told], 5)}",
        "load each organisation's own answers once; rows that are stored under the wrong name go when that organisation's own "
        'replace them (--supersede --reason "..."), before or in the same file; if it sent none, '
        "by 'pilot wave withdraw'.",
        "copy-of-another-organisation",
        sum(count for _, count, _ in told.values()),
    )


def _hashes_of_wave(
    documents: Documents, collected: Collected, key: Key, lines: Mapping[str, str], wave: str, organisations: Collection[str]
) -> dict[str, str]:
    """Hashes of the rows of some organisations if they were of `wave`, where pseudonyms hold for one wave only."""
    rows = collected.frame.filter(pl.col("organisation").is_in(organisations)).with_columns(wave=pl.lit(wave))
    return content_hashes(pseudonymise(rows, key, documents.protocol, collected.population, lines))
