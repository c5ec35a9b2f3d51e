"""From a file to canonical rows: the columns and their order, what sets rows aside, and that order leaves no trace."""

from pathlib import Path

import pandas as pd
import polars as pl
import pytest

from evaluation.errors import UsageError
from evaluation.protocol.mapping import Mapping
from evaluation.waves.storage.compare import content_hashes
from tests.studies import INSTRUMENT, PROTOCOL
from tests.waves.intake_study import ITEMS, codes, load, other_study, refusal, wave_frame

CANONICAL = ["wave", "organisation", "unit", "arm", "respondent", "answered_on", "base", "staff_group", *ITEMS]


def csv(folder: Path, frame: pd.DataFrame, name: str = "w.csv") -> Path:
    frame.to_csv(folder / name, index=False)
    return folder / name


def test_columns_are_canonical_and_typed(tmp_path: Path) -> None:
    collected = load(csv(tmp_path, wave_frame()))
    assert collected.frame.columns == CANONICAL
    assert collected.frame.schema["answered_on"] == pl.Date and collected.frame.schema["base"] == pl.Int64
    assert all(collected.frame.schema[item] == pl.Int16 for item in ITEMS) and collected.items == list(ITEMS)
    assert collected.frame["unit"].to_list() == collected.frame["organisation"].to_list()
    assert collected.organisations == ("C1", "C2", "C3", "C4", "C5", "P1", "P2", "P3")
    assert (collected.receipt.read, collected.receipt.kept, collected.receipt.verdict) == (32, 32, "READY")


def test_order_of_rows_and_columns_leaves_no_trace_and_one_answer_does(tmp_path: Path) -> None:
    frame = wave_frame()
    plain = load(csv(tmp_path, frame))
    mixed = load(csv(tmp_path, frame.sample(frac=1, random_state=2)[frame.columns[::-1]]))
    frame.loc[5, "lived_1"] = str(int(frame.loc[5, "lived_1"]) % 5 + 1)
    other = load(csv(tmp_path, frame))
    assert content_hashes(mixed.frame) == content_hashes(plain.frame) != content_hashes(other.frame)
    assert mixed.frame.equals(plain.frame)


def test_missing_answers_are_counted_by_declared_code(tmp_path: Path) -> None:
    frame = wave_frame()
    frame.loc[[0, 1], "lived_1"] = "99"
    frame.loc[[2], "lived_2"] = "99.0"
    frame.loc[[3, 4, 5], "strain_1"] = ""
    collected = load(csv(tmp_path, frame))
    assert collected.receipt.missing == {"99": 3, "blank": 3}
    assert collected.frame["lived_1"].null_count() == 2


def test_rows_that_say_nothing_are_set_aside_and_counted(tmp_path: Path) -> None:
    frame = wave_frame()
    frame.loc[0, ITEMS] = ""
    blank = pd.DataFrame([dict.fromkeys(frame.columns, "")] * 2)
    collected = load(csv(tmp_path, pd.concat([frame, blank])))
    assert collected.receipt.set_aside == {"every cell blank": 2, "no item answered": 1}
    assert (collected.receipt.read, collected.receipt.kept, collected.receipt.verdict) == (34, 31, "READY WITH NOTES")


def test_blanks_and_missing_codes_are_counted_in_the_rows_that_are_kept(tmp_path: Path) -> None:
    frame = wave_frame()
    frame.loc[0, ITEMS], frame.loc[1, ITEMS], frame.loc[2, "lived_1"] = "", "99", ""
    receipt = load(csv(tmp_path, frame)).receipt
    assert receipt.set_aside == {"no item answered": 2} and receipt.missing == {"blank": 1}


def test_who_opened_the_survey_and_left_refuses_no_file_whatever_their_row_lacks(tmp_path: Path) -> None:
    """No organisation, a row of somebody else's, a strange team, no day: nobody's answers are lost, and the row is counted."""
    frame = wave_frame().assign(answered_on="2025-10-07")
    frame.loc[:3, ITEMS] = ""
    frame.loc[0, ["organisation", "respondent", "staff_group"]] = ""
    frame.loc[1, "respondent"] = frame.loc[9, "respondent"]
    frame.loc[2, ["organisation", "answered_on"]] = ["Nowhere", "soon"]
    collected = load(csv(tmp_path, frame))
    assert collected.receipt.set_aside == {"no item answered": 4} and collected.receipt.kept == len(frame) - 4
    frame.loc[0, "lived_1"] = "4"
    assert codes(refusal(csv(tmp_path, frame))) == ["organisation-blank", "respondent-blank"]


def test_a_row_without_wave_or_answer_is_set_aside_and_one_with_an_answer_refused(tmp_path: Path) -> None:
    frame = wave_frame().assign(wave="month_6")
    frame.loc[0, ["organisation", "respondent", "wave", *ITEMS]] = ""
    assert load(csv(tmp_path, frame)).receipt.set_aside == {"no item answered": 1}
    frame.loc[0, "lived_1"] = "4"
    assert codes(refusal(csv(tmp_path, frame))) == ["wave-unknown"]


def test_an_item_not_asked_in_the_wave_may_be_absent_or_blank_but_not_answered(tmp_path: Path) -> None:
    study = other_study(
        tmp_path,
        instrument=INSTRUMENT.replace(
            "wears me down., scale: agree_5", "wears me down., scale: agree_5, asked_in: [baseline, month_12]"
        ),
    )
    without = load(csv(tmp_path, wave_frame().drop(columns="strain_1")), study=study)
    assert without.frame["strain_1"].null_count() == 32
    assert content_hashes(load(csv(tmp_path, wave_frame().assign(strain_1="")), study=study).frame) == content_hashes(without.frame)
    assert codes(refusal(csv(tmp_path, wave_frame()), study=study)) == ["item-not-asked"]


def test_the_command_may_name_the_organisation_that_the_file_leaves_out(tmp_path: Path) -> None:
    frame = wave_frame().query("organisation == 'P2'").drop(columns="organisation")
    assert load(csv(tmp_path, frame), organisation="P2").organisations == ("P2",)
    assert codes(refusal(csv(tmp_path, frame))) == ["missing-column"]
    assert "unknown-organisation" in codes(refusal(csv(tmp_path, frame), organisation="P22"))


def test_a_wave_or_population_that_the_protocol_lacks_is_a_wrong_command(tmp_path: Path) -> None:
    file = csv(tmp_path, wave_frame())
    with pytest.raises(UsageError, match="did you mean 'month_6'"):
        load(file, wave="month6")
    with pytest.raises(UsageError, match="no population 'stuff'"):
        load(file, population="stuff")


def test_one_file_may_hold_several_waves_when_a_mapping_sets_the_others_aside(tmp_path: Path) -> None:
    both = pd.concat([wave_frame().assign(time="1"), wave_frame().assign(time="2")])
    stated = {"mapping": "m", "version": 1, "reviewed_by": "Ana", "population": "staff", "file": {"format": "csv"},
              "organisation": {"column": "organisation"}, "respondent": {"column": "respondent"}, "groups": {"staff_group": {"column": "staff_group"}},
              "items": {item: {"item": item} for item in ITEMS}}  # fmt: skip
    wave = {"column": "time", "codes": {"1": "month_6", "2": "month_12"}}
    aside = Mapping.model_validate(stated | {"wave": wave | {"other_waves": "set aside"}})
    collected = load(csv(tmp_path, both), mapping=aside)
    assert collected.receipt.set_aside == {"another wave": 32} and collected.frame["wave"].unique().to_list() == ["month_6"]
    assert codes(refusal(csv(tmp_path, both), mapping=Mapping.model_validate(stated | {"wave": wave}))) == ["wave-differs"]
    strange = Mapping.model_validate(stated | {"wave": {"column": "time", "codes": {"1": "month_6"}, "other_waves": "set aside"}})
    assert codes(refusal(csv(tmp_path, both), mapping=strange)) == ["wave-unknown"]


def test_words_decimals_and_days_are_read_as_a_mapping_declares(tmp_path: Path) -> None:
    frame = wave_frame().assign(lived_1="Agree", lived_2="9", sent="07/10/2025")
    stated = Mapping.model_validate({
        "mapping": "m", "version": 1, "reviewed_by": "Ana", "population": "staff", "file": {"format": "csv", "dates": "day first"},
        "organisation": {"column": "organisation"}, "respondent": {"column": "respondent"}, "answered_on": {"column": "sent"},
        "groups": {"staff_group": {"column": "staff_group", "codes": {"Nursing": "N", "Other": "O"}}},
        "items": {item: {"item": item} for item in ITEMS[2:]} | {"lived_1": {"item": "lived_1", "codes": {"Agree": 4}},
                                                                 "lived_2": {"item": "lived_2", "missing_codes": ["9"]}},
    })  # fmt: skip
    collected = load(csv(tmp_path, frame), mapping=stated)
    assert set(collected.frame["lived_1"]) == {4.0} and collected.receipt.missing == {"9": 32}
    assert set(collected.frame["staff_group"]) == {"N", "O"}
    assert {str(day) for day in collected.frame["answered_on"]} == {"2025-10-07"}
    frame.loc[3, "lived_1"] = "4"
    frame.loc[4, "staff_group"] = "Medical"
    assert codes(refusal(csv(tmp_path, frame), mapping=stated)) == ["unknown-group", "unmapped-answer"]


def test_codes_match_as_written_and_as_the_same_whole_number(tmp_path: Path) -> None:
    frame = wave_frame().assign(
        organisation=lambda rows: rows["organisation"].map({"P1": "007", "P2": "8.0"}).fillna("9"), lived_1="4.0"
    )
    frame["respondent"] = [f"x{k}" for k in range(32)]
    stated = Mapping.model_validate({
        "mapping": "m", "version": 1, "reviewed_by": "Ana", "population": "staff", "file": {"format": "csv"},
        "organisation": {"column": "organisation", "codes": {"007": "P1", "8": "P2", "9": "C1"}}, "respondent": {"column": "respondent"},
        "groups": {"staff_group": {"column": "staff_group"}},
        "items": {item: {"item": item} for item in ITEMS[1:]} | {"lived_1": {"item": "lived_1", "codes": {"4": 2}}},
    })  # fmt: skip
    collected = load(csv(tmp_path, frame), mapping=stated)
    assert collected.organisations == ("C1", "P1", "P2") and set(collected.frame["lived_1"]) == {2.0}


def test_teams_must_be_named_and_belong_to_their_organisation(tmp_path: Path) -> None:
    table = "organisation,unit,name,arm,type\nP1,T1,Team 1,develop,NHS Trust\nP1,T2,Team 2,comparison,NHS Trust\nC1,T3,Team 3,comparison,NHS Trust\n"
    study = other_study(tmp_path, protocol=PROTOCOL.replace("assignment: organisation", "assignment: team"), organisations=table)
    frame = wave_frame().query("organisation in ('P1', 'C1')").reset_index(drop=True)
    frame["unit"] = frame["organisation"].map({"P1": "T2", "C1": "T3"})
    assert set(load(csv(tmp_path, frame), study=study).frame["unit"]) == {"T2", "T3"}
    frame.loc[0, "unit"], frame.loc[1, "unit"], frame.loc[2, "unit"] = "T3", "T9", ""
    error = refusal(csv(tmp_path, frame), study=study)
    assert codes(error) == ["unit-blank", "unknown-unit", "unit-astray"]
    assert codes(refusal(csv(tmp_path, frame.drop(columns="unit")), study=study)) == ["missing-column"]


def test_people_who_were_assigned_bring_their_arm(tmp_path: Path) -> None:
    table = "organisation,name,arm,type\nP1,One employer,,university\n"
    protocol = PROTOCOL.replace("assignment: organisation", "assignment: respondent").replace(", estimator: unit change", "")
    study = other_study(tmp_path, protocol=protocol, organisations=table)
    frame = wave_frame().query("organisation == 'P1'").assign(arm=["develop", "comparison", "develop", "comparison"])
    assert set(load(csv(tmp_path, frame), study=study).frame["arm"]) == {"develop", "comparison"}
    assert codes(refusal(csv(tmp_path, frame.drop(columns="arm")), study=study)) == ["missing-column"]
    frame["arm"] = ["develop", "waiting", "", "comparison"]
    assert codes(refusal(csv(tmp_path, frame), study=study)) == ["unknown-arm", "arm-blank"]


def test_an_arm_column_must_agree_with_the_register(tmp_path: Path) -> None:
    right = wave_frame().assign(arm=lambda rows: rows["organisation"].str[0].map({"P": "develop", "C": "comparison"}))
    assert load(csv(tmp_path, right)).frame["arm"].null_count() == 32
    assert codes(refusal(csv(tmp_path, right.assign(arm="develop")))) == ["arm-differs"]


def test_published_means_need_their_base_and_one_row_an_organisation(tmp_path: Path) -> None:
    protocol = PROTOCOL.replace("linkage: pseudonym, groups: [staff_group]", "level: organisation")
    instrument = INSTRUMENT.replace("  agree_5:\n", "  means: {range: 1 to 5, whole: false}\n  agree_5:\n").replace(
        "values are ignored when we are busy., scale: agree_5", "values are ignored when we are busy., scale: means")  # fmt: skip
    study = other_study(tmp_path, protocol=protocol, instrument=instrument)
    frame = pd.DataFrame(
        {"organisation": ["P1", "P2", "C1"], "base": ["120", "88", "57"]} | {item: ["3", "4", "2"] for item in ITEMS}
    )
    frame["lived_3"] = ["3.21", "", "2.5"]
    collected = load(csv(tmp_path, frame), study=study)
    assert collected.frame["base"].to_list() == [57, 120, 88] and collected.frame["respondent"].null_count() == 3
    assert codes(refusal(csv(tmp_path, frame.assign(base="many")), study=study)) == ["base-wrong"]
    assert codes(refusal(csv(tmp_path, frame.drop(columns="base")), study=study)) == ["missing-column"]
    assert codes(refusal(csv(tmp_path, pd.concat([frame, frame.iloc[:1]])), study=study)) == ["duplicate-organisation"]
    frame.loc[0, "base"] = ""
    assert "too few to show" in load(csv(tmp_path, frame), study=study).receipt.notes[0]


def test_an_id_used_in_two_organisations_is_two_people_and_noted(tmp_path: Path) -> None:
    frame = wave_frame()
    frame["respondent"] = [str(k % 4) for k in range(32)]
    collected = load(csv(tmp_path, frame))
    assert collected.receipt.kept == 32
    assert collected.receipt.notes == (
        "4 respondent ids occur in more than one organisation; each counts as a person of its own there",
    )


def test_where_nobody_is_linked_ids_may_be_left_out(tmp_path: Path) -> None:
    study = other_study(tmp_path, protocol=PROTOCOL.replace("linkage: pseudonym", "linkage: none"))
    collected = load(csv(tmp_path, wave_frame().drop(columns="respondent")), study=study)
    assert collected.frame["respondent"].null_count() == 32
    assert codes(refusal(csv(tmp_path, wave_frame().drop(columns="respondent")))) == ["missing-column"]


def test_answers_after_the_wave_closed_are_kept_and_noted(tmp_path: Path) -> None:
    frame = wave_frame().assign(answered_on=["2025-10-10"] * 30 + ["2025-11-20"] * 2)
    assert load(csv(tmp_path, frame)).receipt.notes == (
        "2 answers are dated after the wave closed on 2025-11-14 (rows 32, 33): where that is wrong correct the day or 'closes' in "
        "protocol.yaml; rows of another wave are loaded as that wave",
    )


def test_a_baseline_sent_as_a_follow_up_is_refused_and_a_few_early_answers_are_noted(tmp_path: Path) -> None:
    error = refusal(csv(tmp_path, wave_frame().assign(answered_on="2025-02-20")))
    assert codes(error) == ["dates-of-another-wave"]
    assert "32 of 32 dated answers in wave 'month_6' were given before it opens on 2025-10-06" in str(error)
    assert "if they are wave 'baseline'" in str(error)
    half = wave_frame().assign(answered_on=["2025-10-05"] * 16 + ["2025-10-10"] * 16)
    (note,) = load(csv(tmp_path, half)).receipt.notes
    assert note.startswith("16 answers are dated before the wave opens on 2025-10-06 (rows 2, 3, 4, 5, 6 and 11 more): ")
    assert "correct the day or 'opens' in protocol.yaml; rows of another wave are loaded as that wave" in note
    late = refusal(csv(tmp_path, wave_frame().assign(answered_on="2026-04-20")), wave="baseline")
    assert "more than a year after it closed on 2025-03-14" in str(late) and "if they are wave 'month_12'" in str(late)
