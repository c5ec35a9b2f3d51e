"""From a file as received to rows in the store: read it, check it, keep a copy of it, store it, and say what happened.

The copy lies in the study's inbox under a name made from its content, readable by its owner only; it may hold identifiers and is
what a retention policy deletes. Nothing of it reaches the store but canonical rows.
"""

import hashlib
import os
import shutil
import uuid
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from evaluation.audit_log import append
from evaluation.errors import BusyError, MachineError, PilotError, UsageError, WaveError
from evaluation.organisations.register import read_register
from evaluation.protocol.documents import Documents, read_documents, read_mapping
from evaluation.protocol.mapping import Mapping
from evaluation.protocol.wave_checks import WaveChecks, read_wave_checks
from evaluation.registry import nearest
from evaluation.study import Study, writing
from evaluation.waves import store
from evaluation.waves.asked import QUESTIONS, as_text, refuse_changed
from evaluation.waves.beside_waves import beside_waves
from evaluation.waves.collect import Collected, CollectOptions, collect
from evaluation.waves.made_up import refuse_unlisted
from evaluation.waves.readers import READERS
from evaluation.waves.receipt import Receipt
from evaluation.waves.store_write import NOT_CONFIRMED

REFUSED = "wave refused"
"""Act in the log."""


@dataclass(frozen=True)
class Arriving:
    """What whoever sends a file says about it.

    Attributes:
        file: as received.
        wave: a wave of the protocol.
        population: a population of the protocol.
        organisation: the only organisation that the file may hold; None for any.
        mapping: a mapping of the study by name, or its path; None for a file in canonical form.
        options: what may be allowed in reading it.
    """

    file: Path
    wave: str
    population: str
    organisation: str | None = None
    mapping: str | None = None
    options: CollectOptions | None = None


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


def check_wave(study: Study, arriving: Arriving, intent: store.Intent | None = None) -> Loaded:
    """What loading the file would do now. Writes nothing.

    Raises:
        WaveError: the file would be refused; every problem at once.
    """
    bounds, collected = read_wave_checks(study.root), _collected(study, arriving)
    stored = store.preview(study, collected, intent)
    return Loaded(collected.receipt, stored, None, _compared(study, collected, stored, bounds))


def load_wave(study: Study, arriving: Arriving, *, actor: str, intent: store.Intent | None = None) -> Loaded:
    """Store a file's answers and keep a copy of the file; a refusal is an act in the log, without any value of the file.

    Raises:
        WaveError: the file is refused, or changed while it was read; nothing was stored.
        PilotError: as `store.load`.
    """
    asked = intent or store.Intent()
    try:
        bounds, before = read_wave_checks(study.root), _state(arriving.file)
        collected = _collected(study, arriving)
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
    return Loaded(collected.receipt, stored, kept.name if is_kept else None, _compared(study, collected, stored, bounds))


def mapping_file(study: Study, name: str) -> Path:
    """The mapping that `name` means: a path, or the name of a file in the study's mappings.

    Raises:
        UsageError: there is none; suggests the nearest.
    """
    for path in (Path(name), study.mappings / name, study.mappings / f"{name}.yaml"):
        if path.is_file():
            return path
    known = [path.stem for path in sorted(study.mappings.glob("*.yaml"))]
    close = nearest(Path(name).stem, known)
    hint = f"did you mean '{close}'? " if close else ""
    listed = f"Mappings of this study: {', '.join(known)}." if known else "Draft one: pilot wave map STUDY FILE."
    raise UsageError(f"there is no mapping '{name}'.", where=str(study.mappings), fix=hint + listed)


def _collected(study: Study, arriving: Arriving) -> Collected:
    """The file's checked answers; its own faults are told before that it does not belong in a simulated study."""
    documents = read_documents(study.root)
    mapping = read_mapping(mapping_file(study, arriving.mapping), documents) if arriving.mapping else None
    try:
        collected = collect(
            documents,
            read_register(documents),
            arriving.file,
            wave=arriving.wave,
            population=arriving.population,
            organisation=arriving.organisation,
            mapping=mapping,
            options=arriving.options,
        )
    except WaveError as refusal:
        raise _with_hint(refusal, study, documents, arriving, mapping) from refusal
    refuse_unlisted(study, arriving.file)
    refuse_changed(study, documents, arriving.population, arriving.wave, collected.asked, collected.receipt.file)
    return collected


def _compared(study: Study, collected: Collected, stored: store.LoadReceipt, bounds: WaveChecks) -> tuple[str, ...]:
    documents = read_documents(study.root)
    return beside_waves(study, documents, read_register(documents), collected, stored, bounds)


def _with_hint(refusal: WaveError, study: Study, documents: Documents, arriving: Arriving, mapping: Mapping | None) -> WaveError:
    """The refusal, its first fix naming a reviewed mapping that would fit when none was named and the columns are not ours."""
    foreign = any(problem.code.endswith("-column") for problem in refusal.problems)
    fitting = _fitting(study, documents, arriving) if foreign and not mapping else []
    if not fitting:
        return refusal
    first, *others = refusal.problems
    names = " and ".join(fitting)
    hint = f"{names} read files of '{arriving.population}': if this is one, --mapping {fitting[0]}; else {first.fix}"
    return WaveError([replace(first, fix=hint), *others])


def _fitting(study: Study, documents: Documents, arriving: Arriving) -> list[str]:
    found = []
    for path in sorted(study.mappings.glob("*.yaml")):
        with suppress(PilotError):
            mapping = read_mapping(path, documents)
            if (
                mapping.reviewed_by
                and mapping.population == arriving.population
                and arriving.wave in (mapping.waves or [arriving.wave])
            ):
                found.append(path.stem)
    return found


def _state(file: Path) -> tuple[int, int] | None:
    """Size and time of change, to notice a file that changes while it is read; None when it cannot be looked at."""
    try:
        found = file.stat()
    except (OSError, ValueError):
        return None
    return found.st_size, found.st_mtime_ns


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
        if _state(file) != before:
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
