"""Tallies: how many people of each cell chose each option of each item.

Sufficient for everything about a single item: percentages, charts of options, ordinal models. "Not answered" is an option
of its own (a missing `answer`), so that an item's counts add up to the cell.
"""

from collections.abc import Mapping, Sequence

import ibis.expr.types as ir
import numpy as np
import pandas as pd

from evaluation.protocol.documents import Documents

TALLY_COLUMNS = ("population", "item", "unit", "arm", "wave", "answer", "n")

Options = Mapping[str, tuple[float, ...]]


def options_of(population: str, documents: Documents) -> dict[str, tuple[float, ...]]:
    """The codes of every item of `population` that is answered by choosing; numbers on a range have no options."""
    return {
        name: instrument.scale_of(name).codes
        for instrument in documents.instruments.values() if instrument.population == population
        for name in instrument.items if instrument.scale_of(name).options
    }


def count_answers(columns: Mapping[str, ir.NumericValue], options: Options) -> dict[str, ir.NumericValue]:
    """One count per item and code, and one per item of whoever did not answer it."""
    asked: dict[str, ir.NumericValue] = {}
    for number, (item, codes) in enumerate(options.items()):
        column = columns[item]
        asked |= {f"_t{number}_{k}": (column == code).cast("int64").sum() for k, code in enumerate(codes)}
        asked[f"_t{number}_{len(codes)}"] = column.isnull().cast("int64").sum()
    return asked


def tallies_from(grouped: pd.DataFrame, population: str, documents: Documents) -> pd.DataFrame:
    """One line per item, cell and answer that somebody gave; items that a wave did not ask are left out of it.

    Columns: population, item, unit, arm, wave, answer (the code; NaN for no answer), n (rows).
    """
    options = options_of(population, documents)
    parts = [_tally(grouped, number, item, codes) for number, (item, codes) in enumerate(options.items())]
    if not parts:
        return no_tallies()
    long = pd.concat(parts, ignore_index=True).assign(population=population)
    asked = [(wave, item) for wave in documents.protocol.waves for item in _asked(wave, documents)]
    kept = pd.MultiIndex.from_frame(long[["wave", "item"]]).isin(asked) & (long["n"] > 0)
    return long.loc[kept, list(TALLY_COLUMNS)].reset_index(drop=True)


def no_tallies() -> pd.DataFrame:
    """The tallies of no answers at all."""
    words = {name: pd.Series(dtype="str") for name in TALLY_COLUMNS[:5]}
    return pd.DataFrame({**words, "answer": pd.Series(dtype="float64"), "n": pd.Series(dtype="int64")})


def _tally(grouped: pd.DataFrame, number: int, item: str, codes: Sequence[float]) -> pd.DataFrame:
    counts = [f"_t{number}_{k}" for k in range(len(codes) + 1)]
    cells = grouped.groupby(["unit", "arm", "wave"], dropna=False, sort=True)[counts].sum()
    cells.columns = pd.Index([*codes, np.nan], dtype="float64", name="answer")
    long = cells.reset_index().melt(["unit", "arm", "wave"], var_name="answer", value_name="n")
    long = long.astype({"answer": "float64", "n": "int64"}).sort_values(["unit", "arm", "wave", "answer"], kind="stable")
    return long.assign(item=item)


def _asked(wave: str, documents: Documents) -> list[str]:
    return [item for instrument in documents.instruments.values() for item in instrument.asked(wave)]
