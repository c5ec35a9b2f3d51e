"""Small matrices, handled so that a bad one is noticed."""

import numpy as np
import pytest

from evaluation.inference.algebra import inverse_root, power_of_complement, said


def columns(n: int = 50) -> np.ndarray:
    rng = np.random.default_rng(0)
    return np.column_stack([np.ones(n), rng.normal(size=n), rng.normal(size=n) * 1e6])


def test_the_root_gives_the_inverse_of_a_badly_scaled_matrix() -> None:
    X = columns()
    gram = X.T @ X
    root = inverse_root(gram)
    assert root.kept == (0, 1, 2)
    assert root.inverse @ gram == pytest.approx(np.eye(3), abs=1e-9)


def test_the_last_of_two_equal_columns_is_dropped_and_its_twin_named() -> None:
    X = columns()
    gram = np.column_stack([X, X[:, 1] * 3 + X[:, 0]])
    root = inverse_root(gram.T @ gram)
    assert root.kept == (0, 1, 2)
    assert said(["1", "age", "pay", "copy"], root.explained_by) == {"copy": "already said by 1, age"}


def test_an_empty_column_is_dropped_because_nobody_has_it() -> None:
    X = np.column_stack([columns(), np.zeros(50)])
    root = inverse_root(X.T @ X)
    assert said(["1", "a", "b", "c"], root.explained_by) == {"c": "it does not vary in what is compared"}


def test_nothing_at_all_leaves_an_empty_root() -> None:
    assert inverse_root(np.zeros((2, 2))).kept == ()
    assert inverse_root(np.zeros((0, 0))).kept == ()


def test_a_leverage_of_one_gets_weight_zero_as_moore_and_penrose_have_it() -> None:
    assert power_of_complement(np.array([0.0, 0.75, 1.0 - 1e-13]), -0.5) == pytest.approx([1.0, 2.0, 0.0])
