"""People who answer against themselves: a scale turned in one of two waves, though every item turned with the others."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from evaluation.organisations.register import read_register
from evaluation.protocol.documents import read_documents
from evaluation.study import Study
from evaluation.waves import store
from evaluation.waves.arriving import Arriving
from evaluation.waves.load import check_wave, load_wave
from evaluation.waves.people.linkage import recognised
from tests.studies import INSTRUMENT, PROTOCOL, tiny_frame
from tests.waves.storing import ACTOR, study_in

pytestmark = pytest.mark.usefixtures("own_key")
ITEMS = ["lived_1", "lived_2", "lived_3", "know_values", "strain_1"]
MANY = [*ITEMS, "more_1", "more_2", "more_3"]
INSTRUMENT_OF_MANY = INSTRUMENT.replace(
    "items:\n", "items:\n" + "".join(f"  more_{k}: {{wording: Further question {k}., scale: agree_5}}\n" for k in (1, 2, 3))
)


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


def with_own_traits(wave: str, people: int = 60, items: int = 8) -> pd.DataFrame:
    """The tiny study's people with more items, in each of which a person has a way of their own that stays."""
    frame = tiny_frame(wave, people=people)
    trait, noise = (np.random.default_rng([9, seed]) for seed in (0, 1 + len(wave)))
    kept = trait.normal(0, 0.9, (len(frame), items))
    latent = 3.1 + kept + noise.normal(0, 0.5, kept.shape)
    return frame.drop(columns=ITEMS).assign(**{
        name: np.clip(np.rint(latent[:, k]), 1, 5).astype(int) for k, name in enumerate(MANY)
    })  # fmt: skip


@pytest.fixture
def many(tmp_path: Path) -> Study:
    study = study_in(tmp_path, instrument=INSTRUMENT_OF_MANY)
    load_wave(study, sent(tmp_path, "baseline", with_own_traits("baseline")), actor=ACTOR)
    return study


def notes_on(study: Study, frame: pd.DataFrame) -> list[str]:
    words = ("the same people", "of people who were", "nobody of", "people of some", "people answer against")
    notes = check_wave(study, sent(study.root.parent, "month_6", frame)).notes
    return [note for note in notes if any(word in note for word in words)]


def test_people_who_answer_much_as_before_are_not_noted(many: Study) -> None:
    assert notes_on(many, with_own_traits("month_6")) == []


def test_columns_under_each_others_names_are_told_with_both(many: Study) -> None:
    frame = with_own_traits("month_6")
    swapped = frame.rename(columns={"lived_2": "strain_1", "strain_1": "lived_2"})
    (note,) = notes_on(many, swapped)
    assert "lived_2 with strain_1 (0." in note and "strain_1 with lived_2 (0." in note and "each other's names" in note
    assert "more_1" not in note
    moved = frame.rename(columns=dict(zip(MANY, [*MANY[1:], MANY[0]], strict=True)))
    (note,) = notes_on(many, moved)
    assert "lived_2 with lived_1" in note and "and 3 more" in note


def test_a_column_that_was_moved_against_its_rows_is_told(many: Study) -> None:
    frame = with_own_traits("month_6")
    (note,) = notes_on(many, frame.assign(know_values=[*frame["know_values"][1:], 3]))
    assert "know_values (" in note and "lived_1" not in note and "rows may be moved against the others" in note


def test_one_organisation_whose_rows_are_turned_is_told(many: Study) -> None:
    frame = with_own_traits("month_6")
    here = frame["organisation"] == "P2"
    (note,) = notes_on(many, frame.assign(**{item: frame[item].where(~here, 6 - frame[item]) for item in MANY}))
    assert "people of some organisations" in note and "P2 (-0." in note and "P1" not in note


def test_answers_of_the_wave_before_that_come_again_are_told_though_the_rest_is_new(many: Study) -> None:
    before = with_own_traits("baseline")
    again = before.assign(answered_on="2025-10-07", more_3=with_own_traits("month_6")["more_3"])
    (note,) = notes_on(many, again.assign(**{item: before[item] for item in MANY[:-1]}))
    assert "of 480 rows of people who were in wave 'baseline' too repeat what they answered there" in note
    alike = with_own_traits("month_6").assign(**dict.fromkeys(MANY, 4))
    assert not any("repeat" in note for note in notes_on(many, alike))


def test_groups_whose_codes_were_mixed_up_are_told(many: Study) -> None:
    frame = with_own_traits("month_6")
    other = {"Nursing": "Other", "Other": "Nursing"}
    (note,) = notes_on(many, frame.assign(staff_group=frame["staff_group"].map(other)))
    assert "160 of 160 of 'Nursing' are 'Other' now" in note and "320 of 320 of 'Other' are 'Nursing' now" in note
    new = frame.assign(staff_group=frame["staff_group"].map({"Nursing": "Nurses", "Other": "Other"}))
    assert notes_on(many, new) == []


def test_organisations_whose_people_nobody_recognises_are_told_where_others_are(many: Study) -> None:
    frame = with_own_traits("month_6")
    other = {"P1": "P2", "P2": "P1"}
    (note,) = notes_on(many, frame.assign(organisation=frame["organisation"].replace(other)))
    assert "nobody of P1, P2 is recognised from wave 'baseline'" in note
    strangers = frame.assign(respondent=[f"n{number}" for number in range(len(frame))])
    assert not any("nobody of" in note for note in notes_on(many, strangers))


def test_a_column_that_nobody_filled_in_is_told(many: Study) -> None:
    notes = check_wave(many, sent(many.root.parent, "month_6", with_own_traits("month_6").assign(lived_2=None))).notes
    assert "nobody answered lived_2: the column may have been emptied; what was not asked, 'asked_in' leaves out" in notes
