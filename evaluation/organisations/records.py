"""What is counted in records by unit and wave: events, and what they could have come from."""

from collections.abc import Iterator

import pandas as pd

from evaluation.errors import Problem, ProtocolError
from evaluation.organisations.register import Register
from evaluation.organisations.table import Table, columns_of, read_table
from evaluation.protocol.documents import Documents
from evaluation.protocol.wording import fold, suggestion
from evaluation.terms import Assignment

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
    key = "unit" if documents.protocol.assignment in (Assignment.TEAM, Assignment.SITE) else "organisation"
    problems += _contradictions(table, documents, register, key)
    if problems:
        raise ProtocolError(fold(problems))
    rows = pd.DataFrame(list(table.rows), columns=[key, "wave", "events", "exposure"]).rename(columns={key: "unit"})
    placed = rows.join(register.units[["organisation", "arm", "role"]], on="unit")
    return placed.sort_values(["unit", "wave"])[list(COLUMNS)].reset_index(drop=True)


def _contradictions(table: Table, documents: Documents, register: Register, key: str) -> Iterator[Problem]:
    seen: dict[tuple[str | None, str | None], int] = {}
    for number, row in enumerate(table.rows):
        code, wave = row[key], row["wave"]
        if code not in register.units.index:
            close = register.nearest_unit(code or "")
            hint = f"did you mean '{close}'?" if close else "add it to the register, or correct the code."
            yield Problem(f"the register has no {key} '{code or ''}'.", table.where(number, key), hint, "unit")
        if wave is not None and wave not in documents.protocol.waves:
            fix = suggestion(wave, documents.protocol.waves, "Waves")
            yield Problem(f"there is no wave '{wave}'.", table.where(number, "wave"), fix, "wave")
        if row["exposure"] == 0:
            fix = "leave out rows in which nothing could have happened."
            yield Problem("'exposure' is 0.", table.where(number, "exposure"), fix, "exposure")
        if (code, wave) in seen:
            fix = f"add them up; the other is on line {table.lines[seen[code, wave]]}."
            yield Problem(f"'{code}' has two rows for one wave.", table.where(number), fix, "twice")
        seen.setdefault((code, wave), number)
