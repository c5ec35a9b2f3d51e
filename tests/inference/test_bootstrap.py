"""The wild cluster bootstrap from sums equals one that turns the residuals of every row.

Independent implementation: plain numpy on rows, every sign vector, each draw refitted. Source: docs/methods.md, section 13.
"""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from evaluation.errors import DesignError
from evaluation.inference import bootstrap
from evaluation.inference.bootstrap import sign_vectors, wild_bootstrap, wild_bootstrap_together, wild_p_batch
from evaluation.inference.design import Lifted
from evaluation.inference.variance import LeastSquares, least_squares
from tests.inference.clustered_rows import Rows, clustered_rows, summed


def refitted(rows: Rows, null: float, *, restricted: bool) -> tuple[float, np.ndarray]:
    """|t| of the answer and of every sign vector, by fitting all rows anew in each draw."""
    X, y, groups, j = rows.X, rows.y, rows.groups, rows.target
    inverse = np.linalg.inv(X.T @ X)

    def t_of(outcome: np.ndarray, against: float) -> float:
        b = inverse @ X.T @ outcome
        scores = np.array([X[groups == g].T @ (outcome - X @ b)[groups == g] for g in np.unique(groups)])
        return float((b[j] - against) / np.sqrt(((scores @ inverse[j]) ** 2).sum()))

    b = inverse @ X.T @ y
    if restricted:
        others = np.delete(X, j, axis=1)
        slopes = np.linalg.lstsq(others, y - null * X[:, j], rcond=None)[0]
        fitted, against = others @ slopes + null * X[:, j], null
    else:
        fitted, against = X @ b, b[j]
    drawn = [t_of(fitted + np.asarray(v)[groups] * (y - fitted), against) for v in product((1.0, -1.0), repeat=groups.max() + 1)]
    return abs(t_of(y, null)), np.abs(drawn)


@pytest.mark.parametrize("restricted", [True, False])
@pytest.mark.parametrize("null", [0.0, 0.4])
def test_every_sign_vector_gives_the_statistic_and_p_that_rows_give(null: float, restricted: bool) -> None:
    rows = clustered_rows(8, 3, seed=1)
    observed, drawn = refitted(rows, null, restricted=restricted)
    found = wild_bootstrap(summed(rows), null=null, restricted=restricted)
    assert (found.enumerated, found.draws, found.weights) == (True, 256, "Rademacher")
    assert abs(found.statistic) == pytest.approx(observed, rel=1e-10)
    assert found.p_value == (drawn >= observed * (1 - 1e-9)).mean()


def test_the_identity_is_among_the_sign_vectors_so_that_p_is_never_zero() -> None:
    fit = summed(clustered_rows(6, 3, seed=2, effect=40.0))
    restricted, unrestricted = wild_bootstrap(fit), wild_bootstrap(fit, restricted=False)
    assert restricted.p_value >= restricted.smallest == 2 / 64
    assert unrestricted.p_value == unrestricted.smallest == 1 / 64


def test_p_is_the_level_at_both_ends_of_the_interval() -> None:
    """Just inside the null value is kept, just outside it is rejected: by the brute force on rows."""
    rows = clustered_rows(8, 4, seed=3)
    found = wild_bootstrap(summed(rows), confidence=0.9)
    assert found.conf_low < found.estimate < found.conf_high
    for end, outwards in ((found.conf_low, -1.0), (found.conf_high, 1.0)):
        for step, kept in ((-1e-6, True), (1e-6, False)):
            observed, drawn = refitted(rows, end + outwards * step, restricted=True)
            assert bool((drawn >= observed * (1 - 1e-9)).mean() > 0.1) is kept


def test_an_end_that_no_null_value_reaches_is_infinite() -> None:
    """With four units two of sixteen sign vectors are as extreme as the answer: p cannot fall to 5 in 100."""
    found = wild_bootstrap(summed(clustered_rows(4, 2, seed=4)))
    assert (found.conf_low, found.conf_high) == (-np.inf, np.inf)
    assert found.smallest == 2 / 16


def test_many_units_are_drawn_by_webb_and_the_seed_decides() -> None:
    fit = summed(clustered_rows(20, 8, seed=5))
    one, same, other = (wild_bootstrap(fit, draws=499, seed=seed) for seed in (1, 1, 2))
    assert (one.enumerated, one.weights, one.draws, one.smallest) == (False, "Webb", 499, 1 / 500)
    assert one == same and one.p_value != other.p_value
    assert one.p_value == pytest.approx(other.p_value, abs=0.1)


def test_webb_weights_have_mean_zero_and_variance_one() -> None:
    """Webb (2023): the six points are plus and minus the roots of 3/2, 1 and 1/2."""
    drawn, _ = sign_vectors(20, 50_000, seed=1)
    assert len(np.unique(drawn)) == 6
    assert (drawn.mean(), (drawn**2).mean()) == pytest.approx((0.0, 1.0), abs=0.005)


def test_outcomes_tested_together_are_set_beside_the_largest_statistic_of_every_draw() -> None:
    """Step-down max-t by its definition, on the brute force's statistics."""
    both = [clustered_rows(8, 3, seed=6, effect=effect, noise=seed) for effect, seed in ((0.9, 1), (0.1, 2), (0.5, 3))]
    observed, drawn = zip(*(refitted(rows, 0.0, restricted=True) for rows in both), strict=True)
    found = wild_bootstrap_together([summed(rows) for rows in both], ["a", "b", "c"])
    table, order = np.column_stack(drawn), np.argsort(observed)[::-1]
    expected, least = {}, 0.0
    for place, k in enumerate(order):
        least = max(least, (table[:, order[place:]].max(axis=1) >= observed[k] * (1 - 1e-9)).mean())
        expected[k] = least
    assert found.adjusted.tolist() == [expected[k] for k in range(3)]
    assert np.all(found.adjusted >= found.p_values)


def test_many_studies_at_once_get_the_p_of_each_alone() -> None:
    fit = summed(clustered_rows(8, 3, seed=7))
    alike = [clustered_rows(8, 3, seed=7, noise=k) for k in range(5)]
    signs, enumerated = sign_vectors(8, 0, 0)
    batch = wild_p_batch(fit, np.stack([summed(rows).lifted.scores for rows in alike]), signs, enumerated=enumerated)
    assert batch.tolist() == [wild_bootstrap(summed(rows)).p_value for rows in alike]


def test_one_pilot_alone_is_refused_with_the_reason() -> None:
    with pytest.raises(DesignError, match="one unit alone decides"):
        wild_bootstrap(summed(clustered_rows(8, 1, seed=8)))


@pytest.mark.parametrize("outcome", ["nothing", "one value", "made from the columns"])
def test_an_outcome_without_error_is_refused(outcome: str) -> None:
    rows = clustered_rows(8, 3, seed=8)
    y = {"nothing": 0.0 * rows.y, "one value": 0.0 * rows.y + 3, "made from the columns": rows.X @ np.arange(1.0, 6.0)}[outcome]
    fit = summed(replace(rows, y=y))
    for ask in (lambda: wild_bootstrap(fit), lambda: wild_bootstrap_together([fit], ["a"])):
        with pytest.raises(DesignError, match="no error can be measured"):
            ask()


def test_an_outcome_that_stays_the_same_in_every_unit_has_no_change_to_test() -> None:
    """Units differ, their changes do not: a p-value would be made of rounding."""
    groups, later = np.repeat(np.arange(8), 20), np.tile([0.0, 1.0], 80)
    pilot, age = (groups < 3).astype(float), np.tile([1.0, 1.0, -1.0, -1.0], 40)
    X = np.column_stack([np.ones(160), pilot, later, pilot * later, age])
    fit = summed(Rows(X, np.sqrt(1.0 + groups), groups, np.ones(160)))
    with pytest.raises(DesignError, match="no error can be measured"):
        wild_bootstrap(fit)
    assert wild_bootstrap(fit, np.eye(5)[1]).p_value > 0


def test_many_units_are_worked_on_in_parts_that_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    fit = summed(clustered_rows(20, 8, seed=5))
    whole = wild_bootstrap(fit, draws=499)
    monkeypatch.setattr(bootstrap, "AT_ONCE", 700)
    assert wild_bootstrap(fit, draws=499) == whole


def test_outcomes_with_other_units_are_refused() -> None:
    fits: list[LeastSquares] = [summed(clustered_rows(units, 3, seed=9)) for units in (8, 9)]
    with pytest.raises(DesignError, match="same units"):
        wild_bootstrap_together(fits, ["a", "b"])


def test_lifted_is_left_as_it_was() -> None:
    fit = summed(clustered_rows(6, 3, seed=10))
    before: Lifted = fit.lifted
    copies = before.grams.copy(), before.scores.copy()
    wild_bootstrap(fit)
    assert np.array_equal(copies[0], before.grams) and np.array_equal(copies[1], before.scores)


def test_more_than_fourteen_units_are_not_enumerated() -> None:
    assert sign_vectors(14, 99, 0)[0].shape == (2**13, 14)  # one of each pair of mirror images
    assert sign_vectors(15, 99, 0)[0].shape == (99, 15)
    assert isinstance(least_squares(summed(clustered_rows(15, 6, seed=11)).lifted), LeastSquares)
