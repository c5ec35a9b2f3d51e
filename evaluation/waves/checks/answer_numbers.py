"""Answers as numbers: text in the notation that a file declares, and whether a number is on a scale."""

import polars as pl

from evaluation.protocol.instrument import Scale
from evaluation.protocol.mapping import FileForm
from evaluation.waves.checks.answer_faults import gapless


def as_numbers(text: pl.Series, form: FileForm) -> pl.Series:
    """Text as numbers in the declared decimal and thousands signs; null where it is none."""
    if form.decimal == "." and form.thousands is None:
        return text.cast(pl.Float64, strict=False)
    group = f"([{form.thousands}]\\d{{3}})+" if form.thousands else "()"
    fits = text.str.contains(rf"^[+-]?(\d{{1,3}}{group}|\d+)([{form.decimal}]\d+)?([eE][+-]?\d+)?$")
    plain = text.str.replace_all(form.thousands, "", literal=True) if form.thousands else text
    return plain.str.replace(form.decimal, ".", literal=True).set(~fits.fill_null(False), None).cast(pl.Float64, strict=False)


def on_scale(numbers: pl.Series, scale: Scale) -> pl.Series:
    """(R,) whether each number may be an answer; False where there is none."""
    if scale.range is None and not gapless(scale):
        return numbers.is_in(list(scale.codes)).fill_null(False)
    inside = (numbers >= scale.interval.low) & (numbers <= scale.interval.high)
    if scale.range is None or scale.whole:
        inside &= numbers == numbers.floor()
    return inside.fill_null(False)
