"""A link between units' changes: by plain least squares and statsmodels' Mediation, with an error by unit and the sensitivity of 2010."""

import numpy as np
import pandas as pd
import pytest
from statsmodels.regression.linear_model import OLS
from statsmodels.stats.mediation import Mediation as Simulated

from evaluation.errors import DesignError
from evaluation.inference.rows.mediation import PATHS, mediation

ASKED = {"exposure": "pilot", "mediator": "trust", "outcome": "engagement", "unit": "site", "wave": "wave", "baseline": 1, "follow_up": 2}


def link(units: int = 12, seed: int = 1, a: float = 0.8, b: float = 0.6, direct: float = 0.3, common: float = 0.0) -> pd.DataFrame:
    """Units' means in two waves; every second unit is a pilot; `common` moves mediator and outcome besides."""
    rng = np.random.default_rng(seed)
    pilot, shared = (np.arange(units) % 2).astype(float), rng.normal(0, 1, units)
    trust = a * pilot + rng.normal(0, 0.5, units) + common * shared
    engagement = direct * pilot + b * trust + rng.normal(0, 0.5, units) + common * shared
    first = pd.DataFrame({"site": [f"S{k:02d}" for k in range(units)], "wave": 1, "pilot": pilot, "trust": rng.normal(6, 1, units), "engagement": rng.normal(7, 1, units)})
    later = first.assign(wave=2, trust=first["trust"] + trust, engagement=first["engagement"] + engagement)
    return pd.concat([first, later], ignore_index=True)


def changes(frame: pd.DataFrame) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    first, later = (frame[frame["wave"] == wave].set_index("site") for wave in (1, 2))
    moved = later - first
    return first["pilot"].to_numpy(), moved["trust"].to_numpy(), moved["engagement"].to_numpy()


def slopes(X: np.ndarray, M: np.ndarray, Y: np.ndarray) -> dict[str, float]:
    one = np.ones(len(X))
    a = np.linalg.lstsq(np.column_stack([one, X]), M, rcond=None)[0][1]
    direct, b = np.linalg.lstsq(np.column_stack([one, X, M]), Y, rcond=None)[0][1:]
    total = np.linalg.lstsq(np.column_stack([one, X]), Y, rcond=None)[0][1]
    return {"X to M": a, "M to Y": b, "direct": direct, "indirect": a * b, "total": total}


def test_paths_are_those_of_least_squares_on_units_changes_and_add_up_to_the_total() -> None:
    found = mediation(link(), **ASKED)
    assert dict(zip(PATHS, found.paths, strict=True)) == pytest.approx(slopes(*changes(link())))


def test_the_error_leaves_one_unit_out_at_a_time() -> None:
    X, M, Y = changes(link())
    whole = slopes(X, M, Y)["indirect"]
    rest = [slopes(np.delete(X, g), np.delete(M, g), np.delete(Y, g))["indirect"] for g in range(12)]
    found = mediation(link(), **ASKED).infer("indirect")
    assert (found.std_error, found.df) == pytest.approx((np.sqrt(((np.array(rest) - whole) ** 2).sum()), 9))


def test_statsmodels_simulated_mediation_centres_on_the_same_indirect_and_direct_parts() -> None:
    X, M, Y = changes(link(40))
    one = np.ones(40)
    theirs = Simulated(OLS(Y, np.column_stack([one, X, M])), OLS(M, np.column_stack([one, X])), (1, 1), 2).fit(n_rep=2000, rng=1)
    table, ours = theirs.summary(), mediation(link(40), **ASKED).tidy().set_index("path")
    for path, row in (("indirect", "ACME (average)"), ("direct", "ADE (average)")):
        assert ours["estimate"][path] == pytest.approx(float(table.loc[row, "Estimate"]), abs=0.03)


def test_the_indirect_part_vanishes_at_the_correlation_given_and_is_whole_at_none() -> None:
    """Imai, Keele & Yamamoto (2010), theorem 4. At rho the outcome's regression is that with errors so correlated; with rho of
    the two regressions on X alone, M says nothing more."""
    found = mediation(link(), **ASKED)
    curve = found.sensitivity([0.0, found.rho_at_zero, 0.99]).set_index("rho")["indirect"]
    assert curve[0.0] == pytest.approx(found.paths[3])
    assert curve[found.rho_at_zero] == pytest.approx(0.0, abs=1e-12)
    assert curve[0.99] < 0
    X, M, Y = changes(link())
    assert found.rho_at_zero == pytest.approx(np.corrcoef(M - np.where(X == 1, M[X == 1].mean(), M[X == 0].mean()), Y - np.where(X == 1, Y[X == 1].mean(), Y[X == 0].mean()))[0, 1])


def test_at_the_true_correlation_of_errors_the_sensitivity_gives_back_the_true_indirect_part() -> None:
    """4,000 units, M without a say in Y, both moved by something else: at rho = 0 an indirect part appears, at the true rho none."""
    found = mediation(link(4000, b=0.0, common=0.5), **ASKED)
    assert found.paths[3] > 0.3
    assert found.sensitivity([0.5]).loc[0, "indirect"] == pytest.approx(0.0, abs=0.05)  # 0.25 / (0.25 + 0.25)


def test_a_true_indirect_part_lies_in_the_interval_about_95_times_in_100_and_none_is_rarely_rejected() -> None:
    held, rejected = [], []
    for seed in range(200):
        found = mediation(link(10, seed), **ASKED).tidy().set_index("path").loc["indirect"]
        held.append(found["conf_low"] < 0.48 < found["conf_high"])
        rejected.append(mediation(link(10, seed, a=0.0), **ASKED).infer("indirect").p_value < 0.05)
    assert np.mean(held) > 0.95 - 3 * np.sqrt(0.05 * 0.95 / 200)
    assert np.mean(rejected) < 0.05 + 3 * np.sqrt(0.05 * 0.95 / 200)


def test_the_result_says_that_it_is_no_cause_and_how_little_would_undo_it() -> None:
    found = mediation(link(), **ASKED)
    assert "not a cause" in found.sentence
    assert f"correlated at {found.rho_at_zero:.2f}" in found.sentence


def test_an_arm_counts_as_it_is_and_a_measure_by_its_change() -> None:
    frame = link()
    after_the_start = frame.assign(pilot=frame["pilot"] * (frame["wave"] == 2))
    assert mediation(after_the_start, **ASKED).paths == pytest.approx(mediation(frame, **ASKED).paths)
    measured = frame.assign(pilot=frame["pilot"] * (frame["wave"] == 2) + 3.7)
    assert mediation(measured, **ASKED).paths == pytest.approx(mediation(frame, **ASKED).paths)


def test_respondents_count_through_their_units_mean() -> None:
    frame = link()
    rng = np.random.default_rng(3)
    noise = rng.normal(0, 1, len(frame))
    people = pd.concat([frame.assign(trust=frame["trust"] + sign * noise) for sign in (-1, 1)])
    assert mediation(people, **ASKED).paths == pytest.approx(mediation(frame, **ASKED).paths)


def test_units_without_everything_in_both_waves_are_named_as_left_out() -> None:
    frame = link().drop(index=[0])
    frame.loc[15, "trust"] = np.nan
    found = mediation(frame, **ASKED)
    assert found.left_out == ("S00", "S03")
    assert len(found.units) == 10


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda rows: rows[rows["site"] < "S05"], "few"),
        (lambda rows: rows[rows["site"] == "S01"], "few"),
        (lambda rows: rows[rows["wave"] == 1], "empty"),
        (lambda rows: rows.assign(trust=np.nan), "empty"),
        (lambda rows: rows.assign(trust=rows["trust"].where(rows.index > 0, np.inf)), "infinite"),
        (lambda rows: rows.assign(trust="high"), "outcome"),
        (lambda rows: rows.assign(pilot=1.0), "collinear"),
        (lambda rows: rows.assign(trust=5.1), "collinear"),
        (lambda rows: rows.assign(trust=6.2 + 0.3 * rows["pilot"] * rows["wave"]), "collinear"),
        (lambda rows: rows.assign(engagement=4.0), "no-spread"),
        (lambda rows: rows.assign(engagement=1 + 2 * rows["trust"]), "no-spread"),
        (lambda rows: rows.assign(pilot=(rows["site"] == "S03").astype(float)), "leverage-one"),
        (lambda rows: rows.drop(columns="trust"), "column"),
    ],
)
def test_what_shows_no_link_is_refused_by_name(change, code) -> None:
    with pytest.raises(DesignError) as refused:
        mediation(change(link()), **ASKED)
    assert refused.value.problems[0].code == code
    assert refused.value.problems[0].fix


def test_a_column_in_two_places_and_a_correlation_of_one_are_refused() -> None:
    with pytest.raises(DesignError, match="not three columns"):
        mediation(link(), **ASKED | {"mediator": "pilot"})
    with pytest.raises(DesignError, match="between -1 and 1"):
        mediation(link(), **ASKED).sensitivity([1.0])
