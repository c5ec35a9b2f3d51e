"""Groups that are called otherwise than in the wave before are noted; groups that only grew or shrank are not."""

from pathlib import Path

import pytest

from evaluation.study import Study
from evaluation.waves.load import Arriving, check_wave, load_wave
from tests.studies import tiny_frame
from tests.waves.storing import ACTOR, study_in

pytestmark = pytest.mark.usefixtures("own_key")


@pytest.fixture
def study(tmp_path: Path) -> Study:
    study = study_in(tmp_path)
    tiny_frame("baseline", people=12).to_csv(tmp_path / "baseline.csv", index=False)
    load_wave(study, Arriving(tmp_path / "baseline.csv", "baseline", "staff"), actor=ACTOR)
    return study


def told(study: Study, *, only: str = "", **names: str) -> list[str]:
    """What is said of month 6, in which groups have these names."""
    frame = tiny_frame("month_6", people=12)
    frame = frame[frame["organisation"] == only] if only else frame
    file = study.root.parent / "month_6.csv"
    frame.assign(staff_group=frame["staff_group"].replace(names)).to_csv(file, index=False)
    return [note for note in check_wave(study, Arriving(file, "month_6", "staff")).compared if note.startswith("group ")]


def test_a_category_in_another_spelling_is_told_with_both(study: Study) -> None:
    (note,) = told(study, Nursing="nursing")
    assert note.startswith("group 'staff_group': 'nursing' was 'Nursing' in wave 'baseline': each spelling counts as a group")
    assert told(study, only="P1", Nursing="nursing") != []


def test_a_category_that_took_anothers_place_is_told(study: Study) -> None:
    (note,) = told(study, Nursing="Midwifery")
    assert "'Midwifery' is new beside wave 'baseline', whose 'Nursing' is gone" in note


def test_a_group_that_lost_or_kept_its_categories_is_not_noted(study: Study) -> None:
    assert told(study) == [] and told(study, Nursing="Other") == []
    assert told(study, only="P1") == []
