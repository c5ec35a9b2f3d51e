"""The grade of the evidence behind a finding: a letter and the reason in few words.

A: pilots drawn by lot. B: chosen, but measured before and beside a comparison. C: chosen, with a comparison but no measure
before. D: no comparison, or nothing that can be told from chance. A serious caution lowers the letter by one, once.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from evaluation.findings.flags import Caution
from evaluation.findings.subject import Subject
from evaluation.findings.verdict import Kind
from evaluation.terms import Assignment, Design, Selection

LETTERS = "ABCD"


@dataclass(frozen=True)
class Grade:
    """A letter from A to D, empty where there is nothing to grade, and why."""

    letter: str
    reason: str

    @property
    def words(self) -> str:
        """"Evidence grade B on a scale from A (best) to D: pilots were chosen, not drawn by lot."; empty without a letter."""
        return f"Evidence grade {self.letter} on a scale from A (best) to D: {self.reason}." if self.letter else ""


def graded(subject: Subject, kind: Kind, has_interval: bool, flags: Sequence[Caution]) -> Grade:
    """The grade of one finding."""
    if kind is Kind.NOT_YET:
        return Grade("", "nothing to grade yet")
    if not has_interval:
        return Grade("D", "nothing here can be told from chance")
    letter, reason = _by_design(subject)
    serious = dict.fromkeys(flag.serious for flag in flags if flag.serious)
    if not serious:
        return Grade(letter, reason)
    lower = LETTERS[min(LETTERS.index(letter) + 1, len(LETTERS) - 1)]
    return Grade(lower, "; ".join((reason, *serious)))


def _by_design(subject: Subject) -> tuple[str, str]:
    if subject.design is Design.BEFORE_AFTER:
        return "D", "there is no comparison, so this is a change and not an effect"
    if subject.randomised:
        people = subject.assignment is Assignment.RESPONDENT
        return "A", Selection.BY_LOT.says.replace("pilots", "people") if people else Selection.BY_LOT.says
    if subject.design is Design.BENCHMARK:
        return "C", f"{subject.selection.says}, and set beside published figures, not beside organisations that were asked"
    if subject.design is Design.COMPARISON:
        return "C", f"{subject.selection.says}, and nobody was asked before"
    return "B", subject.selection.says
