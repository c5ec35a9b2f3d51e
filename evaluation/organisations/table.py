"""A CSV table of a study, read by its Table Schema: every cell that breaks it is named by line and column.

The schema in `data_schemas/` is the only definition of the columns. Text is kept as it stands: what looks like markup or a
formula is text.
"""

import csv
import io
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import Any

from evaluation.errors import MachineError, Problem, ProtocolError
from evaluation.registry import nearest

SIZE_LIMIT = 4 * 1024 * 1024
ROW_LIMIT = 20_000
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_DECIMAL = re.compile(r"-?\d{1,12}(\.\d{1,18})?")
_WHOLE = re.compile(r"-?\d{1,12}")


@dataclass(frozen=True)
class Column:
    """One field of a Table Schema."""

    name: str
    type: str
    description: str
    required: bool = False
    words: tuple[str, ...] = ()
    pattern: str | None = None
    minimum: float | None = None
    maximum: float | None = None
    longest: int | None = None

    @classmethod
    def of(cls, record: dict[str, Any], words: Sequence[str]) -> "Column":
        """The field as its schema writes it, with further words that the study allows."""
        limits = record.get("constraints", {})
        return cls(
            record["name"],
            record["type"],
            record["description"],
            limits.get("required", False),
            (*limits.get("enum", ()), *words),
            limits.get("pattern"),
            limits.get("minimum"),
            limits.get("maximum"),
            limits.get("maxLength"),
        )


@dataclass(frozen=True)
class Table:
    """Rows that keep to their schema: `rows` by column name (None where empty), `lines` on which they stand."""

    name: str
    rows: tuple[dict[str, Any], ...]
    lines: tuple[int, ...]
    header: tuple[str, ...] = field(default=())

    def where(self, row: int, column: str = "") -> str:
        """'values-pilot/organisations.csv, line 5, column arm'."""
        return f"{self.name}, line {self.lines[row]}" + (f", column {column}" if column else "")


def columns_of(schema: str, more_words: dict[str, Sequence[str]] | None = None) -> tuple[Column, ...]:
    """The columns of table `schema`, e.g. 'organisations', as `data_schemas/` defines them."""
    text = (files("data_schemas") / f"{schema}.schema.json").read_text(encoding="utf-8")
    return tuple(Column.of(record, (more_words or {}).get(record["name"], ())) for record in json.loads(text)["fields"])


def read_table(path: Path, name: str, columns: Sequence[Column]) -> tuple[Table, list[Problem]]:
    """The rows of the CSV in `path`, and what is wrong with its cells. `name` is what messages call it.

    Raises:
        ProtocolError: the file is no such table at all: not text, not CSV, without its columns.
        MachineError: the file cannot be read.
    """
    records = _records(_text(path, name), name)
    header = _header(records, name, columns)
    problems: list[Problem] = []
    rows, lines = [], []
    for line, cells in records[1:]:
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) != len(header):
            problems.append(
                Problem(
                    f"the row has {len(cells)} cells, the header {len(header)}.",
                    f"{name}, line {line}",
                    "quote cells that hold a comma.",
                    "row",
                )
            )
            continue
        rows.append(_row(dict(zip(header, cells, strict=True)), columns, f"{name}, line {line}", problems))
        lines.append(line)
    if not rows and not problems:
        problems.append(Problem("the table has no rows.", name, "write one row for each.", "empty"))
    return Table(name, tuple(rows), tuple(lines), tuple(header)), problems


def _text(path: Path, name: str) -> str:
    try:
        with path.open("rb") as stream:
            raw = stream.read(SIZE_LIMIT + 1)
        if len(raw) > SIZE_LIMIT:
            raise ProtocolError(f"the table is larger than {SIZE_LIMIT // 2**20} MiB.", where=name, fix="keep one row a unit.")
        return raw.decode("utf-8-sig")
    except FileNotFoundError as error:
        raise ProtocolError("the table is not there.", where=name, fix=f"write {path.name}.") from error
    except UnicodeDecodeError as error:
        raise ProtocolError(
            "the table is not UTF-8 text.", where=f"{name}, byte {error.start}", fix="save it as 'CSV UTF-8'."
        ) from error
    except OSError as error:
        raise MachineError(
            f"the table cannot be read: {error.strerror}.", where=name, fix="check the file's permissions."
        ) from error


def _records(text: str, name: str) -> list[tuple[int, list[str]]]:
    """Records with the line on which each begins."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    records: list[tuple[int, list[str]]] = []
    line = 1
    try:
        for cells in reader:
            records.append((line, cells))
            line = reader.line_num + 1
            if len(records) > ROW_LIMIT + 1:
                raise ProtocolError(f"the table has more than {ROW_LIMIT:,} rows.", where=name, fix="keep one row a unit.")
    except csv.Error as error:
        raise ProtocolError(
            f"the table cannot be read from here on: {error}.", where=f"{name}, line {line}", fix="close the quotation mark."
        ) from error
    return records


def _header(records: list[tuple[int, list[str]]], name: str, columns: Sequence[Column]) -> list[str]:
    """The header row, when it holds every required column, each once, and no other."""
    if not records:
        raise ProtocolError(
            "the table is empty.", where=name, fix=f"begin with the header {','.join(column.name for column in columns)}."
        )
    header = [cell.strip() for cell in records[0][1]]
    if len(header) == 1 and (";" in header[0] or "\t" in header[0]):
        raise ProtocolError("the table is not separated by commas.", where=f"{name}, line 1", fix="save it as CSV with commas.")
    problems = list(_header_problems(header, name, columns))
    if problems:
        raise ProtocolError(problems)
    return header


def _header_problems(header: list[str], name: str, columns: Sequence[Column]) -> Iterator[Problem]:
    known = [column.name for column in columns]
    where, meant = f"{name}, line 1", set[str]()
    for title in dict.fromkeys(header):
        if header.count(title) > 1:
            yield Problem(f"the column '{title[:60]}' stands {header.count(title)} times.", where, "keep one.", "header")
        if title not in known:
            close = nearest(title.lower(), [one for one in known if one not in header] or known)
            meant.add(close or "")
            hint = f"did you mean '{close}'? " if close else ""
            yield Problem(
                f"there is no column '{title[:60]}' in this table.", where, f"{hint}Columns: {', '.join(known)}.", "header"
            )
    for column in columns:
        if column.required and column.name not in header and column.name not in meant:
            yield Problem(f"the column '{column.name}' is missing.", where, f"add it: {column.description}", "header")


def _row(cells: dict[str, str], columns: Sequence[Column], where: str, problems: list[Problem]) -> dict[str, Any]:
    row: dict[str, Any] = {}
    for column in columns:
        text = cells.get(column.name, "").strip()
        try:
            row[column.name] = _value(text, column)
        except ValueError as error:
            what, fix = error.args
            problems.append(Problem(what, f"{where}, column {column.name}", fix, "cell"))
            row[column.name] = None
    return row


def _value(text: str, column: Column) -> Any:
    """The cell as its column's type; ValueError(what, fix) when it is none."""
    if not text:
        if column.required:
            raise ValueError(f"'{column.name}' is empty.", f"fill it in: {column.description}")
        return None
    if column.type == "integer":
        return _whole(text, column)
    if column.type == "number":
        return _number(text, column)
    if column.type == "date":
        return _day(text, column)
    return _words(text, column)


def _whole(text: str, column: Column) -> int:
    if not _WHOLE.fullmatch(text):
        raise ValueError(f"'{column.name}' is '{text[:40]}', which is not a whole number.", "write digits only, such as 5200.")
    if column.minimum is not None and int(text) < column.minimum:
        raise ValueError(f"'{column.name}' is {int(text)}.", f"write {column.minimum} or more, or leave it empty.")
    return int(text)


def _number(text: str, column: Column) -> float:
    if not _DECIMAL.fullmatch(text):
        raise ValueError(f"'{column.name}' is '{text[:40]}', which is not a number.", "write digits and a point, such as 0.75.")
    low, high = column.minimum, column.maximum
    if (low is not None and float(text) < low) or (high is not None and float(text) > high):
        limits = f"from {low:g} to {high:g}" if low is not None and high is not None else "within its limits"
        raise ValueError(f"'{column.name}' is {float(text):g}.", f"write a number {limits}, or leave it empty.")
    return float(text)


def _day(text: str, column: Column) -> date:
    try:
        if _DAY.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:
        raise ValueError(
            f"'{column.name}' is '{text}', which is not a day of the calendar.", "write a day such as 2025-04-01."
        ) from None
    raise ValueError(
        f"'{column.name}' is '{text[:40]}', which is not a date written year-month-day.", "write a day such as 2025-04-01."
    )


def _words(text: str, column: Column) -> str:
    if _CONTROL.search(text):
        raise ValueError(f"'{column.name}' holds a character that cannot be printed, or a line break.", "delete it.")
    if column.words and text not in column.words:
        close = nearest(text, list(column.words)) or nearest(text.lower(), list(column.words))
        hint = f"did you mean '{close}'? " if close else ""
        raise ValueError(
            f"'{column.name}' is '{text[:60]}', which is none of its words.", f"{hint}Words: {', '.join(column.words)}."
        )
    if column.pattern and not re.fullmatch(column.pattern, text):
        raise ValueError(
            f"'{column.name}' is '{text[:60]}', which cannot be a code.",
            "use letters, digits, '_', '.' and '-', at most 32, beginning with a letter or digit.",
        )
    if column.longest and len(text) > column.longest:
        raise ValueError(f"'{column.name}' is longer than {column.longest} characters.", "shorten it.")
    return text
