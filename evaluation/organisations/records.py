"""What is counted in records by unit and wave: events, and what they could have come from."""

from collections.abc import Iterator

import pandas as pd

from evaluation.errors import Problem, ProtocolError
from evaluation.organisations.by_unit import place_problems
from evaluation.organisations.register import Register, unit_column
from evaluation.organisations.table import Table, columns_of, read_table
from evaluation.protocol.documents import Documents
from evaluation.protocol.wording import fold

COLUMNS = ("unit", "organisation", "arm", "role", "wave", "events", "exposure")


def read_records(documents: Documents, register: Register, measure: str) -> pd.DataFrame:
    """The counts of a measure that the protocol says is counted: columns `COLUMNS`, one row a unit and wave, sorted.

    No rows where the table is not there yet: records come in after the plan.

    Raises:
        ProtocolError: the table breaks its schema, has an exposure of 0, names units or waves that are not there, or holds a unit
            and wave twice; every problem.
    """
    name = documents.protocol.measures[measure].records
    if name is None:
        raise TypeError(f"'{measure}' is not counted in records")
    if not (documents.root / name).exists():
        return pd.DataFrame(columns=list(COLUMNS))
    table, problems = read_table(documents.root / name, f"{documents.root.resolve().name}/{name}", columns_of("records"))
    problems += place_problems(table, documents, register, numbers="rows", mend="add them up")
    problems += _without_exposure(table)
    if problems:
        raise ProtocolError(fold(problems))
    key = unit_column(documents.protocol)
    rows = pd.DataFrame(list(table.rows), columns=[key, "wave", "events", "exposure"]).rename(columns={key: "unit"})
    placed = rows.join(register.units[["organisation", "arm", "role"]], on="unit")
    return placed.sort_values(["unit", "wave"])[list(COLUMNS)].reset_index(drop=True)


def _without_exposure(table: Table) -> Iterator[Problem]:
    for number, row in enumerate(table.rows):
        if row["exposure"] == 0:
            fix = "leave out rows in which nothing could have happened."
            yield Problem("'exposure' is 0.", table.where(number, "exposure"), fix, "exposure")
