"""What a refusal tells its reader to do works, and is said of the true fault."""

from pathlib import Path

import pandas as pd
import pytest
from ruamel.yaml import YAML

from evaluation.errors import Problem, WaveError
from evaluation.protocol.documents import read_mapping
from evaluation.protocol.mapping import Mapping
from tests.studies import INSTRUMENT, PROTOCOL
from tests.waves.intake_study import ITEMS, load, other_study, refusal, tiny, wave_frame

YAML_TEXT = """mapping: m
version: 1
population: staff
file: {format: csv}
organisation: {column: organisation}
respondent: {column: respondent}
groups: {staff_group: {column: staff_group}}
items: {lived_1: {item: lived_1}}
"""
PUBLISHED = PROTOCOL.replace("{label: Staff, linkage: pseudonym, groups: [staff_group]}", "{label: Staff, level: organisation}")


def csv(folder: Path, frame: pd.DataFrame) -> Path:
    frame.to_csv(folder / "w.csv", index=False)
    return folder / "w.csv"


def mapping(**said: object) -> Mapping:
    stated = {"mapping": "m", "version": 1, "reviewed_by": "Ana", "population": "staff", "file": {"format": "csv"},
              "organisation": {"column": "organisation"}, "respondent": {"column": "respondent"}, "groups": {"staff_group": {"column": "staff_group"}},
              "items": {item: {"item": item} for item in ITEMS}}  # fmt: skip
    return Mapping.model_validate(stated | said)


def one(file: Path, **how: object) -> Problem:
    (problem,) = refusal(file, **how).problems
    return problem


def published(folder: Path, **cells: str) -> tuple[Path, dict[str, object]]:
    """One row an organisation with means and a base of 1200, the first one's cells changed; and the study that it belongs to."""
    frame = wave_frame(1).drop(columns=["respondent", "staff_group"]).assign(base="1200")
    for name, cell in cells.items():
        frame.loc[0, name] = cell
    folder.mkdir(exist_ok=True)
    return csv(folder, frame), {"study": other_study(folder, protocol=PUBLISHED)}


def of_organisations(**said: object) -> Mapping:
    return mapping(**{"respondent": None, "groups": {}, "base": {"column": "base"}, **said})


def test_a_fraction_in_the_declared_notation_is_no_fault_of_notation(tmp_path: Path) -> None:
    problem = one(csv(tmp_path, wave_frame().assign(lived_1="3,5")), mapping=mapping(file={"format": "csv", "decimal": ","}))
    assert problem.code == "between-codes" and "whole numbers only (1 to 5)" in problem.what and "decimal" not in problem.fix
    beyond = one(csv(tmp_path, wave_frame().assign(lived_1="6,5")), mapping=mapping(file={"format": "csv", "decimal": ","}))
    assert beyond.code == "outside-scale"


def test_a_number_in_another_notation_than_the_declared_one_is_not_told_to_declare_it(tmp_path: Path) -> None:
    frame = wave_frame()
    frame.loc[3, "lived_1"] = "3.5"
    problem = one(csv(tmp_path, frame), mapping=mapping(file={"format": "csv", "decimal": ","}))
    assert problem.code == "number-locale" and "that the mapping declares" in problem.fix and "declare 'decimal'" not in problem.fix
    assert "declare 'decimal' and 'thousands'" in one(csv(tmp_path, frame.replace({"lived_1": {"3.5": "3,5"}}))).fix


def test_fractions_load_once_the_scale_is_declared_as_the_refusal_says(tmp_path: Path) -> None:
    file = csv(tmp_path, wave_frame().assign(strain_1="3.7"))
    assert "in instruments/values.yaml with a 'range' and 'whole: false'" in one(file).fix
    changed = INSTRUMENT.replace("items:\n", "  mean: {range: 1 to 5, whole: false}\nitems:\n").replace(
        "down., scale: agree_5", "down., scale: mean"
    )
    assert set(load(file, study=other_study(tmp_path, instrument=changed)).frame["strain_1"]) == {3.7}


def test_fractions_of_1_on_a_scale_of_percentages_may_be_percentages(tmp_path: Path) -> None:
    changed = INSTRUMENT.replace("items:\n", "  share: {range: 0 to 100}\nitems:\n").replace("down., scale: agree_5", "down., scale: share")
    study = other_study(tmp_path, instrument=changed)
    assert "'fractions'" in one(csv(tmp_path, wave_frame().assign(strain_1="0.67")), study=study).fix
    assert "'fractions'" not in one(csv(tmp_path, wave_frame().assign(strain_1="66.7")), study=study).fix


@pytest.mark.parametrize("sign", ["*", "..", "§"])
def test_signs_without_a_letter_stand_for_no_answer_and_load_once_they_are_listed(tmp_path: Path, sign: str) -> None:
    frame = wave_frame()
    frame.loc[3, "lived_1"] = sign
    problem = one(csv(tmp_path, frame), mapping=mapping())
    assert problem.code == "undeclared-missing" and f"in the mapping: missing_codes: [\"{sign}\"]." in problem.fix
    assert load(csv(tmp_path, frame), mapping=mapping(missing_codes=[sign])).receipt.missing == {sign: 1}
    assert f"in the scale in instruments/values.yaml: missing_codes: {{\"{sign}\": no answer}}." in one(csv(tmp_path, frame)).fix


def test_null_is_listed_in_quotes_and_without_them_the_mapping_says_what_is_missing(tmp_path: Path) -> None:
    frame = wave_frame()
    frame.loc[3, ["lived_1", "lived_2"]] = "NULL"
    problems = refusal(csv(tmp_path, frame), mapping=mapping()).problems
    assert all('missing_codes: ["NULL"]' in problem.fix for problem in problems)
    assert load(csv(tmp_path, frame), mapping=mapping(missing_codes=["NULL"])).receipt.missing == {"NULL": 2}
    bare = tmp_path / "m.yaml"
    bare.write_text(YAML_TEXT + "missing_codes: [NULL]\n", encoding="utf-8")
    with pytest.raises(WaveError) as caught:
        read_mapping(bare, tiny()[0])
    assert "put it in quotes: 'NULL'" in caught.value.problems[0].fix


@pytest.mark.parametrize(("cell", "line"), [("7", "7: CATEGORY"), ("Ophira Hexenham", "VALUE: CATEGORY")])
def test_an_unknown_group_is_told_which_codes_are_known_and_that_the_cell_may_be_wrong(tmp_path: Path, cell: str, line: str) -> None:
    frame = wave_frame().assign(staff_group="1")
    frame.loc[3, "staff_group"] = cell
    known = {"staff_group": {"column": "staff_group", "codes": {"1": "nursing", "2": "medical"}}}
    problem = one(csv(tmp_path, frame), mapping=mapping(groups=known))
    assert problem.code == "unknown-group" and "Ophira" not in str(problem)
    assert problem.fix == f"the mapping knows '1', '2': correct the cell, or add {line} to its 'codes', with what the supplier says it is."
    known["staff_group"]["codes"] |= {cell: "other"}  # type: ignore[index]
    assert load(csv(tmp_path, frame), mapping=mapping(groups=known)).frame.filter(staff_group="other").height == 1


def test_words_under_a_mapping_are_listed_in_it_beside_all_codes_and_no_other_is_drafted(tmp_path: Path) -> None:
    frame = wave_frame()
    frame.loc[3, "lived_1"] = "Tend to agree"
    problem = one(csv(tmp_path, frame), mapping=mapping())
    assert problem.code == "type-drift" and "under the item's codes beside all others" in problem.fix and "wave map" not in problem.fix
    line = "lived_1: {item: lived_1, codes: {1: 1, 2: 2, 3: 3, 4: 4, 5: 5, Tend to agree: CODE}}"
    assert line in problem.fix
    pasted = YAML(typ="safe", pure=True).load(line.replace("CODE", "4"))
    found = load(csv(tmp_path, frame), mapping=mapping(items={item: {"item": item} for item in ITEMS} | pasted))
    assert found.frame["lived_1"].to_list() == load(csv(tmp_path, frame.replace({"lived_1": {"Tend to agree": "4"}}))).frame["lived_1"].to_list()
    assert "wave map" in one(csv(tmp_path, frame)).fix


def test_words_that_are_not_shown_are_not_shown_in_the_line_to_paste(tmp_path: Path) -> None:
    frame = wave_frame()
    frame.loc[3, "lived_1"] = "Ask Ophira in payroll"
    fix = one(csv(tmp_path, frame), mapping=mapping()).fix
    assert "5: 5, WORD: CODE" in fix and "Ophira" not in fix


@pytest.mark.parametrize(("cell", "code", "says", "fix"), [
    ("jo.bloggs@mail.example", "mail-answer", "with an e-mail address", "'drop'"), ("05. Mai", "day-answer", "with a day", "spreadsheet"),
])  # fmt: skip
def test_addresses_and_days_among_answers_are_no_words_to_list(tmp_path: Path, cell: str, code: str, says: str, fix: str) -> None:
    frame = wave_frame()
    frame.loc[3, "lived_1"] = cell
    problem = one(csv(tmp_path, frame), mapping=mapping())
    assert problem.code == code and says in problem.what and fix in problem.fix and "codes" not in problem.fix and "bloggs" not in str(problem)


@pytest.mark.parametrize(("base", "said"), [("1,200", {"thousands": ","}), ("1 200", {"thousands": " "}), ("1.200", {"thousands": ".", "decimal": ","})])
def test_a_base_with_parted_thousands_is_read_once_that_is_declared(tmp_path: Path, base: str, said: dict[str, str]) -> None:
    file, study = published(tmp_path, base=base)
    problem = one(file, **study)
    assert problem.code == "base-wrong" and f"where {base} means 1200, declare 'thousands: \"{said['thousands']}\"'" in problem.fix
    assert ("'decimal: \",\"'" in problem.fix) == ("decimal" in said)
    collected = load(file, mapping=of_organisations(file={"format": "csv", **said}), **study)
    assert set(collected.frame["base"]) == {1200}


def test_a_base_that_is_not_published_is_left_out_once_its_sign_is_listed(tmp_path: Path) -> None:
    file, study = published(tmp_path, base="*")
    problem = one(file, **study)
    assert "under 'missing_codes' in a mapping" in problem.fix and "thousands" not in problem.fix
    assert load(file, mapping=of_organisations(missing_codes=["*"]), **study).frame["base"].null_count() == 1
    assert one(published(tmp_path / "2", base="0.5")[0], **study).fix == "correct the column 'base'."


def test_what_redcap_asks_at_baseline_only_is_taken_from_there_once_the_mapping_says_so(tmp_path: Path) -> None:
    frame = wave_frame()
    head = "record_id,redcap_event_name,trust,grp," + ",".join(ITEMS)
    lines = [head]
    for row in frame.to_dict("records"):
        answers = ",".join(row[item] for item in ITEMS)
        lines += [f"{row['respondent']},start,{row['organisation']},{row['staff_group']},{answers}", f"{row['respondent']},later,,,{answers}"]
    file = tmp_path / "redcap.csv"
    file.write_text("\n".join([*lines, ""]), encoding="utf-8")
    said = {"organisation": {"column": "trust"}, "respondent": {"column": "record_id"}, "groups": {"staff_group": {"column": "grp"}},
            "wave": {"column": "redcap_event_name", "codes": {"start": "baseline", "later": "month_6"}, "other_waves": "set aside"}}  # fmt: skip
    problem = one(file, mapping=mapping(file={"format": "redcap"}, **said))
    assert problem.code == "organisation-blank" and "declare 'same_for: {record_id: [trust, grp]}' in the mapping's file block" in problem.fix
    found = load(file, mapping=mapping(file={"format": "redcap", "same_for": {"record_id": ["trust", "grp"]}}, **said))
    assert sorted(found.frame["organisation"]) == sorted(frame["organisation"]) and found.frame["staff_group"].null_count() == 0
    assert any("blank cells of 'trust' read as in other rows of the same 'record_id': 32" in note for note in found.receipt.notes)


def moved(by: int, top: int) -> pd.DataFrame:
    """Five answers to every item from 1 to `top` in turn, as a file writes them that counts otherwise."""
    return wave_frame().assign(**{item: [str(k % top + 1 + by) for k in range(32)] for item in ITEMS})


@pytest.mark.parametrize(("by", "end", "says"), [
    (-1, "may code from 0 to 4, for 5 occurs nowhere", "codes: {0: 1, 1: 2, 2: 3, 3: 4, 4: 5}}"),
    (1, "may code from 2 to 6, for 1 occurs nowhere", "codes: {2: 1, 3: 2, 4: 3, 5: 4, 6: 5}}"),
])  # fmt: skip
def test_codes_that_are_all_one_off_are_told_with_the_line_that_reads_them(tmp_path: Path, by: int, end: str, says: str) -> None:
    file = csv(tmp_path, moved(by, 5))
    problems = refusal(file, mapping=mapping()).problems
    assert {problem.code for problem in problems} == {"outside-scale"}
    assert all(end in problem.fix and says in problem.fix and "every item on this scale" in problem.fix and "missing_codes" not in problem.fix for problem in problems)
    line = {item: {"item": item} | {"codes": {str(k + by): str(k) for k in range(1, 6)}} for item in ITEMS}
    right = moved(0, 5)
    assert load(file, mapping=mapping(items=line)).frame["lived_1"].to_list() == load(csv(tmp_path, right)).frame["lived_1"].to_list()


def test_a_code_off_the_scale_beside_all_that_are_on_it_shows_no_other_count(tmp_path: Path) -> None:
    frame = moved(0, 5)
    frame.loc[3, ITEMS] = "0"
    assert all("may code" not in problem.fix and "missing_codes" in problem.fix for problem in refusal(csv(tmp_path, frame)).problems)
    frame = moved(0, 4)
    frame.loc[3, ["lived_1"]] = "0"
    assert "may code" not in one(csv(tmp_path, frame)).fix


def test_of_two_options_nobody_is_told_which_way_they_run(tmp_path: Path) -> None:
    changed = INSTRUMENT.replace("items:\n", "  either: {options: {1: 'Yes', 2: 'No'}, positive: [1]}\nitems:\n").replace("down., scale: agree_5", "down., scale: either")
    frame = wave_frame().assign(strain_1=[str(k % 2) for k in range(32)])
    problem = one(csv(tmp_path, frame), study=other_study(tmp_path, instrument=changed))
    assert "what 0 and 1 stand for" in problem.fix and "codes: {" not in problem.fix and "missing_codes" not in problem.fix


NAMED = {"Isengate Trust": "P1", "Northcliffe Homes": "P2", "Marlow Reach": "P3"}


def by_spelling(folder: Path, *changed: str) -> Path:
    """The wave with names in place of codes, the first rows' ones `changed`."""
    frame = wave_frame()
    frame["organisation"] = frame["organisation"].replace({code: name for name, code in NAMED.items()})
    frame.loc[range(len(changed)), "organisation"] = list(changed)
    return csv(folder, frame)


def spellings() -> dict[str, str]:
    return NAMED | {code: code for code in wave_frame()["organisation"].unique() if code not in NAMED.values()}


def test_unknown_organisations_are_compared_with_the_spellings_of_the_mapping_and_counted_beyond_five(tmp_path: Path) -> None:
    stated = mapping(organisation={"column": "organisation", "codes": spellings()})
    problem = one(by_spelling(tmp_path, "Marlow Reech", *(f"Quayside {word}" for word in ("one", "two", "three", "four", "five", "six"))), mapping=stated)
    assert problem.code == "unknown-organisation" and "7 organisations unknown" in problem.what
    assert "'Marlow Reech' (nearest: Marlow Reach)" in problem.what and problem.what.endswith(" and 2 more.")


@pytest.mark.parametrize("spelling", ["Isengate\u00a0Trust", "Isengate  Trust"])
def test_a_space_of_another_kind_makes_no_other_organisation(tmp_path: Path, spelling: str) -> None:
    stated = mapping(organisation={"column": "organisation", "codes": spellings()})
    found = load(by_spelling(tmp_path, spelling), mapping=stated)
    assert found.frame["organisation"].to_list() == load(by_spelling(tmp_path), mapping=stated).frame["organisation"].to_list()
    twice = mapping(organisation={"column": "organisation", "codes": spellings() | {"Isengate   Trust": "P2"}})
    assert one(by_spelling(tmp_path, spelling), mapping=twice).code == "unknown-organisation"


def test_a_name_of_the_register_where_codes_are_read_is_told_as_such(tmp_path: Path) -> None:
    frame = wave_frame()
    frame.loc[2, "organisation"] = "Organisation P1"
    problem = one(csv(tmp_path, frame))
    assert "'Organisation P1' (a name in the register, where codes are read: list it under 'codes')" in problem.what


def test_a_day_order_that_reads_one_day_only_is_not_offered(tmp_path: Path) -> None:
    frame = wave_frame().assign(answered_on="2025-10-20")
    frame.loc[2, "answered_on"] = "10/21/2025"
    problem = one(csv(tmp_path, frame))
    assert "month first" not in problem.fix


def test_rows_of_totals_are_left_out_by_the_line_that_is_shown(tmp_path: Path) -> None:
    frame = wave_frame()
    total = frame.iloc[[0]].assign(respondent="Total")
    file = csv(tmp_path, pd.concat([frame, total]))
    problem = next(problem for problem in refusal(file).problems if problem.code == "summary-row")
    assert "leave_out: {respondent: [WORD]}" in problem.fix
    kept = load(file, mapping=mapping(file={"format": "csv", "leave_out": {"respondent": ["Total"]}}))
    assert kept.frame.height == len(frame)
