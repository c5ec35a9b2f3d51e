"""From a path to bytes that may be read: a regular file of a bearable size, of the type that its name says.

Nothing is ever unpickled, unpacked to disk or fetched. What a file truly is shows in its first bytes, whatever its name.
"""

import gzip
import stat
import zlib
from collections.abc import Iterator
from pathlib import Path

from evaluation.errors import WaveError
from evaluation.waves.readers.renamed import no_workbook
from evaluation.waves.readers.table import READERS, Content

FILE_LIMIT = 2 * 1024**3
PIECE = 16 * 1024**2

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
SIGNATURES: tuple[tuple[bytes, str], ...] = (
    (b"PK\x03\x04", "zip"),
    (b"PK\x05\x06", "zip"),
    (_OLE, "ole"),
    (b"\x1f\x8b", "gzip"),
    (b"<stata_dta>", "stata"),
    (b"\x71\x01\x01", "stata"),
    (b"\x71\x02\x01", "stata"),
    (b"\x72\x01\x01", "stata"),
    (b"\x72\x02\x01", "stata"),
    (b"\x73\x01\x01", "stata"),
    (b"\x73\x02\x01", "stata"),
    (b"\x93NUMPY", "a NumPy array"),
    (b"RDX2\n", "an R data file"),
    (b"RDX3\n", "an R data file"),
    (b"RDA2\n", "an R data file"),
    (b"RDA3\n", "an R data file"),
    (b"X\n\x00\x00", "an R data file"),
    (b"PAR1\x15", "parquet"),
    (b"PARE", "a locked Parquet file"),
    (b"ARROW1", "an Arrow file"),
    (b"SQLite format 3", "a SQLite database"),
    (b"\x89HDF", "an HDF5 file"),
    (b"$FL2@(#)", "spss"),
    (b"$FL3@(#)", "spss"),
    (b"%PDF", "a PDF"),
    (b"\x7fELF", "a program"),
    (b"MZ\x90", "a program"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"BZh91AY", "a bzip2 archive"),
    (b"\xfd7zXZ\x00", "an xz archive"),
    (b"\x28\xb5\x2f\xfd", "a zstd archive"),
    (b"7z\xbc\xaf", "a 7z archive"),
    (b"Rar!", "a RAR archive"),
    (b"\x78\x9c", "compressed data (perhaps joblib)"),
    (b"\x78\xda", "compressed data (perhaps joblib)"),
    (b"\x78\x01", "compressed data (perhaps joblib)"),
    *((bytes([0x80, version]), "a Python pickle") for version in range(2, 6)),
)
DEFINITIONS = {
    ".qsf": "the definition of a Qualtrics survey",
    ".lss": "the definition of a LimeSurvey survey",
    ".lsq": "the definition of a LimeSurvey question",
}
"""Endings of files that a survey platform writes beside the answers."""
MARKUP = "a web page or XML"
LOOKED_AT = 4096
"""Bytes by which a file under a workbook's name is told."""
_MARKUP = (b"<html", b"<!doctype", b"<?xml", b"<table")
_NAMES = {
    "zip": "a zip archive or Excel workbook",
    "ole": "an old Office file",
    "gzip": "a gzip archive",
    "stata": "a Stata file",
    "spss": "an SPSS file",
    "parquet": "a Parquet file",
}


def shown_name(path: Path) -> str:
    """The file's name for messages: no folder, nothing unprintable, at most 80 characters."""
    name = "".join(sign if sign.isprintable() else "?" for sign in path.name)
    return name if len(name) <= 80 else f"{name[:60]}...{name[-15:]}"


def true_type(head: bytes) -> str:
    """What the first bytes say the content is; 'text' when no known signature is there."""
    for signature, kind in SIGNATURES:
        if head.startswith(signature):
            return kind
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:20].lower()
    return MARKUP if start.startswith(_MARKUP) else "text"


def format_of(path: Path) -> str:
    """The reader that the file's ending asks for.

    Raises:
        WaveError: no reader knows the ending.
    """
    suffixes = [suffix.lower() for suffix in path.suffixes]
    last = suffixes[-2] if len(suffixes) > 1 and suffixes[-1] == ".gz" else suffixes[-1] if suffixes else ""
    for name in READERS:
        if last in READERS[name].suffixes:
            return name
    if last in DEFINITIONS:
        raise WaveError(
            f"'{shown_name(path)}' is {DEFINITIONS[last]}: it holds questions and no answers.",
            where=shown_name(path),
            fix="export the responses, as CSV or a workbook.",
            code="no-answers",
        )
    known = ", ".join(sorted(suffix for name in READERS for suffix in READERS[name].suffixes))
    raise WaveError(
        f"'{shown_name(path)}' has an ending that no reader knows.",
        where=shown_name(path),
        fix=f"export it as one of {known}.",
        code="unknown-format",
    )


def open_file(path: Path, signatures: tuple[str, ...], declared: str | None = None) -> Content:
    """The content of a regular file whose first bytes are one of `signatures` ('text', 'zip', ...), unzipped when it ends in .gz.

    Args:
        path: the file.
        signatures: the types that the format may have.
        declared: the format, where a mapping declares it.

    Raises:
        WaveError: not a regular file, too large, empty, or of another type than its name or the mapping says.
    """
    name = shown_name(path)
    size = _regular_size(path, name)
    packed = path.suffix.lower() == ".gz"
    with path.open("rb") as stream:
        head = stream.read(64)
    kind = true_type(head)
    if packed and kind == "gzip":
        kind = true_type(next(_unpacked(path, name))[:64])
    if kind not in signatures:
        raise _misdeclared(name, kind, declared) if declared and _is_as_named(path, kind) else _untrue(path, name, kind)
    return Content(name, size, lambda: _unpacked(path, name) if packed else _plain(path, name, size))


def _is_as_named(path: Path, kind: str) -> bool:
    ending = path.with_suffix("").suffix if path.suffix.lower() == ".gz" else path.suffix
    return any(ending.lower() in reader.suffixes and kind in reader.signatures for reader in map(READERS.__getitem__, READERS))


def _misdeclared(name: str, kind: str, declared: str) -> WaveError:
    """The refusal of a file that is what its name says, and not what the mapping declares."""
    return WaveError(
        f"'{name}' is {_NAMES.get(kind, kind)}, as its name says; the mapping declares 'format: {declared}'.",
        where=f"{name}, first bytes",
        fix="name the file or the mapping that belong together, or correct 'format' in the mapping's file block.",
        code="not-this-format",
    )


def _untrue(path: Path, name: str, kind: str) -> WaveError:
    """The refusal of a file that is not what its name says; what stands under a workbook's name is told more closely."""
    what = _NAMES.get(kind, kind)
    fix = "export the answers again as CSV, Excel, SPSS, Stata or Parquet; renaming a file does not change what it is."
    if kind in ("text", MARKUP) and path.suffix.lower() in READERS["excel"].suffixes:
        with path.open("rb") as stream:
            what, fix = no_workbook(stream.read(LOOKED_AT)) or (what, fix)
    says = f"'{name}' is {what}, not what its name says."
    return WaveError(says, where=f"{name}, first bytes", fix=fix, code="not-this-format")


def _regular_size(path: Path, name: str) -> int:
    try:
        found = path.lstat()
    except (OSError, ValueError) as error:
        raise WaveError(f"there is no readable file '{name}'.", where=name, fix="check the path.", code="no-such-file") from error
    if not stat.S_ISREG(found.st_mode):
        raise WaveError(
            f"'{name}' is not a regular file.",
            where=name,
            code="not-a-regular-file",
            fix="give the file itself, not a link, folder, pipe or device.",
        )
    if found.st_size == 0:
        raise WaveError("the file is empty.", where=f"{name}, 0 bytes", fix="export it again.", code="file-empty")
    if found.st_size > FILE_LIMIT:
        raise _too_large(name, found.st_size)
    return found.st_size


def _too_large(name: str, size: int) -> WaveError:
    return WaveError(
        f"the file is larger than {FILE_LIMIT / 1024**3:g} GiB.",
        where=f"{name}, at least {size:,} bytes",
        fix="export one wave and population at a time.",
        code="file-too-large",
    )


def _plain(path: Path, name: str, size: int) -> Iterator[bytes]:
    seen = 0
    with path.open("rb") as stream:
        while piece := stream.read(PIECE):
            seen += len(piece)
            if seen > size:
                break
            yield piece
    if seen != size:
        raise WaveError(
            "the file changed while it was being read.",
            where=name,
            fix="wait until it is complete, then try again.",
            code="file-changed",
        )


def _unpacked(path: Path, name: str) -> Iterator[bytes]:
    seen = 0
    try:
        with gzip.open(path, "rb") as stream:
            while piece := stream.read(PIECE):
                seen += len(piece)
                if seen > FILE_LIMIT:
                    raise _too_large(name, seen)
                yield piece
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise WaveError(
            "the compressed file is damaged or cut off.",
            where=f"{name}, after {seen:,} bytes",
            fix="send it again.",
            code="truncated",
        ) from error
    if not seen:
        raise WaveError("the file is empty.", where=f"{name}, 0 bytes after unpacking", fix="export it again.", code="file-empty")
