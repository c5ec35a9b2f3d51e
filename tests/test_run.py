"""The recipe end to end on the tiny study. Source: the run's contract (what it keeps, publishes, refuses and leaves in place)."""

import json
import shutil
from pathlib import Path

import pytest

import evaluation as ev
from evaluation import audit_log
from evaluation.errors import BusyError, DesignError, IntegrityError, ProtocolError
from evaluation.findings import ledger
from evaluation.release.publish import read_release
from evaluation.run import run
from evaluation.study import Study, writing
from tests.release.loaded import load_waves, loaded_study

TRUTH = 0.5


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The study loaded once; each test runs a copy of its own."""
    return loaded_study(tmp_path_factory.mktemp("stored") / "tiny", waves=("baseline", "month_12")).root


@pytest.fixture
def study(stored: Path, tmp_path: Path) -> Study:
    return Study(Path(shutil.copytree(stored, tmp_path / "tiny")))


def test_a_run_gives_findings_a_kept_result_and_a_preview_of_the_same_id(study: Study) -> None:
    told: list[tuple[int, int, str]] = []
    findings = run(study, lambda *step: told.append(step))
    assert [step for step, _, _ in told] == [1, 2, 3, 4, 5] and {of for _, of, _ in told} == {5}
    kept = ledger.find(study.results, "R-0001")
    preview = read_release(study.releases / "preview")
    assert findings.result_id == kept.id == preview.result_id
    assert preview.findings[0].sentence == findings.items[0].sentence == kept.content["findings"]["findings"][0]["sentence"]
    assert audit_log.verify(study.audit_file)[-1].details == {"result": kept.id, "number": "R-0001"}


def test_the_same_answers_give_the_same_result_and_number_however_it_is_run(study: Study) -> None:
    headline = run(study).items[0].headline
    assert headline.conf_low is not None and headline.conf_high is not None
    assert headline.conf_low < TRUTH * 10 / 4 < headline.conf_high  # half an answer of four steps, on a scale of ten points
    assert ev.run(study).result_id == ev.run(str(study.root)).result_id
    (kept,) = ledger.all_results(study.results)
    assert kept.content["plan"] == ev.read_documents(study.root).fingerprint
    assert kept.content["seed"] == 20250120 and kept.content["store"] == {"staff": 2}
    assert set(kept.environment) == {"program", "python", "machine", "libraries", "made"}


def test_without_any_wave_there_is_nothing_to_evaluate(tmp_path: Path) -> None:
    study = loaded_study(tmp_path, waves=())
    with pytest.raises(DesignError, match="no wave has been loaded"):
        run(study)
    assert not study.results.exists() and not study.releases.exists()


def test_with_only_a_baseline_the_board_sees_when_a_result_is_due(tmp_path: Path) -> None:
    study = loaded_study(tmp_path, waves=("baseline",))
    assert not run(study).any_estimated
    preview = read_release(study.releases / "preview")
    assert {finding.verdict for finding in preview.findings} == {"Not yet evaluable"}
    assert preview.decision.plan_says == "it cannot be told yet"


def test_a_watched_wave_gives_a_number_so_far_and_no_verdict(tmp_path: Path) -> None:
    study = loaded_study(tmp_path, waves=("baseline", "month_6"))
    first = run(study).items[0]
    assert first.verdict.words == "Not yet evaluable"
    assert "So far, at 6 months, the difference was +" in first.sentence
    load_waves(study, ("month_12",))
    second = run(study)
    assert second.result_number == "R-0002" and second.items[0].verdict.words.startswith("Improved more than comparison")
    assert read_release(study.releases / "preview").since_last[0].startswith("Staff: 480 more answers.")


def test_simulated_data_say_so_in_every_output(study: Study) -> None:
    study.simulated_file.write_text(json.dumps({"seed": 1, "sentence": "These organisations do not exist."}), encoding="utf-8")
    findings = run(study)
    assert "These organisations do not exist." in findings.summary()
    assert read_release(study.releases / "preview").study.simulated == "These organisations do not exist."
    assert ledger.find(study.results, "R-0001").content["findings"]["simulated"] == "These organisations do not exist."


def test_a_failed_run_leaves_the_last_result_and_preview_in_place(study: Study) -> None:
    run(study)
    before = {path: path.read_bytes() for path in (*study.results.rglob("*.json"), *study.releases.rglob("*.json"))}
    text = study.protocol_file.read_text()
    study.protocol_file.write_text(text.replace("measure: lived_values,", "measure: lived_value,"))
    with pytest.raises(ProtocolError):
        run(study)
    study.protocol_file.write_text(text)
    data = next(study.store.rglob("*.parquet"))
    data.write_bytes(data.read_bytes()[:-1] + b"x")
    with pytest.raises(IntegrityError):
        run(study)
    assert {path: path.read_bytes() for path in (*study.results.rglob("*.json"), *study.releases.rglob("*.json"))} == before


def test_a_run_waits_for_no_other_writer(study: Study) -> None:
    with writing(study, "a load"), pytest.raises(BusyError, match="a load"):
        run(study)


def test_people_behind_the_release_cannot_be_counted_one_by_one(tmp_path: Path) -> None:
    releases = []
    for place, people in (("a", {"P3": 7}), ("b", {"P3": 6})):
        study = loaded_study(tmp_path / place, waves=("baseline",), people=people)
        run(study)
        releases.append([cell for cell in read_release(study.releases / "preview").cells if cell.level == "unit"])
    assert releases[0] == releases[1]


def test_every_public_name_is_there_when_it_is_asked_for() -> None:
    assert all(getattr(ev, name) is not None for name in dir(ev))
    assert ev.random_effects.__module__ == "evaluation.inference.random_effects"
