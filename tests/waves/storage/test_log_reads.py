"""A command goes through the log of acts once for all it asks of it, and once more for each act it adds or table it switches."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from evaluation import audit_log
from evaluation.backup import backup
from evaluation.protocol.documents import read_documents
from evaluation.study import Study
from evaluation.waves import store
from evaluation.waves.lifecycle import check_stored, lock, retired_waves, wave_states
from evaluation.waves.rekey import rekey
from evaluation.waves.retire import due, retire
from evaluation.waves.storage import log as store_log
from evaluation.waves.storage.diff import diff_of
from tests.waves.storing import ACTOR, arriving, only, study_in
from tests.waves.test_retire import LATE, promised


@pytest.fixture
def study(tmp_path: Path) -> Study:
    study = study_in(tmp_path)
    promised(study)
    store.load(study, arriving(study, "baseline"), actor=ACTOR)
    store.load(study, only(arriving(study, "baseline", seed=2), "P1"), actor=ACTOR, supersede=True, reason="corrected")
    store.load(study, arriving(study, "month_6"), actor=ACTOR)
    return study


READS: dict[str, tuple[Callable[[Study], Any], int, int]] = {
    "list of waves": (lambda study: wave_states(study, read_documents(study.root), LATE), 1, 1),
    "list of loads": (store.loads, 1, 1),
    "what is due": (lambda study: due(study, LATE), 1, 1),
    "retired waves": (lambda study: retired_waves(study, read_documents(study.root)), 1, 1),
    "newest versions": (store.version, 1, 1),
    "one version": (lambda study: store.responses(study, "staff", 2), 1, 1),
    "difference": (lambda study: diff_of(study, "staff", "baseline"), 1, 1),
    "every byte": (store.rehash, 2, 1),
    "verify": (lambda study: check_stored(study, read_documents(study.root), "staff", "baseline", actor=ACTOR), 2, 1),
    "lock": (lambda study: lock(study, read_documents(study.root), "staff", "baseline", actor="bob"), 3, 1),
    "backup": (lambda study: backup(study, study.root.parent / "study.zip", actor=ACTOR), 5, 2),
    "retire": (lambda study: retire(study, LATE, actor=ACTOR), 5, 1),
    "rekey": (lambda study: rekey(study, actor=ACTOR), 5, 1),
}
"""What is asked; how often it goes through the log of acts, ends of it included, and how often through each commit."""


@pytest.mark.parametrize("what", READS)
def test_the_log_is_gone_through_once_for_all_that_is_asked_and_once_for_each_act_that_is_added(
    what: str, study: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: Counter[str] = Counter()
    count(monkeypatch, seen, audit_log, "_lines", lambda file: "log of acts")
    count(monkeypatch, seen, store_log, "_verified", lambda table, number, name, digest: name)
    ask, most, commits = READS[what]
    ask(study)
    assert seen.pop("log of acts") <= most
    assert set(seen.values()) == {commits}


def count(patch: pytest.MonkeyPatch, seen: Counter[str], owner: Any, name: str, what: Callable[..., str]) -> None:
    """Count how often a function is called, by what it is called for."""
    real = getattr(owner, name)

    def counting(*given: Any) -> Any:
        seen[what(*given)] += 1
        return real(*given)

    patch.setattr(owner, name, counting)
