"""Percentages that a file keeps as fractions: 0.67 on a scale of 0 to 100 is wrong by a factor of 100 and on the scale.

Where a workbook shows the cells as percentages it can be told and is refused; elsewhere answers that all lie between 0 and 1 are
worth a note.
"""

from collections.abc import Iterator, Mapping, Sequence

import polars as pl

from evaluation.errors import Cells, Problem
from evaluation.waves.checks.expected import Expected, ExpectedItem
from evaluation.waves.checks.faults import listed, shown
from evaluation.waves.checks.layout import Layout
from evaluation.waves.readers import Table

_PERCENT = (0.0, 100.0)


def fraction_faults(table: Table, layout: Layout, expected: Expected) -> Iterator[Problem]:
    """Columns of numbers shown as percentages (67% is 0.67) that answer an item whose scale goes beyond 1."""
    found = [
        column
        for item, (column, source) in layout.items.items()
        if column in table.percents and not source.codes and expected.questions[item].scale.interval.high > 1
    ]
    if found:
        count = len(found)
        yield Problem(
            f"{count:,} {'column holds' if count == 1 else 'columns hold'} percentages as fractions: 67% on the screen is 0.67.",
            f"{table.name}, {'column' if count == 1 else 'columns'} {listed([shown(one) for one in found])}",
            "list them under 'fractions' in a mapping's file block, or format the cells as plain numbers.",
            "percent-cells",
            count,
            tuple(Cells(column) for column in found),
        )


def fraction_notes(answers: Sequence[pl.Series], questions: Mapping[str, ExpectedItem]) -> Iterator[str]:
    """Items on a scale of 0 to 100 whose answers all lie between 0 and 1, and not only at these ends."""
    for column in answers:
        interval = questions[column.name].scale.interval
        if (interval.low, interval.high) != _PERCENT:
            continue
        given = column.drop_nulls()
        if not len(given) or not bool(given.is_between(0, 1).all()):
            continue
        if bool((given != given.floor()).any()):
            yield (
                f"all {len(given):,} answers to {column.name} lie between 0 and 1 on a scale of 0 to 100: where the file holds"
                " fractions of 1, list the column under 'fractions' in a mapping's file block"
            )
