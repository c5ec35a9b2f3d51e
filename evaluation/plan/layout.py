"""Text in columns and paragraphs, at most 100 wide."""

from collections.abc import Iterator, Sequence
from textwrap import wrap

WIDTH = 100


def paragraph(text: str, indent: str = "  ", hanging: str = "") -> list[str]:
    """`text` as lines of at most WIDTH; lines after the first are indented by `hanging` more."""
    return wrap(text, WIDTH, initial_indent=indent, subsequent_indent=indent + hanging)


def columns(rows: Sequence[Sequence[str]], align: str = "", indent: str = "  ") -> Iterator[str]:
    """Rows of cells as aligned lines; `align` has an l or r for every column."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    sides = align or "l" * len(widths)
    for row in rows:
        cells = [
            cell.rjust(width) if side == "r" else cell.ljust(width) for cell, width, side in zip(row, widths, sides, strict=True)
        ]
        yield indent + "  ".join(cells)


def stacked(heads: Sequence[str], width: int = 13) -> list[list[str]]:
    """Long column heads cut into lines of at most `width`, ending on the same line."""
    parts = [wrap(head, width) or [""] for head in heads]
    deep = max(len(part) for part in parts)
    padded = [[""] * (deep - len(part)) + part for part in parts]
    return [[part[line] for part in padded] for line in range(deep)]
