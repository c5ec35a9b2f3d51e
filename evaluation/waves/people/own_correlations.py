"""Correlations of people's answers now with their answers in an earlier wave, item by item and each item with each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import polars as pl

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Correlations:
    """Of k items with each other, among people who gave both answers.

    `r` (k, k) has item i now and item j then at [i, j], `n` (k, k) how many people gave both; NaN where these are too few or
    answer alike.
    """

    items: tuple[str, ...]
    r: Array
    n: Array

    @cached_property
    def own(self) -> Mapping[str, float]:
        """Of every item with itself; items without one are left out."""
        return {item: float(self.r[k, k]) for k, item in enumerate(self.items) if np.isfinite(self.r[k, k])}

    @property
    def middle(self) -> float:
        """The median of `own`; 0 where there is none."""
        return float(np.median([*self.own.values()])) if self.own else 0.0

    def error(self, item: str) -> float:
        """Standard error of an item's correlation with itself if it were nothing."""
        place = self.items.index(item)
        return float(1 / np.sqrt(self.n[place, place] - 1))

    def swapped(self) -> dict[str, tuple[str, float]]:
        """Items that go with another item's answers of then, and that item not with its own: by item, which and how far.

        An item that is measured badly may go with a better one's answers more than with its own; that one goes with its own then.
        """
        best = {place: self._better(place) for place in range(len(self.items)) if self.items[place] in self.own}
        found = {place: other for place, other in best.items() if other is not None and best.get(other) is not None}
        return {self.items[place]: (self.items[other], float(self.r[place, other])) for place, other in found.items()}

    def _better(self, place: int) -> int | None:
        """The item whose answers of then an item goes with clearly more than with its own."""
        row = np.where(np.isfinite(self.r[place]), self.r[place], -np.inf)
        other = int(np.argmax(row))
        apart = 2 * np.sqrt(2 / (min(self.n[place, place], self.n[place, other]) - 1))
        return other if other != place and row[other] > self.r[place, place] + apart else None


def correlations(both: pl.DataFrame, items: Sequence[str], least: int) -> Correlations:
    """Correlations of `items` with `..._then`, each among people who gave both; NaN where fewer than `least` did."""
    (X, has_x), (Y, has_y) = map(_centred, both_sides(both, items))
    n = has_x.T @ has_y
    with np.errstate(divide="ignore", invalid="ignore"):
        r = (X.T @ Y) / np.sqrt(((X * X).T @ has_y) * (has_x.T @ (Y * Y)))
    return Correlations(tuple(items), np.where(n >= least, r, np.nan), n)


def within(rows: pl.DataFrame, items: Sequence[str]) -> tuple[float, float]:
    """One correlation over all items, each about its mean, and how many standard errors it is from nothing; 0 and 0 without any.

    The error is that of a sum over people, for the answers of one person go together (Liang & Zeger 1986, Biometrika 73, 13-22).

    Args:
        rows: people of one organisation.
        items: columns of answers, beside which those of then stand under `..._then`.
    """
    (X, has_x), (Y, has_y) = map(_centred, both_sides(rows, items))
    spread = float(((X * X) * has_y).sum() * ((Y * Y) * has_x).sum())
    people = (X * Y).sum(axis=1)
    if not spread > 0 or not people.any():
        return 0.0, 0.0
    return float(people.sum() / np.sqrt(spread)), float(people.sum() / np.sqrt((people * people).sum()))


def both_sides(both: pl.DataFrame, items: Sequence[str]) -> tuple[Array, Array]:
    """(R, k) answers now and (R, k) those of then; NaN where there is none."""
    now, then = (both.select(pl.col(f"{item}{end}").cast(pl.Float64) for item in items).to_numpy() for end in ("", "_then"))
    return now, then


def _centred(values: Array) -> tuple[Array, Array]:
    """(R, k) answers about their means, nothing as 0, and (R, k) whether there is one, as 0 and 1."""
    has = np.isfinite(values)
    means = np.where(has, values, 0.0).sum(axis=0) / np.maximum(has.sum(axis=0), 1)
    return np.where(has, values - means, 0.0), has.astype(float)
