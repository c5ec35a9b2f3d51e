"""Events over exposure: the headline on log rates, quasi-Poisson beside it, and refusals of what is no count."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from evaluation.errors import DesignError
from evaluation.inference.rows.records import event_rates

ASKED = {"unit": "trust", "wave": "year", "arm": "arm", "events": "leavers", "exposure": "staff", "baseline": 2024, "follow_up": 2025}


def records(ratio: float = 0.8, seed: int = 1, pilots: int = 4, others: int = 6, spread: float = 0.1) -> pd.DataFrame:
    rng, rows = np.random.default_rng(seed), []
    for k in range(pilots + others):
        staff, level = int(rng.integers(800, 4000)), 0.1 * np.exp(rng.normal(0, 0.3))
        for year in (2024, 2025):
            rate = level * np.exp(rng.normal(0, spread)) * (ratio if k < pilots and year == 2025 else 1.0)
            rows.append([f"T{k}", "pilot" if k < pilots else "comparison", year, rng.poisson(staff * rate), staff])
    return pd.DataFrame(rows, columns=["trust", "arm", "year", "leavers", "staff"])


def test_equal_weights_are_the_two_sample_t_of_changes_of_log_rates() -> None:
    frame = records()
    wide = frame.assign(rate=np.log(frame["leavers"] / frame["staff"])).pivot(index="trust", columns="year", values="rate")
    change = wide[2025] - wide[2024]
    pilot = frame.drop_duplicates("trust").set_index("trust")["arm"].reindex(change.index) == "pilot"
    pooled = next(row for row in event_rates(frame, **ASKED) if row.variance == "pooled t")
    assert pooled.estimate == pytest.approx(change[pilot].mean() - change[~pilot].mean(), rel=1e-10)
    assert pooled.p_value == pytest.approx(stats.ttest_ind(change[pilot], change[~pilot]).pvalue, rel=1e-9)


def test_the_regression_beside_it_is_poissons_with_a_level_for_every_unit() -> None:
    """Maximum likelihood by scipy: with unit levels the likelihood of two waves is binomial in the share of events that came later."""
    from scipy.optimize import minimize

    frame = records()
    x = frame.pivot(index="trust", columns="year", values="leavers").to_numpy(dtype=float)
    e = frame.pivot(index="trust", columns="year", values="staff").to_numpy(dtype=float)
    pilot = (frame.drop_duplicates("trust").set_index("trust")["arm"].sort_index() == "pilot").to_numpy(dtype=float)

    def minus(b: np.ndarray) -> float:
        odds = e[:, 1] / e[:, 0] * np.exp(b[0] + b[1] * pilot)
        return float(-(x[:, 1] * np.log(odds) - x.sum(axis=1) * np.log1p(odds)).sum())

    best = minimize(minus, [0.0, 0.0], method="BFGS", options={"gtol": 1e-8}).x
    row = next(row for row in event_rates(frame, **ASKED) if row.estimator == "quasi-Poisson")
    assert row.estimate == pytest.approx(best[1], rel=1e-4)


def test_the_true_rate_ratio_lies_in_the_headlines_interval_about_95_times_in_100() -> None:
    held = [
        row.conf_low < np.log(0.8) < row.conf_high for seed in range(200)
        for row in [next(iter(event_rates(records(seed=seed), **ASKED)))]
    ]
    assert np.mean(held) > 0.95 - 3 * np.sqrt(0.05 * 0.95 / 200)


def test_a_wave_without_any_event_counts_as_half_an_event() -> None:
    frame = records()
    frame.loc[0, "leavers"] = 0
    headline = next(iter(event_rates(frame, **ASKED)))
    assert np.isfinite(headline.estimate) and headline.status == "estimated"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"leavers": -1}, "1 rows of 'leavers' are no counts"), ({"leavers": 2.5}, "no counts"), ({"leavers": np.inf}, "no counts"),
        ({"staff": 0}, "not above zero"), ({"arm": "comparison"}, "two arms"),
    ],
)
def test_what_is_no_count_or_no_exposure_is_refused(change: dict[str, object], words: str) -> None:
    frame = records().astype({"leavers": float, "staff": float})
    for name, value in change.items():
        frame.loc[1, name] = value
    with pytest.raises(DesignError, match=words):
        event_rates(frame, **ASKED)


def test_one_pilot_keeps_its_estimate_and_no_p() -> None:
    found = list(event_rates(records(pilots=1), **ASKED))
    assert {row.status for row in found} == {"p-value withheld"}
    assert found[0].estimate is not None and found[0].p_value is None


def test_a_unit_with_one_wave_only_is_named_and_not_silently_left_out() -> None:
    frame = records()
    found = list(event_rates(frame[~((frame["trust"] == "T9") & (frame["year"] == 2025))], **ASKED))
    whole = list(event_rates(frame[frame["trust"] != "T9"], **ASKED))
    assert [row.flags for row in found] == [("unbalanced_waves:1: T9",)] * len(found)
    assert [row.estimate for row in found] == [row.estimate for row in whole]


def test_a_unit_without_an_arm_is_refused_by_name_and_not_taken_for_a_comparison() -> None:
    frame = records()
    frame.loc[frame["trust"] == "T7", "arm"] = None
    with pytest.raises(DesignError, match=r"'arm' is empty in rows of units \(1: T7\)"):
        event_rates(frame, **ASKED)


def test_a_third_arm_is_refused_and_not_taken_for_a_comparison() -> None:
    frame = records()
    frame.loc[frame["trust"] == "T7", "arm"] = "waiting"
    with pytest.raises(DesignError, match="holds comparison, pilot, waiting"):
        event_rates(frame, **ASKED)


def test_polars_arrow_and_parquet_give_what_pandas_gives(tmp_path: Path) -> None:
    import polars as pl
    import pyarrow as pa

    frame = records()
    frame.to_parquet(tmp_path / "records.parquet")
    expected = event_rates(frame, **ASKED).tidy()
    for source in (pl.from_pandas(frame), pa.Table.from_pandas(frame), tmp_path / "records.parquet"):
        pd.testing.assert_frame_equal(event_rates(source, **ASKED).tidy(), expected)


def test_rows_of_one_unit_and_wave_are_added_up() -> None:
    frame = records()
    halves = pd.concat([frame.assign(leavers=frame["leavers"] // 2, staff=frame["staff"] / 2),
                        frame.assign(leavers=frame["leavers"] - frame["leavers"] // 2, staff=frame["staff"] / 2)])
    assert event_rates(halves, **ASKED).tidy()["estimate"].to_numpy() == pytest.approx(event_rates(frame, **ASKED).tidy()["estimate"].to_numpy())


def test_events_on_one_side_only_leave_no_regression_and_say_so() -> None:
    frame = records()
    frame.loc[frame["arm"] != "pilot", "leavers"] = 0
    row = next(row for row in event_rates(frame, **ASKED) if row.estimator == "quasi-Poisson")
    assert (row.status, row.estimate) == ("not estimable", None)
    assert row.flags == ("not_worked_out:too few units had any event to tell the arms apart",)
