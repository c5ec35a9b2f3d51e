"""From bytes to UTF-8 text with plain line ends: the encoding is known or the file is refused, never guessed."""

import codecs
from dataclasses import dataclass

import numpy as np

from evaluation.errors import Problem, WaveError
from evaluation.waves.readers.table import Content

LINE_LIMIT = 1024**2

_END = b"\x1a"
"""Ctrl-Z, with which old programs end a file."""
_UTF16 = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
_UTF32 = (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)


@dataclass(frozen=True)
class Text:
    """UTF-8 bytes without byte-order mark whose lines end in one line feed, the encoding found, and what is worth noting."""

    data: bytes
    encoding: str
    notes: tuple[str, ...]


def read_text(content: Content, encoding: str) -> Text:
    """The text of a file declared to be in `encoding`; a byte-order mark wins over the declaration.

    Raises:
        WaveError: empty, NUL bytes, bytes that are not in the encoding (with offset), or a line over 1 MiB.
    """
    raw = _gathered(content)
    if raw.startswith(_UTF32):
        raise WaveError(
            "the file is encoded in UTF-32.", where=f"{content.name}, byte 0", fix="save it as UTF-8.", code="encoding"
        )
    data, found, notes = _decoded(raw, encoding, content.name)
    _refuse_nul(data, content.name)
    data, line_note = _plain_lines(data)
    if data.endswith((_END, _END + b"\n")):
        data, line_note = data.removesuffix(b"\n").removesuffix(_END), (*line_note, "ends with Ctrl-Z, which was left out")
    if not data or data.isspace():
        raise WaveError(
            "the file is empty.",
            where=f"{content.name}, {content.size} bytes and no text",
            fix="export it again.",
            code="file-empty",
        )
    return Text(data, found, (*notes, *line_note))


def _gathered(content: Content) -> bytes:
    """All pieces, refused at the first line over the limit before the rest is read."""
    pieces: list[bytes] = []
    size = line_start = 0
    for piece in content.pieces():
        if _has_long_line(piece, line_start - size):
            block = np.frombuffer(piece, np.uint8)
            ends = np.flatnonzero((block == 10) | (block == 13)) + size
            edges = np.concatenate(([line_start], ends, [size + len(piece)]))
            raise _too_long(content.name, int(edges[np.argmax(np.diff(edges))]))
        last = max(piece.rfind(b"\n"), piece.rfind(b"\r"))
        line_start = size + last if last >= 0 else line_start
        size += len(piece)
        pieces.append(piece)
    return b"".join(pieces)


def _has_long_line(piece: bytes, start: int) -> bool:
    """Whether a line is over the limit, the first beginning at `start`: below 0 where it began in a piece before."""
    while len(piece) - start > LINE_LIMIT:
        span = max(start + 1, 0), start + LINE_LIMIT + 1
        start = max(piece.rfind(b"\n", *span), piece.rfind(b"\r", *span))
        if start < 0:
            return True
    return False


def _too_long(name: str, offset: int) -> WaveError:
    return WaveError(
        f"a line is longer than {LINE_LIMIT:,} bytes.",
        where=f"{name}, from byte {offset:,}",
        fix="export one row per respondent, with plain line ends.",
        code="line-too-long",
    )


def _decoded(raw: bytes, encoding: str, name: str) -> tuple[bytes, str, tuple[str, ...]]:
    for mark, utf16 in _UTF16.items():
        if raw.startswith(mark):
            text = _strict(raw[2:], utf16, name, "UTF-16")
            return text.encode(), "utf-16", ("encoded in UTF-16, as its byte-order mark says",)
    if raw.startswith(codecs.BOM_UTF8):
        _check_utf8(raw[3:], name, 3)
        return raw[3:], "utf-8", ("starts with a UTF-8 byte-order mark, which was left out",)
    if codecs_name(encoding, name) == "utf-8":
        _check_utf8(raw, name, 0)
        return raw, "utf-8", ()
    _refuse_hidden_utf8(raw, encoding, name)
    return _strict(raw, encoding, name, encoding).encode(), encoding, (f"read as {encoding}, as declared",)


def codecs_name(encoding: str, name: str) -> str:
    """The canonical name of an encoding; raises WaveError when there is none such."""
    try:
        b" ".decode(encoding, "replace")
        return codecs.lookup(encoding).name
    except (LookupError, ValueError) as error:
        raise WaveError(
            f"there is no encoding '{encoding[:40]}'.", where=name, fix="use utf-8, cp1252 or utf-16.", code="encoding"
        ) from error


def _strict(raw: bytes, encoding: str, name: str, words: str) -> str:
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError as error:
        raise WaveError(
            f"the file holds bytes that are not {words}.",
            where=f"{name}, byte offset {error.start:,}",
            fix="save it as UTF-8, or declare the encoding it has.",
            code="encoding",
        ) from error


def _check_utf8(raw: bytes, name: str, skipped: int) -> None:
    if raw.isascii():
        return
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError as error:
        if raw[:8192].count(0) > 8:
            _refuse_nul(raw, name)
        offset = error.start
        row = raw.count(b"\n", 0, offset) + 1
        raise WaveError(
            "the file is declared UTF-8 but holds bytes that are not.",
            where=f"{name}, line {row:,}, byte offset {offset + skipped:,} (value 0x{raw[offset]:02x})",
            fix="save it as UTF-8; if it comes from Windows or Excel, read it with --encoding cp1252.",
            code="encoding",
        ) from error


def _refuse_hidden_utf8(raw: bytes, encoding: str, name: str) -> None:
    if raw.isascii():
        return
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return
    raise WaveError(
        f"the file is declared {encoding}, but its accented letters are UTF-8.",
        where=name,
        fix="leave the encoding out, or declare utf-8.",
        code="encoding",
    )


def _refuse_nul(data: bytes, name: str) -> None:
    offset = data.find(0)
    if offset < 0:
        return
    start = data[:4096]
    utf16 = start.count(0) > len(start) // 3
    raise WaveError(
        Problem(
            f"the file holds {data.count(0):,} NUL {'byte' if data.count(0) == 1 else 'bytes'}.",
            f"{name}, first at byte offset {offset:,}",
            "it looks like UTF-16 without a byte-order mark: save it as UTF-8." if utf16 else "export it again; it is damaged.",
            "nul-bytes",
            data.count(0),
        )
    )


def _plain_lines(data: bytes) -> tuple[bytes, tuple[str, ...]]:
    """The same lines ending in line feeds, and a note when they did not all end in one way."""
    if b"\r" not in data:
        return data, ()
    returns = data.count(b"\r")
    windows, feeds = data.count(b"\r\n"), data.count(b"\n")
    kinds = {"CR LF": windows, "LF": feeds - windows, "CR": returns - windows}
    found = [f"{count:,} {kind}" for kind, count in kinds.items() if count]
    note = (f"line ends: {', '.join(found)}",) if len(found) > 1 or kinds["CR"] else ()
    plain = data.replace(b"\r\n", b"\n")
    return (plain.replace(b"\r", b"\n") if kinds["CR"] else plain), note
