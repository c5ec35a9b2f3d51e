"""People who answer against themselves: a scale turned in one of two waves, though every item turned with the others."""

from pathlib import Path

import pandas as pd
import pytest

from evaluation.organisations.register import read_register
from evaluation.protocol.documents import read_documents
from evaluation.study import Study
from evaluation.waves import store
from evaluation.waves.arriving import Arriving
from evaluation.waves.load import check_wave, load_wave
from evaluation.waves.people.linkage import recognised
from tests.studies import PROTOCOL, tiny_frame
from tests.waves.storing import ACTOR, study_in

pytestmark = pytest.mark.usefixtures("own_key")
ITEMS = ["lived_1", "lived_2", "lived_3", "know_values", "strain_1"]


def loaded(folder: Path, linkage: str = "pseudonym") -> Study:
    study = study_in(folder, protocol=PROTOCOL.replace("linkage: pseudonym", f"linkage: {linkage}"))
    load_wave(study, sent(folder, "baseline", tiny_frame("baseline", people=30)), actor=ACTOR)
    return study


def sent(folder: Path, wave: str, frame: pd.DataFrame) -> Arriving:
    frame.to_csv(folder / f"{wave}.csv", index=False)
    return Arriving(folder / f"{wave}.csv", wave, "staff")


def told(study: Study, arriving: Arriving) -> list[str]:
    return [note for note in check_wave(study, arriving).notes if "answer against what they answered" in note]


def turned(frame: pd.DataFrame, *items: str) -> pd.DataFrame:
    return frame.assign(**{item: 6 - frame[item] for item in items})


def test_a_wave_with_every_scale_turned_is_noted_where_people_are_followed(tmp_path: Path) -> None:
    study, frame = loaded(tmp_path), tiny_frame("month_6", people=30)
    (note,) = told(study, sent(tmp_path, "month_6", turned(frame, *ITEMS)))
    assert all(f"{item} (-0." in note for item in ITEMS) and "in wave 'baseline'" in note and "240 people" in note
    (one,) = told(study, sent(tmp_path, "month_6", turned(frame, "strain_1")))
    assert "strain_1 (-0." in one and "lived_1" not in one


def test_answers_as_before_answers_of_few_and_of_nobody_in_particular_are_not_noted(tmp_path: Path) -> None:
    study, frame = loaded(tmp_path), tiny_frame("month_6", people=30)
    assert told(study, sent(tmp_path, "month_6", frame)) == []
    assert told(study, sent(tmp_path, "month_6", turned(frame, *ITEMS).groupby("organisation").head(3))) == []
    strangers = turned(frame, *ITEMS).assign(respondent=[f"n{number}" for number in range(len(frame))])
    assert told(study, sent(tmp_path, "month_6", strangers)) == []


def test_where_people_cannot_be_followed_nothing_is_told(tmp_path: Path) -> None:
    study = loaded(tmp_path, "none")
    assert told(study, sent(tmp_path, "month_6", turned(tiny_frame("month_6", people=30), *ITEMS))) == []


def test_ids_that_stand_under_another_organisation_are_told(tmp_path: Path) -> None:
    """The column of organisations was sorted by itself: everybody is somewhere else."""
    study, frame = loaded(tmp_path), tiny_frame("month_6", people=30)
    mixed = frame.assign(organisation=[*frame["organisation"][30:], *frame["organisation"][:30]])
    notes = " ".join(check_wave(study, sent(tmp_path, "month_6", mixed)).notes)
    assert "of 240 respondent ids, 0 are stored under their organisation, and 240 under another one" in notes


def test_organisations_whose_rows_have_not_come_yet_have_lost_nobody(tmp_path: Path) -> None:
    study, frame = loaded(tmp_path), tiny_frame("month_6", people=30)
    load_wave(study, sent(tmp_path, "month_6", frame[frame["organisation"] == "P1"].head(20)), actor=ACTOR)
    documents = read_documents(study.root)
    (found,) = recognised(store.responses(study, "staff"), documents.protocol, {"baseline", "month_6"}, read_register(documents))
    assert (found.stayers, found.leavers, found.joiners) == (20, 10, 0)
