"""SPSS files (.sav, .zsav, .por): codes as text, with the labels and user-missing values that the file carries.

The layout of a compressed system file's trailer is that of the PSPP developers' guide, "System File Format"; it says to how many
bytes the file unpacks. A portable file begins with two hundred bytes of titles in several character sets, the mark SPSSPORT at
byte 456 once line ends are left out. A system file states its number of rows at byte 80; it is read as if it did not, so that
rows beyond that number are seen and not passed over.
"""

import struct

from evaluation.errors import WaveError
from evaluation.protocol.mapping import FileForm
from evaluation.waves.readers.labelled import Package, read_labelled
from evaluation.waves.readers.limits import check_unpacked
from evaluation.waves.readers.table import READERS, Content, Reader, Table

_FIX = "save it again in SPSS as .sav, or export CSV."
SYSTEM, PORTABLE = Package("SPSS", "sav", _FIX), Package("SPSS", "por", _FIX)
_DICTIONARY_ENDS = struct.pack("<ii", 999, 0)
_ROWS_AT, _UNKNOWN = 80, b"\xff\xff\xff\xff"
_MARK, _MARK_AT = b"SPSSPORT", 456


def read_spss(content: Content, form: FileForm) -> Table:
    """Cells of an SPSS file: system missing is blank, user-missing values stay as they are and are listed in `Table.missing`.

    Raises:
        WaveError: the file is damaged, too large or in another encoding, or its header cannot be used.
    """
    data = content.whole()
    if data.startswith(b"$FL"):
        check_unpacked(_unpacked(data), len(data), content.name)
        return read_labelled(data[:_ROWS_AT] + _UNKNOWN + data[_ROWS_AT + 4 :], content, form, SYSTEM, _stated_rows(data))
    if data[:600].translate(None, b"\r\n")[_MARK_AT:].startswith(_MARK):
        return read_labelled(data, content, form, PORTABLE)
    raise WaveError(
        f"'{content.name}' is not an SPSS portable file.",
        where=f"{content.name}, first bytes",
        fix="export the answers again; renaming a file does not change what it is.",
        code="not-this-format",
    )


def _stated_rows(data: bytes) -> int | None:
    """Rows that a system file says it holds; None where it leaves that open (-1). Byte 64 shows the order of its bytes."""
    if len(data) < _ROWS_AT + 4:
        return None
    order = "<" if data[64:68] in (b"\2\0\0\0", b"\3\0\0\0") else ">"
    rows = int(struct.unpack_from(f"{order}i", data, _ROWS_AT)[0])
    return None if rows < 0 else rows


def _unpacked(data: bytes) -> int:
    """Bytes to which a compressed system file says its blocks unpack; 0 for other files."""
    if not data.startswith(b"$FL3"):
        return 0
    place = data.find(_DICTIONARY_ENDS)
    while place >= 0:
        start = place + len(_DICTIONARY_ENDS)
        if len(data) >= start + 24:
            own, trailer, _ = struct.unpack_from("<qqq", data, start)
            if own == start and 0 <= trailer <= len(data) - 24:
                return _blocks(data, trailer)
        place = data.find(_DICTIONARY_ENDS, place + 1)
    return 0


def _blocks(data: bytes, trailer: int) -> int:
    """Sum of the sizes that a trailer states for the blocks it holds."""
    stated = struct.unpack_from("<i", data, trailer + 20)[0]
    held = min(max(stated, 0), (len(data) - trailer - 24) // 24)
    return sum(struct.unpack_from("<I", data, trailer + 24 + 24 * block + 16)[0] for block in range(held))


READERS.register("spss")(Reader(read_spss, (".sav", ".zsav", ".por"), ("spss", "text")))
