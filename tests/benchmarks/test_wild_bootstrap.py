"""The race tests the same hypothesis on both sides; where the peers are installed their numbers are set beside ours.

Known differences, named: wildboottest takes no text as clusters and counts only larger statistics as extreme, so that equal ones are
lost; pyfixest's CRV3 multiplies ours by G/(G-1) x (N-1)/(N-k).
"""

import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from statsmodels.regression.linear_model import OLS

from benchmarks.difference_in_differences import TERMS, answers, estimate, regressors, sums
from benchmarks.wild_bootstrap import exact, on_sums, ours, theirs, units
from evaluation.inference.bootstrap import wild_bootstrap
from tests.inference.clustered_rows import TERMS as COLUMNS
from tests.inference.clustered_rows import clustered_rows, summed
from tests.inference.test_bootstrap import refitted


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("wild") / "answers.parquet"
    answers(6000, seed=1).to_parquet(path, index=False)
    return path


def test_from_the_file_and_on_kept_evidence_the_p_is_the_same(file: Path) -> None:
    assert ours(file) == on_sums(sums(file)).p_value


def test_the_placebo_goes_through_every_choice_of_six_among_twelve(file: Path) -> None:
    found = exact(units(sums(file)))
    assert (found.placements, found.enumerated, found.smallest) == (924, True, 2 / 924)


def test_wildboottest_counts_the_same_sign_vectors_but_for_ties(file: Path) -> None:
    pytest.importorskip("wildboottest", reason="wildboottest comes with the extra `bench`")
    mine, counted = on_sums(sums(file)), theirs(regressors(pd.read_parquet(file)))
    assert abs(mine.p_value - counted) <= 4 / mine.draws + 1e-12
    assert counted <= mine.p_value


def test_wildboottest_takes_no_text_as_clusters(file: Path) -> None:
    pytest.importorskip("wildboottest", reason="wildboottest comes with the extra `bench`")
    frame = regressors(pd.read_parquet(file))
    with pytest.raises(Exception, match="non-precise type array"):  # numba's typing error
        theirs(frame.assign(cluster=frame["organisation"]))


def test_where_only_ties_are_extreme_wildboottest_says_zero_and_ours_counts_them() -> None:
    """The answer's own sign vector and its mirror image are 2 of 64; by rows, `test_bootstrap.refitted` counts the same two."""
    wildboottest = pytest.importorskip("wildboottest.wildboottest", reason="wildboottest comes with the extra `bench`")
    rows = clustered_rows(6, 3, seed=2, effect=4.0)
    observed, drawn = refitted(rows, 0.0, restricted=True)
    assert (drawn >= observed * (1 - 1e-9)).sum() == 2
    assert wild_bootstrap(summed(rows)).p_value == 2 / 64
    model = OLS(pd.Series(rows.y), pd.DataFrame(rows.X, columns=list(COLUMNS)))
    with warnings.catch_warnings(action="ignore"):  # it says that it goes through all sign vectors
        found = wildboottest.wildboottest(
            model, param="pilot:follow_up", cluster=pd.Series(rows.groups), B=9_999, parallel=False, show=False)
    assert float(found["p-value"].iloc[0]) == 0.0


@pytest.mark.parametrize(("ours_called", "theirs_called"), [("CR1S", "CRV1"), ("CR3", "CRV3")])
def test_pyfixest_agrees_and_its_crv3_has_a_factor_of_its_own(file: Path, ours_called: str, theirs_called: str) -> None:
    pyfixest = pytest.importorskip("pyfixest", reason="pyfixest comes with the extra `bench`")
    frame = regressors(pd.read_parquet(file))
    fit = pyfixest.feols(f"score ~ {' + '.join(TERMS)}", data=frame, vcov={theirs_called: "cluster"})
    mine, G, N, k = estimate(sums(file), ours_called), 12, len(frame), len(TERMS) + 1
    factor = np.sqrt(G / (G - 1) * (N - 1) / (N - k)) if ours_called == "CR3" else 1.0
    assert fit.coef()["effect"] == pytest.approx(mine.estimate, rel=1e-8)
    assert fit.se()["effect"] == pytest.approx(factor * mine.std_error, rel=1e-6)
