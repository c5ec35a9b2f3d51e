"""An erasure finds a person in received files by their cells: whatever the format, and nobody else's file goes with it.

Source: privacy goal P2 of docs/disclosure.md. Ids are numbers here, because numbers stand in no byte of a binary file as they
are typed, and because every file of answers holds small ones.
"""

import gzip
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pyreadstat
import pytest
import xlsxwriter

from evaluation.audit_log import Entry
from evaluation.protocol.documents import read_documents
from evaluation.study import Study
from evaluation.waves.erase import erase
from evaluation.waves.received import Copies, copies_of
from evaluation.waves.storage.loading import LOADED
from tests.studies import tiny_study
from tests.waves.storing import ACTOR

PERSON, NOBODY = 10482, 10483
ANSWERS = pd.DataFrame({"respondent": [10481, PERSON, 10490], "lived_1": [1, 2, 5], "strain_1": [4, 4, 1]})
SEMICOLONS = """\
mapping: supplier
version: 1
reviewed_by: A Person
population: staff
file: {format: csv, delimiter: ";", encoding: cp1252, leave_out: {Status: [Preview]}}
organisation: {constant: P1}
respondent: {column: Nummer}
groups: {staff_group: {constant: Nursing}}
items:
  Q1: {item: lived_1}
drop: [Status, Name]
"""


@pytest.fixture
def study(tmp_path: Path) -> Study:
    study = Study(tiny_study(tmp_path / "study"))
    study.inbox.mkdir()
    return study


def found(study: Study, respondent: object, entries: tuple[Entry, ...] = ()) -> Copies:
    return copies_of(study, read_documents(study.root), "staff", str(respondent), (), entries)


def workbook(path: Path) -> None:
    """A cover with merged cells, a sheet without cells, and the answers on a hidden sheet."""
    with xlsxwriter.Workbook(path) as book:
        cover, _, hidden = (book.add_worksheet(name) for name in ("Cover", "Empty", "Answers"))
        cover.merge_range("A1:C1", "Staff survey")
        cover.merge_range("A3:C3", "Supplier")
        hidden.hide()
        for place, row in enumerate([list(ANSWERS.columns), *ANSWERS.to_numpy().tolist()]):
            hidden.write_row(place, 0, row)


WRITTEN: dict[str, Callable[[Path], None]] = {
    "a.sav": lambda path: pyreadstat.write_sav(ANSWERS, str(path)),
    "a.zsav": lambda path: pyreadstat.write_sav(ANSWERS, str(path), compress=True),
    "a.dta": lambda path: pyreadstat.write_dta(ANSWERS, str(path)),
    "a.parquet": lambda path: ANSWERS.to_parquet(path, compression="zstd"),
    "a.xlsx": workbook,
    "a.csv": lambda path: ANSWERS.to_csv(path, index=False),
    "a.csv.gz": lambda path: ANSWERS.to_csv(path, index=False),
    "a.tsv": lambda path: ANSWERS.to_csv(path, index=False, sep="\t", encoding="utf-16"),
    "b.csv": lambda path: ANSWERS.assign(name="Zoë").to_csv(path, index=False, encoding="cp1252"),
}


@pytest.mark.parametrize("name", WRITTEN)
def test_a_numeric_id_is_found_in_every_format_and_its_neighbour_is_not(name: str, study: Study) -> None:
    WRITTEN[name](study.inbox / name)
    assert found(study, PERSON) == Copies((f"inbox/{name}",), ())
    assert found(study, NOBODY) == Copies((), ())


def test_an_id_as_short_as_an_answer_takes_no_file_of_answers_with_it(study: Study) -> None:
    ANSWERS.to_csv(study.inbox / "a.csv", index=False)
    workbook(study.inbox / "a.xlsx")
    assert found(study, 1) == found(study, "104") == Copies((), ())
    ANSWERS.assign(respondent=[1, 2, 3]).to_csv(study.inbox / "b.csv", index=False)
    assert found(study, 1) == Copies(("inbox/b.csv",), ())


def test_where_no_column_is_known_every_cell_may_name_somebody(study: Study) -> None:
    pd.DataFrame({"staff number": [1, 2], "says": ["a", "b"]}).to_csv(study.inbox / "strange.csv", index=False)
    assert found(study, 2) == Copies(("inbox/strange.csv",), ())


def test_a_mapping_says_how_a_copy_is_written_and_rows_that_it_leaves_out_are_searched_too(study: Study) -> None:
    study.mappings.mkdir()
    (study.mappings / "supplier.yaml").write_text(SEMICOLONS, encoding="utf-8")
    rows = "Nummer;Name;Status;Q1\n7;Müller, A, B;Preview;3\n8;Maß, C;Done;4\n"
    (study.inbox / "a.csv").write_text(rows, encoding="cp1252")
    assert found(study, 7) == found(study, 8) == Copies(("inbox/a.csv",), ())
    assert found(study, 3) == Copies((), ())


def test_what_nobody_can_read_goes_whoever_is_asked_for_and_is_told(study: Study) -> None:
    (study.inbox / "damaged.xlsx").write_bytes(b"PK\x03\x04 and no workbook")
    (study.inbox / ".0123abcd").write_bytes(b"half a copy")
    (study.inbox / "unpacked").mkdir()
    (study.inbox / "unpacked" / "ragged.csv").write_text("a,b\n1,2\n3\n")
    (study.inbox / "packed.csv.gz").write_bytes(gzip.compress(b"respondent,lived_1\nx,1\n")[:-9])
    ANSWERS.to_csv(study.inbox / "without header.csv", index=False, header=False)
    ANSWERS.to_csv(study.inbox / "a.csv", index=False)
    names = (".0123abcd", "damaged.xlsx", "packed.csv.gz", "unpacked/ragged.csv", "without header.csv")
    gone = tuple(f"inbox/{name}" for name in names)
    assert found(study, PERSON) == Copies(("inbox/a.csv",), gone)
    assert found(study, NOBODY) == Copies((), gone)
    assert erase(study, "staff", str(NOBODY), actor=ACTOR).unreadable == 5
    assert [path.name for path in study.inbox.rglob("*") if path.is_file()] == ["a.csv"]
    assert erase(study, "staff", str(NOBODY), actor=ACTOR).unreadable == 0


def test_a_file_that_was_loaded_for_another_population_only_is_passed_over(study: Study) -> None:
    ANSWERS.to_csv(study.inbox / "a.csv", index=False)
    (study.inbox / "b.xlsx").write_bytes(b"nothing to be read")
    loads = tuple(loaded(name, "patients") for name in ("a.csv", "b.xlsx"))
    assert found(study, PERSON, loads) == Copies((), ())
    assert found(study, PERSON, (*loads, loaded("a.csv", "staff"))) == Copies(("inbox/a.csv",), ())


def loaded(name: str, population: str) -> Entry:
    facts = {"kept_as": name, "population": population, "wave": "baseline", "organisations": ["P1"]}
    return Entry(1, "2026-01-01", LOADED, ACTOR, facts, "", "")
