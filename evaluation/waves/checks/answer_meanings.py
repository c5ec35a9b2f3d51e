"""What the answers to an item mean. Each different answer is judged once, however many people and items of one scale gave it.

The mapping's missing codes come first, then its codes, then those of the scale and of the file; the rest must be on the scale.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import polars as pl

from evaluation.protocol.instrument import Scale
from evaluation.protocol.mapping import FileForm, ItemSource
from evaluation.waves.checks.answer_faults import number_of
from evaluation.waves.checks.answer_numbers import as_numbers, on_scale
from evaluation.waves.checks.intake import Intake, is_code, replaced
from evaluation.waves.readers.table import CODES

BLANK = "blank"
DECLARED = "declared by the file"
Flags = npt.NDArray[np.bool_]
Places = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Meanings:
    """D different answers: `cells` as the file's column holds them, `texts` as it writes them, and what each means.

    `numbers` are those of answers on the scale, null elsewhere, and `same` are answers that a column of codes holds as that very
    number. `bad` are faults, `strange` those that no mapped code explains. `missing` says of every code for no answer which are
    it. `declared` are no answers by the file's word alone, `undone` those of them that lie on the scale.
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

    @cached_property
    def written(self) -> list[str]:
        """The different answers as the file writes them."""
        return self.texts.to_list()


@dataclass(frozen=True)
class ItemRead:
    """The (R,) cells of one item's column, and what those mean that are not the very number that they hold.

    `odd` (K,) are the rows of these, blanks aside, and `which` (K,) their places among the different answers of `means`.
    """

    item: str
    cells: pl.Series
    means: Meanings
    odd: Places
    which: Places

    @cached_property
    def times(self) -> Places:
        """(D,) how often each different answer occurs, those left out that are the very number that they hold."""
        return np.bincount(self.which, minlength=len(self.means.cells))

    @cached_property
    def faulty(self) -> tuple[Places, Places]:
        """Rows with a fault, and the place of each one's answer among the different ones."""
        bad = self.means.bad[self.which]
        return self.odd[bad], self.which[bad]

    def numbers(self, held: pl.Series) -> pl.Series:
        """(R,) answers as numbers on the scale, null where there is none; `held` (Int16) are the codes that the cells hold.

        They stay Int16 where all are whole numbers of three digits at most, and are Float64 elsewhere.
        """
        odd = self.means.numbers.gather(self.which)
        if not len(odd):
            return held
        kind = held.dtype if bool((odd.is_null() | (odd.floor() == odd) & odd.is_between(-CODES, CODES)).all()) else odd.dtype
        return held.cast(kind).clone().scatter(self.odd, odd.cast(kind))

    @property
    def answered(self) -> Flags:
        """(R,) whether a cell holds an answer, a faulty one too: neither blank nor a code for none."""
        holds = self.cells.is_not_null().to_numpy().copy()
        none = self.means.numbers.is_null().to_numpy() & ~self.means.bad
        holds[self.odd[none[self.which]]] = False
        return holds

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
        places = np.flatnonzero(which & (self.times > 0)).tolist() if which.any() else []
        yield from sorted((self.means.written[place], int(self.times[place])) for place in places)


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
    cells = intake.cells[column]
    is_text = cells.dtype == pl.String
    different = cells.drop_nulls().unique() if is_text else pl.Series(range(-CODES, CODES + 1), dtype=cells.dtype)
    scale, declared = intake.expected.questions[items[0]].scale, intake.layout.declared.get(column, ())
    means = meanings(different, source, scale, intake.form, intake.layout.missing_codes, declared)
    yield from [_read_text(items[0], cells, means)] if is_text else _read_codes(intake, items, means)


def _read_text(item: str, cells: pl.Series, means: Meanings) -> ItemRead:
    which = cells.drop_nulls().replace_strict(means.cells, range(len(means.cells))).cast(pl.Int64)
    return ItemRead(item, cells, means, np.flatnonzero(cells.is_not_null().to_numpy()), which.to_numpy())


def _read_codes(intake: Intake, items: Sequence[str], means: Meanings) -> Iterator[ItemRead]:
    columns = [intake.layout.items[item][0] for item in items]
    plain = means.cells.filter(means.same).to_list()
    odd = intake.cells.select(pl.col(columns).is_in(plain).not_().arg_true().cast(pl.Int64).implode())
    for item, column in zip(items, columns, strict=True):
        cells, rows = intake.cells[column], odd[column][0]
        yield ItemRead(item, cells, means, rows.to_numpy(), cells.gather(rows).cast(pl.Int64).to_numpy() + CODES)


def meanings(
    cells: pl.Series, source: ItemSource, scale: Scale, form: FileForm, missing_codes: Sequence[str], declared: Sequence[str]
) -> Meanings:
    """What the different answers of a column mean; `missing_codes` are the mapping's for all columns, `declared` the file's."""
    texts = cells.cast(pl.String)
    text, strange, missing = texts, texts.is_null(), []
    for code in (code for code in (*source.missing_codes, *missing_codes) if code):
        holds = is_code(text, (code,))
        missing.append((code, holds.to_numpy()))
        text = text.set(holds, None)
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
