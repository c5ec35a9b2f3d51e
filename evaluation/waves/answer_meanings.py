"""What the answers to an item mean. Each different answer is judged once, however many people and items of one scale gave it.

The mapping's missing codes come first, then its codes, then those of the scale and of the file; the rest must be on the scale.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from evaluation.protocol.instrument import Scale
from evaluation.protocol.mapping import FileForm, ItemSource
from evaluation.waves.answer_faults import number_of
from evaluation.waves.answer_numbers import as_numbers, on_scale
from evaluation.waves.intake import Intake, is_code, replaced
from evaluation.waves.readers.table import CODES

BLANK = "blank"
DECLARED = "declared by the file"
Flags = npt.NDArray[np.bool_]
Times = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Meanings:
    """D different answers: `cells` as the file's column holds them, `texts` as it writes them, and what each means.

    `numbers` are those of answers on the scale, null elsewhere; `bad` are faults, `strange` those that no mapped code explains.
    `same` are answers that a column of codes holds as the very number, `missing` says of every code for no answer which are it. `declared` are no answers by the file's word alone, `undone` those of
    them that lie on the scale.
    """

    cells: pl.Series
    texts: pl.Series
    numbers: pl.Series
    same: Flags
    bad: Flags
    strange: Flags
    missing: Sequence[tuple[str, Flags]]
    declared: Flags
    undone: Flags


@dataclass(frozen=True)
class ItemRead:
    """The (R,) cells of one item's column, and of its different answers the meanings and how many people gave each."""

    item: str
    cells: pl.Series
    means: Meanings
    times: Times

    @property
    def bad(self) -> Flags:
        """Answers that are faults and that somebody gave."""
        return self.means.bad & (self.times > 0)

    @property
    def as_written(self) -> bool:
        """Whether every answer is the number that its cell holds."""
        return bool(self.means.same[self.times > 0].all())

    def numbers(self) -> pl.Expr:
        """(R,) answers as numbers on the scale, null where there is none."""
        column = pl.col(self.cells.name)
        if self.as_written:
            return column.cast(pl.Float64).alias(self.item)
        return column.replace_strict(self.means.cells, self.means.numbers, default=None, return_dtype=pl.Float64).alias(self.item)

    def missing(self) -> dict[str, int]:
        """How often each code for no answer occurs, blanks first."""
        found = {BLANK: self.cells.null_count()}
        for code, holds in self.means.missing:
            if count := int(self.times[holds].sum()):
                found[code] = found.get(code, 0) + count
        return found | {f"{text}, {DECLARED}": count for text, count in self._counted(self.means.declared)}

    def undone(self) -> dict[str, int]:
        """How often each answer on the scale occurs that the file declares to be none."""
        return dict(self._counted(self.means.undone))

    def _counted(self, which: Flags) -> Iterator[tuple[str, int]]:
        """Answers and how often each occurs, in their order as text."""
        places = np.flatnonzero(which & (self.times > 0)).tolist()
        yield from sorted((str(self.means.texts[place]), int(self.times[place])) for place in places)


def read_items(intake: Intake, items: Sequence[str]) -> dict[str, ItemRead]:
    """Every one of `items`; columns of codes that are read in one way are judged together."""
    alike: dict[tuple[object, ...], list[str]] = {}
    for item in items:
        column, source = intake.layout.items[item]
        scale, declared = intake.expected.questions[item].scale, intake.layout.declared.get(column, ())
        alone = item if intake.cells[column].dtype == pl.String else ""
        key = alone, id(scale), tuple(source.codes.items()), tuple(source.missing_codes), tuple(declared)
        alike.setdefault(key, []).append(item)
    found = {one.item: one for group in alike.values() for one in _read_alike(intake, group)}
    return {item: found[item] for item in items}


def _read_alike(intake: Intake, items: Sequence[str]) -> Iterator[ItemRead]:
    column, source = intake.layout.items[items[0]]
    columns = [intake.cells[intake.layout.items[item][0]] for item in items]
    cells, times = _different_texts(columns[0]) if columns[0].dtype == pl.String else _different_codes(columns)
    scale, declared = intake.expected.questions[items[0]].scale, intake.layout.declared.get(column, ())
    means = meanings(cells, source, scale, intake.form, intake.layout.missing_codes, declared)
    for item, held, counted in zip(items, columns, times, strict=True):
        yield ItemRead(item, held, means, counted)


def _different_texts(column: pl.Series) -> tuple[pl.Series, Sequence[Times]]:
    """The different answers of one column, and how often each occurs."""
    counts = column.drop_nulls().alias("value").value_counts(name="times")
    return counts["value"], [counts["times"].cast(pl.Int64).to_numpy()]


def _different_codes(columns: Sequence[pl.Series]) -> tuple[pl.Series, Sequence[Times]]:
    """The different answers of several columns of codes, and for each column how often each occurs."""
    blank, most = -CODES - 1, 2 * CODES + 2
    held = pl.DataFrame([column.alias(f"{place}") for place, column in enumerate(columns)]).fill_null(blank)
    times = np.stack([np.bincount(column.to_numpy() - blank, minlength=most) for column in held])[:, 1:]
    places = np.flatnonzero(times.any(axis=0))
    return pl.Series(places - CODES, dtype=columns[0].dtype), list(times[:, places])


def meanings(
    cells: pl.Series, source: ItemSource, scale: Scale, form: FileForm, missing_codes: Sequence[str], declared: Sequence[str]
) -> Meanings:
    """What the different answers of a column mean; `missing_codes` are the mapping's for all columns, `declared` the file's."""
    texts = cells.cast(pl.String)
    text, strange, missing = texts, texts.is_null(), []
    for code in (code for code in (*source.missing_codes, *missing_codes) if code):
        missing.append((code, is_code(text, (code,)).to_numpy()))
        text = text.set(is_code(text, (code,)), None)
    if source.codes:
        text, strange = replaced(text, source.codes)
    numbers = as_numbers(text, form)
    for code in scale.missing_codes:
        holds = _is_missing(text, numbers, code)
        missing.append((code, holds.to_numpy()))
        text = text.set(holds, None)
    fits = on_scale(numbers, scale)
    none = texts.is_in(list(declared)) & text.is_not_null()
    text = text.set(none, None)
    bad = text.is_not_null() & (strange | ~fits)
    numbers = numbers.set(bad | text.is_null(), None) + 0.0
    return Meanings(
        cells,
        texts,
        numbers,
        _same(cells, numbers),
        bad.to_numpy(),
        (strange & text.is_not_null()).to_numpy(),
        missing,
        none.to_numpy(),
        (none & fits).to_numpy(),
    )


def _same(cells: pl.Series, numbers: pl.Series) -> Flags:
    same = (cells.cast(pl.Float64) == numbers).fill_null(False) if cells.dtype != pl.String else cells.is_null() & False
    return same.to_numpy()


def _is_missing(text: pl.Series, numbers: pl.Series, code: str) -> pl.Series:
    """Whether each answer is a declared missing code, as written or as the same number."""
    number = number_of(code)
    return (text == code if number is None else numbers == number).fill_null(False)
