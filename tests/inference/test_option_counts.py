"""Estimates from published options: the spread of people is known, and every finding says where it comes from."""

from pathlib import Path

from evaluation.inference.fit_estimand import answer
from tests.evidence.stored import setting
from tests.evidence.test_options import LEVEL, counted


def test_a_difference_from_counts_knows_the_spread_and_says_that_it_is_rounded(tmp_path: Path) -> None:
    study = setting(tmp_path, replace=LEVEL)
    frame = counted()
    later = frame[frame["wave"] == "month_6"].assign(wave="month_12")
    evidence = study.summarise(study.write(frame[frame["wave"] == "baseline"], "a"), study.write(later, "b"))
    (found,) = answer("lived_values_change", study.documents, evidence, study.register)
    flags = [name.partition(":")[0] for name in found.headline.flags]
    assert "option_counts" in flags and "spread_unknown" not in flags
    assert found.headline.n_respondents == int(evidence.moments["lived_values"].n.sum())
    assert found.headline.std_error is not None and found.headline.std_error > 0
