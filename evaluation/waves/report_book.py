"""The workbook that goes back to whoever made a file: every problem on one sheet, the rows that show them on another.

A cell is only ever text, and text that a spreadsheet would run is made harmless, so the workbook is as safe as the file was not.
"""

import io
from collections.abc import Mapping, Sequence
from typing import Any

import xlsxwriter

from evaluation.errors import Problem
from evaluation.spreadsheet import neutral
from evaluation.waves.marked import Marked

PROBLEMS, ANSWERS = "Problems", "Answers"
"""Names of the sheets."""
COMMENTS = 20
"""Cells of one problem that get a comment; the others are coloured and numbered."""

_HEADINGS = ("no.", "what is wrong", "where", "how to put it right", "times")
_WIDTHS = (6, 62, 46, 62, 8)
_OWN = ("row in the file", "problems")
_TEXT: dict[str, Any] = {"text_wrap": True, "valign": "top", "num_format": "@", "font_name": "Arial", "font_size": 10}
_FAULTY = {"bg_color": "#FFD5D0", "border": 1, "border_color": "#A4302A", "font_color": "#5C120E"}
_QUIET = {"font_color": "#6B6B6B", "italic": True}


def workbook(heading: str, problems: Sequence[Problem], notes: Sequence[str], shown: Marked | None) -> bytes:
    """The workbook's bytes (.xlsx).

    Args:
        heading: the verdict in one line.
        problems: one line each.
        notes: what a reader should know beside.
        shown: the rows; None when the file cannot be read as a table.
    """
    stream = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(stream, options) as book:
        formats = {
            "text": book.add_format(_TEXT),
            "head": book.add_format({**_TEXT, "bold": True, "bg_color": "#DCE6F0", "border": 1}),
            "title": book.add_format({**_TEXT, "bold": True}),
            "plain": book.add_format({**_TEXT, "text_wrap": False}),
            "faulty": book.add_format({**_TEXT, **_FAULTY, "text_wrap": False}),
            "faulty head": book.add_format({**_TEXT, **_FAULTY, "bold": True}),
            "quiet": book.add_format({**_TEXT, **_QUIET, "text_wrap": False}),
        }
        _write_problems(book.add_worksheet(PROBLEMS), heading, problems, (*notes, *_about(shown)), formats)
        if shown is not None:
            _write_answers(book.add_worksheet(ANSWERS), shown, problems, formats)
    return stream.getvalue()


def _about(shown: Marked | None) -> list[str]:
    """What the other sheet shows and what it does not."""
    if shown is None:
        return ["The file could not be read as a table, so there are no rows to show."]
    rows = f"{len(shown.numbers):,} of the file's {shown.total:,} rows"
    which = "all of them" if len(shown.numbers) == shown.total else "only rows with a fault"
    said = [f"Sheet '{ANSWERS}' shows {rows} ({which}); faulty cells are red, and comments say why."]
    if shown.withheld:
        said.append(f"Not shown, because they may identify people or hold what they wrote: {', '.join(shown.withheld)}.")
    return said


def _write_problems(
    page: Any, heading: str, problems: Sequence[Problem], notes: Sequence[str], formats: Mapping[str, Any]
) -> None:
    page.set_landscape()
    page.fit_to_pages(1, 0)
    for place, width in enumerate(_WIDTHS):
        page.set_column(place, place, width)
    for row, line in enumerate((heading, *notes)):
        look = formats["text" if row else "title"]
        page.merge_range(row, 0, row, len(_WIDTHS) - 1, "", look)
        page.set_row(row, 15 * -(-len(line) // (sum(_WIDTHS) - 20)))
        _write(page, row, 0, line, look)
    top = len(notes) + 2
    for place, name in enumerate(_HEADINGS if problems else ()):
        _write(page, top, place, name, formats["head"])
    for number, problem in enumerate(problems, start=1):
        cells = (f"{number}", problem.what, problem.where, problem.fix, f"{problem.count:,}")
        lines = max(-(-len(text) // (width - 4)) for text, width in zip(cells, _WIDTHS, strict=True) if width > 10)
        page.set_row(top + number, 15 * max(lines, 1))
        for place, text in enumerate(cells):
            _write(page, top + number, place, text, formats["text"])


def _write_answers(page: Any, shown: Marked, problems: Sequence[Problem], formats: Mapping[str, Any]) -> None:
    page.freeze_panes(1, len(_OWN))
    page.set_column(0, len(_OWN) - 1, 10)
    page.set_column(len(_OWN), len(_OWN) + len(shown.headings) - 1, 18)
    for place, name in enumerate((*_OWN, *shown.headings)):
        _write(page, 0, place, name, formats["faulty head" if (0, place - len(_OWN)) in shown.marks else "head"])
    numbers = _by_row(shown)
    for line, number in enumerate(shown.numbers, start=1):
        page.write_number(line, 0, number, formats["quiet"])
        _write(page, line, 1, ", ".join(map(str, numbers.get(number, ()))), formats["quiet"])
        for place, column in enumerate(shown.columns):
            look = "faulty" if (number, place) in shown.marks else "plain"
            if column[line - 1] or look == "faulty":
                _write(page, line, len(_OWN) + place, column[line - 1], formats[look])
    _write_comments(page, shown, problems)


def _write_comments(page: Any, shown: Marked, problems: Sequence[Problem]) -> None:
    lines = {number: line for line, number in enumerate(shown.numbers, start=1)} | {0: 0}
    told = dict.fromkeys(range(1, len(problems) + 1), 0)
    for (row, place), found in sorted(shown.marks.items()):
        if row not in lines or all(told[number] >= COMMENTS for number in found):
            continue
        for number in found:
            told[number] += 1
        text = "\n".join(f"{number}. {problems[number - 1].what}\nFix: {problems[number - 1].fix}" for number in found)
        page.write_comment(lines[row], len(_OWN) + place, text, {"x_scale": 2.5, "y_scale": 1.5})


def _by_row(shown: Marked) -> dict[int, tuple[int, ...]]:
    """The problems of every row."""
    found: dict[int, set[int]] = {}
    for (row, _), numbers in shown.marks.items():
        found.setdefault(row, set()).update(numbers)
    return {row: tuple(sorted(numbers)) for row, numbers in found.items()}


def _write(page: Any, row: int, column: int, text: str, look: Any) -> None:
    page.write_string(row, column, str(neutral(text)), look)
