"""From cells under their places to cells under names: an empty column without a name goes, others are faults or lettered."""

from collections.abc import Sequence

import polars as pl

from evaluation.errors import Problem, WaveError
from evaluation.protocol.mapping import FileForm
from evaluation.waves.readers.header import Header, check_names, column_letter


def header_problems(header: Header, where: str, row: int) -> list[Problem]:
    """What is wrong with a header that begins in `row`, whatever stands below it: repeated names, answers, too many columns."""
    return [*header.problems, *(one for one in check_names(header.names, where, row) if one.code != "unnamed-column")]


def named(frame: pl.DataFrame, header: Header, form: FileForm, where: str, row: int) -> tuple[pl.DataFrame, tuple[str, ...]]:
    """The frame under the header's names, and notes; its columns stand in the header's order.

    Raises:
        WaveError: a column holds cells and has no name.
    """
    nameless = [place for place, name in enumerate(header.names) if not name.strip()]
    empty = {place for place in nameless if frame.to_series(place).null_count() == frame.height}
    if len(empty) < len(nameless) and form.unnamed == "refuse":
        raise WaveError(list(check_names(_without(header.names, empty), where, row)))
    lettered = {place: f"column {column_letter(place)}" for place in nameless if place not in empty}
    names = [lettered.get(place, name) for place, name in enumerate(header.names)]
    kept = [place for place in range(len(names)) if place not in empty]
    if problems := list(check_names([names[place] for place in kept], where, row)):
        raise WaveError(problems)
    columns = frame.columns
    given = frame.select([columns[place] for place in kept])
    given.columns = [names[place] for place in kept]
    count = len(empty)
    words = "column without a name or a cell was" if count == 1 else "columns without a name or a cell were"
    return given, (f"{count:,} {words} passed over",) if count else ()


def _without(names: Sequence[str], places: set[int]) -> list[str]:
    """The names with a stand-in for empty columns, so that the places of the others keep their numbers."""
    return [f"(empty {place})" if place in places else name for place, name in enumerate(names)]
