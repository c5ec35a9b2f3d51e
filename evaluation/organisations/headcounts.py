"""How many people could have answered: the denominators of response rates, by unit and wave."""

from collections.abc import Iterator, Mapping

import pandas as pd

from evaluation.errors import Problem, ProtocolError
from evaluation.organisations.register import Register
from evaluation.organisations.table import Table, columns_of, read_table
from evaluation.protocol.documents import Documents
from evaluation.protocol.wording import fold, suggestion
from evaluation.terms import Assignment


def read_headcounts(documents: Documents, register: Register, population: str) -> pd.DataFrame | None:
    """Eligible people of `population`: one row a unit and wave, columns unit, wave, eligible (whole numbers).

    A row without a wave holds for every wave that has no row of its own. None when the protocol names no table.

    Raises:
        ProtocolError: the table breaks its schema, or names units or waves that are not there; every problem.
    """
    name = documents.protocol.populations[population].headcounts
    if name is None:
        return None
    table, problems = read_table(documents.root / name, f"{documents.root.resolve().name}/{name}", columns_of("headcounts"))
    nested = documents.protocol.assignment in (Assignment.TEAM, Assignment.SITE)
    key = "unit" if nested else "organisation"
    problems += _contradictions(table, documents, register, key)
    if problems:
        raise ProtocolError(fold(problems))
    return _by_wave(table, list(documents.protocol.waves), key)


def eligible_by_organisation(documents: Documents, register: Register, population: str, wave: str) -> dict[str, int]:
    """Eligible people of each organisation in `wave`; an organisation with a unit that has no number is left out.

    Raises:
        ProtocolError: as `read_headcounts`.
    """
    table = read_headcounts(documents, register, population)
    if table is None:
        return {}
    stated = table[table["wave"] == wave].set_index("unit")["eligible"]
    units = register.units["organisation"].to_frame().assign(eligible=stated.reindex(register.units.index))
    sums = units.groupby("organisation")["eligible"].agg(lambda each: each.sum(skipna=False)).dropna()
    return {str(code): int(number) for code, number in sums.items()}


def more_than_eligible(
    answered: Mapping[str, int], eligible: Mapping[str, int], documents: Documents, population: str, wave: str
) -> Iterator[Problem]:
    """A problem for every organisation from which more people answered than could have, as its headcount says."""
    for code, number in sorted(answered.items()):
        if code in eligible and number > eligible[code]:
            yield Problem(
                f"{code}: {number:,} people answered wave '{wave}', and only {eligible[code]:,} could have.",
                f"{documents.root.resolve().name}/{documents.protocol.populations[population].headcounts}",
                "look for people who are in the answers twice, or correct the headcount.",
                "more-than-eligible",
            )


def _contradictions(table: Table, documents: Documents, register: Register, key: str) -> Iterator[Problem]:
    seen: dict[tuple[str | None, str | None], int] = {}
    for number, row in enumerate(table.rows):
        code, wave = row[key], row["wave"]
        if code not in register.units.index:
            close = register.nearest_unit(code or "")
            hint = f"did you mean '{close}'?" if close else "add it to the register, or correct the code."
            yield Problem(f"the register has no {key} '{code or ''}'.", table.where(number, key), hint, "unit")
        if wave is not None and wave not in documents.protocol.waves:
            yield Problem(
                f"there is no wave '{wave}'.",
                table.where(number, "wave"),
                suggestion(wave, documents.protocol.waves, "Waves"),
                "wave",
            )
        if (code, wave) in seen:
            other = table.lines[seen[code, wave]]
            yield Problem(
                f"'{code}' has two numbers for one wave.",
                table.where(number),
                f"keep one; the other is on line {other}.",
                "twice",
            )
        seen.setdefault((code, wave), number)


def _by_wave(table: Table, waves: list[str], key: str) -> pd.DataFrame:
    stated = {(row[key], row["wave"]): row["eligible"] for row in table.rows}
    units = dict.fromkeys(row[key] for row in table.rows)
    rows = [
        {"unit": unit, "wave": wave, "eligible": stated.get((unit, wave), stated.get((unit, None)))}
        for unit in units
        for wave in waves
    ]
    return pd.DataFrame(rows, columns=["unit", "wave", "eligible"]).dropna(subset=["eligible"]).astype({"eligible": "int64"})
