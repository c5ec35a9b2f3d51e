"""Several outcomes under the same placements: the step-down by its definition, on each outcome's own reference distribution."""

import numpy as np
import pytest

from evaluation.errors import DesignError
from evaluation.inference.analyst import UnitChanges
from evaluation.inference.placebo_together import placebo_together
from evaluation.inference.refusals import Keeps
from tests.inference.test_placebo import figures


def found(pilots: int, others: int, seed: int, effect: float, keeps: Keeps | None = None) -> UnitChanges:
    return UnitChanges((), figures(pilots, others, seed=seed, effect=effect), keeps)


def test_outcomes_tested_together_are_set_beside_the_largest_statistic_of_every_placement() -> None:
    outcomes = {"a": found(4, 6, 1, 0.6), "b": found(4, 6, 2, 0.1), "c": found(4, 6, 3, 0.4)}
    together = placebo_together(outcomes)
    alone = [one.placebo() for one in outcomes.values()]
    table = np.column_stack([np.abs(one.reference) for one in alone])
    order, least, expected = np.argsort(-table[0]), 0.0, {}
    for place, k in enumerate(order):
        least = max(least, (table[:, order[place:]].max(axis=1) >= table[0, k] * (1 - 1e-9)).mean())
        expected[k] = least
    assert together.p_values.tolist() == [one.p_value for one in alone]
    assert together.adjusted.tolist() == [expected[k] for k in range(3)]


def test_outcomes_of_other_units_or_of_too_few_are_refused() -> None:
    with pytest.raises(DesignError, match="same units"):
        placebo_together({"a": found(4, 6, 1, 0.6), "b": found(3, 7, 1, 0.6)})
    with pytest.raises(DesignError, match="so few units"):
        placebo_together({"a": found(2, 2, 1, 0.6, Keeps.ESTIMATE)})
    with pytest.raises(DesignError, match="no outcome"):
        placebo_together({})
