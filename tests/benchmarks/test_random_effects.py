"""The benchmark of random effects measures what lme4 measures: statsmodels by Powell's method on the rows is the reference here."""

from pathlib import Path

import numpy as np
import pytest
import statsmodels.api as sm

from benchmarks import random_effects as bench


def test_ours_starts_from_the_file_and_ends_with_the_effect_and_variances_of_rows(tmp_path: Path) -> None:
    frame = bench.answers(2000, seed=1)
    frame.to_parquet(tmp_path / "answers.parquet", index=False)
    mine = bench.ours(tmp_path / "answers.parquet")
    columns = sm.add_constant(frame[["pilot", *bench.COVARIATES]].astype(float))
    peer = sm.MixedLM(frame["score"], columns, groups=frame["organisation"]).fit(reml=True, method="powell", ftol=1e-12)
    assert mine.effect == pytest.approx(peer.fe_params["pilot"], rel=1e-4)
    assert (mine.between, mine.residual) == pytest.approx((np.asarray(peer.cov_re)[0, 0], peer.scale), rel=1e-3)


def test_differences_are_told_figure_by_figure() -> None:
    mine, theirs = bench.Result(0.1, 0.02, 0.01, 1.0), bench.Result(0.1, 0.02, 0.0100001, 1.0)
    assert [line.split(" | ")[3] for line in bench.differences(mine, theirs)[2:]] == ["0e+00 |", "0e+00 |", "1e-05 |", "0e+00 |"]


def test_without_r_nothing_is_run_and_the_reason_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(bench.shutil, "which", lambda _: None)
    with pytest.raises(SystemExit, match="Rscript is not on this machine"):
        bench.main(["--write", str(tmp_path / "page.md")])
    assert not list(tmp_path.iterdir())
