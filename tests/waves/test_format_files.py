"""Every file of the folders of real exports is proposed, read and mapped as the table says, or refused for the one reason it names."""

import csv
import gzip
import io
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pyreadstat
import pytest
from ruamel.yaml import YAML

from evaluation.errors import WaveError
from evaluation.protocol.mapping import FileForm
from evaluation.waves.drafts.mapping import draft_from_table
from evaluation.waves.readers import READERS, read_file
from evaluation.waves.readers.recognise import recognised
from tests.conftest import REPOSITORY
from tests.waves.format_files import FILES, FOLDERS, FormatFile
from tests.waves.formats_page import DECLARED, PAGE, page
from tests.waves.intake_study import tiny

LOADED = [file for file in FILES if not file.refused]


def named(file: FormatFile) -> str:
    return f"{file.folder}/{file.name}"


@pytest.mark.parametrize("file", LOADED, ids=named)
def test_a_file_is_proposed_and_read_as_the_table_says(file: FormatFile, shared_data: Callable[[str], Path]) -> None:
    path, form = shared_data(file.folder) / file.name, FileForm.model_validate(file.form)
    told = FileForm(format="excel", sheet=form.sheet) if form.sheet else None
    assert recognised(path, told).form == form
    table = read_file(path, form)
    cells = sum(len(column) - column.null_count() for column in table.frame)
    assert (*table.frame.shape, cells) == (file.rows, file.columns, file.cells)
    assert (len(table.labels), len(table.value_labels)) == (file.labels, file.value_labels)
    assert len(table.rows) == file.rows and table.rows.is_sorted()


@pytest.mark.parametrize("file", [file for file in LOADED if file.name.endswith((".csv", ".csv.gz"))], ids=named)
def test_text_files_hold_as_many_rows_and_cells_as_the_csv_module_counts(file: FormatFile, shared_data: Callable[[str], Path]) -> None:
    path = shared_data(file.folder) / file.name
    data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    rows = [row for row in csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")) if row]
    deep = int(file.form.get("header_rows", 3)) if file.form["format"] == "qualtrics" else 1
    filled = sum(bool(cell.strip(" \u00a0")) for row in rows[deep:] for cell in row)
    assert (len(rows) - deep, sum(bool(cell) for cell in rows[0])) == (file.rows, file.columns)
    assert filled + file.changed == file.cells


@pytest.mark.parametrize("file", [file for file in LOADED if file.folder == "format_spss"], ids=named)
def test_spss_files_hold_as_many_cells_as_pandas_counts(file: FormatFile, shared_data: Callable[[str], Path]) -> None:
    path = shared_data(file.folder) / file.name
    frame = pyreadstat.read_por(path)[0] if path.suffix == ".por" else pyreadstat.read_sav(path, user_missing=True)[0]
    filled = int((frame.notna() & (frame != "")).sum().sum())
    assert (*frame.shape, filled) == (file.rows, file.columns, file.cells)


def test_the_real_table_in_parquet_holds_as_many_cells_as_pandas_counts(shared_data: Callable[[str], Path]) -> None:
    (file,) = [one for one in LOADED if one.form["format"] == "parquet"]
    frame = pd.read_parquet(shared_data(file.folder) / file.name)
    assert (*frame.shape, int(frame.notna().sum().sum())) == (file.rows, file.columns, file.cells)


@pytest.mark.parametrize("file", LOADED, ids=named)
def test_a_mapping_is_drafted_that_reads_drops_or_ignores_every_column(file: FormatFile, shared_data: Callable[[str], Path]) -> None:
    table = read_file(shared_data(file.folder) / file.name, FileForm.model_validate(file.form))
    draft = YAML(typ="safe").load(draft_from_table(table, tiny()[0], {"P1": "First", "P2": "Second"}, "staff"))
    keys = [draft.get(key) for key in ("organisation", "wave", "unit", "arm", "respondent", "answered_on", "base")]
    sources = [*keys, *(draft.get("groups") or {}).values()]
    said = [source["column"] for source in sources if source and "column" in source]
    said += [*draft["items"], *(draft.get("drop") or ()), *(draft.get("ignore") or ())]
    assert sorted(said) == sorted(table.frame.columns)


@pytest.mark.parametrize("file", [file for file in FILES if file.refused], ids=named)
def test_a_file_that_cannot_be_read_is_refused_for_the_one_reason_named(file: FormatFile, shared_data: Callable[[str], Path]) -> None:
    with pytest.raises(WaveError) as caught:
        read_file(shared_data(file.folder) / file.name)
    assert [problem.code for problem in caught.value.problems] == [file.refused]


@pytest.mark.parametrize("folder", FOLDERS)
def test_the_table_names_every_file_of_a_folder(folder: str, shared_data: Callable[[str], Path]) -> None:
    held = {path.name for path in shared_data(folder).iterdir() if path.suffix != ".md"}
    assert held == {file.name for file in FILES if file.folder == folder}


@pytest.mark.parametrize("block", [block for _, block, _ in DECLARED])
def test_a_block_that_the_page_shows_is_one_that_a_mapping_may_hold(block: str) -> None:
    assert FileForm.model_validate(YAML(typ="safe").load(block)).format in READERS


def test_nine_in_ten_files_load_and_the_page_says_how_many(shared_data: Callable[[str], Path]) -> None:
    loaded = sum(loads(shared_data(file.folder) / file.name, file) for file in FILES)
    assert loaded / len(FILES) >= 0.9 and f"{loaded} of {len(FILES)} files load." in page()


def loads(path: Path, file: FormatFile) -> bool:
    """Whether a file can be read, as the table says it is written or else by its name."""
    try:
        read_file(path, FileForm.model_validate(file.form) if file.form else None)
    except WaveError:
        return False
    return True


def test_the_page_of_formats_is_todays() -> None:
    assert (REPOSITORY / PAGE).read_text(encoding="utf-8") == page(), "the page is stale: run `python -m tests.waves.formats_page`"
