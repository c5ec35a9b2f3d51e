"""A question that changed between waves: noticed from labels and instruments, refused until judged, and then out of the trend.

Scores after a change are held to pandas; what the plan's check says is held to the documents.
"""

from pathlib import Path

import numpy as np
import polars as pl
import pyreadstat
import pytest

import evaluation as ev
from evaluation.audit_log import verify
from evaluation.errors import ProtocolError, WaveError
from evaluation.measures.score import items_of, left_out_of, waves_scored
from evaluation.protocol.documents import read_documents
from evaluation.protocol.mapping import FileForm
from evaluation.study import Study
from evaluation.waves import store
from evaluation.waves.checks.asked import QUESTIONS, asked_in
from evaluation.waves.checks.expected import expect
from evaluation.waves.checks.layout import layout_from_header
from evaluation.waves.load import Arriving, check_wave, load_wave
from evaluation.waves.readers import Table
from evaluation.waves.storage.read import read_rows
from tests.studies import INSTRUMENT, PROTOCOL, tiny_frame, tiny_study
from tests.waves.storing import ACTOR

WORDINGS = {
    "lived_1": "Q1. Colleagues act on our values", "lived_2": "Q2. Leaders act on our values.", "lived_3": "Q3. Our values are ignored",
    "know_values": "Q4. I could name our values", "strain_1": "Q5. My workload wears me down",
}  # fmt: skip
AGREE = {1: "Strongly disagree", 2: "Disagree", 3: "Neither", 4: "Agree", 5: "Strongly agree"}


def declared(item: str, key: str, wave: str = "month_6") -> str:
    """The instrument with one more key under an item."""
    line = next(line for line in INSTRUMENT.splitlines() if line.startswith(f"  {item}:"))
    return INSTRUMENT.replace(line, line.replace("}", f", {key}: {wave}}}"))


def rewrite(study: Study, instrument: str, protocol: str = PROTOCOL) -> None:
    (study.root / "instruments" / "values.yaml").write_text(instrument, encoding="utf-8")
    (study.root / "protocol.yaml").write_text(protocol, encoding="utf-8")


def spss(study: Study, wave: str, people: int = 12, **changes: str) -> Path:
    """A wave as an SPSS file with its questions as labels; `changes` word an item otherwise."""
    path = study.root.parent / f"{wave}.sav"
    labels = {**WORDINGS, **{name: text for name, text in changes.items() if name in WORDINGS}}
    codes = dict.fromkeys(WORDINGS, AGREE)
    if "fifth" in changes:
        codes["lived_2"] = {**AGREE, 5: changes["fifth"]}
    pyreadstat.write_sav(tiny_frame(wave, people=people), str(path), column_labels=labels, variable_value_labels=codes)
    return path


def sent(study: Study, file: Path, wave: str) -> Arriving:
    return Arriving(file, wave, "staff")


@pytest.fixture
def study(tmp_path: Path) -> Study:
    """The tiny study with its baseline stored from an SPSS file."""
    study = Study(tiny_study(tmp_path / "tiny"))
    load_wave(study, sent(study, spss(study, "baseline"), "baseline"), actor=ACTOR)
    return study


def refused(study: Study, file: Path, wave: str = "month_6") -> WaveError:
    with pytest.raises(WaveError) as caught:
        check_wave(study, sent(study, file, wave))
    return caught.value


def test_a_label_that_says_something_else_is_refused_with_both_wordings_and_both_ways_out(study: Study) -> None:
    error = refused(study, spss(study, "month_6", lived_2="Q2. Managers act on our values"))
    (problem,) = error.problems
    assert problem.code == "question-changed"
    assert problem.what == (
        "lived_2 is worded otherwise than in wave 'baseline': 'Q2. Leaders act on our values.' there, "
        "'Q2. Managers act on our values' here."
    )
    assert problem.where == "month_6.sav, column 'lived_2'"
    assert "'changed_in: month_6'" in problem.fix and "'equivalent_in: month_6'" in problem.fix


def test_a_label_that_is_the_wording_of_another_item_is_refused_in_a_first_wave_too(tmp_path: Path) -> None:
    """Columns of an SPSS file with the questions of two items the other way round; a wording of no item says nothing."""
    study = Study(tiny_study(tmp_path / "tiny"))
    swapped = {"lived_1": "3. leaders act on our VALUES", "lived_2": "Q2. Colleagues act on our values.", "lived_3": "Something else"}
    (problem,) = refused(study, spss(study, "baseline", **swapped), "baseline").problems
    assert problem.code == "question-misread" and problem.count == 2
    assert problem.what == (
        "2 columns have the wording of another item as label: 'lived_1' is read as lived_1 and worded as lived_2; "
        "'lived_2' is read as lived_2 and worded as lived_1."
    )
    assert problem.where == "baseline.sav, columns 'lived_1', 'lived_2'"
    assert problem.fix.startswith("in a mapping, read 'lived_1' as lived_2, 'lived_2' as lived_1; ")


def test_a_wording_that_moved_to_another_column_is_told_with_the_column_to_map(tmp_path: Path) -> None:
    """Wordings that are not the instrument's, so that only the waves can be compared."""
    study = Study(tiny_study(tmp_path / "tiny"))
    ours = {"lived_1": "Those I work with live by them", "lived_2": "Those above me live by them"}
    load_wave(study, sent(study, spss(study, "baseline", **ours), "baseline"), actor=ACTOR)
    first, second = refused(study, spss(study, "month_6", lived_1=ours["lived_2"], lived_2=ours["lived_1"])).problems
    assert first.code == second.code == "question-changed"
    assert first.fix.startswith("column 'lived_2' now has the label that lived_1 had: map it to lived_1. Where that is wrong, say in")
    assert second.fix.startswith("column 'lived_1' now has the label that lived_2 had: map it to lived_2. ")


def test_numbers_case_and_punctuation_of_a_question_do_not_change_it(study: Study) -> None:
    again = {"lived_1": "12) Colleagues act on our values.", "lived_2": "Q2: LEADERS act on our values"}
    assert check_wave(study, sent(study, spss(study, "month_6", **again), "month_6")).read.kept == 96


def test_another_label_of_a_code_is_another_scale(study: Study) -> None:
    error = refused(study, spss(study, "month_6", fifth="Tend to agree"))
    assert "lived_2 has another scale than in wave 'baseline': 5 is 'Strongly agree' there, 'Tend to agree' here." in str(error)


def test_a_file_without_labels_is_not_compared_with_one_that_has_them(study: Study) -> None:
    file = study.root.parent / "month_6.csv"
    tiny_frame("month_6", people=12).to_csv(file, index=False)
    assert check_wave(study, sent(study, file, "month_6")).read.kept == 96


OURS = ["lived_1", "lived_2", "lived_3", "know_values", "strain_1"]
HEADERS = [
    "Colleagues act on our values.", "Leaders act on our values.", "Our values are ignored when we are busy.", "I could name our values.",
    "My workload wears me down.",
]  # fmt: skip


PUBLISHED = PROTOCOL.replace("{label: Staff, linkage: pseudonym, groups: [staff_group]}", "{label: Staff, level: organisation}")


def csv_worded(study: Study, wave: str, *headers: str) -> Arriving:
    """A wave as CSV whose headers are questions, with a reviewed mapping of its own."""
    file = study.root.parent / f"{wave}.csv"
    tiny_frame(wave, people=12).rename(columns=dict(zip(OURS, headers, strict=True))).to_csv(file, index=False)
    items = "".join(f'  "{header}": {{item: {item}}}\n' for item, header in zip(OURS, headers, strict=True))
    name = wave.replace("_", "-")
    study.mappings.mkdir(exist_ok=True)
    (study.mappings / f"{name}.yaml").write_text(
        f"mapping: {name}\nversion: 1\nreviewed_by: Ana\npopulation: staff\nfile: {{format: csv}}\norganisation: {{column: organisation}}\n"
        f"respondent: {{column: respondent}}\ngroups: {{staff_group: {{column: staff_group}}}}\nitems:\n{items}",
        encoding="utf-8",
    )
    return Arriving(file, wave, "staff", mapping=name)


@pytest.mark.parametrize(("before", "now"), [
    (HEADERS[0], "Colleagues act on our values every day."), ("Our values matter to colleagues", "Our values mattered to colleagues last week"),
    ("In the last 12 months colleagues acted on values", "In the last 3 months colleagues acted on values"),
    ("3 or more colleagues act on values", "5 or more colleagues act on values"),
])  # fmt: skip
def test_headers_that_are_questions_are_compared_between_waves_where_files_have_no_labels(tmp_path: Path, before: str, now: str) -> None:
    study = Study(tiny_study(tmp_path / "tiny"))
    load_wave(study, csv_worded(study, "baseline", before, *HEADERS[1:]), actor=ACTOR)
    arriving = csv_worded(study, "month_6", now, *HEADERS[1:])
    with pytest.raises(WaveError) as caught:
        check_wave(study, arriving)
    (problem,) = caught.value.problems
    assert problem.code == "question-changed" and f"'{before}' there, '{now}' here" in problem.what
    rewrite(study, declared("lived_1", "equivalent_in"))
    assert check_wave(study, arriving).read.kept == 96


@pytest.mark.parametrize("headers", [
    [f"{number}.{k}. {header}" for number, k, header in zip("44455", "12312", HEADERS, strict=True)],
    [f"How far do you agree? - {header}" for header in HEADERS], [f"agree [{header.rstrip('.')}]" for header in HEADERS],
    [f"<p>{header}</p> (required)" for header in HEADERS], [f"B{k}. {header} *" for k, header in enumerate(HEADERS)],
    ["q1", "Question 2", "Q3 SQ001", "v_4", "5a"], [header.upper() for header in HEADERS],
])  # fmt: skip
def test_how_a_tool_numbers_stems_or_codes_a_header_does_not_change_its_question(tmp_path: Path, headers: list[str]) -> None:
    study = Study(tiny_study(tmp_path / "tiny"))
    load_wave(study, csv_worded(study, "baseline", *HEADERS), actor=ACTOR)
    assert check_wave(study, csv_worded(study, "month_6", *headers)).read.kept == 96


def test_headers_of_published_tables_name_figures_and_are_not_compared(tmp_path: Path) -> None:
    """As in the Civil Service People Survey: 'My work theme score (B01-B05)' in 2009, '(B01-B05 average)' in 2010."""
    study = Study(tiny_study(tmp_path / "tiny", protocol=PUBLISHED))
    for wave, header in (("baseline", "Values theme score (B01-B05)"), ("month_6", "Values theme score (B01-B05 average)")):
        arriving = csv_worded(study, wave, header, *HEADERS[1:])
        frame = pl.read_csv(arriving.file).drop("respondent", "staff_group").unique("organisation")
        frame.write_csv(arriving.file)
        mapping = study.mappings / f"{arriving.mapping}.yaml"
        text = mapping.read_text(encoding="utf-8").replace("respondent: {column: respondent}\n", "base: not published\n")
        mapping.write_text(text.replace("groups: {staff_group: {column: staff_group}}\n", ""), encoding="utf-8")
        load_wave(study, arriving, actor=ACTOR)


def test_another_wording_is_a_change_though_marks_and_numbering_change_with_it(tmp_path: Path) -> None:
    study = Study(tiny_study(tmp_path / "tiny"))
    load_wave(study, csv_worded(study, "baseline", "A1. Colleagues here act on values *", *HEADERS[1:]), actor=ACTOR)
    with pytest.raises(WaveError, match="'Colleagues here act on values' there, 'Managers here act on values' here"):
        check_wave(study, csv_worded(study, "month_6", "<b>B1. Managers here act on values</b> (required)", *HEADERS[1:]))


def form_only(before: str, now: str, folder: Path) -> None:
    study = Study(tiny_study(folder / "tiny"))
    load_wave(study, csv_worded(study, "baseline", before, *HEADERS[1:]), actor=ACTOR)
    assert check_wave(study, csv_worded(study, "month_6", now, *HEADERS[1:])).read.kept == 96


@pytest.mark.parametrize(("before", "now"), [
    ("Values are lived in this place", "Values are lived in this place (required)"), ("Values are lived here *", "<b>Values&nbsp;are</b> lived  here"),
    ("A1. Values are lived in this place", "B12) Values are lived in this place"), ("Q3_1 Values are lived here", "Q4-2. Values are lived here"),
    ("Values are lived <br/>here &amp; there", "Values are lived here & there"),
])  # fmt: skip
def test_marks_markup_and_numbering_that_change_between_waves_change_no_question(before: str, now: str, tmp_path: Path) -> None:
    """In words that are not the instrument's, so that only the waves can be compared."""
    form_only(before, now, tmp_path)


@pytest.mark.parametrize(("before", "now"), [
    ("Values lived here (2024/25)", "Values lived here (2025/26)"), ("How was work in March 2025?", "How was work in October 2025?"),
    (f"Before the pilot: {HEADERS[0]}", f"Q4. Before the pilot - {HEADERS[0]}"),
    ("mgr_sup_t0", "mgr_sup_t1"), ("mgr_sup_q_2025", "mgr_sup_q_2026"),
])  # fmt: skip
def test_when_it_was_asked_and_the_codes_of_a_tool_are_no_part_of_a_question(before: str, now: str, tmp_path: Path) -> None:
    form_only(before, now, tmp_path)


NOW = HEADERS[0]


@pytest.mark.parametrize(("before", "now"), [
    ("Heard in the last 12 months?", "Heard in the last 1-2 months?"), ("Heard for more than 1.5 hours", "Heard for more than 15 hours"),
    ("I am heard < 5 hours", "I am heard > 5 hours"), ("24 Hours notice is given", "48 Hours notice is given"),
    ("5 Days a week I am heard", "1 Days a week I am heard"), ("Heard as compared with January", "Heard as compared with December"),
    (f"How far do you agree? [{NOW}]", f"How important is this to you? [{NOW}]"), (NOW, f"Before the pilot: {NOW}"),
    (NOW, f"Please tick if this is NOT true. {NOW}"), (f"In my last job - {NOW}", NOW),
])  # fmt: skip
def test_signs_numbers_months_and_stems_that_ask_something_else_are_changes(before: str, now: str, tmp_path: Path) -> None:
    study = Study(tiny_study(tmp_path / "tiny"))
    load_wave(study, csv_worded(study, "baseline", before, *HEADERS[1:]), actor=ACTOR)
    with pytest.raises(WaveError, match="lived_1 is worded otherwise than in wave 'baseline'") as caught:
        check_wave(study, csv_worded(study, "month_6", now, *HEADERS[1:]))
    assert [problem.code for problem in caught.value.problems] == ["question-changed"]


def test_suppliers_of_one_wave_may_each_have_words_of_their_own(tmp_path: Path) -> None:
    """One sends the organisations of P, the other those of C, each under its own headers in both waves."""
    study = Study(tiny_study(tmp_path / "tiny"))
    words = {"P": "Colleagues here act on values", "C": "Your colleagues live the values"}
    for letter, header in words.items():
        load_wave(study, part(csv_worded(study, "baseline", header, *HEADERS[1:]), letter), actor=ACTOR)
    for letter, header in words.items():
        assert check_wave(study, part(csv_worded(study, "month_6", header, *HEADERS[1:]), letter)).read.kept
    with pytest.raises(WaveError, match="is worded otherwise than in wave 'baseline'"):
        check_wave(study, part(csv_worded(study, "month_6", "Managers act on what they say", *HEADERS[1:]), "P"))


def part(arriving: Arriving, letter: str) -> Arriving:
    rows = pl.read_csv(arriving.file)
    rows.filter(pl.col("organisation").str.starts_with(letter)).write_csv(arriving.file)
    return arriving


@pytest.mark.parametrize(("old", "new", "says"), [
    ("Leaders act on our values.", "Managers act on our values.", "lived_2 is worded otherwise than in wave 'baseline'"),
    ("5: Strongly agree}", "5: Strongly agree, 6: Entirely}", "lived_1 has another scale than in wave 'baseline': 6 is '-' there, 'Entirely' here"),
])  # fmt: skip
def test_an_instrument_that_was_rewritten_is_compared_with_itself_as_it_stood(
    study: Study, old: str, new: str, says: str
) -> None:
    rewrite(study, INSTRUMENT.replace(old, new))
    assert says in str(refused(study, spss(study, "month_6")))


def test_a_refused_wave_is_not_stored_and_the_log_holds_what_each_load_asked(study: Study) -> None:
    with pytest.raises(WaveError):
        load_wave(study, sent(study, spss(study, "month_6", lived_2="Something else altogether"), "month_6"), actor=ACTOR)
    entries = verify(study.audit_file)
    assert [entry.act for entry in entries][-1] == "wave refused"
    kept = [entry.details[QUESTIONS] for entry in entries if QUESTIONS in entry.details]
    assert len(kept) == 1 and "Q5. My workload wears me down" in kept[0] and "P1-0000" not in kept[0]


def test_an_item_judged_the_same_comes_in_and_stays_in_its_measure(study: Study) -> None:
    rewrite(study, declared("lived_2", "equivalent_in"))
    file = spss(study, "month_6", lived_2="Q2. Managers act on our values")
    assert load_wave(study, sent(study, file, "month_6"), actor=ACTOR).stored.rows_added == 96
    documents = read_documents(study.root)
    assert items_of("lived_values", documents) == ("lived_1", "lived_2", "lived_3")
    assert left_out_of("lived_values", documents) == {}


ZUSTIMMUNG = {1: "Gar nicht", 2: "Kaum", 3: "Teils", 4: "Eher", 5: "Voll"}
OTHER_WAY = """\
mapping: other-way
version: 1
reviewed_by: R. Viewer
population: staff
file: {format: spss}
organisation: {column: organisation}
respondent: {column: respondent}
groups: {staff_group: {column: staff_group}}
items:
"""


def test_labels_that_only_moved_to_other_codes_are_mapped_and_cannot_be_judged_equivalent(tmp_path: Path) -> None:
    """Labels in another language than the instrument's, so that only the waves can be compared; truth: the frame before turning."""
    study = Study(tiny_study(tmp_path / "tiny"))
    first, second = tiny_frame("baseline", people=4), tiny_frame("month_6", people=4)
    pyreadstat.write_sav(first, str(tmp_path / "a.sav"), variable_value_labels={"lived_2": ZUSTIMMUNG})
    other_way = {6 - code: label for code, label in ZUSTIMMUNG.items()}
    pyreadstat.write_sav(
        second.replace({c: 6 - c for c in AGREE}), str(tmp_path / "b.sav"), variable_value_labels={"lived_2": other_way}
    )
    load_wave(study, sent(study, tmp_path / "a.sav", "baseline"), actor=ACTOR)
    rewrite(study, declared("lived_2", "equivalent_in"))
    (problem,) = refused(study, tmp_path / "b.sav").problems
    assert problem.code == "codes-moved" and "1 is 'Gar nicht' there, 'Voll' here" in problem.what
    assert (
        "1 becomes 5, 2 becomes 4, 4 becomes 2, 5 becomes 1. If the labels" in problem.fix and "equivalent_in" not in problem.fix
    )
    items = "".join(f"  {item}: {{item: {item}, codes: {{1: 5, 2: 4, 3: 3, 4: 2, 5: 1}}}}\n" for item in WORDINGS)
    (study.root / "mappings").mkdir()
    (study.root / "mappings" / "other-way.yaml").write_text(OTHER_WAY + items, encoding="utf-8")
    load_wave(study, Arriving(tmp_path / "b.sav", "month_6", "staff", mapping="other-way"), actor=ACTOR)
    stored = read_rows(store.responses(study, "staff").files)
    assert stored.filter(stored["wave"] == "month_6")["lived_2"].sum() == second["lived_2"].sum()


def test_codes_that_mean_no_answer_are_no_part_of_what_is_asked(study: Study) -> None:
    """98 by the file itself, 99 by the instrument; their labels may be worded otherwise in the next wave."""
    codes = {**AGREE, 98: "Refused", 99: "Said nothing"}
    table = Table(
        "wave.sav", pl.DataFrame({"lived_2": ["1"]}), pl.Series("row", [2]), FileForm(format="spss"), missing={"lived_2": ("98",)},
        value_labels={"lived_2": {str(code): label for code, label in codes.items()}},
    )  # fmt: skip
    expected = expect(read_documents(study.root), "staff", "month_6")
    asked = asked_in(table, layout_from_header(["lived_2"], expected, "P1"), expected)
    assert asked["lived_2"].codes == {str(code): label for code, label in AGREE.items()}


def test_an_instrument_whose_codes_were_turned_is_to_be_turned_back(study: Study) -> None:
    words = list(AGREE.values())
    options = [", ".join(f"{code}: {word}" for code, word in enumerate(order, start=1)) for order in (words, words[::-1])]
    rewrite(study, declared("lived_2", "equivalent_in").replace(*options))
    file = study.root.parent / "month_6.csv"
    tiny_frame("month_6", people=12).to_csv(file, index=False)
    found = {problem.code: problem for problem in refused(study, file).problems}
    assert list(found) == ["codes-moved"] and len(refused(study, file).problems) == 5
    assert "the codes of instruments/values.yaml stay what they were" in found["codes-moved"].fix


@pytest.mark.parametrize("ends", [("< 5 years", "> 5 years"), ("1-2 times", "12 times"), ("-", "+")])
def test_options_that_differ_in_a_sign_only_and_changed_places_in_the_instrument_are_to_be_turned_back(
    tmp_path: Path, ends: tuple[str, str]
) -> None:
    study = Study(tiny_study(tmp_path / "tiny"))
    for wave, (first, last) in (("baseline", ends), ("month_6", ends[::-1])):
        words = INSTRUMENT.replace("1: Strongly disagree", f'1: "{first}"').replace("5: Strongly agree", f'5: "{last}"')
        rewrite(study, words)
        file = tmp_path / f"{wave}.csv"
        tiny_frame(wave, people=12).to_csv(file, index=False)
        if wave == "baseline":
            load_wave(study, sent(study, file, wave), actor=ACTOR)
    found = refused(study, file).problems[0]
    assert found.code == "codes-moved" and f"1 is '{ends[0]}' there, '{ends[1]}' here" in found.what


def test_a_judgement_for_one_wave_says_nothing_of_the_next(study: Study) -> None:
    rewrite(study, declared("lived_2", "equivalent_in"))
    load_wave(study, sent(study, spss(study, "month_6", lived_2="Q2. Managers act on our values"), "month_6"), actor=ACTOR)
    later = spss(study, "month_12", lived_2="Q2. Bosses act on our values")
    assert "than in wave 'month_6'" in str(refused(study, later, "month_12"))
    assert (
        check_wave(study, sent(study, spss(study, "month_12", lived_2="Q2. Managers act on our values"), "month_12")).read.kept
        == 96
    )


TWO_OF_TWO = PROTOCOL.replace("at_least: 2 of 3", "at_least: 2 of 2")


def test_a_measure_says_that_an_item_left_it_where_its_share_still_counts_it(study: Study) -> None:
    rewrite(study, declared("lived_2", "changed_in"))
    with pytest.raises(ProtocolError) as caught:
        read_documents(study.root)
    assert "says 'at_least: 2 of 3', but has 2 items (lived_2 changed between waves and left the measure)." in str(caught.value)
    assert "write '2 of 2'" in str(caught.value)


def test_a_changed_item_is_in_no_waves_score_and_every_number_says_so(study: Study) -> None:
    """The difference in differences of the two items that stayed, worked out with pandas."""
    rewrite(study, declared("lived_2", "changed_in", "month_12"), TWO_OF_TWO)
    waves = {wave: tiny_frame(wave, people=12) for wave in ("baseline", "month_12")}
    file = spss(study, "month_12", lived_2="Q2. Managers act on our values")
    load_wave(study, sent(study, file, "month_12"), actor=ACTOR)
    documents = read_documents(study.root)
    assert items_of("lived_values", documents) == ("lived_1", "lived_3")
    assert waves_scored("lived_values", documents) == ("baseline", "month_6", "month_12")
    means = {}
    for wave, frame in waves.items():
        score = (frame["lived_1"] + 6 - frame["lived_3"]) / 2
        means[wave] = ((score - 1) * 10 / 4).groupby(frame["organisation"]).mean()
    change = means["month_12"] - means["baseline"]
    pilots = change.index.str.startswith("P")
    found = ev.run(study).tidy()
    row = found[(found["estimand"] == "lived_values_change") & (found["estimator"] == "least squares")].iloc[0]
    assert np.isclose(row["estimate"], change[pilots].mean() - change[~pilots].mean(), atol=1e-9)
    mine = found[(found["estimand"] == "lived_values_change") & found["estimate"].notna()]
    assert mine["flags"].astype(str).str.contains("items_changed:lived_2 (from 12 months on)", regex=False).any()
    others = found[found["estimand"] == "awareness_change"]
    assert not others["flags"].astype(str).str.contains("items_changed").any()


def test_a_measure_of_which_nothing_is_left_ends_before_the_change_and_no_estimand_reaches_over_it(study: Study) -> None:
    rewrite(study, declared("strain_1", "changed_in", "month_12"))
    with pytest.raises(ProtocolError) as caught:
        read_documents(study.root)
    (problem,) = caught.value.problems
    assert problem.what == (
        "estimand 'strain_not_worse' compares 'baseline' with 'month_12', and in between strain_1 became another question: "
        "a difference could be in the words."
    )
    assert "compare waves up to 'month_6'" in problem.fix
    until = PROTOCOL.replace(
        "measure: strain, design: difference in differences,",
        "measure: strain, design: difference in differences, wave_to: month_6,",
    )
    rewrite(study, declared("strain_1", "changed_in", "month_12"), until)
    assert waves_scored("strain", read_documents(study.root)) == ("baseline", "month_6")


@pytest.mark.parametrize(("keys", "says"), [
    ("changed_in: month_9", "'month_9', which is not there"),
    ("changed_in: baseline", "item 'lived_2' changes in 'baseline', and no wave comes before it."),
    ("changed_in: month_6, equivalent_in: month_6", "both another one and the same"),
])  # fmt: skip
def test_a_judgement_that_cannot_be_is_refused_at_its_line(study: Study, keys: str, says: str) -> None:
    key, _, rest = keys.partition(": ")
    rewrite(study, declared("lived_2", key, rest), TWO_OF_TWO)
    with pytest.raises(ProtocolError, match=says.replace("(", r"\(")) as caught:
        read_documents(study.root)
    assert "values.yaml, line" in str(caught.value)


def test_answers_stay_what_they_are(study: Study) -> None:
    """Leaving a measure takes no answer out of the store."""
    rewrite(study, declared("lived_2", "changed_in"), TWO_OF_TWO)
    load_wave(study, sent(study, spss(study, "month_6", lived_2="Q2. Managers act on our values"), "month_6"), actor=ACTOR)

    rows = read_rows(store.responses(study, "staff").files, ["wave", "lived_2"])
    assert rows["lived_2"].null_count() == 0 and rows.height == 192
