"""Tables of a study whose rows each stand for one unit in one wave: rows that name what is not there, or one place twice."""

from collections.abc import Iterator, Sequence

from evaluation.errors import Problem
from evaluation.organisations.register import Register, unit_column
from evaluation.organisations.table import Table
from evaluation.protocol.documents import Documents
from evaluation.protocol.wording import suggestion


def place_problems(
    table: Table, documents: Documents, register: Register, *, numbers: str, mend: str, apart: Sequence[str] = ()
) -> Iterator[Problem]:
    """A problem for every row whose unit or wave the study does not have, and for every second row of one place.

    Args:
        table: rows with a column `unit_column`, and `wave`, which may be empty.
        documents: the plan.
        register: the units.
        numbers: what two rows of one place are, in the plural.
        mend: what to do with them.
        apart: further columns by which rows of one unit and wave differ.
    """
    key, waves = unit_column(documents.protocol), documents.protocol.waves
    seen: dict[tuple[str | None, ...], int] = {}
    if key not in table.header:
        assigned = documents.protocol.assignment.plural
        says = f"the table has no column '{key}', so its rows do not say which of the {assigned} they are about."
        yield Problem(says, table.name, f"add the column '{key}', with the codes of the register.", "column")
        return
    for number, row in enumerate(table.rows):
        code, wave = row[key], row["wave"]
        if code is None:
            yield Problem(f"the row names no {key}.", table.where(number, key), "write its code in the register.", "unit")
            continue
        if code not in register.units.index:
            close = register.nearest_unit(code)
            hint = f"did you mean '{close}'?" if close else "add it to the register, or correct the code."
            yield Problem(f"the register has no {key} '{code}'.", table.where(number, key), hint, "unit")
        if wave is not None and wave not in waves:
            yield Problem(f"there is no wave '{wave}'.", table.where(number, "wave"), suggestion(wave, waves, "Waves"), "wave")
        first = seen.setdefault((code, wave, *(row[name] for name in apart)), number)
        if first != number:
            fix = f"{mend}; the other is on line {table.lines[first]}."
            yield Problem(f"'{code}' has two {numbers} for one wave.", table.where(number), fix, "twice")
