"""How many people could have answered: the denominators of response rates, by unit and wave, and what answers are weighted to."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from evaluation.errors import Problem, ProtocolError
from evaluation.organisations.by_unit import place_problems
from evaluation.organisations.register import Register, unit_column
from evaluation.organisations.table import Column, Table, columns_of, read_table
from evaluation.protocol.documents import Documents
from evaluation.protocol.wording import fold


def read_headcounts(documents: Documents, register: Register, population: str) -> pd.DataFrame | None:
    """Eligible people of `population`: one row a unit and wave, columns unit, wave, eligible (whole numbers).

    A row without a wave holds for every wave that has no row of its own. Where people are only counted by group, they are added
    up. None when the protocol names no table.

    Raises:
        ProtocolError: the table breaks its schema, names units or waves that are not there, or has different numbers of the same
            people; every problem.
    """
    counted = headcounts_by_group(documents, register, population)
    if counted is None:
        return None
    sums = stated_by(counted, ()).groupby(["unit", "wave"], sort=False)["eligible"].sum()
    return sums.reset_index()


def headcounts_by_group(documents: Documents, register: Register, population: str) -> pd.DataFrame | None:
    """The same people by group: columns unit, wave, one a group of the population, eligible.

    A group that a row does not state is missing there, and the row counts all its levels: without any group it is the whole unit.

    Raises:
        ProtocolError: as `read_headcounts`.
    """
    name = documents.protocol.populations[population].headcounts
    if name is None:
        return None
    groups = documents.protocol.populations[population].groups
    columns = (
        *columns_of("headcounts"),
        *(Column(group, "string", f"The level of '{group}'; empty for all.") for group in groups),
    )
    table, problems = read_table(documents.root / name, f"{documents.root.resolve().name}/{name}", columns)
    problems += place_problems(table, documents, register, numbers="numbers", mend="keep one", apart=groups)
    if problems:
        raise ProtocolError(fold(problems))
    counted = _by_wave(table, list(documents.protocol.waves), unit_column(documents.protocol), groups)
    if problems := list(_other_sums(counted, groups, table.name)):
        raise ProtocolError(fold(problems))
    return counted


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


def _by_wave(table: Table, waves: list[str], key: str, groups: Sequence[str]) -> pd.DataFrame:
    """Each row in its wave, and rows without a wave in every wave that has no row by the same groups."""
    own: dict[tuple[str, str, tuple[str, ...]], list[dict[str, Any]]] = {}
    for row in table.rows:
        stated = tuple(group for group in groups if row[group] is not None)
        own.setdefault((row[key], row["wave"] or "", stated), []).append(row)
    rows = [
        {"unit": unit, "wave": wave, **{group: row[group] for group in groups}, "eligible": row["eligible"]}
        for unit, stated in dict.fromkeys((unit, stated) for unit, _, stated in own)
        for wave in waves
        for row in own.get((unit, wave, stated), own.get((unit, "", stated), []))
    ]
    words = dict.fromkeys(["unit", "wave", *groups], "object")
    return pd.DataFrame(rows, columns=["unit", "wave", *groups, "eligible"]).astype({**words, "eligible": "int64"})


def _other_sums(counted: pd.DataFrame, groups: Sequence[str], name: str) -> Iterator[Problem]:
    """A problem for every unit and wave whose people add up to different numbers by one group and by another."""
    sums: dict[tuple[str, str], dict[str, int]] = {}
    for row in counted.to_dict("records"):
        by = " and ".join(group for group in groups if pd.notna(row[group]))
        told = sums.setdefault((str(row["unit"]), str(row["wave"])), {})
        told[by] = told.get(by, 0) + int(row["eligible"])
    for (unit, wave), told in sums.items():
        if len(set(told.values())) > 1:
            words = ", ".join(f"{number:,} {f'by {by}' if by else 'in all'}" for by, number in told.items())
            fix = "count the same people every way; a person whose group is not known needs a level too."
            said = f"'{unit}' has different numbers of people in wave '{wave}': {words}."
            yield Problem(said, name, fix, "headcounts-disagree")


def stated_by(counted: pd.DataFrame, groups: Sequence[str]) -> pd.DataFrame:
    """Of each unit and wave the rows that state these groups and as few others as possible: each person once.

    Args:
        counted: as `headcounts_by_group`.
        groups: what must be stated; nothing for the whole unit.
    """
    stated = counted.drop(columns=["unit", "wave", "eligible"]).notna()
    held = counted.assign(_pattern=stated.apply(tuple, axis=1), _size=stated.sum(axis=1))[stated[list(groups)].all(axis=1)]
    least = held.sort_values("_size", kind="stable").drop_duplicates(["unit", "wave"])[["unit", "wave", "_pattern"]]
    return held.merge(least, on=["unit", "wave", "_pattern"]).drop(columns=["_pattern", "_size"])
