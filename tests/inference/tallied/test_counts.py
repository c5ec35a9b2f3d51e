"""Counts that are none are refused by everything that reads counts."""

from collections.abc import Callable

import numpy as np
import pytest

from evaluation.errors import DesignError
from evaluation.inference.tallied.ordinal import by_threshold, cumulative_logit
from evaluation.inference.tallied.proportions import logits
from evaluation.inference.tallied.superiority import superiority

UNITS, COLUMN = ["a", "b", "c", "d"], np.array([[1.0], [1.0], [0.0], [0.0]])


def table(value: float) -> np.ndarray:
    counts = np.array([[5.0, 6, 7], [4, 5, 6], [8, 7, 5], [9, 6, 4]])
    counts[0, 1] = value
    return counts


@pytest.mark.parametrize("value", [np.nan, np.inf, -1.0])
@pytest.mark.parametrize(
    "reads",
    [
        lambda bad: cumulative_logit(bad, COLUMN, UNITS, ["pilot"]), lambda bad: by_threshold(bad, COLUMN, UNITS, ["pilot"]),
        lambda bad: superiority(bad, table(6)), lambda bad: logits(bad, table(6) + 10),
    ],
)
def test_a_missing_infinite_or_negative_count_is_refused(reads: Callable[[np.ndarray], object], value: float) -> None:
    with pytest.raises(DesignError, match="1 counts are missing or below zero"):
        reads(table(value))


def test_sets_that_do_not_overlap_have_no_error_and_say_so() -> None:
    apart = superiority(np.array([9, 0, 0]), np.array([0, 0, 9]))
    assert apart.chance[0] == 1.0
    with pytest.raises(DesignError, match="do not overlap"):
        _ = apart.against_even


def test_an_option_that_nobody_chose_is_no_threshold() -> None:
    counts = np.column_stack([table(6), np.zeros(4)])
    assert list(by_threshold(counts, COLUMN, UNITS, ["pilot"])["above_option"]) == [1, 2]
