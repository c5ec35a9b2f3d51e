"""Are the rows that arrive rows that are there already? A wave's file sent again as another wave, as another organisation's, or
pasted under itself; late answers that are not late.

Where people are followed by pseudonyms a second answer is refused by its pseudonym. Without ids only the answers can tell, and a
few equal answers are chance: what is refused has enough of them that chance is no explanation.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping

import polars as pl

from evaluation.errors import Problem, WaveError
from evaluation.protocol.documents import Documents
from evaluation.waves.collect import Collected
from evaluation.waves.people.keys import Key
from evaluation.waves.people.linkage import pseudonymise
from evaluation.waves.storage.compare import content_hashes, content_hashes_in, standing
from evaluation.waves.storage.log import Log

ENOUGH_CELLS = 20
"""Answers an organisation must have given before equal content in two waves is told."""
PASTED_ROWS, MOST_ALIKE = 20, 4
"""Rows from which a file that holds every row an even number of times is told, where no more than this many are alike each."""
ENOUGH_ROWS = 5
"""Late rows, all of them stored before, that are refused; fewer are noted."""


def check_copy(
    documents: Documents, collected: Collected, frame: pl.DataFrame, log: Log, key: Key, lines: Mapping[str, str]
) -> tuple[str, ...]:
    """Refuse a file whose rows all stand in another wave of the population; note the organisations of which that is true.

    Refused too are rows without ids that come twice each.

    Args:
        documents: the plan.
        collected: the rows that arrive, with ids as read.
        frame: the same with pseudonyms.
        log: what is stored.
        key: the secret.
        lines: organisations that are known under a former code (`lines.lines_of`).

    Raises:
        WaveError: every organisation's rows are those of one other wave, or all rows come twice.
    """
    _refuse_pasted(collected)
    items = collected.items
    filled = pl.sum_horizontal(pl.col(items).is_not_null()).sum() if items else pl.lit(0)
    sizes = {str(name): (rows, cells) for name, rows, cells in frame.group_by("organisation").agg(pl.len(), filled).rows()}
    enough = {name: rows for name, (rows, cells) in sizes.items() if cells >= ENOUGH_CELLS}
    there = {wave: standing(log.loads, wave) for wave in sorted({load.wave for _, load in log.loads} - {collected.wave})}
    alike = {wave: {name for name, held in stand.items() if enough.get(name) == held.rows} for wave, stand in there.items()}
    if documents.protocol.populations[collected.population].linkage.recognises:
        hashes = content_hashes_in(frame, alike)
    else:
        hashes = {wave: _hashes_of_wave(documents, collected, key, lines, wave, names) for wave, names in alike.items() if names}
    notes = []
    for wave, found in hashes.items():
        stand = there[wave]
        same = [name for name, digest in found.items() if digest in {stand[name].content, *stand[name].arrived}]
        if same and len(same) == len(sizes):
            raise WaveError(
                f"the file's rows stand in the store as wave '{wave}' already; it was sent as wave '{collected.wave}'.",
                where=f"population '{collected.population}', {len(same)} organisation{'s' if len(same) > 1 else ''}",
                fix=f"send the answers of '{collected.wave}'; if '{wave}' is wrong, put that right first with --supersede.",
                code="copy-of-another-wave",
            )
        if same:
            notes.append(f"{len(same)} of the file's organisations gave exactly the answers that stand in wave '{wave}'.")
    return tuple(notes)


def _refuse_pasted(collected: Collected) -> None:
    """Refuse rows without ids of which each comes an even number of times, as in a file that was pasted under itself."""
    nobody = collected.frame.filter(pl.col("respondent").is_null())
    if nobody.height < PASTED_ROWS or collected.frame.height > nobody.height:
        return
    times = nobody.group_by(pl.all()).len("times")["times"]
    if bool((times % 2 == 0).all()) and MOST_ALIKE * len(times) >= nobody.height:
        raise WaveError(
            f"every row of the file comes twice: {nobody.height:,} rows are {len(times):,} different ones.",
            where=f"{collected.receipt.file}, wave '{collected.wave}'",
            fix="keep one copy of the rows; where different people answered alike, map the column that has their ids.",
            code="rows-twice",
        )


def refuse_of_another(documents: Documents, collected: Collected, log: Log, key: Key) -> None:
    """Refuse the rows of one organisation that stand in the wave as another's: a file loaded under the wrong name.

    Comes after `lines.check_renamed`, for an organisation under its former code is no other one.

    Raises:
        WaveError: all rows stand there.
    """
    frame = collected.frame
    cells = sum(frame[name].count() for name in collected.items)
    if len(collected.organisations) != 1 or cells < ENOUGH_CELLS or not frame["unit"].equals(frame["organisation"]):
        return
    (own,) = collected.organisations
    for other, held in standing(log.loads, collected.wave).items():
        if other == own or held.rows != frame.height:
            continue
        theirs = frame.with_columns(pl.lit(other).alias("organisation"), pl.lit(other).alias("unit"))
        (digest,) = content_hashes(pseudonymise(theirs, key, documents.protocol, collected.population, {})).values()
        if digest in {held.content, *held.arrived}:
            raise WaveError(
                f"all {frame.height:,} rows stand in wave '{collected.wave}' already, as those of {other}.",
                where=f"{collected.receipt.file}, read as rows of {own}",
                fix="load each organisation's own file; if the stored ones are under the wrong name, put that right first.",
                code="copy-of-another-organisation",
            )


def _hashes_of_wave(
    documents: Documents, collected: Collected, key: Key, lines: Mapping[str, str], wave: str, organisations: Collection[str]
) -> dict[str, str]:
    """Hashes of the rows of some organisations if they were of `wave`, where pseudonyms hold for one wave only."""
    rows = collected.frame.filter(pl.col("organisation").is_in(organisations)).with_columns(wave=pl.lit(wave))
    return content_hashes(pseudonymise(rows, key, documents.protocol, collected.population, lines))


def check_late(late: pl.DataFrame, stored: pl.DataFrame, wave: str) -> tuple[str, ...]:
    """Refuse late answers that repeat what is stored; notes on those that may.

    Args:
        late: rows of organisations that already have rows in the wave, pseudonymised.
        stored: the stored rows of the same organisations and wave.
        wave: for the message.

    Raises:
        WaveError: somebody in `late` has already answered; or people have no ids and the file repeats stored rows.
    """
    people = late.drop_nulls("respondent")
    twice = people.join(stored, on=["organisation", "respondent"], how="semi").height
    problems = (
        [_repeated(f"{twice:,} of {people.height:,} respondents in the file have already answered.", wave)] if twice else []
    )
    notes = []
    for organisation, new, held in _unlinked(late, stored):
        equal = new.total() - (new - held).total()
        says = f"{equal:,} of {new.total():,} rows without an id equal rows of {organisation} that are stored"
        if not held - new:
            problems.append(
                _repeated(f"the file repeats all {held.total():,} stored rows of {organisation}: a whole export.", wave)
            )
        elif equal == new.total() >= ENOUGH_ROWS:
            problems.append(_repeated(f"{says}.", wave))
        elif equal:
            notes.append(f"{says}; if they are the same people, they now count twice.")
    if problems:
        raise WaveError(problems)
    return tuple(notes)


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
