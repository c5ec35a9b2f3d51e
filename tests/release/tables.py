"""Tables of cells written by hand or drawn at random, in the form of `cells_of`."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from evaluation.protocol.policy import DisclosurePolicy
from evaluation.release.cells import COLUMNS

POLICY = DisclosurePolicy(policy="threshold-11", version=1, says="Tests.", threshold=11, remainder_cells=2, remainder_people=11,
                          round_counts_to=5, extremes_until=50)
THRESHOLD_ONLY = POLICY.model_copy(update={"round_counts_to": 1})


def table(
    arms: Mapping[str, Mapping[str, tuple[int, float]]], roles: Mapping[str, str] | None = None,
    headcounts: Mapping[str, int] | None = None,
) -> pd.DataFrame:
    """Cells of one measure and wave from {arm: {unit: (people, mean)}}; an arm named `comparison` compares, others pilot.

    `headcounts` are those that a reader knows, by unit: the column `most`.
    """
    roles = roles or {arm: "comparison" if arm == "comparison" else "pilot" for arm in arms}
    units = pd.DataFrame([
        {"role": roles[arm], "arm": arm, "unit": unit, "people": people, "total": people * mean}
        for arm, members in arms.items() for unit, (people, mean) in members.items()
    ])
    rows = []
    for level, keys in (("all", []), ("role", ["role"]), ("arm", ["role", "arm"]), ("unit", ["role", "arm", "unit"])):
        for key, members in units.groupby(keys) if keys else [((), units)]:
            people, total = int(members["people"].sum()), float(members["total"].sum())
            rows.append({
                "measure": "lived_values", "wave": "month_12", "level": level, **dict.fromkeys(("unit", "arm", "role")),
                **dict(zip(keys, key, strict=True)), "people": people, "mean": total / people if people else np.nan,
                "low": np.nan, "high": np.nan, "lowest": 0.0, "highest": 10.0,
            })
    cells = pd.DataFrame(rows, columns=list(COLUMNS))
    return cells if headcounts is None else cells.assign(most=cells["unit"].map(headcounts).astype(float))
