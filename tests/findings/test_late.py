"""What was settled too late is a caution at every number that rests on it: a baseline locked, or a plan sealed, after the event.

Source: the store of the design, and the freeze of plans: only what was sealed before answers came in was set beforehand.
"""

from pathlib import Path

import pytest

import evaluation as ev
from evaluation.findings.findings import Findings
from evaluation.protocol.documents import read_documents
from evaluation.protocol.freeze import freeze
from evaluation.study import Study
from evaluation.waves.lifecycle import lock
from tests.release.loaded import loaded_study

BASELINE, PLAN = "late_baseline", "late_plan"


@pytest.fixture
def study(tmp_path: Path) -> Study:
    return Study(loaded_study(tmp_path / "tiny", waves=("baseline", "month_12")).root)


def locked(study: Study, wave: str = "baseline") -> Findings:
    lock(study, read_documents(study.root), "staff", wave, actor="a second person")
    return ev.run(study)


def said_by(findings: Findings, name: str) -> list[str]:
    return [one.sentence for finding in findings for one in finding.flags if one.id == name]


def test_every_number_that_compares_with_a_late_baseline_carries_the_caution(study: Study) -> None:
    before, after = ev.run(study), locked(study)
    assert not before.tidy()["flags"].str.contains(BASELINE).any()
    table = after.tidy()
    rests = table["wave_from"] == "baseline"
    assert rests.sum() > 5
    assert table["flags"].str.contains(BASELINE).equals(rests)
    for said in said_by(after, BASELINE):
        assert said.startswith("Answers from before the pilots could still be changed after they began: locked on ")
        assert said.endswith(", and the first pilot began on 1 April 2025.")
    assert len(said_by(after, BASELINE)) == len(list(after))


def test_the_caution_makes_another_result_and_changes_no_number(study: Study) -> None:
    before, after = ev.run(study), locked(study)
    assert before.result_id != after.result_id
    assert before.tidy()["estimate"].equals(after.tidy()["estimate"])


def test_a_baseline_that_is_not_locked_or_locked_in_time_carries_none(study: Study) -> None:
    assert not said_by(locked(study, "month_12"), BASELINE)
    register = study.root / "organisations.csv"
    register.write_text(register.read_text().replace("2025-04-01", "2999-04-01"))
    assert not said_by(locked(study), BASELINE)


def test_a_plan_that_was_sealed_after_people_had_begun_to_answer_is_a_caution_at_every_number_and_lowers_its_grade(study: Study) -> None:
    before = ev.run(study)
    assert not said_by(before, PLAN), "pages say of an open plan that it is not frozen"
    freeze(study.root, actor="a test")
    after = ev.run(study)
    assert after.tidy()["flags"].str.contains(PLAN).all()
    for said in said_by(after, PLAN):
        assert said.startswith("The plan may have been written with answers known: sealed on ")
        assert said.endswith(", and 12 months opened on 13 April 2026.")
    for was, now in zip(before, after, strict=True):
        assert now.verdict == was.verdict
        assert now.grade.letter == "C"
        assert now.grade.reason == f"{was.grade.reason}; the plan was sealed only after answers came in"


def test_a_plan_that_was_sealed_before_the_first_follow_up_opened_carries_none(study: Study) -> None:
    protocol = study.root / "protocol.yaml"
    later = protocol.read_text().replace("month_12: {label: 12 months, opens: 2026-04-13, closes: 2026-05-22}",
                                         "month_12: {label: 12 months, opens: 2999-04-13, closes: 2999-05-22}")
    protocol.write_text(later)
    freeze(study.root, actor="a test")
    assert not said_by(ev.run(study), PLAN)
