"""Files that would exhaust, deceive or hang whoever opens them: rows 31, 32, 34 to 38, 40 and 42 of the table of bad inputs.

Each is refused by name within bounded memory and time; nothing is fetched, executed, unpacked to disk or waited for.
"""

import gzip
import io
import os
import re
import struct
import threading
import time
import tracemalloc
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import xlsxwriter

from evaluation.cli.main import main
from evaluation.errors import WaveError
from evaluation.waves.readers.opening import shown_name
from tests.studies import tiny_wave
from tests.waves.intake_study import codes, load, refusal, tiny, wave_frame
from tests.waves.readers.test_excel import NEAR, old_book
from tests.waves.storing import study_in, tree

MIB = 1024**2
posix = pytest.mark.skipif(os.name != "posix", reason="pipes and devices as files are POSIX")


@contextmanager
def bounded(memory: int, seconds: float) -> Iterator[None]:
    """Whatever happens inside takes less than `memory` bytes of Python's and less than `seconds`."""
    tracemalloc.start()
    begun = time.perf_counter()
    try:
        yield
    finally:
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert peak < memory, f"{peak / MIB:.0f} MiB"
    assert time.perf_counter() - begun < seconds


def book(path: Path, fill: Callable[[xlsxwriter.Workbook], None]) -> Path:
    with xlsxwriter.Workbook(path) as workbook:
        fill(workbook)
    return path


def answers_book(path: Path, change: Callable[[xlsxwriter.Workbook, xlsxwriter.worksheet.Worksheet], None]) -> Path:
    """The wave as a workbook, changed before it is written."""

    def fill(workbook: xlsxwriter.Workbook) -> None:
        sheet = workbook.add_worksheet("Answers")
        frame = wave_frame()
        sheet.write_row(0, 0, list(frame.columns))
        for row, values in enumerate(frame.itertuples(index=False), start=1):
            sheet.write_row(row, 0, [int(value) if str(value).isdigit() else value for value in values])
        change(workbook, sheet)

    return book(path, fill)


def repacked(path: Path, change: Callable[[str, bytes], bytes]) -> Path:
    """The same workbook with the parts of its archive changed."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, change(name, content))
    return path


def test_row_31_ten_gigabytes_are_refused_by_size_and_never_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "huge.csv"
    with file.open("wb") as stream:
        stream.truncate(10 * 1024 * MIB)
    tiny()
    monkeypatch.setattr(Path, "open", lambda *_, **__: pytest.fail("the file was opened"))
    with bounded(1 * MIB, 5):
        error = refusal(file)
    assert codes(error) == ["file-too-large"]
    assert "larger than 2 GiB" in str(error) and "10,737,418,240 bytes" in str(error)


def test_row_31_what_unpacks_to_gigabytes_is_refused_at_the_first_line_that_is_too_long(tmp_path: Path) -> None:
    file = tmp_path / "bomb.csv.gz"
    with gzip.open(file, "wb", compresslevel=9) as stream:
        for _ in range(64):
            stream.write(b"a" * (4 * MIB))
    assert file.stat().st_size < MIB
    with bounded(64 * MIB, 20):
        assert codes(refusal(file)) == ["line-too-long"]


@pytest.mark.parametrize(("size", "what"), [(500 * MIB, "one line"), (50 * MIB, "one field")])
def test_row_32_one_endless_line_or_field_is_refused_at_a_mebibyte(tmp_path: Path, size: int, what: str) -> None:
    file = tmp_path / "long.csv"
    start = b"" if what == "one line" else b'organisation,respondent\nP1,"'
    with file.open("wb") as stream:
        stream.write(start)
        stream.truncate(len(start) + size)
    with bounded(64 * MIB, 10):
        error = refusal(file)
    assert codes(error) == ["line-too-long"] and "1,048,576 bytes" in str(error)


def archive(path: Path, parts: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as packed:
        for name, content in parts.items():
            packed.writestr(name, content)
    return path


def test_row_34_a_workbook_that_unpacks_too_far_is_refused_from_its_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nested = io.BytesIO()
    with zipfile.ZipFile(nested, "w", zipfile.ZIP_DEFLATED) as inner:
        inner.writestr("xl/workbook.xml", b"\0" * 20 * MIB)
    bombs = [
        archive(tmp_path / "ratio.xlsx", {"xl/workbook.xml": b"\0" * 64 * MIB}),
        archive(tmp_path / "many.xlsx", {"xl/workbook.xml": b"", **{f"xl/p{k}": b"" for k in range(10_001)}}),
    ]
    whole = archive(tmp_path / "nested.xlsx", {"inner.xlsx": nested.getvalue()})
    monkeypatch.setattr(zipfile.ZipFile, "open", lambda *_, **__: pytest.fail("a part was unpacked"))
    for bomb in bombs:
        with bounded(32 * MIB, 20):
            assert codes(refusal(bomb)) == ["workbook-bomb"], bomb.name
    assert codes(refusal(whole)) == ["not-this-format"], "an archive inside an archive is no workbook, and is not looked into"


LAUGHS = b'<!DOCTYPE x [<!ENTITY a "ha">' + b"".join(
    f'<!ENTITY {chr(98 + k)} "{f"&{chr(97 + k)};" * 10}">'.encode() for k in range(9)
)
OUTSIDE = b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname"><!ENTITY f SYSTEM "http://127.0.0.1:9/x">'


@pytest.mark.parametrize(("declared", "entity"), [(LAUGHS, b"&j;"), (OUTSIDE, b"&e;"), (OUTSIDE, b"&f;")])
@pytest.mark.parametrize("part", ["xl/sharedStrings.xml", "xl/worksheets/sheet1.xml", "xl/workbook.xml"])
def test_row_35_entities_of_a_workbook_are_never_expanded_or_fetched(
    tmp_path: Path, declared: bytes, entity: bytes, part: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A billion laughs would take three gigabytes; a file or address outside would show its content as an answer."""

    def with_entity(name: str, content: bytes) -> bytes:
        if name != part:
            return content
        head, rest = content.split(b"?>", 1)
        return head + b"?>" + declared + b"]>" + re.sub(rb"P1(?=<)", entity, rest, count=1).replace(b"Answers", entity)

    path = answers_book(tmp_path / "a.xlsx", lambda *_: None)
    repacked(path, with_entity)
    monkeypatch.setattr("socket.socket.connect", lambda *_: pytest.fail("a connection was made"))
    hostname = Path("/etc/hostname").read_text().strip() if Path("/etc/hostname").exists() else "no such name"
    with bounded(64 * MIB, 20):
        try:
            collected = load(path)
        except WaveError as error:
            assert hostname not in str(error)
        else:
            assert not any(hostname in str(row) or "haha" in str(row) for row in collected.frame.rows())


def locked_book() -> bytes:
    """A compound file whose one stream is an encrypted package, as Office writes a workbook with a password (MS-OFFCRYPTO 2.3.4)."""
    name, old = "EncryptedPackage", "Workbook".encode("utf-16-le").ljust(64, b"\0")
    plain = old_book(NEAR)
    place = plain.index(old)
    entry = name.encode("utf-16-le").ljust(64, b"\0") + struct.pack("<H", 2 * len(name) + 2)
    return plain[:place] + entry + plain[place + len(entry) :]


def test_row_36_a_locked_workbook_is_named_as_such(tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").write_bytes(locked_book())
    error = refusal(tmp_path / "a.xlsx")
    assert codes(error) == ["workbook-locked"] and "protected by a password" in str(error)


def test_row_36_a_web_page_under_the_name_of_a_workbook_is_named_as_such(tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").write_bytes(b"<html><table><tr><td>P1</td></tr></table></html>")
    assert "a web page (HTML), not what its name says" in str(refusal(tmp_path / "a.xlsx"))


def test_row_36_a_workbook_with_macros_is_refused_under_either_name(tmp_path: Path) -> None:
    path = answers_book(tmp_path / "a.xlsx", lambda *_: None)
    with zipfile.ZipFile(path, "a") as packed:
        packed.writestr("xl/vbaProject.bin", b"macro")
    assert "macros" in str(refusal(path))
    assert "macros" in str(refusal(path.rename(tmp_path / "a.xlsm")))


def test_row_37_formulas_that_were_never_worked_out_are_refused_by_address(tmp_path: Path) -> None:
    """What other programs write: <f> and no <v>. A formula whose text is empty is a blank answer, as Excel shows it."""
    path = answers_book(
        tmp_path / "a.xlsx", lambda _, sheet: (sheet.write_formula("D3", "=2+2"), sheet.write_formula("E4", '=IF(1,"","")', None, ""))
    )
    as_excel = {b"<f>2+2</f><v>0</v>": b"<f>2+2</f>", b'<c r="E4">': b'<c r="E4" t="str">'}
    for written, wanted in as_excel.items():
        repacked(path, lambda name, content, written=written, wanted=wanted: content.replace(written, wanted))
    error = refusal(path)
    assert codes(error) == ["error-cells"]
    assert "1 cell holds an error instead of a value: D3 formula without a value." in str(error)
    assert "save the workbook" in error.problems[0].fix


def test_row_37_merged_answers_are_refused_by_address_and_a_merged_note_is_not_one(tmp_path: Path) -> None:
    path = answers_book(tmp_path / "a.xlsx", lambda _, sheet: sheet.merge_range("D3:D5", 4))
    error = refusal(path)
    assert codes(error) == ["merged-cells"] and "1 merged cell below the header: D3:D5." in str(error)
    for place in ("A40:H40", "A40:H41"):
        note = answers_book(tmp_path / "b.xlsx", lambda _, sheet, place=place: sheet.merge_range(place, "Source: our survey"))
        assert load(note).receipt.set_aside == {"no item answered": 1}


def test_row_37_a_hidden_sheet_is_read_only_when_it_is_named(tmp_path: Path) -> None:
    path = answers_book(tmp_path / "a.xlsx", lambda book, sheet: (book.add_worksheet("Empty").activate(), sheet.hide()))
    error = refusal(path)
    assert codes(error) == ["sheet-not-named"] and "the only sheet with cells is hidden" in str(error) and "'Answers'" in str(error)
    assert load(path, sheet="Answers").receipt.kept == 32


def test_row_38_codes_that_lost_a_nought_or_digits_in_a_spreadsheet_are_refused(tmp_path: Path) -> None:
    """Excel keeps fifteen digits: 9876543210123456 becomes 9876543210123460, written 9.87654321012346E+15 in a CSV."""
    lost = answers_book(tmp_path / "a.xlsx", lambda _, sheet: sheet.write_number("A3", 7))
    assert "unknown-organisation" in codes(refusal(lost)) and "'7'" in str(refusal(lost))
    rounded = answers_book(tmp_path / "b.xlsx", lambda _, sheet: sheet.write_number("B3", 98765432101234567))
    error = refusal(rounded)
    assert codes(error) == ["rounded-id"] and "row 3" in str(error) and "9876" not in str(error)
    frame = wave_frame()
    frame.loc[4, "respondent"] = "9.87654E+15"
    frame.to_csv(tmp_path / "c.csv", index=False)
    assert codes(refusal(tmp_path / "c.csv")) == ["rounded-id"]


NAMES = (
    "-rf.csv", "--help.csv", "con.csv", "nul.csv", "a" * 240 + ".csv", "x\u202egnp.csv", "new\nline\x1b[2J.csv", "'; DROP TABLE.csv",
    "<img src=x onerror=alert(1)>.csv", "..hidden.csv", "%2e%2e%2fx.csv", "=cmd.csv",
)  # fmt: skip


@posix
@pytest.mark.parametrize("name", NAMES)
def test_row_40_no_name_of_a_file_reaches_the_disk_or_steers_a_terminal(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    study = study_in(tmp_path)
    folder = tmp_path / "sent"
    folder.mkdir()
    file = tiny_wave(tmp_path, "baseline", people=6).rename(folder / name)
    words = ["wave", "load", str(study.root), str(file), "--wave", "baseline", "--population", "staff"]
    assert main(words) == 0
    told = capsys.readouterr()
    assert not re.search("[\x00-\x09\x0b-\x1f\u202a-\u202e\u2066-\u2069]", told.out + told.err)
    names = [path.name for path in study.root.rglob("*")]
    assert not [one for one in names if one == name]
    (copy,) = study.inbox.iterdir()
    assert re.fullmatch(r"[0-9a-f]{32}\.csv", copy.name)
    assert len(shown_name(file)) <= 80


@pytest.mark.parametrize("name", ["../../x.csv", "/no/such/folder/x.csv", "nul\0byte.csv", "a" * 300 + ".csv", "", "."])
def test_row_40_a_path_that_leads_nowhere_is_refused_and_leaves_the_study_alone(name: str, tmp_path: Path) -> None:
    study = study_in(tmp_path)
    before = tree(study.root)
    assert main(["wave", "load", str(study.root), name, "--wave", "baseline", "--population", "staff"]) == 3
    assert {file: content for file, content in tree(study.root).items() if file != "audit.jsonl"} == before


@posix
def test_row_42_pipes_devices_links_and_folders_are_refused_without_waiting(tmp_path: Path) -> None:
    """A pipe that nobody writes to would keep a reader for ever."""
    real = tmp_path / "real.csv"
    real.write_text("a\n1\n")
    os.mkfifo(tmp_path / "pipe.csv")
    (tmp_path / "link.csv").symlink_to(real)
    (tmp_path / "lost.csv").symlink_to(tmp_path / "nowhere")
    (tmp_path / "device.csv").symlink_to("/dev/zero")
    (tmp_path / "folder.csv").mkdir()
    found: dict[str, list[str]] = {}

    def read_all() -> None:
        for path in sorted(tmp_path.iterdir()):
            if path.suffix == ".csv" and path != real:
                found[path.name] = codes(refusal(path))

    reader = threading.Thread(target=read_all, daemon=True)
    reader.start()
    reader.join(20)
    assert not reader.is_alive(), f"waits for one after {list(found)}"
    assert sorted(found) == ["device.csv", "folder.csv", "link.csv", "lost.csv", "pipe.csv"]
    assert all(said == ["not-a-regular-file"] for said in found.values())


def test_row_42_a_file_that_grows_or_shrinks_while_it_is_read_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from evaluation.waves.readers import opening

    file = tmp_path / "a.csv"
    wave_frame(people=50).to_csv(file, index=False)
    size = opening._regular_size
    for other in (-1, 1):
        with monkeypatch.context() as patch:
            patch.setattr(opening, "_regular_size", lambda path, name, other=other: size(path, name) + other)
            assert codes(refusal(file)) == ["file-changed"]


def test_row_44_nothing_in_the_program_reads_pickles() -> None:
    """Row 44: refused by first bytes (tests/waves/test_bad_inputs.py), and no module could read one if it came through."""
    root = Path(__file__).resolve().parents[3]
    reads = re.compile(r"^\s*(import|from) (pickle|cPickle|dill|joblib|shelve|marshal)\b|read_pickle|allow_pickle=True|pyreadr", re.M)
    files = [*(root / "evaluation").rglob("*.py"), *(root / "dashboards").rglob("*.py")]
    assert len(files) > 200
    assert [str(path) for path in files if reads.search(path.read_text(encoding="utf-8"))] == []
