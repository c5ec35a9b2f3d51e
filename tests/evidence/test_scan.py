"""The scan against the rows themselves: the same sums by numpy, the same regressions by statsmodels, the same bytes each time."""

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from evaluation.errors import IntegrityError
from evaluation.evidence.moments import KEYS
from evaluation.evidence.scan import rows, summarise
from evaluation.waves.storage.read import Responses
from tests.evidence.stored import Setting, normal_equations, opened, people, scores, setting
from tests.studies import INSTRUMENT, PROTOCOL, UNITS, tiny_study

ADJUSTED = {"design: difference in differences, estimator: unit change": "design: difference in differences, covariates: [staff_group]"}
MEASURES = {"lived_values": (5.0, 5.0), "awareness": (50.0, 50.0), "strain": (3.0, 2.0)}


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Setting:
    return setting(tmp_path_factory.mktemp("scan"), replace=ADJUSTED)


@pytest.fixture(scope="module")
def answers() -> pd.DataFrame:
    return people(seed=20250120)


def by_rows(frame: pd.DataFrame, measure: str, centre: float, levels: tuple[str, ...] = ()) -> dict[tuple[str, str], np.ndarray]:
    """u u' summed over the rows of each (unit, wave), by numpy."""
    data = frame.assign(y=scores(frame)[measure].to_numpy(), group=frame["staff_group"].fillna("not stated")).dropna(subset="y")
    found = {}
    for key, part in data.groupby(["unit", "wave"]):
        u = np.column_stack([np.ones(len(part)), *((part["group"] == level).astype(float) for level in levels), part["y"] - centre])
        found[key] = u.T @ u
    return found


@pytest.mark.parametrize("measure", MEASURES)
def test_sums_equal_those_of_the_rows(study: Setting, answers: pd.DataFrame, measure: str) -> None:
    centre, half = MEASURES[measure]
    moments = study.summarise(study.write(answers)).moments[measure]
    levels = tuple(name.partition("=")[2] for name in moments.names[1:-1])
    assert levels == (("Nursing", "Other", "not stated") if measure == "lived_values" else ())
    expected = by_rows(answers, measure, centre, levels)
    assert list(map(tuple, moments.cells[["unit", "wave"]].to_numpy())) == sorted(expected)
    together = np.stack([expected[key] for key in sorted(expected)])
    assert np.abs(moments.products - together).max() <= 1e-12 * half**2 * moments.n.max()
    assert moments.centre == centre


def test_cells_say_who_they_are(study: Setting, answers: pd.DataFrame) -> None:
    cells = study.summarise(study.write(answers)).moments["strain"].cells
    assert tuple(cells.columns) == KEYS
    arms = dict(UNITS)
    assert cells["arm"].tolist() == [arms[unit] for unit in cells["unit"]]
    assert cells["role"].tolist() == ["pilot" if arms[unit] == "develop" else "comparison" for unit in cells["unit"]]


def test_difference_in_differences_from_moments_equals_row_level_least_squares(study: Setting, answers: pd.DataFrame) -> None:
    # Reference: statsmodels OLS on the same rows, with pilot, follow-up, their product and staff group.
    moments = study.summarise(study.write(answers)).moments["lived_values"]
    two = moments.select(moments.cells["wave"].isin(["baseline", "month_12"]))
    pilot = (two.cells["role"] == "pilot").to_numpy(dtype=float)
    later = (two.cells["wave"] == "month_12").to_numpy(dtype=float)
    coefficients = normal_equations(two, np.column_stack([np.ones_like(pilot), pilot, later, pilot * later]))
    data = answers.assign(y=scores(answers)["lived_values"], p=answers["unit"].str.startswith("P") * 1.0)
    data = data[data["wave"].ne("month_6") & data["y"].notna()]
    f, group = (data["wave"] == "month_12") * 1.0, data["staff_group"].fillna("not stated")
    columns = [np.ones(len(data)), data["p"], f, data["p"] * f, *((group == level) * 1.0 for level in ("Nursing", "Other", "not stated"))]
    reference = sm.OLS(data["y"].to_numpy() - 5.0, np.column_stack(columns)).fit().params
    assert coefficients == pytest.approx(reference, rel=1e-10)


def test_the_same_answers_give_the_same_bytes_however_they_are_stored(study: Setting, answers: pd.DataFrame) -> None:
    shuffled = answers.sample(frac=1, random_state=7)
    ways = [
        study.summarise(study.write(answers, "whole")),
        study.summarise(study.write(answers, "whole")),
        study.summarise(study.write(shuffled, "mixed")),
        study.summarise(study.write(shuffled[:100], "b"), study.write(shuffled[100:], "a")),
        study.summarise(study.write(shuffled[100:], "a"), study.write(shuffled[:100], "b")),
    ]
    assert len({way.fingerprint for way in ways}) == 1
    assert len({way.moments["lived_values"].products.tobytes() for way in ways}) == 1
    assert len({way.linked["lived_values", "baseline", "month_12"].products.tobytes() for way in ways}) == 1


def test_one_changed_answer_changes_the_fingerprint(study: Setting, answers: pd.DataFrame) -> None:
    changed = answers.assign(strain_1=answers["strain_1"].where(answers.index != 3, 6 - answers["strain_1"].fillna(1)))
    assert study.summarise(study.write(answers)).fingerprint != study.summarise(study.write(changed)).fingerprint


def test_moments_of_two_halves_add_to_the_whole(study: Setting, answers: pd.DataFrame) -> None:
    halves = [study.summarise(study.write(part)).moments["strain"] for part in (answers[::2], answers[1::2])]
    whole = study.summarise(study.write(answers)).moments["strain"]
    both = halves[0] + halves[1]
    assert both.cells.equals(whole.cells)
    assert both.products == pytest.approx(whole.products, rel=1e-12, abs=1e-10)


def test_a_column_that_an_older_file_lacks_is_unanswered_there(study: Setting, answers: pd.DataFrame) -> None:
    first, later = answers[answers["wave"] == "baseline"], answers[answers["wave"] == "month_12"]
    found = study.summarise(study.write(first.drop(columns="strain_1"), "first"), study.write(later, "later"))
    assert set(found.moments["strain"].cells["wave"]) == {"month_12"}
    assert set(found.moments["awareness"].cells["wave"]) == {"baseline", "month_12"}


def test_an_item_that_nobody_answered_gives_a_measure_without_cells(study: Setting, answers: pd.DataFrame) -> None:
    found = study.summarise(study.write(answers.assign(strain_1=np.nan)))
    assert found.moments["strain"].names == ("1", "strain")
    assert len(found.moments["strain"].cells) == 0
    assert found.linked["strain", "baseline", "month_12"].n.tolist() == []
    assert len(found.moments["awareness"].cells) == 24


def test_a_population_that_was_not_loaded_has_measures_without_cells(study: Setting) -> None:
    for nothing in ({}, {"staff": Responses("staff", 0, (), ())}):
        found = summarise(nothing, study.documents, study.register)
        assert list(found.moments) == list(study.documents.protocol.measures)
        assert [len(moments.cells) for moments in found.moments.values()] == [0, 0, 0]
        assert len(found.tallies) == len(found.types) == len(found.linked) == 0


def test_a_wave_without_answers_is_simply_absent(study: Setting, answers: pd.DataFrame) -> None:
    found = study.summarise(study.write(answers[answers["wave"] != "month_6"]))
    assert set(found.moments["strain"].cells["wave"]) == {"baseline", "month_12"}


def test_answers_of_a_unit_that_left_the_register_are_refused(study: Setting, answers: pd.DataFrame) -> None:
    stray = answers.assign(unit=answers["unit"].replace("C5", "C9"))
    with pytest.raises(IntegrityError, match="stored for C9"):
        study.summarise(study.write(stray))


def test_two_populations_are_summed_apart(tmp_path: Path) -> None:
    protocol = PROTOCOL.replace("groups: [staff_group]}\n", "groups: [staff_group]}\n  patients: {label: Patients}\n")
    protocol = protocol.replace("estimands:\n", "  respect: {label: Respected, instrument: care, population: patients, score: mean, items: [respected], "
                                "minimum_important_difference: 0.2 points, says: feel respected}\nestimands:\n")
    folder = tmp_path / "study" / "instruments"
    folder.mkdir(parents=True)
    care = INSTRUMENT.split("items:")[0].replace("instrument: values", "instrument: care").replace("population: staff", "population: patients")
    (folder / "care.yaml").write_text(care + "items:\n  respected: {wording: I was respected., scale: agree_5}\n", encoding="utf-8")
    study = setting(tmp_path, protocol=protocol)
    staff, patients = people(seed=1), people(seed=2)[["wave", "organisation", "unit", "strain_1"]].rename(columns={"strain_1": "respected"})
    files = {name: study.write(frame, name) for name, frame in {"staff": staff, "patients": patients}.items()}
    responses = {name: Responses(name, 1, (file,), ()) for name, file in files.items()}
    found = summarise(responses, study.documents, study.register)
    assert found.moments["respect"].n.sum() == patients["respected"].notna().sum()
    assert found.moments["strain"].n.sum() == staff["strain_1"].notna().sum()
    assert found.types.groupby("population")["n"].sum().to_dict() == {"patients": len(patients), "staff": len(staff)}
    assert "respect" not in {key[0] for key in found.linked}


def test_people_bring_their_own_arm_when_people_were_assigned(tmp_path: Path, answers: pd.DataFrame) -> None:
    folder = tiny_study(tmp_path / "study", replace={"assignment: organisation": "assignment: respondent", ", estimator: unit change": ""})
    register = (folder / "organisations.csv").read_text(encoding="utf-8")
    plain = re.sub(r",(develop|comparison),", ",,", register).replace("2025-04-01", "")
    (folder / "organisations.csv").write_text(plain, encoding="utf-8")
    study = opened(folder)
    arm = np.where(np.arange(len(answers)) % 3 == 0, "develop", "comparison")
    found = study.summarise(study.write(answers.assign(arm=arm)))
    cells = found.moments["strain"].cells.assign(n=found.moments["strain"].n)
    assert len(cells) == 2 * 3 * len(UNITS)
    expected = answers.assign(arm=arm).dropna(subset="strain_1").groupby("arm").size().to_dict()
    assert cells.groupby("arm")["n"].sum().to_dict() == expected
    assert dict(zip(cells["arm"], cells["role"], strict=True)) == {"develop": "pilot", "comparison": "comparison"}


def test_a_team_is_a_unit_inside_its_organisation(tmp_path: Path, answers: pd.DataFrame) -> None:
    folder = tiny_study(tmp_path / "study", replace={"assignment: organisation": "assignment: team"})
    arms = {"ward-1": "develop", "ward-2": "develop", "ward-3": "comparison", "ward-4": "comparison"}
    lines = ["unit,organisation,name,arm,type,region,size,values_history,start"]
    lines += [f"{team},R{int(team[-1]) % 2},{team},{arm},NHS Trust,North,30,never had,{'2025-04-01' * (arm == 'develop')}"
              for team, arm in arms.items()]
    (folder / "organisations.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    study = opened(folder)
    team = pd.Series(np.array(list(arms))[np.arange(len(answers)) % 4], answers.index)
    mine = answers.assign(unit=team, organisation="R" + (team.str[-1].astype(int) % 2).astype(str))
    cells = study.summarise(study.write(mine)).moments["strain"].cells
    assert dict(zip(cells["unit"], cells["arm"], strict=True)) == arms
    assert dict(zip(cells["unit"], cells["organisation"], strict=True)) == {"ward-1": "R1", "ward-2": "R0", "ward-3": "R1", "ward-4": "R0"}


def test_rows_are_the_scores_person_by_person_in_a_fixed_order(study: Setting, answers: pd.DataFrame) -> None:
    responses = [{"staff": Responses("staff", 1, (study.write(frame, f"r{k}"),), ())}
                 for k, frame in enumerate([answers, answers.sample(frac=1, random_state=3)])]
    first, second = (rows(one, study.documents, study.register, "lived_values", ["baseline", "month_12"]) for one in responses)
    pd.testing.assert_frame_equal(first, second)
    assert list(first.columns) == ["unit", "organisation", "arm", "role", "wave", "respondent", "score", "staff_group"]
    wanted = scores(answers)["lived_values"][answers["wave"] != "month_6"].dropna()
    assert sorted(first["score"]) == pytest.approx(sorted(wanted), rel=1e-13)
    assert (first["staff_group"] == "not stated").any()


def test_rows_of_a_population_that_was_not_loaded_are_none(study: Setting) -> None:
    assert len(rows({}, study.documents, study.register, "strain", ["baseline"])) == 0


def test_a_group_that_an_estimand_is_told_by_parts_the_cells(tmp_path: Path, answers: pd.DataFrame) -> None:
    told = setting(tmp_path, replace={"design: difference in differences, estimator: unit change": "design: difference in differences, by: staff_group, covariates: [staff_group]"})
    found = told.summarise(told.write(answers))
    parted = found.subgroups["lived_values", "staff_group"]
    assert list(found.subgroups) == [("lived_values", "staff_group")]
    assert tuple(parted.cells.columns) == (*KEYS, "group")
    data = answers.assign(y=scores(answers)["lived_values"] - 5.0, group=answers["staff_group"].fillna("not stated")).dropna(subset="y")
    expected = data.groupby(["unit", "wave", "group"])["y"].agg(["size", "sum", lambda y: (y**2).sum()])
    mine = parted.cells.assign(n=parted.n, first=parted.products[:, 0, -1], second=parted.products[:, -1, -1]).set_index(["unit", "wave", "group"])
    assert mine[["n", "first", "second"]].loc[expected.index].to_numpy() == pytest.approx(expected.to_numpy(), rel=1e-12, abs=1e-11)
    assert len(mine) == len(expected)
    whole = parted.pool(KEYS)
    assert whole.cells.equals(found.moments["lived_values"].cells)
    assert whole.products == pytest.approx(found.moments["lived_values"].products, rel=1e-13, abs=1e-12)


def test_a_group_of_a_measure_that_nobody_answered_has_no_cells(tmp_path: Path, answers: pd.DataFrame) -> None:
    told = setting(tmp_path, replace={"measure: strain, design": "measure: strain, by: staff_group, design"})
    parted = told.summarise(told.write(answers.assign(strain_1=np.nan))).subgroups["strain", "staff_group"]
    assert (len(parted.cells), tuple(parted.cells.columns)) == (0, (*KEYS, "group"))
