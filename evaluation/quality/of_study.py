"""The items of a study's measures, by wave and arm, from kept evidence; and of any table."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from evaluation.errors import DesignError, Problem
from evaluation.evidence.any_table import Source, batches, numbers, opened
from evaluation.evidence.complete import CompleteItems
from evaluation.evidence.evidence import Evidence
from evaluation.evidence.items import ItemMoments, items_of_table
from evaluation.evidence.moments import Array
from evaluation.measures.score import items_of
from evaluation.protocol.block import Interval
from evaluation.protocol.documents import Documents
from evaluation.quality.item_set import ItemSet, Sums

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Group:
    """People of some waves and arms; `arms` None is everybody."""

    label: str
    waves: tuple[str, ...]
    arms: tuple[str, ...] | None = None

    def holds(self, cells: pd.DataFrame) -> Flags:
        """Which cells, or rows with columns wave and arm, belong to it."""
        there: Flags = cells["wave"].isin(list(self.waves)).to_numpy(dtype=bool)
        return there if self.arms is None else there & cells["arm"].isin(list(self.arms)).to_numpy(dtype=bool)


def item_set(measure: str, group: Group, evidence: Evidence, documents: Documents) -> ItemSet:
    """A measure's items as a group answered them, turned and in points of the measure's scale.

    Raises:
        DesignError: the measure has fewer than two items whose codes are summed.
    """
    plan = documents.protocol.measures[measure]
    if measure not in evidence.complete:
        items = len(items_of(measure, documents))
        needed = f"two items are needed and there {'is' if items == 1 else 'are'} {items}"
        what = "nobody has been asked yet" if items > 1 else needed
        raise DesignError(f"'{measure}' has no items to set side by side: {what}.", fix="leave it out.", code="few-items")
    instrument, names = documents.instruments[plan.instrument], evidence.complete[measure].names
    scales = [instrument.scale_of(name) for name in names]
    turned = tuple(instrument.items[name].reverse for name in names)
    move = _Move.of(turned, [scale.interval for scale in scales], plan.scale)
    options = tuple(len(scale.codes) or None for scale in scales)
    pairs, complete = evidence.items[plan.population], evidence.complete[measure]
    here, places = group.holds(complete.cells), [pairs.names.index(name) for name in names]
    return ItemSet(
        measure=measure, group=group.label, names=names, pairs=_pairs(pairs, group.holds(pairs.cells), places, move),
        complete=_complete(complete, here, move), left_out=_left_out(complete, here), turned=turned, options=options,
    )


def with_ends(items: ItemSet, group: Group, evidence: Evidence, documents: Documents) -> ItemSet:
    """The same with the shares of answers at both ends of what each item measures."""
    plan = documents.protocol.measures[items.measure]
    scales = [documents.instruments[plan.instrument].scale_of(name) for name in items.names]
    chosen = _chosen(evidence.tallies, plan.population, items.names, group)
    ends = [_ends(chosen[name], scale.codes, flip) for name, scale, flip in zip(items.names, scales, items.turned, strict=True)]
    floor, ceiling = np.array(ends).T
    return replace(items, floor=floor, ceiling=ceiling)


def item_sets(
    source: Source, items: Sequence[str], *, by: str, scale: tuple[float, float], reverse: Collection[str] = (),
    measure: str = "score",
) -> tuple[ItemSet, ...]:
    """Items of any table, one set for each value of a column.

    Args:
        source: a Parquet path, a pandas, polars or Arrow table, or a DuckDB relation.
        items: columns of whole codes, all on one scale.
        by: the column that names the group; rows without one are left out.
        scale: its lowest and highest code.
        reverse: items to turn.
        measure: what they measure.

    Raises:
        DesignError: no item, an item named twice, a column that is not there or not one of numbers, an item to turn that is none,
            a scale that does not rise, codes off the scale (with how many), or no row with a group and an answer.
    """
    low, high = scale
    if not low < high or not set(reverse) <= set(items):
        raise DesignError(
            "items to turn must be among the items, and a scale must rise.", fix="check `reverse` and `scale`.", code="items")
    if not items or len(set(items)) < len(items):
        raise DesignError("items are none, or one is named twice.", fix="name each item once.", code="items")
    source = opened(source)
    turned = tuple(name in reverse for name in items)
    move = _Move.of(turned, [Interval(low=low, high=high)] * len(items), None)
    pairs, complete = items_of_table(source, by, dict.fromkeys(items, (low + high) / 2))
    _refuse_off_scale(source, items, low, high)
    if not len(pairs.cells):
        raise DesignError(f"no row has '{by}' and an answer.", fix="check the column that names the group.", code="empty")
    cells = np.arange(len(pairs.cells))
    return tuple(
        ItemSet(
            measure=measure, group=str(label), names=tuple(items), pairs=_pairs(pairs, cells == place, range(len(items)), move),
            complete=_complete(complete, cells == place, move), left_out=_left_out(complete, cells == place), turned=turned,
            options=(int(high - low) + 1,) * len(items),
        )
        for place, label in enumerate(pairs.cells[by])
    )


def _refuse_off_scale(source: Source, items: Sequence[str], low: float, high: float) -> None:
    wrong = dict.fromkeys(items, 0)
    for batch in batches(source, items):
        for name, codes in zip(items, numbers(batch, items), strict=True):
            wrong[name] += int(np.count_nonzero((codes < low) | (codes > high)))
    problems = [
        Problem(f"'{name}' has {count:,} answers off its scale ({low:g} to {high:g}).",
                fix="leave codes for missing answers empty, or give the whole scale.", code="off-scale")
        for name, count in wrong.items() if count
    ]  # fmt: skip
    if problems:
        raise DesignError(problems)


@dataclass(frozen=True, eq=False)
class _Move:
    """From codes to the measure's scale: means less `centres` are multiplied by `factors`, and `bases` are added."""

    factors: Array
    bases: Array

    @classmethod
    def of(cls, turned: Sequence[bool], scales: Sequence[Interval], target: Interval | None) -> "_Move":
        signs = np.where(turned, -1.0, 1.0)
        if target is None:
            return cls(signs, np.array([scale.middle for scale in scales]))
        lengths = np.array([scale.high - scale.low for scale in scales])
        return cls(signs * (target.high - target.low) / lengths, np.full(len(scales), target.middle))

    def moved(self, n: int, means: Array, centres: Array, covariance: Array) -> Sums:
        return Sums(n, self.bases + self.factors * (means - centres), covariance * np.outer(self.factors, self.factors))


def _pairs(pairs: ItemMoments, here: Flags, places: Sequence[int], move: _Move) -> Sums:
    """Items over pairs of them, of the cells `here` together."""
    counts, sums, products = (part[here].sum(axis=0)[np.ix_(places, places)] for part in pairs.parts)
    names, centres = tuple(pairs.names[place] for place in places), pairs.centres[list(places)]
    one = ItemMoments(pd.DataFrame(index=[0]), names, centres, counts[None], sums[None], products[None])
    return move.moved(int(counts.min()), one.means()[0], centres, one.covariance()[0])


def _complete(complete: CompleteItems, here: Flags, move: _Move) -> Sums:
    products, some = (part[here].sum(axis=0)[None] for part in complete.parts)
    one = CompleteItems(pd.DataFrame(index=[0]), complete.names, complete.centres, products, some)
    return move.moved(int(one.n[0]), one.means()[0], one.centres, one.covariance()[0])


def _left_out(complete: CompleteItems, here: Flags) -> int:
    return int(complete.some[here].sum() - complete.n[here].sum())


def _chosen(tallies: pd.DataFrame, population: str, names: Sequence[str], group: Group) -> dict[str, dict[float, int]]:
    """By item: how many of the group chose each code."""
    own = tallies[(tallies["population"] == population).to_numpy() & tallies["item"].isin(list(names)).to_numpy()]
    own = own[group.holds(own) & own["answer"].notna().to_numpy()]
    found: dict[str, dict[float, int]] = {name: {} for name in names}
    counted = own.groupby(["item", "answer"], as_index=False)["n"].sum()
    for item, code, n in zip(counted["item"], counted["answer"], counted["n"], strict=True):
        found[item][code] = n
    return found


def _ends(counts: Mapping[float, int], codes: Sequence[float], is_turned: bool) -> tuple[float, float]:
    """Shares of an item's answers at the lowest and highest end of what it measures; NaN for numbers on a range or no answers."""
    total = sum(counts.values())
    if not codes or not total:
        return np.nan, np.nan
    low, high = (counts.get(code, 0) / total for code in (codes[0], codes[-1]))
    return (high, low) if is_turned else (low, high)
