"""A sealed plan on disk: the exact text of every plan document, its hashes, and what has changed since.

Seals are numbered and each names the hash of the one before. The log of acts holds every seal's hash too, so a seal that is
edited, replaced or removed is noticed.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from evaluation.audit_log import verify
from evaluation.errors import IntegrityError, Problem
from evaluation.protocol.policy_files import document_files, policy_file
from evaluation.study import Study

FROZEN, AMENDED = "plan frozen", "plan amended"
"""Acts in the log that make a seal."""


@dataclass(frozen=True)
class Seal:
    """One sealed plan. `hashes` is the SHA-256 of every document's bytes, `hash` that of all of them together.

    `results_seen` says whether results existed when it was sealed: a change after that is a deviation, not an amendment.
    """

    number: int
    sealed_at: str
    actor: str
    reason: str | None
    results_seen: bool
    fingerprint: str
    policy: str
    threshold: int
    hash: str
    hashes: Mapping[str, str]
    documents: Mapping[str, str]
    previous: str | None

    def as_text(self) -> str:
        """The seal as its file holds it."""
        return json.dumps(asdict(self), ensure_ascii=False, indent=1) + "\n"


def plan_bytes(root: Path, register: str, policy: str) -> dict[str, bytes]:
    """The plan's documents as they stand on disk, by their place in the study.

    Args:
        root: the study's folder.
        register: what the protocol calls organisations.csv.
        policy: the name of the disclosure policy, the study's own or one that ships with the program.
    """
    files = [root / "protocol.yaml", root / "values.yaml", root / register, *document_files(root / "instruments")]
    plan = {file.relative_to(root).as_posix(): file.read_bytes() for file in files if file.is_file()}
    named = policy_file(root, policy)
    return {**plan, f"policies/{policy}.yaml": named.read_bytes()} if named else plan


def hashes_of(plan: Mapping[str, bytes]) -> dict[str, str]:
    """SHA-256 of each document's bytes, by name in order."""
    return {name: hashlib.sha256(raw).hexdigest() for name, raw in sorted(plan.items())}


def hash_of(hashes: Mapping[str, str]) -> str:
    """One SHA-256 over all documents' names and hashes."""
    return hashlib.sha256("\n".join(f"{digest}  {name}" for name, digest in sorted(hashes.items())).encode()).hexdigest()


def seal_file(study: Study, number: int) -> Path:
    """Where seal `number` lies."""
    return study.frozen / f"plan-{number}.json"


def draft_file(study: Study, number: int) -> Path:
    """Where seal `number` lies until the log knows it."""
    return study.frozen / f"plan-{number}.draft"


def latest_seal(study: Study) -> Seal | None:
    """The seal that holds, after checking all seals against the log of acts; None when the plan was never frozen.

    Raises:
        IntegrityError: a seal is missing, was edited, or was never logged.
    """
    logged = {
        entry.details["number"]: entry.details["file"] for entry in verify(study.audit_file) if entry.act in (FROZEN, AMENDED)
    }
    for number, digest in logged.items():
        file, draft = seal_file(study, number), draft_file(study, number)
        if not file.exists() and draft.is_file() and file_hash(draft) == digest:
            draft.replace(file)
        if not file.is_file() or file_hash(file) != digest:
            raise _untrue(study, file, f"sealed plan {number} is missing or is not what was written")
    for file in study.frozen.glob("plan-*.json"):
        if file not in {seal_file(study, number) for number in logged}:
            raise _untrue(study, file, "the log of acts does not know this sealed plan")
    return read_seal(seal_file(study, max(logged))) if logged else None


def read_seal(file: Path) -> Seal:
    """The seal in a file whose hash has been checked."""
    record: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return Seal(**record)


def file_hash(file: Path) -> str:
    """SHA-256 of a file's bytes."""
    return hashlib.sha256(file.read_bytes()).hexdigest()


def changes_since(seal: Seal, plan: Mapping[str, bytes], study: Study) -> list[Problem]:
    """What differs between the sealed plan and the documents on disk, a problem for each, both hashes in it."""
    now = hashes_of(plan)
    problems = []
    for name in sorted({*seal.hashes, *now}):
        sealed, found = seal.hashes.get(name), now.get(name)
        if sealed == found:
            continue
        what = "was taken out" if found is None else "was added" if sealed is None else "was changed"
        problems.append(
            Problem(
                f"the plan is not the one that was frozen: {name} {what}.",
                f"{study.name}/{name}; sealed {_short(sealed)}, now {_short(found)}",
                f"put the sealed text back (it is in frozen/plan-{seal.number}.json), or record the change and why: "
                f"pilot amend {study.name} --reason '...'",
                "changed-after-freeze",
            )
        )
    return problems


def changes_on_disk(root: Path) -> list[Problem]:
    """The same for a study whose documents may no longer be readable; empty when the plan was never frozen."""
    study = Study(root)
    seal = latest_seal(study)
    if seal is None:
        return []
    register = next(name for name in seal.hashes if name.endswith(".csv"))
    return changes_since(seal, plan_bytes(root, register, seal.policy), study)


def _short(digest: str | None) -> str:
    return f"sha256 {digest}" if digest else "nothing"


def _untrue(study: Study, file: Path, what: str) -> IntegrityError:
    return IntegrityError(
        f"{what}.",
        where=f"{study.name}/{file.relative_to(study.root).as_posix()}",
        fix="put the folder 'frozen' and audit.jsonl back from a backup.",
    )
