"""Where surveys ask about each value: which items stand for it, in which population.

A value that no item asks about cannot be found lived or not lived; a measure that takes its items by value is refused then
(protocol/check_measures.py), and this table shows it for every population.
"""

import pandas as pd

from evaluation.protocol.documents import Documents

COLUMNS = ("value", "label", "population", "instrument", "item", "wording")


def coverage(documents: Documents) -> pd.DataFrame:
    """One row a value and item that asks about it, in the order of the framework; a value that nobody asks about has no row.

    Columns: value, label (of the value), population, instrument, item, wording. Empty when the study has no values.
    """
    values = documents.values.values if documents.values else {}
    rows = [
        (value, block.label, instrument.population, name, item, asked.wording)
        for value, block in values.items()
        for name, instrument in documents.instruments.items()
        for item, asked in instrument.items.items()
        if asked.value == value
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def items_by_value(documents: Documents, population: str) -> dict[str, tuple[str, ...]]:
    """The items that ask `population` about each value, every value of the framework a key; empty where nobody asks."""
    table = coverage(documents)
    asked = table[table["population"] == population].groupby("value")["item"].agg(tuple)
    return {value: tuple(asked.get(value, ())) for value in (documents.values.values if documents.values else {})}
