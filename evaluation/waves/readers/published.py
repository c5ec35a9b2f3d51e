"""Published tables: percentages with their sign or as fractions, and items from the percentages of their options.

Without a base, what comes of it is one number an organisation (`level: organisation`). How people in an organisation differ is
not kept, so errors rest on the organisations alone (docs/methods.md, section 3). With a base it is how many people chose each
option (`level: option`): mean, spread, shares and tallies of the one question, rounded. Neither tells anything of groups of
people, of linked people, or of several items of one person together.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from evaluation.errors import Problem, WaveError
from evaluation.protocol.mapping import FileForm, Shares
from evaluation.waves.checks.answer_numbers import as_numbers
from evaluation.waves.checks.faults import first_rows
from evaluation.waves.readers.header import shown_header
from evaluation.waves.readers.option_counts import Array, Counts, half_of, option_counts
from evaluation.waves.readers.table import Table, in_notation

PEOPLE = "people"
"""The column that counts of options stand in, for `base: {column: people}` of a mapping."""

DIGITS = 10
"""Decimals kept of a percentage, so that 0.57 is 57 and not 56.99999999999999."""
PERCENT = r"^([+-]?[\d.,]+)[ \u00a0]?%$"
ROUNDING = 0.6
"""How far each of several percentages may be rounded: half a point, with room for how the halves were rounded."""


def without_percent_signs(table: Table) -> pl.DataFrame:
    """The same cells, '67%' as '67'; other text stays.

    Raises:
        WaveError: beside cells with the sign a column has fractions of 1 without it, which may be percentages too.
    """
    signed = table.frame.select(pl.all().str.contains(PERCENT).any()).row(0, named=True)
    mixed = {name: _fractions(table.frame[name], table.form) for name, some in signed.items() if some}
    if problems := [_mixed(table, name, rows) for name, rows in mixed.items() if rows.any()]:
        raise WaveError(problems)
    return table.frame.with_columns(pl.all().str.replace(PERCENT, "${1}"))


def _fractions(cells: pl.Series, form: FileForm) -> pl.Series:
    numbers = as_numbers(cells, form)
    return ((numbers > 0) & (numbers < 1)).fill_null(False)


def _mixed(table: Table, name: str, rows: pl.Series) -> Problem:
    count = int(rows.sum())
    return Problem(
        f"column {shown_header(name)} has percentages with their sign, and {count:,} fraction{'s' * (count > 1)} of 1.",
        f"{table.name}, {first_rows(table.rows.filter(rows).to_list(), count)}",
        "write all cells of the column in one way: 0.64 beside 67% is 64% or 0.64%, and only who made the file can tell.",
        "percent-mixed",
        count,
    )


def without_fractions(frame: pl.DataFrame, form: FileForm) -> pl.DataFrame:
    """The same cells, '0.67' (or '0,67' where the form writes numbers so) under `fractions` as '67'; other text stays."""
    read = {name: as_numbers(frame[name], form) for name in form.fractions}
    numbers = {name: in_notation((number * 100).round(DIGITS).cast(pl.String), form) for name, number in read.items()}
    return frame.with_columns([number.fill_null(frame[name]).alias(name) for name, number in numbers.items()])


def with_means(table: Table, means: Mapping[str, Shares]) -> Table:
    """The table with a column for every item under `means`: sum of code times percentage, over the sum of the percentages.

    A row without all of the percentages has no mean.

    Raises:
        WaveError: percentages are no numbers or do not add up to a hundred within their rounding, or a name is there already.
    """
    read = {name: _percentages(table, one) for name, one in means.items()}
    _refuse(table, read, [])
    columns = []
    for name, found in read.items():
        codes = list(means[name].options.values())
        weighted = found.numbers.select(pl.sum_horizontal(pl.nth(k) * code for k, code in enumerate(codes))).to_series()
        mean = (weighted / found.total).set(found.blank, None).round(6).cast(pl.String)
        columns.append(in_notation(mean, table.form).alias(name))
    notes = (f"worked out from percentages of options: {', '.join(map(shown_header, means))}",)
    return replace(table, cells=table.frame.with_columns(columns), notes=(*table.notes, *notes))


def with_counts(table: Table, means: Mapping[str, Shares]) -> Table:
    """The table as counts: for every row, item and option that somebody chose one row, with the code and how many `people`.

    A row without all of the percentages of an item, or without its base, has no counts of it. Notes say by how much counts and
    means can be off, and in how many rows percentages are not those of whole people.

    Raises:
        WaveError: as `with_means`, or a base is no whole number of people.
    """
    read = {name: _percentages(table, one) for name, one in means.items()}
    bases = {name: as_numbers(table.frame[one.base], table.form) for name, one in means.items() if one.base}
    wrong = {name: _no_people(table.frame[str(means[name].base)], numbers) for name, numbers in bases.items()}
    _refuse(table, read, [_wrong_base(table, str(means[name].base), odd) for name, odd in wrong.items() if odd.any()])
    others = table.frame.with_columns([pl.lit(None, pl.String).alias(name) for name in means])
    parts, rows, notes = [], [], []
    for name, found in read.items():
        kept = (~found.blank & bases[name].is_not_null()).arg_true()
        codes = np.asarray(list(means[name].options.values()), dtype=float)
        cells = [cell for column in means[name].options for cell in table.frame[column].gather(kept).to_list()]
        texts = [cell.replace(table.form.decimal, ".") for cell in cells]
        made = option_counts(found.numbers[kept].to_numpy(), bases[name].gather(kept).cast(pl.Int64).to_numpy(), half_of(texts))
        notes.append(_counts_note(name, made, codes))
        for k, code in enumerate(codes):
            chosen = np.flatnonzero(made.counts[:, k])
            picked = kept.gather(chosen)
            columns = [
                pl.lit(in_notation(pl.Series([f"{code:g}"]), table.form)[0]).alias(name),
                pl.Series(PEOPLE, made.counts[chosen, k]).cast(pl.String),
            ]
            parts.append(others[picked].with_columns(columns))
            rows.append(table.rows.gather(picked))
    return replace(table, cells=pl.concat(parts), rows=pl.concat(rows), notes=(*table.notes, *notes))


@dataclass(frozen=True)
class _Percentages:
    """Percentages (R, K) of an item, their total (R,), rows that lack some, and rows whose percentages are none.

    `fractions`: those of the rows at fault whose numbers add up to 1.
    """

    numbers: pl.DataFrame
    total: pl.Series
    blank: pl.Series
    odd: pl.Series
    fractions: pl.Series


def _percentages(table: Table, shares: Shares) -> _Percentages:
    cells = [cell.set(cell.is_in(list(shares.suppressed)), None) for cell in (table.frame[name] for name in shares.options)]
    numbers = pl.DataFrame([as_numbers(cell, table.form) for cell in cells])
    blank = pl.DataFrame(cells).select(pl.any_horizontal(pl.all().is_null())).to_series()
    total = numbers.select(pl.sum_horizontal(pl.all())).to_series()
    wide = (total - 100).abs() > ROUNDING * len(cells)
    none = numbers.select(pl.any_horizontal(pl.all().is_null() | (pl.all() < 0))).to_series()
    odd = ~blank & (none | wide)
    return _Percentages(numbers, total, blank, odd, odd & ~none & ((total - 1).abs() <= ROUNDING * len(cells) / 100))


def _refuse(table: Table, read: Mapping[str, _Percentages], problems: list[Problem]) -> None:
    """Raise WaveError with all that is wrong with the percentages, and `problems`."""
    problems = [*problems, *(problem for name, one in read.items() for problem in _odd(table, name, one))]
    if taken := [shown_header(name) for name in read if name in table.frame.columns]:
        says = f"the file has columns {', '.join(taken)} already."
        problems.append(Problem(says, f"{table.name}, header", "give the means other names.", "duplicate-columns", len(taken)))
    if problems:
        raise WaveError(problems)


def _no_people(cells: pl.Series, numbers: pl.Series) -> pl.Series:
    """(R,) rows whose base is written and is no whole number of people."""
    return cells.is_not_null() & ~((numbers >= 1) & (numbers == numbers.floor())).fill_null(False)


def _wrong_base(table: Table, column: str, odd: pl.Series) -> Problem:
    count = int(odd.sum())
    says = f"{count:,} {'row gives' if count == 1 else 'rows give'} no whole number of people in column {shown_header(column)}."
    where = f"{table.name}, {first_rows(table.rows.filter(odd).to_list(), count)}"
    fix = "name the column of people who answered under 'base'; say 'thousands' where they are parted; leave suppressed rows out."
    return Problem(says, where, fix, "base-wrong", count)


def _counts_note(name: str, made: Counts, codes: Array) -> str:
    """By how much counts and their means can be off, and whether percentages are of whole people."""
    most, weighted = (float(made.off.max()) if len(made.off) else 0.0), int((~made.fits).sum())
    wide = f"a mean by {made.mean_off(codes).max():.2g} and a variance by {made.variance_off(codes).max():.2g}" if most else ""
    off = f"may be off by up to {most:,.0f}, {wide}" if most else "are exact"
    said = f"counts of {shown_header(name)} come from rounded percentages of one question and {off}"
    if weighted:
        rows = f"{weighted:,} of {len(made.fits):,} rows"
        said += f"; in {rows} the percentages are not those of whole people, as weighted ones are"
    return said


def _odd(table: Table, name: str, read: _Percentages) -> Iterator[Problem]:
    others = read.odd & ~read.fractions
    named = "name all options under 'means', those of 'do not know' aside, and under 'suppressed' what stands for none; "
    for rows, says, fix in (
        (read.fractions, "that add up to 1", "list the columns under 'fractions' in the mapping's file block."),
        (others, "that do not add up to 100", f"{named}say 'percent: sign' where cells end in %."),
    ):
        if count := int(rows.sum()):
            what = f"{count:,} {'row has' if count == 1 else 'rows have'} percentages for {shown_header(name)} {says}."
            where = f"{table.name}, {first_rows(table.rows.filter(rows).to_list(), count)}"
            yield Problem(what, where, fix, "percentages-wrong", count)
