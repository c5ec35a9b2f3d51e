"""Families share their error rate as their rules say."""

from dataclasses import replace
from pathlib import Path

import pytest

from evaluation.inference.estimate import Answer
from evaluation.inference.fit_estimand import answer
from evaluation.inference.multiplicity import adjust, adjusted
from evaluation.terms import Multiplicity
from tests.inference.studies_in_memory import arms, study, survey


def test_holm_multiplies_the_smallest_by_the_size_of_the_family_and_never_falls() -> None:
    assert adjusted([0.01, 0.04, 0.03], Multiplicity.HOLM) == pytest.approx([0.03, 0.06, 0.06])


def test_benjamini_hochberg_multiplies_by_size_over_rank() -> None:
    assert adjusted([0.01, 0.04, 0.03], Multiplicity.BENJAMINI_HOCHBERG) == pytest.approx([0.03, 0.04, 0.04])


def test_an_empty_family_has_nothing_to_adjust() -> None:
    assert adjusted([], Multiplicity.HOLM) == []


def test_only_estimands_of_a_family_get_an_adjusted_p_and_withheld_ones_take_no_part(tmp_path: Path) -> None:
    asked = study(tmp_path, survey(arms(3, 5)))
    (primary,) = answer("lived_values_change", *asked.asked)

    def other(p: float | None) -> Answer:
        return replace(primary, estimand="awareness_change", headline=replace(primary.headline, p_value=p))

    done = adjust([primary, other(0.01), other(None), other(0.5)], asked.documents.protocol)
    assert [each.headline.adjusted_p for each in done] == [None, pytest.approx(0.02), None, pytest.approx(0.5)]
