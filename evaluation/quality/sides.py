"""Which rows are pilots', where the arms that have the pilot are named by hand."""

from collections.abc import Collection

import numpy as np
import numpy.typing as npt
import pandas as pd

from evaluation.errors import DesignError


def is_pilot(arms: pd.Series, pilot_arms: Collection[str]) -> npt.NDArray[np.bool_]:
    """Which of these arms have the pilot.

    Raises:
        DesignError: an arm is named that nobody is in, or pilots or others are missing.
    """
    named, held = {pilot_arms} if isinstance(pilot_arms, str) else set(pilot_arms), sorted(set(arms.astype(str)))
    unknown = sorted(named - set(held))
    if unknown or not named or named >= set(held):
        said = f"nobody is in {', '.join(unknown)}" if named & set(held) else "only one side has units"
        fix = f"name those of these arms that have the pilot: {', '.join(held)}."
        raise DesignError(f"{said}, so that sides cannot be compared.", fix=fix, code="arm")
    return np.asarray(arms.astype(str).isin(named))
