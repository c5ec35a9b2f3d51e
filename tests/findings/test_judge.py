"""From answer to finding: what each list under the sentence says.

Source: the board's page standard, "The summary page, in order".
"""

from dataclasses import replace
from pathlib import Path

import pytest

from evaluation.findings.judge import judge
from evaluation.findings.verdict import Kind
from evaluation.inference.refusals import Facts, refusals
from evaluation.protocol.documents import Documents
from evaluation.release.finding_cards import finding_card
from evaluation.terms import Assignment, Design, EstimateStatus
from tests.findings.answers import ALL_LOADED, answer_of, documents_of, finding_of, unit_rows

BEFORE_AFTER = {"design: difference in differences, estimator: unit change": "design: before and after"}


@pytest.fixture(scope="module")
def documents(tmp_path_factory: pytest.TempPathFactory) -> Documents:
    return documents_of(tmp_path_factory.mktemp("tiny"))


def test_how_sure_gives_interval_units_grade_and_floor_in_that_order(documents: Documents) -> None:
    assert finding_of(documents).how_sure == (
        "Between 0.2 and 0.8 points out of 10 (95% confidence interval).",
        "2 of 3 pilot organisations rose.",
        "Evidence grade B on a scale from A (best) to D: pilots were chosen, not drawn by lot.",
        "With 3 pilots and 5 comparisons, even the clearest result could be chance one time in 56.",
    )


def test_a_design_too_small_for_a_firm_verdict_says_so_and_what_would_make_it_firm(documents: Documents) -> None:
    found = finding_of(documents, floor=0.1, n_pilot=3, n_comparison=3)
    assert found.verdict.kind is Kind.PROBABLY_IMPROVED
    assert found.how_sure[-1].endswith("one time in 10, too often for a firm verdict.")
    assert found.would_change == (
        "At least 1 more pilot organisation or 1 more comparison organisation would be needed before any result could be told from "
        "chance.",)


def test_whole_organisations_of_one_arm_are_what_is_counted_on_screen(tmp_path: Path) -> None:
    """Teams were named; inference compared organisations: so do the floor and what would help. Teams that rose stay teams."""
    teams = documents_of(tmp_path, **{"assignment: organisation": "assignment: team"})
    answer = answer_of(teams, floor=0.1, n_pilot=3, n_comparison=3)
    counted = replace(answer, headline=replace(answer.headline, unit="organisation"))
    found = judge(counted, teams, ALL_LOADED)
    assert found.would_change == (
        "At least 1 more pilot organisation or 1 more comparison organisation would be needed before any result could be told from "
        "chance.",)
    assert "2 of 3 pilot teams rose." in found.how_sure
    assert finding_card(found, teams.policy).compared is Assignment.ORGANISATION


def test_what_must_not_get_worse_is_not_told_that_its_floor_stands_in_the_way(documents: Documents) -> None:
    """It is judged by its interval alone, so that a narrower one is all that helps."""
    found = finding_of(documents, "strain_not_worse", 0.0, (-0.4, 0.4), floor=0.1, n_pilot=3, n_comparison=3)
    assert found.verdict.kind is Kind.NOT_SHOWN_SAFE
    assert found.would_change[0].endswith("more organisations on each side would show a difference of 0.2 points four times in five.")


def test_teams_reassigned_within_organisations_get_no_number_that_depends_on_where_teams_are_added(documents: Documents) -> None:
    """Three pairs: 2 x 2 x 2 ways, each with its mirror image, a floor of 0.25 where 3 of 6 anywhere would give 0.10."""
    found = finding_of(documents, floor=0.25, n_pilot=3, n_comparison=3)
    assert found.would_change == ("More organisations would be needed before any result could be told from chance.",)


@pytest.mark.parametrize(("pilots", "comparisons"), [(1, 5), (1, 3), (2, 2)])
def test_too_few_are_told_what_would_be_needed_in_a_sentence_that_stands_alone(
    documents: Documents, pilots: int, comparisons: int
) -> None:
    found = finding_of(
        documents, interval=(None, None), status=EstimateStatus.WITHHELD.value, n_pilot=pilots, n_comparison=comparisons,
        refusals=refusals(Facts(Design.DIFFERENCE_IN_DIFFERENCES, pilots, comparisons, 2)),
    )
    assert found.would_change == ("At least two organisations on each side and five in all would be needed.",)


def test_units_with_too_few_answers_are_not_counted_among_those_that_rose(documents: Documents) -> None:
    units = unit_rows({"P1": 0.7, "P2": 0.6, "P3": 0.5, "C1": 0.1})
    units.loc[units["unit"] == "P3", "n_to"] = 10
    found = finding_of(documents, units=units)
    assert (found.moved.rose, found.moved.counted) == (2, 2)


def test_pilots_that_fell_less_are_counted_as_fallen_and_not_told_as_people_who_moved_up(documents: Documents) -> None:
    """Source: a board member's audit: "one in five moved for the better" beside values that fell everywhere."""
    found = finding_of(documents, units=unit_rows({"P1": -0.1, "P2": -0.2, "P3": -0.3, "C1": -0.7}))
    assert "3 of 3 pilot organisations fell." in found.how_sure
    assert not any("moved" in line for line in found.was_it_enough)


def test_where_lower_is_better_counts_and_ends_are_named_by_what_is_better(documents: Documents) -> None:
    """Source: a board member's audit: "0 of 8 fell" of a strain that rose in all."""
    strained = unit_rows({"P1": 1.0, "P2": 1.1, "P3": 0.9, "C1": 0.0})
    found = finding_of(documents, "strain_not_worse", 1.0, (0.9, 1.2), units=strained)
    assert "3 of 3 pilot organisations rose (lower is better)." in found.how_sure
    assert any("for the worse" in line for line in found.was_it_enough)


def test_a_rounded_zero_says_on_which_side_the_interval_ends(documents: Documents) -> None:
    found = finding_of(documents, estimate=0.2, interval=(0.03, 0.37))
    assert "The lower end is just above zero." in found.how_sure
    assert "rounding" in {flag.id for flag in found.flags}
    assert "The lower end is just below zero." in finding_of(documents, estimate=0.15, interval=(-0.03, 0.37)).how_sure
    assert "The upper end is just below 0.2." in finding_of(documents, "strain_not_worse", 0.0, (-0.18, 0.18)).how_sure
    assert "The lower end is just above 0.3." in finding_of(documents, interval=(0.31, 0.69)).how_sure


def test_enough_units_get_no_endless_odds(documents: Documents) -> None:
    found = finding_of(documents, floor=1e-7, n_pilot=8, n_comparison=24)
    assert found.floor_words == "8 pilots and 24 comparisons are enough to tell a clear result from chance."


def test_was_it_enough_sets_the_estimate_beside_the_change_that_matters(documents: Documents) -> None:
    enough = finding_of(documents).was_it_enough
    assert enough[0] == "The plan set 0.3 points out of 10 as the change that matters."
    assert enough[1] == "The best estimate is above it; we cannot be sure the true change is."
    assert finding_of(documents, interval=(0.31, 0.69)).was_it_enough[1] == "The whole interval is above it."
    below = finding_of(documents, estimate=0.2, interval=(0.1, 0.29)).was_it_enough
    assert below[1] == "Even the upper end of the interval is below it."


def test_what_cannot_be_told_says_how_many_more_would_tell(documents: Documents) -> None:
    told = finding_of(documents, estimate=0.1, interval=(-0.5, 0.7)).would_change
    assert told[0].startswith("About ") and told[0].endswith(
        "more organisations on each side would show a difference of 0.3 points out of 10 four times in five.")
    assert any("answers from the same organisations" in line for line in told)


def test_a_firm_verdict_says_how_big_an_error_would_overturn_it(documents: Documents) -> None:
    assert finding_of(documents).would_change[0].startswith("If 0.2 points out of 10 of the difference has another reason")


def test_refused_inference_gives_the_reason_the_difference_seen_and_no_interval(documents: Documents) -> None:
    refused = refusals(Facts(Design.DIFFERENCE_IN_DIFFERENCES, 1, 3, 2))
    found = finding_of(documents, interval=(-1.0, 2.0), status=EstimateStatus.WITHHELD.value, refusals=refused)
    assert found.verdict.kind is Kind.CANNOT_TELL
    assert found.grade.letter == "D"
    assert found.sentence.endswith("The difference seen was +0.5 points out of 10.")
    assert not any("Between" in line for line in found.how_sure)


def test_a_before_and_after_interval_counts_although_its_p_value_is_withheld(tmp_path: Path) -> None:
    found = finding_of(documents_of(tmp_path, **BEFORE_AFTER), status=EstimateStatus.WITHHELD.value, floor=0.25)
    assert found.verdict.words == "Probably rose in pilots"
    assert found.change_not_effect


def test_a_missing_wave_says_what_is_missing_and_when_it_is_due(documents: Documents) -> None:
    absent = answer_of(documents, estimate=None, interval=(None, None), status=EstimateStatus.NOT_YET.value)
    so_far = replace(answer_of(documents), headline=replace(answer_of(documents).headline, wave_to="month_6"))
    found = judge(absent, documents, {"staff": ("baseline", "month_6")}, [so_far])
    assert found.sentence == (
        "Not yet evaluable. Answers of staff from 12 months (closes 22 May 2026) are not in yet. "
        "So far, at 6 months, the difference was +0.5 points out of 10 (95% confidence interval 0.2 to 0.8).")
    assert found.would_change == ("Answers of staff from 12 months (closes 22 May 2026) are not in yet.",)
    assert found.grade.letter == ""


def test_a_wave_whose_answers_were_deleted_is_not_said_to_be_still_to_come(documents: Documents) -> None:
    absent = answer_of(documents, estimate=None, interval=(None, None), status=EstimateStatus.NOT_YET.value)
    found = judge(absent, documents, {"staff": ()}, deleted={"staff": ("baseline",)})
    assert found.sentence == (
        "Not yet evaluable. Answers of staff from Start were deleted, as the study promised. "
        "Answers of staff from 12 months (closes 22 May 2026) are not in yet.")


def test_a_watched_wave_stays_a_number_beside_the_verdict_of_the_wave_that_decides(documents: Documents) -> None:
    so_far = replace(answer_of(documents), headline=replace(answer_of(documents).headline, wave_to="month_6"))
    found = judge(answer_of(documents), documents, ALL_LOADED, [so_far])
    assert "So far" not in found.sentence
    assert [number.wave for number in found.so_far] == ["month_6"]


def test_who_did_not_answer_every_time_is_counted_and_not_named(documents: Documents) -> None:
    found = finding_of(documents, flags=("unbalanced_waves:2: P3, C1",))
    assert "Left out because they did not answer every time: 2 organisations." in found.cannot_tell
    assert not any("C1" in line for line in (*found.cannot_tell, *(flag.sentence for flag in found.flags)))


def test_a_result_that_a_family_of_questions_takes_back_is_flagged(documents: Documents) -> None:
    found = finding_of(documents, "awareness_change", 12.0, (1.0, 23.0), adjusted_p=0.08)
    assert "family" in {flag.id for flag in found.flags}
    assert found.verdict.kind is Kind.PROBABLY_IMPROVED
    assert "questions asked together" in found.how_sure[-1]
    assert finding_of(documents, "awareness_change", 12.0, (1.0, 23.0), adjusted_p=0.04).verdict.kind is Kind.IMPROVED


def test_picking_pilots_for_a_poor_start_lowers_the_grade(tmp_path: Path) -> None:
    documents = documents_of(tmp_path, **{"selection: purposive": "selection: poor baseline"})
    found = finding_of(documents, flags=("regression_to_the_mean",))
    assert found.grade.letter == "C"
    assert "poor start" in found.grade.reason


def test_a_record_holds_every_estimate_and_every_word(documents: Documents) -> None:
    record = finding_of(documents).as_record()
    assert record["sentence"] == finding_of(documents).sentence
    assert record["estimates"][0]["estimate"] == 0.5
    assert record["kind"] == "improved"
