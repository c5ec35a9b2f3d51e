"""Power before data: the study that is drawn is the planned one, and what is compared is what an evaluator could change."""

from dataclasses import replace
from importlib import import_module
from pathlib import Path
from re import escape
from xml.etree import ElementTree

import numpy as np
import pytest

from evaluation.errors import UsageError
from evaluation.inference.power import Noise
from evaluation.inference.simulation.closed_form import minimum_detectable_effect
from evaluation.inference.simulation.layout import Layout, Normal, Options, Percent
from evaluation.organisations.register import Register, read_register
from evaluation.plan.designs import Fieldwork, designs, layout_of
from evaluation.plan.power import Power, power
from evaluation.plan.shape import shapes_of
from evaluation.protocol.documents import read_documents
from evaluation.terms import Design
from tests.conftest import REPOSITORY
from tests.studies import tiny_study

WORKED = REPOSITORY / "protocols" / "values-pilot"
EXPECT = """\
expect:
  staff: {respondents_per_unit: 60, unit_variance_share: 0.05, wave_variance_share: 0.02, standard_deviation: 0.2}
seed: 20250120
"""
HEADS = {"groups: [staff_group]}": "headcounts: staff.csv, groups: [staff_group]}", "seed: 20250120\n": EXPECT}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tiny_study(tmp_path, replace={"seed: 20250120\n": EXPECT})


@pytest.fixture
def counted(tmp_path: Path) -> Path:
    """The tiny study with headcounts of 100, 200 and so on, to 800."""
    study = tiny_study(tmp_path, replace=HEADS)
    units = ["P1", "P2", "P3", *[f"C{k}" for k in range(1, 6)]]
    study.joinpath("staff.csv").write_text("organisation,eligible\n" + "".join(f"{u},{100 * k}\n" for k, u in enumerate(units, 1)))
    return study


def layouts(root: Path, fieldwork: Fieldwork | None = None) -> dict[str, Layout]:
    documents = read_documents(root)
    register = read_register(documents)
    shapes = shapes_of(documents, register)
    return {shape.subject.estimand: layout_of(documents, register, shape, fieldwork or Fieldwork())[0] for shape in shapes}


def test_people_follow_headcounts_with_pilots_first_and_the_planned_mean(counted: Path) -> None:
    layout = layouts(counted)["lived_values_change"]
    assert layout.pilots == 3
    np.testing.assert_allclose(layout.people[:, 0], np.rint(60 * np.arange(1, 9) / 4.5))


def test_a_response_rate_and_attrition_are_of_eligible_people(counted: Path) -> None:
    people = layouts(counted, Fieldwork(response_rate=0.4, attrition=0.25))["lived_values_change"].people
    np.testing.assert_allclose(people[:, 0], 40.0 * np.arange(1, 9))
    np.testing.assert_allclose(people[:, 1], 30.0 * np.arange(1, 9))


def test_a_response_rate_without_headcounts_is_refused(root: Path) -> None:
    with pytest.raises(UsageError, match="headcounts are not known"):
        power(root, draws=100, response_rate=0.4)


@pytest.mark.parametrize("wrong", [{"response_rate": 1.2}, {"attrition": 1.0}, {"draws": 10}])
def test_shares_and_draws_out_of_range_are_refused(root: Path, wrong: dict[str, float]) -> None:
    with pytest.raises(UsageError):
        power(root, **wrong)  # type: ignore[arg-type]


def test_single_questions_and_shares_are_drawn_as_counts_and_means_of_questions_as_normal(root: Path) -> None:
    found = layouts(root)
    assert isinstance(found["lived_values_change"].scores, Normal)
    assert found["strain_not_worse"].scores == Options(1.0, 5.0, 5)
    assert isinstance(found["awareness_change"].scores, Percent) and found["awareness_change"].start == 50.0


def test_every_lever_is_compared_and_adds_only_what_it_says() -> None:
    noise = Noise(0.3, 0.1, 3.6)
    planned = Layout(Design.DIFFERENCE_IN_DIFFERENCES, np.column_stack([np.arange(20.0, 100.0, 10.0)] * 2), 3, noise)
    by_name = dict(designs(planned, 0.5))
    assert list(by_name) == [
        "as planned", "2 more pilots", "2 more comparisons", "28 more answers each", "one more wave before", "half the people recognised",
    ]
    assert (by_name["2 more pilots"].pilots, by_name["2 more pilots"].units) == (5, 10)
    assert (by_name["2 more comparisons"].pilots, by_name["2 more comparisons"].units) == (3, 10)
    assert by_name["one more wave before"].people.shape == (8, 3)
    np.testing.assert_allclose(by_name["28 more answers each"].people, 1.5 * planned.people)
    assert by_name["half the people recognised"].noise.linked == 0.5
    assert [name for name, _ in designs(replace(planned, design=Design.COMPARISON, people=planned.people[:, :1]), 0.5)][-1].endswith("each")


@pytest.fixture(scope="module")
def worked() -> Power:
    return power(WORKED, draws=400)


def test_the_worked_study_is_told_for_its_one_primary_question(worked: Power) -> None:
    (question,) = worked.questions
    assert (question.name, question.effect, question.sizes) == ("lived_values_change", 0.3, "headcounts/staff.csv")
    assert worked.seed == 20250120
    planned = question.planned
    assert (planned.layout.pilots, planned.layout.units) == (8, 32)
    assert planned.layout.people.mean() == pytest.approx(300, rel=0.01)
    assert planned.found == pytest.approx(0.8, abs=0.08)
    assert planned.null["headline"].rejected[0] <= 0.08
    assert all(design.detectable < planned.detectable for design in question.designs[1:])


def test_the_table_has_a_row_for_every_design_and_every_method_of_the_planned_one(worked: Power) -> None:
    table = worked.tidy()
    assert list(table.loc[table["design"] == "as planned", "method"])[:3] == ["headline", "pooled t", "CR2"]
    assert (table[table["method"] == "headline"]["power"].between(0.5, 1)).all()
    assert set(table.loc[table["design"] != "as planned", "method"]) == {"headline"}


def test_the_text_names_assumptions_designs_and_the_cheap_lever(worked: Power) -> None:
    text = worked.summary()
    assert "186 to 493 answers from each unit and wave, sizes as in headcounts/staff.csv" in " ".join(text.split())
    assert "Comparisons are the cheap lever: 12 more comparisons" in text
    assert "CR1 (as a warning)" in text
    assert max(map(len, text.splitlines())) <= 100


def test_methods_that_take_long_say_how_many_studies_they_judged(worked: Power) -> None:
    planned = worked.questions[0].planned
    assert {name: rates.studies for name, rates in planned.null.items() if rates.studies != 400} == {"mixed model": 80}
    assert "Of 400 drawn studies the mixed model judged 80, which takes long over each." in " ".join(worked.summary().split())


def test_the_bayesian_reading_is_judged_under_the_prior_that_the_panel_uses(worked: Power) -> None:
    """Its scale is the change that matters, whatever effect is looked for."""
    assert worked.questions[0].planned.layout.matters == 0.3
    assert "Bayesian" in worked.questions[0].planned.null


def test_the_picture_is_svg_with_every_design_and_a_text_alternative(worked: Power) -> None:
    drawn = ElementTree.fromstring(worked.picture())
    words = " ".join(drawn.itertext())
    assert all(design.says in words for design in worked.questions[0].designs)
    assert "as planned finds 0.29 points out of 10 four times in five" in words


def test_with_four_organisations_the_reason_stands_in_place_of_numbers_and_more_comparisons_help(tmp_path: Path) -> None:
    root = tiny_study(tmp_path, replace={"seed: 20250120\n": EXPECT})
    register = (root / "organisations.csv").read_text().splitlines()
    (root / "organisations.csv").write_text("\n".join(line for line in register if not line.startswith(("P3", "C3", "C4", "C5"))) + "\n")
    found = power(root, draws=100)
    planned, _, comparisons, *_ = found.questions[0].designs
    assert planned.found is None and "4 organisations" in planned.reasons[0]
    assert comparisons.found is not None
    text = " ".join(found.summary().split())
    assert "no p-value" in text and "would allow a p-value, for the cost of their answers alone" in text
    assert found.as_record()["questions"][0]["designs"][0]["minimum_detectable_effect"] is None
    assert "no p-value" in found.picture()


def test_designs_that_reach_only_probably_are_named_except_of_what_must_not_get_worse(tmp_path: Path) -> None:
    """Three of six can be named in 20 ways, each with its mirror image: 0.10; five of eight in 56 ways."""
    root = tiny_study(tmp_path, replace={"seed: 20250120\n": EXPECT})
    register = (root / "organisations.csv").read_text().splitlines()
    (root / "organisations.csv").write_text("\n".join(line for line in register if not line.startswith(("C4", "C5"))) + "\n")
    main, _, strain = " ".join(power(root, draws=100, every=True).summary().split()).split("what matters is ")[1:]
    said = "No verdict goes beyond 'probably' where the smallest p possible is above 0.05: as planned, 30 more answers each"
    assert said in main
    assert "No verdict goes" not in strain


@pytest.mark.parametrize("effect", [10.0, 1e9])
def test_an_effect_that_the_scale_does_not_hold_is_refused_before_anything_is_drawn(root: Path, effect: float) -> None:
    with pytest.raises(UsageError, match=escape(f"'lived_values' can change by at most 10, but the effect to look for is {effect:g}")):
        power(root, effect)


def test_the_register_is_read_once_for_all_questions(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[Register] = []
    module = import_module("evaluation.plan.power")
    monkeypatch.setattr(module, "read_register", lambda documents: read.append(read_register(documents)) or read[-1])
    assert len(power(root, draws=100, every=True).questions) == 3
    assert len(read) == 1


def test_a_study_of_sites_is_told_of_sites(tmp_path: Path) -> None:
    """Two sites in the pilot and two beside it, in places that hold both."""
    root = tiny_study(tmp_path, replace={"assignment: organisation": "assignment: site", "seed: 20250120\n": EXPECT})
    rows = ["organisation,unit,name,arm,type,region,size,values_history,start"]
    for place in "AB":
        rows += [f"{place}1,{place}p,Site,develop,NHS Trust,North,40,never had,2025-04-01"]
        rows += [f"{place}1,{place}c,Site,comparison,NHS Trust,North,40,never had,"]
    (root / "organisations.csv").write_text("\n".join(rows) + "\n")
    reasons = power(root, draws=100).questions[0].planned.reasons
    assert reasons and reasons[0].startswith("With 4 sites in all,") and "one time in two" in reasons[0], reasons


def test_arms_given_to_people_are_left_to_the_plan_page() -> None:
    found = power(REPOSITORY / "protocols" / "illinois-wellness", draws=100, every=True)
    assert found.questions == () and found.only_people
    assert "people were assigned" in found.summary()


def test_a_layout_of_ones_own_is_judged_for_a_stated_effect() -> None:
    layout = Layout(Design.DIFFERENCE_IN_DIFFERENCES, np.full((9, 2), 60.0), 3, Noise(0.16, 0.04, 3.8))
    effect = minimum_detectable_effect(layout)
    found = power(layout, effect, draws=400, seed=3)
    assert power(layout, effect, draws=100, seed=3).as_record() == power(layout, effect, draws=100, seed=3).as_record()
    assert found.questions[0].planned.found == pytest.approx(0.8, abs=0.08)
    with pytest.raises(UsageError, match="which effect matters"):
        power(layout)
