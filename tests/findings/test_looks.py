"""Several waves that decide share the plan's error rate, and the latest one with answers is judged."""

from pathlib import Path

import pandas as pd
import pytest

from evaluation.findings.judge import judge
from evaluation.findings.questions import deciding_wave
from evaluation.inference.fit_estimand import answer
from evaluation.protocol.documents import read_documents
from tests.findings.answers import ALL_LOADED
from tests.inference.studies_in_memory import Study, arms, study, survey
from tests.studies import tiny_study

NAME = "lived_values_change"
TWICE = {"looks: {watch: [month_6], decide: [month_12]}": "looks: {decide: [month_6, month_12]}"}


def asked(folder: Path, waves: tuple[str, ...], replace: dict[str, str]) -> Study:
    frame = survey(arms(3, 5))
    whole = pd.concat([frame, frame[frame["wave"] == "month_12"].assign(wave="month_6")])
    return study(folder, whole[whole["wave"].isin(waves)], replace=replace)


def test_intervals_of_two_looks_are_as_wide_as_half_the_error_rate_asks(tmp_path: Path) -> None:
    """Bonferroni: 5 in 100 over two looks are 2.5 in 100 at each; Student's t with 6 degrees of freedom."""
    once, twice = (asked(tmp_path / name, ("baseline", "month_12"), replace) for name, replace in (("one", {}), ("two", TWICE)))
    (alone,), (shared,) = (answer(NAME, *one.asked) for one in (once, twice))
    assert shared.headline.confidence == pytest.approx(0.975)
    assert shared.headline.estimate == alone.headline.estimate
    ratio = (shared.headline.conf_high - shared.headline.estimate) / (alone.headline.conf_high - alone.headline.estimate)
    assert ratio == pytest.approx(2.968687 / 2.446912, rel=1e-6)


def test_the_latest_deciding_wave_with_answers_is_judged(tmp_path: Path) -> None:
    protocol = read_documents(tiny_study(tmp_path, replace=TWICE)).protocol
    assert deciding_wave(NAME, protocol, {"staff": ("baseline",)}) == "month_6"
    assert deciding_wave(NAME, protocol, {"staff": ("baseline", "month_6")}) == "month_6"
    assert deciding_wave(NAME, protocol, {"staff": ("baseline", "month_6", "month_12")}) == "month_12"


def test_a_first_look_is_a_verdict_and_stands_as_so_far_after_the_second(tmp_path: Path) -> None:
    early = asked(tmp_path / "early", ("baseline", "month_6"), TWICE)
    late = asked(tmp_path / "late", ("baseline", "month_6", "month_12"), TWICE)
    for one, wave, earlier in ((early, "month_6", []), (late, "month_12", ["month_6"])):
        (found,) = answer(NAME, *one.asked, wave_to=wave)
        so_far = [seen for at in earlier for seen in answer(NAME, *one.asked, wave_to=at)]
        finding = judge(found, one.documents, ALL_LOADED, so_far)
        assert (finding.subject.wave_to, finding.subject.watched_only) == (wave, False)
        assert finding.subject.interval_name == "97.5% confidence interval"
        assert [number.wave for number in finding.so_far] == earlier
