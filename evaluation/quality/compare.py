"""One measure compared across groups of a study, with what it says to a reader."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from evaluation.errors import DesignError
from evaluation.evidence.evidence import Evidence
from evaluation.protocol.documents import Documents
from evaluation.quality.invariance import Invariance, invariance
from evaluation.quality.limits import limit
from evaluation.quality.of_study import Group, item_set
from evaluation.quality.rules import Level
from evaluation.terms import ScoreRule


@dataclass(frozen=True, eq=False)
class Comparison:
    """What was compared, what was found (None where it was refused) and why it was refused (empty where it was not)."""

    measure: str
    label: str
    across: str
    found: Invariance | None
    refusal: str = ""

    @property
    def sentence(self) -> str:
        """The result to a reader, with what to do."""
        if self.found is None:
            return f"{self.label}, across {self.across}: not compared. {self.refusal}"
        return f"{self.label}, across {self.across}: {told(self.found)}"

    def records(self) -> list[dict[str, Any]]:
        """One row a model, or one with the refusal."""
        if self.found is None:
            return [{"measure": self.measure, "across": self.across, "status": self.refusal}]
        rows = self.found.tidy().to_dict("records")
        more = {"across": self.across, "status": "estimated", "limits": "; ".join(self.found.limits)}
        return [{str(name): value for name, value in row.items()} | more for row in rows]


def compare(measure: str, across: str, groups: Sequence[Group], evidence: Evidence, documents: Documents) -> Comparison:
    """Compare a measure across groups; the first is what others are set beside."""
    plan = documents.protocol
    label = plan.measures[measure].label
    try:
        found = invariance([item_set(measure, group, evidence, documents) for group in groups])
    except DesignError as refused:
        return Comparison(measure, label, across, None, refused.problems[0].what)
    linked = plan.populations[plan.measures[measure].population].linkage.recognises
    several = len({wave for group in groups for wave in group.waves}) > 1
    shares = plan.measures[measure].score is ScoreRule.PERCENT_POSITIVE
    more = [limit("same_people") if linked and several else "", limit("shares_scored") if shares else ""]
    return Comparison(measure, label, across, replace(found, limits=(*found.limits, *filter(None, more))))


def told(found: Invariance) -> str:
    """What a comparison says to a reader, in sentences."""
    if found.holds:
        doubt = " RMSEA alone rises too far: read small differences with care." if found.doubtful else ""
        return f"the items mean the same in all groups, so differences in the score can be read.{doubt}"
    failed = "tied to the measure" if found.level is Level.CONFIGURAL else "answered by people who are alike"
    if not found.partial:
        return (
            f"the items are not {failed} in the same way, whichever are let go: differences in the score may be differences "
            "in what is measured. Report the items one by one."
        )
    group, item = np.unravel_index(int(np.abs(found.shifts).argmax()), found.shifts.shape)
    shift, score = found.shifts[group, item], found.score_shifts
    most = int(np.abs(score).argmax())
    verb = "is" if len(found.let_go) == 1 else "are"
    return (
        f"{', '.join(found.let_go)} {verb} not {failed} in the same way; the other items are. In {found.groups[group]} people "
        f"who are alike on the measure answer {found.names[item]} {_points(shift)} than in {found.groups[0]}; for this reason "
        f"alone the score of {found.groups[most]} is {_points(score[most])}. Take that off a difference before reading it."
    )


def _points(shift: float) -> str:
    return f"{abs(shift):.2f} points {'higher' if shift > 0 else 'lower'}"
