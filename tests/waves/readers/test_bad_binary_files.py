"""The table of bad inputs for files that are not text: limits are checked before anything is read. Numbers are the table's rows."""

import gzip
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pyreadstat
import pytest

from evaluation.errors import WaveError
from evaluation.waves.readers import read_file
from evaluation.waves.readers.header import COLUMN_LIMIT
from evaluation.waves.readers.opening import FILE_LIMIT

ENDINGS = (".sav", ".zsav", ".por", ".dta", ".parquet", ".xls", ".ods", ".xlsx")
WIDE = pd.DataFrame({f"c{place}": [1.0] for place in range(COLUMN_LIMIT + 1)})


def code(path: Path) -> str:
    with pytest.raises(WaveError) as caught:
        read_file(path)
    problem = caught.value.problems[0]
    assert problem.where and problem.fix
    return problem.code


@pytest.mark.parametrize("ending", ENDINGS)
def test_31_a_file_over_the_size_limit_is_refused_before_it_is_read(tmp_path: Path, ending: str) -> None:
    with (tmp_path / f"a{ending}").open("wb") as stream:
        stream.truncate(FILE_LIMIT + 1)
    assert code(tmp_path / f"a{ending}") == "file-too-large"


@pytest.mark.parametrize("ending", [".sav", ".dta", ".parquet"])
def test_33_more_columns_than_the_limit_are_refused(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"a{ending}"
    if ending == ".parquet":
        pq.write_table(pa.Table.from_pandas(WIDE), path)
    else:
        {".sav": pyreadstat.write_sav, ".dta": pyreadstat.write_dta}[ending](WIDE, str(path))
    assert code(path) == "too-many-columns"


@pytest.mark.parametrize("ending", ENDINGS)
def test_42_links_and_folders_are_refused(tmp_path: Path, ending: str) -> None:
    (tmp_path / "real.bin").write_bytes(b"$FL2@(#)")
    (tmp_path / f"link{ending}").symlink_to(tmp_path / "real.bin")
    (tmp_path / f"folder{ending}").mkdir()
    assert code(tmp_path / f"link{ending}") == code(tmp_path / f"folder{ending}") == "not-a-regular-file"


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("content", [b"\x80\x04\x95pickled", b"\x93NUMPY\x01\x00", gzip.compress(b"RDX3\nX\n", mtime=0), b"<html></html>", b"%PDF-1.7"])
def test_44_what_is_something_else_is_refused_by_its_first_bytes(tmp_path: Path, ending: str, content: bytes) -> None:
    (tmp_path / f"a{ending}").write_bytes(content)
    assert code(tmp_path / f"a{ending}") == "not-this-format"


@pytest.mark.parametrize("ending", ENDINGS)
def test_1_a_file_without_bytes_is_empty(tmp_path: Path, ending: str) -> None:
    (tmp_path / f"a{ending}").touch()
    assert code(tmp_path / f"a{ending}") == "file-empty"
