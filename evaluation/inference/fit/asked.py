"""What a formula asks of a table: whether it is there, and the columns that are made of it."""

from collections.abc import Sequence

import pyarrow as pa

from evaluation.evidence.any_table import Source, batches
from evaluation.inference.fit.columns import Columns, columns_of, levels_of, text_factor
from evaluation.inference.fit.expressions import columns_in
from evaluation.inference.fit.formula import Formula
from evaluation.inference.fit.tables import refuse_text, refuse_unknown, refuse_width


def check_columns(asked: Formula, schema: pa.Schema, keys: Sequence[str], weights: str | None = None) -> None:
    """Raise DesignError where the table lacks a column that is asked for, or has text where numbers are needed.

    Args:
        asked: the formula.
        schema: the table's columns.
        keys: further columns: clusters, what is absorbed, groupings.
        weights: the column of weights.
    """
    refuse_unknown(asked.outcomes, schema)
    refuse_text(asked.outcomes, schema, "outcome")
    plain = [text_factor(name, schema) or name for name in asked.factors]
    needed = [need for name in plain for need in ([name] if name in schema.names or name.isidentifier() else columns_in(name))]
    refuse_unknown([*keys, *([weights] if weights else []), *needed], schema)
    if weights:
        refuse_text([weights], schema, "weights")


def columns_for(asked: Formula, source: Source, schema: pa.Schema, absorb: Sequence[str] = ()) -> Columns:
    """The columns of the regression: levels found in one light pass, far columns moved near zero by the first rows."""
    texts = [column for name in asked.factors if (column := text_factor(name, schema)) is not None]
    categories = list(dict.fromkeys([*texts, *absorb]))
    levels = levels_of(batches(source, categories), categories, schema) if categories else {}
    columns = columns_of(asked, schema, levels, [f"C({name})" for name in absorb])
    refuse_width(columns.names)
    first = next(iter(batches(source, columns.needs)), None) if columns.needs else None
    return columns.near_zero(first) if first is not None and asked.constant else columns
