"""Answers drawn from one factor, and sets of items made of them: what the tests of this room share."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from evaluation.quality.item_set import ItemSet, Sums
from evaluation.quality.of_study import item_sets
from tests.studies import UNITS

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
    """One set a group, in alphabetical order of their names; the scale's middle is 3, and drawn answers lie well inside it."""
    frame = pd.concat([part.assign(group=name) for name, part in groups.items()], ignore_index=True)
    return item_sets(frame, [name for name in frame if name != "group"], by="group", scale=(-27, 33))


def summed(frame: pd.DataFrame) -> Sums:
    """Means and covariances of complete answers."""
    return Sums(len(frame), frame.mean().to_numpy(), frame.cov().to_numpy())


def one(frame: pd.DataFrame) -> ItemSet:
    """All people together."""
    (found,) = in_groups(everybody=frame)
    return found


def study_answers(
    *, seed: int = 1, people: int = 60, waves: Sequence[str] = ("baseline", "month_6", "month_12"), effect: float = 0.4,
    moved: float = 0.0,
) -> pd.DataFrame:
    """Answers to the tiny study from one factor, the third item worded the other way; in pilots it rises by `effect` after the
    start, and the second item by `moved` more than that, at 12 months."""
    rng = np.random.default_rng(seed)
    parts = []
    for wave in waves:
        for number, (unit, arm) in enumerate(UNITS):
            after = arm == "develop" and wave != "baseline"
            latent = 3.2 + 0.05 * number + effect * after + rng.normal(0, 0.8, (people, 1))
            items = latent + rng.normal(0, 0.6, (people, 5))
            items[:, 1] += moved * (after and wave == "month_12")
            items[:, 2] = 6.2 - items[:, 2]
            part = pd.DataFrame(items, columns=["lived_1", "lived_2", "lived_3", "know_values", "strain_1"]).round().clip(1, 5)
            names = [f"{wave}-{unit}-{k}" for k in range(people)]
            parts.append(part.assign(wave=wave, organisation=unit, unit=unit, respondent=names, staff_group="Nursing"))
    return pd.concat(parts, ignore_index=True)
