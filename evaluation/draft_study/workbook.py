"""The empty workbook: a sheet a subject, hints on every heading, lists where words are fixed."""

from pathlib import Path
from typing import Any

import xlsxwriter

from evaluation.draft_study.sheets import ABOUT, SHEETS

ROWS = 400
"""Rows below the heading in which fixed words are offered as a list."""


def write_workbook(path: Path) -> Path:
    """Write the empty workbook to `path` (.xlsx): a sheet a subject, hints on every heading, lists where words are fixed.

    Raises:
        OSError: the place cannot be written to.
    """
    with xlsxwriter.Workbook(path) as book:
        heading = book.add_format({"bold": True, "bg_color": "#DCE6F0", "border": 1, "text_wrap": True, "valign": "top"})
        needed = book.add_format({"bold": True, "bg_color": "#B8CFE5", "border": 1, "text_wrap": True, "valign": "top"})
        plain = book.add_format({"num_format": "@", "text_wrap": True, "valign": "top"})
        for sheet in SHEETS:
            page = book.add_worksheet(sheet.name)
            page.freeze_panes(1, 0)
            page.set_column(0, len(sheet.columns) - 1, 24, plain)
            for place, column in enumerate(sheet.columns):
                page.write_string(0, place, column.name, needed if column.required else heading)
                page.write_comment(0, place, f"{sheet.says}\n{column.says}" if place == 0 else column.says)
                if column.words:
                    page.data_validation(1, place, ROWS, place, {"validate": "list", "source": list(column.words)})
            if sheet.name == "About":
                _write_about(page, plain)
    return path


def _write_about(page: Any, plain: Any) -> None:
    page.set_column(1, 2, 60, plain)
    for row, (key, says) in enumerate(ABOUT, start=1):
        page.write_string(row, 0, key)
        page.write_string(row, 2, says)
