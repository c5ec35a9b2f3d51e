"""Are the rows that arrive rows that are there already? A wave's file sent again as another wave or as another organisation's;
late answers that are not late.

Where people are followed by pseudonyms a second answer is refused by its pseudonym. Without ids only the answers can tell, and a
few equal answers are chance: what is refused has enough of them that chance is no explanation.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence

import polars as pl

from evaluation.errors import Problem, WaveError
from evaluation.protocol.documents import Documents
from evaluation.waves.checks.faults import agreeing, counted, listed
from evaluation.waves.collect import Collected
from evaluation.waves.people.keys import Key
from evaluation.waves.people.linkage import pseudonymise
from evaluation.waves.storage.compare import content_hashes, content_hashes_in, standing
from evaluation.waves.storage.log import Log
from evaluation.waves.storage.read import checked_pieces, files_by_wave
from evaluation.waves.storage.same_answers import (
    ENOUGH_CELLS,
    ENOUGH_ROWS,
    FEW,
    NEARLY,
    answer_columns,
    are_rare,
    different,
    equal_across,
    equal_within,
    hashed,
    telling,
)

WHOLE_EXPORT, LONGER, KINDS = 20, 1.3, 0.5
"""Stored rows of which nearly all come again, how many times as long a file may be, and what share of them must be different, for
it to be taken for a whole export."""
FEWEST_AGAIN = 3
"""Stored rows, half of them different or more, that all come again in a file that is refused; of fewer it may be chance."""
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
) -> tuple[str, ...]:
    """Refuse a file whose rows all stand in another wave of the population; note the organisations of which that is true.

    Published figures, whole percentages of few organisations above all, may be the same a year later: nothing in them tells that
    from a copy, so whoever loads them may say why they are the same.

    Args:
        documents: the plan.
        collected: the rows that arrive, with ids as read.
        frame: the same with pseudonyms.
        log: what is stored.
        key: the secret.
        lines: organisations that are known under a former code (`lines.lines_of`).
        reason: why a published table is the same as another wave's, '' where nobody said so; kept with the load.

    Raises:
        WaveError: every organisation's rows are those of one other wave, and nobody said why.
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
        is_whole, is_published = bool(same) and len(same) == len(sizes), asked.level.is_published
        certain = not reason if is_published else is_whole and frame.height >= FEW and bool(telling(frame, known, same))
        if is_whole and certain:
            unchanged = '; if these figures were published for it, say --reason "..."' if is_published else ""
            raise WaveError(
                f"the file's rows stand in the store as wave '{wave}' already; it was sent as wave '{collected.wave}'.",
                where=f"population '{collected.population}', {len(same)} organisation{'s' if len(same) > 1 else ''}",
                fix=f"send the answers of '{collected.wave}'; if '{wave}' is wrong, put that right first: with --supersede, or "
                f"with 'pilot wave withdraw' where nothing is to take their place{unchanged}.",
                code="copy-of-another-wave",
            )
        if same:
            notes.append(f"{len(same)} of the file's organisations gave exactly the answers that stand in wave '{wave}'.")
    return tuple(notes)


def refuse_of_another(
    documents: Documents, collected: Collected, log: Log, fresh: Collection[str], replaced: Collection[str]
) -> None:
    """Refuse rows of an organisation that are another's: a file under the wrong name, or a code put right in a second export.

    Comes after `lines.check_renamed`, for an organisation under its former code is no other one.

    Args:
        documents: the plan.
        collected: the rows that arrive.
        log: what is stored.
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
    everybody = pl.concat([stay, rows])
    counts = dict(everybody.group_by("organisation").len().iter_rows())
    rare = are_rare(everybody)
    found: dict[str, tuple[str, int]] = {}
    for own, other, equal in pairs:
        longer = counts[own] if rare else max(counts[own], counts[other], FEW)
        if equal >= NEARLY * longer:
            found.setdefault(own, (other, equal))
    told = telling(frame, collected.items, found) & telling(frame, columns, found)
    if told:
        raise WaveError(_of_another(collected, {own: (*found[own], counts[own]) for own in sorted(told)}))


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
