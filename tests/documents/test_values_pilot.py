"""The worked study says what a worked study must: values, routes, organisations, people, measures, size."""

import csv
import re
from collections import Counter
from functools import cache
from math import asin, pi

from evaluation.measures.score import items_of
from evaluation.organisations.register import read_register
from evaluation.plan.chances import chances_of
from evaluation.plan.shape import Shape, shapes_of
from evaluation.protocol.documents import Documents, read_documents, read_mapping
from evaluation.terms import Role, Status
from tests.conftest import REPOSITORY

STUDY = REPOSITORY / "protocols" / "values-pilot"
SIX = (
    "Working together for patients", "Respect and dignity", "Commitment to quality of care", "Compassion", "Improving lives",
    "Everyone counts",
)  # fmt: skip


@cache
def study() -> Documents:
    return read_documents(STUDY)


@cache
def shapes() -> dict[str, Shape]:
    return {shape.subject.estimand: shape for shape in shapes_of(study(), read_register(study()))}


def test_the_framework_holds_the_six_values_that_the_nhs_published_in_2008() -> None:
    assert study().values is not None
    assert tuple(value.label for value in study().values.values.values()) == SIX


def test_every_value_is_asked_about_twice_and_once_turned_round_at_most() -> None:
    instrument = study().instruments["values"]
    lived = items_of("lived_values", study())
    assert Counter(instrument.items[item].value for item in lived) == dict.fromkeys(study().values.values, 2)
    assert len(lived) == study().protocol.measures["lived_values"].at_least.of == 12


def test_two_routes_are_piloted_beside_comparison_organisations_of_all_six_types() -> None:
    arms = study().protocol.arms
    assert [arm.role for arm in arms.values()] == [Role.PILOT, Role.PILOT, Role.COMPARISON]
    units = read_register(study()).units
    wanted = {"commissioner", "private provider", "Foundation Trust", "NHS Trust", "care trust", "mental-health trust"}
    assert set(units.loc[units["role"] == "pilot", "type"]) == wanted
    assert set(units.loc[units["role"] == "comparison", "type"]) == wanted


def test_the_route_follows_from_whether_an_organisation_had_values() -> None:
    units = read_register(study()).units
    assert set(units.loc[units["arm"] == "develop", "values_history"]) == {"never had"}
    assert set(units.loc[units["arm"] == "come_alive", "values_history"]) == {"has values"}


def test_staff_patients_and_public_each_have_a_measure_and_a_question() -> None:
    protocol = study().protocol
    asked = {protocol.measures[estimand.measure].population for estimand in protocol.estimands.values()}
    assert asked == {"staff", "patients", "public"}


def test_everything_that_should_be_measured_is_and_every_measure_is_asked_about() -> None:
    protocol = study().protocol
    wanted = {
        "awareness", "resonance", "participation", "ownership", "behaviours_seen", "lived_values", "engagement",
        "patient_behaviours", "patient_respect", "public_trust", "workload_strain",
    }  # fmt: skip
    assert set(protocol.measures) == wanted == {estimand.measure for estimand in protocol.estimands.values()}


def test_behaviours_are_seen_in_colleagues_and_leaders_and_patients_report_theirs() -> None:
    assert {"colleagues_show", "leaders_show"} <= set(items_of("behaviours_seen", study()))
    assert study().protocol.measures["patient_behaviours"].population == "patients"


def test_workload_is_guarded_and_a_baseline_comes_before_two_follow_ups() -> None:
    protocol = study().protocol
    guarded = [estimand.measure for estimand in protocol.estimands.values() if estimand.status is Status.GUARDRAIL]
    assert guarded == ["workload_strain"] and protocol.measures["workload_strain"].better == "lower"
    assert list(protocol.waves) == ["baseline", "month_6", "month_12"] and protocol.baseline == "baseline"


def test_the_main_question_finds_twice_what_matters_at_least_four_times_in_five() -> None:
    """By simulation of studies of exactly this shape, judged by the verdict function; Monte Carlo error 0.007 at 3,000 draws."""
    found = {chance.times: chance.found for chance in chances_of(shapes()["lived_values_change"], seed=1)}
    assert found[2.0] >= 0.8
    assert found[0.0] <= 0.034


def test_the_readme_gives_the_figures_that_the_plan_gives() -> None:
    text = " ".join((STUDY / "README.md").read_text(encoding="utf-8").split())
    shape = shapes()["lived_values_change"]
    small = shape.with_more(comparisons=-16)
    chances = {chance.times: chance.found for chance in chances_of(shape, study().protocol.seed)}
    safe = chances_of(shapes()["workload_not_worse"], study().protocol.seed)[0].found
    assert f"from {small.detectable:.2f} to {shape.detectable:.2f} points" in text
    assert f"would bring it to {small.with_more(people=900).detectable:.2f}" in text
    assert f"a true 0.3 points about {100 * chances[1.0]:.0f} times in 100" in text
    assert f'"improved" {100 * chances[0.0]:.0f} times in 100 when nothing happened' in text
    assert f"shown safe about {100 * safe:.0f} times in 100" in text


def test_the_readme_says_how_much_less_simulated_percentages_cluster() -> None:
    """Opinions that share s of their variance give yes or no answers that share (2/pi) asin(s) at one half (Sheppard 1899)."""
    share = 200 / pi * asin(study().protocol.expected_of("staff").unit_variance_share)
    assert f"{share:.1f}% between organisations instead of 3%" in " ".join((STUDY / "README.md").read_text(encoding="utf-8").split())


def test_the_guardrail_can_be_shown_safe_at_least_four_times_in_five() -> None:
    assert chances_of(shapes()["workload_not_worse"], seed=1)[0].found >= 0.8


def test_no_weights_and_no_sensitivity_checks_are_promised_before_they_exist() -> None:
    text = (STUDY / "protocol.yaml").read_text(encoding="utf-8")
    assert not re.search(r"\b(weights?|sensitivity|tipping)\b", text)


def test_items_are_single_short_questions() -> None:
    """Survey practice: one idea an item, no double negatives, at most 20 words, a sentence (Dillman, Smyth & Christian 2014)."""
    for instrument in study().instruments.values():
        for name, item in instrument.items.items():
            words = item.wording.split()
            assert item.wording[-1] in ".?" and len(words) <= 20, name
            assert not re.search(r"\bnot\b.*\bnot\b|\bnever\b.*\bnot\b", item.wording), name


def test_names_are_invented_and_each_is_used_once() -> None:
    with (STUDY / "organisations.csv").open(encoding="utf-8", newline="") as file:
        names = [row["name"] for row in csv.DictReader(file)]
    assert len(set(names)) == len(names) == 32


def test_the_suppliers_mapping_reads_every_organisation_and_item_of_its_population() -> None:
    mapping = read_mapping(STUDY / "mappings" / "harbour-light.yaml", study())
    assert set(mapping.organisation.codes.values()) == set(read_register(study()).organisations)
    assert {asked.item for asked in mapping.items.values()} == set(study().instruments["patient-experience"].items)
