"""Where every wave of every population stands: planned, open, loaded, superseded, checked, locked, retired.

Worked out from the protocol's dates and the acts in the log; nothing else is kept. A wave is *planned* until its fieldwork
opens and *open* until answers come. Then it is *loaded*, or *superseded* when answers took the place of earlier ones;
*checked* once somebody compared what is stored with what was written, as long as no load comes after; and *locked* when a
second person closed it. It is *retired* once its answers were deleted at the end of their time (`retire`): nothing is left to
compare or to close. Whose rows were withdrawn and did not come again stands beside it; a wave that was withdrawn whole is planned
or open again. A baseline is worth most when it is locked before the pilots begin.
"""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any

from evaluation.audit_log import Entry, append, last, verify
from evaluation.errors import IntegrityError, UsageError
from evaluation.figures.numbers import day
from evaluation.organisations.register import Register
from evaluation.protocol.documents import Documents
from evaluation.study import Study, writing
from evaluation.terms import Role
from evaluation.waves.checks.expected import asked_waves, expect
from evaluation.waves.checks.faults import listed
from evaluation.waves.storage.compare import NO_ROWS, content_hashes, content_of, standing
from evaluation.waves.storage.loading import Load
from evaluation.waves.storage.locks import CHECKED, LOCKED, NOT_VERIFIED, REOPENED, Lock, is_verified, locks_of
from evaluation.waves.storage.log import Log, log_of, not_loaded, read_logs, steady
from evaluation.waves.storage.read import at_version, read_rows
from evaluation.waves.storage.rewritings import RETIRED, REWRITTEN
from evaluation.waves.storage.settle import settle

_NAMED = 5
"""Organisations that a note names."""


class State(StrEnum):
    """Where a wave stands."""

    PLANNED = "planned"
    OPEN = "open"
    LOADED = "loaded"
    SUPERSEDED = "superseded"
    CHECKED = "checked"
    LOCKED = "locked"
    RETIRED = "retired"


@dataclass(frozen=True)
class WaveState:
    """One wave of one population: its fieldwork, what is stored of it, and whose act made it what it is.

    `version` is that of the last load or withdrawal, None where nothing stands; `notes` are sentences.
    """

    population: str
    wave: str
    state: State
    opens: date
    closes: date
    rows: int
    version: int | None
    who: str
    when: str
    notes: tuple[str, ...]

    def as_record(self) -> dict[str, Any]:
        """As JSON."""
        return {**asdict(self), "state": self.state.value}


@dataclass(frozen=True)
class CheckedWave:
    """Stored answers that are what was written: rows, organisations, and the version they were looked at in."""

    population: str
    wave: str
    rows: int
    organisations: int
    version: int
    content: str


def wave_states(study: Study, documents: Documents, today: date) -> tuple[WaveState, ...]:
    """Every wave in which a population is asked anything, in the protocol's order."""
    return steady(study, lambda: _states(study, documents, today))


def _states(study: Study, documents: Documents, today: date) -> tuple[WaveState, ...]:
    entries = verify(study.audit_file)
    found = []
    for population in documents.protocol.populations:
        log = log_of(study, population, entries)
        mine = [entry for entry in entries if entry.details.get("population") == population]
        found += [_state(documents, log, mine, population, wave, today) for wave in asked_waves(documents, population)]
    return tuple(found)


def check_stored(study: Study, documents: Documents, population: str, wave: str, *, actor: str) -> CheckedWave:
    """Compare a wave's stored answers, byte by byte and organisation by organisation, with what its loads said; log who did.

    Raises:
        UsageError: the wave is not loaded, or its answers were deleted at the end of their time.
        IntegrityError: what is stored is not what was written.
    """
    expect(documents, population, wave)
    with writing(study, f"wave verify {wave} {population}"):
        log = settle(study, population, actor)
        found = _checked(study, log, population, wave)
        append(study.audit_file, CHECKED, actor, asdict(found))
    return found


def lock(study: Study, documents: Documents, population: str, wave: str, *, actor: str) -> Lock:
    """Close a wave: it takes no load from now on. One that is locked stays as it is.

    Raises:
        UsageError: the wave is not loaded, or its answers were deleted at the end of their time.
        IntegrityError: `actor` loaded answers of it, or what is stored is not what was written.
    """
    expect(documents, population, wave)
    with writing(study, f"wave lock {wave} {population}"):
        log = settle(study, population, actor)
        if wave in log.locks and not is_retired(log, wave):
            return log.locks[wave]
        found = _checked(study, log, population, wave)
        verified = is_verified(actor, [load.actor for _, load in _loads(log, wave)])
        append(study.audit_file, LOCKED, actor, {**asdict(found), "second_person_verified": verified})
        return locks_of(filter(None, [last(study.audit_file)]))[wave]


def reopen(study: Study, documents: Documents, population: str, wave: str, reason: str, *, actor: str) -> None:
    """Open a locked wave again, with the reason in the log.

    Raises:
        UsageError: the wave is not locked, or no reason is given.
    """
    expect(documents, population, wave)
    if not reason.strip():
        raise UsageError("a wave is opened again for a reason.", fix='say why: --reopen --reason "..."')
    with writing(study, f"wave reopen {wave} {population}"):
        log = settle(study, population, actor)
        if wave not in log.locks:
            raise UsageError(f"wave '{wave}' of '{population}' is not locked.", fix="see 'pilot wave list STUDY'.")
        append(study.audit_file, REOPENED, actor, {"population": population, "wave": wave, "reason": reason.strip()})


def retired_waves(study: Study, documents: Documents) -> dict[str, tuple[str, ...]]:
    """Waves whose answers were deleted at the end of their time, by population.

    Raises:
        IntegrityError: the store or the log is not what was written.
    """
    waves = documents.protocol.waves
    return {name: tuple(wave for wave in waves if is_retired(log, wave)) for name, log in read_logs(study).items()}


def late_baselines(study: Study, documents: Documents, register: Register) -> dict[str, str]:
    """Populations whose baseline was locked after the first pilot began, with the two days in words."""
    pilots = register.units.loc[register.units["role"] == Role.PILOT.value, "start"].dropna()
    baseline = documents.protocol.baseline
    if pilots.empty:
        return {}
    began = min(pilots)
    found = {}
    logs = read_logs(study)
    for population in documents.protocol.populations:
        held = logs[population].locks.get(baseline) if population in logs else None
        if held is not None and (locked := date.fromisoformat(held.when[:10])) > began:
            found[population] = f"locked on {day(locked)}, and the first pilot began on {day(began)}"
    return found


def _checked(study: Study, log: Log, population: str, wave: str) -> CheckedWave:
    loads = _loads(log, wave)
    if not loads:
        raise not_loaded(population, wave)
    if is_retired(log, wave):
        raise UsageError(
            f"the answers of wave '{wave}' of '{population}' were deleted at the end of their time: there is nothing to compare.",
            fix="see 'pilot wave list STUDY'.",
            code="retired",
        )
    newest, _ = at_version(study, population, log)
    rows = read_rows(path for path in newest.files if path.parent.name == f"wave={wave}")
    hashes, stand = content_hashes(rows) if rows.height else {}, standing(log.loads, wave)
    wrong = sorted(name for name, held in stand.items() if hashes.get(name, NO_ROWS) != held.content)
    if wrong or set(hashes) - set(stand):
        raise IntegrityError(
            f"wave '{wave}' of '{population}' holds other answers than its loads wrote, of {len(wrong)} organisations.",
            where=", ".join(wrong[:5]),
            fix="put the store back from a backup.",
        )
    return CheckedWave(population, wave, rows.height, len(stand), loads[-1][0], content_of(hashes))


def is_retired(log: Log, wave: str) -> bool:
    """Whether a wave's answers were deleted at the end of their time and none came since."""
    loads = _loads(log, wave)
    return bool(loads) and any(one.then == RETIRED and one.version > loads[-1][0] for one in log.rewritings)


def _loads(log: Log, wave: str) -> list[tuple[int, Load]]:
    """The loads of a wave, withdrawals among them; none where all that they brought was withdrawn."""
    stands = any(wave == name for name, _ in log.places)
    return [(number, load) for number, load in log.loads if load.wave == wave] if stands else []


def _withdrawn(log: Log, wave: str) -> tuple[Load | None, tuple[str, ...]]:
    """The last withdrawal from a wave, and in words whose rows were withdrawn and did not come again."""
    acts, there = [load for _, load in log.loads if load.wave == wave and load.withdrawn], log.places
    gone = sorted({name for load in acts for name in load.withdrawn if (wave, name) not in there})
    return (acts[-1] if gone else None), ((f"withdrawn: {listed(gone, _NAMED)}",) if gone else ())


def _state(documents: Documents, log: Log, entries: Sequence[Entry], population: str, wave: str, today: date) -> WaveState:
    plan, loads, (act, went) = documents.protocol.waves[wave], _loads(log, wave), _withdrawn(log, wave)
    rows = sum(held.rows for held in standing(log.loads, wave).values())
    if not loads:
        state = State.PLANNED if today < plan.opens else State.OPEN
        over = ("fieldwork is over and nothing is loaded",) if today > plan.closes else ()
        who, when = (act.actor, act.when) if act else ("", "")
        return WaveState(population, wave, state, plan.opens, plan.closes, 0, None, who, when, (*over, *went))
    version, newest = loads[-1]
    state, who, when = State.SUPERSEDED if newest.mode == "supersede" else State.LOADED, newest.actor, newest.when
    checks = [entry for entry in entries if entry.act == CHECKED and entry.details["wave"] == wave]
    if checks and checks[-1].details["version"] == version:
        state, who, when = State.CHECKED, checks[-1].actor, checks[-1].when
    if held := log.locks.get(wave):
        state, who, when = State.LOCKED, held.actor, held.when
    if is_retired(log, wave):
        end = next(entry for entry in reversed(entries) if entry.act == REWRITTEN and entry.details["then"] == RETIRED)
        return WaveState(population, wave, State.RETIRED, plan.opens, plan.closes, rows, version, end.actor, end.when, ())
    notes = (*_notes(held, [entry for entry in entries if entry.when > when]), *went)
    return WaveState(population, wave, state, plan.opens, plan.closes, rows, version, who, when, notes)


def _notes(held: Lock | None, since: Sequence[Entry]) -> Iterator[str]:
    if held is not None and not held.verified:
        yield NOT_VERIFIED
    gone = sum(entry.act == REWRITTEN and bool(entry.details["erased"]) for entry in since)
    if held is not None and gone:
        yield f"people erased since it was locked: {gone}"


def today() -> date:
    """The day it is, by the clock that the log is kept by."""
    return datetime.now(UTC).date()
