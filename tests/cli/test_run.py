"""`pilot run` and `pilot results`. Source: the command-line contract (exit codes, --json, sentences on stdout)."""

import json
import shutil
from pathlib import Path

import pytest

from evaluation.cli.main import main
from evaluation.study import Study
from evaluation.terms import RESULT_COLUMNS
from tests.release.loaded import loaded_study

Told = pytest.CaptureFixture[str]


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The study loaded and run once; each test works on a copy of its own."""
    study = loaded_study(tmp_path_factory.mktemp("stored") / "tiny", waves=("baseline", "month_12"))
    assert main(["run", str(study.root)]) == 0
    return study.root


@pytest.fixture
def study(stored: Path, tmp_path: Path) -> Study:
    return Study(Path(shutil.copytree(stored, tmp_path / "tiny")))


def test_run_prints_sentences_and_keeps_progress_apart(study: Study, capsys: Told) -> None:
    assert main(["run", str(study.root)]) == 0
    told = capsys.readouterr()
    assert "R-0001 (r-" in told.out and "Staff in pilot organisations see values lived more than before" in told.out
    assert "The plan says:" in told.out
    assert told.err.startswith("[1/5] reading the plan") and "[5/5]" in told.err


def test_run_with_json_prints_one_document_with_every_estimate(study: Study, capsys: Told) -> None:
    assert main(["run", str(study.root), "--json", "--as", "Ann"]) == 0
    record = json.loads(capsys.readouterr().out)
    assert record["result_number"] == "R-0001"
    assert set(record["findings"][0]["estimates"][0]) == set(RESULT_COLUMNS)
    assert record["decision"]["asks"] == "extend the pilot?"


def test_run_exits_with_5_when_no_question_could_be_estimated(tmp_path: Path, capsys: Told) -> None:
    study = loaded_study(tmp_path / "tiny", waves=("baseline",))
    assert main(["run", str(study.root)]) == 5
    assert "Not yet evaluable" in capsys.readouterr().out


def test_run_exits_with_5_and_names_the_way_on_when_nothing_is_loaded(tmp_path: Path, capsys: Told) -> None:
    study = loaded_study(tmp_path / "tiny", waves=())
    assert main(["run", str(study.root)]) == 5
    assert "pilot wave load" in capsys.readouterr().err
    assert main(["results", "list", str(study.root)]) == 0
    assert "no result yet" in capsys.readouterr().out


def test_results_are_listed_and_shown_by_number_and_id(study: Study, capsys: Told) -> None:
    assert main(["results", "list", str(study.root), "--json"]) == 0
    (line,) = json.loads(capsys.readouterr().out)["results"]
    assert line["number"] == "R-0001"
    shown = []
    for name in ("R-0001", line["id"]):
        assert main(["results", "show", str(study.root), name]) == 0
        shown.append(capsys.readouterr().out)
    assert shown[0] == shown[1] and "Values lived: Improved more than comparison" in shown[0] and "seed 20250120" in shown[0]
    assert main(["results", "show", str(study.root), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["content"]["findings"]["findings"][0]["estimand"] == "lived_values_change"


def test_a_result_that_is_not_there_is_a_usage_error(study: Study, capsys: Told) -> None:
    assert main(["results", "show", str(study.root), "R-0042"]) == 2
    assert "no result 'R-0042'" in capsys.readouterr().err


def test_a_changed_result_is_refused_with_exit_4(study: Study, capsys: Told) -> None:
    file = study.results / "R-0001" / "result.json"
    file.write_text(file.read_text().replace('"seed": 20250120', '"seed": 20250121'))
    assert main(["results", "show", str(study.root)]) == 4
    assert "not what was written" in capsys.readouterr().err
