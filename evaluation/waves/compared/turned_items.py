"""An item that goes against the others of its measure: turned in one wave and not in another, or against its declared direction.

A reverse-worded question that one supplier turned already, or that nobody turned, halves a measure without any answer being off
its scale. What shows it is the item-rest correlation: of the item, turned as its instrument says, with the sum of the others,
among people who answered all of them. Source: Nunnally & Bernstein (1994), Psychometric Theory, 3rd ed., chapter 8.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from evaluation.protocol.documents import Documents
from evaluation.protocol.faults import Parts
from evaluation.protocol.instrument import Instrument
from evaluation.protocol.wave_checks import WaveChecks
from evaluation.waves.storage.read import Stored

Array = npt.NDArray[np.float64]
LEAST_ITEMS = 3
"""Of two items that go against each other nobody can say which is turned."""
_ENOUGH_WAVES = 2
"""Other waves that a measure is held to, where nothing changed sides."""
_ROWS = 1 << 16
"""Rows whose products are added up at a time; whole-numbered answers give exact sums."""
_ROUNDING = 1e-12


@dataclass(frozen=True)
class ItemRest:
    """Item-rest correlations of one measure in one wave (NaN where an item or the rest does not vary), and people behind them."""

    people: int
    correlations: Mapping[str, float]


def item_sets(documents: Documents, population: str) -> dict[str, tuple[str, ...]]:
    """The items of every measure of `population` that has enough of them, by its label; equal sets once."""
    parts = Parts(documents.protocol, documents.instruments, documents.values)
    sets = {
        measure.label: parts.items_of(measure) or ()
        for measure in documents.protocol.measures.values()
        if measure.population == population and not measure.is_counted
    }
    first = {items: label for label, items in reversed(sets.items()) if len(items) >= LEAST_ITEMS}
    return {label: items for label, items in sets.items() if first.get(items) == label}


def item_rest(frame: pl.DataFrame, items: Sequence[str], instruments: Mapping[str, Instrument]) -> ItemRest:
    """Item-rest correlations among the rows of `frame` that answer all `items`, each turned and moved to 0 to 1 first."""
    if not set(items) <= set(frame.columns):
        return ItemRest(0, {})
    people, sums, products = 0, np.zeros(len(items)), np.zeros((len(items), len(items)))
    for piece in frame.select(items).iter_slices(_ROWS):
        X = piece.drop_nulls().to_numpy().astype(float, copy=False)
        people, sums, products = people + len(X), sums + X.sum(axis=0), products + X.T @ X
    widths = np.array([_width(item, instruments) for item in items])
    square, C = (M / np.outer(widths, widths) for M in (people * products, people * products - np.outer(sums, sums)))
    found = [_correlation(C, square, np.arange(len(items)) == place) for place in range(len(items))]
    return ItemRest(people, dict(zip(items, found, strict=True)))


def turned_notes(
    documents: Documents,
    population: str,
    arriving: tuple[str, pl.DataFrame],
    stored: Mapping[str, Stored],
    bounds: WaveChecks,
) -> Iterator[str]:
    """A note for every item that stands against its measure in the wave that comes in and not in another.

    A measure is held to two other waves in which enough people answered it, baseline and then the latest, so that a load costs no
    more after forty waves than after two. Where an item changed sides since one of them, all waves are looked at.

    Args:
        documents: the plan: which items belong together, and their directions.
        population: whose answers.
        arriving: the wave that comes in and its rows; items as numbers.
        stored: other waves in their order, and what reads some items of one. Rows are let go of before the next are asked for.
        bounds: how clear the correlations must be, and among how many people.
    """
    (wave, frame), least = arriving, bounds.turned_item
    sets = item_sets(documents, population)
    here = {label: item_rest(frame, items, documents.instruments) for label, items in sets.items()}
    here = {label: one for label, one in here.items() if one.people >= bounds.turned_item_people}
    known: dict[str, dict[str, ItemRest]] = {label: {} for label in here}
    latest_first = [*stored][::-1]
    for name in sorted(latest_first, key=documents.protocol.baseline.__ne__):
        unsettled = [label for label, one in here.items() if _is_unsettled(one, known[label], least)]
        if not unsettled:
            break
        pieces = stored[name](sorted({item for label in unsettled for item in sets[label]}))
        rows = pl.concat(pieces, how="diagonal")
        there = {label: item_rest(rows, sets[label], documents.instruments) for label in unsettled}
        for label, one in there.items():
            if one.people >= bounds.turned_item_people:
                known[label][name] = one
    for label, one in here.items():
        found = {wave: one, **{name: known[label][name] for name in stored if name in known[label]}}
        for item in sets[label]:
            yield from _note(item, label, wave, found, least)


def _is_unsettled(here: ItemRest, known: Mapping[str, ItemRest], least: float) -> bool:
    """Whether another wave may still change what is told of a measure: too few are known, or an item changed sides since one."""
    clear = [item for item, r in here.correlations.items() if abs(r) >= least]
    turned = any(_changed_sides(here, there, item, least) for there in known.values() for item in clear)
    return bool(clear) and (turned or len(known) < _ENOUGH_WAVES)


def _changed_sides(here: ItemRest, there: ItemRest, item: str, least: float) -> bool:
    return abs(there.correlations[item]) >= least and there.correlations[item] * here.correlations[item] < 0


def _note(item: str, label: str, wave: str, found: Mapping[str, ItemRest], least: float) -> Iterator[str]:
    """Whether an item changed sides since another wave; where none is known, whether it stands against its declared direction."""
    here = found[wave].correlations[item]
    if not abs(here) >= least:
        return
    flipped = [(name, one.correlations[item]) for name, one in found.items() if _changed_sides(found[wave], one, item, least)]
    said = f"{item} goes {'with' if here > 0 else 'against'} the other items of '{label}' (correlation {here:.2f} among "
    said += f"{found[wave].people:,} people)"
    if flipped:
        there = ", ".join(f"{there:.2f} in wave '{name}' ({found[name].people:,} people)" for name, there in flipped)
        yield f"{said}, where it was {there}: one of the files may have turned it, or its codes may run the other way"
    elif here < 0 and len(found) == 1:
        yield f"{said}, turned as its instrument says: its codes may run the other way, or 'reverse' may be wrong"


def _width(item: str, instruments: Mapping[str, Instrument]) -> float:
    """From one end of an item's scale to the other, negative where it is turned."""
    instrument = next(one for one in instruments.values() if item in one.items)
    scale = instrument.scale_of(item).interval
    return (scale.low - scale.high) if instrument.items[item].reverse else (scale.high - scale.low)


def _correlation(C: Array, square: Array, mine: npt.NDArray[np.bool_]) -> float:
    """Of one item with the sum of the others.

    Args:
        C: (k, k) covariances of all items, times the squared number of people.
        square: (k, k) the same before means are taken off, beside which a variance that is nothing but rounding shows.
        mine: (k,) which item it is.
    """
    own, rest = C[mine][:, mine].sum(), C[~mine][:, ~mine].sum()
    if own <= _ROUNDING * square[mine][:, mine].sum() or rest <= _ROUNDING * np.abs(square[~mine][:, ~mine]).sum():
        return float("nan")
    return float(C[mine].sum() - own) / float(np.sqrt(own * rest))
