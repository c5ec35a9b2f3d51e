"""Where the numbers of a table lie: what is taken off before squaring, so that sums of far numbers keep their digits.

A sum of squares about 0 loses the digits of numbers that differ little and lie far away. Centres are whole steps of a power of
two near the spread, so that taking one away is exact.
"""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from evaluation.evidence.any_table import Source, batches, numbers
from evaluation.evidence.moments import Array

FAR = 10.0
"""Numbers whose mean is this many times their spread (or 1) away from 0 lie far."""


@np.errstate(over="ignore", invalid="ignore")
def even_centre(values: Array) -> float:
    """About the mean, in whole steps of a power of two near the spread; the number itself where there is only one.

    0 where numbers are too large to be squared, which whoever sums them refuses.
    """
    if not len(values):
        return 0.0
    if values.min() == values.max():
        return float(values[0])
    mean, spread = float(values.mean()), float(values.std())
    if not np.isfinite(mean) or not np.isfinite(spread):
        return 0.0
    step = 2.0 ** np.floor(np.log2(max(spread, 1e-6 * abs(mean), 1e-300)))
    return float(np.round(mean / step) * step)


@np.errstate(over="ignore", invalid="ignore")
def far_centre(values: Array) -> float:
    """The same where numbers lie far from 0, else 0: small whole numbers stay what they are."""
    far = len(values) > 0 and abs(values.mean()) > FAR * max(1.0, values.std())
    return even_centre(values) if far else 0.0


def centres_in(source: Source, outcomes: Sequence[str], covariates: Sequence[str] = ()) -> dict[str, float]:
    """The centre of every outcome, and of covariates that lie far, in the first rows of a table."""
    first = next(iter(batches(source, [*outcomes, *covariates])), None)
    if first is None:
        return {}
    found = {name: even_centre(values) for name, values in _finite(first, outcomes)}
    return found | {name: far_centre(values) for name, values in _finite(first, covariates)}


def _finite(batch: pa.RecordBatch, names: Sequence[str]) -> list[tuple[str, Array]]:
    return [(name, row[np.isfinite(row)]) for name, row in zip(names, numbers(batch, names), strict=True)]
