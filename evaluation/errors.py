"""Errors that say what is wrong, where, and how to put it right.

One class per stage; each carries the exit code of the command-line contract. An error holds one `Problem` or many:
a file with ten faults is refused once, with ten lines.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar


@dataclass(frozen=True)
class Cells:
    """Cells of one column of a file: the column as the file names it, and row numbers as a spreadsheet shows them.

    No rows means the column's heading. A heading may itself name a person, so cells are never part of a message.
    """

    column: str
    rows: tuple[int, ...] = ()


@dataclass(frozen=True)
class Problem:
    """One fault: what is wrong, where it stands, what puts it right, how often it occurs, and in which cells of a table."""

    what: str
    where: str = ""
    fix: str = ""
    code: str = ""
    count: int = 1
    cells: tuple[Cells, ...] = field(default=(), compare=False, repr=False)

    def __str__(self) -> str:
        lines = [self.what]
        lines += [f"  where: {self.where}"] if self.where else []
        lines += [f"  fix:   {self.fix}"] if self.fix else []
        return "\n".join(lines)

    def as_record(self) -> dict[str, Any]:
        """The fault as a JSON object for `--json`."""
        return {"what": self.what, "where": self.where, "fix": self.fix, "code": self.code, "count": self.count}


class PilotError(Exception):
    """A refusal with its reasons; `problems` is never empty."""

    exit_code: ClassVar[int] = 1

    def __init__(self, what: str | Problem | Iterable[Problem], *, where: str = "", fix: str = "", code: str = "") -> None:
        if isinstance(what, str):
            what = Problem(what, where, fix, code)
        problems: Sequence[Problem] = [what] if isinstance(what, Problem) else list(what)
        self.problems: tuple[Problem, ...] = tuple(problems)
        super().__init__(str(self))

    def __str__(self) -> str:
        name = type(self).__name__
        return "\n".join(f"{name}: {problem}" for problem in self.problems)


class UsageError(PilotError):
    """The command was called in a way it does not offer."""

    exit_code = 2


class WaveError(PilotError):
    """A wave file, or the mapping that reads it, is refused; nothing was stored."""

    exit_code = 3


class ProtocolError(PilotError):
    """A document of the study is wrong or inconsistent."""

    exit_code = 4


class IntegrityError(PilotError):
    """What is stored is not what was written, or the plan is not the one that was frozen."""

    exit_code = 4


class CannotRepeatError(IntegrityError):
    """A number on these rows cannot be worked out again: people among them were erased since, as they may ask for."""

    def __init__(self, population: str, version: int, rows: int) -> None:
        self.rows = rows
        several = f"{rows:,} row{' was' if rows == 1 else 's were'}"
        super().__init__(
            f"CANNOT REPEAT: {several} erased from version {version} of '{population}' after it was made.",
            where=f"store of '{population}', version {version}",
            fix="results on it stay as they were kept; work them out anew on the newest version to see the difference.",
            code="cannot-repeat",
        )


class ReleaseError(PilotError):
    """A release would show what must stay hidden, or is not there."""

    exit_code = 4


class DesignError(PilotError):
    """The data cannot answer the question that an estimand asks."""

    exit_code = 5


class BusyError(PilotError):
    """Another process is writing to this study."""

    exit_code = 6


class MachineError(PilotError):
    """Disk, permission, engine or browser: the surroundings, not the study, are at fault."""

    exit_code = 7
