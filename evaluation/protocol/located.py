"""A document as plain values, with the line and column of everything in it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Key = str | int
Place = tuple[Key, ...]


@dataclass(frozen=True)
class Mark:
    """Where something stands; lines and columns count from 1."""

    line: int
    column: int

    def __str__(self) -> str:
        return f"line {self.line}, column {self.column}"


@dataclass(frozen=True)
class Located:
    """What a document says (`data`) and where it says so (`marks`, by path of keys and places)."""

    file: Path
    name: str
    text: str
    data: Any
    marks: Mapping[Place, Mark] = field(repr=False)

    def mark(self, path: Sequence[Key] = ()) -> Mark:
        """Where `path` stands: the key, or the nearest block around it that is there."""
        place = tuple(path)
        while place not in self.marks and place:
            place = place[:-1]
        return self.marks.get(place, Mark(1, 1))

    def where(self, path: Sequence[Key] = ()) -> str:
        """The same in words: 'values-pilot/protocol.yaml, line 48, column 5'."""
        return f"{self.name}, {self.mark(path)}"


def clip(text: object, length: int = 40) -> str:
    """`text`, cut to `length` characters: messages never repeat a document at length."""
    shown = str(text)
    return shown if len(shown) <= length else shown[: length - 1] + "…"
