"""People in two waves, against pandas merging the same rows by person."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from evaluation.evidence.linked import pairs_of
from tests.evidence.stored import Setting, normal_equations, opened, people, scores, setting

ADJUSTED = {"design: difference in differences, estimator: unit change": "design: ancova, covariates: [staff_group]"}


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Setting:
    return setting(tmp_path_factory.mktemp("linked"), replace=ADJUSTED)


@pytest.fixture(scope="module")
def answers() -> pd.DataFrame:
    frame = people(seed=11)
    return frame.assign(respondent=frame["respondent"].where(frame.index % 13 != 0, None))


def merged(frame: pd.DataFrame, measure: str) -> pd.DataFrame:
    data = frame.assign(y=scores(frame)[measure]).dropna(subset=["respondent", "y"])
    before, after = data[data["wave"] == "baseline"], data[data["wave"] == "month_12"]
    return before.merge(after[["unit", "respondent", "y"]], on=["unit", "respondent"], suffixes=("_before", "_after"))


@pytest.mark.parametrize(("measure", "centre"), [("lived_values", 5.0), ("strain", 3.0)])
def test_linked_sums_equal_those_of_merged_rows(study: Setting, answers: pd.DataFrame, measure: str, centre: float) -> None:
    moments = study.summarise(study.write(answers)).linked[measure, "baseline", "month_12"]
    both = merged(answers, measure)
    groups = both["staff_group"].fillna("not stated")
    levels = [name.partition("=")[2] for name in moments.names if "=" in name]
    assert moments.names[-2:] == ("baseline", measure)
    assert bool(levels) == (measure == "lived_values")
    for unit, products in zip(moments.cells["unit"], moments.products, strict=True):
        own = (both["unit"] == unit).to_numpy()
        u = np.column_stack([np.ones(own.sum()), *((groups[own] == level) * 1.0 for level in levels),
                             both["y_before"][own] - centre, both["y_after"][own] - centre])
        assert products == pytest.approx(u.T @ u, rel=1e-12, abs=1e-10)
    assert set(moments.cells["wave"]) == {"month_12"}


def test_ancova_from_linked_moments_equals_row_level_least_squares(study: Setting, answers: pd.DataFrame) -> None:
    # Reference: statsmodels OLS of the later score on pilot, staff group and the baseline score, on the merged rows.
    moments = study.summarise(study.write(answers)).linked["lived_values", "baseline", "month_12"]
    pilot = np.asarray(moments.cells["role"] == "pilot", dtype=float)
    coefficients = normal_equations(moments, np.column_stack([np.ones_like(pilot), pilot]))
    both = merged(answers, "lived_values")
    groups = [(both["staff_group"].fillna("not stated") == name.partition("=")[2]) * 1.0 for name in moments.names if "=" in name]
    columns = [np.ones(len(both)), both["unit"].str.startswith("P") * 1.0, *groups, both["y_before"] - 5.0]
    reference = sm.OLS(both["y_after"].to_numpy() - 5.0, np.column_stack(columns)).fit().params
    assert coefficients == pytest.approx(reference, rel=1e-10)


def test_whoever_moved_to_another_unit_or_has_no_id_is_not_linked(study: Setting) -> None:
    frame = pd.DataFrame({
        "wave": ["baseline", "month_12"] * 4, "unit": ["P1", "P1", "P1", "C1", "P1", "P1", "C1", "C1"],
        "respondent": ["stays", "stays", "moves", "moves", None, None, "x", "y"],
        "strain_1": [1.0, 2.0, 3.0, 3.0, 4.0, 4.0, 5.0, 5.0],
    })
    frame = frame.assign(organisation=frame["unit"], staff_group="Other", lived_1=np.nan, lived_2=np.nan, lived_3=np.nan, know_values=np.nan)
    linked = study.summarise(study.write(frame)).linked["strain", "baseline", "month_12"]
    assert linked.cells["unit"].tolist() == ["P1"]
    assert linked.n.tolist() == [1]
    assert linked.products[0, 1, 2] == pytest.approx((1 - 3) * (2 - 3))


def test_people_of_an_organisation_that_got_a_new_code_are_linked(tmp_path: Path) -> None:
    """Its sums are those of the same rows with the new code in every wave."""
    plain = setting(tmp_path / "plain", replace=ADJUSTED)
    file = plain.documents.root / "organisations.csv"
    header, *rows = file.read_text().splitlines()
    rows = [f"{row},,".replace("P2,", "P9,") for row in rows]
    text = "\n".join([f"{header},became,became_on", *rows, "P2,Old,,NHS Trust,North,,,,P9,2025-07-01"])
    file.write_text(f"{text}\n", encoding="utf-8")
    study, frame = opened(plain.documents.root), people(seed=3, each=5)
    now = frame.assign(**{name: frame[name].replace("P2", "P9") for name in ("unit", "organisation")})
    then = now.mask(now["wave"] == "baseline", frame)
    key = "lived_values", "baseline", "month_12"
    wanted, found = (study.summarise(study.write(rows)).linked[key] for rows in (now, then))
    assert found.cells["unit"].tolist() == wanted.cells["unit"].tolist() and "P9" in found.cells["unit"].tolist()
    assert found.products == pytest.approx(wanted.products, rel=1e-12, abs=1e-10)


def test_a_persons_group_is_the_one_stated_at_the_start(study: Setting) -> None:
    frame = pd.DataFrame({
        "wave": ["baseline", "month_12"] * 2, "organisation": "P1", "unit": "P1", "respondent": ["a", "a", "b", "b"],
        "staff_group": ["Nursing", "Other", "Other", "Nursing"], "lived_1": 4.0, "lived_2": 4.0, "lived_3": [1.0, 2.0, 3.0, 4.0],
        "know_values": 3.0, "strain_1": 3.0,
    })
    linked = study.summarise(study.write(frame)).linked["lived_values", "baseline", "month_12"]
    # b was in 'Other' at the start; lived_3 of 4 counts as 2 at 12 months: (4 + 4 + 2) / 3 on 1 to 5 is 35/6 on 0 to 10.
    assert linked.names == ("1", "staff_group=Other", "baseline", "lived_values")
    assert linked.products[0, 1, 3] == pytest.approx(35 / 6 - 5, abs=1e-12)


def test_pairs_are_baseline_to_every_look_and_what_estimands_ask(tmp_path: Path) -> None:
    study = setting(tmp_path, replace={"awareness, design: difference in differences,": "awareness, design: difference in differences, "
                                       "wave_from: month_6, wave_to: month_12,"})
    pairs = pairs_of("staff", study.documents)
    assert {pair for pair in pairs if pair[0] == "awareness"} == {
        ("awareness", "baseline", "month_6"), ("awareness", "baseline", "month_12"), ("awareness", "month_6", "month_12")}
    assert {pair for pair in pairs if pair[0] == "strain"} == {("strain", "baseline", "month_6"), ("strain", "baseline", "month_12")}


def test_two_earlier_waves_give_their_own_linked_people(tmp_path: Path, answers: pd.DataFrame) -> None:
    study = setting(tmp_path, replace={"awareness, design: difference in differences,": "awareness, design: difference in differences, "
                                       "wave_from: month_6, wave_to: month_12,"})
    linked = study.summarise(study.write(answers)).linked
    data = answers.dropna(subset=["respondent", "know_values"])
    for earlier in ("baseline", "month_6"):
        sets = [set(data[data["wave"] == wave]["respondent"]) for wave in (earlier, "month_12")]
        assert linked["awareness", earlier, "month_12"].n.sum() == len(sets[0] & sets[1])


def test_people_who_cannot_be_recognised_are_not_linked(tmp_path: Path) -> None:
    study = setting(tmp_path, replace={"linkage: pseudonym": "linkage: none"})
    assert study.summarise(study.write(people(seed=3))).linked == {}
