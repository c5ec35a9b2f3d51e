"""Counts of answers, looked at before anything is made of them."""

import numpy as np
import numpy.typing as npt

from evaluation.errors import DesignError
from evaluation.inference.algebra import Array


def checked(counts: npt.ArrayLike) -> Array:
    """Counts as numbers.

    Raises:
        DesignError: one is missing, infinite or below zero.
    """
    found = np.asarray(counts, dtype=float)
    wrong = int((~np.isfinite(found) | (found < 0)).sum())
    if wrong:
        raise DesignError(f"{wrong} counts are missing or below zero.", fix="give whole counts from 0.", code="counts")
    return found
