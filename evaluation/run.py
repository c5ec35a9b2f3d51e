"""The recipe: the plan applied to the waves, from documents to findings, a kept result and a preview of the board's pages.

The module can be called: `evaluation.run(study)` is `evaluation.run.run(study)`.
"""

import sys
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from types import ModuleType

from evaluation import audit_log
from evaluation.evidence.of_study import stored_evidence
from evaluation.findings import ledger
from evaluation.findings.findings import Findings
from evaluation.findings.judge import judge_all
from evaluation.findings.late import with_late_baselines, with_late_plan
from evaluation.findings.provenance import content_of, environment, simulated_sentence, versions_of
from evaluation.findings.questions import answers_of, loaded_waves, recorded_waves
from evaluation.findings.since import since_last
from evaluation.organisations.register import read_register
from evaluation.protocol.documents import read_documents
from evaluation.protocol.freeze import check_frozen, check_policy, seals
from evaluation.release.cells import cells_of
from evaluation.release.compose import Made, compose, populations_of
from evaluation.release.display import display
from evaluation.release.protect import hidden_totals, protect
from evaluation.release.publish import write_release
from evaluation.release.response import eligible_people, with_headcounts
from evaluation.study import Study, writing
from evaluation.waves.lifecycle import late_baselines, retired_waves
from evaluation.waves.storage.rewritings import finish

Progress = Callable[[int, int, str], None]
"""(step, of, words): told as each step begins."""

STEPS = ("reading the plan", "summing the answers", "estimating", "judging", "protecting and publishing the preview")


def _silent(step: int, of: int, words: str) -> None:
    """Say nothing."""


def _begin(progress: Progress, step: int) -> None:
    progress(step, len(STEPS), STEPS[step - 1])


def run(study: Study | Path | str, progress: Progress = _silent, actor: str | None = None) -> Findings:
    """Apply the plan to the waves that are loaded: keep the result and publish a preview.

    Args:
        study: a study, or its folder.
        progress: told as each step begins.
        actor: who runs, for the log of acts; the user of this computer when left out.

    Returns:
        The findings, with the result's id and number. What cannot be estimated is a finding with its reason.

    Raises:
        ProtocolError, IntegrityError: the documents are wrong, not the frozen ones, or the store is not what was written.
        DesignError: no wave has been loaded.
        BusyError: another process writes to the study.
        MachineError: disk or permission; the result and the preview before stay in place.
    """
    place = study if isinstance(study, Study) else Study.open(study)
    begin = partial(_begin, progress)
    begin(1)
    documents = read_documents(place.root)
    seal, register = check_frozen(documents), read_register(documents)
    check_policy(documents)
    with writing(place, "run"):
        finish(place, actor or audit_log.actor())
        begin(2)
        evidence = stored_evidence(place, documents, register)
        eligible = eligible_people(evidence, documents, register)
        begin(3)
        simulated = simulated_sentence(place)
        late, sealed = late_baselines(place, documents, register), () if simulated else seals(place.root)
        answers = (with_late_baselines(one, documents, late) for one in answers_of(documents, evidence, register))
        decided, watched = (with_late_plan(one, documents, sealed) for one in answers)
        begin(4)
        loaded = {**loaded_waves(evidence), **recorded_waves(evidence)}
        gone = retired_waves(place, documents)
        findings = judge_all(decided, watched, documents, loaded, simulated, gone)
        begin(5)
        cells = cells_of(evidence, documents, register)
        cells = protect(with_headcounts(cells, populations_of(documents.protocol), eligible), documents.policy)
        result = ledger.keep(place.results, content_of(documents, evidence, findings), environment())
        findings = findings.kept_as(result.id, result.number)
        since = since_last(findings, documents, ledger.before(place.results, result), result.content)
        versions, untold = versions_of(documents, evidence), hidden_totals(cells)
        made = Made(result, datetime.now(UTC), seal, versions, loaded_waves(evidence), since, untold, eligible, gone)
        release = compose(documents, register, findings, display(cells, documents), made)
        audit_log.append(place.audit_file, "run", actor or audit_log.actor(), {"result": result.id, "number": result.number})
        write_release(release, place.releases / "preview" / "release.json")
    return findings


class _Callable(ModuleType):
    """`evaluation.run` names this module and what it does."""

    def __call__(self, study: Study | Path | str, progress: Progress = _silent, actor: str | None = None) -> Findings:
        """See `run`."""
        return run(study, progress, actor)


sys.modules[__name__].__class__ = _Callable
