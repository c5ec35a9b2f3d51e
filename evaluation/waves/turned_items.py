"""An item that goes against the others of its measure: turned in one wave and not in another, or against its declared direction.

A reverse-worded question that one supplier turned already, or that nobody turned, halves a measure without any answer being off
its scale. What shows it is the item-rest correlation: of the item, turned as its instrument says, with the sum of the others,
among people who answered all of them. Source: Nunnally & Bernstein (1994), Psychometric Theory, 3rd ed., chapter 8.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from evaluation.protocol.documents import Documents
from evaluation.protocol.faults import Parts
from evaluation.protocol.instrument import Instrument
from evaluation.protocol.wave_checks import WaveChecks

Array = npt.NDArray[np.float64]
LEAST_ITEMS = 3
"""Of two items that go against each other nobody can say which is turned."""


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
    X = frame.select(items).drop_nulls().to_numpy().astype(float)
    Z = np.column_stack([_moved(X[:, place], item, instruments) for place, item in enumerate(items)])
    rest = Z.sum(axis=1, keepdims=True) - Z
    found = {item: _correlation(Z[:, place], rest[:, place]) for place, item in enumerate(items)}
    return ItemRest(len(Z), found)


def turned_notes(
    documents: Documents, population: str, frames: Iterable[tuple[str, pl.DataFrame]], bounds: WaveChecks
) -> Iterator[str]:
    """A note for every item that stands against its measure in the first wave of `frames` and not in another.

    Args:
        documents: the plan: which items belong together, and their directions.
        population: whose answers.
        frames: waves and their rows, the wave that comes in first, then the others in their order; items as numbers. Each is let
            go of before the next is asked for.
        bounds: how clear the correlations must be, and among how many people.
    """
    sets = item_sets(documents, population)
    every = {
        name: {label: item_rest(frame, items, documents.instruments) for label, items in sets.items()} for name, frame in frames
    }
    wave, *others = every
    for label, items in sets.items():
        found = {name: by_label[label] for name, by_label in every.items()}
        if found[wave].people < bounds.turned_item_people:
            continue
        known = [name for name in others if found[name].people >= bounds.turned_item_people]
        for item in items:
            yield from _note(item, label, wave, {name: found[name] for name in (wave, *known)}, bounds.turned_item)


def _note(item: str, label: str, wave: str, found: Mapping[str, ItemRest], least: float) -> Iterator[str]:
    """Whether an item changed sides since another wave; where none is known, whether it stands against its declared direction."""
    here = found[wave].correlations[item]
    if not abs(here) >= least:
        return
    flipped = [
        (name, one.correlations[item])
        for name, one in found.items()
        if abs(one.correlations[item]) >= least and one.correlations[item] * here < 0
    ]
    said = f"{item} goes {'with' if here > 0 else 'against'} the other items of '{label}' (correlation {here:.2f} among "
    said += f"{found[wave].people:,} people)"
    if flipped:
        there = ", ".join(f"{there:.2f} in wave '{name}' ({found[name].people:,} people)" for name, there in flipped)
        yield f"{said}, where it was {there}: one of the files may have turned it, or its codes may run the other way"
    elif here < 0 and len(found) == 1:
        yield f"{said}, turned as its instrument says: its codes may run the other way, or 'reverse' may be wrong"


def _moved(answers: Array, item: str, instruments: Mapping[str, Instrument]) -> Array:
    instrument = next(one for one in instruments.values() if item in one.items)
    scale = instrument.scale_of(item).interval
    share: Array = (answers - scale.low) / (scale.high - scale.low)
    return 1 - share if instrument.items[item].reverse else share


def _correlation(x: Array, y: Array) -> float:
    if len(x) < 2 or not x.std() > 0 or not y.std() > 0:
        return float("nan")
    return float(np.corrcoef(x, y)[0, 1])
