"""A whole study from a data file or from the filled workbook, accepted by the program that will read it."""

from datetime import date
from pathlib import Path

import pandas as pd
import pytest
import xlsxwriter

from evaluation.draft_study import DraftReceipt, draft_study, write_workbook
from evaluation.draft_study.sheets import ABOUT, SHEETS
from evaluation.errors import ProtocolError, UsageError, WaveError
from evaluation.organisations.register import read_register
from evaluation.protocol.documents import read_documents, read_mapping
from evaluation.protocol.mapping import FileForm
from evaluation.terms import Assignment, Level, Linkage
from evaluation.waves.collect import collect
from evaluation.waves.readers import read_file
from tests.studies import UNITS, tiny_frame
from tests.waves.suppliers import codes_csv, words_workbook

DAY = date(2026, 1, 5)


def drafted(source: Path, folder: Path, **how: object) -> DraftReceipt:
    return draft_study(source, folder / "study", name="Trust values", today=DAY, **how)  # type: ignore[arg-type]


def reviewed(receipt: DraftReceipt) -> Path:
    """The only mapping, with a reviewer's name put in."""
    path = next((receipt.root / "mappings").iterdir())
    path.write_text(path.read_text(encoding="utf-8").replace("reviewed_by:", "reviewed_by: Ana"), encoding="utf-8")
    return path


def with_arms(receipt: DraftReceipt, pilots: str) -> None:
    """What an evaluator does in a spreadsheet: say which organisations are pilots."""
    path = receipt.root / "organisations.csv"
    table = pd.read_csv(path, dtype=str, keep_default_na=False)
    table["arm"] = [
        "pilot" if name.casefold().removeprefix("organisation ").startswith(pilots) else "comparison" for name in table["name"]
    ]
    table.to_csv(path, index=False)


def test_a_data_file_becomes_a_study_that_loads_it_after_one_review(tmp_path: Path) -> None:
    source = codes_csv(tmp_path)
    receipt = drafted(source, tmp_path)
    assert receipt.source == "data file" and receipt.files == (
        "instruments/survey.yaml", "mappings/datenhaus-2025.yaml", "organisations.csv", "protocol.yaml")  # fmt: skip
    documents = read_documents(receipt.root)
    with pytest.raises(ProtocolError, match="a unit has no arm"):
        read_register(documents)
    with_arms(receipt, "p")
    collected = collect(documents, read_register(documents), source, wave="wave_6_months", population="respondents",
                        mapping=read_mapping(reviewed(receipt), documents))  # fmt: skip
    assert (collected.receipt.kept, collected.receipt.set_aside) == (64, {"another wave": 64})
    assert collected.receipt.identifiers_dropped == {"e-mail": 128}
    assert receipt.waves == ("wave_6_months", "wave_12_months") and receipt.organisations == 8 and receipt.items == 6


def test_what_the_file_cannot_say_is_listed_to_decide(tmp_path: Path) -> None:
    receipt = drafted(codes_csv(tmp_path), tmp_path)
    assert any("arm of every organisation" in decision for decision in receipt.decisions)
    assert any("which measure is primary" in decision for decision in receipt.decisions)
    assert any("put your name under reviewed_by" in decision for decision in receipt.decisions)
    text = (receipt.root / "protocol.yaml").read_text(encoding="utf-8")
    assert text.count("# DECIDE: ") == sum(decision.startswith("protocol.yaml") for decision in receipt.decisions)


def test_options_in_words_become_a_scale_in_their_order(tmp_path: Path) -> None:
    receipt = drafted(words_workbook(tmp_path), tmp_path, form=FileForm(format="excel", sheet="Responses"))
    instrument = read_documents(receipt.root).instruments["survey"]
    scale = instrument.scale_of("q1")
    assert list(scale.options.values()) == ["Strongly disagree", "Disagree", "Neither", "Agree", "Strongly agree"]
    assert scale.positive == ("4", "5") and "Prefer not to say" in scale.missing_codes
    assert instrument.items["q1"].wording == "Colleagues act on our values"
    assert str(instrument.scale_of("q6").range) == "0 to 100" and not instrument.scale_of("q6").whole
    assert "Full name" not in instrument.items


def test_one_answer_far_from_all_others_makes_no_scale_and_a_rare_one_beside_them_belongs_to_it(tmp_path: Path) -> None:
    usual = [2, 3, 4, 5] * 50
    frame = pd.DataFrame({
        "organisation": ["P1", "C1"] * 101, "respondent": [f"r{k}" for k in range(202)],
        "q1": [*usual, 1, 55], "q2": [*usual, 9, 5],
    })
    frame.to_csv(tmp_path / "survey.csv", index=False)
    instrument = read_documents(drafted(tmp_path / "survey.csv", tmp_path).root).instruments["survey"]
    assert ["".join(instrument.scale_of(name).options) for name in ("q1", "q2")] == ["12345", "12345"]


def test_a_canonical_file_becomes_the_study_it_came_from(tmp_path: Path) -> None:
    frame = pd.concat([tiny_frame(wave, people=6).assign(wave=wave, arm=lambda rows: rows["organisation"].map(dict(UNITS)))
                       for wave in ("baseline", "month_12")])  # fmt: skip
    frame.to_csv(tmp_path / "all.csv", index=False)
    receipt = drafted(tmp_path / "all.csv", tmp_path)
    documents = read_documents(receipt.root)
    register = read_register(documents)
    assert register.units["arm"].to_dict() == dict(UNITS)
    assert list(documents.protocol.arms) == ["comparison", "develop"]
    assert documents.protocol.populations["respondents"].linkage is Linkage.PSEUDONYM
    assert documents.protocol.populations["respondents"].groups == ("staff_group",)
    assert set(documents.instruments["survey"].items) == {"lived_1", "lived_2", "lived_3", "know_values", "strain_1"}


def test_arms_inside_one_organisation_mean_that_people_were_assigned(tmp_path: Path) -> None:
    frame = tiny_frame("baseline", people=20).assign(treatment=lambda rows: [str(k % 2) for k in range(len(rows))])
    frame.to_csv(tmp_path / "people.csv", index=False)
    documents = read_documents(drafted(tmp_path / "people.csv", tmp_path).root)
    assert documents.protocol.assignment is Assignment.RESPONDENT
    assert read_register(documents).units["arm"].isna().all()
    assert list(documents.protocol.waves) == ["baseline", "follow_up"]


def test_published_means_become_a_table_of_organisations(tmp_path: Path) -> None:
    rows = {"Code": ["RXL", "RJ6", "R1F", "RTE"], "Year": ["2014"] * 4, "Responses": ["410", "388", "502", "365"],
            "Engagement": ["3.71", "3.64", "3.8", "3.55"]}  # fmt: skip
    pd.DataFrame(rows).to_csv(tmp_path / "means.csv", index=False)
    receipt = drafted(tmp_path / "means.csv", tmp_path)
    documents = read_documents(receipt.root)
    assert documents.protocol.populations["respondents"].level is Level.ORGANISATION
    assert "base: {column: Responses}" in next((receipt.root / "mappings").iterdir()).read_text(encoding="utf-8")
    assert documents.protocol.waves["y2014"].opens == date(2014, 1, 1)


def test_a_folder_that_holds_something_is_left_alone(tmp_path: Path) -> None:
    source = codes_csv(tmp_path)
    with pytest.raises(UsageError, match="holds something already"):
        draft_study(source, tmp_path, name="x")
    assert not (tmp_path / "protocol.yaml").exists()


def test_a_file_that_cannot_be_read_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "bad.csv").write_text("", encoding="utf-8")
    with pytest.raises(WaveError, match="the file is empty"):
        drafted(tmp_path / "bad.csv", tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bad.csv"]


FILLED: dict[str, list[dict[str, str]]] = {
    "About": [{"key": key, "value": value} for key, value in (
        ("title", "A pilot of values"), ("question", "Do staff see values lived more after the pilot?"), ("asks", "extend the pilot?"),
        ("board", "Values Board"), ("contact", "evaluation@example.org"), ("assignment", "organisation"), ("randomised", "no"),
        ("selection", "purposive"), ("if an organisation leaves", "analysed as first assigned"), ("confidence", "0.95"),
        ("disclosure policy", "threshold-11"), ("seed", "20250120"), ("cannot tell", "Whether values last beyond a year."))],
    "Arms": [{"arm": "develop", "role": "pilot", "label": "Develop own values"}, {"arm": "usual", "role": "comparison", "label": "No values work"}],
    "Waves": [
        {"wave": "baseline", "label": "Start", "opens": "2025-02-03", "closes": "2025-03-14", "before start": "yes"},
        {"wave": "month_12", "label": "12 months", "opens": "2026-04-13", "closes": "2026-05-22", "look": "decide"}],
    "Organisations": [
        {"organisation": "RX1", "name": "First Trust", "arm": "develop", "type": "NHS Trust", "start": "2025-04-01"},
        {"organisation": "RX2", "name": "Second Trust", "arm": "usual", "type": "NHS Trust", "values_history": "never had"}],
    "Populations": [{"population": "staff", "label": "Staff", "linkage": "pseudonym", "groups": "staff_group, age_band", "respondents_per_unit": "150",
                     "unit_variance_share": "0.03", "wave_variance_share": "0.01", "standard_deviation": "0.2"}],
    "Measures": [
        {"measure": "lived_values", "label": "Values lived", "instrument": "values", "population": "staff", "score": "mean", "items": "lived_1, lived_2",
         "at_least": "1 of 2", "scale": "0 to 10", "minimum_important_difference": "0.3 points", "says": "see values lived"},
        {"measure": "strain", "label": "Strain", "instrument": "values", "population": "staff", "score": "single item", "items": "strain_1",
         "better": "lower", "minimum_important_difference": "0.2 points", "says": "feel strained"}],
    "Items": [
        {"item": name, "instrument": "values", "population": "staff", "wording": wording, "options": "1 = No; 2 = Partly; 3 = Yes", "positive": "3",
         "missing_codes": "9 = Not said", "reverse": reverse} for name, wording, reverse in (
            ("lived_1", "Colleagues act on our values.", ""), ("lived_2", "Our values are ignored.", "yes"), ("strain_1", "Work wears me down.", ""))],
    "Estimands": [
        {"estimand": "lived_change", "status": "primary", "measure": "lived_values", "design": "difference in differences", "covariates": "staff_group"},
        {"estimand": "lived_later", "status": "secondary", "measure": "lived_values", "design": "comparison at follow-up", "family": "outcomes",
         "family_rule": "benjamini-hochberg", "contrast": "develop - usual"},
        {"estimand": "strain_safe", "status": "guardrail", "measure": "strain", "design": "difference in differences", "margin": "0.2 points"}],
    "Decide": [{"when": "lived_change is above zero and every guardrail is safe", "then": "extend the pilot"}, {"otherwise": "one more wave"}],
}  # fmt: skip


def filled(path: Path, sheets: dict[str, list[dict[str, str]]]) -> Path:
    with xlsxwriter.Workbook(path) as book:
        for sheet in SHEETS:
            page = book.add_worksheet(sheet.name)
            names = [column.name for column in sheet.columns]
            page.write_row(0, 0, names)
            for row, cells in enumerate(sheets[sheet.name], start=1):
                for name, text in cells.items():
                    page.write_string(row, names.index(name), text)
    return path


def test_a_filled_workbook_becomes_a_study_without_a_line_of_yaml(tmp_path: Path) -> None:
    receipt = drafted(filled(tmp_path / "plan.xlsx", FILLED), tmp_path)
    documents = read_documents(receipt.root)
    protocol, instrument = documents.protocol, documents.instruments["values"]
    assert receipt.source == "workbook" and receipt.decisions == ()
    assert protocol.title == "A pilot of values" and protocol.looks.decide == ("month_12",) and protocol.baseline == "baseline"
    assert (
        protocol.populations["staff"].groups == ("staff_group", "age_band")
        and protocol.expect["staff"].respondents_per_unit == 150
    )
    assert (
        str(protocol.measures["lived_values"].at_least) == "1 of 2" and protocol.multiplicity["outcomes"] == "benjamini-hochberg"
    )
    assert (
        protocol.estimands["lived_later"].contrast == ("develop - usual",)
        and str(protocol.estimands["strain_safe"].margin) == "0.2 points"
    )
    assert instrument.items["lived_2"].reverse and instrument.scale_of("lived_1").missing_codes == {"9": "Not said"}
    assert len(instrument.scales) == 1
    assert list(read_register(documents).units["arm"]) == ["develop", "usual"]


def changed(sheet: str, row: int, **cells: str) -> dict[str, list[dict[str, str]]]:
    rows = [dict(cells_) for cells_ in FILLED[sheet]]
    rows[row] |= cells
    return FILLED | {sheet: [{key: value for key, value in cells_.items() if value} for cells_ in rows]}


@pytest.mark.parametrize("said", ["Y", "TRUE", "1", "Yes"])
def test_yes_may_be_written_as_spreadsheets_write_it(tmp_path: Path, said: str) -> None:
    sheets = changed("Items", 0, reverse=said) | {"About": changed("About", 6, value=said)["About"]}
    sheets["About"][7]["value"] = "by lot"
    documents = read_documents(drafted(filled(tmp_path / "plan.xlsx", sheets), tmp_path).root)
    assert documents.protocol.randomised and documents.instruments["values"].items["lived_1"].reverse


@pytest.mark.parametrize(("sheets", "where", "what"), [
    (changed("Measures", 0, label=""), "sheet Measures, row 2", "'label' is blank"),
    (changed("Arms", 1, role="control"), "sheet Arms, row 3", "'role' cannot be 'control'"),
    (changed("Measures", 1, minimum_important_difference="a bit"), "sheet Measures, row 3", "not an amount"),
    (changed("Estimands", 0, measure="lived_value"), "sheet Estimands, row 2", "does not measure"),
    (changed("Items", 1, options="1 No 2 Yes"), "sheet Items, row 3", "no code with a label"),
    (changed("Decide", 0, when="lived_change is wonderful"), "sheet Decide, row 2", "no finding can say"),
    (changed("About", 0, value=""), "sheet About, row 2 (title)", "an answer is blank"),
    (changed("About", 6, value="maybe"), "sheet About, row 8 (randomised)", "neither yes nor no: 'maybe'"),
    (changed("About", 4, value="ask the office"), "sheet About, row 6 (contact)", "neither an e-mail address nor a telephone number"),
    (changed("Items", 1, reverse="perhaps"), "sheet Items, row 3", "'reverse' is neither yes nor no"),
    (changed("Waves", 0, **{"before start": "before"}), "sheet Waves, row 2", "'before start' is neither yes nor no"),
    (changed("About", 7, value="by lot"), "sheet About, row 9", "contradicts"),
    (changed("Waves", 1, look="watch"), "sheet Waves, column look", "no wave decides"),
    (changed("Organisations", 1, arm="control"), "sheet Organisations, row 3", "no arm 'control'"),
    (changed("Organisations", 0, type="Trust"), "sheet Organisations, row 2", "none of its words"),
    (FILLED | {"Organisations": []}, "sheet Organisations", "has no rows"),
])  # fmt: skip
def test_a_fault_in_the_workbook_is_told_by_sheet_and_row_and_nothing_is_written(
    tmp_path: Path, sheets: dict[str, list[dict[str, str]]], where: str, what: str
) -> None:
    with pytest.raises(ProtocolError) as caught:
        drafted(filled(tmp_path / "plan.xlsx", sheets), tmp_path)
    told = [problem for problem in caught.value.problems if what in problem.what]
    assert told and where in told[0].where, str(caught.value)
    assert not (tmp_path / "study").exists()


def test_the_empty_workbook_has_every_sheet_with_its_headings_and_says_what_to_fill_in(tmp_path: Path) -> None:
    path = write_workbook(tmp_path / "empty.xlsx")
    for sheet in SHEETS:
        table = read_file(path, FileForm(format="excel", sheet=sheet.name))
        assert table.frame.columns == [column.name for column in sheet.columns]
        assert table.frame.height == (len(ABOUT) if sheet.name == "About" else 0)
    with pytest.raises(ProtocolError, match="an answer is blank"):
        drafted(path, tmp_path)


def answers(path: Path, **columns: list[str]) -> Path:
    """A file of 40 people in four organisations, with `columns` beside; short lists are repeated."""
    rows = {"Organisation": ["T1", "T2", "T3", "T4"] * 10}
    rows |= {name: (values * 40)[:40] for name, values in columns.items()}
    pd.DataFrame(rows).to_csv(path / "answers.csv", index=False)
    return path / "answers.csv"


AGREEMENT = ["Agree", "Disagree", "Strongly agree", "Neither agree nor disagree", "Strongly disagree"]


@pytest.mark.parametrize("header", [" Q3 Patients are treated with respect", "I think the pilot helped us", "Treatment"])
def test_a_question_that_mentions_treatment_or_the_pilot_is_an_item_and_no_arm(tmp_path: Path, header: str) -> None:
    receipt = drafted(answers(tmp_path, **{header: AGREEMENT}), tmp_path)
    documents = read_documents(receipt.root)
    assert list(documents.protocol.arms) == ["pilot", "comparison"] and documents.protocol.assignment is Assignment.ORGANISATION
    assert [item.wording.strip() for item in documents.instruments["survey"].items.values()] == [
        header.strip().removeprefix("Q3 ")]  # fmt: skip


def test_arms_taken_from_a_column_are_marked_to_check(tmp_path: Path) -> None:
    receipt = drafted(answers(tmp_path, **{"Pilot?": ["Yes", "No"], "Q1 Proud": AGREEMENT}), tmp_path)
    assert "CHECK: taken from the column 'Pilot?'" in (receipt.root / "protocol.yaml").read_text(encoding="utf-8")
    assert any("organisations.csv: CHECK the arm" in decision for decision in receipt.decisions)


def test_a_scale_with_many_words_for_no_answer_is_still_a_scale(tmp_path: Path) -> None:
    values = ["1", "2", "N/A", "3", "4", "n/a", "5"]
    documents = read_documents(drafted(answers(tmp_path, **{"Q1 Proud of it": values}), tmp_path).root)
    scale = documents.instruments["survey"].scale_of("q1")
    assert list(scale.options) == ["1", "2", "3", "4", "5"] and set(scale.missing_codes) == {"N/A", "n/a"}
    assert documents.protocol.populations["respondents"].groups == ()


def test_people_named_or_quoted_never_become_a_group_and_every_group_is_marked_to_check(tmp_path: Path) -> None:
    columns = {"Line manager": ["Ophira Hexenham", "Zebedee Wintersmouth"], "Seen by": ["Ophira Hexenham", "Anne Li", "Bo Ek"],
               "What else?": ["Ask Ophira in payroll about it", "My manager is rude to me"],
               "Staff group": ["Registered Nurse", "Medical Staff"], "Q1 Proud of it": AGREEMENT}  # fmt: skip
    receipt = drafted(answers(tmp_path, **columns), tmp_path)
    assert read_documents(receipt.root).protocol.populations["respondents"].groups == ("staff_group",)
    mapping = next((receipt.root / "mappings").iterdir()).read_text(encoding="utf-8")
    dropped, ignored = mapping.split("drop:")[1].split("ignore:")
    assert "  - Line manager" in dropped and "  - Seen by" in dropped and "  - What else?   # free text" in ignored
    assert "staff_group: {column: Staff group}   # CHECK" in mapping
    protocol = (receipt.root / "protocol.yaml").read_text(encoding="utf-8")
    assert "CHECK that every group is one" in protocol and "Ophira" not in mapping + protocol


def test_spellings_that_differ_in_case_are_one_organisation_to_check(tmp_path: Path) -> None:
    places = ["OAKVALE TRUST", "Oakvale Trust", "oakvale trust", "Pennine Care"]
    receipt = drafted(answers(tmp_path, Organisation=places, **{"Q1 Proud of it": AGREEMENT}), tmp_path)
    table = pd.read_csv(receipt.root / "organisations.csv", dtype=str)
    assert table["name"].to_list() == ["Oakvale Trust", "Pennine Care"]
    assert any("CHECK that 'Oakvale Trust' is one organisation; the file writes it in 3 ways" in one for one in receipt.decisions)
    mapping = next((receipt.root / "mappings").iterdir()).read_text(encoding="utf-8")
    assert "oakvale trust: ORG-01" in mapping and "CHECK: several spellings are taken for one organisation" in mapping


def test_a_drafted_measure_completes_the_boards_sentence(tmp_path: Path) -> None:
    """The sentence is 'Respondents in pilot organisations ... more than before', with percentages 'More respondents ...'."""
    columns = {
        "Q1 I am proud of our values.": AGREEMENT,
        "Q2 Asked for consent?": ["Yes", "No"],
        "Q3 Kind": ["1", "7", "10"],
    }
    measures = read_documents(drafted(answers(tmp_path, **columns), tmp_path).root).protocol.measures
    assert [measure.says for measure in measures.values()] == [
        "agree with 'I am proud of our values'", "say yes to 'Asked for consent'", "report 'Kind'"]  # fmt: skip


def test_questions_without_a_number_are_not_called_as_a_supplier_numbers_his_own(tmp_path: Path) -> None:
    worded = {f"How far do you agree that the {word} at work is good?": AGREEMENT for word in ("mood", "air", "food")}
    items = read_documents(drafted(answers(tmp_path, **{"Energy": AGREEMENT} | worded), tmp_path).root).instruments["survey"].items
    assert list(items) == ["energy", "item1", "item2", "item3"]


@pytest.mark.parametrize(("header", "values", "options", "checked"), [
    ("How likely are you to recommend us (0-10)", [str(k) for k in range(1, 11)], [str(k) for k in range(11)], True),
    ("How likely are you to recommend us [1 to 5]", ["1", "2", "3", "4", "5"], ["1", "2", "3", "4", "5"], False),
    ("How likely are you to recommend us (1-5)", ["1", "3", "7"], [str(k) for k in range(1, 8)], True),
    ("How likely are you to recommend us (2024-2025)", ["1", "2", "3"], ["1", "2", "3"], False),
])  # fmt: skip
def test_a_range_that_a_question_states_is_its_scale_and_another_in_the_answers_is_marked(
    tmp_path: Path, header: str, values: list[str], options: list[str], checked: bool
) -> None:
    receipt = drafted(answers(tmp_path, **{header: values}), tmp_path)
    assert list(read_documents(receipt.root).instruments["survey"].scale_of("item1").options) == options
    text = next((receipt.root / "instruments").iterdir()).read_text(encoding="utf-8")
    assert (f"CHECK: the question says {'0 to 10' if '10' in header else '1 to 5'}, and answers go from 1 to {values[-1]} in 'item1'" in text) == checked
    assert any("the range; CHECK" in one for one in receipt.decisions) == checked


def test_a_stated_range_that_is_no_list_of_options_is_the_scales_range(tmp_path: Path) -> None:
    receipt = drafted(answers(tmp_path, **{"How many of your meetings helped you last month (0-20)": [str(k) for k in range(20)]}), tmp_path)
    assert str(read_documents(receipt.root).instruments["survey"].scale_of("item1").range) == "0 to 20"
