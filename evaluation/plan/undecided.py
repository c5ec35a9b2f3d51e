"""Lines of a study's documents that a draft marked DECIDE or CHECK and that nobody has settled yet."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from evaluation.figures.numbers import several

FIRST = 5
"""Lines that the warning names."""
WIDTH = 88
_MARK = re.compile(r"\b(DECIDE|CHECK)\b")
_LEGEND = re.compile(r"^#.*(Every line marked DECIDE|CHECK: guessed from little\. DECIDE: the file does not say)")


@dataclass(frozen=True)
class Undecided:
    """A marked line: `file` relative to the study, `line` counted from 1, and what the mark says."""

    file: str
    line: int
    says: str


def undecided(root: Path) -> tuple[Undecided, ...]:
    """Marked lines of every YAML document of the study at `root`, protocol first; legends at the head of drafts do not count."""
    plan = [root / "protocol.yaml", root / "values.yaml"]
    files = [
        *plan,
        *(file for folder in ("instruments", "policies", "mappings") for file in sorted((root / folder).glob("*.yaml"))),
    ]
    return tuple(mark for file in files if file.is_file() for mark in _marks(file, file.relative_to(root).as_posix()))


def _marks(file: Path, name: str) -> list[Undecided]:
    lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
    found = [(number, _MARK.search(line)) for number, line in enumerate(lines, start=1) if not _LEGEND.match(line)]
    return [Undecided(name, number, lines[number - 1][mark.start() :].strip()) for number, mark in found if mark is not None]


def undecided_text(marks: Sequence[Undecided]) -> str:
    """The warning above the plan, with an empty line after it; nothing where nothing is left."""
    if not marks:
        return ""
    verb = "is" if len(marks) == 1 else "are"
    lines = [f"WARNING: {several(len(marks), 'line')} {verb} still marked DECIDE or CHECK; the plan below rests on guesses."]
    for mark in marks[:FIRST]:
        line = f"  {mark.file}:{mark.line}: {mark.says}"
        lines.append(line if len(line) <= WIDTH else f"{line[: WIDTH - 3].rstrip()}...")
    if len(marks) > FIRST:
        lines.append(f"  and {len(marks) - FIRST} more; settle each and delete its mark.")
    return "\n".join([*lines, "", ""])
