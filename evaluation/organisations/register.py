"""The register: which organisations, teams or sites take part, in which arm, from when.

organisations.csv is read by its table schema; what a row says about the protocol (arms, units, start dates) is checked here, and
rows of the past (former names, organisations that were merged) in successors.py.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pandas as pd

from evaluation.errors import Problem, ProtocolError
from evaluation.organisations.successors import former_of, no_former, renamed, succession_problems
from evaluation.organisations.table import Table, columns_of, read_table
from evaluation.protocol.documents import Documents
from evaluation.protocol.model import Protocol
from evaluation.protocol.wording import fold, suggestion
from evaluation.registry import nearest
from evaluation.terms import Assignment, Role

COLUMNS = ("organisation", "name", "arm", "role", "type", "region", "size", "values_history", "start", "implemented")


@dataclass(frozen=True)
class Register:
    """Who takes part. `units`: one row a unit of assignment, indexed by `unit`, in the order of the file.

    Columns: organisation, name, arm and role (None when people were assigned one by one), type, region, size (people
    employed), values_history, start (datetime.date or None), implemented (0 to 1, NaN where not known). The unit is the
    organisation unless teams or sites were assigned.

    `former`: one row a former name or an organisation, team or site that was merged into another, indexed by its own code.
    Columns: organisation, name, became (the unit of `units` that its answers count under), became_on (datetime.date), next (the
    unit that it became first, of `units` or former itself).
    """

    units: pd.DataFrame = field(repr=False)
    former: pd.DataFrame = field(repr=False, default_factory=no_former)

    @property
    def organisations(self) -> list[str]:
        """Codes that a wave file may name, former ones last; each once, in the order of the file."""
        return list(dict.fromkeys([*self.units["organisation"], *self.former["organisation"]]))

    @property
    def answering(self) -> pd.DataFrame:
        """Every unit that answers can be stored for, former ones last: organisation (as files write it), arm."""
        past = self.former.assign(arm=self.former["became"].map(self.units["arm"]))
        whole = pd.concat([self.units[["organisation", "arm"]], past[["organisation", "arm"]]]) if len(past) else self.units
        return whole[["organisation", "arm"]]

    @property
    def names(self) -> dict[str, str]:
        """Names by code, former ones first: who looks a name up finds the one that has it today."""
        pairs = [pair for table in (self.former, self.units) for pair in zip(table["organisation"], table["name"], strict=True)]
        return {str(code): str(name) for code, name in pairs}

    def now(self, units: pd.Series) -> pd.Series:
        """The unit that each stored one counts under: what it became, or itself."""
        return units.replace(dict(self.former["became"])) if len(self.former) else units

    @property
    def renamed(self) -> dict[str, tuple[str, date]]:
        """By the code of an organisation, the one that it had before and the day of the change; see `successors.renamed`."""
        return renamed(self.former, self.units)

    def by_name(self, day: date) -> dict[str, tuple[str, ...]]:
        """What a name means on a `day`: by `plain_name`, one code for each unit that has the name.

        Of one unit's several codes it is the one that it had first after that day: a former one that had not ended, else its own.
        A name that nobody has any more on that day stands for the former unit that had it last.
        """
        found: dict[str, dict[str, str]] = {}
        past = self.former.sort_values("became_on", kind="stable") if len(self.former) else self.former
        for code, name, became, ended in zip(past.index, past["name"], past["became"], past["became_on"], strict=True):
            if ended > day:
                found.setdefault(plain_name(name), {}).setdefault(became, str(code))
        for code, name in self.units["name"].items():
            found.setdefault(plain_name(name), {}).setdefault(str(code), str(code))
        for code, name, ended in zip(past.index[::-1], past["name"][::-1], past["became_on"][::-1], strict=True):
            if ended <= day:
                found.setdefault(plain_name(name), {str(code): str(code)})
        return {name: tuple(codes.values()) for name, codes in found.items()}

    def nearest(self, code: str) -> str | None:
        """The organisation whose code is most like `code`; letters' case does not count. None when none is close."""
        folded = {known.casefold(): known for known in reversed(self.organisations)}
        close = nearest(code.casefold(), list(folded))
        return folded[close] if close else None

    def nearest_unit(self, code: str) -> str | None:
        """The unit whose code is most like `code`; None when none is close."""
        folded = {str(known).casefold(): str(known) for known in reversed(self.units.index)}
        close = nearest(code.casefold(), list(folded))
        return folded[close] if close else None


def read_register(documents: Documents) -> Register:
    """The register of a study.

    Raises:
        ProtocolError: the table breaks its schema or contradicts the protocol; every problem, by line and column.
    """
    protocol = documents.protocol
    columns = columns_of("organisations", {"type": protocol.organisation_types})
    table, problems = read_table(documents.register_file, f"{documents.root.resolve().name}/{protocol.organisations}", columns)
    problems += _contradictions(table, protocol)
    if problems:
        raise ProtocolError(fold(problems))
    return Register(_units(table, protocol), former_of(table.rows, unit_column(protocol)))


def plain_name(name: str) -> str:
    """A name without letter case, line breaks and repeated spaces."""
    return " ".join(name.split()).casefold()


def unit_column(protocol: Protocol) -> str:
    """The column that holds the code of what was assigned, in the register and in every table by unit."""
    return "unit" if protocol.assignment in (Assignment.TEAM, Assignment.SITE) else "organisation"


def _present(table: Table) -> list[tuple[int, dict[str, Any]]]:
    """Rows of what takes part now, with their number."""
    return [(number, row) for number, row in enumerate(table.rows) if not row["became"]]


def _units(table: Table, protocol: Protocol) -> pd.DataFrame:
    frame = pd.DataFrame([row for _, row in _present(table)], columns=list(table.rows[0]), dtype=object)
    frame.index = pd.Index(frame[unit_column(protocol)].tolist(), name="unit", dtype=object)
    frame["role"] = [protocol.arms[arm].role.value if arm else None for arm in frame["arm"]]
    return frame[list(COLUMNS)].astype({"size": "Int64", "implemented": "float64"})


def _contradictions(table: Table, protocol: Protocol) -> Iterator[Problem]:
    yield from _repeated(table, protocol)
    yield from _arms(table, protocol)
    yield from _starts(table, protocol)
    yield from _nesting(table, protocol)
    yield from succession_problems(table, unit_column(protocol))


def _repeated(table: Table, protocol: Protocol) -> Iterator[Problem]:
    key = unit_column(protocol)
    first: dict[str, int] = {}
    for number, row in enumerate(table.rows):
        code = row[key]
        if code is None:
            continue
        if code.casefold() in first:
            yield Problem(
                f"the {key} '{code}' stands twice.",
                table.where(number, key),
                f"keep one row; the other is on line {table.lines[first[code.casefold()]]}.",
                "duplicate",
            )
        first.setdefault(code.casefold(), number)


def _arms(table: Table, protocol: Protocol) -> Iterator[Problem]:
    by_person = protocol.assignment is Assignment.RESPONDENT
    for number, row in _present(table):
        arm, where = row["arm"], table.where(number, "arm")
        if by_person and arm:
            yield Problem(
                "an organisation has an arm, but people were assigned one by one.",
                where,
                "leave the column empty: the answers carry the arm.",
                "arm",
            )
        elif not by_person and not arm:
            yield Problem("a unit has no arm.", where, f"write one of: {', '.join(protocol.arms)}.", "arm")
        elif arm and arm not in protocol.arms:
            yield Problem(f"there is no arm '{arm}' in the protocol.", where, suggestion(arm, protocol.arms, "Arms"), "arm")
    used = Counter(row["arm"] for _, row in _present(table))
    idle = [arm for arm in protocol.arms if not by_person and not used[arm]]
    if idle and all(row["arm"] in protocol.arms for _, row in _present(table)):
        yield Problem(
            f"nobody is in arm {', '.join(idle)}.", table.name, "put a unit in it, or take it out of the protocol.", "arm"
        )


def _starts(table: Table, protocol: Protocol) -> Iterator[Problem]:
    before = [(name, wave) for name, wave in protocol.waves.items() if wave.before == "start"]
    for number, row in enumerate(table.rows):
        arm, start, where = protocol.arms.get(row["arm"] or ""), row["start"], table.where(number, "start")
        if arm is not None and arm.role is Role.COMPARISON and row["implemented"]:
            yield Problem(
                "a comparison unit says how far its pilot was implemented, but nothing was piloted there.",
                table.where(number, "implemented"),
                "leave it empty.",
                "implemented",
            )
        if start is None or arm is None:
            continue
        if arm.role is Role.COMPARISON:
            yield Problem("a comparison unit has a start date, but nothing starts there.", where, "leave it empty.", "start")
            continue
        begun = [(name, wave) for name, wave in before if start <= wave.closes]
        if begun:
            name, wave = begun[0]
            yield Problem(
                f"a pilot started on {start}, but wave '{name}', which closed on {wave.closes}, is marked 'before: start'.",
                where,
                "correct the date, or take 'before: start' out of the wave.",
                "start",
            )


def _nesting(table: Table, protocol: Protocol) -> Iterator[Problem]:
    nested = protocol.assignment in (Assignment.TEAM, Assignment.SITE)
    if nested and "unit" not in table.header:
        yield Problem(
            f"{protocol.assignment.plural} were assigned, but the table has no column 'unit'.",
            f"{table.name}, line 1",
            f"add it: one row a {protocol.assignment}.",
            "unit",
        )
        return
    for number, row in enumerate(table.rows):
        if nested and not row["unit"]:
            yield Problem(
                f"a row names no {protocol.assignment}.",
                table.where(number, "unit"),
                f"write the {protocol.assignment}'s code.",
                "unit",
            )
        elif row["unit"] and not nested:
            yield Problem(
                f"a row names a unit inside an organisation, but {protocol.assignment.plural} were assigned.",
                table.where(number, "unit"),
                "leave it empty, or write 'assignment: team' in the protocol.",
                "unit",
            )
