"""A table's numeric columns, ready for a model on rows: present, numeric, finite; and the rows of some waves."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import pyarrow as pa

from evaluation.errors import DesignError, Problem
from evaluation.evidence.any_table import label_in, schema_of, sort_columns
from evaluation.inference.fit.tables import LARGEST


def of_waves(rows: pd.DataFrame, wave: str, waves: Sequence[object]) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """The rows of some waves, with `wave` as text, and these waves as that text: named as the column has them, or as text.

    Raises:
        DesignError: a wave without rows.
    """
    labels = tuple(label_in(rows, wave, value) for value in waves)
    names = pd.Series(pa.array(rows[wave], from_pandas=True).cast(pa.string()).to_pandas().to_numpy(), rows.index, dtype="str")
    missing = [label for label in labels if not (names == label).any()]
    if missing:
        held = ", ".join(sorted(set(names.dropna()))[:12])
        raise DesignError(f"there are no rows of {', '.join(missing)}.", fix=f"give two of these waves: {held}.", code="empty")
    return rows.assign(**{wave: names})[names.isin(labels)].reset_index(drop=True), labels


def answers(data: pd.DataFrame, numeric: Sequence[str], keys: Sequence[str], others: Sequence[str] = ()) -> pd.DataFrame:
    """The `numeric` columns as floats, `keys` and `others` as they are, over rows that have every key; the index starts anew.

    Raises:
        DesignError: a column is not there, is not numeric where it must be, holds infinite numbers, numbers too large to be
            squared, or nothing at all.
    """
    sort_columns(schema_of(data), list(numeric), (), [*keys, *others])
    own = data[list(dict.fromkeys([*keys, *others, *numeric]))].dropna(subset=list(keys)).reset_index(drop=True)
    own = own.astype(dict.fromkeys(numeric, float))
    endless = {name: int(np.isinf(own[name]).sum()) for name in numeric}
    problems = [
        Problem(f"'{name}' is infinite in {count} rows.", fix="correct these rows, or leave them empty.", code="infinite")
        for name, count in endless.items() if count
    ]  # fmt: skip
    problems += [
        Problem(f"'{name}' holds numbers too large to be squared.", fix="give them in larger steps.", code="infinite")
        for name in numeric if not endless[name] and own[name].abs().max() > LARGEST
    ]  # fmt: skip
    problems += [
        Problem(f"'{name}' is missing in every row.", fix="leave the column out, or fill it in.", code="empty")
        for name in numeric if own[name].isna().all()
    ]  # fmt: skip
    if problems:
        raise DesignError(problems)
    return own
