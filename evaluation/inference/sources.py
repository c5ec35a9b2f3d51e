"""What a study's tables add to unit-level figures: how far a pilot was implemented, and the national trend of a unit's type.

Dose: the arm's column is replaced by the share implemented (0 for comparison), so that the slope is what all of it makes.
Benchmark: the trend of the unit's type is taken off its change. The error of the trend, where stated, adds to each unit's
variance; units of one type share it, so with many pilots of one type and a rough trend the interval is somewhat too narrow.
Source: docs/methods.md, section 12.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from evaluation.inference.algebra import Array
from evaluation.inference.question import Question
from evaluation.inference.unit_level import UnitLevel
from evaluation.organisations.benchmark import read_benchmark
from evaluation.organisations.register import Register


@dataclass(frozen=True)
class Sourced:
    """Unit-level figures with what the study's tables say: `shares` by unit where a dose is compared, and what is missing."""

    level: UnitLevel
    shares: Mapping[str, float] = field(default_factory=dict)
    dose_unknown: tuple[str, ...] = ()
    no_benchmark: tuple[str, ...] = ()


def with_sources(question: Question, level: UnitLevel, register: Register) -> Sourced:
    """The figures as the estimand's `dose` or `benchmark` turn them; unchanged where it has neither.

    Raises:
        ProtocolError: the file of national figures is not there, or breaks its schema.
    """
    if question.estimand.dose is not None:
        return _dosed(level, register)
    if question.estimand.benchmark is not None:
        table = read_benchmark(question.documents, question.estimand.benchmark)
        return _beyond_trend(question, level, table, register)
    return Sourced(level)


def shares_of(question: Question, level: UnitLevel) -> dict[str, float]:
    """How far the pilot was implemented by unit, read back off figures `with_sources`; empty where that is not compared."""
    if question.estimand.dose is None:
        return {}
    whole = level.of_units or level
    return dict(zip(whole.units, whole.columns[:, whole.target].tolist(), strict=True))


def _dosed(level: UnitLevel, register: Register) -> Sourced:
    of_units = level.of_units or level
    pilots = of_units.columns[:, of_units.target]
    shares, unknown = doses(register.units["implemented"], of_units.units, pilots)
    by_unit = dict(zip(of_units.units, shares.tolist(), strict=True))
    if unknown:
        return Sourced(level, by_unit, unknown)
    own = shares if level.of_units is None else _gathered(register, level.units, by_unit)
    return Sourced(by_dose(level, own), by_unit)


def _gathered(register: Register, organisations: Sequence[str], shares: Mapping[str, float]) -> Array:
    """The mean share of an organisation's units."""
    places = register.units["organisation"].astype(str).set_axis(register.units.index.astype(str))
    means = pd.Series(shares).groupby(places).mean()
    return means.reindex(list(organisations)).to_numpy(dtype=float)


def _beyond_trend(question: Question, level: UnitLevel, table: pd.DataFrame, register: Register) -> Sourced:
    types = register.units["type"].set_axis(register.units.index.astype(str)).reindex(list(level.units))
    trend = trends(table, question.estimand.measure, types, question.waves)
    missing = tuple(dict.fromkeys(str(kind) for kind in types[trend["change"].isna()]))
    return Sourced(level, no_benchmark=missing) if missing else Sourced(beyond_trend(level, trend))


def doses(implemented: pd.Series, units: Sequence[str], pilots: Array) -> tuple[Array, tuple[str, ...]]:
    """The share implemented of every unit, (G,), 0 where nothing is piloted, and the pilots of which it is not known.

    Args:
        implemented: share by unit, NaN where not known.
        units: G names.
        pilots: (G,) 1 for pilots and 0 for comparison.
    """
    stated = implemented.set_axis(implemented.index.astype(str)).reindex(list(units)).to_numpy(dtype=float)
    unknown = tuple(name for name, share, pilot in zip(units, stated, pilots, strict=True) if pilot == 1 and np.isnan(share))
    return np.where(pilots == 1, stated, 0.0), unknown


def by_dose(level: UnitLevel, shares: Array) -> UnitLevel:
    """The same units compared by how far the pilot was implemented."""
    columns = level.columns.copy()
    columns[:, level.target] = shares
    return replace(level, columns=columns)


def trends(table: pd.DataFrame, measure: str, types: pd.Series, waves: tuple[str, str]) -> pd.DataFrame:
    """The change of the national mean between two waves by unit: columns change and variance, NaN where no figure stands.

    Args:
        table: as `organisations.benchmark.read_benchmark` gives it.
        measure: which measure.
        types: type of organisation by unit; one without figures of its own in both waves takes those of every type.
        waves: (from, to).
    """
    own = table[table["measure"] == measure]
    by_place = own.set_index([own["type"].fillna(""), "wave"])[["mean", "std_error"]]
    whole = {kind for kind in types if all((kind, wave) in by_place.index for wave in waves)}
    ends = [by_place.reindex([(kind if kind in whole else "", wave) for kind in types]).to_numpy(dtype=float) for wave in waves]
    change, variance = ends[1][:, 0] - ends[0][:, 0], np.nansum([end[:, 1] ** 2 for end in ends], axis=0)
    return pd.DataFrame({"change": change, "variance": variance}, index=types.index)


def beyond_trend(level: UnitLevel, trend: pd.DataFrame) -> UnitLevel:
    """The same units' changes less the trend of their type."""
    own = trend.reindex(list(level.units))
    sampling = None if level.sampling is None else level.sampling + own["variance"].to_numpy()
    return replace(level, outcome=level.outcome - own["change"].to_numpy(), sampling=sampling)
