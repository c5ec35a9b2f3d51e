"""Data that cannot answer, through the whole line: files, load, run, release, every page.

Source of the rows: the table of bad inputs, 52 (a group with one person; all answers equal; all missing; one organisation; no
comparison) and 53 (perfect separation, collinear columns, zero variance, two clusters): a named warning or a refusal with its
reason, cells hidden, pages that render, never a silent estimate. `line.run` holds every one of these runs to finite numbers in
the printed answer, the kept result, the release and all pages. Weights stand in row 53 too; there are none to set yet.
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from evaluation.protocol.documents import read_documents
from evaluation.terms import Suppression
from tests.journeys.line import Line, load, pilot, run
from tests.studies import UNITS, tiny_frame, tiny_study

Waves = dict[str, pd.DataFrame]
Change = Callable[[str, pd.DataFrame], pd.DataFrame]

LIVED, KNOW, STRAIN = ["lived_1", "lived_2", "lived_3"], ["know_values"], ["strain_1"]
MAIN = "lived_values_change: {status: primary, measure: lived_values, design: difference in differences, estimator: unit change}"
ANCOVA = {MAIN: "lived_values_change: {status: primary, measure: lived_values, design: ancova}"}
BEFORE_AFTER = {MAIN: "lived_values_change: {status: primary, measure: lived_values, design: before and after}"}
ADJUSTED = {
    MAIN: MAIN.replace("unit change", "unit change, covariates: [staff_group, site]"),
    "groups: [staff_group]": "groups: [staff_group, site]",
}
PEOPLE = {"assignment: organisation": "assignment: respondent", "estimator: unit change}": "estimator: robust least squares}"}
PLACES_ONLY = "organisation,name,type,region,size,values_history\n" + "".join(
    f"{code},Organisation {code},NHS Trust,North,3000,never had\n" for code, _ in UNITS)


@pytest.fixture(scope="module")
def line(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Line]:
    """A study with hard answers, from files to its release; each is made once."""
    made: dict[str, Line] = {}

    def of(name: str) -> Line:
        if name not in made:
            replace, change, register = STUDIES[name]
            root = tiny_study(tmp_path_factory.mktemp(name.replace(" ", "-")) / "study", replace=replace)
            if register:
                (root / "organisations.csv").write_text(register, encoding="utf-8")
            load(root, {wave: frame for wave in ("baseline", "month_12") if len(frame := change(wave, frame_of(wave)))})
            made[name] = run(root)
        return made[name]

    return of


def frame_of(wave: str) -> pd.DataFrame:
    """Thirty people an organisation, in one site."""
    return tiny_frame(wave, people=30)


def only(*codes: str) -> Change:
    """The answers of some organisations."""
    return lambda wave, frame: frame[frame["organisation"].isin(codes)]


def pilots(frame: pd.DataFrame) -> pd.Series:
    return frame["organisation"].str.startswith("P")


def set_to(frame: pd.DataFrame, items: list[str], value: object) -> pd.DataFrame:
    return frame.assign(**dict.fromkeys(items, value))


def flat(wave: str, frame: pd.DataFrame) -> pd.DataFrame:
    """Lived values: all answers equal. Knowing: perfect separation in both waves. Strain: nobody answered at follow-up."""
    frame = set_to(frame, LIVED, 3)
    frame = set_to(frame, KNOW, np.where(pilots(frame), 5, 1))
    return set_to(frame, STRAIN, 99) if wave == "month_12" else frame


def uneven(wave: str, frame: pd.DataFrame) -> pd.DataFrame:
    """C3 is one person, C5 did not answer again, P1 joined late; C1 wrote nothing about strain at follow-up."""
    frame = frame[~frame["respondent"].str.startswith("C3") | frame["respondent"].str.endswith("0000")]
    frame = frame[frame["organisation"] != ("C5" if wave == "month_12" else "P1")]
    gone = (frame["organisation"] == "C1") & (wave == "month_12")
    return frame.assign(strain_1=frame["strain_1"].where(~gone, 99))


def collinear(wave: str, frame: pd.DataFrame) -> pd.DataFrame:
    """Site says what the staff group says. Knowing: perfect separation at follow-up. Strain: no spread inside an organisation."""
    frame = frame.assign(site=frame["staff_group"].map({"Nursing": "Ward", "Other": "Office"}))
    if wave == "month_12":
        frame = set_to(frame, KNOW, np.where(pilots(frame), 5, 1))
    later = {"P1": 4, "P2": 3, "C2": 4} if wave == "month_12" else {}
    return set_to(frame, STRAIN, frame["organisation"].map(later).fillna(2).astype(int))


def strangers(wave: str, frame: pd.DataFrame) -> pd.DataFrame:
    """Nobody who answered first answered again."""
    return frame.assign(respondent=frame["respondent"] + wave)


def alternating(wave: str, frame: pd.DataFrame) -> pd.DataFrame:
    """People assigned inside organisations. Lived values: all equal. Knowing: perfect separation at follow-up."""
    frame = set_to(frame.assign(arm=np.where(np.arange(len(frame)) % 2, "develop", "comparison")), LIVED, 3)
    return set_to(frame, KNOW, np.where(frame["arm"] == "develop", 5, 1)) if wave == "month_12" else frame


def by_place(wave: str, frame: pd.DataFrame) -> pd.DataFrame:
    """People are said to be assigned, but each organisation holds one arm."""
    return frame.assign(arm=np.where(pilots(frame), "develop", "comparison"))


def few(wave: str, frame: pd.DataFrame) -> pd.DataFrame:
    """One person an organisation, and a change that nobody could overlook."""
    frame = frame[frame["respondent"].str.endswith("0000")]
    moved = pilots(frame) & (wave == "month_12")
    third = [1, 2, 1, 4, 5, 4, 5, 5] if wave == "month_12" else [4, 5, 5, 4, 5, 5, 4, 5]
    return frame.assign(lived_1=np.where(moved, 5, 2), lived_2=np.where(moved, 5, 2), lived_3=third)


Study = tuple[dict[str, str], Change, str]
STUDIES: dict[str, Study] = {
    "flat": ({}, flat, ""),
    "uneven": ({}, uneven, ""),
    "collinear": (ADJUSTED, collinear, ""),
    "two organisations": ({}, only("P1", "C1"), ""),
    "four organisations": ({}, only("P1", "P2", "C1", "C2"), ""),
    "one pilot": ({}, only("P1", "C1", "C2", "C3", "C4"), ""),
    "one organisation": ({}, only("P1"), ""),
    "pilots only": (BEFORE_AFTER, only("P1", "P2", "P3"), ""),
    "baseline only": ({}, lambda wave, frame: frame if wave == "baseline" else frame[:0], ""),
    "strangers": (ANCOVA, strangers, ""),
    "few people": ({}, few, ""),
    "people assigned": (PEOPLE, alternating, PLACES_ONLY),
    "people assigned by place": (PEOPLE, by_place, PLACES_ONLY),
}

Lines = Callable[..., Line]


@pytest.mark.parametrize("name", STUDIES)
def test_the_run_ends_as_the_contract_says_and_every_page_renders(line: Lines, name: str) -> None:
    """Exit 5 only where no question got a number; `line.run` has rendered every page and read every number."""
    found = line(name)
    estimated = any(one["estimate"] is not None for one in found.result["content"]["findings"]["findings"])
    assert found.run.code == (0 if estimated else 5)


@pytest.mark.parametrize("name", STUDIES)
def test_a_finding_without_an_interval_gives_its_reason_and_takes_no_side(line: Lines, name: str) -> None:
    refused = [one for one in line(name).release.findings if one.conf_low is None]
    for one in refused:
        assert one.verdict in ("Cannot tell", "Not shown safe", "Not yet evaluable")
        assert one.tone == "unclear"
        assert "tell whether" in one.sentence or one.sentence.startswith(("Fewer than 11", "Not yet evaluable. Answers of staff"))
        assert one.sentence.count(".") >= (1 if one.sentence.startswith("Fewer") else 2), "the question, and why"
        assert one.would_change
    assert refused or name in ("uneven", "collinear")


@pytest.mark.parametrize("name", STUDIES)
def test_no_row_of_the_panel_is_silent(line: Lines, name: str) -> None:
    """A number without an error has a p-value of its own, or says why not by its status or a flag; intervals have both ends."""
    for finding in line(name).result["content"]["findings"]["findings"]:
        for row in finding["estimates"]:
            if row["estimate"] is not None and row["std_error"] is None:
                silent = row["status"] == "estimated" and not row["flags"] and row["p_value"] is None
                assert not silent, row
            assert (row["conf_low"] is None) == (row["conf_high"] is None)
            assert row["std_error"] is None or row["std_error"] > 0


@pytest.mark.parametrize("name", STUDIES)
def test_no_cell_about_fewer_than_eleven_people_has_a_number(line: Lines, name: str) -> None:
    found = line(name)
    threshold = read_documents(found.root).policy.threshold
    for wave in ("baseline", "month_12"):
        file = found.root.parent / f"study-{wave}.csv"
        counts = pd.read_csv(file)["organisation"].value_counts() if file.exists() else pd.Series(dtype=int)
        for measure in found.release.measures:
            for unit, cell in found.cells(measure.id, wave).items():
                hidden = cell.suppressed is not None
                assert hidden or counts.get(unit, 0) >= threshold, f"{unit} in {wave}"
                assert not hidden or (cell.n, cell.mean, cell.conf_low, cell.conf_high) == (None,) * 4


def test_answers_that_are_all_equal_are_refused(line: Lines) -> None:
    found = line("flat").finding("lived_values_change")
    assert found.verdict == "Cannot tell"
    assert "On each side every organisation gave exactly the same figure" in found.sentence
    assert found.estimate is None


def test_perfect_separation_without_any_spread_is_refused(line: Lines) -> None:
    found = line("flat").finding("awareness_change")
    assert "so there is nothing to measure uncertainty with" in found.sentence
    assert found.estimate is None


def test_a_wave_in_which_nobody_answered_a_question_is_named(line: Lines) -> None:
    found = line("flat").finding("strain_not_worse")
    assert "Nobody has a score on this measure in '12 months'" in found.sentence
    assert {cell.suppressed for cell in line("flat").cells("strain", "month_12").values()} == {Suppression.SMALL}


def test_an_extreme_that_everybody_shares_is_told_as_a_number_only_where_enough_answered(line: Lines) -> None:
    """Thirty people who all know the values: fewer than the policy's number for showing 0% and 100%."""
    cells = line("flat").cells("awareness", "month_12")
    assert {(cell.mean, cell.extreme) for unit, cell in cells.items() if unit and unit.startswith("P")} == {(95.0, "above")}
    assert {(cell.mean, cell.extreme) for unit, cell in cells.items() if unit and unit.startswith("C")} == {(5.0, "below")}


def test_perfect_separation_at_follow_up_is_estimated_with_a_named_warning(line: Lines) -> None:
    found = line("collinear").finding("awareness_change")
    assert found.estimate is not None and found.estimate > 80
    (warning,) = [flag.sentence for flag in found.flags if flag.id == "all_alike"]
    assert "pilot organisations at 12 months and comparison organisations at 12 months" in warning
    assert warning in dict(line("collinear").pages())["/m/awareness"]


def test_organisations_without_spread_between_their_people_get_a_named_warning(line: Lines) -> None:
    assert "all_alike" in line("collinear").flags("strain_not_worse")
    assert line("collinear").finding("strain_not_worse").conf_low is not None


def test_collinear_columns_are_dropped_by_name_and_change_nothing(line: Lines) -> None:
    kept = line("collinear").kept("lived_values_change")
    flags = [flag for flag in kept["estimates"][0]["flags"] if flag.startswith("singular_dropped")]
    assert flags == ["singular_dropped:site=Ward (already said by 1, staff_group=Other)"]
    assert [flag["id"] for flag in kept["flags"]].count("singular_dropped") == 1


def test_an_organisation_of_one_person_is_hidden_and_cannot_be_worked_out(line: Lines) -> None:
    cells = line("uneven").cells("lived_values", "baseline")
    hidden = {unit: cell.suppressed for unit, cell in cells.items() if cell.suppressed}
    assert hidden.pop("C3") is Suppression.SMALL
    assert set(hidden.values()) == {Suppression.REMAINDER}, "another comparison is hidden beside it"


def test_organisations_in_one_wave_only_are_left_out_by_name_and_by_number(line: Lines) -> None:
    kept = line("uneven").kept("lived_values_change")
    assert "unbalanced_waves:2: C5, P1" in kept["estimates"][0]["flags"]
    assert "Left out because they did not answer every time: 2 organisations." in kept["cannot_tell"]
    assert (line("uneven").finding("lived_values_change").n_pilot, kept["estimates"][0]["n_comparison"]) == (2, 4)
    assert "unbalanced_waves:3: C1, C5, P1" in line("uneven").kept("strain_not_worse")["estimates"][0]["flags"]


@pytest.mark.parametrize(("name", "reason"), [
    ("two organisations", "With 1 pilot and 1 comparison organisations, the programme cannot be told from one organisation's own luck."),
    ("one pilot", "With 1 pilot and 4 comparison organisations, the programme cannot be told from one organisation's own luck."),
    ("four organisations", "With 4 organisations in all, even the most extreme result would happen by chance one time in three."),
])  # fmt: skip
def test_too_few_organisations_keep_their_estimate_and_lose_p_and_interval(line: Lines, name: str, reason: str) -> None:
    found = line(name).finding("lived_values_change")
    assert reason in found.sentence
    assert (found.verdict, found.conf_low) == ("Cannot tell", None)
    assert found.estimate is not None
    assert all(row["p_value"] is None and row["std_error"] is None
               for row in line(name).kept("lived_values_change")["estimates"] if row["variance"] != "assumed")  # fmt: skip


def test_one_organisation_alone_gets_no_number(line: Lines) -> None:
    found = line("one organisation").finding("lived_values_change")
    assert "1 are pilot and 0 comparison organisations" in found.sentence
    assert line("one organisation").run.code == 5


def test_without_comparisons_before_and_after_is_a_change_and_the_rest_cannot_be_told(line: Lines) -> None:
    change, awareness = (line("pilots only").finding(name) for name in ("lived_values_change", "awareness_change"))
    assert change.claim_change_not_effect
    assert "change_not_effect" in line("pilots only").flags("lived_values_change")
    assert "This is a change, not an effect" in change.sentence
    assert "3 are pilot and 0 comparison organisations" in awareness.sentence


def test_a_wave_that_is_not_loaded_is_waited_for(line: Lines) -> None:
    found = line("baseline only")
    assert {one.verdict for one in found.release.findings} == {"Not yet evaluable"}
    assert "Answers of staff from 12 months (closes 22 May 2026) are not in yet." in found.finding("lived_values_change").sentence
    assert found.release.decision.plan_says == "it cannot be told yet"


def test_nobody_recognised_again_is_refused_and_the_other_questions_go_on(line: Lines) -> None:
    found = line("strangers")
    assert "Nobody who answered in one wave can be recognised in the other." in found.finding("lived_values_change").sentence
    assert found.finding("awareness_change").conf_low is not None
    assert all(row["change"] is None for row in found.kept("awareness_change")["within_people"]), "no pair, no test, no NaN"


def test_a_number_about_few_people_stays_in_the_ledger_and_decides_nothing(line: Lines) -> None:
    found = line("few people")
    assert found.kept("lived_values_change")["estimate"] > 3
    released = found.finding("lived_values_change")
    assert released.sentence == "Fewer than 11 people answered on one side: hidden to protect them."
    assert (released.estimate, released.n_from, released.panel) == (None, None, ())
    assert found.release.decision.plan_says == "continue to one more wave"
    assert "“Values lived”: cannot tell" in found.release.decision.reason
    assert all(cell.suppressed for cell in found.release.cells)


def test_people_assigned_one_by_one_get_the_same_refusals_and_warnings(line: Lines) -> None:
    found = line("people assigned")
    assert "On each side every person gave exactly the same figure" in found.finding("lived_values_change").sentence
    assert "all_alike" in found.flags("awareness_change")


def test_people_whose_organisation_decided_their_arm_are_not_compared(line: Lines) -> None:
    """With a level for every organisation two of them would stand for both sides: a number, and a wrong one."""
    found = line("people assigned by place").finding("lived_values_change")
    assert "their difference cannot be told" in found.sentence
    assert found.estimate is None


def test_a_file_in_which_nobody_answered_is_refused_or_taken_for_empty(tmp_path: Path) -> None:
    root, file = tiny_study(tmp_path / "study"), tmp_path / "silent.csv"
    set_to(frame_of("baseline"), [*LIVED, *KNOW, *STRAIN], 99).to_csv(file, index=False)
    words = ("wave", "load", root, file, "--wave", "baseline", "--population", "staff")
    refused, taken = pilot(*words), pilot(*words, "--allow-empty")
    assert (refused.code, taken.code) == (3, 0)
    assert "240 rows set aside: no item answered" in refused.err
    assert pilot("run", root).code == 5
    assert not (root / "releases").exists(), "no wave, no release"


@pytest.mark.parametrize(("replace", "register", "says"), [
    ({"  comparison: {role: comparison, label: No values work}\n": ""}, "", "no arm is a comparison"),
    ({}, "organisation,name,arm,type,region,size,values_history,start\nP1,P1,develop,NHS Trust,North,3000,never had,2025-04-01\n",
     "nobody is in arm comparison"),
])  # fmt: skip
def test_a_plan_that_compares_with_nobody_is_refused_before_any_data(
    tmp_path: Path, replace: dict[str, str], register: str, says: str
) -> None:
    root = tiny_study(tmp_path / "study", replace=replace)
    if register:
        (root / "organisations.csv").write_text(register, encoding="utf-8")
    said = pilot("check", root)
    assert said.code == 4
    assert says in said.err
