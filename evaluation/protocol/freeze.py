"""Freeze a plan, notice any change of it, and amend it in the open.

A frozen plan is the exact bytes of its documents. One byte changed is a refusal that names the amendment as the way on; an
amendment seals the new text beside the old one, with who, when and why, and says whether results had been seen.
"""

import os
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from evaluation.audit_log import Entry, append, verify
from evaluation.errors import IntegrityError, MachineError, ProtocolError, UsageError
from evaluation.protocol.documents import Documents, read_documents
from evaluation.protocol.policy import DisclosurePolicy
from evaluation.protocol.seal import (
    AMENDED,
    FROZEN,
    Seal,
    changes_since,
    draft_file,
    file_hash,
    hash_of,
    hashes_of,
    latest_seal,
    plan_bytes,
    read_seal,
    seal_file,
)
from evaluation.study import Study, writing

HELD = "disclosure policy held"
"""Act in the log: answers came in under this policy."""

__all__ = ["Seal", "amend", "check_frozen", "freeze", "hold_policy", "seals"]


def freeze(root: Path, actor: str) -> Seal:
    """Seal the plan of the study in folder `root`; a plan that is already sealed as it stands stays so.

    Raises:
        ProtocolError: the documents are not a valid plan.
        IntegrityError: the plan was frozen before and has changed since; amend it.
        BusyError: another process writes to the study.
        MachineError: disk full or no permission.
    """
    study = Study(root)
    with writing(study, "freeze"):
        documents = read_documents(root)
        sealed = check_frozen(documents)
        return sealed or _seal(study, documents, actor, None, None)


def check_frozen(documents: Documents) -> Seal | None:
    """The seal under which the documents stand; None when the plan was never frozen.

    Raises:
        IntegrityError: a document is not the one that was sealed (both hashes, and 'amend' as the fix), or a seal was touched.
    """
    study = Study(documents.root)
    seal = latest_seal(study)
    if seal is None:
        return None
    changes = changes_since(seal, _bytes(documents), study)
    if changes:
        raise IntegrityError(changes)
    return seal


def amend(root: Path, reason: str, actor: str) -> Seal:
    """Seal the changed plan of the study in folder `root` as the next number, with the reason.

    Raises:
        UsageError: there is nothing to amend, or no reason.
        ProtocolError: the documents are not a valid plan, or lower the disclosure threshold.
        IntegrityError: an earlier seal was touched.
        BusyError: another process writes to the study.
    """
    study = Study(root)
    if not reason.strip():
        raise UsageError("an amendment needs its reason.", fix="say why the plan changes: --reason '...'")
    with writing(study, "amend"):
        last = latest_seal(study)
        if last is None:
            raise UsageError(
                "the plan is not frozen, so it can still be changed freely.", fix=f"edit it, then: pilot freeze {study.name}"
            )
        documents = read_documents(root)
        if not changes_since(last, _bytes(documents), study):
            raise UsageError("the plan is the one that was frozen: there is nothing to amend.", fix="change a document first.")
        if documents.policy.threshold < last.threshold:
            raise _lowered(documents, last.threshold, f"sealed plan {last.number}")
        return _seal(study, documents, actor, reason.strip(), last)


def seals(root: Path) -> tuple[Seal, ...]:
    """Every sealed plan of a study, oldest first, each checked against the log of acts.

    Raises:
        IntegrityError: a seal was touched.
    """
    study = Study(root)
    last = latest_seal(study)
    return tuple(read_seal(seal_file(study, number)) for number in range(1, last.number + 1)) if last else ()


def hold_policy(documents: Documents, actor: str) -> None:
    """Note in the log the policy under which answers come in; hold the study's lock. Once noted it can only become stricter.

    Raises:
        ProtocolError: an earlier load came in under a higher threshold.
    """
    study, policy = Study(documents.root), documents.policy
    highest = check_policy(documents)
    if policy.threshold > highest:
        append(study.audit_file, HELD, actor, _about(policy))


def check_policy(documents: Documents) -> int:
    """The highest threshold under which answers have come in; 0 when none have.

    Raises:
        ProtocolError: the policy's threshold is now below it.
    """
    highest = max((entry.details["threshold"] for entry in _held(verify(Study(documents.root).audit_file))), default=0)
    if documents.policy.threshold < highest:
        raise _lowered(documents, highest, "the first answers")
    return int(highest)


def _held(entries: Iterable[Entry]) -> Iterable[Entry]:
    return (entry for entry in entries if entry.act == HELD)


def _about(policy: DisclosurePolicy) -> dict[str, str | int]:
    return {"policy": policy.policy, "version": policy.version, "threshold": policy.threshold}


def _lowered(documents: Documents, before: int, since: str) -> ProtocolError:
    return ProtocolError(
        f"the disclosure threshold falls from {before} to {documents.policy.threshold}: what people were promised is kept.",
        where=f"{documents.where('protocol', ('policies', 'disclosure'))}; {since} had {before}",
        fix=f"name a policy with a threshold of {before} or more.",
    )


def _bytes(documents: Documents) -> dict[str, bytes]:
    return plan_bytes(documents.root, documents.protocol.organisations, documents.protocol.policies.disclosure)


def _seal(study: Study, documents: Documents, actor: str, reason: str | None, last: Seal | None) -> Seal:
    plan = _bytes(documents)
    hashes = hashes_of(plan)
    seal = Seal(
        number=last.number + 1 if last else 1,
        sealed_at=datetime.now(UTC).isoformat(timespec="seconds"),
        actor=actor,
        reason=reason,
        results_seen=study.results.is_dir() and any(study.results.iterdir()),
        fingerprint=documents.fingerprint,
        policy=documents.protocol.policies.disclosure,
        threshold=documents.policy.threshold,
        hash=hash_of(hashes),
        hashes=hashes,
        documents={name: raw.decode() for name, raw in sorted(plan.items())},
        previous=last.hash if last else None,
    )
    try:
        _write(study, seal)
    except OSError as error:
        where = str(study.frozen)
        raise MachineError(
            f"the plan could not be sealed: {error.strerror}.", where=where, fix="check free space and permissions, then repeat."
        ) from error
    return seal


def _write(study: Study, seal: Seal) -> None:
    """A draft, its line in the log, its final name: a crash in between is finished by whoever reads the seals next."""
    study.frozen.mkdir(exist_ok=True)
    draft = draft_file(study, seal.number)
    with draft.open("wb") as stream:
        stream.write(seal.as_text().encode())
        stream.flush()
        os.fsync(stream.fileno())
    details = {
        "number": seal.number,
        "file": file_hash(draft),
        "hash": seal.hash,
        "fingerprint": seal.fingerprint,
        "reason": seal.reason,
    }
    append(study.audit_file, AMENDED if seal.reason else FROZEN, seal.actor, details)
    draft.replace(seal_file(study, seal.number))
