"""The sentence to the board. Source of its form: the board's page standard, "Sentence", and the mock of the summary page."""

from pathlib import Path

import pytest

from evaluation.findings.subject import inside
from evaluation.protocol.documents import Documents
from tests.findings.answers import answer_of, documents_of, finding_of, unit_rows

DID = "design: difference in differences, estimator: unit change"


@pytest.fixture(scope="module")
def documents(tmp_path_factory: pytest.TempPathFactory) -> Documents:
    return documents_of(tmp_path_factory.mktemp("tiny"))


def test_the_sentence_is_the_one_the_board_was_promised(documents: Documents) -> None:
    assert finding_of(documents).sentence == (
        "Staff in pilot organisations see values lived more than before, by 0.5 points out of 10 beyond the change elsewhere "
        "(95% confidence interval 0.2 to 0.8).")


def test_a_percentage_counts_people(documents: Documents) -> None:
    assert finding_of(documents, "awareness_change", 12.4, (2.2, 22.4), units=unit_rows({"P1": 9.0, "C1": 1.0})).sentence == (
        "More staff in pilot organisations know the values than before, by 12 percentage points beyond the change elsewhere "
        "(95% confidence interval 2 to 22).")


def test_pilots_that_fell_less_than_others_are_not_said_to_have_risen(documents: Documents) -> None:
    fell = unit_rows({"P1": -0.1, "P2": -0.2, "C1": -0.7})
    assert finding_of(documents, units=fell).sentence == (
        "Staff in pilot organisations see values lived less than before, but the fall was 0.5 points out of 10 smaller than "
        "elsewhere (95% confidence interval 0.2 to 0.8).")


def test_pilots_that_stayed_where_they_were_are_not_said_to_have_risen(documents: Documents) -> None:
    still = unit_rows({"P1": -0.1, "P2": 0.1, "C1": -0.7})
    assert "about as much as before; set against the change elsewhere that is 0.5 points out of 10 more" in \
        finding_of(documents, units=still).sentence


def test_less_by_so_much_has_its_interval_in_the_same_direction(documents: Documents) -> None:
    """Source: a board member's audit: "less than before, by 0.6 (interval −0.8 to −0.5)"."""
    found = finding_of(documents, estimate=-0.6, interval=(-0.8, -0.5), units=unit_rows({"P1": -0.7, "P2": -0.5, "C1": 0.0}))
    assert "less than before, by 0.6 points out of 10" in found.sentence
    assert found.sentence.endswith("(95% confidence interval 0.5 to 0.8).")
    assert found.how_sure[0] == "Between 0.5 and 0.8 points out of 10 lower (95% confidence interval)."


def test_probably_stands_before_what_is_only_probable(documents: Documents) -> None:
    assert "organisations probably see values lived more than before" in finding_of(documents, floor=0.1).sentence


def test_no_difference_is_said_only_with_the_size_that_would_matter(documents: Documents) -> None:
    said = finding_of(documents, estimate=0.0, interval=(-0.1, 0.1)).sentence
    assert said == (
        "In pilot organisations, staff see values lived about as much as the change elsewhere would lead us to expect: any "
        "difference is smaller than the 0.3 points out of 10 that matter (best estimate 0.0, 95% confidence interval −0.1 to 0.1).")


def test_not_being_able_to_tell_is_never_written_as_no_effect(documents: Documents) -> None:
    said = finding_of(documents, estimate=0.1, interval=(-0.5, 0.6)).sentence
    assert said.startswith("We cannot tell whether staff in pilot organisations see values lived more")
    assert "anything from −0.5 to 0.6 would fit the answers" in said
    assert "no effect" not in said and "no difference" not in said


def test_before_and_after_is_a_change_and_says_so(tmp_path: Path) -> None:
    said = finding_of(documents_of(tmp_path, **{DID: "design: before and after"})).sentence
    assert said.endswith("This is a change, not an effect: there is no comparison.") and "elsewhere" not in said


def test_a_comparison_at_follow_up_does_not_speak_of_before(tmp_path: Path) -> None:
    found = finding_of(documents_of(tmp_path, **{DID: "design: comparison at follow-up"}))
    assert "more than staff elsewhere, by 0.5 points out of 10" in found.sentence and "before" not in found.sentence
    assert found.verdict.words == "Better than comparison"


def test_drawn_by_lot_a_comparison_at_follow_up_may_say_improved(tmp_path: Path) -> None:
    lot = {"randomised: false": "randomised: true", "selection: purposive": "selection: by lot"}
    changes = {DID: "design: comparison at follow-up", **lot}
    assert finding_of(documents_of(tmp_path, **changes)).verdict.words == "Improved more than comparison"


def test_units_are_worded_by_what_was_assigned(tmp_path: Path) -> None:
    documents = documents_of(tmp_path)
    plan = documents.protocol.model_copy(update={"assignment": type(documents.protocol.assignment)("team")})
    teams = finding_of(type(documents)(**{**documents.__dict__, "protocol": plan}))
    assert "Staff in pilot teams" in teams.sentence
    assert "2 of 3 pilot teams rose." in teams.how_sure


def test_what_must_not_get_worse_is_told_beside_what_the_plan_allows(documents: Documents) -> None:
    assert finding_of(documents, "strain_not_worse", 0.0, (-0.1, 0.1)).sentence == (
        "Workload strain did not get worse in pilot organisations, beyond the change elsewhere, by more than the 0.2 points "
        "that the plan allows (best estimate 0.0, 95% confidence interval −0.1 to 0.1).")


def test_a_contrast_of_one_route_names_it(tmp_path: Path) -> None:
    documents = documents_of(tmp_path, **{
        "  comparison: {role": "  alive: {role: pilot, label: Make values come alive}\n  comparison: {role",
        "family: outcomes}": "contrast: [alive - comparison, develop - alive], family: outcomes}",
    })
    first, second = (finding_of(documents, "awareness_change", 12.0, (2.0, 22.0), contrast=place) for place in (0, 1))
    assert "in pilot organisations (‘Make values come alive’)" in first.sentence
    assert first.subject.contrast_label == "Make values come alive minus comparison"
    assert first.heading.startswith("Knows the values, Make values come alive: ")
    assert second.verdict.words == "Improved more than ‘Make values come alive’"
    assert "the change under ‘Make values come alive’" in second.sentence


def test_labels_are_lowered_inside_a_sentence_unless_they_are_names() -> None:
    assert [inside(label) for label in ("Staff", "NHS staff", "Local people")] == ["staff", "NHS staff", "local people"]


def test_a_watched_wave_gets_a_number_and_no_verdict(tmp_path: Path) -> None:
    found = finding_of(documents_of(tmp_path, **{"estimator: unit change}": "estimator: unit change, wave_to: month_6}"}))
    assert found.verdict.words == "So far, no verdict yet"
    assert found.sentence.startswith("So far, at 6 months, the difference from the change elsewhere is +0.5 points out of 10")
    assert found.would_change == ("The plan decides at 12 months, which closes on 22 May 2026.",)


def test_the_answer_is_the_same_whatever_its_order(documents: Documents) -> None:
    one, other = answer_of(documents), answer_of(documents)
    assert finding_of(documents).sentence == finding_of(documents, units=other.units.iloc[::-1]).sentence
    assert one.headline == other.headline
