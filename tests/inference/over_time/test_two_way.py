"""Two-way fixed effects as a diagnostic: what the regression gives, and that its parts add up to it."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from evaluation.inference.over_time.two_way import KINDS, two_way

PLACES = np.array([1, 1, 2, 4, 4, 4, 5, 5, 5])


def figures(seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(9, 5)) + 0.3 * (np.arange(5) >= PLACES[:, None]) * np.arange(5)


def dummies(means: np.ndarray, places: np.ndarray) -> float:
    """The coefficient by least squares on a level for every unit and wave."""
    G, T = means.shape
    unit, wave = np.repeat(np.eye(G), T, axis=0), np.tile(np.eye(T), (G, 1))
    has = (np.arange(T) >= places[:, None]).astype(float).ravel()
    return float(np.linalg.lstsq(np.column_stack([has, unit, wave]), means.ravel(), rcond=None)[0][0])


def test_the_coefficient_is_least_squares_with_a_level_for_every_unit_and_wave() -> None:
    assert two_way(figures(), PLACES).coefficient == pytest.approx(dummies(figures(), PLACES), rel=1e-10)


def test_goodman_bacons_parts_have_weights_that_add_to_one_and_average_to_the_coefficient() -> None:
    found = two_way(figures(), PLACES)
    parts = found.parts
    assert parts["weight"].sum() == pytest.approx(1.0, abs=1e-12)
    assert (parts["weight"] > 0).all()
    assert (parts["weight"] * parts["estimate"]).sum() == pytest.approx(found.coefficient, rel=1e-10)
    assert set(parts["kind"]) == set(KINDS)
    assert found.by_kind()["weight"].sum() == pytest.approx(1.0)


def test_every_part_is_the_two_way_regression_on_its_own_units_and_waves() -> None:
    """Goodman-Bacon's definition: the 2 x 2 regression of two groups, over the waves in which one of them does not change."""
    means, labels = figures(), {0: "0", 1: "1", 2: "2", 3: "3", 4: "4", 5: "never"}
    parts = two_way(means, PLACES).parts.set_index(["start", "other"])
    for start, other in [(1, 4), (4, 1), (2, 5)]:
        early, late = min(start, other), max(start, other)
        waves = slice(0, late) if start == early else slice(early, 5)
        chosen = np.isin(PLACES, [start, other])
        own = np.where(PLACES[chosen] == start, start - (waves.start or 0), 5)
        assert parts.loc[(labels[start], labels[other]), "estimate"] == pytest.approx(dummies(means[chosen][:, waves], own), rel=1e-9)


def test_some_effects_enter_with_negative_weight_where_starts_differ_and_nobody_is_left_without() -> None:
    """Effects that grow with time: the regression of de Chaisemartin and D'Haultfoeuille turns them round."""
    places = np.array([1, 1, 3, 3])
    grown = np.maximum(np.arange(6) - places[:, None] + 1, 0) ** 2.0
    found = two_way(grown, places)
    assert found.negative_share > 0 and found.negative_weight < 0
    assert found.coefficient < grown[grown > 0].mean() / 2
    assert two_way(grown, np.array([3, 3, 6, 6])).negative_share == 0


def test_organ_donations_give_the_published_coefficient(shared_data: Callable[[str], Path]) -> None:
    """README of the data: -0.02246, California from the fourth of six quarters."""
    table = pd.read_csv(shared_data("replication_organ_donations") / "organ_donations.csv")
    wide = table.pivot(index="State", columns="Quarter_Num", values="Rate")
    places = np.where(wide.index == "California", 3, 6)
    found = two_way(wide.to_numpy(), places)
    assert round(found.coefficient, 5) == -0.02246
    assert len(found.parts) == 1
