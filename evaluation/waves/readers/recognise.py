"""Which form a file seems to be written in, and what says so: for the draft of a mapping, never used to load anything."""

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from evaluation.protocol.mapping import FileForm
from evaluation.waves.readers.delimiter import detect_delimiter, stated_delimiter
from evaluation.waves.readers.excel import first_rows
from evaluation.waves.readers.header import Rows, column_letter
from evaluation.waves.readers.limesurvey import CODE_AND_TEXT
from evaluation.waves.readers.misdeclared import header_row_of
from evaluation.waves.readers.opening import format_of, open_file
from evaluation.waves.readers.qualtrics import IMPORT_ID
from evaluation.waves.readers.redcap import BOX, EVENT, INSTRUMENT
from evaluation.waves.readers.table import READERS, Content
from evaluation.waves.readers.text import codecs_name

LOOKED_AT = 40
"""Rows from which a header is judged."""
_LIMESURVEY = {"submitdate", "lastpage", "startlanguage", "seed", "startdate", "datestamp"}
_LIMESURVEY_WORDS = {"date submitted", "last page", "start language"}
_NUMBER = re.compile(r"^[+-]?[\d.,]+[ \u00a0]?%?$")


@dataclass(frozen=True)
class Seen:
    """A form, and what in the file speaks for it; '' when the file is plain."""

    form: FileForm
    saw: str = ""


def recognised(path: Path, form: FileForm | None) -> Seen:
    """The form that `path` seems to have; what `form` says already is kept.

    Raises:
        WaveError: the file is not of the type that its name says, or nobody can tell which sheet or delimiter is meant.
    """
    stated = form or FileForm.model_validate({"format": format_of(path)})
    if stated.format not in ("csv", "excel") or stated.header_row or stated.header_rows:
        return Seen(stated)
    content = open_file(path, READERS[stated.format].signatures)
    is_text = stated.format == "csv"
    data, delimiter = _text(content, stated) if is_text else (b"", "")
    rows = _text_rows(data, delimiter) if is_text else first_rows(content, stated, LOOKED_AT)
    rows = [[cell.strip(" \u00a0") for cell in row] for row in rows]
    changes, saw = _platform(rows) or (_text_under_titles(data, delimiter) if is_text else _under_titles(rows)) or ({}, "")
    if _are_percentages(rows):
        changes, saw = changes | {"percent": "sign"}, f"{saw}; cells end in %".removeprefix("; ")
    if not saw:
        return Seen(stated)
    return Seen(FileForm.model_validate(stated.model_dump(exclude_defaults=True) | changes), saw)


def _text(content: Content, form: FileForm) -> tuple[bytes, str]:
    """The beginning of a text, lines ended by line feeds, and the sign that parts its fields."""
    head = content.head()
    utf16 = head.startswith((b"\xff\xfe", b"\xfe\xff"))
    declared = codecs_name(form.encoding, content.name)
    text = head.decode("utf-16" if utf16 else "utf-8-sig" if declared == "utf-8" else declared, "replace")
    stated, data = stated_delimiter(text.replace("\r\n", "\n").replace("\r", "\n").encode())
    return data, form.delimiter or stated or detect_delimiter(data, content.name)


def _text_rows(data: bytes, delimiter: str) -> Rows:
    rows: list[list[str]] = []
    try:
        for row in csv.reader(io.StringIO(data.lstrip(b"\n").decode(), newline=""), delimiter=delimiter):
            rows.append(row)
            if len(rows) == LOOKED_AT:
                break
    except csv.Error:
        return rows
    return rows


def _platform(rows: Rows) -> tuple[dict[str, object], str] | None:
    """The platform whose mark the first rows bear."""
    first, second, third = (rows[place] if place < len(rows) else [] for place in range(3))
    if third and sum(bool(IMPORT_ID.match(cell)) for cell in third) > len(third) / 2:
        return {"format": "qualtrics"}, "its third row holds Qualtrics' ImportIds"
    if first[:1] in (["V1"], ["ResponseID"]) and second[:1] == ["ResponseID"]:
        return {"format": "qualtrics", "header_rows": 2}, "its second row holds questions under Qualtrics' legacy names"
    if len(_LIMESURVEY & set(first)) > 1:
        return {"format": "limesurvey"}, "its header holds LimeSurvey's codes"
    codes = {match[1] for cell in first if (match := CODE_AND_TEXT.match(cell))}
    if len(_LIMESURVEY & codes) > 1:
        return {
            "format": "limesurvey",
            "headers": "code and text",
        }, "its header holds LimeSurvey's codes, each followed by its question"
    if len(_LIMESURVEY_WORDS & {cell.casefold() for cell in first}) > 1:
        return {"format": "limesurvey", "headers": "text"}, "its header holds LimeSurvey's questions without codes"
    completes = sum(cell.endswith("_complete") for cell in first)
    if {EVENT, INSTRUMENT} & set(first) or (completes and any(BOX.match(cell) for cell in first)):
        return {"format": "redcap"}, "its header holds REDCap's fields"
    if first[:1] == ["Respondent ID"] and "Collector ID" in first and second[:1] == [""]:
        return {"header_rows": 2}, "its second row holds SurveyMonkey's options under its questions"
    return None


def _under_titles(rows: Rows) -> tuple[dict[str, object], str] | None:
    """A header below titles or over several rows, where the first row that is not blank cannot be one."""
    counts = [sum(bool(cell) for cell in row) for row in rows]
    filled = [place for place, count in enumerate(counts) if count]
    body = next((place for place, row in enumerate(rows) if _is_data(row, max(counts))), None) or _below_names(rows, counts)
    if body is None or not filled or counts[filled[0]] == max(counts):
        return None
    heads = [place for place in range(body) if counts[place] > 1]
    if not heads or heads[-1] - heads[0] >= 10:
        return None
    first, deep = heads[0], heads[-1] - heads[0] + 1
    nameless = _nameless(rows[first : first + deep], rows[body:])
    if (first, deep) == (filled[0], 1) and not nameless:
        return None
    changes: dict[str, object] = {"header_row": first + 1} if first != filled[0] else {}
    changes |= {"header_rows": deep} if deep > 1 else {}
    changes |= {"unnamed": "by letter"} if nameless else {}
    saw = f"names of columns stand in {'row' if deep == 1 else 'rows'} {first + 1}{f' to {first + deep}' if deep > 1 else ''}"
    lettered = f"; column {', '.join(column_letter(place) for place in nameless)} has cells and no name" if nameless else ""
    return changes, saw + lettered


def _text_under_titles(data: bytes, delimiter: str) -> tuple[dict[str, object], str] | None:
    row = header_row_of(data, delimiter)
    return None if row is None else ({"header_row": row}, f"names of columns stand in row {row}")


def _below_names(rows: Rows, counts: Sequence[int]) -> int | None:
    """Where answers in words begin: below the first row that fills most cells, if it names each differently, as a header does."""
    widest = counts.index(max(counts))
    named = [cell for cell in rows[widest] if cell]
    return widest + 1 if len(set(named)) == len(named) > 1 and widest + 1 < len(rows) else None


def _is_data(row: Sequence[str], width: int) -> bool:
    """Whether a row holds numbers in at least half of the cells that any row fills."""
    return 2 * sum(bool(_NUMBER.match(cell)) for cell in row) >= width > 1


def _are_percentages(rows: Rows) -> bool:
    """Whether one in five of the cells that are not blank is a number with a percent sign."""
    filled = [cell for row in rows for cell in row if cell]
    return 5 * sum(cell.endswith("%") and bool(_NUMBER.match(cell)) for cell in filled) > len(filled)


def _nameless(heads: Rows, body: Rows) -> list[int]:
    """Places of columns that hold cells below a header which has none for them."""
    width = max(len(row) for row in (*heads, *body))
    held = [any(place < len(row) and row[place] for row in body) for place in range(width)]
    headed = [any(place < len(row) and row[place] for row in heads) for place in range(width)]
    return [place for place in range(width) if held[place] and not headed[place]]
