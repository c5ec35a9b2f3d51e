"""The plan on a page: what it says is what inference and the verdict function would say."""

import json
from dataclasses import replace
from functools import cache
from math import ceil, comb
from pathlib import Path

import numpy as np
import pytest

from evaluation.cli.main import main
from evaluation.errors import IntegrityError
from evaluation.findings.verdict import Kind, Reading, kind_of
from evaluation.inference.power import minimum_detectable_effect
from evaluation.inference.unit_change import unit_change
from evaluation.organisations.register import read_register
from evaluation.plan.chance_words import _warning
from evaluation.plan.chances import chances_of
from evaluation.plan.page import plan_page
from evaluation.plan.remedies import Lever, shortfall
from evaluation.plan.shape import Shape, shapes_of
from evaluation.plan.words import page_text
from evaluation.protocol.documents import read_documents
from evaluation.protocol.freeze import freeze
from tests.conftest import REPOSITORY
from tests.studies import tiny_study

WORKED = REPOSITORY / "protocols" / "values-pilot"
EXPECT = """\
expect:
  staff: {respondents_per_unit: 60, unit_variance_share: 0.05, wave_variance_share: 0.02, standard_deviation: 0.2}
seed: 20250120
"""


def tiny_shapes(root: Path, **replace: str) -> dict[str, Shape]:
    documents = read_documents(tiny_study(root, replace={"seed: 20250120\n": EXPECT, **replace}))
    return {shape.subject.estimand: shape for shape in shapes_of(documents, read_register(documents))}


@cache
def worked_shapes() -> tuple[Shape, ...]:
    documents = read_documents(WORKED)
    return shapes_of(documents, read_register(documents))


def test_the_detectable_difference_is_the_closed_form_of_the_methods_note(tmp_path: Path) -> None:
    """Section 3: v = 2 (s_cp^2 + s_e^2 / n), Var = v (1/m + 1/c), (t_.975 + t_.8) sqrt(Var) with G - 2 = 6; by hand."""
    shape = tiny_shapes(tmp_path)["lived_values_change"]
    total = 2.0**2
    variance = 2 * (0.02 * total + 0.93 * total / 60) * (1 / 3 + 1 / 5)
    assert shape.detectable == pytest.approx((2.446912 + 0.905703) * np.sqrt(variance), rel=1e-6)


def test_a_percentage_is_taken_to_vary_as_it_does_at_half(tmp_path: Path) -> None:
    """A share p has standard deviation sqrt(p (1 - p)), at most one half, whatever the plan says of scales."""
    shape = tiny_shapes(tmp_path)["awareness_change"]
    parts = shape.noise.between_units + shape.noise.between_waves + shape.noise.between_people
    assert parts == pytest.approx(50.0**2)


def test_floors_are_those_of_reassigning_the_arms() -> None:
    """8 of 32 in C(32, 8) = 10,518,300 ways; 4 of 28 in 20,475 ways."""
    floors = {shape.subject.contrast: shape.floor for shape in worked_shapes() if shape.subject.measure == "lived_values"}
    assert floors["pilot - comparison"] == pytest.approx(1 / 10_518_300)
    assert floors["develop - comparison"] == pytest.approx(1 / 20_475)


def test_chances_agree_with_judging_studies_one_by_one_from_unit_changes(tmp_path: Path) -> None:
    """The same plan drawn afresh, one study at a time, with the truth put into the pilots' changes: within 5 in 100."""
    shape = tiny_shapes(tmp_path)["lived_values_change"]
    rng = np.random.default_rng(5)
    side = np.arange(8) < 3
    sampling, between = 2 * 0.93 * 4 / 60, 2 * 0.02 * 4
    kinds = []
    for _ in range(600):
        changes = rng.normal(0, np.sqrt(sampling + between), 8) + 0.6 * side
        fit = unit_change(changes, np.full(8, sampling), np.column_stack([np.ones(8), side]), 1)
        (low,), (high,) = fit.interval(0.95)
        (low80,), (high80,) = fit.interval(0.8)
        kinds.append(kind_of(Reading(float(fit.estimate[0]), low, high, low80, high80, 0.3, 0.95, shape.floor)))
    twice = next(chance for chance in chances_of(shape, seed=1) if chance.times == 2)
    for kind in (Kind.IMPROVED, Kind.PROBABLY_IMPROVED, Kind.CANNOT_TELL):
        assert kinds.count(kind) / 600 == pytest.approx(twice.shares.get(kind, 0.0), abs=0.05)


def test_chances_add_up_to_one_and_rise_with_the_truth(tmp_path: Path) -> None:
    for shape in tiny_shapes(tmp_path).values():
        chances = chances_of(shape, seed=1)
        assert [sum(chance.shares.values()) for chance in chances] == pytest.approx([1, 1, 1, 1])
        found = [chance.found for chance in chances]
        assert found == sorted(found, reverse=shape.subject.margin is not None)


def test_chances_of_ancova_do_not_hang_on_how_one_draw_of_baselines_falls() -> None:
    """3 pilots against 5: between seeds, chances of 3,000 draws differ by chance alone, standard error below 0.01."""
    shape = next(one for one in worked_shapes() if one.subject.estimand == "lived_values_same_people")
    small = replace(shape, places=((3, 5),))
    found = [chances_of(small, seed)[-1].found for seed in range(1, 7)]
    assert max(found) - min(found) < 0.05


def test_no_difference_is_called_one_at_most_as_often_as_the_confidence_allows() -> None:
    """At 95% confidence an improvement that is not there is found in at most 2.5 of 100; 3,000 draws, three standard errors."""
    for shape in worked_shapes():
        if shape.subject.margin is None:
            assert chances_of(shape, seed=2)[0].found <= 0.025 + 0.0086


def test_the_same_seed_gives_the_same_chances() -> None:
    assert chances_of(worked_shapes()[0], seed=4) == chances_of(worked_shapes()[0], seed=4)


def test_too_few_organisations_get_no_verdict_whatever_the_truth(tmp_path: Path) -> None:
    """docs/methods.md, section 6: with four units in all there is no headline p."""
    root = tiny_study(tmp_path)
    lines = (root / "organisations.csv").read_text(encoding="utf-8").splitlines()
    (root / "organisations.csv").write_text("\n".join([*lines[:3], *lines[4:6]]) + "\n", encoding="utf-8")
    page = plan_page(read_documents(root), draws=50)
    shape, chances = page.questions[0].shape, page.questions[0].chances
    assert shape.units == 4 and shape.detectable == float("inf")
    assert all(chance.shares == {Kind.CANNOT_TELL: 1.0} for chance in chances)
    said = page_text(page)
    assert "can get no verdict" in said and "five or more" not in said.split("WARNINGS")[0]
    assert page.as_record()["questions"][0]["minimum_detectable_effect"] is None


def cut(root: Path, pilots: int, comparisons: int) -> Path:
    """The tiny study with that many organisations of either side, as its register names them."""
    study = tiny_study(root, replace={"seed: 20250120\n": EXPECT})
    head, *lines = (study / "organisations.csv").read_text(encoding="utf-8").splitlines()
    kept = [*[line for line in lines if line[0] == "P"][:pilots], *[line for line in lines if line[0] == "C"][:comparisons]]
    start = kept[0].split(",", 2)[2] if kept else ""
    kept += [f"P{k},Organisation P{k},{start}" for k in range(4, pilots + 1)]
    kept += [f"C{k},Organisation C{k},comparison,NHS Trust,North,3000,never had," for k in range(6, comparisons + 1)]
    (study / "organisations.csv").write_text("\n".join([head, *kept]) + "\n", encoding="utf-8")
    return study


def first_shape(study: Path) -> Shape:
    documents = read_documents(study)
    return shapes_of(documents, read_register(documents))[0]


@pytest.mark.parametrize(("pilots", "comparisons"), [(2, 2), (1, 3), (1, 9), (3, 3)])
def test_a_remedy_promises_what_the_plan_says_of_a_register_grown_by_it(tmp_path: Path, pilots: int, comparisons: int) -> None:
    short = shortfall(first_shape(cut(tmp_path, pilots, comparisons)))
    assert short is not None
    for remedy in short.remedies:
        number = remedy.most if remedy.more is None else remedy.more
        more = {Lever.PILOTS: (number, 0), Lever.COMPARISONS: (0, number)}.get(remedy.lever)
        if more is None:
            assert remedy.grown.withheld == short.shape.withheld, "more answers make no more organisations"
            continue
        grown = first_shape(cut(tmp_path, pilots + more[0], comparisons + more[1]))
        assert (remedy.detectable, remedy.grown.floor) == (grown.detectable, grown.floor)
        assert remedy.grown.reasons == grown.reasons


@pytest.mark.parametrize(("pilots", "comparisons", "said"), [
    (2, 2, "For any verdict: 1 more pilot organisation (3 in all), or 1 more comparison organisation (3 in all)."),
    (1, 9, "For any verdict: 1 more pilot organisation (2 in all)."),
    (1, 1, "For any verdict: 1 more pilot organisation (2 in all) and 2 more comparison organisations (3 in all)."),
])  # fmt: skip
def test_a_plan_without_a_verdict_says_the_fewest_more_that_give_one(tmp_path: Path, pilots: int, comparisons: int, said: str) -> None:
    study = cut(tmp_path, pilots, comparisons)
    page = plan_page(read_documents(study), draws=20)
    assert said in " ".join(page_text(page).split())
    short = page.questions[0].shortfall
    assert short is not None
    for more in short.openings:
        enough = first_shape(cut(tmp_path, pilots + more.pilots, comparisons + more.comparisons))
        assert not enough.withheld
        fewer = (more.pilots - 1, more.comparisons) if more.pilots else (0, more.comparisons - 1)
        assert first_shape(cut(tmp_path, pilots + fewer[0], comparisons + fewer[1])).withheld


def test_a_remedy_is_the_smallest_that_suffices_and_the_cheapest_is_named(tmp_path: Path) -> None:
    shape = tiny_shapes(
        tmp_path, **{"minimum_important_difference: 0.3 points, says: see": "minimum_important_difference: 1.1 points, says: see"}
    )["lived_values_change"]
    short = shortfall(shape)
    assert short is not None and short.cheapest is not None
    by_lever = {remedy.lever: remedy for remedy in short.remedies}
    for lever, grow in ((Lever.COMPARISONS, "comparisons"), (Lever.PILOTS, "pilots"), (Lever.PEOPLE, "people")):
        remedy = by_lever[lever]
        if remedy.more is None:
            assert shape.with_more(**{grow: remedy.most}).detectable > 1.1
        else:
            assert (
                shape.with_more(**{grow: remedy.more}).detectable <= 1.1 < shape.with_more(**{grow: remedy.more - 1}).detectable
            )
    costs = [remedy.answers for remedy in short.remedies if remedy.more is not None and remedy.lever is not Lever.PILOTS]
    assert short.cheapest.answers == min(costs)


def test_a_design_that_reaches_only_probably_says_so_in_place_of_what_it_finds_and_what_would_lift_it(tmp_path: Path) -> None:
    """3 of 6 can be named in 20 ways, each with its mirror image: 0.10. 4 of 7 in 35; 3 of 8 in 56."""
    page = plan_page(read_documents(cut(tmp_path / "small", 3, 3)), draws=200)
    rows = {row.split()[0]: row for row in page_text(page).splitlines() if "difference in differences" in row}
    assert "at best probably" in rows["lived_values_change"] and "at best probably" not in rows["strain_not_worse"]
    assert all(chance.found == 0 for chance in page.questions[0].chances)
    warnings = " ".join(page_text(page).split()).split("WARNINGS")[1].split("! strain_not_worse")[0]
    assert "no verdict beyond 'probably': its floor is 0.10, and a firm one needs 0.05 or less." in warnings
    assert "would be found" not in warnings and "agree on a smallest difference" not in warnings
    assert "For a firm verdict: 1 more pilot organisation (4 in all), or 1 more comparison organisation (4 in all)." in warnings
    assert "more answers from each organisation (240 in all), with which none would go beyond 'probably'." in warnings
    assert page.as_record()["questions"][0]["beyond_probably"] is False


@pytest.mark.parametrize(("pilots", "comparisons"), [(2, 3), (2, 4), (2, 5), (3, 3), (3, 4), (4, 2), (5, 2)])
def test_a_design_is_called_firm_where_studies_of_it_can_find_an_improvement_however_large(pilots: int, comparisons: int) -> None:
    shape = worked_shapes()[0]
    huge = replace(shape, places=((pilots, comparisons),), subject=replace(shape.subject, minimum=1000.0))
    ways = comb(pilots + comparisons, pilots) / (2 if pilots == comparisons else 1)
    assert (chances_of(huge, seed=1, draws=50)[-1].found == 1) == huge.firm == (ways >= 20)
    short = shortfall(replace(shape, places=((pilots, comparisons),)))
    assert short is not None and bool(short.firmer) != huge.firm
    for more in short.firmer:
        assert short.shape.with_more(pilots=more.pilots, comparisons=more.comparisons).firm
        fewer = short.shape.with_more(pilots=max(0, more.pilots - 1), comparisons=max(0, more.comparisons - 1))
        assert not fewer.firm


def test_the_odds_in_a_reason_are_those_of_the_floor_beside_it(tmp_path: Path) -> None:
    shape = first_shape(cut(tmp_path, 1, 3))
    assert shape.floor == 0.25 and shape.reasons[-1].endswith("would happen by chance one time in four.")


def test_more_comparisons_and_more_pilots_help_as_the_closed_form_says(tmp_path: Path) -> None:
    shape = tiny_shapes(tmp_path)["lived_values_change"]
    grown = shape.with_more(comparisons=7)
    assert grown.detectable == minimum_detectable_effect(shape.subject.design, shape.noise, [60] * 3, [60] * 12)


def test_a_study_large_enough_is_not_warned(tmp_path: Path) -> None:
    assert shortfall(worked_shapes()[0]) is None
    assert "WARNINGS" not in page_text(plan_page(read_documents(WORKED), draws=50))


def test_the_page_fits_a_terminal_of_a_hundred_columns() -> None:
    said = page_text(plan_page(read_documents(WORKED), draws=50), every=True)
    assert max(len(line) for line in said.splitlines()) <= 100


def test_the_page_says_what_it_had_to_assume(tmp_path: Path) -> None:
    said = page_text(plan_page(read_documents(tiny_study(tmp_path)), draws=50))
    assert "The plan states nothing for staff" in said


def test_the_page_names_every_arm_wave_measure_and_question() -> None:
    page = plan_page(read_documents(WORKED), draws=50)
    said, protocol = page_text(page), page.documents.protocol
    for name in (*protocol.arms, *protocol.waves, *protocol.measures, *protocol.estimands):
        assert name in said
    assert "not yet frozen" in said
    for rule in protocol.decide:
        assert (rule.then or rule.otherwise or "").split()[0] in said


def test_a_frozen_plan_says_so_and_a_changed_one_is_refused(tmp_path: Path) -> None:
    root = tiny_study(tmp_path)
    freeze(root, "tester")
    assert "frozen as plan 1" in page_text(plan_page(read_documents(root), draws=50))
    file = root / "protocol.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace("extend the pilot?", "extend it?"), encoding="utf-8")
    with pytest.raises(IntegrityError):
        plan_page(read_documents(root), draws=50)


def test_before_and_after_is_planned_with_pilots_alone(tmp_path: Path) -> None:
    """Three pilots and no comparison: sign test floor 2/2^3 = 0.25; the interval still gives a verdict."""
    shapes = tiny_shapes(tmp_path, **{"design: difference in differences, estimator: unit change": "design: before and after"})
    shape = shapes["lived_values_change"]
    assert (shape.pilots, shape.comparisons, shape.floor) == (3, 0, 0.25)
    remedies = shortfall(shape)
    assert remedies is not None and Lever.COMPARISONS not in {remedy.lever for remedy in remedies.remedies}


def by_lot(folder: Path, people: int) -> Path:
    """People of one place, drawn into one of two arms."""
    root = tiny_study(folder, replace={
        "assignment: organisation": "assignment: respondent", "randomised: false": "randomised: true", "selection: purposive": "selection: by lot",
        ", estimator: unit change": "", "seed: 20250120\n": EXPECT.replace("60", str(people)),
    })  # fmt: skip
    (root / "organisations.csv").write_text(
        "organisation,name,arm,type,region,size,values_history,start\nA1,One place,,NHS Trust,North,800,never had,\n",
        encoding="utf-8",
    )
    return root


def test_people_drawn_by_lot_are_planned_as_people(tmp_path: Path) -> None:
    """5,000 people in one place, half in each arm: z-based, units cancel; 2.8016 sqrt(2 s_e^2 (1/n1 + 1/n2))."""
    root = by_lot(tmp_path, 5000)
    documents = read_documents(root)
    shape = shapes_of(documents, read_register(documents))[0]
    assert (shape.pilots, shape.comparisons) == (2500, 2500)
    assert shape.detectable == pytest.approx(2.801585 * np.sqrt(2 * 0.93 * 4 * (2 / 2500)), rel=1e-6)
    assert shape.chance(shape.detectable) == pytest.approx(0.8, abs=1e-6)
    assert shape.chance(0.0) == pytest.approx(0.05)
    few = replace(shape, places=((50, 50),))
    share = round(100 * few.chance(few.subject.minimum))
    assert 5 < share < 80 and f"would be found {share} times in 100" in _warning(few, "question")


def test_too_few_people_drawn_by_lot_are_told_how_many_more_on_each_side(tmp_path: Path) -> None:
    """2.8016 sqrt(2 s_e^2 (2/n)) <= 0.3 points, with s_e^2 = 0.93 x 4: from n = 1,298 on each side; there are 500."""
    least = ceil((2.801585 / 0.3) ** 2 * 2 * 0.93 * 4 * 2)
    said = " ".join(page_text(plan_page(read_documents(by_lot(tmp_path, 1000)), draws=50)).split())
    assert f"Cheapest remedy: {least - 500} more people on each side ({least:,} and {least:,})" in said


def test_teams_of_one_organisation_are_reassigned_within_it(tmp_path: Path) -> None:
    """Two places with two of four teams in the pilot each: 6 x 6 = 36 ways, each with its mirror image."""
    root = tiny_study(tmp_path, replace={"assignment: organisation": "assignment: team"})
    rows = ["organisation,unit,name,arm,type,region,size,values_history,start"]
    for place in "AB":
        for team in range(4):
            arm, start = ("develop", "2025-04-01") if team < 2 else ("comparison", "")
            rows.append(f"{place}1,{place}{team},Team {place}{team},{arm},NHS Trust,North,40,never had,{start}")
    (root / "organisations.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    documents = read_documents(root)
    assert shapes_of(documents, read_register(documents))[0].floor == pytest.approx(2 / 36)


@pytest.mark.parametrize(("pilots", "comparisons", "floor", "refused"), [("A", "B", 1.0, True), ("ABC", "DEFGH", 1 / 56, False)])
def test_teams_of_organisations_of_one_arm_are_planned_as_organisations(
    tmp_path: Path, pilots: str, comparisons: str, floor: float, refused: bool
) -> None:
    """6 teams in each organisation, of 60 people each: what inference will compare is organisations, with 360 answers each."""
    root = tiny_study(tmp_path, replace={"assignment: organisation": "assignment: team", "seed: 20250120\n": EXPECT})
    rows = ["organisation,unit,name,arm,type,region,size,values_history,start"]
    for place in pilots + comparisons:
        arm, start = ("develop", "2025-04-01") if place in pilots else ("comparison", "")
        rows += [f"{place}1,{place}{team},Team {place}{team},{arm},NHS Trust,North,40,never had,{start}" for team in range(6)]
    (root / "organisations.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    documents = read_documents(root)
    shape = shapes_of(documents, read_register(documents))[0]
    assert (shape.pilots, shape.comparisons, shape.people, shape.withheld) == (len(pilots), len(comparisons), 360, refused)
    assert shape.floor == pytest.approx(floor)
    if refused:
        assert "With 1 pilot and 1 comparison organisations" in page_text(plan_page(documents, draws=50))


def test_the_verb_prints_the_page_or_its_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(WORKED)]) == 0
    assert capsys.readouterr().out.startswith("Living our values")
    assert main(["check", str(WORKED), "--json"]) == 0
    record = json.loads(capsys.readouterr().out)
    main_question = record["questions"][0]
    assert (main_question["n_pilot"], main_question["n_comparison"]) == (8, 24)
    assert [chance["times"] for chance in main_question["chances"]] == [0.0, 0.5, 1.0, 2.0]


def test_lines_still_marked_are_named_before_the_plan(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = tiny_study(tmp_path, replace={"randomised: false": "randomised: false   # DECIDE: true only if a lottery chose"})
    (root / "mappings").mkdir()
    (root / "mappings" / "x.yaml").write_text(
        "# CHECK: guessed from little. DECIDE: the file does not say. Codes.\nmapping: x\nitems: {}   # CHECK: by place\n",
        encoding="utf-8",
    )
    assert main(["check", str(root)]) == 0
    warning, plan = capsys.readouterr().out.split("\n\n", 1)
    number = 1 + next(n for n, line in enumerate((root / "protocol.yaml").read_text().splitlines()) if "DECIDE" in line)
    assert warning.splitlines() == [
        "WARNING: 2 lines are still marked DECIDE or CHECK; the plan below rests on guesses.",
        f"  protocol.yaml:{number}: DECIDE: true only if a lottery chose",
        "  mappings/x.yaml:3: CHECK: by place",
    ]
    assert plan.startswith("A tiny pilot")
    assert main(["check", str(root), "--json"]) == 0
    assert [mark["line"] for mark in json.loads(capsys.readouterr().out)["undecided"]] == [number, 3]


def test_people_are_said_to_be_drawn_by_lot_only_where_they_were(tmp_path: Path) -> None:
    root = tiny_study(tmp_path, replace={"assignment: organisation": "assignment: respondent", ", estimator: unit change": ""})
    (root / "organisations.csv").write_text("organisation,name,arm,type\nA1,One place,,NHS Trust\n", encoding="utf-8")
    page = page_text(plan_page(read_documents(root), draws=20))
    assert "people, by lot" not in page and "Pilots were chosen" in page


def test_the_plan_says_which_questions_ask_about_which_value(tmp_path: Path) -> None:
    page = plan_page(read_documents(WORKED), 10)
    said = " ".join(page_text(page).split())
    assert "WHICH QUESTIONS ASK ABOUT WHICH VALUE" in said and "Compassion: staff (" in said
    assert len(page.as_record()["values"]) == 6
    bare = plan_page(read_documents(tiny_study(tmp_path)), 10)
    assert bare.as_record()["values"] == {} and "ABOUT WHICH VALUE" not in page_text(bare)
