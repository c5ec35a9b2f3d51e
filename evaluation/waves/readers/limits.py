"""How much one file may hold: checked against what the file says of itself, before its cells are read."""

from evaluation.errors import WaveError

CELL_LIMIT = 100_000_000
"""Cells of a binary file: 50,000 respondents of 2,000 columns, or a million of a hundred."""
UNPACKED_LIMIT = 2 * 1024**3


def check_cells(rows: int, columns: int, name: str) -> None:
    """Refuse a file that says it holds more cells than are read.

    Raises:
        WaveError: more than `CELL_LIMIT` cells.
    """
    if rows * columns > CELL_LIMIT:
        raise WaveError(
            f"the file says it holds {rows:,} rows of {columns:,} columns; at most {CELL_LIMIT:,} cells are read.",
            where=f"{name}, its own description",
            fix="export one wave and population at a time, with only the columns that the study needs.",
            code="file-too-large",
        )


def check_unpacked(size: int, packed: int, name: str) -> None:
    """Refuse a file that says it unpacks to more bytes than are read.

    Raises:
        WaveError: more than `UNPACKED_LIMIT` bytes.
    """
    if size > UNPACKED_LIMIT:
        raise WaveError(
            f"the file would unpack to {size:,} bytes; at most {UNPACKED_LIMIT / 1024**3:g} GiB are read.",
            where=f"{name}, {packed:,} bytes",
            fix="it does not look like survey answers: export CSV.",
            code="file-too-large",
        )
