"""One ordered question on any table, without a study: how its answers moved in pilots and elsewhere, by counts alone."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
import pyarrow as pa

from evaluation.errors import DesignError
from evaluation.evidence.any_table import Source, batches, opened, schema_of, sort_columns
from evaluation.evidence.scan import near_moments
from evaluation.inference.absent import named_in
from evaluation.inference.analyst import Compared, blank_of, compared, facts_of, labels_of
from evaluation.inference.estimate import Estimates
from evaluation.inference.panel import regressors, withheld
from evaluation.inference.refusals import borne
from evaluation.inference.tallied.answers import Answers, answer_rows
from evaluation.inference.unit_level import UnitLevel, changes

MOST_OPTIONS = 25


def ordered_change(
    data: Source, answer: str, *, unit: str, wave: str, baseline: object, follow_up: object, arm: str | None = None,
    pilot: str | None = None, positive: Sequence[float] = (), confidence: float = 0.95,
) -> Estimates:
    """Compare how the answers to one question moved, by their order alone.

    Args:
        data: a pandas, polars or Arrow table, a DuckDB relation, or the path of a Parquet file; one row a respondent and wave.
        answer: the column of codes, higher meaning more; missing where nobody answered.
        unit: the column that names what was assigned.
        wave: the column that names the wave.
        baseline: the earlier wave, as the column has it or as text.
        follow_up: the later wave.
        arm: the column that says which units are pilots; without it pilots' change is told, which is not an effect.
        pilot: the value of `arm` that means pilot; not needed where it is 'pilot', true or 1.
        positive: the codes that are favourable, for the row of percentages.
        confidence: of the intervals.

    Returns:
        The probability of superiority less one half (of pilots beyond comparison: a difference of two such chances); the log odds
        ratio of the cumulative logit; with `positive`, the change of the favourable share as a logit. These are a study's rows of
        the same names. What cannot be worked out is a row that says why.

    Raises:
        DesignError: a column is missing or no number, there are more than 25 codes, or nothing can be compared, with the reasons.
    """
    source = opened(data)
    whole = near_moments(source, answer, unit=unit, wave=wave, arm=arm)
    waves = labels_of(source, wave, baseline, follow_up)
    table = compared(whole, arm, pilot, waves, named_in(source, whole, unit, wave, waves))
    level = changes(table.usable, table.contrast, table.design, table.waves[1])
    facts = facts_of(level, table.design, confidence)
    status, keeps = borne(facts)
    counts = _counts(source, answer, [unit, wave, *([arm] if arm else [])])
    answers = _answers(counts, table, level, tuple(map(float, positive)), arm is not None)
    rows = answer_rows(answers, replace(blank_of(table, facts), measure=answer, unit=unit, confidence=confidence), table.waves,
                       confidence)
    return Estimates(tuple(row.beside_floor() for row in withheld(rows, status, keeps)))


def _counts(data: Source, answer: str, keys: list[str]) -> pd.DataFrame:
    """One row a unit, wave and arm, one column a code in rising order."""
    sort_columns(schema_of(data), (answer,), (), keys)
    read = pa.Table.from_batches(list(batches(data, [answer, *keys])))
    rows = pa.table({name: read[name].cast(pa.float64() if name == answer else pa.string()) for name in (answer, *keys)})
    counted = rows.drop_null().group_by([answer, *keys]).aggregate([([], "count_all")]).to_pandas()
    codes = np.unique(counted[answer].to_numpy(dtype=float))
    if len(codes) > MOST_OPTIONS:
        fix = "give a question that is answered by choosing, or compare means with unit_change."
        raise DesignError(f"'{answer}' holds {len(codes)} different numbers.", fix=fix, code="options")
    return pd.pivot_table(counted, index=keys, columns=answer, values="count_all", aggfunc="sum", fill_value=0)


def _answers(counts: pd.DataFrame, table: Compared, level: UnitLevel, positive: tuple[float, ...], arms: bool) -> Answers:
    own = table.usable.cells
    places = pd.MultiIndex.from_frame(own[["unit", "wave", *(["arm"] if arms else [])]].astype(str))
    found = counts.reindex(index=places, fill_value=0)
    terms, columns = regressors(table.usable, table.contrast, table.design, table.waves[1], (), {})
    codes = counts.columns.to_numpy(dtype=float)
    favourable = np.isin(codes, positive)
    if positive and not favourable.any():
        fix = f"give some of the codes that were answered as positive=: {', '.join(f'{code:g}' for code in codes)}."
        raise DesignError("nobody gave an answer that is named as favourable.", fix=fix, code="positive")
    units, waves = own["unit"].to_numpy(dtype=np.str_), own["wave"].to_numpy(dtype=np.str_)
    return Answers(found.to_numpy(dtype=float), units, waves, columns[:, 1:], terms[1:], level, favourable)
