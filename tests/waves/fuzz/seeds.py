"""Small good files in every format, from which bad ones are made."""

import io
import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pyreadstat
import xlsxwriter

from tests.conftest import REAL_DATA
from tests.waves.format_files import FILES

CODES = pd.DataFrame({"q": [1.0, 2.0, None, 9.0] * 5, "x": [0.5, 1e6, -3.25, None] * 5, "t": ["007", "", "ä b", "c"] * 5})
LABELS = {"q": {1: "Disagree", 2: "Agree", 9: "Refused"}}
TEXT = 'id,group,note\n1,north,"a, ""b"""\n2,south,\n3,,"two\nlines"\n'
QUALTRICS = 'StartDate,Status,Q1,Q1\nStart,Status,How?,How? - Text\n"{""ImportId"":""a""}","{""ImportId"":""b""}","{""ImportId"":""c""}","{""ImportId"":""d""}"\n2025-10-07,0,4,\n'
LIMESURVEY = (
    '"id. Response ID","lastpage. Last page","B1[SQ1]. Paid? [a]","B1[SQ2]. Paid? [b]"\n"1","3","Y",""\n"2","1","N/A","N/A"\n'
)
REDCAP = "record_id,redcap_event_name,redcap_repeat_instrument,q1,help___1,help___2,form_complete,s_timestamp\n1,base_arm_1,,4,1,0,2,[not completed]\n1,base_arm_1,visit,,0,0,,\n"
ODS = (
    b'<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    b'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0">'
    b'<office:body><office:spreadsheet><table:table table:name="S"><table:table-row>'
    b'<table:table-cell office:value-type="string"><text:p>a</text:p></table:table-cell>'
    b'<table:table-cell table:number-columns-repeated="1" office:value-type="float" office:value="4"><text:p>4</text:p></table:table-cell>'
    b"</table:table-row></table:table></office:spreadsheet></office:body></office:document-content>"
)


@dataclass(frozen=True)
class Seed:
    """A good file: its ending, its bytes, and the form under which it is read."""

    ending: str
    data: bytes
    form: dict[str, Any] = field(default_factory=dict)


def _written(ending: str, write: Callable[[str], object]) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"seed{ending}"
        write(str(path))
        return path.read_bytes()


def _workbook(rows: list[list[Any]]) -> bytes:
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, {"in_memory": True}) as book:
        sheet = book.add_worksheet("Data")
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    return stream.getvalue()


def _open_document() -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", ODS)
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
    return stream.getvalue()


def _parquet(*, checksum: bool) -> bytes:
    stream = io.BytesIO()
    table = pa.table({"q": [1, 2, None] * 9, "t": ["a", None, "ä"] * 9, "g": pa.array(["n", "s", "n"] * 9).dictionary_encode()})
    pq.write_table(table, stream, write_page_checksum=checksum, row_group_size=10)
    return stream.getvalue()


def _old_workbooks() -> list[Seed]:
    """Old Excel files cannot be written here; a real one is taken where it is at hand."""
    real = [(REAL_DATA / file.folder / file.name, file.form) for file in FILES if file.name.endswith(".xls")]
    return [Seed(".xls", path.read_bytes(), form) for path, form in real if path.exists()]


def _spss() -> list[Seed]:
    form = {"format": "spss"}
    plain = _written(
        ".sav", lambda path: pyreadstat.write_sav(CODES, path, variable_value_labels=LABELS, missing_ranges={"q": [9]})
    )
    packed = _written(".zsav", lambda path: pyreadstat.write_sav(CODES, path, compress=True))
    portable = _written(".por", lambda path: pyreadstat.write_por(CODES.rename(columns=str.upper).replace("ä b", "a b"), path))
    return [Seed(".sav", plain, form), Seed(".zsav", packed, form), Seed(".por", portable, form)]


def _stata() -> list[Seed]:
    return [
        Seed(".dta", _written(".dta", lambda path, v=version: pyreadstat.write_dta(CODES, path, version=v, variable_value_labels=LABELS)), {"format": "stata"})  # type: ignore[misc]
        for version in (8, 12, 15)
    ]  # fmt: skip


def seeds() -> dict[str, list[Seed]]:
    """Good files by reader."""
    book = _workbook([["id", "g"], ["007", 4], ["1", 3.5], ["x", True]])
    grid = _workbook([["StartDate", "Q1"], ["Start", "How?"], ['{"ImportId":"a"}'] * 2])
    stacked = {"format": "csv", "header_rows": 2, "leave_out": {"id - 1": ["2"]}}
    return {
        "csv": [Seed(".csv", TEXT.encode()), Seed(".csv", TEXT.encode("utf-16")), Seed(".csv", TEXT.encode(), stacked)],
        "excel": [
            Seed(".xlsx", book), Seed(".xlsx", book, {"format": "excel", "header_rows": 2, "unnamed": "by letter"}), Seed(".ods", _open_document()), *_old_workbooks(),
        ],
        "stata": _stata(),
        "spss": _spss(),
        "parquet": [Seed(".parquet", _parquet(checksum=True)), Seed(".parquet", _parquet(checksum=False))],
        "qualtrics": [Seed(".csv", QUALTRICS.encode(), {"format": "qualtrics"}), Seed(".xlsx", grid, {"format": "qualtrics"})],
        "limesurvey": [Seed(".csv", LIMESURVEY.encode(), {"format": "limesurvey", "headers": "code and text"})],
        "redcap": [Seed(".csv", REDCAP.encode(), {"format": "redcap"})],
    }  # fmt: skip
