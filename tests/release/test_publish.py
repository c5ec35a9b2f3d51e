"""The release on disk. Source: the release's form; the design (written whole or not at all, the one before kept until then)."""

import json
from pathlib import Path

import pytest

from evaluation.errors import MachineError, ReleaseError
from evaluation.release import publish
from evaluation.release.publish import Release, read_release, write_release
from evaluation.run import run
from evaluation.study import Study
from tests.release.loaded import loaded_study

SMALL = {"P3": 8, "C5": 9}


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    study = loaded_study(tmp_path_factory.mktemp("tiny"), people=SMALL)
    run(study)
    return study


@pytest.fixture(scope="module")
def release(study: Study) -> Release:
    return read_release(study.releases / "preview")


def test_a_release_is_read_back_as_it_was_written(release: Release, tmp_path: Path) -> None:
    assert read_release(write_release(release, tmp_path / "new" / "release.json")) == release


def test_a_release_that_cannot_be_written_leaves_the_one_before(
    release: Release, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = write_release(release, tmp_path / "release.json")
    before = file.read_bytes()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(publish.os, "fsync", full)
    with pytest.raises(MachineError, match="No space left"):
        write_release(release.model_copy(update={"result_number": "R-0009"}), file)
    assert file.read_bytes() == before and [path.name for path in tmp_path.iterdir()] == ["release.json"]


def test_no_release_and_another_form_are_told_apart(release: Release, tmp_path: Path) -> None:
    with pytest.raises(ReleaseError, match="no release here yet"):
        read_release(tmp_path)
    (tmp_path / "release.json").write_text(json.dumps({**json.loads(release.model_dump_json(by_alias=True)), "format": 2}))
    with pytest.raises(ReleaseError, match="not of a form this version reads"):
        read_release(tmp_path)


def test_small_units_and_what_would_give_them_away_are_hidden_in_every_measure_and_wave(release: Release) -> None:
    for measure in release.measures:
        for wave in release.waves:
            cells = [cell for cell in release.cells if (cell.measure, cell.wave, cell.level) == (measure.id, wave.id, "unit")]
            hidden = {cell.unit for cell in cells if cell.suppressed}
            assert SMALL.keys() <= hidden and len(hidden) >= 4
            assert len(cells) == 8


def test_the_file_holds_no_more_digits_than_the_page(release: Release) -> None:
    for cell in release.cells:
        if cell.n is not None:
            decimals = 0 if cell.measure == "awareness" else 1
            assert cell.n % 5 == 0 and cell.mean == round(cell.mean or 0.0, decimals)


def test_that_pilots_were_chosen_is_said_in_one_way_so_that_a_page_says_it_once(release: Release) -> None:
    """Source: a board member's audit: a list of limits said three times that pilots were not drawn by lot."""
    said = [*release.study.cannot_tell, *(line for finding in release.findings for line in finding.cannot_tell)]
    said += [flag.sentence for finding in release.findings for flag in finding.flags]
    assert any(flag.id == "chosen_not_drawn" for finding in release.findings for flag in finding.flags)
    assert len([line for line in dict.fromkeys(said) if "lot" in line.split() or "lot;" in line or "lot." in line]) == 1


def test_the_study_says_what_it_cannot_tell(release: Release) -> None:
    assert "Pilots were chosen, not drawn by lot; they may have improved anyway." in release.study.cannot_tell
    assert release.study.unit_plural == "organisations" and release.study.simulated is None and release.study.frozen is None


def test_the_protocol_page_holds_the_document_and_the_versions(release: Release, study: Study) -> None:
    page = release.protocol_page
    assert page.document_text == study.protocol_file.read_text()
    assert page.versions["disclosure policy"] == "threshold-11, version 1"
    assert [one.name for one in page.estimands] == ["lived_values_change", "awareness_change", "strain_not_worse"]
    assert page.decide[-1] == "Otherwise: continue to one more wave"


def test_measures_name_their_questions_and_waves_what_they_decide(release: Release) -> None:
    lived = release.measures[0]
    assert (lived.unit_words, lived.low, lived.high, [item.id for item in lived.items]) == (
        "points out of 10", 0, 10, ["lived_1", "lived_2", "lived_3"])
    assert [(wave.look, wave.loaded, wave.before_start) for wave in release.waves] == [
        (None, True, True), ("watch", True, False), ("decide", True, False)]


def test_types_without_a_pilot_are_not_spoken_for(tmp_path: Path) -> None:
    study = loaded_study(tmp_path, waves=("baseline",))
    register = study.root / "organisations.csv"
    register.write_text(register.read_text().replace("Organisation C5,comparison,NHS Trust", "Organisation C5,comparison,commissioner"))
    run(study)
    assert "No pilot is a commissioner: nothing here speaks for them." in read_release(study.releases / "preview").study.cannot_tell
