"""One wave's rows on their way in: the cells, what they should be, and how faults among them are put into words."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import polars as pl

from evaluation.errors import Cells, Problem
from evaluation.organisations.register import Register
from evaluation.protocol.mapping import FileForm, Source
from evaluation.waves.checks.expected import Expected
from evaluation.waves.checks.faults import CELLS, FIRST, agreeing, first_rows, listed, of_rows, shown, shown_answer
from evaluation.waves.checks.layout import Layout


@dataclass(frozen=True)
class Intake:
    """R rows of one wave: `cells` as read under the file's names, `rows` their numbers in the file."""

    name: str
    cells: pl.DataFrame
    rows: pl.Series
    form: FileForm
    layout: Layout
    expected: Expected
    register: Register

    @property
    def total(self) -> int:
        """Rows of this wave."""
        return self.cells.height

    def where_holds(self, mask: pl.Series) -> "Intake":
        """The rows for which `mask` holds."""
        return replace(self, cells=self.cells.filter(mask), rows=self.rows.filter(mask))

    def column(self, name: str) -> pl.Series:
        """(R,) the text of one column."""
        return self.cells[name].cast(pl.String)

    def wave_words(self, count: int) -> str:
        """'3 of 1,204 rows in wave 'month_6''."""
        return f"{of_rows(count, self.total)} in wave '{self.expected.wave}'"

    def where(self, mask: pl.Series, columns: Sequence[str] = ()) -> str:
        """File, columns and first five rows for which `mask` holds."""
        found = self.rows.filter(mask)
        named = f"column{'' if len(columns) == 1 else 's'} {' and '.join(map(shown, columns))}, " if columns else ""
        return f"{self.name}, {named}{first_rows(found.head(FIRST).to_list(), len(found))}"

    def fault(
        self,
        code: str,
        mask: pl.Series,
        says: str,
        fix: str,
        *,
        columns: Sequence[str] = (),
        values: pl.Series | None = None,
        shows: Callable[[str], str] = shown_answer,
    ) -> list[Problem]:
        """One line for all rows where `mask` holds, with up to five of `values` as `shows` words them; nothing when nowhere.

        `columns` are those of the file in which the fault lies.
        """
        count = int(mask.sum())
        if not count:
            return []
        where = self.where(mask, columns)
        if values is not None:
            examples = [shows(value) for value in first_values(values.filter(mask))]
            where += f"; values {listed(examples)}"
        rows = tuple(self.rows.filter(mask).head(CELLS).to_list()) if columns else ()
        cells = tuple(Cells(column, rows) for column in columns)
        return [Problem(f"{self.wave_words(count)} {agreeing(says, count)}.", where, fix, code, count, cells)]

    def key(self, name: str) -> pl.Series | None:
        """The text of a key column with the mapping's codes applied; None when the file does not hold it.

        The file's missing codes are said of answers: 99 may be somebody's id.
        """
        source = self.layout.keys.get(name)
        if source is None:
            return None
        if name == "respondent" and source.column is not None:
            return replaced(self.column(source.column), source.codes)[0].alias(name)
        return self.text(source)[0].alias(name)

    def columns_of(self, *names: str) -> tuple[str, ...]:
        """The file's columns from which these keys and groups are read."""
        sources = [{**self.layout.keys, **self.layout.groups}.get(name) for name in names]
        return tuple(source.column for source in sources if source is not None and source.column is not None)

    def headings(self, *names: str) -> tuple[Cells, ...]:
        """The headings of those columns, for faults of whole columns."""
        return tuple(Cells(column) for column in self.columns_of(*names))

    def text(self, source: Source) -> tuple[pl.Series, pl.Series]:
        """(R,) text of a source, null where it says nothing, codes replaced; and (R,) whether a value is not among the codes."""
        if source.column is None:
            return pl.repeat(source.constant, self.total, dtype=pl.String, eager=True), pl.repeat(False, self.total, eager=True)
        column = self.column(source.column)
        return replaced(without(column, self.layout.unsaid(source)), source.codes)

    def unsaid(self, source: Source) -> int:
        """How many cells of a source hold what file or mapping declare to stand for nothing."""
        codes = self.layout.unsaid(source)
        return int(is_code(self.column(source.column), codes).sum()) if source.column is not None and any(codes) else 0


def first_values(values: pl.Series) -> list[str]:
    """The first five different values, in the order of the rows."""
    return [str(value) for value in values.drop_nulls().unique(maintain_order=True).head(FIRST).to_list()]


def number_text(column: pl.Series) -> pl.Series:
    """Text whose whole numbers are written one way: '4.0' and '4' are both '4'."""
    number = column.cast(pl.Float64, strict=False)
    whole = (number.is_not_null() & (number == number.floor()) & (number.abs() < 2**53)).fill_null(False)
    return number.set(~whole, None).cast(pl.Int64).cast(pl.String).fill_null(column) if whole.any() else column


def is_code(column: pl.Series, codes: Sequence[str]) -> pl.Series:
    """(R,) whether a cell is one of `codes`, as written or as the same whole number ('99.0' is 99, '007' may be 007 or 7)."""
    real = [code for code in codes if code]
    return (column.is_in(real) | number_text(column).is_in(real)).fill_null(False)


def without(column: pl.Series, codes: Sequence[str]) -> pl.Series:
    """The column with every one of `codes` turned null."""
    return column.set(is_code(column, codes), None) if any(codes) else column


def replaced(column: pl.Series, codes: Mapping[str, str]) -> tuple[pl.Series, pl.Series]:
    """The column with `codes` applied, other values kept, and whether a value was not among them."""
    if not codes:
        return column, column.is_null() & False
    found = column.replace_strict(dict(codes), default=None, return_dtype=pl.String)
    found = found.fill_null(number_text(column).replace_strict(dict(codes), default=None, return_dtype=pl.String))
    return found.fill_null(column), column.is_not_null() & found.is_null()
