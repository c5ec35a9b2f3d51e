"""Published tables: percentages with their sign or as fractions, and the mean of an item from the percentages of its options.

What comes of it is one number an organisation, with the people behind it under `base` (`level: organisation`). How people in an
organisation differ is not kept, so errors rest on the organisations alone (docs/methods.md, section 3), and nothing can be told
of groups of people, of linked people, or of several items of one person together.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import polars as pl

from evaluation.errors import Problem, WaveError
from evaluation.protocol.mapping import Shares
from evaluation.waves.checks_answers import as_numbers
from evaluation.waves.faults import first_rows, shown
from evaluation.waves.readers.table import Table

DIGITS = 10
"""Decimals kept of a percentage, so that 0.57 is 57 and not 56.99999999999999."""
PERCENT = r"^([+-]?[\d.,]+)[ \u00a0]?%$"
ROUNDING = 0.6
"""How far each of several percentages may be rounded: half a point, with room for how the halves were rounded."""


def without_percent_signs(frame: pl.DataFrame) -> pl.DataFrame:
    """The same cells, '67%' as '67'; other text stays."""
    return frame.with_columns(pl.all().str.replace(PERCENT, "${1}"))


def without_fractions(frame: pl.DataFrame, columns: Sequence[str]) -> pl.DataFrame:
    """The same cells, '0.67' in one of `columns` as '67'; other text stays."""
    numbers = {name: (frame[name].cast(pl.Float64, strict=False) * 100).round(DIGITS).cast(pl.String) for name in columns}
    return frame.with_columns([number.fill_null(frame[name]).alias(name) for name, number in numbers.items()])


def with_means(table: Table, means: Mapping[str, Shares]) -> Table:
    """The table with a column for every item under `means`: sum of code times percentage, over the sum of the percentages.

    A row without all of the percentages has no mean.

    Raises:
        WaveError: percentages are no numbers or do not add up to a hundred within their rounding, or a name is there already.
    """
    problems: list[Problem] = []
    columns = []
    for name, shares in means.items():
        cells = [table.frame[column] for column in shares.options]
        numbers = pl.DataFrame([as_numbers(cell, table.form) for cell in cells])
        blank = pl.DataFrame(cells).select(pl.any_horizontal(pl.all().is_null())).to_series()
        total = numbers.select(pl.sum_horizontal(pl.all())).to_series()
        wide = (total - 100).abs() > ROUNDING * len(cells)
        odd = ~blank & (numbers.select(pl.any_horizontal(pl.all().is_null() | (pl.all() < 0))).to_series() | wide)
        if odd.any():
            problems.append(_odd(table, name, odd))
        weighted = numbers.select(pl.sum_horizontal(pl.col(column) * code for column, code in shares.options.items())).to_series()
        columns.append((weighted / total).set(blank | odd, None).round(6).cast(pl.String).alias(name))
    if taken := [shown(name) for name in means if name in table.frame.columns]:
        says = f"the file has columns {', '.join(taken)} already."
        problems.append(Problem(says, f"{table.name}, header", "give the means other names.", "duplicate-columns", len(taken)))
    if problems:
        raise WaveError(problems)
    notes = (f"worked out from percentages of options: {', '.join(map(shown, means))}",)
    return replace(table, frame=table.frame.with_columns(columns), notes=(*table.notes, *notes))


def _odd(table: Table, name: str, odd: pl.Series) -> Problem:
    count = int(odd.sum())
    return Problem(
        f"{count:,} {'row has' if count == 1 else 'rows have'} percentages for {shown(name)} that do not add up to 100.",
        f"{table.name}, {first_rows(table.rows.filter(odd).to_list(), count)}",
        "name all options under 'means', those of 'do not know' aside; say 'percent: sign' where cells end in %.",
        "percentages-wrong",
        count,
    )
