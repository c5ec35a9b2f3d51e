"""In which notation the numbers of an unknown file are written: the signs before decimals and between thousands."""

from collections.abc import Sequence

import polars as pl

from evaluation.protocol.mapping import FileForm
from evaluation.waves.checks.answer_numbers import as_numbers


def number_form(columns: Sequence[pl.Series], counts: Sequence[pl.Series] = ()) -> tuple[str, str | None]:
    """Decimal and thousands sign in which the most cells of these columns are numbers; a point and none when in doubt.

    `counts` are columns of whole numbers of people, in which '1,200' has a thousands sign and no decimal one.
    """
    given = [column.drop_nulls().head(5000) for column in (*columns, *counts)]
    text = pl.concat([column.rename("") for column in given]) if given else pl.Series([], dtype=pl.String)
    best: tuple[str, str | None] = (".", None)
    score = -1
    for form in _forms():
        fits = int(as_numbers(text, form).is_not_null().sum())
        if fits > score and all(_are_counts(column.drop_nulls(), form) for column in counts):
            best, score = (form.decimal, form.thousands), fits
    return best


def has_signs(column: pl.Series) -> bool:
    """Whether any number of a column holds a point or a comma."""
    return bool(column.drop_nulls().str.contains(r"^[+-]?\d[\d.,]*[.,]\d+$").any())


def has_decimal_commas(column: pl.Series) -> bool:
    """Whether all cells are numbers with a decimal comma or none, and one has a comma that can part no thousands: '12,5'."""
    values = column.drop_nulls()
    every = values.str.contains(r"^[+-]?\d+(,\d+)?$").all()
    return bool(every) and bool(values.str.contains(r"^[+-]?\d+,(\d{1,2}|\d{4,})$").any())


def _forms() -> list[FileForm]:
    signs: tuple[tuple[str, str | None], ...] = ((".", None), (",", None), (",", "."), (".", ","))
    return [FileForm.model_validate({"format": "csv", "decimal": decimal, "thousands": mark}) for decimal, mark in signs]


def _are_counts(values: pl.Series, form: FileForm) -> bool:
    """Whether the numbers of a column are whole, and none of them has three digits behind a decimal sign, as thousands have."""
    numbers = as_numbers(values, form).drop_nulls()
    parted = values.str.contains(rf"^\d{{1,3}}([{form.decimal}]\d{{3}})+$").any()
    return len(numbers) > 0 and bool((numbers == numbers.floor()).all()) and not parted


def may_be_counts(column: pl.Series) -> bool:
    """Whether the numbers of a column are whole in some notation."""
    return any(_are_counts(column.drop_nulls(), form) for form in _forms())
