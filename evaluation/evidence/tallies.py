"""Tallies: how many people of each cell chose each option of each item.

Sufficient for everything about a single item: percentages, charts of options, ordinal models. "Not answered" is an option
of its own (a missing `answer`), so that an item's counts add up to the cell, but for people who were not asked it (`asked_if`).
"""

from collections.abc import Mapping

import ibis.expr.types as ir
import numpy as np
import numpy.typing as npt
import pandas as pd

from evaluation.protocol.documents import Documents
from evaluation.terms import Level

TALLY_COLUMNS = ("population", "item", "unit", "arm", "wave", "answer", "n")

Options = Mapping[str, tuple[float, ...]]


def options_of(population: str, documents: Documents) -> dict[str, tuple[float, ...]]:
    """The codes of every item of `population` that is answered by choosing; numbers on a range have no options."""
    return {
        name: instrument.scale_of(name).codes
        for instrument in documents.instruments.values() if instrument.population == population
        for name in instrument.items if instrument.scale_of(name).options
    }


def count_answers(
    columns: Mapping[str, ir.NumericValue], options: Options, routed: Mapping[str, ir.BooleanValue]
) -> dict[str, ir.NumericValue]:
    """One count per item and code, and one per item of whoever did not answer it, in the order of `_counted`.

    `routed`, by item: whoever was not asked it because of another answer is in none of the counts.
    """
    silent = {item: column.isnull() for item, column in columns.items()}
    silent |= {item: silent[item] & ~out for item, out in routed.items()}
    counts = [silent[item] if np.isnan(code) else columns[item] == code for item, code in _counted(options)]
    return {f"_t{number}": count.cast("int64").sum() for number, count in enumerate(counts)}


def unasked(table: ir.Table, population: str, documents: Documents) -> dict[str, ir.BooleanValue]:
    """By item, the rows of `scored` that are no silence: who was not asked, and published options of other items."""
    items = list(enumerate(options_of(population, documents)))
    if documents.protocol.populations[population].level is Level.OPTION:
        return {item: table[f"_q{number}"].isnull() for number, item in items}
    return {item: table[f"_r{number}"] for number, item in items if f"_r{number}" in table.columns}


def people_of_options(grouped: pd.DataFrame, options: Options) -> pd.DataFrame:
    """Grouped counts of published options, with as many people as answered the question that most answered: rows count each."""
    counted = _counted(options)
    by_item = {
        item: grouped[[f"_t{k}" for k, (other, code) in enumerate(counted) if other == item and not np.isnan(code)]].sum(axis=1)
        for item in options
    }
    most = pd.DataFrame(by_item).max(axis=1).astype("int64")
    return grouped.assign(_rows=most, _people=most)


def tallies_from(grouped: pd.DataFrame, population: str, documents: Documents) -> pd.DataFrame:
    """One line per cell, item and answer that somebody gave; items that a wave did not ask are left out of it.

    Columns: population, item, unit, arm, wave, answer (the code; NaN for no answer), n (rows).
    """
    counted = _counted(options_of(population, documents))
    if not counted or grouped.empty:
        return no_tallies()
    columns = [f"_t{number}" for number in range(len(counted))]
    cells = grouped.groupby(["unit", "arm", "wave"], dropna=False, sort=True)[columns].sum()
    long = cells.index.repeat(len(counted)).to_frame(index=False)
    long["item"], long["answer"] = zip(*(counted * len(cells)), strict=True)
    long = long.assign(population=population, n=cells.to_numpy(dtype="int64").ravel())
    kept = _asked(long, documents) & (long["n"] > 0)
    return long.loc[kept, list(TALLY_COLUMNS)].reset_index(drop=True)


def no_tallies() -> pd.DataFrame:
    """The tallies of no answers at all."""
    words = {name: pd.Series(dtype="str") for name in TALLY_COLUMNS[:5]}
    return pd.DataFrame({**words, "answer": pd.Series(dtype="float64"), "n": pd.Series(dtype="int64")})


def _counted(options: Options) -> list[tuple[str, float]]:
    """Every item with each of its codes, and with NaN for no answer."""
    return [(item, code) for item, codes in options.items() for code in (*codes, float("nan"))]


def _asked(long: pd.DataFrame, documents: Documents) -> npt.NDArray[np.bool_]:
    """Whether the wave of each line asked its item."""
    instruments, waves = documents.instruments.values(), documents.protocol.waves
    asked = [(wave, item) for instrument in instruments for wave in waves for item in instrument.asked(wave)]
    return pd.MultiIndex.from_frame(long[["wave", "item"]]).isin(asked)
