"""How moments behave as values: means, variances, selecting, pooling, adding. Expected numbers come from numpy on the rows."""

import numpy as np
import pandas as pd
import pytest

from evaluation.errors import DesignError
from evaluation.evidence.moments import Moments, no_moments


def moments(rows: dict[tuple[str, str], list[float]], centre: float = 5.0, names: tuple[str, ...] = ("1", "x", "y")) -> Moments:
    """Moments of y with x = y**2 as covariate; one cell per (unit, wave)."""
    keys = sorted(rows)
    cells = pd.DataFrame({"unit": [u for u, _ in keys], "organisation": [u for u, _ in keys],
                          "arm": ["a"] * len(keys), "role": ["pilot"] * len(keys), "wave": [w for _, w in keys]})
    return Moments(cells, names, np.stack([_gram(np.asarray(rows[key]), centre) for key in keys]), centre)


def _gram(y: np.ndarray, centre: float) -> np.ndarray:
    u = np.column_stack([np.ones_like(y), y**2, y - centre])
    return u.T @ u


ROWS = {("A", "one"): [1.0, 2.0, 4.0], ("A", "two"): [7.0], ("B", "one"): [3.0, 3.0]}


def test_means_are_in_the_measures_own_units() -> None:
    assert moments(ROWS).means() == pytest.approx([7 / 3, 7.0, 3.0], abs=1e-13)
    assert moments(ROWS).n.tolist() == [3, 1, 2]


def test_variance_is_the_sample_variance_and_unknown_for_one_person() -> None:
    # numpy: var([1, 2, 4], ddof=1) = 7/3; one person has none; equal answers have none to speak of.
    assert moments(ROWS).variance() == pytest.approx([7 / 3, np.nan, 0.0], abs=1e-13, nan_ok=True)


def test_variance_keeps_its_digits_far_from_zero() -> None:
    far = {("A", "one"): [1e6 + 1.0, 1e6 + 2.0, 1e6 + 4.0]}
    assert moments(far, centre=1e6).variance() == pytest.approx([7 / 3], rel=1e-12)


def test_select_keeps_the_cells_that_are_asked_for() -> None:
    one = moments(ROWS)
    kept = one.select(one.cells["wave"] == "one")
    assert kept.cells["unit"].tolist() == ["A", "B"]
    assert kept.n.tolist() == [3, 2]


def test_pool_adds_cells_that_agree_on_its_keys() -> None:
    pooled = moments(ROWS).pool(["unit"])
    assert pooled.cells["unit"].tolist() == ["A", "B"]
    assert pooled.products[0] == pytest.approx(_gram(np.asarray([1.0, 2.0, 4.0, 7.0]), 5.0))


def test_pool_does_not_lose_cells_without_an_arm() -> None:
    one = moments(ROWS)
    nameless = Moments(one.cells.assign(arm=None), one.names, one.products, one.centre)
    assert nameless.pool(["arm"]).n.tolist() == [6]


def test_adding_joins_cells_with_the_same_keys_and_keeps_the_others() -> None:
    both = moments({("A", "one"): [1.0, 2.0]}) + moments({("A", "one"): [4.0], ("B", "one"): [3.0, 3.0], ("A", "two"): [7.0]})
    whole = moments(ROWS)
    assert both.cells.equals(whole.cells)
    assert both.products == pytest.approx(whole.products, rel=1e-15)


def test_adding_does_not_depend_on_the_order() -> None:
    left, right = moments({("B", "one"): [1.5, 2.0]}), moments({("A", "one"): [0.1], ("B", "one"): [3.7]})
    assert (left + right).products.tobytes() == (right + left).products.tobytes()


def test_moments_of_different_columns_or_centres_cannot_be_added() -> None:
    with pytest.raises(DesignError, match="cannot be added"):
        moments(ROWS) + moments(ROWS, names=("1", "z", "y"))
    with pytest.raises(DesignError, match="cannot be added"):
        moments(ROWS) + moments(ROWS, centre=0.0)


def test_with_covariates_keeps_only_those_asked_for() -> None:
    whole = moments(ROWS)
    assert whole.with_covariates([]).names == ("1", "y")
    assert whole.with_covariates([]).means() == pytest.approx(whole.means())
    assert whole.with_covariates(["x"]).products == pytest.approx(whole.products)


def test_moments_cannot_be_changed_in_place() -> None:
    with pytest.raises(ValueError, match="read-only"):
        moments(ROWS).products[0, 0, 0] = 1.0


def test_products_that_do_not_fit_their_cells_are_refused() -> None:
    with pytest.raises(ValueError, match="do not fit"):
        Moments(moments(ROWS).cells, ("1", "y"), np.zeros((3, 3, 3)), 0.0)


def test_no_answers_are_no_cells_whatever_is_done_with_them() -> None:
    none = no_moments("y")
    assert none.n.tolist() == none.means().tolist() == none.variance().tolist() == []
    assert len(none.pool(["unit"]).cells) == len(none.select([]).cells) == len((none + none).cells) == 0
