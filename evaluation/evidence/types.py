"""Types: how many rows, and how many people behind them, every cell holds, whether or not they answered a measure.

A row of a survey of people is a person. A row of a published table is an organisation, and `base` says how many people
answered there; disclosure rules count people.
"""

import ibis
import ibis.expr.types as ir
import pandas as pd

TYPE_KEYS = ("population", "organisation", "unit", "arm", "wave")


def count_people(table: ir.Table) -> dict[str, ir.NumericValue]:
    """Rows, people (the stated base where there is one, else the row itself), and rows that state none."""
    return {
        "_rows": table.count(),
        "_people": ibis.coalesce(table["base"].cast("int64"), 1).sum().cast("int64"),
        "_unsaid": table["base"].isnull().sum().cast("int64"),
    }


def types_from(grouped: pd.DataFrame, population: str) -> pd.DataFrame:
    """One line per cell: population, organisation, unit, arm, wave, n (rows), people."""
    cells = grouped.assign(population=population).groupby(list(TYPE_KEYS), dropna=False, sort=True)
    counted = cells[["_rows", "_people"]].sum().reset_index().rename(columns={"_rows": "n", "_people": "people"})
    return counted.astype({"n": "int64", "people": "int64"})


def no_types() -> pd.DataFrame:
    """The types of nobody."""
    words = {name: pd.Series(dtype="str") for name in TYPE_KEYS}
    return pd.DataFrame({**words, "n": pd.Series(dtype="int64"), "people": pd.Series(dtype="int64")})
