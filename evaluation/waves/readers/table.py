"""A file as read, before anything is known about the study: text cells under the file's own names, with row numbers."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import polars as pl

from evaluation.protocol.mapping import FileForm
from evaluation.registry import Registry

SPACES = " \u00a0"
CODES = 999
"""Whole numbers up to this one, either side of nought, may stand among a table's cells as numbers."""
_WHOLE, _POINT = r"^([+-]?\d+)\.0+$", r"^([+-]?\d+)\.\b"


@dataclass(frozen=True)
class Content:
    """The bytes of one file, in pieces that are read once; `name` is safe to show."""

    name: str
    size: int
    pieces: Callable[[], Iterator[bytes]]

    def head(self) -> bytes:
        """The first bytes."""
        return next(iter(self.pieces()), b"")

    def whole(self) -> bytes:
        """All bytes at once, for formats that cannot be read in pieces."""
        return b"".join(self.pieces())


@dataclass(frozen=True)
class Table:
    """Cells of one file.

    `cells` hold one row per record, blank cells null: strings, or Int16 in a column of whole numbers up to `CODES` that are all
    written as programs write them. `rows` are the row numbers a spreadsheet shows (the header is row 1). `labels` and
    `value_labels` are what the format itself says about a column and its codes, `missing` the codes that it declares to be no
    answers, `percents` the columns whose numbers it shows as percentages. `form` is how the file turned out to be written,
    `notes` what was accepted but is worth knowing.
    """

    name: str
    cells: pl.DataFrame
    rows: pl.Series
    form: FileForm
    labels: Mapping[str, str] = field(default_factory=dict)
    value_labels: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    missing: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    percents: frozenset[str] = frozenset()

    @cached_property
    def frame(self) -> pl.DataFrame:
        """All cells as the text that the file holds."""
        return self.cells.select(pl.all().cast(pl.String))

    def text(self, name: str) -> pl.Series:
        """One column as the text that the file holds."""
        return self.cells[name].cast(pl.String)


@dataclass(frozen=True)
class Reader:
    """How one format is read; `suffixes` are the file endings that mean it, `signatures` the true types it accepts."""

    read: Callable[[Content, FileForm], Table]
    suffixes: tuple[str, ...]
    signatures: tuple[str, ...]

    def __call__(self, content: Content, form: FileForm) -> Table:
        """Read `content`; raises WaveError naming every fault of the file's form."""
        return self.read(content, form)


READERS: Registry[Reader] = Registry("import format")


def in_notation(numbers: pl.Series, form: FileForm) -> pl.Series:
    """(R,) text of cells that the file holds as numbers, with the decimal sign that the form declares for its text.

    Beside text such as '1.200,5', a cell that is the number 1.125 must not be read as 1125. A whole number has no sign: ids are
    the same people's whatever is declared.
    """
    if form.decimal == ".":
        return numbers
    return numbers.str.replace(_WHOLE, "${1}").str.replace(_POINT, f"${{1}}{form.decimal}")


def tidied(frame: pl.DataFrame) -> pl.DataFrame:
    """The same cells without surrounding spaces, empty text as null; other white space is content and stays."""
    if not frame.width or not frame.height:
        return frame
    edges = [pl.all().str.starts_with(space) | pl.all().str.ends_with(space) for space in SPACES]
    loose = frame.select(((pl.all() == "") | edges[0] | edges[1]).any()).row(0)
    columns = [name for name, is_loose in zip(frame.columns, loose, strict=True) if is_loose]
    stripped = pl.col(columns).str.strip_chars(SPACES)
    return frame.with_columns(pl.when(stripped != "").then(stripped)) if columns else frame
