"""What a study is, file by file: documents, tables that the plan names, what commands made; whatever else lies there is counted."""

from pathlib import Path

import pytest

from evaluation.errors import IntegrityError
from evaluation.protocol.documents import read_documents
from evaluation.protocol.study_files import StudyFiles, study_files
from evaluation.study import Study
from tests.conftest import REPOSITORY
from tests.studies import tiny_study

HEADCOUNTS = {
    "staff: {label: Staff, linkage: pseudonym,": "staff: {label: Staff, headcounts: headcounts/staff.csv, linkage: pseudonym,"
}


@pytest.fixture
def study(tmp_path: Path) -> Study:
    """A tiny study with headcounts, a store and a result; answers lie about in seven places."""
    study = Study(tiny_study(tmp_path / "study", replace=HEADCOUNTS))
    for name in (
        *("headcounts/staff.csv", "headcounts/old.csv", "mappings/a.yaml", "mappings/a.md", "mappings/answers.csv"),
        *("answers/1.csv", "answers/deep/2.xlsx", "inbox/3.sav", "simulated/4.csv", "survey.csv", "export.json"),
        *("store/staff/_delta_log/0.json", "store/staff/wave=w/a.parquet", "results/r.json", "evidence/e.parquet"),
        *("audit.jsonl", "README.md", ".lock", ".lock.1f"),
    ):
        (study.root / name).parent.mkdir(parents=True, exist_ok=True)
        (study.root / name).touch()
    return study


def files(study: Study) -> StudyFiles:
    return study_files(study, read_documents(study.root).protocol)


def names(study: Study) -> set[str]:
    return {path.relative_to(study.root).as_posix() for path in files(study).belong}


def test_documents_named_tables_and_what_commands_made_belong_to_a_study(study: Study) -> None:
    assert names(study) == {
        *("protocol.yaml", "organisations.csv", "instruments/values.yaml", "headcounts/staff.csv", "README.md", "audit.jsonl"),
        *("mappings/a.yaml", "mappings/a.md", "store/staff/_delta_log/0.json", "store/staff/wave=w/a.parquet", "results/r.json"),
    }


def test_whatever_else_lies_there_is_counted_by_the_name_of_what_it_lies_in(study: Study) -> None:
    assert files(study).counts() == {
        "answers": 2, "evidence": 1, "export.json": 1, "headcounts": 1, "inbox": 1, "mappings": 1, "simulated": 1, "survey.csv": 1,
    }  # fmt: skip


def test_every_document_of_the_worked_study_belongs_to_it() -> None:
    study = Study(REPOSITORY / "protocols" / "values-pilot")
    found = files(study)
    assert set(found.belong) == {path for path in study.root.rglob("*") if path.is_file()}
    assert found.others == ()


@pytest.mark.parametrize(
    "link", ["store", "headcounts", "headcounts/staff.csv", "protocol.yaml", "store/staff/wave=w", "mappings"]
)
def test_a_part_that_is_a_link_to_elsewhere_is_refused_by_its_path(link: str, study: Study, tmp_path: Path) -> None:
    moved = tmp_path / "elsewhere"
    (study.root / link).rename(moved)
    (study.root / link).symlink_to(moved)
    with pytest.raises(IntegrityError, match="a link to another place") as refusal:
        files(study)
    assert {problem.where for problem in refusal.value.problems} == {link}


def test_a_link_that_leads_nowhere_is_refused_too(study: Study, tmp_path: Path) -> None:
    (study.results / "r-2.json").symlink_to(tmp_path / "gone")
    with pytest.raises(IntegrityError) as refusal:
        files(study)
    assert [problem.where for problem in refusal.value.problems] == ["results/r-2.json"]


def test_a_link_among_what_does_not_belong_is_only_counted(study: Study, tmp_path: Path) -> None:
    (study.root / "shared").symlink_to(tmp_path)
    assert files(study).counts()["shared"] == 1
