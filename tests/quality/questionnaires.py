"""Answers drawn from one factor, and sets of items made of them: what the tests of this room share."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from evaluation.quality.item_set import ItemSet, Sums
from evaluation.quality.of_study import item_sets

LOADINGS = (0.6, 0.9, 0.7, 0.8, 0.75, 0.65)


def answers(
    n: int, *, seed: int, loadings: Sequence[float] = LOADINGS, shifts: Mapping[int, float] | None = None, mean: float = 0.0,
    noise: float = 0.6,
) -> pd.DataFrame:
    """Continuous answers of n people about 3; `shifts` adds to items by place, `mean` moves the factor."""
    rng = np.random.default_rng(seed)
    factor = rng.normal(mean, 1, n)
    values = 3 + factor[:, None] * np.array(loadings) + rng.normal(0, noise, (n, len(loadings)))
    for place, shift in (shifts or {}).items():
        values[:, place] += shift
    return pd.DataFrame(values, columns=[f"q{k + 1}" for k in range(len(loadings))])


def chosen(frame: pd.DataFrame) -> pd.DataFrame:
    """The same as codes 1 to 5."""
    return frame.round().clip(1, 5)


def in_groups(**groups: pd.DataFrame) -> tuple[ItemSet, ...]:
    """One set a group, in alphabetical order of their names; scale 1 to 5."""
    frame = pd.concat([part.assign(group=name) for name, part in groups.items()], ignore_index=True)
    return item_sets(frame, [name for name in frame if name != "group"], by="group", scale=(1, 5))


def summed(frame: pd.DataFrame) -> Sums:
    """Means and covariances of complete answers."""
    return Sums(len(frame), frame.mean().to_numpy(), frame.cov().to_numpy())


def one(frame: pd.DataFrame) -> ItemSet:
    """All people together."""
    (found,) = in_groups(everybody=frame)
    return found
