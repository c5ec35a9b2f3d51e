"""Former names and mergers: rows of the register that say what an organisation, team or site became, and on which day.

Answers stay stored as they were sent. Where they are counted, a former code stands for what it became, through as many steps as
the register names; its arm is that one's, so that one history has one arm.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

import pandas as pd

from evaluation.errors import Problem
from evaluation.organisations.table import Table
from evaluation.registry import nearest

FORMER = ("organisation", "name", "became", "became_on", "next")
EMPTY_IN_FORMER = ("arm", "start", "implemented", "size", "values_history")
"""What is said of units that take part now, so that a row of the past leaves it empty."""


def no_former() -> pd.DataFrame:
    """The former names of a register that names none."""
    return pd.DataFrame(columns=list(FORMER), index=pd.Index([], name="unit", dtype=object), dtype=object)


def former_of(rows: Sequence[dict[str, Any]], key: str) -> pd.DataFrame:
    """Rows of the past, indexed by `unit` (the code under `key`): FORMER, `became` being the unit that takes part now.

    `next` is what the row itself says it became, one step on.
    """
    steps = {row[key]: row["became"] for row in rows if row["became"]}
    past = [row for row in rows if row["became"]]
    if not past:
        return no_former()
    cells = [[row["organisation"], row["name"], _end(row[key], steps), row["became_on"], row["became"]] for row in past]
    frame = pd.DataFrame(cells, columns=list(FORMER), dtype=object)
    return frame.set_axis(pd.Index([row[key] for row in past], name="unit", dtype=object))


def renamed(former: pd.DataFrame, units: pd.DataFrame) -> dict[str, tuple[str, date]]:
    """Organisations that are another under a new code: by that code, the code before it and the day of the change.

    None for organisations that several became, or whose former self became several or takes part still: which of them somebody
    was in cannot be told from an id.
    """
    owner = {str(code): str(name) for table in (former, units) for code, name in table["organisation"].items()}
    steps = {
        (str(before), owner[str(after)], day)
        for before, after, day in zip(former["organisation"], former["next"], former["became_on"], strict=True)
    }
    pairs = {(before, after) for before, after, _ in steps if before != after}
    olds, news = ([pair[side] for pair in pairs] for side in (0, 1))
    there = set(units["organisation"].astype(str))
    alone = {(old, new) for old, new in pairs if olds.count(old) == news.count(new) == 1 and old not in there}
    return {after: (before, day) for before, after, day in sorted(steps) if (before, after) in alone}


def succession_problems(table: Table, key: str) -> Iterator[Problem]:
    """What is wrong with rows of the past: half a statement, words about the present, a successor that is not there, a circle."""
    rows = {row[key]: row for row in table.rows if row[key]}
    for number, row in enumerate(table.rows):
        if bool(row["became"]) != bool(row["became_on"]):
            says = "what became of it is said without the day, or the day without what became of it."
            yield Problem(says, table.where(number, "became"), "fill in both 'became' and 'became_on', or neither.", "became")
        if not row["became"]:
            continue
        stated = [name for name in EMPTY_IN_FORMER if row[name] is not None]
        if stated:
            says = f"a row of the past states {', '.join(stated)}, which are said of what it became."
            yield Problem(says, table.where(number, stated[0]), f"leave empty, and say it of '{row['became']}'.", "became")
        if row["became"] not in rows:
            close = nearest(row["became"], [code for code in rows if code != row[key]])
            hint = f"did you mean '{close}'? " if close else ""
            says = f"it became '{row['became']}', which has no row."
            yield Problem(says, table.where(number, "became"), f"{hint}Add a row for it.", "became")
        else:
            yield from _in_time(table, number, key, rows)


def _in_time(table: Table, number: int, key: str, rows: dict[str, dict[str, Any]]) -> Iterator[Problem]:
    row = table.rows[number]
    steps = {code: one["became"] for code, one in rows.items() if one["became"]}
    after = rows[row["became"]]
    if _end(row[key], steps) is None:
        says = f"'{row[key]}' becomes itself in the end."
        yield Problem(says, table.where(number, "became"), "the last name takes part now and leaves 'became' empty.", "became")
    elif after["became_on"] and row["became_on"] and after["became_on"] <= row["became_on"]:
        says = f"it became '{row['became']}' on {row['became_on']}, but that had become another on {after['became_on']}."
        yield Problem(says, table.where(number, "became_on"), "correct one of the days, or name the later one.", "became")


def _end(code: str, steps: dict[str, str]) -> str | None:
    """Where the steps from `code` lead; None where they go round in a circle."""
    seen = {code}
    while code in steps:
        code = steps[code]
        if code in seen:
            return None
        seen.add(code)
    return code
