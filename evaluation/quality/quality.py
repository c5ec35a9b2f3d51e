"""The quality of every measure of a study: how reliable it is in each wave and arm, and whether it means the same in all."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pandas as pd

from evaluation.errors import DesignError
from evaluation.evidence.evidence import Evidence
from evaluation.measures.score import items_of, waves_scored
from evaluation.protocol.documents import Documents
from evaluation.quality.coefficient import Reliability
from evaluation.quality.compare import Comparison, compare
from evaluation.quality.intraclass import intraclass_correlation
from evaluation.quality.limits import limit
from evaluation.quality.of_study import Group, item_set, with_ends
from evaluation.quality.reliability import ScaleReliability, reliability
from evaluation.terms import Level, ScoreRule

QUALITY_COLUMNS: tuple[str, ...] = (
    "measure", "wave", "arm", "items", "n", "left_out", "alpha", "alpha_low", "alpha_high", "omega", "omega_low", "omega_high",
    "weakest_item", "item_rest", "floor", "ceiling", "icc", "icc_low", "icc_high", "organisations", "effective_size",
    "confidence", "status", "limits",
)
EVERYBODY = "everybody"


@dataclass(frozen=True, eq=False)
class Line:
    """One measure in one wave and arm; what could not be worked out is None, with its reason in `refusals`."""

    measure: str
    wave: str
    arm: str
    items: int
    left_out: int | None
    scale: ScaleReliability | None
    icc: Reliability | None
    limits: tuple[str, ...]
    refusals: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Quality:
    """Every measure, and every comparison of one across waves and across arms."""

    lines: tuple[Line, ...]
    comparisons: tuple[Comparison, ...]
    confidence: float

    def tidy(self) -> pd.DataFrame:
        """One row per measure, wave and arm ("everybody" first); the columns of `QUALITY_COLUMNS`, missing where not defined.

        `alpha`, `omega` and `icc` with intervals at `confidence`; `weakest_item` is the item with the lowest item-rest
        correlation, `item_rest` that correlation; floor and ceiling are the largest shares of an item's answers at an end.
        """
        rows = [_row(line) | {"confidence": self.confidence} for line in self.lines]
        return pd.DataFrame(rows, columns=list(QUALITY_COLUMNS))

    def items(self) -> pd.DataFrame:
        """One row an item, wave and arm: measure, wave, arm and the columns of `ScaleReliability.items`."""
        parts = [
            line.scale.items.assign(measure=line.measure, wave=line.wave, arm=line.arm)
            for line in self.lines if line.scale is not None
        ]
        if not parts:
            return pd.DataFrame(columns=["measure", "wave", "arm", "item"])
        found = pd.concat(parts, ignore_index=True)
        return found[["measure", "wave", "arm", *(name for name in found if name not in ("measure", "wave", "arm"))]]

    def models(self) -> pd.DataFrame:
        """One row a model of a comparison, `Invariance.tidy` with `across` before it; comparisons that were refused have a row
        with their `status`."""
        rows = [part for one in self.comparisons for part in one.records()]
        return pd.DataFrame(rows)

    def sentences(self) -> tuple[str, ...]:
        """What every comparison says to a reader."""
        return tuple(one.sentence for one in self.comparisons)


def quality_of(evidence: Evidence, documents: Documents) -> Quality:
    """The quality of every measure that people answered, from kept evidence.

    Args:
        evidence: the sums of one version of the store.
        documents: the plan.

    Returns:
        Lines and comparisons in the order of the protocol. What cannot be worked out comes back with its reason, never as an
        exception. Published means of organisations have no people, and counted records no items: they have no line.
    """
    plan = documents.protocol
    asked = [name for name, one in plan.measures.items() if not one.is_counted]
    measures = [name for name in asked if plan.populations[plan.measures[name].population].level is Level.RESPONDENT]
    lines = tuple(line for name in measures for line in _lines(name, evidence, documents))
    several = [name for name in measures if len(items_of(name, documents)) > 1]
    comparisons = tuple(
        compare(name, across, groups, evidence, documents)
        for name in several for across, groups in _compared(name, evidence, documents)
    )
    return Quality(lines, comparisons, plan.confidence)


def _waves(measure: str, evidence: Evidence, documents: Documents) -> list[str]:
    """The waves that asked every item and have answers."""
    came = set(evidence.moments[measure].cells["wave"])
    return [wave for wave in waves_scored(measure, documents) if wave in came]


def _compared(measure: str, evidence: Evidence, documents: Documents) -> Iterator[tuple[str, list[Group]]]:
    """What a measure is compared across, in words, and its groups: all waves, and all arms at each wave."""
    plan, waves = documents.protocol, _waves(measure, evidence, documents)
    if len(waves) > 1:
        yield "waves", [Group(plan.waves[wave].label, (wave,)) for wave in waves]
    if len(plan.arms) > 1:
        for wave in waves:
            yield f"arms at {plan.waves[wave].label}", [Group(arm.label, (wave,), (name,)) for name, arm in plan.arms.items()]


def _lines(measure: str, evidence: Evidence, documents: Documents) -> Iterator[Line]:
    arms = [EVERYBODY, *documents.protocol.arms] if len(documents.protocol.arms) > 1 else [EVERYBODY]
    for wave in _waves(measure, evidence, documents):
        for arm in arms:
            yield _line(measure, wave, arm, evidence, documents)


def _line(measure: str, wave: str, arm: str, evidence: Evidence, documents: Documents) -> Line:
    plan = documents.protocol
    group = Group(f"{wave}, {arm}", (wave,), None if arm == EVERYBODY else (arm,))
    refusals: list[str] = []
    scale = icc = left_out = None
    try:
        items = item_set(measure, group, evidence, documents)
        left_out = items.left_out
        scale = reliability(with_ends(items, group, evidence, documents), plan.confidence)
        refusals += [scale.omega_refusal] if scale.omega_refusal else []
    except DesignError as refused:
        refusals.append(refused.problems[0].what)
    try:
        own = evidence.moments[measure]
        own = own.select(group.holds(own.cells)).pool(["organisation"])
        icc = intraclass_correlation(own, measure, plan.confidence)
    except DesignError as refused:
        refusals.append(refused.problems[0].what)
    shares = scale is not None and plan.measures[measure].score is ScoreRule.PERCENT_POSITIVE
    other = scale.other_way if scale else ()
    limits = [limit("points_the_other_way", ", ".join(other)) if other else "", limit("shares_scored") if shares else ""]
    return Line(
        measure, wave, arm, len(items_of(measure, documents)), left_out, scale, icc, tuple(filter(None, limits)), tuple(refusals))


def _row(line: Line) -> dict[str, Any]:
    scale, icc = line.scale, line.icc
    found: dict[str, Any] = {
        "measure": line.measure, "wave": line.wave, "arm": line.arm, "items": line.items, "left_out": line.left_out,
        "status": "; ".join(line.refusals) or "estimated", "limits": "; ".join(line.limits),
    }
    if scale is not None:
        weakest = scale.items.sort_values("item_rest").iloc[0]
        found |= {
            "n": scale.alpha.n, **_three("alpha", scale.alpha), **_three("omega", scale.omega), "weakest_item": weakest["item"],
            "item_rest": weakest["item_rest"], "floor": scale.items["floor"].max(), "ceiling": scale.items["ceiling"].max(),
        }
    if icc is not None:
        found |= {**_three("icc", icc), "organisations": icc.parts, "effective_size": icc.effective}
        found.setdefault("n", icc.n)
    return found


def _three(name: str, found: Reliability | None) -> dict[str, Any]:
    if found is None:
        return {}
    return {name: found.estimate, f"{name}_low": found.conf_low, f"{name}_high": found.conf_high}
