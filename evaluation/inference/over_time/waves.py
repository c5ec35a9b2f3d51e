"""Which wave comes after which, and how far apart they are."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from evaluation.errors import DesignError
from evaluation.inference.algebra import Array
from evaluation.inference.flags import counted

DAYS = 365.25


@dataclass(frozen=True)
class Waves:
    """T waves in their order, with `times` (T,): numbers as they are, dates in years, otherwise 0, 1, 2 ...

    `step` is the word for one unit of time.
    """

    names: tuple[str, ...]
    times: Array
    step: str

    def place(self, asked: object, what: str) -> int:
        """Where a wave stands.

        Raises:
            DesignError: there is no such wave; `what` says what it was asked for as.
        """
        if str(asked) not in self.names:
            said = f"the {what} '{asked}' is not among the waves."
            raise DesignError(said, fix=f"give one of {', '.join(self.names)}.", code="wave")
        return self.names.index(str(asked))


def in_order(found: Iterable[str], asked: Sequence[object] | None) -> Waves:
    """Put the waves of a table in order.

    Args:
        found: names of waves, in any order.
        asked: the waves to use, in their order; needed where names are neither numbers nor dates (2026-03-01).

    Raises:
        DesignError: nobody answered in a wave asked for, or the order cannot be told.
    """
    present = set(found)
    names = [str(name) for name in asked] if asked is not None else sorted(present)
    absent = [name for name in names if name not in present]
    if absent or len(set(names)) < len(names):
        said = f"nobody answered in {counted(absent)}." if absent else "a wave is named twice in waves=."
        raise DesignError(said, fix=f"waves with answers: {', '.join(sorted(present))}.", code="wave")
    positions = [position(name) for name in names]
    if all(at is not None for at in positions):
        known = sorted(zip((float(at or 0.0) for at in positions), names, strict=True))
        step = "unit of time" if all(_number(name) is not None for name in names) else "year"
        return Waves(tuple(name for _, name in known), np.array([at for at, _ in known]), step)
    if asked is None:
        said = f"the order of the waves cannot be told from their names ({counted(names)})."
        raise DesignError(said, fix="give them in their order as waves=[...].", code="wave")
    return Waves(tuple(names), np.arange(len(names), dtype=float), "wave")


def position(name: str) -> float | None:
    """When a wave was, where its name is a number or a date."""
    number = _number(name)
    if number is not None:
        return number
    try:
        return date.fromisoformat(name[:10]).toordinal() / DAYS
    except ValueError:
        return None


def _number(name: str) -> float | None:
    try:
        value = float(name)
    except ValueError:
        return None
    return value if np.isfinite(value) else None
