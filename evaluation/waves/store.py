"""Storing a wave: the same answers once, different answers only when asked, all of them or nothing.

Responses lie in Delta Lake tables, one a population, partitioned by wave; every load is one version and old versions stay
readable. What arrives is compared by organisation (`compare`, `prepare`), written and confirmed (`write`), and
read back verified (`read`); what a crash left is put straight first (`settle`).
"""

import secrets
from collections.abc import Mapping
from dataclasses import replace

from evaluation.errors import UsageError
from evaluation.organisations.register import Register, read_register
from evaluation.protocol.documents import read_documents
from evaluation.protocol.freeze import check_frozen, check_policy, hold_policy
from evaluation.study import Study, writing
from evaluation.waves.collect import Collected
from evaluation.waves.people.keys import Key, key_file, read_key
from evaluation.waves.storage.log import Log, read_log
from evaluation.waves.storage.prepare import Intent, LoadReceipt, prepare
from evaluation.waves.storage.read import (
    LOAD_COLUMNS,
    Responses,
    StoreHealth,
    holds_pseudonyms,
    loads,
    rehash,
    remains,
    responses,
    version,
)
from evaluation.waves.storage.settle import settle
from evaluation.waves.storage.write import commit, not_written

__all__ = [
    "LOAD_COLUMNS",
    "Intent",
    "LoadReceipt",
    "Responses",
    "StoreHealth",
    "holds_pseudonyms",
    "load",
    "loads",
    "preview",
    "read_log",
    "rehash",
    "remains",
    "responses",
    "version",
]


def load(
    study: Study,
    collected: Collected,
    *,
    actor: str,
    append: bool = False,
    supersede: bool = False,
    reason: str | None = None,
    before_baseline: bool = False,
    received: Mapping[str, str] | None = None,
    register: Register | None = None,
) -> LoadReceipt:
    """Store one collected wave, or say that it is there.

    Args:
        study: the study.
        collected: canonical rows of one population and wave, checked; respondent ids as the supplier wrote them.
        actor: who loads, for the log of acts.
        append: add late answers to organisations that already have rows in this wave.
        supersede: replace the rows of such organisations; needs `reason`.
        reason: why, kept with the load.
        before_baseline: store a follow-up although no wave from before the start is there.
        received: facts about the file for the log of acts, such as its hash; never its rows.
        register: the study's organisations where they were read before; read here otherwise.

    Returns:
        What was stored, with the table's new version; `already_loaded` when every organisation's rows were there before.

    Raises:
        UsageError: append and supersede together, or supersede without a reason.
        WaveError: answers differ from stored ones, late answers repeat stored ones, or the baseline is missing.
        BusyError: another process is writing to the study.
        ProtocolError: the disclosure policy is weaker than the one under which earlier answers came in.
        IntegrityError: the store, the log of acts or the frozen plan is not what was written.
        MachineError: disk, permission or key; nothing of this load is kept.
    """
    intent = Intent(append, supersede, (reason or "").strip(), before_baseline)
    _check_intent(intent)
    documents = read_documents(study.root)
    check_frozen(documents)
    try:
        with writing(study, f"wave load {collected.wave} {collected.population}"):
            log = settle(study, collected.population, actor)
            key = _key(study, log, make=True)
            step = prepare(documents, register or read_register(documents), collected, log, key, intent, actor)
            if step.load is None or step.data is None:
                return step.receipt
            hold_policy(documents, actor)
            number = commit(study, log, step.load, step.data, step.removed, received or {})
    except OSError as fault:
        raise not_written(fault) from fault
    return replace(step.receipt, version=number)


def preview(study: Study, collected: Collected, intent: Intent | None = None, *, register: Register | None = None) -> LoadReceipt:
    """What `load` would do now, without writing anything; refusals as `load` has them."""
    intent = intent or Intent()
    _check_intent(intent)
    documents = read_documents(study.root)
    check_frozen(documents)
    check_policy(documents)
    log = read_log(study, collected.population)
    key = _key(study, log, make=False)
    return prepare(documents, register or read_register(documents), collected, log, key, intent, "").receipt


def _check_intent(intent: Intent) -> None:
    if intent.append and intent.supersede:
        raise UsageError(
            "--append and --supersede exclude each other.", fix="late answers: --append; corrected answers: --supersede."
        )
    if intent.supersede and not intent.reason:
        raise UsageError("--supersede needs a reason.", fix='say why the stored answers are replaced: --reason "..."')


def _key(study: Study, log: Log, *, make: bool) -> Key:
    if not make and log.key_mark is None and not key_file().exists():
        return Key(secrets.token_bytes(32))
    return read_key(study.root, known_mark=log.key_mark)
