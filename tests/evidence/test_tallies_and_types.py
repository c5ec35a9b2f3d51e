"""Counts against pandas on the same rows."""

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from evaluation.evidence.evidence import Evidence
from evaluation.evidence.tallies import TALLY_COLUMNS
from tests.evidence.stored import ITEMS, Setting, people, setting
from tests.studies import INSTRUMENT, PROTOCOL


@pytest.fixture(scope="module")
def answers() -> pd.DataFrame:
    return people(seed=7)


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Setting:
    return setting(tmp_path_factory.mktemp("counts"))


@pytest.fixture(scope="module")
def evidence(study: Setting, answers: pd.DataFrame) -> Evidence:
    return study.summarise(study.write(answers))


def test_tallies_count_every_option_of_every_item(evidence: Evidence, answers: pd.DataFrame) -> None:
    assert tuple(evidence.tallies.columns) == TALLY_COLUMNS
    for item in ITEMS:
        own = evidence.tallies[evidence.tallies["item"] == item]
        counted = {(row.unit, row.wave, row.answer): row.n for row in own.dropna(subset="answer").itertuples()}
        assert counted == answers.dropna(subset=item).groupby(["unit", "wave", item]).size().to_dict()


def test_tallies_of_an_item_add_up_to_the_rows_of_its_cell(evidence: Evidence) -> None:
    rows = evidence.types.set_index(["unit", "wave"])["n"]
    for _, own in evidence.tallies.groupby("item"):
        assert own.groupby(["unit", "wave"])["n"].sum().to_dict() == rows.to_dict()


def test_whoever_did_not_answer_is_counted_as_such(evidence: Evidence, answers: pd.DataFrame) -> None:
    own = evidence.tallies[(evidence.tallies["item"] == "strain_1") & evidence.tallies["answer"].isna()]
    assert own["n"].sum() == answers["strain_1"].isna().sum()


def test_an_item_is_left_out_of_waves_that_did_not_ask_it(tmp_path: Path) -> None:
    wording = "My workload wears me down., scale: agree_5"
    text = INSTRUMENT.replace(wording, wording + ", asked_in: [baseline, month_12]")
    study = setting(tmp_path, instrument=text)
    found = study.summarise(study.write(people(seed=7)))
    assert set(found.tallies[found.tallies["item"] == "strain_1"]["wave"]) == {"baseline", "month_12"}
    assert set(found.tallies[found.tallies["item"] == "lived_1"]["wave"]) == {"baseline", "month_6", "month_12"}


def test_a_row_is_a_person_where_people_were_asked(evidence: Evidence, answers: pd.DataFrame) -> None:
    assert evidence.types["people"].tolist() == evidence.types["n"].tolist()
    assert evidence.types["n"].sum() == len(answers)


def test_people_behind_published_rows_come_from_their_base(tmp_path: Path) -> None:
    # One row per organisation and wave with its published mean; 'base' people answered. A missing base counts the row alone.
    instrument = INSTRUMENT.split("scales:")[0] + "scales:\n  published: {range: 1 to 5, whole: false}\n"
    instrument += "items:\n  strain_1: {wording: Mean strain., scale: published}\n"
    protocol = PROTOCOL.replace("linkage: pseudonym, groups: [staff_group]", "level: organisation")
    for piece in (r"theory_of_change:\n  .*\n", r"  lived_values.*\n", r"  awareness.*\n", r"multiplicity.*\n"):
        protocol = re.sub(piece, "", protocol)
    protocol = protocol.replace("lived_values_change is above zero and every guardrail is safe", "strain_not_worse is below zero")
    protocol = protocol.replace("status: guardrail", "status: primary").replace(", margin: 0.2 points", "")
    study = setting(tmp_path, protocol=protocol, instrument=instrument)
    frame = pd.DataFrame({"wave": ["baseline", "month_12", "baseline"], "organisation": ["P1", "P1", "C1"], "unit": ["P1", "P1", "C1"],
                          "base": pd.array([1200, 1300, None], dtype="Int64"), "strain_1": [3.25, 3.5, np.nan]})
    found = study.summarise(study.write(frame))
    assert found.types.set_index(["unit", "wave"])[["n", "people"]].to_dict("index") == {
        ("P1", "baseline"): {"n": 1, "people": 1200}, ("P1", "month_12"): {"n": 1, "people": 1300}, ("C1", "baseline"): {"n": 1, "people": 1}}
    assert found.moments["strain"].n.tolist() == [1, 1]
    assert found.moments["strain"].means() == pytest.approx([3.25, 3.5])
    assert len(found.tallies) == 0
