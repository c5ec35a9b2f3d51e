"""`pilot new`, `freeze`, `amend` and `schema`: documents come whole, are sealed, and are described by schemas."""

import json
from importlib.resources import files
from pathlib import Path

import pytest

from evaluation.audit_log import verify
from evaluation.cli.main import main
from evaluation.cli.new_study import templates
from evaluation.protocol.documents import read_documents
from evaluation.study import Study
from tests.conftest import REPOSITORY
from tests.studies import tiny_wave
from tests.waves.storing import study_in, tree

Told = pytest.CaptureFixture[str]


def test_the_worked_study_is_the_default_and_is_a_valid_plan(tmp_path: Path, capsys: Told) -> None:
    assert main(["new", str(tmp_path / "mine"), "--json"]) == 0
    record = json.loads(capsys.readouterr().out)
    assert record["template"] == "values-pilot"
    assert "protocol.yaml" in record["documents"]
    assert read_documents(tmp_path / "mine").protocol.protocol == "values_pilot"
    assert [entry.act for entry in verify(tmp_path / "mine" / "audit.jsonl")] == ["study begun"]


def test_the_key_is_made_outside_the_study(tmp_path: Path, own_key: Path) -> None:
    assert main(["new", str(tmp_path / "mine")]) == 0
    assert own_key.is_file()
    assert not list((tmp_path / "mine").rglob(own_key.name))


@pytest.mark.parametrize("name", templates())
def test_every_template_comes_whole(name: str, tmp_path: Path) -> None:
    assert main(["new", str(tmp_path / "mine"), "--template", name]) == 0
    shipped = {
        str(path.relative_to(REPOSITORY / "protocols" / name))
        for path in (REPOSITORY / "protocols" / name).rglob("*.*")
        if path.is_file()
    }
    assert {name for name in tree(tmp_path / "mine") if name != "audit.jsonl"} == shipped
    assert "yaml-language-server" not in (tmp_path / "mine" / "protocol.yaml").read_text(encoding="utf-8")


def test_policies_are_no_template() -> None:
    assert "policies" not in templates()
    assert (files("protocols") / "policies").is_dir()


def test_an_unknown_template_is_refused_with_the_nearest(tmp_path: Path, capsys: Told) -> None:
    assert main(["new", str(tmp_path / "mine"), "--template", "value-pilot"]) == 2
    assert "did you mean 'values-pilot'?" in capsys.readouterr().err
    assert not (tmp_path / "mine").exists()


def test_nothing_is_ever_written_over(tmp_path: Path, capsys: Told) -> None:
    (tmp_path / "mine").mkdir()
    assert main(["new", str(tmp_path / "mine")]) == 0
    before = tree(tmp_path)
    assert main(["new", str(tmp_path / "mine")]) == 2
    assert "is there and not empty" in capsys.readouterr().err
    assert tree(tmp_path) == before


def test_a_study_is_drafted_from_a_data_file(tmp_path: Path, capsys: Told) -> None:
    file = tiny_wave(tmp_path, "baseline", people=6)
    assert main(["new", str(tmp_path / "drafted-study"), "--from", str(file)]) == 0
    told = capsys.readouterr().out
    assert "documents, drafted from a data file." in told
    assert "Decide those, then: pilot check" in told
    assert "title: Drafted study" in (tmp_path / "drafted-study" / "protocol.yaml").read_text(encoding="utf-8")


def test_a_file_that_cannot_be_read_drafts_nothing(tmp_path: Path) -> None:
    (tmp_path / "empty.csv").write_bytes(b"")
    assert main(["new", str(tmp_path / "mine"), "--from", str(tmp_path / "empty.csv")]) == 3
    assert [path.name for path in tmp_path.iterdir()] == ["empty.csv"]


def test_the_empty_workbook_is_written_once(tmp_path: Path) -> None:
    assert main(["new", "--workbook", str(tmp_path / "study.xlsx")]) == 0
    assert main(["new", "--workbook", str(tmp_path / "study.xlsx")]) == 2
    assert main(["new", "--workbook", str(tmp_path / "study.ods")]) == 2


def test_a_folder_must_be_named() -> None:
    assert main(["new"]) == 2


def test_a_plan_is_sealed_and_amended_with_its_reason(tmp_path: Path, capsys: Told) -> None:
    study = study_in(tmp_path)
    assert main(["freeze", str(study.root), "--json"]) == 0
    seal = json.loads(capsys.readouterr().out)
    assert (seal["number"], seal["reason"], len(seal["hash"])) == (1, None, 64)
    assert main(["amend", str(study.root), "--reason", "nothing changed"]) == 2
    text = study.protocol_file.read_text(encoding="utf-8")
    study.protocol_file.write_text(text.replace("0.3 points", "0.2 points"), encoding="utf-8")
    assert main(["freeze", str(study.root)]) == 4
    assert main(["amend", str(study.root)]) == 2
    capsys.readouterr()
    assert main(["amend", str(study.root), "--reason", "a smaller change matters", "--as", "Ann Example"]) == 0
    assert capsys.readouterr().out.startswith("Plan 2 sealed: ")
    assert Study(study.root).frozen.joinpath("plan-2.json").is_file()


def test_schemas_are_written_and_the_shipped_ones_are_not_stale(tmp_path: Path, capsys: Told) -> None:
    assert main(["schema", "--write", str(tmp_path), "--json"]) == 0
    written = {Path(path).name for path in json.loads(capsys.readouterr().out)["written"]}
    assert {"protocol.schema.json", "simulation.schema.json", "release.schema.json"} <= written
    shipped = {file.name: file.read_bytes() for file in (REPOSITORY / "data_schemas").iterdir() if file.is_file()}
    assert {name: (tmp_path / name).read_bytes() for name in written}.items() <= shipped.items(), "run: make schema"


def test_the_list_of_documents_says_what_each_is(capsys: Told) -> None:
    assert main(["schema"]) == 0
    assert "mappings/*.yaml\n  One source file's reading" in capsys.readouterr().out
