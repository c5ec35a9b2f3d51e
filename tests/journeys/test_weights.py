"""A protocol with weights, from headcounts to two rows: weighted and unweighted, whichever is the headline.

The tiny study's nurses are a third of the staff; half of them stay silent in the last wave of every pilot. Weights by hand are
eligible over answered by staff group, in each unit and wave; the method on rows with these weights (`unit_change`) is the reference.
"""

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import evaluation as ev
from evaluation.cli.main import main
from evaluation.evidence import kept
from evaluation.evidence.evidence import Evidence, fingerprint_of
from evaluation.evidence.scan import rows
from evaluation.inference.estimate import Estimate
from evaluation.inference.fit_estimand import answer
from evaluation.organisations.register import read_register
from evaluation.protocol.documents import read_documents
from evaluation.release.publish import read_release
from evaluation.study import Study
from evaluation.waves import store
from evaluation.waves.collect import collect
from tests.studies import UNITS, tiny_frame, tiny_study

WEIGHTS = "weights: {kind: raking, margins: [staff_group]}, "
POPULATION = "{label: Staff, linkage: pseudonym, groups: [staff_group]}"
HEADLINE = "design: difference in differences, estimator: unit change}"
ELIGIBLE = {"Nursing": 40, "Other": 80}


def declared(weights: str = WEIGHTS, linkage: str = "none", estimand: str = "", groups: str = "staff_group") -> dict[str, str]:
    population = f"{{label: Staff, linkage: {linkage}, headcounts: headcounts/staff.csv, {weights}groups: [{groups}]}}"
    return {POPULATION: population, HEADLINE: HEADLINE[:-1] + estimand + "}"}


def headcounts(root: Path, levels: Sequence[str] = tuple(ELIGIBLE), units: Sequence[str] = tuple(unit for unit, _ in UNITS)) -> None:
    lines = [f"{unit},{level},{ELIGIBLE[level]}" for unit in units for level in levels]
    (root / "headcounts").mkdir(exist_ok=True)
    (root / "headcounts" / "staff.csv").write_text("\n".join(["organisation,staff_group,eligible", *lines]) + "\n")


def silent_nurses(frame: pd.DataFrame, wave: str) -> pd.Series:
    """Every second nurse of the pilots says nothing in the last wave."""
    nurse = (frame["staff_group"] == "Nursing") & frame["organisation"].str.startswith("P") & (wave == "month_12")
    return nurse & (frame["respondent"].str[-4:].astype(int) % 2 == 0)


def answered(
    root: Path, replace: dict[str, str], silent: Callable[[pd.DataFrame, str], pd.Series] = silent_nurses, **counted: Sequence[str]
) -> Study:
    """The tiny study with headcounts; nurses score lower, and some people say nothing."""
    study = Study(tiny_study(root / "tiny", replace=replace))
    headcounts(study.root, **counted)
    documents = read_documents(study.root)
    register = read_register(documents)
    for wave in ("baseline", "month_12"):
        frame = tiny_frame(wave)
        lower = frame["staff_group"] == "Nursing"
        frame.loc[lower, ["lived_1", "lived_2"]] = (frame.loc[lower, ["lived_1", "lived_2"]] - 1).clip(lower=1)
        file = study.root / f"{wave}.csv"
        frame[~silent(frame, wave)].to_csv(file, index=False)
        store.load(study, collect(documents, register, file, wave=wave, population="staff"), actor="tests")
        file.unlink()
    return study


def evidence_of(study: Study) -> Evidence:
    documents = read_documents(study.root)
    return kept.evidence_of(study.evidence, {"staff": store.responses(study, "staff")}, documents, read_register(documents))


def told(study: Study) -> tuple[Estimate, Estimate]:
    """The headline and the row beside it."""
    documents = read_documents(study.root)
    (found,) = answer("lived_values_change", documents, evidence_of(study), read_register(documents))
    return found.headline, found.beside[0]


def by_hand(study: Study) -> pd.DataFrame:
    """Scores with the weight of each: eligible over answered in its staff group, by unit and wave, with a mean of 1 there."""
    documents = read_documents(study.root)
    responses = {"staff": store.responses(study, "staff")}
    frame = rows(responses, documents, read_register(documents), "lived_values", ("baseline", "month_12"))
    each = frame.groupby(["unit", "wave", "staff_group"])["score"].transform("size")
    raw = frame["staff_group"].map(ELIGIBLE) / each
    return frame.assign(weight=raw / raw.groupby([frame["unit"], frame["wave"]]).transform("mean"))


def reference(frame: pd.DataFrame, weights: str | None) -> Estimate:
    return next(iter(ev.unit_change(frame, "score", unit="unit", wave="wave", baseline="baseline", follow_up="month_12", arm="role",
                                    weights=weights)))


def test_a_run_tells_the_estimate_unweighted_and_weighted_beside_it(tmp_path: Path) -> None:
    study = answered(tmp_path, declared())
    finding = ev.run(study).items[0]
    plain, weighted = finding.answer.headline, finding.answer.beside[0]
    assert (plain.weighted, weighted.weighted) == (False, True)
    frame = by_hand(study)
    for row, column in ((plain, None), (weighted, "weight")):
        expected = reference(frame, column)
        assert (row.estimate, row.std_error, row.df) == pytest.approx((expected.estimate, expected.std_error, expected.df), rel=1e-9)
    assert weighted.estimate != pytest.approx(plain.estimate, abs=0.05)
    assert (weighted.estimator, weighted.variance, weighted.n_respondents) == (plain.estimator, plain.variance, plain.n_respondents)
    panel = read_release(study.releases / "preview").findings[0].panel
    assert [row.weighted for row in panel[:3]] == [False, True, False]


def test_the_protocol_can_make_the_weighted_estimate_the_headline(tmp_path: Path) -> None:
    usual, chosen = (answered(tmp_path / name, declared(estimand=said)) for name, said in (("a", ""), ("b", ", weights: response")))
    plain, weighted = told(usual)
    first, second = told(chosen)
    assert (first.estimate, second.estimate) == (weighted.estimate, plain.estimate)
    assert (first.weighted, second.weighted) == (True, False)
    (flag,) = [flag for flag in first.flags if flag.startswith("response_weights")]
    assert "staff_group; 930 answers tell as much as" in flag
    assert ev.run(chosen).items[0].headline.weighted is True


def test_weights_give_back_what_silence_took(tmp_path: Path) -> None:
    """Nurses who stay silent at random inside their group move the unweighted effect; the weighted one stays near the whole truth."""
    whole = told(answered(tmp_path / "whole", declared(), silent=lambda frame, wave: frame["respondent"].isna()))
    plain, weighted = told(answered(tmp_path / "some", declared()))
    assert whole[0].estimate == pytest.approx(whole[1].estimate, abs=1e-9)  # everybody's third of nurses is the headcounts' third
    truth = whole[0].estimate
    assert truth is not None and plain.estimate is not None and weighted.estimate is not None
    assert abs(weighted.estimate - truth) < 0.5 * abs(plain.estimate - truth)


def test_even_weights_change_nothing(tmp_path: Path) -> None:
    study = answered(tmp_path, declared(), silent=lambda frame, wave: frame["respondent"].isna())
    plain, weighted = told(study)
    assert (plain.estimate, plain.std_error) == pytest.approx((weighted.estimate, weighted.std_error), rel=1e-9)
    assert evidence_of(study).weighting["design_effect"].to_numpy() == pytest.approx(np.ones(16))


def test_the_report_says_for_every_unit_and_wave_what_weighting_cost(tmp_path: Path) -> None:
    """P1 at month 12: 10 nurses for 40, 40 others for 80: weights 1.667 and .833, effective 50^2 / (10 x 2.78 + 40 x .694)."""
    report = ev.weights_report(answered(tmp_path, declared())).set_index(["unit", "wave"])
    row = report.loc[("P1", "month_12")]
    assert (row["people"], row["problem"], row["trimmed"]) == (50, "", 0)
    assert (row["lowest"], row["highest"]) == pytest.approx((5 / 6, 5 / 3))
    assert row["effective"] == pytest.approx(50**2 / (10 * (5 / 3) ** 2 + 40 * (5 / 6) ** 2))
    assert row["design_effect"] == pytest.approx(50 / row["effective"])
    trimmed = declared("weights: {kind: raking, margins: [staff_group], trim: 0.5 to 1.5}, ")
    row = evidence_of(answered(tmp_path / "trimmed", trimmed)).weighting.set_index(["unit", "wave"]).loc[("P1", "month_12")]
    assert (row["trimmed"], row["highest"]) == (10, pytest.approx(1.5))
    assert row["off"] == pytest.approx(1 - 1.5 * 10 / (50 / 3))


def test_a_level_in_which_nobody_answered_takes_the_weighted_row_and_leaves_the_other(tmp_path: Path) -> None:
    def no_nurse(frame: pd.DataFrame, wave: str) -> pd.Series:
        return (frame["organisation"] == "P1") & (frame["staff_group"] == "Nursing") & (wave == "month_12")

    study = answered(tmp_path, declared(), silent=no_nurse)
    plain, weighted = told(study)
    assert plain.estimate is not None and (weighted.estimate, weighted.status) == (None, "not estimable")
    report = evidence_of(study).weighting
    (problem,) = report.loc[report["problem"] != "", "problem"]
    assert problem == "nobody of staff_group 'Nursing' answered, and 40 could have"
    chosen = answered(tmp_path / "b", declared(estimand=", weights: response"), silent=no_nurse)
    (found,) = answer("lived_values_change", read_documents(chosen.root), evidence_of(chosen), read_register(read_documents(chosen.root)))
    assert found.refusals[0].sentence == "Answers of some organisations cannot be weighted to their headcounts: 1 at '12 months'."


def test_a_unit_without_headcounts_by_group_cannot_be_weighted(tmp_path: Path) -> None:
    study = answered(tmp_path, declared(), units=[unit for unit, _ in UNITS if unit != "C5"])
    report = evidence_of(study).weighting
    assert set(report.loc[report["unit"] == "C5", "problem"]) == {"there are no headcounts by staff_group"}
    assert told(study)[1].status == "not estimable"


def test_who_did_not_state_a_group_keeps_the_share_that_they_have(tmp_path: Path) -> None:
    def unstated(frame: pd.DataFrame, wave: str) -> pd.Series:
        frame.loc[(frame["organisation"] == "P1") & (frame.index % 12 == 1), "staff_group"] = None
        return frame["respondent"].isna()

    study = answered(tmp_path, declared(), silent=unstated)
    row = evidence_of(study).weighting.set_index(["unit", "wave"]).loc[("P1", "baseline")]
    assert row["problem"] == ""
    silent, others = 5, 60 - 5
    nurse = ELIGIBLE["Nursing"] / 120 * others / 20
    other = ELIGIBLE["Other"] / 120 * others / (40 - silent)
    assert (row["lowest"], row["highest"]) == pytest.approx((min(nurse, other, 1), max(nurse, other, 1)))


def test_kept_evidence_is_read_back_bit_for_bit_and_rests_on_the_headcounts(tmp_path: Path) -> None:
    study = answered(tmp_path, declared())
    first = evidence_of(study)
    (folder,) = study.evidence.iterdir()
    again = kept.recall(folder, first.responses)
    assert again is not None and fingerprint_of(again) == first.fingerprint
    for mine, theirs in zip(first.weighted["lived_values"].sums, again.weighted["lived_values"].sums, strict=True):
        assert mine.tobytes() == theirs.tobytes()
    file = study.root / "headcounts" / "staff.csv"
    file.write_text(file.read_text().replace("P1,Nursing,40", "P1,Nursing,60"))
    other = evidence_of(study)
    assert len(list(study.evidence.iterdir())) == 2 and other.fingerprint != first.fingerprint


def test_without_weights_evidence_holds_nothing_of_them(tmp_path: Path) -> None:
    found = evidence_of(answered(tmp_path, declared(weights="")))
    assert (dict(found.weighted), len(found.weighting)) == ({}, 0)


def test_post_stratification_weights_to_the_levels_of_all_margins_jointly(tmp_path: Path) -> None:
    study = answered(tmp_path, declared("weights: {kind: post-stratification, margins: [staff_group]}, "))
    assert told(study)[1].estimate == pytest.approx(reference(by_hand(study), "weight").estimate, rel=1e-9)


def test_the_command_tells_both_rows(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    study = answered(tmp_path, declared())
    assert main(["run", str(study.root), "--json"]) == 0
    record = json.loads(capsys.readouterr().out)
    (finding,) = [one for one in record["findings"] if one["estimates"][0]["estimand"] == "lived_values_change"]
    assert [row["weighted"] for row in finding["estimates"][:3]] == [False, True, False]
