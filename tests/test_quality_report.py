"""One report on the answers of a study: the same tables as the functions give, and what cannot be told is said."""

import json
import shutil
from pathlib import Path

import pytest

import evaluation as ev
from evaluation.errors import DesignError
from evaluation.evidence.kept import evidence_of
from evaluation.organisations.register import read_register
from evaluation.protocol.documents import read_documents
from evaluation.quality.quality import quality_of
from evaluation.study import Study
from evaluation.waves import store
from evaluation.waves.people.linkage import match_report
from tests.release.loaded import loaded_study
from tests.studies import tiny_study


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return loaded_study(tmp_path_factory.mktemp("stored") / "tiny", waves=("baseline", "month_12")).root


@pytest.fixture
def study(stored: Path, tmp_path: Path) -> Study:
    return Study(Path(shutil.copytree(stored, tmp_path / "tiny")))


def test_measures_are_those_of_quality_of_on_kept_evidence(study: Study) -> None:
    documents = read_documents(study.root)
    responses = {name: store.responses(study, name) for name in store.version(study)}
    evidence = evidence_of(study.evidence, responses, documents, read_register(documents))
    found = ev.quality_report(study)
    assert found.quality.tidy().equals(quality_of(evidence, documents).tidy())
    json.dumps(found.as_record(), allow_nan=False, default=str)


def test_people_followed_are_those_of_the_match_report_by_arm(study: Study) -> None:
    documents = read_documents(study.root)
    (followed,) = ev.quality_report(study).followed
    report = match_report(store.responses(study, "staff"), "baseline", "month_12", read_register(documents))
    assert (followed.wave_from, followed.wave_to) == ("baseline", "month_12")
    assert followed.rates["stayers"].sum() == report["stayers"].sum() > 0
    assert [may.may for may in followed.may if may.design.value == "ancova"] == [True]


def test_what_cannot_be_told_is_said_and_nothing_is_raised(study: Study) -> None:
    found = ev.quality_report(study)
    assert "do not state any group" in str(found.answered["staff"]) or "no headcounts" in str(found.answered["staff"])
    text = found.summary()
    assert "Who answered of staff" in text
    assert "Followed from 'baseline' to 'month_12': staff" in text
    assert "of a pilot" not in text
    assert "nan" not in text.lower().split()


def test_a_study_without_a_wave_is_told_so(tmp_path: Path) -> None:
    with pytest.raises(DesignError, match="no wave has been loaded"):
        ev.quality_report(Study(tiny_study(tmp_path / "tiny")))
