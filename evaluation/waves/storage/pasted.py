"""Rows without ids that come twice in one file: copied under themselves, whole or in part, when sheets were put together."""

import numpy as np
import numpy.typing as npt
import polars as pl

from evaluation.errors import WaveError
from evaluation.waves.collect import Collected
from evaluation.waves.storage.same_answers import DIFFERENT

PASTED_ROWS, MOST_ALIKE = 20, 4
"""Rows from which a file that holds every row an even number of times is told, where no more than this many are alike each."""
PASTED_RUN = 10
"""Rows on end that repeat, in the same order, rows on end before them; where people answer alike, rows do so in any order."""


def refuse_pasted(collected: Collected) -> None:
    """Refuse rows without ids of which each comes an even number of times, or of which many on end repeat others on end.

    Raises:
        WaveError: rows were pasted twice.
    """
    nobody = collected.frame.filter(pl.col("respondent").is_null())
    if nobody.height < PASTED_ROWS or collected.frame.height > nobody.height:
        return
    times = nobody.group_by(pl.all()).len("times")["times"]
    if bool((times % 2 == 0).all()) and MOST_ALIKE * len(times) >= nobody.height:
        raise WaveError(
            f"every row of the file comes twice: {nobody.height:,} rows are {len(times):,} different ones.",
            where=f"{collected.receipt.file}, wave '{collected.wave}'",
            fix="keep one copy of the rows; where different people answered alike, map the column that has their ids.",
            code="rows-twice",
        )
    answers = nobody.select(collected.items) if collected.items else nobody
    run = _longest_run(nobody.hash_rows().to_numpy(), answers.hash_rows().to_numpy())
    if run >= PASTED_RUN:
        raise WaveError(
            f"{run:,} rows on end repeat, in the same order, {run:,} rows before them.",
            where=f"{collected.receipt.file}, wave '{collected.wave}'",
            fix="keep one copy of the rows; they were pasted twice.",
            code="rows-twice",
        )


def _longest_run(rows: npt.NDArray[np.uint64], answers: npt.NDArray[np.uint64]) -> int:
    """Most hashed rows on end of which each equals the one so far before it, as far for all of them; answers that differ."""
    places = pl.DataFrame({"row": rows, "place": np.arange(len(rows))})
    back = places.select(pl.col("place") - pl.col("place").shift().over("row")).to_series().drop_nulls()
    longest = 0
    for far in back.value_counts(sort=True).head(3)["place"].to_list():
        ends = np.flatnonzero(np.concatenate(([True], rows[far:] != rows[:-far], [True])))
        first = int(np.argmax(np.diff(ends)))
        run = answers[far:][ends[first] : ends[first + 1] - 1]
        if len(np.unique(run)) >= DIFFERENT * len(run):
            longest = max(longest, len(run))
    return longest
