"""A wave as a supplier sends it: the study's own mapping, applied backwards, with names and addresses nobody asked for.

Reading the file through the mapping gives the canonical answers again, which is what makes it a test of the mapping.
"""

from io import BytesIO
from pathlib import Path

import numpy as np
import pandas as pd
import xlsxwriter

from evaluation.errors import ProtocolError
from evaluation.protocol.mapping import ItemSource, Mapping, Source

FIRST = ("Ada", "Bo", "Cleo", "Dai", "Esme", "Finn", "Greta", "Hal", "Ivo", "Juno", "Kit", "Lena", "Milo", "Nell", "Otis", "Pia")
LAST = (
    "Appleyard",
    "Birdsong",
    "Candlewick",
    "Driftwood",
    "Everdeen",
    "Featherstone",
    "Goosefoot",
    "Honeydew",
    "Inkpen",
    "Jellicoe",
)


def as_supplier_writes(frame: pd.DataFrame, mapping: Mapping, rng: np.random.Generator) -> pd.DataFrame:
    """The canonical frame in the supplier's columns and codes.

    Raises:
        ProtocolError: the mapping leaves out an item or group that the frame holds, so it could not be read back.
    """
    columns: dict[str, object] = {name: _invented(name, len(frame), rng) for name in mapping.drop}
    columns |= _declared(frame, mapping)
    for column, asked in mapping.items.items():
        columns[column] = _backwards(frame[asked.item], asked)
    lost = [str(name) for name in frame if name not in _read(mapping)]
    if lost:
        raise ProtocolError(f"mapping '{mapping.mapping}' does not read {', '.join(lost)}.", fix="add it to the mapping.")
    columns |= {name: _invented(name, len(frame), rng) for name in mapping.ignore}
    return pd.DataFrame(columns)


def _declared(frame: pd.DataFrame, mapping: Mapping) -> dict[str, object]:
    sources = {
        "organisation": mapping.organisation,
        "unit": mapping.unit,
        "arm": mapping.arm,
        "respondent": mapping.respondent,
        "answered_on": mapping.answered_on,
        **mapping.groups,
    }
    return {
        source.column: _recoded(frame[name], source)
        for name, source in sources.items()
        if source is not None and source.column is not None and name in frame
    }


def _read(mapping: Mapping) -> set[str]:
    sources = {
        "organisation": mapping.organisation,
        "unit": mapping.unit,
        "arm": mapping.arm,
        "respondent": mapping.respondent,
        "answered_on": mapping.answered_on,
    }
    return (
        {name for name, source in sources.items() if source is not None}
        | set(mapping.groups)
        | {asked.item for asked in mapping.items.values()}
    )


def _recoded(values: pd.Series, source: Source) -> pd.Series:
    ours = {known: theirs for theirs, known in source.codes.items()}
    return values.map(lambda value: ours.get(str(value), value))


def _backwards(values: pd.Series, asked: ItemSource) -> list[object]:
    """Answers in the supplier's words; a missing code becomes the first word they use for a missing answer."""
    ours = {known: theirs for theirs, known in asked.codes.items()}
    absent = asked.missing_codes[0] if asked.missing_codes else ""
    texts = ["" if pd.isna(value) else f"{value:g}" for value in values]
    return [ours.get(text, absent) if asked.codes else text or absent for text in texts]


def _invented(column: str, rows: int, rng: np.random.Generator) -> list[str]:
    """Filler that looks like what the column's name says: an address, a name, else a running number."""
    first, last = rng.choice(FIRST, rows), rng.choice(LAST, rows)
    lower = column.lower()
    if "mail" in lower:
        return [f"{a}.{b}{k}@nowhere.example".lower() for k, (a, b) in enumerate(zip(first, last, strict=True))]
    if "name" in lower:
        return [f"{a} {b}" for a, b in zip(first, last, strict=True)]
    if "language" in lower:
        return list(rng.choice(["English", "Welsh", "Polish", "Urdu"], rows, p=[0.91, 0.02, 0.04, 0.03]))
    return [f"{column.split()[0][:1].upper()}{k:05d}" for k in range(1, rows + 1)]


def write_supplier(frame: pd.DataFrame, mapping: Mapping, file: Path) -> Path:
    """Write the supplier's frame in the mapping's format, byte for byte the same for the same frame."""
    if mapping.file.format == "excel":
        path = file.with_suffix(".xlsx")
        path.write_bytes(_workbook(frame, mapping.file.sheet or "Sheet1"))
        return path
    path = file.with_suffix(".csv")
    text = frame.to_csv(index=False, sep=mapping.file.delimiter or ",", lineterminator="\n")
    path.write_bytes(text.encode(mapping.file.encoding))
    return path


def _workbook(frame: pd.DataFrame, sheet: str) -> bytes:
    out = BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    book.set_properties({"created": pd.Timestamp("2025-01-01").to_pydatetime()})
    page = book.add_worksheet(sheet)
    for row, values in enumerate([list(frame.columns), *frame.to_numpy(dtype=object).tolist()]):
        page.write_row(row, 0, [str(value) for value in values])
    book.close()
    return out.getvalue()
