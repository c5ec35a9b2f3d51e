"""Small tables with more waves than two, for tests."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd


def people(
    starts: Mapping[str, int | None], waves: int, *, seed: int = 1, effect: float = 0.5, sizes: Sequence[int] = (12, 20, 35),
    between: float = 0.1,
) -> pd.DataFrame:
    """Rows of people: columns unit, wave (0, 1 ...), start (missing for never), arm and score."""
    rng = np.random.default_rng(seed)
    frames = []
    for k, (unit, start) in enumerate(starts.items()):
        level, n = 6 + rng.normal(0, 0.5), sizes[k % len(sizes)]
        for wave in range(waves):
            moved = effect if start is not None and wave >= start else 0.0
            score = level + 0.1 * wave + moved + rng.normal(0, between) + rng.normal(0, 1, n)
            arm = "comparison" if start is None else "pilot"
            frames.append(pd.DataFrame({"unit": unit, "wave": wave, "start": start, "arm": arm, "score": score}))
    return pd.concat(frames, ignore_index=True)


def block(pilots: int, others: int, start: int) -> dict[str, int | None]:
    """Pilots that begin together, and units that never do."""
    return {f"P{k}": start for k in range(pilots)} | {f"C{k}": None for k in range(others)}


def means(table: pd.DataFrame, score: str = "score") -> pd.DataFrame:
    """Units by waves."""
    return table.pivot_table(index="unit", columns="wave", values=score)
