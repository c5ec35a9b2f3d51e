"""Files under a workbook's name that are none, as web pages and old programs write them: refused by what they are, with the way in."""

from pathlib import Path

import pytest

from evaluation.errors import Problem, WaveError
from evaluation.protocol.mapping import FileForm
from evaluation.waves.readers import read_file

TABS = "organisation\trespondent\tlived_1\nP1\ta\t4\nP1\tb\t5\n"
PAGE = "<table><tr><th>organisation</th></tr><tr><td>P1</td></tr></table>"
SHEET = '<?xml version="1.0"?>\n<?mso-application progid="Excel.Sheet"?>\n<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"></Workbook>'


def problem(file: Path, content: str | bytes) -> Problem:
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(WaveError) as caught:
        read_file(file)
    (found,) = caught.value.problems
    assert found.code == "not-this-format" and "not what its name says" in found.what
    return found


@pytest.mark.parametrize("name", ["a.xls", "a.xlsx", "A.XLS"])
@pytest.mark.parametrize(("content", "what", "ending"), [
    (TABS, "text parted by tabs", ".tsv"), ("\ufeff" + TABS, "text parted by tabs", ".tsv"), (TABS.encode("utf-16"), "text parted by tabs", ".tsv"),
    (TABS.replace("\t", ";"), "text parted by semicolons", ".csv"), ("\n\n" + TABS.replace("\t", ","), "text parted by commas", ".csv"),
    (TABS.replace("a", "\u00e9").encode("cp1252"), "text parted by tabs", ".tsv"),
])  # fmt: skip
def test_text_is_named_by_what_parts_it_with_the_ending_that_reads_it(tmp_path: Path, name: str, content: str | bytes, what: str, ending: str) -> None:
    found = problem(tmp_path / name, content)
    assert what in found.what and f"give it the ending {ending}" in found.fix and "'file: {format: csv" in found.fix


def test_what_the_refusal_advises_reads_the_file(tmp_path: Path) -> None:
    file = tmp_path / "a.xls"
    assert r'{format: csv, delimiter: "\t"}' in problem(file, TABS).fix
    declared = read_file(file, FileForm(format="csv", delimiter="\t"))
    renamed = read_file(file.rename(tmp_path / "a.tsv"))
    assert declared.frame.equals(renamed.frame) and renamed.frame.shape == (2, 3)


@pytest.mark.parametrize(("content", "what"), [
    (f"<html><body>{PAGE}</body></html>", "a web page (HTML)"), (PAGE, "a web page (HTML)"), (f"\r\n<!DOCTYPE html>{PAGE}", "a web page (HTML)"),
    ('<meta http-equiv="content-type" content="text/html">' + PAGE, "a web page (HTML)"), ("MIME-Version: 1.0\nContent-Type: multipart/related\n\n" + PAGE, "(MHTML)"),
    (SHEET, "a workbook written as XML (Excel 2003)"),
])  # fmt: skip
def test_pages_and_old_xml_are_named_and_are_to_be_saved_as_a_workbook(tmp_path: Path, content: str, what: str) -> None:
    found = problem(tmp_path / "a.xls", content)
    assert what in found.what and "save it as .xlsx" in found.fix


@pytest.mark.parametrize("content", [b"\x01\x00\x02\x00binary,\x00", b"one column\n", b"<note><to/></note>"])
def test_what_cannot_be_told_is_refused_as_any_other_file_is(tmp_path: Path, content: bytes) -> None:
    assert "export the answers again" in problem(tmp_path / "a.xls", content).fix


@pytest.mark.parametrize("name", ["a.dta", "a.parquet"])
def test_text_under_other_names_is_told_without_advice_for_workbooks(tmp_path: Path, name: str) -> None:
    found = problem(tmp_path / name, TABS)
    assert f"'{name}' is text, not what its name says" in found.what and ".tsv" not in found.fix
