"""A baseline locked after the pilots began is a caution at every number that rests on it. Source: the store of the design."""

from pathlib import Path

import pytest

import evaluation as ev
from evaluation.findings.findings import Findings
from evaluation.protocol.documents import read_documents
from evaluation.study import Study
from evaluation.waves.lifecycle import lock
from tests.release.loaded import loaded_study

LATE = "late_baseline"


@pytest.fixture
def study(tmp_path: Path) -> Study:
    return Study(loaded_study(tmp_path / "tiny", waves=("baseline", "month_12")).root)


def locked(study: Study, wave: str = "baseline") -> Findings:
    lock(study, read_documents(study.root), "staff", wave, actor="a second person")
    return ev.run(study)


def test_every_number_that_compares_with_a_late_baseline_carries_the_caution(study: Study) -> None:
    before, after = ev.run(study), locked(study)
    assert not before.tidy()["flags"].str.contains(LATE).any()
    table = after.tidy()
    rests = table["wave_from"] == "baseline"
    assert rests.sum() > 5
    assert table["flags"].str.contains(LATE).equals(rests)
    for finding in after:
        (said,) = [one.sentence for one in finding.flags if one.id == LATE]
        assert said.startswith("Answers from before the pilots could still be changed after they began: locked on ")
        assert said.endswith(", and the first pilot began on 1 April 2025.")


def test_the_caution_makes_another_result_and_changes_no_number(study: Study) -> None:
    before, after = ev.run(study), locked(study)
    assert before.result_id != after.result_id
    assert before.tidy()["estimate"].equals(after.tidy()["estimate"])


def test_a_baseline_that_is_not_locked_or_locked_in_time_carries_none(study: Study) -> None:
    assert not any(one.id == LATE for finding in locked(study, "month_12") for one in finding.flags)
    register = study.root / "organisations.csv"
    register.write_text(register.read_text().replace("2025-04-01", "2999-04-01"))
    assert not any(one.id == LATE for finding in locked(study) for one in finding.flags)
