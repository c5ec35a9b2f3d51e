"""Wave files with one planted fault each, by name: what intake must refuse, or must read in spite of its looks.

A trap starts from an honest simulated file, so that nothing but the fault can be the reason for a refusal.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import pandas as pd

from evaluation.errors import UsageError
from evaluation.registry import nearest

Cells = list[list[str]]


class Expect(StrEnum):
    """What `pilot wave load` should do with a trap."""

    REFUSED = "refused, and nothing stored"
    READ = "read like any other file"
    KNOWN = "recognised as already loaded, once the honest file is"


@dataclass(frozen=True)
class Sheet:
    """An honest file as text cells, header first, with the names of what a fault may touch."""

    cells: Cells
    items: tuple[str, ...]
    groups: tuple[str, ...]
    other_wave: str

    def column(self, name: str) -> int:
        """Where a column stands.

        Raises:
            UsageError: there is none, so this trap does not fit the study.
        """
        if name not in self.cells[0]:
            raise UsageError(f"this trap does not fit the study: its files have no column '{name}'.", fix="choose another trap.")
        return self.cells[0].index(name)


Plant = Callable[[Sheet], bytes]


@dataclass(frozen=True)
class Trap:
    """One fault: what it plants, in words, and what should happen."""

    name: str
    says: str
    expect: Expect
    plant: Plant


TRAPS: dict[str, Trap] = {}


def _trap(says: str, expect: Expect = Expect.REFUSED) -> Callable[[Plant], Plant]:
    def enter(plant: Plant) -> Plant:
        name = plant.__name__.strip("_")
        TRAPS[name] = Trap(name, says, expect, plant)
        return plant

    return enter


def trap_named(name: str) -> Trap:
    """The trap of this name.

    Raises:
        UsageError: there is none; the nearest name is suggested and all are listed.
    """
    if name not in TRAPS:
        close = nearest(name, list(TRAPS))
        hint = f"did you mean '{close}'? " if close else ""
        raise UsageError(f"there is no trap '{name}'.", fix=f"{hint}Traps: {', '.join(sorted(TRAPS))}.")
    return TRAPS[name]


def honest_sheet(frame: pd.DataFrame, items: tuple[str, ...], groups: tuple[str, ...], other_wave: str) -> Sheet:
    """The frame as text, for a trap to spoil."""
    texts = frame.astype(object).where(frame.notna(), "").astype(str)
    return Sheet([list(frame.columns), *texts.to_numpy().tolist()], items, groups, other_wave)


def planted(trap: Trap, sheet: Sheet) -> bytes:
    """The file with the trap's fault in it.

    Raises:
        UsageError: the study's files have nothing that this fault could touch.
    """
    return trap.plant(sheet)


def as_bytes(cells: Cells, delimiter: str = ",", line: str = "\n") -> bytes:
    """Cells as the bytes of a file; cells that hold the delimiter are quoted."""
    quoted = [[f'"{cell}"' if delimiter in cell else cell for cell in row] for row in cells]
    return (line.join(delimiter.join(row) for row in quoted) + line).encode("utf-8")


def _with(sheet: Sheet, changes: Mapping[tuple[int, int], str]) -> bytes:
    cells = [list(row) for row in sheet.cells]
    for (row, column), text in changes.items():
        cells[row][column] = text
    return as_bytes(cells)


def _answers(sheet: Sheet, texts: tuple[str, ...]) -> bytes:
    """Put these texts in the place of answers, one a row, from the eleventh row on."""
    columns = [sheet.column(name) for name in sheet.items]
    return _with(sheet, {(11 + 7 * k, columns[k % len(columns)]): text for k, text in enumerate(texts)})


@_trap("a file of no bytes at all")
def _empty_file(sheet: Sheet) -> bytes:
    return b""


@_trap("a header and no answers")
def _header_only(sheet: Sheet) -> bytes:
    return as_bytes(sheet.cells[:1])


@_trap("a file cut off in the middle of a row, as when a transfer stops")
def _cut_short(sheet: Sheet) -> bytes:
    whole = as_bytes(sheet.cells)
    last = whole.rstrip(b"\n").rfind(b"\n")
    return whole[: last + 1 + (len(whole) - last) // 3]


@_trap("a quotation mark in row 12 that is never closed, so that it swallows every row after it")
def _open_quote(sheet: Sheet) -> bytes:
    return _with(sheet, {(11, 0): '"' + sheet.cells[11][0]})


@_trap("row 21 with one cell too many")
def _extra_cell(sheet: Sheet) -> bytes:
    return as_bytes([[*row, "1"] if number == 20 else row for number, row in enumerate(sheet.cells)])


@_trap("row 21 with one cell too few")
def _lost_cell(sheet: Sheet) -> bytes:
    return as_bytes([row[:-1] if number == 20 else row for number, row in enumerate(sheet.cells)])


@_trap("letters in the Windows-1252 encoding, in a file that is read as UTF-8")
def _windows_1252(sheet: Sheet) -> bytes:
    lines = as_bytes(sheet.cells).split(b"\n")
    lines[15] = sheet.cells[15][0].encode() + b"\xe9" + lines[15][len(sheet.cells[15][0].encode()) :]
    return b"\n".join(lines)


@_trap("a NUL byte in row 31")
def _nul_byte(sheet: Sheet) -> bytes:
    return _with(sheet, {(30, 0): sheet.cells[30][0] + "\0"})


@_trap("the same header twice")
def _duplicate_header(sheet: Sheet) -> bytes:
    first, second = (sheet.column(name) for name in sheet.items[:2])
    return _with(sheet, {(0, second): sheet.cells[0][first]})


@_trap("a header in capitals, which is not the item's name")
def _wrong_header(sheet: Sheet) -> bytes:
    return _with(sheet, {(0, sheet.column(sheet.items[0])): sheet.items[0].upper()})


@_trap("a header with a Cyrillic letter that looks like a Latin one")
def _lookalike_header(sheet: Sheet) -> bytes:
    name = next((item for item in sheet.items if set("aeop") & set(item)), "group")
    sheet.column(name)
    swapped = name.translate(str.maketrans("aeop", "аеор"))
    return _with(sheet, {(0, sheet.column(name)): swapped})


@_trap("no column for one of the questions that the wave asks")
def _missing_column(sheet: Sheet) -> bytes:
    gone = sheet.column(sheet.items[1])
    return as_bytes([row[:gone] + row[gone + 1 :] for row in sheet.cells])


@_trap("a column that the protocol does not know")
def _extra_column(sheet: Sheet) -> bytes:
    return as_bytes([[*row, "score_total" if number == 0 else str(number % 9)] for number, row in enumerate(sheet.cells)])


@_trap("a column of remarks in people's own words, which was never declared")
def _free_text(sheet: Sheet) -> bytes:
    remarks = ("Nothing to add.", "Parking is awful; otherwise fine.", "Ask the night staff.")
    return as_bytes([[*row, "remarks" if number == 0 else remarks[number % 3]] for number, row in enumerate(sheet.cells)])


@_trap("answers in words where numbers belong")
def _words_for_codes(sheet: Sheet) -> bytes:
    return _answers(sheet, ("Agree", "Strongly agree", "agree"))


@_trap("answers outside their scale: 7, 0, -1, 66 and 3.5")
def _out_of_scale(sheet: Sheet) -> bytes:
    return _answers(sheet, ("7", "0", "-1", "66", "3.5"))


@_trap("marks for a missing answer that the instrument does not declare: N/A, '.', -9")
def _undeclared_missing(sheet: Sheet) -> bytes:
    return _answers(sheet, ("N/A", ".", "-9"))


@_trap("answers that are not numbers at all: NaN, inf and 1e309")
def _not_a_number(sheet: Sheet) -> bytes:
    return _answers(sheet, ("NaN", "inf", "1e309"))


@_trap("numbers with a comma: 3,5 and 1,000")
def _comma_numbers(sheet: Sheet) -> bytes:
    return _answers(sheet, ("3,5", "1,000"))


@_trap("dates that are ambiguous, impossible or a spreadsheet's count of days")
def _impossible_dates(sheet: Sheet) -> bytes:
    column = sheet.column("answered_on")
    return _with(sheet, {(9 + k, column): text for k, text in enumerate(("03/04/2025", "2025-02-31", "45716"))})


@_trap("an organisation code that the register does not hold")
def _unknown_organisation(sheet: Sheet) -> bytes:
    column = sheet.column("organisation")
    return _with(sheet, {(row, column): sheet.cells[row][column] + "X" for row in (5, 6)})


@_trap("a wave column that names another wave")
def _wrong_wave(sheet: Sheet) -> bytes:
    return as_bytes([[*row, "wave" if number == 0 else sheet.other_wave] for number, row in enumerate(sheet.cells)])


@_trap("three respondents who answer twice")
def _duplicate_respondent(sheet: Sheet) -> bytes:
    return as_bytes([*sheet.cells, *sheet.cells[3:6]])


@_trap("e-mail addresses where the respondents' codes should be")
def _identifiers(sheet: Sheet) -> bytes:
    column = sheet.column("respondent")
    return _with(sheet, {(row, column): f"person.{row}@nowhere.example" for row in range(1, len(sheet.cells))})


@_trap("the honest answers in another order", Expect.KNOWN)
def _shuffled(sheet: Sheet) -> bytes:
    order = np.random.default_rng(1).permutation(len(sheet.cells) - 1) + 1
    return as_bytes([sheet.cells[0], *(sheet.cells[row] for row in order)])


@_trap("a byte-order mark before the first header, as spreadsheets write it", Expect.READ)
def _byte_order_mark(sheet: Sheet) -> bytes:
    return b"\xef\xbb\xbf" + as_bytes(sheet.cells)


@_trap("semicolons between the cells", Expect.READ)
def _semicolons(sheet: Sheet) -> bytes:
    return as_bytes(sheet.cells, delimiter=";")


@_trap("the line ends of another system", Expect.READ)
def _line_ends(sheet: Sheet) -> bytes:
    return as_bytes(sheet.cells, line="\r\n")


@_trap("cells that a spreadsheet would run as a formula, as labels of a group", Expect.READ)
def _formula(sheet: Sheet) -> bytes:
    column = sheet.column(sheet.groups[0] if sheet.groups else "group")
    return _with(sheet, {(8, column): "=1+1", (9, column): "@SUM(A1)"})
