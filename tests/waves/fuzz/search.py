"""Bad files out of good ones, and what must be true of every one of them."""

import io
import time
import zipfile
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from evaluation.errors import WaveError
from evaluation.protocol.mapping import FileForm
from evaluation.waves.readers import read_file
from evaluation.waves.readers.header import COLUMN_LIMIT
from evaluation.waves.readers.recognise import recognised
from tests.waves.fuzz.seeds import Seed, seeds

Edit = tuple[str, float, int, bytes]
NUMBERS = (0, 1, 0x7F, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFF, 2**63 - 1, 2**64 - 1)
EDITS = st.lists(
    st.tuples(
        st.sampled_from(("flip", "put", "number", "cut", "drop", "double", "swap", "word")),
        st.floats(0, 1),
        st.integers(0, 2**16),
        st.binary(min_size=1, max_size=6),
    ),
    min_size=1,
    max_size=5,
)
WORDS = (
    b'"',
    b",",
    b"\n",
    b"\0",
    b"999999999",
    b"1048576",
    b"XFD1048576",
    b"#REF!",
    b"&#0;",
    b"]]>",
    b"<",
    b"\xff\xfe",
    b"1e309",
    b"nan",
)


def edited(data: bytes, edits: list[Edit]) -> bytes:
    """The bytes after each edit: a bit flipped, bytes or a telling number put over others, a part cut, dropped or doubled."""
    for kind, where, number, put in edits:
        place = int(where * len(data))
        if kind == "flip" and data:
            place = min(place, len(data) - 1)
            data = data[:place] + bytes([data[place] ^ (1 << number % 8)]) + data[place + 1 :]
        elif kind == "put":
            data = data[:place] + put + data[place + len(put) :]
        elif kind == "number":
            told = NUMBERS[number % len(NUMBERS)]
            size = max(1, (told.bit_length() + 7) // 8)
            data = data[:place] + told.to_bytes(size, ("little", "big")[number % 2]) + data[place + size :]
        elif kind == "cut":
            data = data[:place]
        elif kind == "drop":
            data = data[:place] + data[place + number % 64 :]
        elif kind == "double":
            data = data[:place] + data[place : place + number % 256] * 2 + data[place + number % 256 :]
        elif kind == "swap":
            data = data[place:] + data[:place] if number % 16 == 0 else data[:place] + put + data[place:]
        else:
            data = data[:place] + WORDS[number % len(WORDS)] + data[place:]
    return data


def repacked(data: bytes, member: int, edits: list[Edit]) -> bytes:
    """A zipped file with one of its parts edited, so that what is inside is reached."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as archive, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as copy:
        names = archive.namelist()
        for name in names:
            content = archive.read(name)
            copy.writestr(name, edited(content, edits) if name == names[member % len(names)] else content)
    return stream.getvalue()


def check(path: Path, form: FileForm | None) -> bool:
    """Whether a file is read; raises when it is neither read as a table should be nor refused as a file should be."""
    try:
        recognised(path, form)
        table = read_file(path, form)
    except WaveError as refusal:
        assert all(problem.code and problem.where and problem.fix for problem in refusal.problems)
        return False
    assert len(table.rows) == table.frame.height and table.frame.width <= COLUMN_LIMIT
    assert all(str(kind) == "String" for kind in table.frame.dtypes)
    assert len(set(table.frame.columns)) == table.frame.width and all(name.strip() for name in table.frame.columns)
    return True


def search(reader: str, folder: Path, *, start: int, examples: int, seconds: float) -> tuple[int, int]:
    """Try `examples` files in each round, in new rounds until `seconds` are over; how many were tried and how many read."""
    good = seeds()[reader]
    tried, read, began = 0, 0, time.monotonic()
    for one in good:
        assert check(_put(folder, one, one.data), _form(one)), f"the seed {one.ending} of {reader} is not read"

    def attempt(place: int, edits: list[Edit], member: int, noise: bytes) -> None:
        nonlocal tried, read
        chosen = good[place % len(good)]
        inside = chosen.data.startswith(b"PK") and member % 4
        data = noise or (repacked(chosen.data, member, edits) if inside else edited(chosen.data, edits))
        tried += 1
        read += check(_put(folder, chosen, data), _form(chosen))

    places, noise = st.integers(0, 63), st.one_of(st.just(b""), st.just(b""), st.just(b""), st.binary(max_size=200))
    for number in range(start, start + 1_000_000):
        rules = settings(
            max_examples=examples, deadline=None, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck)
        )
        seed(number)(rules(given(places, EDITS, places, noise)(attempt)))()
        if time.monotonic() - began >= seconds:
            break
    return tried, read


def _form(one: Seed) -> FileForm | None:
    return FileForm.model_validate(one.form) if one.form else None


def _put(folder: Path, one: Seed, data: bytes) -> Path:
    """Write a case where it can be found when the program ends in the middle of it."""
    path = folder / f"case{one.ending}"
    path.write_bytes(data)
    return path
