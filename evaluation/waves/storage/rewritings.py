"""Making a population's table anew, as the log of acts tells it: an erasure, a new key, the end of the time answers are kept.

The new table lies in a folder of its own. One line in the log, "store rewritten", names the folder and the hash of every
commit in it: before that line nothing has happened, after it every reader reads the new table. The line also lists what must
go (the old table, kept evidence, copies of received files), so that whoever writes next can finish what a crash stopped,
without knowing whom it was about. A second line says that all of it is gone.
"""

import shutil
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from evaluation.audit_log import Entry, append, verify
from evaluation.study import Study

REWRITTEN = "store rewritten"
ERASED, REKEYED, RETIRED = "respondent erased", "pseudonyms re-made", "answers retired"
"""Acts in the log: the line that switches tables, and the lines that say that nothing is left of the old one."""


@dataclass(frozen=True)
class Rewriting:
    """One making anew of a table.

    Attributes:
        population: whose table.
        version: the version that it made; earlier ones keep their numbers.
        table: folder of the new table in the store.
        commits: SHA-256 of every commit's file, by name.
        erased: rows that went from each version, where any did.
        remove: files and folders of the study that must go.
        nonce: ties the line that ends it to the line that began it.
        then: the act that says that all of it is gone.
        proof: what that act tells; never whom it was about.
    """

    population: str
    version: int
    table: str
    commits: dict[str, str]
    erased: dict[int, int]
    remove: tuple[str, ...]
    nonce: str
    then: str
    proof: dict[str, Any]


def rewritings(entries: Iterable[Entry]) -> tuple[Rewriting, ...]:
    """Every rewriting among these acts, in order."""
    return tuple(_from(entry) for entry in entries if entry.act == REWRITTEN)


def begin(study: Study, rewriting: Rewriting, actor: str) -> None:
    """Switch to the new table: from this line on it is the one that is read. Hold the study's lock."""
    append(study.audit_file, REWRITTEN, actor, asdict(rewriting))


def unfinished(entries: Sequence[Entry]) -> tuple[Rewriting, ...]:
    """Rewritings among these acts after which something may still lie about that must go."""
    done = {entry.details.get("nonce") for entry in entries if entry.act in (ERASED, REKEYED, RETIRED)}
    return tuple(one for one in rewritings(entries) if one.nonce not in done)


def finish(study: Study, actor: str) -> tuple[Entry, ...]:
    """Take away what rewritings left to be taken away, and say so in the log; all acts afterwards. Hold the study's lock."""
    entries = verify(study.audit_file)
    left = unfinished(entries)
    for one in left:
        for name in one.remove:
            _take_away(study, name)
        append(study.audit_file, one.then, actor, {"population": one.population, "nonce": one.nonce, **one.proof})
    return verify(study.audit_file) if left else entries


def _take_away(study: Study, name: str) -> None:
    path = study.root / name
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _from(entry: Entry) -> Rewriting:
    facts = entry.details
    erased = {int(version): int(rows) for version, rows in facts["erased"].items()}
    return Rewriting(**{**facts, "erased": erased, "remove": tuple(facts["remove"])})
