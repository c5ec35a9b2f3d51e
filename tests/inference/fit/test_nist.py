"""NIST Statistical Reference Datasets, linear regression and analysis of variance (itl.nist.gov/div898/strd): certified values.

Sets that are stated by a formula, Norris (public domain, 36 pairs) and Longley (from statsmodels). Log relative error: digits
that agree.
"""

from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from statsmodels.datasets import longley

from evaluation.errors import DesignError
from evaluation.inference.fit.fit import fit
from evaluation.inference.fit.people import PeopleFit

X = np.arange(21.0)
DELTA = np.array([759, -2048, 2048, -2048, 2523, -2048, 2048, -2048, 1838, -2048, 2048])
DELTA = np.concatenate([DELTA, DELTA[-2::-1]]).astype(float)
POWERS = np.vander(X, 6, increasing=True)
ONES, TENTHS = np.ones(6), 0.1 ** np.arange(6)
QUINTIC = " + ".join(["x", *(f"I(x**{power})" for power in range(2, 6))])
WAMPLER = {1: (ONES, 0.0), 2: (TENTHS, 0.0), 3: (ONES, 1.0), 4: (ONES, 100.0), 5: (ONES, 10_000.0)}
WAMPLER_SIGMA = {3: 2360.14502379268, 4: 236014.502379268, 5: 23601450.2379268}
WAMPLER_3_ERRORS = [
    2152.32624678170, 2363.55173469681, 779.343524331583, 101.475507550350, 5.64566512170752, 0.112324854679312,
]  # fmt: skip
NORRIS = np.array([
    [0.1, 0.2], [338.8, 337.4], [118.1, 118.2], [888.0, 884.6], [9.2, 10.1], [228.1, 226.5], [668.5, 666.3], [998.5, 996.3],
    [449.1, 448.6], [778.9, 777.0], [559.2, 558.2], [0.3, 0.4], [0.1, 0.6], [778.1, 775.5], [668.8, 666.9], [339.3, 338.0],
    [448.9, 447.5], [10.8, 11.6], [557.7, 556.0], [228.3, 228.1], [998.0, 995.8], [888.8, 887.6], [119.6, 120.2], [0.3, 0.3],
    [0.6, 0.3], [557.6, 556.8], [339.3, 339.1], [888.0, 887.2], [998.5, 999.0], [778.9, 779.0], [10.2, 11.1], [117.6, 118.3],
    [228.9, 229.2], [668.4, 669.1], [449.2, 448.9], [0.2, 0.5],
])  # fmt: skip
NORRIS_B, NORRIS_ERRORS = (-0.262323073774029, 1.00211681802045), (0.232818234301152, 0.429796848199937e-03)
LONGLEY = {
    "1": (-3482258.63459582, 890420.383607373), "GNPDEFL": (15.0618722713733, 84.9149257747669),
    "GNP": (-0.358191792925910e-01, 0.334910077722432e-01), "UNEMP": (-2.02022980381683, 0.488399681651699),
    "ARMED": (-1.03322686717359, 0.214274163161675), "POP": (-0.511041056535807e-01, 0.226073200069370),
    "YEAR": (1829.15146461355, 455.478499142212),
}  # fmt: skip


def digits(found: object, certified: object) -> float:
    """The log relative error of the worst value, at most 15."""
    values, truth = np.asarray(found, dtype=float), np.asarray(certified, dtype=float)
    return float(-np.log10(np.maximum(np.abs(values - truth) / np.abs(truth), 1e-15).max()))


def rows(formula: str, frame: pd.DataFrame) -> PeopleFit:
    found = fit(formula, frame)
    assert isinstance(found, PeopleFit)
    return found


def wampler(number: int) -> pd.DataFrame:
    coefficients, size = WAMPLER[number]
    return pd.DataFrame({"x": X, "y": POWERS @ coefficients + size * DELTA})


def test_the_added_deviations_of_wampler_are_orthogonal_to_every_power() -> None:
    assert np.all(DELTA @ POWERS == 0)


@pytest.mark.parametrize("number", WAMPLER)
def test_wampler_of_higher_difficulty_agrees_to_nine_digits_on_rows(number: int) -> None:
    found = rows(f"y ~ {QUINTIC}", wampler(number))
    assert digits(found.tidy()["estimate"], WAMPLER[number][0]) >= 9
    if number in WAMPLER_SIGMA:
        assert digits([found.quality.sigma], [WAMPLER_SIGMA[number]]) >= 9
        errors = np.asarray(WAMPLER_3_ERRORS) * WAMPLER[number][1]
        assert digits(found.tidy("classical")["std_error"], errors) >= 9


def test_a_polynomial_that_fits_exactly_has_estimates_and_no_p_value() -> None:
    table = rows(f"y ~ {QUINTIC}", wampler(1)).tidy()
    assert table["status"].eq("p-value withheld").all()
    assert table["p_value"].isna().all()


@pytest.mark.parametrize(("y", "x", "b", "error"), [
    (range(130, 141), range(60, 71), 2.07438016528926, 0.165289256198347e-01),
    ([3, 4, 4], [4, 5, 6], 0.727272727272727, 0.420827318078432e-01),
])  # fmt: skip
def test_regressions_without_a_constant_agree_to_nine_digits(y: object, x: object, b: float, error: float) -> None:
    """NoInt1 and NoInt2."""
    table = rows("y ~ 0 + x", pd.DataFrame({"y": list(y), "x": list(x)})).tidy("classical")
    assert digits([table["estimate"][0], table["std_error"][0]], [b, error]) >= 9


def test_norris_of_lower_difficulty_agrees_to_nine_digits_on_rows() -> None:
    found = rows("y ~ x", pd.DataFrame(NORRIS, columns=["y", "x"]))
    table = found.tidy("classical")
    assert digits(table["estimate"], NORRIS_B) >= 9
    assert digits(table["std_error"], NORRIS_ERRORS) >= 9
    assert digits([found.quality.sigma, found.quality.r_squared], [0.884796396144373, 0.999993745883712]) >= 9


def test_longley_of_higher_difficulty_agrees_to_nine_digits_on_rows() -> None:
    table = rows("TOTEMP ~ " + " + ".join(list(LONGLEY)[1:]), longley.load_pandas().data).tidy("classical")
    certified = np.array([LONGLEY[term] for term in table["term"]])
    assert digits(table["estimate"], certified[:, 0]) >= 9
    assert digits(table["std_error"], certified[:, 1]) >= 9


def one_way(base: str, replicates: int) -> pd.DataFrame:
    """Simon & Lesage (1989): nine treatments with means .4, .3, .5, .3, .5 ... above `base`, and deviations of exactly .1."""
    means = [4, *[3, 5] * 4]
    tenths = [(group, mean + step) for group, mean in enumerate(means) for step in [0, *[-1, 1] * (replicates // 2)]]
    return pd.DataFrame([(f"t{group}", float(Fraction(base) + Fraction(tenth, 10))) for group, tenth in tenths], columns=["t", "y"])


@pytest.mark.parametrize(("base", "least"), [("1", 9), ("1000000", 7)])
@pytest.mark.parametrize(("replicates", "f"), [(21, 21.0), (201, 201.0), (2001, 2001.0)])
def test_one_way_analysis_of_variance_on_rows(base: str, least: int, replicates: int, f: float) -> None:
    """SmLs01 to SmLs06, certified F and residual deviation; from a million up the data hold no more digits of it."""
    found = rows("y ~ t", one_way(base, replicates))
    r, spare = found.quality.r_squared, 9 * replicates - 9
    assert digits([r / (1 - r) * spare / 8, found.quality.sigma], [f, 0.1]) >= least


def test_one_way_analysis_of_variance_is_as_good_as_doubles_that_hold_the_data_can_be() -> None:
    """SmLs07: beside 10^12 a double keeps four digits after the point; the answer is the exact one of those doubles."""
    frame = one_way("1000000000000", 21)
    exact = [[Fraction(value) for value in part] for _, part in frame.groupby("t")["y"]]
    inside = sum((value - sum(part) / len(part)) ** 2 for part in exact for value in part)
    assert digits([rows("y ~ t", frame).quality.sigma], [float(inside / 180) ** 0.5]) >= 9


def by_row(frame: pd.DataFrame) -> pd.DataFrame:
    """Every row a cluster of its own, so that the same regression goes through sums."""
    return frame.assign(row=[f"r{number}" for number in range(len(frame))])


@pytest.mark.parametrize(("formula", "frame", "certified"), [
    ("y ~ x", pd.DataFrame(NORRIS, columns=["y", "x"]), NORRIS_B),
    ("y ~ 0 + x", pd.DataFrame({"y": range(130, 141), "x": range(60, 71)}), [2.07438016528926]),
    ("y ~ 0 + x", pd.DataFrame({"y": [3, 4, 4], "x": [4, 5, 6]}), [0.727272727272727]),
])  # fmt: skip
def test_sums_agree_to_nine_digits_on_norris_and_without_a_constant(
    formula: str, frame: pd.DataFrame, certified: list[float]
) -> None:
    assert digits(fit(formula, by_row(frame), cluster="row").tidy()["estimate"], certified) >= 9


@pytest.mark.parametrize("base", ["1", "1000000", "1000000000000"])
def test_sums_agree_with_certified_analysis_of_variance_where_the_data_hold_the_digits(base: str) -> None:
    """SmLs01 to SmLs09 in turn: F is 21; beside 10^12 doubles hold three digits of it."""
    found = fit("y ~ t", by_row(one_way(base, 21)), cluster="row")
    r = found.quality.r_squared
    assert digits([r / (1 - r) * 180 / 8, found.quality.sigma], [21.0, 0.1]) >= {"1": 9, "1000000": 7, "1000000000000": 2.5}[base]


@pytest.mark.parametrize("number", WAMPLER)
def test_sums_refuse_wampler_naming_the_condition_number(number: int) -> None:
    with pytest.raises(DesignError, match=r"condition number 2\.\d+e\+03"):
        fit(f"y ~ {QUINTIC}", by_row(wampler(number)), cluster="row")


def test_sums_refuse_longley_or_agree_to_seven_digits() -> None:
    frame = by_row(longley.load_pandas().data)
    formula = "TOTEMP ~ " + " + ".join(list(LONGLEY)[1:])
    table = fit(formula, frame, cluster="row").tidy()
    assert digits(table["estimate"], [LONGLEY[term][0] for term in table["term"]]) >= 7


def test_ill_conditioned_columns_that_are_not_collinear_are_kept_on_rows() -> None:
    assert rows(f"y ~ {QUINTIC}", wampler(3)).quality.dropped == {}
