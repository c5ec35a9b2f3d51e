"""A table's numeric columns, ready for a model on rows: present, numeric, finite."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from evaluation.errors import DesignError, Problem
from evaluation.evidence.any_table import schema_of, sort_columns


def answers(data: pd.DataFrame, numeric: Sequence[str], keys: Sequence[str], others: Sequence[str] = ()) -> pd.DataFrame:
    """The `numeric` columns as floats, `keys` and `others` as they are, over rows that have every key; the index starts anew.

    Raises:
        DesignError: a column is not there, is not numeric where it must be, holds infinite numbers or nothing at all.
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
        Problem(f"'{name}' is missing in every row.", fix="leave the column out, or fill it in.", code="empty")
        for name in numeric if own[name].isna().all()
    ]  # fmt: skip
    if problems:
        raise DesignError(problems)
    return own
