"""What is due to be deleted by the study's own promise, and deleting it: received files, then answers.

The days stand in `policies/data-protection.yaml`. Received files may hold identifiers and go first; answers go from every
version of the store. Results and releases stay: they hold nobody.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from evaluation.audit_log import append
from evaluation.protocol.data_protection import data_protection_file, read_data_protection
from evaluation.study import Study, writing
from evaluation.waves.received import received_files
from evaluation.waves.storage.log import Log, read_logs
from evaluation.waves.storage.rewrite import Plan, rewrite
from evaluation.waves.storage.rewritings import RETIRED
from evaluation.waves.storage.settle import settle_all
from evaluation.waves.storage.write import not_written

FILES_RETIRED = "received files retired"
"""Act in the log."""


@dataclass(frozen=True)
class Due:
    """What the study promised: the last days, and what is past them.

    Attributes:
        files_until: last day of received files; None when nothing was promised.
        answers_until: last day of answers.
        files: received files past their day.
        populations: whose stored answers are past theirs.
        files_over: whether the day of received files is past.
        answers_over: whether that of answers is.
    """

    files_until: date | None
    answers_until: date | None
    files: int
    populations: tuple[str, ...]
    files_over: bool
    answers_over: bool

    def sentences(self) -> Iterator[str]:
        """What is due, in words; or that nothing is left, or until when what is there may be kept."""
        if self.files:
            yield f"DUE: {self.files:,} received file{'s' if self.files > 1 else ''} to delete (kept until {self.files_until})"
        elif self.files_over:
            yield f"received files were kept until {self.files_until}: none is left"
        elif self.files_until:
            yield f"received files may be kept until {self.files_until}"
        if self.populations:
            yield f"DUE: answers of {', '.join(self.populations)} to delete (kept until {self.answers_until})"
        elif self.answers_over:
            yield f"answers were kept until {self.answers_until}: none are left"
        elif self.answers_until:
            yield f"answers may be kept until {self.answers_until}"
        if self.files_until is None:
            yield "no day is set until which received files and answers are kept (policies/data-protection.yaml)"


def due(study: Study, today: date) -> Due:
    """What is past its day.

    Raises:
        ProtocolError: the policy breaks its schema.
        IntegrityError: the log of acts or the store is not what was written.
    """
    return _due(study, today, lambda: read_logs(study))


def _due(study: Study, today: date, histories: Callable[[], Mapping[str, Log]]) -> Due:
    policy = read_data_protection(study.root) if data_protection_file(study.root).is_file() else None
    until = policy.retention if policy else None
    if until is None:
        return Due(None, None, 0, (), files_over=False, answers_over=False)
    files_over = today > until.received_files_until
    answers_over = until.answers_until is not None and today > until.answers_until
    files = len(received_files(study)) if files_over else 0
    logs = histories() if answers_over else {}
    held = [name for name, log in logs.items() if any(load.rows for _, load in log.loads)]
    return Due(until.received_files_until, until.answers_until, files, tuple(held), files_over, answers_over)


def retire(study: Study, today: date, *, actor: str) -> Due:
    """Delete what is past its day, and log how much; what was deleted.

    Raises:
        BusyError: another process writes to the study.
        MachineError: the computer refused; what is left is still due.
        IntegrityError, ProtocolError: as `due`.
    """
    try:
        with writing(study, "wave retire"):
            logs = settle_all(study, actor)
            found = _due(study, today, lambda: logs)
            if found.files:
                for path in received_files(study):
                    path.unlink()
                append(study.audit_file, FILES_RETIRED, actor, {"files": found.files, "kept_until": str(found.files_until)})
            for name in found.populations:
                plan = Plan(lambda rows: rows.clear(), RETIRED, remove=(study.evidence.name,))
                rewrite(study, logs[name], plan, actor)
    except OSError as fault:
        raise not_written(fault) from fault
    return found
