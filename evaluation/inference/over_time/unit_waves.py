"""One figure for every unit and wave: what all designs of this folder are made of."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from evaluation.errors import DesignError
from evaluation.evidence.moments import Moments
from evaluation.inference.algebra import Array
from evaluation.inference.over_time.waves import Waves, in_order
from evaluation.inference.unit_level import balanced, cell_means


@dataclass(frozen=True)
class UnitWaves:
    """G units in T waves: `means` (G, T) adjusted for covariates, and their `sampling` variances (G, T), None where unknown.

    `arms` (G,) is what the arm column says of each unit, None where it says nothing; `people` (G, T) counts who answered;
    `left_out` are units that miss a wave; `moments` are the cells behind the figures.
    """

    units: tuple[str, ...]
    waves: Waves
    arms: tuple[str | None, ...]
    means: Array
    sampling: Array | None
    people: Array
    left_out: tuple[str, ...]
    moments: Moments

    def only(self, kept: npt.NDArray[np.bool_]) -> "UnitWaves":
        """The same for the units that `kept`, (G,), marks."""
        units = tuple(unit for unit, keep in zip(self.units, kept, strict=True) if keep)
        arms = tuple(arm for arm, keep in zip(self.arms, kept, strict=True) if keep)
        sampling = None if self.sampling is None else self.sampling[kept]
        moments = self.moments.select(self.moments.cells["unit"].isin(units))
        rest = replace(self, units=units, arms=arms, sampling=sampling, moments=moments)
        return replace(rest, means=self.means[kept], people=self.people[kept])


def unit_waves(moments: Moments, asked: Sequence[object] | None = None) -> UnitWaves:
    """Read the figures of every unit in every wave off its moments.

    Covariates are adjusted for inside cells, with the same slopes in all waves.

    Args:
        moments: one cell a unit and wave; `cells["arm"]` is the same in all waves of a unit.
        asked: the waves in their order, as for `waves.in_order`.

    Raises:
        DesignError: the order of waves cannot be told, no unit answered in all of them, or a unit's arm is not the same
            throughout.
    """
    waves = in_order(moments.cells["wave"].dropna().astype(str), asked)
    whole, left_out = balanced(moments, waves.names)
    if not len(whole.cells):
        said = f"no unit answered in all {len(waves.names)} waves."
        raise DesignError(said, fix="give fewer waves as waves=[...]; every unit must have answered in each.", code="empty")
    if whole.cells.duplicated(["unit", "wave"]).any() or whole.cells.groupby("unit")["arm"].nunique(dropna=False).max() > 1:
        said = "the column of arms or starts is not the same in all rows of a unit."
        raise DesignError(said, fix="give every unit one value in all of its waves.", code="arm")
    found = cell_means(whole)
    cells = whole.cells.assign(mean=found.adjusted + whole.centre, n=whole.n)
    cells["sampling"] = np.nan if found.sampling is None else found.sampling
    tables = {name: _wide(cells, name, waves) for name in ("mean", "sampling", "n")}
    arms = cells.groupby("unit", sort=True)["arm"].first()
    return UnitWaves(
        tuple(map(str, arms.index)), waves, tuple(None if pd.isna(arm) else str(arm) for arm in arms), tables["mean"],
        None if found.sampling is None else tables["sampling"], tables["n"], left_out, whole,
    )  # fmt: skip


def _wide(cells: pd.DataFrame, name: str, waves: Waves) -> Array:
    wide = cells.pivot_table(index="unit", columns="wave", values=name, sort=True, dropna=False)
    return np.asarray(wide[list(waves.names)].to_numpy(dtype=float))
