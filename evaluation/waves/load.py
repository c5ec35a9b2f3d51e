"""From a file as received to rows in the store: read it, check it, keep a copy of it, store it, and say what happened.

The copy lies in the study's inbox under a name made from its content, readable by its owner only; it may hold identifiers and is
what a retention policy deletes. Nothing of it reaches the store but canonical rows.
"""

import hashlib
import os
import shutil
import uuid
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from evaluation.audit_log import append
from evaluation.errors import BusyError, MachineError, PilotError, WaveError
from evaluation.study import Study, writing
from evaluation.waves import store
from evaluation.waves.arriving import Arrived, Arriving, Plan, plan_of, state_of, with_hint
from evaluation.waves.checks.asked import QUESTIONS, as_text, refuse_changed
from evaluation.waves.collect import Collected, collect
from evaluation.waves.compared.beside_waves import beside_waves
from evaluation.waves.made_up import refuse_unlisted
from evaluation.waves.readers import READERS, Table
from evaluation.waves.receipt import Receipt
from evaluation.waves.storage.write import NOT_CONFIRMED

REFUSED = "wave refused"
"""Act in the log."""


@dataclass(frozen=True)
class Loaded:
    """What came of a file: the receipt of its reading, that of its storing, and the name of the copy in the inbox.

    `compared` holds notes on the wave beside the others.
    """

    read: Receipt
    stored: store.LoadReceipt
    kept_as: str | None
    compared: tuple[str, ...] = ()

    @property
    def notes(self) -> tuple[str, ...]:
        """All that a reader may want to know, in sentences."""
        return (*self.read.notes, *self.stored.notes, *self.compared)

    @property
    def verdict(self) -> str:
        """READY, or READY WITH NOTES; a refused file has no receipt."""
        return "READY WITH NOTES" if self.notes or self.stored.already_loaded else self.read.verdict


def check_wave(study: Study, arriving: Arriving, intent: store.Intent | None = None, *, arrived: Arrived | None = None) -> Loaded:
    """What loading the file would do now; `arrived` is the file where it was read before. Writes nothing.

    Raises:
        WaveError: the file would be refused: for every problem in it at once or, where it is sound, for what is stored already.
    """
    plan = arrived.plan if arrived else plan_of(study, arriving)
    collected = _collected(study, arriving, plan, arrived.table if arrived else None)
    stored = store.preview(study, collected, intent, register=plan.register)
    compared = beside_waves(study, plan.documents, plan.register, collected, stored, plan.bounds)
    return Loaded(collected.receipt, stored, None, compared)


def load_wave(
    study: Study, arriving: Arriving, *, actor: str, intent: store.Intent | None = None, arrived: Arrived | None = None
) -> Loaded:
    """Store a file's answers and keep a copy of the file; a refusal is an act in the log, without any value of the file.

    `arrived` is the file where it was read before. What stands in the store when it cannot be compared with the other waves is
    loaded all the same, and a note says so.

    Raises:
        WaveError: the file is refused, or changed while it was read; nothing was stored.
        PilotError: as `store.load`.
    """
    asked = intent or store.Intent()
    try:
        before = arrived.state if arrived else state_of(arriving.file)
        plan = arrived.plan if arrived else plan_of(study, arriving)
        collected = _collected(study, arriving, plan, arrived.table if arrived else None)
        kept, digest, is_new = _keep(study, arriving.file, before)
        try:
            stored = store.load(
                study,
                collected,
                actor=actor,
                append=asked.append,
                supersede=asked.supersede,
                reason=asked.reason,
                before_baseline=asked.before_baseline,
                received={"file": digest, "kept_as": kept.name, QUESTIONS: as_text(collected.asked)},
                register=plan.register,
            )
        except PilotError as refusal:
            if is_new and all(problem.code != NOT_CONFIRMED for problem in refusal.problems):
                kept.unlink(missing_ok=True)
            raise
    except WaveError as refusal:
        _log_refusal(study, arriving, refusal, actor)
        raise
    if is_new and not stored.rows_added:
        kept.unlink(missing_ok=True)
    is_kept = stored.rows_added or not is_new
    return Loaded(collected.receipt, stored, kept.name if is_kept else None, _compared(study, plan, collected, stored))


def _collected(study: Study, arriving: Arriving, plan: Plan, table: Table | None) -> Collected:
    """The file's checked answers; its own faults are told before that it does not belong in a simulated study."""
    try:
        collected = collect(
            plan.documents,
            plan.register,
            arriving.file,
            wave=arriving.wave,
            population=arriving.population,
            organisation=arriving.organisation,
            mapping=plan.mapping,
            options=arriving.options,
            table=table,
        )
    except WaveError as refusal:
        raise with_hint(refusal, study, plan, arriving) from refusal
    refuse_unlisted(study, arriving.file)
    refuse_changed(study, plan.documents, arriving.population, arriving.wave, collected.asked, collected.receipt.file)
    return collected


def _compared(study: Study, plan: Plan, collected: Collected, stored: store.LoadReceipt) -> tuple[str, ...]:
    """Notes on a wave that is stored; that they cannot be made does not undo it."""
    try:
        return beside_waves(study, plan.documents, plan.register, collected, stored, plan.bounds)
    except (PilotError, OSError) as fault:
        reason = fault.problems[0].what if isinstance(fault, PilotError) else f"{fault.strerror or fault}."
        return (f"the wave is stored, but could not be set beside the others: {reason} Run 'pilot doctor {study.root}'.",)


def _keep(study: Study, file: Path, before: tuple[int, int] | None) -> tuple[Path, str, bool]:
    """Copy the file into the inbox under a name made from its content; its place, SHA-256, and whether the copy is new."""
    draft = study.inbox / f".{uuid.uuid4().hex}"
    try:
        study.inbox.mkdir(exist_ok=True)
        with file.open("rb") as source, os.fdopen(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600), "w+b") as copy:
            shutil.copyfileobj(source, copy, 1 << 20)
            copy.flush()
            os.fsync(copy.fileno())
            copy.seek(0)
            digest = hashlib.file_digest(copy, "sha256").hexdigest()
        if state_of(file) != before:
            raise WaveError(
                "the file changed while it was read.", where=file.name, fix="wait until it is complete.", code="file-changing"
            )
        kept = study.inbox / f"{digest[:32]}{_ending(file)}"
        is_new = not kept.exists()
        draft.replace(kept)
    except OSError as fault:
        raise MachineError(
            f"cannot keep a copy of the file: {fault.strerror or fault}.",
            where="inbox/",
            fix="check free space and permissions; nothing was stored, so load the file again.",
        ) from fault
    finally:
        with suppress(OSError):
            draft.unlink(missing_ok=True)
    return kept, digest, is_new


def _ending(file: Path) -> str:
    """The file's ending where a reader knows it; a name as received never reaches the disk."""
    endings = "".join(file.suffixes[-2:]).lower()
    known = [suffix for name in READERS for suffix in READERS[name].suffixes]
    fitting = [suffix + packed for suffix in known for packed in ("", ".gz") if endings.endswith(suffix + packed)]
    return max(fitting, key=len, default="")


def _log_refusal(study: Study, arriving: Arriving, refusal: WaveError, actor: str) -> None:
    """Note codes and counts, never values. A study that is busy or cannot be written to keeps the refusal, not the note."""
    faults = [{"code": problem.code, "count": problem.count} for problem in refusal.problems]
    with suppress(BusyError, MachineError, OSError), writing(study, "wave refused"):
        append(study.audit_file, REFUSED, actor, {"wave": arriving.wave, "population": arriving.population, "problems": faults})
