"""When each unit began, read off the column that says so."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from evaluation.errors import DesignError
from evaluation.inference.flags import counted
from evaluation.inference.over_time.unit_waves import UnitWaves
from evaluation.inference.over_time.waves import Waves, position


@dataclass(frozen=True)
class Starts:
    """`figures` of units that were seen without the pilot, and the wave in which each of them began, `places` (G,), T for never.

    `always` are the units left out because they had the pilot in the first wave already.
    """

    figures: UnitWaves
    places: npt.NDArray[np.intp]
    always: tuple[str, ...]


def starts_of(figures: UnitWaves, column: str, never: object) -> Starts:
    """Read starts: the name of a wave, or where waves are numbers or dates one of these; empty or `never` for never.

    A start between two waves counts from the next wave; one after the last wave is never within what was observed.

    Raises:
        DesignError: a start is neither, or every unit had the pilot from the first wave.
    """
    lost = sorted({arm for arm in figures.arms if arm is not None and _place(arm, figures.waves, never) is None})
    if lost:
        said = f"'{column}' holds what is no wave ({counted(lost)})."
        fix = f"give one of {', '.join(figures.waves.names)}; leave it empty for never, or name that value as never=."
        raise DesignError(said, fix=fix, code="start")
    T = len(figures.waves.names)
    found = [T if arm is None else _place(arm, figures.waves, never) for arm in figures.arms]
    places = np.array([T if place is None else place for place in found], dtype=np.intp)
    kept = places > 0
    if not kept.any():
        said = "every unit had the pilot from the first wave."
        raise DesignError(said, fix="add an earlier wave, or name the value that means never as never=.", code="start")
    always = tuple(unit for unit, keep in zip(figures.units, kept, strict=True) if not keep)
    return Starts(figures if kept.all() else figures.only(kept), places[kept], always)


def _place(arm: str, waves: Waves, never: object) -> int | None:
    """The first wave with the pilot, T for never, None where it cannot be told."""
    if never is not None and (arm == str(never) or position(arm) == position(str(never)) is not None):
        return len(waves.names)
    if arm in waves.names:
        return waves.names.index(arm)
    began = position(arm)
    if began is None or position(waves.names[0]) is None:
        return None
    return int(np.searchsorted(waves.times, began - 1e-9))
