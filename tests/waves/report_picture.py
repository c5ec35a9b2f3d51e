"""The workbook for a supplier as a picture: what a spreadsheet shows of the one that `pilot wave check --report` writes.

`python -m tests.waves.report_picture` checks a made-up export with planted faults and writes docs/pictures/supplier-report.svg; a
test fails when the committed picture is not what is drawn today.
"""

import contextlib
import io
import tempfile
from collections.abc import Sequence
from html import escape
from pathlib import Path
from textwrap import wrap

import numpy as np

from evaluation.cli.main import main
from evaluation.waves.report_book import ANSWERS, PROBLEMS
from tests.conftest import REPOSITORY
from tests.studies import tiny_frame, tiny_study
from tests.waves.workbooks import Book

PICTURE: Path = REPOSITORY / "docs" / "pictures" / "supplier-report.svg"
LETTER, LINE, PAD, LEFT = 6.0, 16, 6, 12
PROBLEM_COLUMNS, ANSWER_COLUMNS, ANSWER_ROWS, ANSWER_WIDTH = (34, 330, 200, 340, 56), 9, 32, 112
RED, HEAD = ("#FFD5D0", "#A4302A", "#5C120E"), ("#DCE6F0", "#98A4AD", "#212B32")
PLAIN = ("#FFFFFF", "#D8DDE0", "#212B32")


def report(folder: Path) -> Book:
    """The workbook on an export of six people an organisation in which six things are wrong."""
    study, file, place = tiny_study(folder / "tiny"), folder / "month-6-supplier.csv", folder / "report.xlsx"
    frame = tiny_frame("month_6", people=6).astype(object)
    frame.loc[[3, 17], "lived_1"] = "7"
    frame.loc[9, "lived_2"] = "Agree!"
    frame.loc[20, "organisation"] = "Q9"
    frame.loc[30] = frame.loc[29]
    frame.loc[40, "know_values"] = np.nan
    frame.to_csv(file, index=False)
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        main(["wave", "check", str(study), str(file), "--wave", "month_6", "--population", "staff", "--report", str(place)])
    return Book(place.read_bytes())


def picture(book: Book) -> str:
    """The SVG text: the whole first sheet, and the beginning of the second."""
    shapes, top = _problems(book.sheets[PROBLEMS], 16.0)
    more, foot = _answers(book.sheets[ANSWERS], book.coloured(), top + 24)
    wide = LEFT * 2 + max(sum(PROBLEM_COLUMNS), ANSWER_COLUMNS * ANSWER_WIDTH)
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide} {foot + 12:.0f}" font-family="Arial, sans-serif" font-size="12">',
        "<title>A workbook for a supplier: its sheet of problems, and its sheet of answers with faulty cells in red</title>",
        f'<rect width="{wide}" height="{foot + 12:.0f}" fill="#fff"/>', *shapes, *more, "</svg>", "",
    ])


def _problems(rows: Sequence[Sequence[object]], top: float) -> tuple[list[str], float]:
    """The sheet's heading lines, then its table; and where it ends."""
    texts = [[_text(cell) for cell in row] for row in rows]
    table = next(place for place, row in enumerate(texts) if row[0] == "no.")
    shapes = [_tab(PROBLEMS, top)]
    top += 12
    for number, row in enumerate(texts[:table]):
        for line in wrap(row[0], int(sum(PROBLEM_COLUMNS) / LETTER)):
            shapes.append(f'<text x="{LEFT}" y="{top + 12:.0f}" font-weight="{400 if number else 700}" fill="#212B32">{escape(line)}</text>')
            top += LINE
    for number, row in enumerate(texts[table:]):
        lines = [wrap(text, int((width - 2 * PAD) / LETTER)) for text, width in zip(row, PROBLEM_COLUMNS, strict=True)]
        high, left = LINE * max(map(len, lines)) + PAD, float(LEFT)
        for said, width in zip(lines, PROBLEM_COLUMNS, strict=True):
            shapes += _cell(left, top, width, high, said, PLAIN if number else HEAD)
            left += width
        top += high
    return shapes, top


def _answers(rows: Sequence[Sequence[object]], red: set[str], top: float) -> tuple[list[str], float]:
    shapes, marked = [_tab(ANSWERS, top)], list[str]()
    top += 12
    for number, row in enumerate(rows[:ANSWER_ROWS]):
        for place, cell in enumerate(row[:ANSWER_COLUMNS]):
            faulty = f"{chr(65 + place)}{number + 1}" in red
            into, look = (marked, RED) if faulty else (shapes, PLAIN if number else HEAD)
            into += _cell(LEFT + place * ANSWER_WIDTH, top, ANSWER_WIDTH, LINE + PAD, [_text(cell)], look)
        top += LINE + PAD
    return shapes + marked, top


def _text(cell: object) -> str:
    return f"{cell:g}" if isinstance(cell, float) else str(cell)


def _tab(name: str, top: float) -> str:
    return f'<text x="{LEFT}" y="{top:.0f}" font-style="italic" fill="#4C6272">Sheet “{name}”</text>'


def _cell(left: float, top: float, width: float, high: float, lines: list[str], look: tuple[str, str, str]) -> list[str]:
    fill, edge, ink = look
    box = f'<rect x="{left:.0f}" y="{top:.0f}" width="{width:.0f}" height="{high:.0f}" fill="{fill}" stroke="{edge}"/>'
    return [box, *(
        f'<text x="{left + PAD:.0f}" y="{top + 15 + LINE * k:.0f}" fill="{ink}">{escape(line)}</text>' for k, line in enumerate(lines)
    )]


def draw() -> str:
    """Today's picture."""
    with tempfile.TemporaryDirectory() as folder:
        return picture(report(Path(folder)))


if __name__ == "__main__":
    PICTURE.write_text(draw(), encoding="utf-8", newline="\n")
