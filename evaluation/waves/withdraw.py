"""Taking organisations' rows out of a wave in which they should never have stood, when nothing is to take their place.

A withdrawal is a load that brings no rows: one version more, written, committed and confirmed by the path of every load
(`storage.write`), so that a crash is settled as theirs is. The file that it writes holds what stays of the files that it takes
away, which may be nothing. Earlier versions keep the rows, for results are rerun on them: nothing is erased (`erase`, `retire`).
An organisation that was withdrawn, and a wave that was withdrawn whole, are as if they had never been loaded.
"""

import uuid
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import polars as pl

from evaluation.errors import PilotError, UsageError
from evaluation.organisations.register import Register, plain_name, read_register
from evaluation.protocol.documents import Documents, read_documents
from evaluation.protocol.freeze import check_frozen
from evaluation.registry import nearest
from evaluation.study import Study, writing
from evaluation.waves.checks.expected import expect
from evaluation.waves.checks.faults import listed
from evaluation.waves.lifecycle import is_retired
from evaluation.waves.storage.compare import Standing, content_of, standing
from evaluation.waves.storage.diff import corrections
from evaluation.waves.storage.loading import Load
from evaluation.waves.storage.locks import refuse_locked
from evaluation.waves.storage.log import Log, may_return, read_log
from evaluation.waves.storage.read import checked_rows, files_by_wave
from evaluation.waves.storage.settle import settle
from evaluation.waves.storage.write import DataFile, as_data_file, commit, not_written


@dataclass(frozen=True)
class Request:
    """What is to go: the rows of some organisations, by the codes that they stand under, of one wave; and why."""

    population: str
    wave: str
    organisations: tuple[str, ...]
    reason: str


@dataclass(frozen=True)
class Withdrawal:
    """What a withdrawal did, or would do.

    Attributes:
        population: whom the rows are from.
        wave: the wave they stood in.
        organisations: whose rows went.
        already: whose rows were asked for and had been withdrawn before, with none since.
        reason: why they went.
        version: of the population's table afterwards; of the last earlier withdrawal where nothing was left to do.
        rows_withdrawn: rows that went.
        rows_before: rows of all organisations in the wave before.
        rows_after: the same afterwards.
        stay: rows of every organisation that stays in the wave, by its code.
        notes: what a reader should know before other rows come, in sentences.
    """

    population: str
    wave: str
    organisations: tuple[str, ...]
    already: tuple[str, ...]
    reason: str
    version: int
    rows_withdrawn: int
    rows_before: int
    rows_after: int
    stay: Mapping[str, int]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Step:
    """A withdrawal before it is written; without `load` and `data` there is nothing to do."""

    told: Withdrawal
    load: Load | None = None
    data: DataFile | None = None
    removed: tuple[str, ...] = ()


def withdraw(study: Study, population: str, wave: str, organisations: Collection[str], reason: str, *, actor: str) -> Withdrawal:
    """Take the rows of some organisations out of a wave, all of them or none, as a new version; earlier versions keep them.

    Args:
        study: the study.
        population: whom the rows are from.
        wave: the wave they stand in.
        organisations: the codes that they stand under.
        reason: why, kept with the version and in the log of acts.
        actor: who withdraws, for the log of acts.

    Returns:
        What went and what stays; no organisation went where all of them had been withdrawn before.

    Raises:
        UsageError: no reason or organisation is given; there is no such population or wave; no rows of an organisation stand in
            the wave; or its answers were deleted at the end of their time.
        IntegrityError: the wave is locked, or the store, the log of acts or the frozen plan is not what was written.
        BusyError: another process is writing to the study.
        MachineError: disk or permission; the rows stand as they did.
    """
    asked = Request(population, wave, tuple(sorted(set(organisations))), reason.strip())
    documents = _documents(study, asked)
    try:
        with writing(study, f"wave withdraw {wave} {population}"):
            log = settle(study, population, actor)
            step = _prepare(documents, log, asked, actor)
            if step.load is None or step.data is None:
                return step.told
            number = commit(study, log, step.load, step.data, step.removed, {})
    except OSError as fault:
        raise not_written(fault) from fault
    return replace(step.told, version=number)


def preview(study: Study, population: str, wave: str, organisations: Collection[str], reason: str) -> Withdrawal:
    """What `withdraw` would do now, without writing anything; refusals as `withdraw` has them."""
    asked = Request(population, wave, tuple(sorted(set(organisations))), reason.strip())
    documents = _documents(study, asked)
    return _prepare(documents, read_log(study, population), asked, "").told


def _documents(study: Study, asked: Request) -> Documents:
    if not asked.reason:
        raise UsageError(
            "a withdrawal needs a reason.", fix='say why these rows should never have stood in the wave: --reason "..."'
        )
    if not all(name.strip() for name in asked.organisations or ("",)):
        raise UsageError("no organisation is named.", fix="say whose rows are to go: --organisation CODE, once for each.")
    documents = read_documents(study.root)
    expect(documents, asked.population, asked.wave)
    check_frozen(documents)
    return documents


def _prepare(documents: Documents, log: Log, asked: Request, actor: str) -> _Step:
    stand, before = standing(log.loads, asked.wave), _withdrawn_before(log, asked)
    rows = sum(held.rows for held in stand.values())
    goes = tuple(name for name in asked.organisations if name not in before)
    stay = {name: held.rows for name, held in sorted(stand.items()) if name not in goes}
    version = len(log.commits) if goes else max(before.values())
    told = Withdrawal(asked.population, asked.wave, goes, tuple(before), asked.reason, version, 0, rows, rows, stay)
    if not goes:
        return _Step(told)
    _refuse(documents, log, asked, goes, stand)
    refuse_locked(log.locks.get(asked.wave), asked.population)
    load, data, removed = _load(documents, log, asked, goes, actor)
    went, notes = load.rows_withdrawn, may_return(log, asked.population)
    return _Step(replace(told, rows_withdrawn=went, rows_after=rows - went, notes=notes), load, data, removed)


def _load(
    documents: Documents, log: Log, asked: Request, goes: Collection[str], actor: str
) -> tuple[Load, DataFile, tuple[str, ...]]:
    """The load to commit, the file of what stays in those that it takes away, and these."""
    mine = pl.col("organisation").is_in(list(goes))
    held = {path: checked_rows(log, {path: digest}) for path, digest in files_by_wave(log)[asked.wave].items()}
    touched = {path: rows for path, rows in held.items() if rows.filter(mine).height}
    rows = pl.concat(list(touched.values()), how="diagonal")
    nonce = uuid.uuid4().hex
    data = as_data_file(rows.filter(~mine), asked.wave, f"{len(log.commits):08d}-{nonce[:16]}")
    load = Load(
        population=asked.population,
        wave=asked.wave,
        mode="withdraw",
        reason=asked.reason,
        actor=actor,
        when=datetime.now(UTC).isoformat(timespec="seconds"),
        rows=0,
        content=content_of({}),
        arrived={},
        standing={},
        counts={},
        replaced=list(goes),
        files={data.path: data.sha256},
        schema=data.schema_hash,
        protocol=documents.fingerprint,
        key="",
        nonce=nonce,
        diff=corrections(rows.filter(mine), rows.clear()).as_record(),
    )
    return load, data, tuple(touched)


def _withdrawn_before(log: Log, asked: Request) -> dict[str, int]:
    """Of the organisations asked for those that were withdrawn and did not come again, with the version that did it."""
    found: dict[str, int] = {}
    for number, load in log.loads:
        if load.wave == asked.wave:
            found = {name: version for name, version in found.items() if name not in load.counts}
            found |= dict.fromkeys(set(load.withdrawn).intersection(asked.organisations), number)
    return dict(sorted(found.items()))


def _refuse(documents: Documents, log: Log, asked: Request, goes: Collection[str], stand: Mapping[str, Standing]) -> None:
    """Refuse to withdraw what does not stand, and say what does."""
    place = f"wave '{asked.wave}' of '{asked.population}'"
    if is_retired(log, asked.wave):
        raise UsageError(
            f"the answers of {place} were deleted at the end of their time: none are left to withdraw.",
            fix="see 'pilot wave list STUDY'.",
            code="retired",
        )
    there = sorted(name for name, held in stand.items() if held.rows)
    lacking = [name for name in goes if name not in there]
    if not lacking:
        return
    register = _register(documents)
    close = list(dict.fromkeys(code for name in lacking for code in _meant(name, there, register)))
    each = " ".join(f"--organisation {code}" for code in close)
    waves = sorted({wave for wave, name in log.places if name in lacking} - {asked.wave})
    loaded = sorted({wave for wave, _ in log.places}) or ["none"]
    hints = [f"did you mean {listed(close)}?"] if close else []
    hints = [f"name each by itself: {each}."] if close and any("," in name for name in lacking) else hints
    hints += [f"{'It has' if len(lacking) == 1 else 'They have'} rows in {listed(waves)}."] if waves else []
    others = f"Waves with rows of '{asked.population}': {listed(loaded)}."
    hints += [f"Organisations with rows there: {listed(there)}." if there else others]
    raise UsageError(f"no rows of {listed(lacking, 5)} stand in {place}.", fix=" ".join(hints), code="not-loaded")


def _register(documents: Documents) -> Register | None:
    """The study's organisations; None where they cannot be read, which is not what is asked here."""
    with suppress(PilotError):
        return read_register(documents)
    return None


def _meant(name: str, there: Sequence[str], register: Register | None) -> tuple[str, ...]:
    """Codes with rows that a word may mean: by the name of one, by its other code, several in one word, or spelt nearly so."""
    renamed, names = (register.renamed, register.names) if register else ({}, {})

    def first(code: str) -> str:
        return first(renamed[code][0]) if code in renamed and renamed[code][0] != code else code

    named = [code for code in there if code in names and plain_name(names[code]) == plain_name(name)]
    other = [code for code in there if first(code) == first(name)]
    several = [part for part in map(str.strip, name.split(",")) if part in there]
    folded = {code.casefold(): code for code in reversed(there)}
    near = None if name in names else nearest(name.casefold(), list(folded))
    return tuple(named or other or several or ([folded[near]] if near else []))
