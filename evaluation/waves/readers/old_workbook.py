"""What an old workbook (.xls) says of itself, checked before it is read: no chain is a circle, its counts fit into the file.

The reader of cells follows chains of sectors for as long as they go on and makes room for as many strings and cells as the file
claims; a flipped bit can make it ask for all of the memory. Sources: MS-CFB (compound files), MS-XLS 2.4 (records).
"""

import struct
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from evaluation.errors import WaveError
from evaluation.waves.readers.workbook_extent import SHEET_LIMIT, too_far_apart

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
Chain = npt.NDArray[np.uint32]
_LAST = 0xFFFFFFFA
"""Numbers above it mark the end of a chain, or a sector that belongs to none."""
_BEGINS, _SIZE, _STRINGS, _SEVERAL = 0x0809, 0x0200, 0x00FC, 0x00BD
_CELLS = {0x0203, 0x0204, 0x0205, 0x027E, 0x00FD, 0x0006, 0x00D6, 0x0201, _SEVERAL}


_ENDS, _SHEET_AT, _TRUTH_OR_ERROR, _FORMULA, _FAILED = 0x000A, 0x0085, 0x0205, 0x0006, 2
ERRORS = {0: "#NULL!", 7: "#DIV/0!", 15: "#VALUE!", 23: "#REF!", 29: "#NAME?", 36: "#NUM!", 42: "#N/A", 43: "#GETTING_DATA"}
"""MS-XLS 2.5.10 (Bes)."""


class _DamageError(Exception):
    """The sectors or records do not fit together."""


def refuse_untrue(data: bytes, name: str) -> None:
    """Refuse an old workbook whose own description cannot be true.

    Raises:
        WaveError: chains of sectors that run in a circle or out of the file, or sheets and strings larger than it can hold.
    """
    try:
        stream = _workbook(data)
        for rows, columns in _extents(stream):
            if rows * columns > SHEET_LIMIT:
                raise too_far_apart(rows, columns, name)
    except (_DamageError, struct.error, IndexError) as error:
        raise WaveError(
            "the workbook is damaged or cut off.", where=name, fix="send it again, or export CSV.", code="workbook-damaged"
        ) from error


def errors_in(data: bytes, sheet: str) -> dict[tuple[int, int], str]:
    """Row and column, counted from 0, of a sheet's cells that hold an error, and which (MS-XLS 2.4.24, 2.4.127 and 2.5.133).

    Raises:
        WaveError: as `refuse_untrue`, which is called before.
    """
    stream = _workbook(data)
    start = next((at for at, name in _sheets(stream) if name == sheet), None)
    found: dict[tuple[int, int], str] = {}
    for kind, body in _of_sheet(stream, start) if start is not None else ():
        if kind == _TRUTH_OR_ERROR and len(body) >= 8 and body[7] == 1:
            row, column = struct.unpack_from("<HH", body)
            found[row, column] = ERRORS.get(body[6], "error")
        elif kind == _FORMULA and len(body) >= 14 and body[12:14] == b"\xff\xff" and body[6] == _FAILED:
            row, column = struct.unpack_from("<HH", body)
            found[row, column] = ERRORS.get(body[8], "error")
    return found


def _sheets(stream: bytes) -> Iterator[tuple[int, str]]:
    """Where each sheet begins, and its name: one byte a sign where they fit into it, two otherwise, a single one before 1997."""
    wide = len(stream) > 5 and stream[5] >= 6
    for kind, body in _records(stream, 0):
        if kind == _SHEET_AT and len(body) > 8:
            two = wide and body[7] & 1
            text = body[8:] if wide else body[7:]
            length = body[6] * (2 if two else 1)
            yield struct.unpack_from("<I", body)[0], text[:length].decode("utf-16-le" if two else "latin-1", "replace")


def _of_sheet(stream: bytes, start: int) -> Iterator[tuple[int, bytes]]:
    """The records of the sheet that begins at `start`, those of charts within it left out."""
    depth = 0
    for kind, body in _records(stream, start):
        depth += (kind == _BEGINS) - (kind == _ENDS)
        if not depth:
            return
        if depth == 1:
            yield kind, body


def _records(stream: bytes, place: int) -> Iterator[tuple[int, bytes]]:
    while place + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, place)
        yield kind, stream[place + 4 : place + 4 + length]
        place += 4 + length


def _workbook(data: bytes) -> bytes:
    """The stream of records; empty where the file holds no workbook, which its reader then says."""
    size = 1 << struct.unpack_from("<H", data, 30)[0]
    if size not in (512, 4096) or struct.unpack_from("<H", data, 32)[0] != 6:
        raise _DamageError
    sectors = max(len(data) // size - 1, 0)
    counted = struct.unpack_from("<5I", data, 44)
    if max(counted[0], struct.unpack_from("<I", data, 64)[0], struct.unpack_from("<I", data, 72)[0]) > sectors + 1:
        raise _DamageError
    fat = _numbers(data, size, _fat_sectors(data, size, sectors))
    _refuse_circles(fat)
    directory = _joined(data, size, _followed(fat, counted[1]))
    mini_fat = _numbers(data, size, _followed(fat, struct.unpack_from("<I", data, 60)[0]))
    _refuse_circles(mini_fat)
    entries = {bytes(entry[: max(entry[64] - 2, 0)]): entry for entry in _entries(directory)}
    found = next((entries[key] for key in ("Workbook".encode("utf-16-le"), "Book".encode("utf-16-le")) if key in entries), None)
    if found is None:
        return b""
    start, length = struct.unpack_from("<II", found, 116)
    if length >= struct.unpack_from("<I", data, 56)[0]:
        return _joined(data, size, _followed(fat, start))[:length]
    root = next(_entries(directory))
    small = _joined(data, size, _followed(fat, struct.unpack_from("<I", root, 116)[0]))
    return b"".join(small[64 * place : 64 * place + 64] for place in _followed(mini_fat, start))[:length]


def _fat_sectors(data: bytes, size: int, sectors: int) -> list[int]:
    """Numbers of the sectors that hold the table of chains: 109 in the header, others in a chain of their own."""
    found = list(struct.unpack_from("<109I", data, 76))
    following, seen = struct.unpack_from("<I", data, 68)[0], 0
    while following < _LAST:
        seen += 1
        block = data[(following + 1) * size : (following + 2) * size]
        if seen > sectors or len(block) < size:
            raise _DamageError
        *more, following = struct.unpack(f"<{size // 4}I", block)
        found += more
    return [number for number in found if number < _LAST]


def _numbers(data: bytes, size: int, sectors: list[int]) -> Chain:
    return np.frombuffer(_joined(data, size, sectors), "<u4")


def _joined(data: bytes, size: int, sectors: list[int]) -> bytes:
    parts = [data[(number + 1) * size : (number + 2) * size] for number in sectors]
    if any(not part for part in parts):
        raise _DamageError
    return b"".join(part.ljust(size, b"\0") for part in parts)


def _followed(fat: Chain, start: int) -> list[int]:
    chain: list[int] = []
    while start < _LAST:
        if start >= len(fat) or len(chain) > len(fat):
            raise _DamageError
        chain.append(start)
        start = int(fat[start])
    return chain


def _refuse_circles(fat: Chain) -> None:
    """Follow all chains at once, twice as far each time: one that has not ended after as many steps as sectors is a circle."""
    inside = fat < len(fat)
    ahead = np.where(inside, fat, len(fat)).astype(np.int64)
    ahead = np.append(ahead, len(fat))
    for _ in range(len(fat).bit_length() + 1):
        ahead = ahead[ahead]
    if (ahead != len(fat)).any():
        raise _DamageError


def _entries(directory: bytes) -> Iterator[bytes]:
    return (directory[place : place + 128] for place in range(0, len(directory) - 127, 128))


def _extents(stream: bytes) -> Iterator[tuple[int, int]]:
    """Rows and columns that each part of the workbook claims, or its cells reach."""
    row, column = 0, 0
    for kind, body in _records(stream, 0):
        if kind == _BEGINS:
            yield row, column
            row, column = 0, 0
        elif kind == _STRINGS and len(body) >= 8 and max(struct.unpack_from("<II", body)) > len(stream):
            raise _DamageError
        elif kind == _SIZE and len(body) >= 10:
            yield _claimed(body)
        elif kind in _CELLS and len(body) >= 4:
            at, first = struct.unpack_from("<HH", body)
            last = struct.unpack_from("<H", body, len(body) - 2)[0] if kind == _SEVERAL and len(body) >= 6 else first
            row, column = max(row, at + 1), max(column, first + 1, last + 1)
    yield row, column


def _claimed(body: bytes) -> tuple[int, int]:
    """The rows and columns of a record of dimensions, which has wide row numbers since Excel 97."""
    if len(body) >= 14:
        first_row, last_row, first, last = struct.unpack_from("<IIHH", body)
    else:
        first_row, last_row, first, last = struct.unpack_from("<HHHH", body)
    return max(last_row - first_row, 0), max(last - first, 0)
