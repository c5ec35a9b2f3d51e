"""How far a pilot was implemented, and the national trend of its type, as an estimand's answer reads them."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from evaluation.errors import ProtocolError
from evaluation.inference.estimate import Answer
from evaluation.inference.fit_estimand import answer
from evaluation.inference.flags import name_of
from evaluation.organisations.register import Register, read_register
from evaluation.protocol.documents import read_documents
from tests.inference.studies_in_memory import Study, arms, study, survey
from tests.inference.test_special_measures import FOLDER, PLAN, README, trusts
from tests.studies import tiny_study

NAME = "lived_values_change"
ASKED = "measure: lived_values, design: difference in differences"
DOSE = {ASKED: f"{ASKED}, dose: implemented"}
NATIONAL = {ASKED: "measure: lived_values, design: benchmark-adjusted change, benchmark: national.csv"}
SHARES = {"P1": 1.0, "P2": 0.6, "P3": 0.3}


def register_of(asked: Study, **columns: dict[str, object]) -> Register:
    units = asked.register.units.copy()
    for name, values in columns.items():
        units[name] = pd.Series(values).reindex(units.index)
    return Register(units)


def found(asked: Study, **columns: dict[str, object]) -> Answer:
    (one,) = answer(NAME, asked.documents, asked.evidence, register_of(asked, **columns))
    return one


def test_a_dose_is_the_slope_of_changes_on_the_share_implemented(tmp_path: Path) -> None:
    """Equal samples: the weights are equal, so scipy's regression of the units' raw changes is the same line."""
    frame = survey(arms(3, 5), 40)
    one = found(study(tmp_path, frame, replace=DOSE), implemented=SHARES)
    means = frame.pivot_table(index="unit", columns="wave", values="score")
    change = means["month_12"] - means["baseline"]
    line = stats.linregress([SHARES.get(unit, 0.0) for unit in change.index], change)
    pooled = next(row for row in one.beside if row.variance == "pooled t")
    assert pooled.estimate == pytest.approx(line.slope, rel=1e-10)
    assert (pooled.std_error, pooled.p_value) == pytest.approx((line.stderr, line.pvalue), rel=1e-9)
    assert "by_dose:30% to 100%" in one.flags


def test_a_dose_gives_least_squares_with_the_share_in_the_pilots_place(tmp_path: Path) -> None:
    from statsmodels.regression.linear_model import OLS

    frame = survey(arms(3, 5), [8, 15, 30, 6, 12, 25, 40, 9])
    one = found(study(tmp_path, frame, replace=DOSE), implemented=SHARES)
    share, later = frame["unit"].map(SHARES).fillna(0.0), (frame["wave"] == "month_12").astype(float)
    rows = OLS(frame["score"], np.column_stack([np.ones(len(frame)), share, later, share * later]))
    fit = rows.fit(cov_type="cluster", cov_kwds={"groups": pd.factorize(frame["unit"])[0]})
    cr1s = next(row for row in one.beside if row.variance == "CR1S")
    assert (cr1s.estimate, cr1s.std_error) == pytest.approx((fit.params.iloc[3], fit.bse.iloc[3]), rel=1e-9)


def test_a_pilot_of_unknown_dose_is_named_and_nothing_is_estimated(tmp_path: Path) -> None:
    one = found(study(tmp_path, survey(arms(3, 5)), replace=DOSE), implemented={"P1": 1.0, "P2": None, "P3": 0.3})
    assert one.headline.estimate is None
    assert [refusal.sentence for refusal in one.refusals] == ["How far the pilot was implemented is not known for P2."]


def test_teams_of_one_organisation_keep_doses_of_their_own(tmp_path: Path) -> None:
    frame = survey(arms(3, 5), 40).assign(organisation="T")
    teams = [(unit, "T", arm) for unit, arm in arms(3, 5).items()]
    asked = study(tmp_path, frame, replace={**DOSE, "assignment: organisation": "assignment: team"}, register=teams)
    one = found(asked, implemented=SHARES)
    assert one.headline.n_units == 8
    assert "shared_organisations" in map(name_of, one.flags)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({ASKED: "measure: lived_values, design: ancova, dose: implemented"}, "asks for a dose, which 'ancova'"),
        ({ASKED: "measure: lived_values, design: benchmark-adjusted change"}, "names no national figures"),
        ({ASKED: f"{ASKED}, benchmark: national.csv"}, "which 'difference in differences' does not read"),
        ({ASKED: NATIONAL[ASKED].replace("national.csv", "../national.csv")}, "names a file outside the study"),
    ],
)
def test_a_source_that_the_design_does_not_read_is_an_error(tmp_path: Path, changed: dict[str, str], words: str) -> None:
    with pytest.raises(ProtocolError, match=words):
        read_documents(tiny_study(tmp_path, replace=changed))


def test_the_share_implemented_is_a_number_from_0_to_1_and_only_of_pilots(tmp_path: Path) -> None:
    root = tiny_study(tmp_path)
    table = (root / "organisations.csv").read_text().splitlines()
    rows = [f"{row},{share}" for row, share in zip(table, ["implemented", "1.4", "half", "0.5", "0.2", *[""] * 4], strict=True)]
    (root / "organisations.csv").write_text("\n".join(rows))
    with pytest.raises(ProtocolError) as refused:
        read_register(read_documents(root))
    said = [problem.what for problem in refused.value.problems]
    assert "'implemented' is 1.4." in said
    assert "'implemented' is 'half', which is not a number." in said
    assert any("a comparison unit says how far its pilot was implemented" in what for what in said)


def national(folder: Path, rows: list[str]) -> None:
    (folder / "national.csv").write_text("\n".join(["measure,type,wave,mean,std_error", *rows]) + "\n", encoding="utf-8")


SIX = [(unit, unit, arm) for unit, arm in arms(6, 1).items()]


def test_the_trend_of_its_type_is_taken_off_each_pilots_change(tmp_path: Path) -> None:
    asked = study(tmp_path, survey(arms(6, 1), 40), replace=NATIONAL, register=SIX)
    national(tmp_path, [
        "lived_values,acute trust,baseline,6.0,", "lived_values,acute trust,month_12,6.1,",
        "lived_values,,baseline,6.0,", "lived_values,,month_12,6.3,",
    ])
    one = found(asked, type={f"P{k}": "acute trust" if k < 4 else "charity" for k in range(1, 7)})
    change = one.units.set_index("unit")["change"].loc[[f"P{k}" for k in range(1, 7)]]
    beyond = change.to_numpy() - np.array([0.1] * 3 + [0.3] * 3)
    test = stats.ttest_1samp(beyond, 0.0)
    assert one.headline.variance == "one-sample t"
    assert one.headline.estimate == pytest.approx(beyond.mean(), rel=1e-10)
    assert one.headline.p_value == pytest.approx(test.pvalue, rel=1e-9)
    assert (one.headline.n_pilot, one.headline.n_comparison, one.headline.resolution_floor) == (6, 0, 2 / 2**6)
    assert "national_trend" in map(name_of, one.flags)


def test_the_error_of_the_national_figures_makes_each_unit_less_sure(tmp_path: Path) -> None:
    asked = study(tmp_path, survey(arms(6, 1), 40), replace=NATIONAL, register=SIX)
    types = dict.fromkeys((f"P{k}" for k in range(1, 7)), "NHS Trust")
    widths = []
    for error in ("", "0.3"):
        national(tmp_path, [f"lived_values,,{wave},6.0,{error}" for wave in ("baseline", "month_12")])
        row = next(row for row in found(asked, type=types).beside if row.variance == "REML-HK")
        widths.append(row.std_error)
    assert widths[1] > widths[0]


def test_a_type_without_national_figures_is_named(tmp_path: Path) -> None:
    asked = study(tmp_path, survey(arms(6, 1)), replace=NATIONAL, register=SIX)
    national(tmp_path, ["lived_values,acute trust,baseline,6.0,", "lived_values,,month_12,6.2,"])
    one = found(asked, type=dict.fromkeys((f"P{k}" for k in range(1, 7)), "acute trust"))
    assert one.headline.status == "not yet evaluable"
    assert "no trend between these waves for acute trust" in one.refusals[0].sentence


def test_national_figures_of_unknown_measures_and_waves_are_refused_at_their_line(tmp_path: Path) -> None:
    asked = study(tmp_path, survey(arms(6, 1)), replace=NATIONAL, register=SIX)
    national(tmp_path, ["lived_value,,baseline,6.0,", "lived_values,,month_24,6.0,", "lived_values,,month_12,6,", "lived_values,,month_12,6,"])
    with pytest.raises(ProtocolError) as refused:
        found(asked, type={})
    said = " ".join(f"{problem.what} {problem.where}" for problem in refused.value.problems)
    assert "no measure 'lived_value'" in said and "line 2" in said
    assert "no wave 'month_24'" in said and "two means" in said


@pytest.mark.parametrize("column", README)
def test_special_measures_against_the_mean_of_all_other_trusts_is_the_difference_of_the_readme(
    shared_data: Callable[[str], Path], tmp_path: Path, column: str
) -> None:
    """A trend made of the comparison trusts' own means: the estimate is the README's, with an error from programme trusts alone."""
    asked = trusts(shared_data(FOLDER), column, tmp_path / "did")
    elsewhere = asked.frame[asked.frame["arm"] == "comparison"]
    whole = elsewhere[elsewhere.groupby("unit")["wave"].transform("nunique") == 2]
    means = whole.groupby("wave")["score"].mean()
    own = study(tmp_path / "national", asked.frame, replace={**PLAN, **NATIONAL}, base=300)
    own = replace(own, register=asked.register)
    national(tmp_path / "national", [f"lived_values,,{wave},{mean!r}," for wave, mean in means.items()])
    one = found(own, type=dict.fromkeys(asked.register.units.index, "acute trust"))
    estimate, _, pilots, _ = README[column]
    assert round(one.headline.estimate, 4) == estimate
    assert (one.headline.n_pilot, one.headline.df) == (pilots, pilots - 1)
    assert {"national_trend", "regression_to_the_mean"} <= set(map(name_of, one.flags))
