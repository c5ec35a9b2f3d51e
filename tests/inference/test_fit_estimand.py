"""From an estimand to its answer: what is given, what is refused with which reason, and which cautions travel with it."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from evaluation.errors import DesignError
from evaluation.inference.estimate import Answer, Estimate
from evaluation.inference.fit_estimand import answer
from evaluation.inference.flags import name_of, sentence
from evaluation.terms import RESULT_COLUMNS, Assignment, EstimateStatus, Estimator
from tests.inference.studies_in_memory import Study, arms, study, survey

NAME = "lived_values_change"
BEFORE_AFTER = {"lived_values, design: difference in differences": "lived_values, design: before and after"}
PUBLISHED = {"linkage: pseudonym, groups: [staff_group]": "level: organisation"}


def one(asked: Study, **options: object) -> Answer:
    (found,) = answer(NAME, *asked.asked, **options)
    return found


def reasons(found: Answer) -> list[str]:
    return [refusal.rule for refusal in found.refusals]


def flags(found: Answer) -> list[str]:
    return [name_of(text) for text in found.flags]


def by_variance(found: Answer, variance: str) -> object:
    return next(row for row in found.beside if row.variance == variance)


def test_three_pilots_and_five_comparisons_get_a_headline_and_a_panel(tmp_path: Path) -> None:
    found = one(study(tmp_path, survey(arms(3, 5))))
    row = found.headline
    assert (row.status, row.estimator, row.variance, row.df) == ("estimated", "unit change", "REML-HK", 6.0)
    assert (row.n_units, row.n_pilot, row.n_comparison, row.n_respondents) == (8, 3, 5, 480)
    assert row.resolution_floor == pytest.approx(1 / 56)
    assert row.conf_low < row.estimate < row.conf_high
    assert [(other.estimator, other.variance) for other in found.beside] == [
        ("unit change", "pooled t"), ("least squares", "CR2"), ("least squares", "CR1"), ("least squares", "CR1S"),
        ("least squares", "CR3"), ("least squares", "CR2"), ("least squares", "wild bootstrap, Rademacher"),
        ("placebo reassignment", "none"), ("random effects", "Kenward-Roger"), ("Bayesian", "prior scale 0.3"),
    ]  # fmt: skip
    assert [other.term for other in found.beside[4:6]] == ["pilot:follow_up", "pilot:follow_up | unit"]
    low, high = found.interval80
    assert row.conf_low < low < row.estimate < high < row.conf_high


def test_a_least_squares_headline_is_cr2_with_unit_change_beside_it(tmp_path: Path) -> None:
    asked = study(tmp_path, survey(arms(3, 5)), replace={"estimator: unit change": "estimator: least squares"})
    found = one(asked)
    assert (found.headline.estimator, found.headline.variance) == ("least squares", "CR2")
    assert found.beside[0].variance == "REML-HK"


def test_the_same_equal_samples_give_every_method_the_same_estimate(tmp_path: Path) -> None:
    found = one(study(tmp_path, survey(arms(3, 5))))
    assert [row.estimate for row in found.beside] == pytest.approx([found.headline.estimate] * len(found.beside))


def test_the_true_effect_lies_in_the_interval_of_a_large_study(tmp_path: Path) -> None:
    found = one(study(tmp_path, survey(arms(10, 10), 100, waves=0.05), register=registered(10, 10)))
    assert found.headline.conf_low < 0.5 < found.headline.conf_high
    assert found.headline.p_value < 0.001


def registered(pilots: int, comparisons: int) -> list[tuple[str, str, str]]:
    return [(unit, unit, arm) for unit, arm in arms(pilots, comparisons).items()]


@pytest.mark.parametrize(
    ("pilots", "comparisons", "rule"), [(1, 5, "one_on_a_side"), (5, 1, "one_on_a_side"), (2, 2, "four_units")]
)
def test_too_few_on_a_side_leave_the_estimate_but_no_error_anywhere(
    tmp_path: Path, pilots: int, comparisons: int, rule: str
) -> None:
    found = one(study(tmp_path, survey(arms(pilots, comparisons)), register=registered(pilots, comparisons)))
    assert found.headline.status == EstimateStatus.WITHHELD
    assert rule in reasons(found)
    assert found.headline.estimate is not None
    for row in (found.headline, *found.beside):
        assert (row.p_value, row.std_error, row.conf_low) == (None, None, None)
    assert found.interval80 == (None, None)
    assert found.units["change"].notna().all()


def test_a_single_pilot_is_ranked_among_all(tmp_path: Path) -> None:
    found = one(study(tmp_path, survey(arms(1, 6), effect=5.0), register=registered(1, 6)))
    assert "pilot_rank:1 of 7" in found.flags


def test_a_plan_with_expectations_gives_an_interval_under_them_where_the_data_cannot_judge(tmp_path: Path) -> None:
    plan = "respondents_per_unit: 30, unit_variance_share: 0.05, wave_variance_share: 0.01, standard_deviation: 0.2"
    expect = f"expect: {{staff: {{{plan}}}}}"
    asked = study(
        tmp_path, survey(arms(1, 6)), register=registered(1, 6), replace={"seed: 20250120": f"{expect}\nseed: 20250120"}
    )
    row = one(asked).beside[-1]
    assert row.variance == "assumed"
    assert row.p_value is None
    assert row.flags == ("assumed_spread",)
    assert row.conf_high - row.conf_low == pytest.approx(2 * 1.959964 * row.std_error, rel=1e-5)


def test_before_and_after_with_three_pilots_keeps_its_interval_and_has_no_p(tmp_path: Path) -> None:
    found = one(study(tmp_path, survey(arms(3, 5)), replace=BEFORE_AFTER))
    assert found.contrast == "pilot"
    assert (found.headline.status, found.headline.p_value, found.headline.variance) == (
        EstimateStatus.WITHHELD,
        None,
        "one-sample t",
    )
    assert found.headline.conf_low is not None
    assert found.headline.n_units == 3
    assert reasons(found) == ["few_before_after"]
    assert "change_not_effect" in flags(found)


def test_before_and_after_with_seven_pilots_is_the_one_sample_t_with_sign_and_rank_tests_beside_it(tmp_path: Path) -> None:
    found = one(study(tmp_path, survey(arms(7, 1)), replace=BEFORE_AFTER, register=registered(7, 1)))
    changes = found.units["change"].to_numpy()
    assert found.headline.p_value == pytest.approx(stats.ttest_1samp(changes, 0).pvalue, rel=1e-9)
    assert found.headline.resolution_floor == 2 / 2**7
    assert {row.estimator for row in found.beside} == {
        "unit change", "least squares", "signed ranks", "signs", "placebo reassignment", "random effects", "Bayesian"}


def test_one_pilot_before_and_after_cannot_be_estimated(tmp_path: Path) -> None:
    found = one(study(tmp_path, survey(arms(1, 3)), replace=BEFORE_AFTER, register=registered(1, 3)))
    assert found.headline.status == EstimateStatus.NOT_ESTIMABLE
    assert (reasons(found), found.headline.estimate) == (["one_unit"], None)


def test_a_wave_without_answers_is_not_yet_evaluable_and_says_when_it_is_due(tmp_path: Path) -> None:
    frame = survey(arms(3, 5))
    found = one(study(tmp_path, frame[frame["wave"] == "baseline"]))
    assert found.headline.status == EstimateStatus.NOT_YET
    assert found.refusals[0].sentence == "There are no answers yet from '12 months'."
    assert found.refusals[0].remedy == "Load this wave when it has closed (fieldwork 2026-04-13 to 2026-05-22)."


def test_a_measure_that_was_not_asked_in_a_wave_is_named(tmp_path: Path) -> None:
    frame = survey(arms(3, 5))
    frame.loc[frame["wave"] == "baseline", "score"] = np.nan
    found = one(study(tmp_path, frame))
    assert found.headline.status == EstimateStatus.NOT_ESTIMABLE
    assert "Nobody has a score on this measure in 'Start'" in found.refusals[0].sentence


def test_an_arm_that_never_answered_is_refused_with_the_counts(tmp_path: Path) -> None:
    found = one(study(tmp_path, survey(arms(3, 0))))
    assert reasons(found) == ["empty_arm"]
    assert "3 are pilot and 0 comparison organisations" in found.refusals[0].sentence


def test_figures_that_do_not_vary_at_all_are_not_estimable(tmp_path: Path) -> None:
    found = one(study(tmp_path, survey(arms(3, 5)).assign(score=5.0)))
    assert reasons(found) == ["no_spread"]
    assert found.headline.p_value is None


def test_a_wave_in_which_nobody_differs_is_flagged_by_side(tmp_path: Path) -> None:
    """Perfect separation at follow-up: all pilots at one end, all others at the other."""
    frame = survey(arms(3, 5))
    after = frame["wave"] == "month_12"
    frame.loc[after, "score"] = np.where(frame.loc[after, "arm"] == "develop", 10.0, 0.0)
    found = one(study(tmp_path, frame))
    assert found.headline.status == EstimateStatus.ESTIMATED
    assert "all_alike:pilot organisations at 12 months and comparison organisations at 12 months" in found.flags


def test_one_person_who_differs_is_enough_not_to_be_flagged(tmp_path: Path) -> None:
    frame = survey(arms(3, 5))
    after = frame["wave"] == "month_12"
    frame.loc[after & (frame["arm"] == "develop"), "score"] = 10.0
    frame.loc[frame.index[after & (frame["arm"] == "develop")][0], "score"] = 9.0
    assert not any(text.startswith("all_alike") for text in one(study(tmp_path, frame)).flags)


def test_published_means_have_no_people_to_be_alike(tmp_path: Path) -> None:
    found = one(study(tmp_path, survey(arms(3, 5), 1), replace=PUBLISHED))
    assert not any(text.startswith("all_alike") for text in found.flags)


def test_equal_published_means_are_not_estimable_either(tmp_path: Path) -> None:
    found = one(study(tmp_path, survey(arms(3, 5), 1).assign(score=5.0), replace=PUBLISHED))
    assert reasons(found) == ["no_spread"]


def test_an_estimator_that_ignores_nesting_is_refused_when_units_were_assigned(tmp_path: Path) -> None:
    asked = study(tmp_path, survey(arms(3, 5)))
    found = one(changed(asked, estimator=Estimator.ROBUST_LEAST_SQUARES))
    assert reasons(found) == ["estimator_unfit"]
    assert found.headline.status == EstimateStatus.NOT_ESTIMABLE


def changed(asked: Study, plan: dict[str, object] | None = None, **estimand: object) -> Study:
    """The same study with other keys in its plan, or in its primary estimand."""
    protocol = asked.documents.protocol.model_copy(update=plan or {})
    estimands = {**protocol.estimands, NAME: protocol.estimands[NAME].model_copy(update=estimand)}
    documents = replace(asked.documents, protocol=protocol.model_copy(update={"estimands": estimands}))
    return replace(asked, documents=documents)


def test_units_that_miss_a_wave_are_left_out_counted_and_named_even_if_they_never_answered(tmp_path: Path) -> None:
    frame = survey(arms(3, 5))
    frame = frame[~(((frame["unit"] == "C2") & (frame["wave"] == "baseline")) | (frame["unit"] == "C4"))]
    found = one(study(tmp_path, frame))
    assert "unbalanced_waves:2: C2, C4" in found.flags
    assert found.headline.n_comparison == 3
    assert set(found.units["unit"]) == {"P1", "P2", "P3", "C1", "C3", "C5"}


def test_published_means_are_weighted_equally_and_people_come_from_the_stated_base(tmp_path: Path) -> None:
    found = one(study(tmp_path, survey(arms(3, 5), 1), replace=PUBLISHED, base=400))
    assert found.headline.variance == "pooled t"
    assert found.headline.n_respondents == 16 * 400
    assert "spread_unknown" in flags(found)
    assert found.units["n_from"].tolist() == [400.0] * 8
    assert found.units["std_error"].isna().all()


@pytest.mark.parametrize(("selection", "expected"), [("poor baseline", True), ("purposive", False)])
def test_sites_picked_for_a_poor_start_with_one_wave_before_carry_a_warning(
    tmp_path: Path, selection: str, expected: bool
) -> None:
    found = one(study(tmp_path, survey(arms(3, 5)), replace={"selection: purposive": f"selection: {selection}"}))
    assert ("regression_to_the_mean" in flags(found)) is expected
    assert "chosen_not_drawn" in flags(found)


def test_two_sound_methods_on_different_sides_of_the_level_are_said_to_disagree(tmp_path: Path) -> None:
    found = one(study(tmp_path, survey(arms(3, 5), linked=0.5)))
    disagree = (found.headline.p_value < 0.05) != (by_variance(found, "CR2").p_value < 0.05)
    assert disagree
    assert "panel_disagrees" in flags(found)


def test_every_flag_has_a_sentence_with_its_detail(tmp_path: Path) -> None:
    found = one(study(tmp_path, survey(arms(3, 5))))
    assert "3 pilot and 5 comparison organisations" in sentence(
        next(text for text in found.flags if name_of(text) == "few_units")
    )


TWO_ROUTES = {"arms:\n  develop:": "arms:\n  come_alive: {role: pilot, label: Make values come alive}\n  develop:"}
ROUTES = {
    "P1": "develop",
    "P2": "develop",
    "P3": "come_alive",
    "P4": "come_alive",
    "C1": "comparison",
    "C2": "comparison",
    "C3": "comparison",
}


def two_routes(folder: Path, units: dict[str, str]) -> Study:
    return study(folder, survey(units), replace=TWO_ROUTES, register=[(unit, unit, arm) for unit, arm in units.items()])


def test_contrasts_by_arm_give_one_answer_each(tmp_path: Path) -> None:
    contrasts = ("develop - comparison", "come_alive - comparison", "develop - come_alive")
    found = answer(NAME, *changed(two_routes(tmp_path, ROUTES), contrast=contrasts).asked)
    assert tuple(each.contrast for each in found) == contrasts
    assert [each.headline.n_units for each in found] == [5, 5, 4]
    assert found[2].headline.status == EstimateStatus.WITHHELD


def test_the_pooled_contrast_takes_all_pilot_arms(tmp_path: Path) -> None:
    found = one(two_routes(tmp_path, {unit: arm for unit, arm in ROUTES.items() if unit != "P4"}))
    assert (found.contrast, found.headline.n_pilot, found.headline.n_comparison) == ("pilot - comparison", 3, 3)
    assert "floor_above_level:0.1" in found.flags  # 3 against 3: docs/methods.md, formula 5


def test_a_contrast_with_an_unknown_arm_names_the_arms_there_are(tmp_path: Path) -> None:
    with pytest.raises(DesignError, match="'develope', which is no arm") as refused:
        one(changed(study(tmp_path, survey(arms(3, 5))), contrast=("develope - comparison",)))
    assert refused.value.problems[0].fix == "Arms: develop, comparison."


def test_ancova_uses_recognised_people_and_costs_a_degree_of_freedom(tmp_path: Path) -> None:
    asked = study(
        tmp_path,
        survey(arms(3, 5), linked=0.5),
        replace={"lived_values, design: difference in differences": "lived_values, design: ancova"},
    )
    found = one(asked)
    assert (found.headline.df, found.headline.term, found.headline.n_respondents) == (5.0, "pilot", 240)
    assert found.units["mean_from"].between(4, 8).all()


def test_ancova_without_recognised_people_is_refused_with_the_remedy(tmp_path: Path) -> None:
    frame = survey(arms(3, 5))
    frame["respondent"] = frame["respondent"] + frame["wave"]
    asked = study(tmp_path, frame, replace={"lived_values, design: difference in differences": "lived_values, design: ancova"})
    assert reasons(one(asked)) == ["nobody_linked"]


def test_a_comparison_at_follow_up_does_not_need_the_baseline(tmp_path: Path) -> None:
    frame = survey(arms(3, 5))
    asked = study(
        tmp_path,
        frame[frame["wave"] == "month_12"],
        replace={"lived_values, design: difference in differences": "lived_values, design: comparison at follow-up"},
    )
    found = one(asked)
    means = frame[frame["wave"] == "month_12"].groupby("arm")["score"].mean()
    assert found.headline.estimate == pytest.approx(means["develop"] - means["comparison"])
    assert found.headline.wave_from is None
    assert found.units["mean_to"].between(4, 9).all()


def test_recognised_people_bring_tests_within_people_when_rows_can_be_had(tmp_path: Path) -> None:
    asked = study(tmp_path, survey(arms(3, 5), linked=0.5))
    assert one(asked).within_people is None
    table = one(asked, rows=asked.rows).within_people
    assert table is not None
    assert table["who"].tolist() == ["pilot", "comparison"]
    assert table["pairs"].tolist() == [90, 150]


def test_a_look_at_an_earlier_wave_does_not_change_the_plan(tmp_path: Path) -> None:
    found = one(study(tmp_path, survey(arms(3, 5))), wave_to="month_6")
    assert found.headline.status == EstimateStatus.NOT_YET
    assert found.headline.wave_to == "month_6"


def test_teams_are_compared_inside_organisations_that_hold_both_arms(tmp_path: Path) -> None:
    units = {
        "A1": "develop",
        "A2": "comparison",
        "B1": "develop",
        "B2": "comparison",
        "C1": "develop",
        "C2": "comparison",
        "D1": "comparison",
    }
    frame = survey(units)
    frame["organisation"] = frame["unit"].str[0]
    asked = study(tmp_path, frame, register=[(unit, unit[0], arm) for unit, arm in units.items()])
    found = one(changed(asked, {"assignment": Assignment.TEAM}))
    assert found.headline.unit == "team"
    assert found.headline.df == 2.0
    assert found.headline.resolution_floor == pytest.approx(2 / 8)
    assert "shared_organisations:3: A, B, C" in found.flags
    pairs = found.units.assign(organisation=found.units["unit"].str[0]).query("organisation != 'D'")
    differences = pairs.pivot(index="organisation", columns="arm", values="change")
    assert found.headline.estimate == pytest.approx((differences["develop"] - differences["comparison"]).mean(), rel=1e-9)


def nested(pilots: str, comparisons: str, teams: int = 6) -> pd.DataFrame:
    """Rows of `teams` teams in each organisation, named by one letter, of one arm each."""
    units = {f"{place}{k}": "develop" if place in pilots else "comparison" for place in pilots + comparisons for k in range(teams)}
    return survey(units).assign(organisation=lambda rows: rows["unit"].str[0])


def of_teams(folder: Path, frame: pd.DataFrame) -> Answer:
    listed = frame[["unit", "organisation", "arm"]].drop_duplicates().itertuples(index=False)
    return one(changed(study(folder, frame, register=[tuple(row) for row in listed]), {"assignment": Assignment.TEAM}))


def test_one_organisation_beside_one_gives_no_p_however_many_teams_are_in_them(tmp_path: Path) -> None:
    """With m = 1 the estimate only (docs/methods.md, section 6); as 6 teams v 6 a true null was rejected 27 times in 100."""
    found = of_teams(tmp_path, nested("A", "B"))
    assert reasons(found) == ["one_on_a_side", "four_units"]
    assert found.refusals[0].sentence.startswith("With 1 pilot and 1 comparison organisations")
    head = found.headline
    assert (head.unit, head.n_units, head.n_pilot, head.n_comparison) == ("organisation", 2, 1, 1)
    assert (head.p_value, head.conf_low, head.resolution_floor) == (None, None, 1.0)
    assert len(found.units) == 12


def test_teams_of_organisations_of_one_arm_are_judged_as_organisations(tmp_path: Path) -> None:
    """3 against 5 organisations of 6 teams: 6 degrees of freedom, floor 1/C(8, 3) = 1/56, CR2 clustered by organisation."""
    frame = nested("ABC", "DEFGH")
    found = of_teams(tmp_path, frame)
    head = found.headline
    assert (head.df, head.n_units, head.status) == (6.0, 8, "estimated")
    assert head.resolution_floor == pytest.approx(1 / 56)
    assert "nested_units" in found.flags and "few_units:3 pilot and 5 comparison organisations" in found.flags
    whole = study(tmp_path / "whole", frame.assign(unit=frame["organisation"]))
    by_organisation = {row.variance: row for row in answer_rows(whole)}
    for row in found.beside:
        if row.variance in ("CR2", "CR1") and row.term == head.term:
            other = by_organisation[row.variance]
            assert (row.estimate, row.std_error, row.df) == pytest.approx((other.estimate, other.std_error, other.df), rel=1e-9)


def answer_rows(asked: Study) -> tuple[Estimate, ...]:
    """Least-squares rows with the arms' own columns, of organisations that were assigned themselves."""
    found = one(asked)
    return tuple(row for row in found.beside if row.term == found.headline.term)


def test_results_have_exactly_the_columns_of_the_contract(tmp_path: Path) -> None:
    found = one(study(tmp_path, survey(arms(3, 5))))
    assert tuple(found.estimates.tidy().columns) == RESULT_COLUMNS
    assert found.estimates.glance().shape[0] == 1
    assert "REML-HK" in found.estimates.summary()


def test_a_contrast_that_one_team_decides_alone_keeps_only_its_estimate(tmp_path: Path) -> None:
    units = {
        "A1": "develop",
        "A2": "comparison",
        "A3": "comparison",
        "B1": "comparison",
        "B2": "comparison",
        "C1": "develop",
        "C2": "develop",
    }
    frame = survey(units)
    frame["organisation"] = frame["unit"].str[0]
    asked = study(tmp_path, frame, register=[(unit, unit[0], arm) for unit, arm in units.items()])
    found = one(changed(asked, {"assignment": Assignment.TEAM}))
    assert reasons(found) == ["leverage_one"]
    assert (found.headline.p_value, found.headline.conf_low) == (None, None)
    assert found.headline.estimate is not None
