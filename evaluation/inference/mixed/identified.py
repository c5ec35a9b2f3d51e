"""Whether sums can settle the variances of a mixed model at all; where not, which grouping is to blame."""

import numpy as np

from evaluation.errors import DesignError
from evaluation.inference.mixed.derivatives import Derivatives, derivatives
from evaluation.inference.mixed.grouped_sums import GroupedSums
from evaluation.inference.mixed.model import at

ALIKE = 1e-12
APART = 1e-9


def refuse_unidentified(sums: GroupedSums) -> None:
    """Refuse what no likelihood can settle.

    Raises:
        DesignError: too few answers; a grouping with one level, or with one answer in each; answers that are all alike within the
            finest grouping; groupings that the columns, or one another, already account for.
    """
    if sums.n <= sums.k:
        said = f"{sums.n:.0f} answers for {sums.k} columns leave nothing to judge by."
        raise DesignError(said, fix="ask for fewer columns.", code="few")
    for grouping in sums.groupings:
        if len(grouping.levels) < 2:
            raise DesignError(f"there is only one '{grouping.name}'.", fix="leave this grouping out.", code="one-level")
        if len(grouping.levels) >= sums.n:
            raise DesignError(
                f"every '{grouping.name}' has one answer, so how they differ cannot be told from how answers differ.",
                fix="use a grouping in which several answers lie.",
                code="confounded",
            )
    _refuse_no_spread(sums)
    _refuse_confounded(derivatives(at(sums, np.zeros(len(sums.groupings)))))


def _refuse_no_spread(sums: GroupedSums) -> None:
    within = (sums.products - sums.weigh(1 / sums.rows)).sum(axis=0)
    k, finest = sums.k, sums.groupings[0].name
    scale = np.sqrt(np.maximum(np.diag(sums.products.sum(axis=0))[: k + 1], 1e-300))
    inside = within[: k + 1, : k + 1] / np.outer(scale, scale)
    slopes = np.linalg.lstsq(inside[:k, :k], inside[:k, k], rcond=1e-9)[0]
    if inside[k, k] - slopes @ inside[:k, k] <= ALIKE:
        raise DesignError(
            f"answers in the same '{finest}' do not differ from one another, so there is no spread to set its effect against.",
            fix="use scores of people, not means; or compare units' changes.",
            code="no-spread",
        )


def _refuse_confounded(found: Derivatives) -> None:
    """Variances are known apart when the matrices P V_i P differ; a formula with a column for every level leaves none of one."""
    names = [grouping.name for grouping in found.at.sums.groupings]
    left = np.diag(found.information)[1:] / np.diag(found.traces)[1:]
    if left.min() < APART:
        raise DesignError(
            f"the columns already give every '{names[int(left.argmin())]}' its own level: nothing is left for a random effect.",
            fix="leave out those columns, or the grouping.",
            code="confounded",
        )
    scale = np.sqrt(np.diag(found.information))
    if np.linalg.eigvalsh(found.information / np.outer(scale, scale))[0] < APART:
        said = "' and '".join(names)
        raise DesignError(
            f"the variances of '{said}' cannot be told apart: their levels hold the same answers.",
            fix="leave one of the groupings out.",
            code="confounded",
        )
