"""A load worked out before anything is written: what is new, what it takes the place of, and the file and facts to commit."""

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import polars as pl

from evaluation.errors import Problem, WaveError
from evaluation.organisations.register import Register
from evaluation.protocol.documents import Documents
from evaluation.waves.checks.expected import asked_waves, expect
from evaluation.waves.collect import Collected
from evaluation.waves.people.keys import Key
from evaluation.waves.people.known_people import beside_stored
from evaluation.waves.people.lines import lines_of
from evaluation.waves.people.linkage import pseudonymise
from evaluation.waves.people.own_answers import beside_themselves
from evaluation.waves.response import eligible_people
from evaluation.waves.storage.compare import (
    Arrival,
    Standing,
    as_stored,
    compare,
    content_hashes,
    content_of,
    in_order,
    refuse_change,
    standing,
)
from evaluation.waves.storage.copies import check_copy, refuse_of_another
from evaluation.waves.storage.diff import Corrections, corrections
from evaluation.waves.storage.late import check_late, refuse_unnamed_again
from evaluation.waves.storage.loading import Load
from evaluation.waves.storage.locks import refuse_locked
from evaluation.waves.storage.log import Log, may_return
from evaluation.waves.storage.pasted import refuse_pasted
from evaluation.waves.storage.read import checked_rows, files_by_wave
from evaluation.waves.storage.write import DataFile, as_data_file


@dataclass(frozen=True)
class Intent:
    """What whoever loads a wave allows.

    Attributes:
        append: rows of organisations already stored in this wave may join those (late answers).
        supersede: they may take their place; `reason` is compulsory then.
        reason: kept with the load; on a new one why a published table is the same as another wave's.
        before_baseline: a follow-up may come although no wave from before the start is there.
    """

    append: bool = False
    supersede: bool = False
    reason: str = ""
    before_baseline: bool = False

    @property
    def mode(self) -> str:
        """'new', 'append' or 'supersede'."""
        return "append" if self.append else "supersede" if self.supersede else "new"


@dataclass(frozen=True)
class LoadReceipt:
    """What one load did, or would do.

    Attributes:
        population: whom the rows are from.
        wave: the wave they were stored under.
        version: of the population's table afterwards; 0 in a preview of a first load.
        mode: 'new', 'append' or 'supersede'.
        organisations: codes of organisations whose rows were stored.
        already: codes of organisations whose rows were there before, unchanged.
        rows_added: rows stored.
        rows_replaced: rows that these took the place of.
        rows_in_wave: rows of the whole population that now stand in this wave.
        already_loaded: nothing was stored because all of it was there.
        content_hash: SHA-256 over the rows that came, whatever their order.
        notes: what a reader should know, in sentences.
        answered: rows of every organisation that now stand in this wave, by its code.
        eligible: people who could have answered it, by organisation; empty where the protocol names no headcounts.
        corrections: what rows that took the place of others changed, as `diff.Corrections.as_record`; empty otherwise.
    """

    population: str
    wave: str
    version: int
    mode: str
    organisations: tuple[str, ...]
    already: tuple[str, ...]
    rows_added: int
    rows_replaced: int
    rows_in_wave: int
    already_loaded: bool
    content_hash: str
    notes: tuple[str, ...] = ()
    answered: Mapping[str, int] = field(default_factory=dict)
    eligible: Mapping[str, int] = field(default_factory=dict)
    corrections: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Step:
    """A load before it is written; `data` is None when there is nothing to store."""

    load: Load | None
    data: DataFile | None
    removed: tuple[str, ...]
    receipt: LoadReceipt


def prepare(
    documents: Documents, register: Register, collected: Collected, log: Log, key: Key, intent: Intent, actor: str
) -> Step:
    """Compare what came with what stands, and prepare the file and the commit.

    Raises:
        UsageError: the protocol has no such wave or population.
        WaveError: answers differ from stored ones, late answers repeat stored ones, the rows are another wave's or another
            organisation's, the baseline is missing, or more people answered than could have.
        IntegrityError: the wave is locked.
    """
    expect(documents, collected.population, collected.wave)
    closes = documents.protocol.waves[collected.wave].closes
    lines = lines_of(collected.frame["organisation"].unique(), log, register.renamed, closes)
    frame = in_order(pseudonymise(collected.frame, key, documents.protocol, collected.population, lines))
    hashes = content_hashes(frame)
    stand = standing(log.loads, collected.wave)
    arrival = compare(hashes, stand)
    if not arrival.fresh and not arrival.changed:
        return Step(None, None, (), _nothing_new(documents, register, collected, log, arrival, stand, content_of(hashes)))
    refuse_locked(log.locks.get(collected.wave), collected.population)
    _check_order(documents, collected, log, intent)
    refuse_pasted(collected)
    notes = (
        *may_return(log, collected.population),
        *check_copy(documents, collected, frame, log, key, lines, intent.reason, intent.mode == "new"),
        *beside_stored(documents, collected, frame, log, key, register.renamed, lines),
        *beside_themselves(documents, collected.population, collected.wave, frame, collected.items, log),
    )
    refuse_of_another(documents, collected, log, key, arrival.fresh, arrival.changed if intent.supersede else ())
    wanted = frame.filter(~pl.col("organisation").is_in(list(arrival.known))) if arrival.known else frame
    counts = _counts(wanted)
    if intent.append and arrival.known:
        refuse_unnamed_again(frame, arrival.known, collected.wave)
    if arrival.changed and intent.mode == "new":
        raise refuse_change(arrival.changed, stand, collected.wave, counts, documents.protocol.populations[collected.population])
    rows, removed, whole, late, corrected = _combined(documents, log, wanted, arrival, intent, collected)
    nonce = uuid.uuid4().hex
    data = as_data_file(rows, collected.wave, f"{len(log.commits):08d}-{nonce[:16]}")
    made = Load(
        population=collected.population,
        wave=collected.wave,
        mode=intent.mode,
        reason=intent.reason,
        actor=actor,
        when=datetime.now(UTC).isoformat(timespec="seconds"),
        rows=wanted.height,
        content=content_of(hashes),
        arrived=arrival.fresh | arrival.changed,
        standing=whole,
        counts=counts,
        replaced=sorted(arrival.changed) if intent.supersede else [],
        files={data.path: data.sha256},
        schema=data.schema_hash,
        protocol=documents.fingerprint,
        key=key.mark if wanted["respondent"].null_count() < wanted.height else "",
        nonce=nonce,
        diff=corrected.as_record() if corrected else {},
        lines={name: line for name, line in lines.items() if name in counts and line != name},
    )
    return Step(made, data, removed, _receipt(documents, register, made, arrival, stand, len(log.commits), (*notes, *late)))


def _check_order(documents: Documents, collected: Collected, log: Log, intent: Intent) -> None:
    """Refuse a follow-up of a population whose answers from before the start are not there yet."""
    order = list(documents.protocol.waves)
    until = order.index(documents.protocol.baseline) + 1
    before = [wave for wave in asked_waves(documents, collected.population) if wave in order[:until]]
    there = {wave for wave, _ in log.places} | {collected.wave}
    if before and not there & set(order[:until]) and not intent.before_baseline:
        raise WaveError(
            f"wave '{collected.wave}' of '{collected.population}' comes before its baseline: '{before[-1]}' is not loaded yet.",
            fix=f"load '{before[-1]}' first, or declare it with --before-baseline.",
            code="before-baseline",
        )


def _combined(
    documents: Documents, log: Log, wanted: pl.DataFrame, arrival: Arrival, intent: Intent, collected: Collected
) -> tuple[pl.DataFrame, tuple[str, ...], dict[str, str], tuple[str, ...], Corrections | None]:
    """Rows to write, files they take the place of, what each organisation then has in the wave, as hashes, notes, and what
    answers that take the place of others change."""
    came = arrival.fresh | arrival.changed
    if not arrival.changed:
        return wanted, (), came, (), None
    wanted, population = as_stored(wanted), documents.protocol.populations[collected.population]
    held = {path: checked_rows(log, {path: digest}) for path, digest in files_by_wave(log).get(collected.wave, {}).items()}
    mine = pl.col("organisation").is_in(list(arrival.changed))
    if intent.append:
        if population.level.is_published:
            raise _one_row_only(arrival)
        stored = pl.concat(list(held.values()), how="diagonal").filter(mine)
        notes = check_late(wanted.filter(mine), stored, collected.wave, population.groups)
        return wanted, (), content_hashes(pl.concat([stored, wanted], how="diagonal")), notes, None
    touched = {path: rows for path, rows in held.items() if rows.filter(mine).height}
    before = pl.concat([wanted.clear(), *touched.values()], how="diagonal")
    changes = corrections(before.filter(mine), wanted.filter(mine))
    return pl.concat([wanted, before.filter(~mine)], how="diagonal"), tuple(touched), came, (), changes


def _one_row_only(arrival: Arrival) -> WaveError:
    return WaveError(
        Problem(
            f"{name} already has its row in this wave, and a published table has one row an organisation.",
            fix='replace it with --supersede --reason "...".',
            code="already-answered",
        )
        for name in sorted(arrival.changed)
    )


def _counts(frame: pl.DataFrame) -> dict[str, int]:
    counted = frame.group_by("organisation").len("rows").sort("organisation")
    return dict(zip(counted["organisation"].to_list(), counted["rows"].to_list(), strict=True))


def _nothing_new(
    documents: Documents,
    register: Register,
    collected: Collected,
    log: Log,
    arrival: Arrival,
    stand: Mapping[str, Standing],
    content: str,
) -> LoadReceipt:
    answered = {name: held.rows for name, held in stand.items()}
    newest = max((stand[name].version for name in arrival.known), default=log.loads[-1][0] if log.loads else 0)
    notes = () if collected.frame.height else ("the file holds no responses; there is nothing to store.",)
    return LoadReceipt(
        population=collected.population,
        wave=collected.wave,
        version=newest,
        mode="new",
        organisations=(),
        already=tuple(sorted(arrival.known)),
        rows_added=0,
        rows_replaced=0,
        rows_in_wave=sum(answered.values()),
        already_loaded=bool(arrival.known),
        content_hash=content,
        notes=notes,
        answered=answered,
        eligible=eligible_people(documents, register, collected.population, collected.wave, answered),
    )


def _receipt(
    documents: Documents,
    register: Register,
    made: Load,
    arrival: Arrival,
    stand: Mapping[str, Standing],
    version: int,
    found: tuple[str, ...],
) -> LoadReceipt:
    replaced = sum(stand[name].rows for name in made.replaced)
    answered = {name: held.rows for name, held in stand.items() if name not in made.replaced}
    answered |= {name: rows + answered.get(name, 0) for name, rows in made.counts.items()}
    were = "was" if len(arrival.known) == 1 else "were"
    notes = [f"{len(arrival.known)} of the file's organisations {were} there before, unchanged."] if arrival.known else []
    return LoadReceipt(
        population=made.population,
        wave=made.wave,
        version=version,
        mode=made.mode,
        organisations=tuple(sorted(made.counts)),
        already=tuple(sorted(arrival.known)),
        rows_added=made.rows,
        rows_replaced=replaced,
        rows_in_wave=sum(answered.values()),
        already_loaded=False,
        content_hash=made.content,
        notes=(*notes, *found, *_taken_away(made.diff)),
        answered=answered,
        eligible=eligible_people(documents, register, made.population, made.wave, answered),
        corrections=made.diff,
    )


def _taken_away(diff: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """How many people, or rows where nobody is named, the new file lacks of those whose place it takes."""
    people = sum(one["rows_removed"] for one in diff.values() if one["by"] == "people")
    rows = sum(max(one["rows_removed"] - one["rows_added"], 0) for one in diff.values() if one["by"] == "rows")
    for count, one, several in ((people, "person", "people"), (rows, "row", "rows")):
        if count:
            words = f"{one} of the stored wave is" if count == 1 else f"{several} of the stored wave are"
            yield f"{count:,} {words} not in the new file, and go: it should hold all of an organisation's answers."
