"""Whether a measure means the same in every group: waves, arms, or both.

A change of a mean score is a change of what is measured only where people who are alike on the measure answer its items alike
before and after. Three models of one factor are compared: nothing shared (configural), loadings shared (metric), intercepts too
(scalar). Where a level fails, the item that moves most (by the Lagrange multiplier test) is let go, and the next, until the rest
holds or too few items are left: partial invariance, with the size of what moved in points of the score.
Sources: Meredith (1993), Psychometrika 58, 525-543; Vandenberg & Lance (2000), Organizational Research Methods 3, 4-70; those of
the rule are in `rules.py`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import pandas as pd

from evaluation.errors import DesignError
from evaluation.evidence.moments import Array
from evaluation.quality.fit_indices import FitIndices, fit_indices
from evaluation.quality.item_set import ItemSet, require
from evaluation.quality.limits import limit
from evaluation.quality.one_factor import Factor, fit_factor, require_proper
from evaluation.quality.pattern import Pattern, pattern
from evaluation.quality.rules import RULE, Level, Outcome, Rule

Places: TypeAlias = tuple[int, ...]

FEWEST_OPTIONS = 5
"""Options from which answers may be treated as numbers (Rhemtulla, Brosseau-Liard & Savalei 2012)."""


@dataclass(frozen=True, eq=False)
class Step:
    """One model: its level, the items let go, its fit, and what it cost beside the level before (None at the first)."""

    level: Level
    let_go: tuple[str, ...]
    indices: FitIndices
    fit: Factor
    cfi_drop: float | None = None
    rmsea_rise: float | None = None
    outcome: Outcome = Outcome.HOLDS


@dataclass(frozen=True, eq=False)
class Invariance:
    """What was found.

    Attributes:
        measure, groups: of what, across whom; the first group is the one that others are compared with.
        names: the items.
        n: people in each group who answered all items.
        steps: configural, metric, scalar, and after each that failed the same with items let go, one more each time.
        limits: what this does not allow for, entries of `limits.LIMITS`.
    """

    measure: str
    groups: tuple[str, ...]
    names: tuple[str, ...]
    n: tuple[int, ...]
    steps: tuple[Step, ...]
    rule: Rule
    limits: tuple[str, ...]

    @property
    def level(self) -> Level:
        """The highest level that does not fail with no item let go."""
        return [step.level for step in self.steps if step.outcome is not Outcome.FAILS and not step.let_go][-1]

    @property
    def holds(self) -> bool:
        """Whether differences in the mean score may be read as differences in what is measured: no level fails."""
        return self.level is Level.SCALAR

    @property
    def doubtful(self) -> tuple[Level, ...]:
        """Levels at which RMSEA alone rises too far."""
        return tuple(step.level for step in self.steps if step.outcome is Outcome.DOUBTFUL)

    @property
    def let_go(self) -> tuple[str, ...]:
        """Items that do not mean the same in all groups: those tied to the measure otherwise, then those only answered higher or
        lower, each by how much they move."""
        return self.steps[-1].let_go

    @property
    def partial(self) -> bool:
        """Whether the rest of the items holds once those in `let_go` are."""
        return self.steps[-1].level is Level.SCALAR and self.steps[-1].outcome is not Outcome.FAILS

    @property
    def shifts(self) -> Array:
        """(G, k): how much higher each item is answered than in the first group by people who are alike on the measure: at the
        mean of the group, in points of the score's scale, by the last model. NaN where no set of items is the same in all."""
        if not self.partial:
            return np.full((len(self.groups), len(self.names)), np.nan)
        fit = self.steps[-1].fit
        found: Array = fit.intercepts - fit.intercepts[0] + (fit.loadings - fit.loadings[0]) * fit.means[:, None]
        return found

    @property
    def score_shifts(self) -> Array:
        """(G,): by how much the mean score of a group differs from the first group's for that reason alone."""
        found: Array = self.shifts.mean(axis=1)
        return found

    def tidy(self) -> pd.DataFrame:
        """One row a model: measure, groups, n, level, let_go, the fit indices, cfi_drop, rmsea_rise, outcome."""
        return pd.DataFrame([
            {
                "measure": self.measure, "groups": " | ".join(self.groups), "n": sum(self.n), "level": step.level.value,
                "let_go": ", ".join(step.let_go), **vars(step.indices), "cfi_drop": step.cfi_drop, "rmsea_rise": step.rmsea_rise,
                "outcome": step.outcome.value,
            }
            for step in self.steps
        ])


def invariance(sets: Sequence[ItemSet], rule: Rule = RULE) -> Invariance:
    """Compare one measure across groups.

    Args:
        sets: the same items in two groups or more, people of one not being those of another.
        rule: what counts as the same.

    Raises:
        DesignError: fewer than two groups or three items, fewer than fifty people in a group who answered all items, an item that
            a whole group answered alike, covariances that are not positive definite, no best fit, or a Heywood case.
    """
    if len(sets) < 2 or len({one.names for one in sets}) != 1:
        raise DesignError(
            "comparing a measure needs two groups that were asked the same items.", fix="give two groups or more.", code="groups")
    for one in sets:
        require(one.complete, one.names, f"{one.measure}, {one.group}", 3, "comparing a measure between groups")
    first, names = sets[0], sets[0].names
    steps = _climb(_Climb(sets, names, rule))
    return Invariance(
        first.measure, tuple(one.group for one in sets), names, tuple(one.complete.n for one in sets), steps, rule,
        _limits(sets, steps[0].indices, rule))


@dataclass(frozen=True, eq=False)
class _Climb:
    """What the way up needs at every step."""

    sets: Sequence[ItemSet]
    names: tuple[str, ...]
    rule: Rule

    def pattern(self, level: Level, loadings: Places, intercepts: Places) -> Pattern:
        """A level with the loadings and intercepts of some items let go; who has a loading of its own has an intercept too."""
        k, kept = len(self.names), range(len(self.names))
        if level is Level.CONFIGURAL:
            return pattern(len(self.sets), k)
        shared = [j for j in kept if j not in loadings]
        if level is Level.METRIC:
            return pattern(len(self.sets), k, loadings=shared)
        return pattern(len(self.sets), k, loadings=shared, intercepts=[j for j in shared if j not in intercepts])

    def step(self, level: Level, loadings: Places, intercepts: Places, before: Step | None) -> Step:
        """Fit one model and set it beside the level before; one that needs a variance below zero fails, however well it fits."""
        fit = fit_factor([one.complete for one in self.sets], self.pattern(level, loadings, intercepts), self.names)
        found = fit_indices(fit)
        let_go = tuple(self.names[j] for j in (*loadings, *intercepts))
        if before is None:
            return Step(level, let_go, found, require_proper(fit))
        drop = before.indices.cfi - found.cfi
        rise = found.rmsea - before.indices.rmsea if before.indices.df else None
        outcome = Outcome.FAILS if fit.improper else self.rule.outcome(drop, rise)
        return Step(level, let_go, found, fit, drop, rise, outcome)

    def moves_most(self, step: Step, loadings: Places, intercepts: Places) -> int:
        """The item whose freeing would improve the fit most, among those still shared."""
        free = [j for j in range(len(self.names)) if j not in (*loadings, *intercepts)]
        if step.level is Level.METRIC:
            gains = [step.fit.score(self.pattern(step.level, (*loadings, j), intercepts)) for j in free]
        else:
            gains = [step.fit.score(self.pattern(step.level, loadings, (*intercepts, j))) for j in free]
        return free[int(np.argmax(gains))]


def _climb(climb: _Climb) -> tuple[Step, ...]:
    steps = [climb.step(Level.CONFIGURAL, (), (), None)]
    loadings: Places = ()
    intercepts: Places = ()
    for level in (Level.METRIC, Level.SCALAR):
        before = steps[-1]
        steps.append(climb.step(level, loadings, intercepts, before))
        while steps[-1].outcome is Outcome.FAILS:
            if len(climb.names) - len(loadings) - len(intercepts) <= climb.rule.anchors:
                return tuple(steps)
            most = climb.moves_most(steps[-1], loadings, intercepts)
            loadings, intercepts = ((*loadings, most), intercepts) if level is Level.METRIC else (loadings, (*intercepts, most))
            steps.append(climb.step(level, loadings, intercepts, before))
    return tuple(steps)


def _limits(sets: Sequence[ItemSet], configural: FitIndices, rule: Rule) -> tuple[str, ...]:
    options = dict(zip(sets[0].names, sets[0].options, strict=True))
    few = [name for name, count in options.items() if count is not None and count < FEWEST_OPTIONS]
    left = sum(one.left_out for one in sets)
    poor = configural.cfi < rule.least_cfi or configural.srmr > rule.most_srmr
    found = [
        limit("nested_people"), limit("not_normal"),
        limit("few_options", ", ".join(few)) if few else "",
        "" if configural.df else limit("just_identified"),
        limit("poor_fit", f"CFI {configural.cfi:.2f}, SRMR {configural.srmr:.2f}") if poor else "",
        limit("few_people", f"{rule.steady}") if min(one.complete.n for one in sets) < rule.steady else "",
        limit("people_left_out", f"{left:,} people") if left else "",
    ]
    return tuple(filter(None, found))
