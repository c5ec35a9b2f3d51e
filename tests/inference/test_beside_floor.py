"""Every function of the analyst's that gives a p-value and a floor says so where the p-value is the smaller of the two."""

from collections.abc import Callable, Iterable

import numpy as np
import pandas as pd
import pytest

import evaluation as ev
from evaluation.inference.estimate import Estimate
from evaluation.inference.flags import name_of

UNITS, PILOTS, FLOOR = 6, 2, 1 / 15
WAVES = {"unit": "unit", "wave": "wave", "baseline": "1", "follow_up": "3", "arm": "arm"}


def rows(wave_names: tuple[str, ...] = ("1", "3"), effect: float = 3.0) -> pd.DataFrame:
    """Two pilots that rise by far more than anything differs, and four units that do not."""
    rng = np.random.default_rng(1)
    frames = []
    for unit in range(UNITS):
        pilot, level = unit < PILOTS, rng.normal(0, 0.3)
        for wave in wave_names:
            score = np.rint(5 + level + rng.normal(0, 0.1) + effect * pilot * (wave == wave_names[-1]) + rng.normal(0, 1, 40))
            keys = {"unit": f"u{unit}", "wave": wave, "arm": "pilot" if pilot else "comparison"}
            keys |= {"start": "3" if pilot else "never", "later": int(wave == "3"), "pilot": int(pilot)}
            frames.append(pd.DataFrame({**keys, "score": np.clip(score, 0, 12)}))
    return pd.concat(frames, ignore_index=True)


def counts() -> pd.DataFrame:
    cells = rows().groupby(["unit", "wave", "arm"], as_index=False).size()
    high = (cells["arm"] == "pilot") & (cells["wave"] == "3")
    noise = np.random.default_rng(2).integers(-3, 4, len(cells))
    return cells.assign(events=np.where(high, 400, 40) + noise, months=100.0)


ASKED: dict[str, Callable[[], Iterable[Estimate]]] = {
    "unit_change": lambda: ev.unit_change(rows(), "score", **WAVES),
    "fit": lambda: ev.fit("score ~ pilot * later", rows(), cluster="unit").estimates("CR2"),
    "random_effects": lambda: ev.random_effects("score ~ pilot * later", rows(), ["unit", "unit:wave"]).estimates(),
    "ordered_change": lambda: ev.ordered_change(rows(), "score", **WAVES),
    "event_rates": lambda: ev.event_rates(counts(), events="events", exposure="months", **WAVES),
    "event_study": lambda: ev.event_study(
        rows(("1", "2", "3")), "score", unit="unit", wave="wave", waves=["1", "2", "3"], reference="2", arm="arm").estimates,
    "staggered": lambda: ev.staggered(
        rows(("1", "2", "3")), "score", unit="unit", wave="wave", waves=["1", "2", "3"], start="start", never="never").estimates,
}


@pytest.mark.parametrize("name", ASKED)
def test_a_p_value_below_its_floor_says_so_and_no_other_row_does(name: str) -> None:
    found = list(ASKED[name]())
    flagged = {place for place, row in enumerate(found) if "below_floor" in map(name_of, row.flags)}
    below = {
        place for place, row in enumerate(found)
        if row.p_value is not None and row.resolution_floor is not None and row.p_value < row.resolution_floor
    }  # fmt: skip
    assert flagged == below
    assert any(found[place].resolution_floor == pytest.approx(FLOOR) for place in below)
