"""What no likelihood can settle is refused by name, never fitted to something."""

import numpy as np
import pandas as pd
import pytest

from evaluation.errors import DesignError
from evaluation.evidence.moments import Moments
from evaluation.inference.mixed.grouped_sums import grouped_sums
from evaluation.inference.mixed.reml import fit
from tests.inference.mixed.dense import both, moments_of_rows, survey
from tests.inference.mixed.test_reml import GROUPS


def refused(frame: pd.DataFrame, columns: list[str], groups: list[list[str]], words: str) -> None:
    with pytest.raises(DesignError, match=words):
        fit(both(frame, columns, groups)[0])


def test_one_organisation_is_refused() -> None:
    refused(survey(1).assign(organisation=1), ["age"], GROUPS["one"], "there is only one 'organisation'")


def test_one_answer_in_each_group_is_refused_because_the_variances_cannot_be_told_apart() -> None:
    refused(survey(1).assign(organisation=lambda frame: np.arange(len(frame))), ["age"], GROUPS["one"], "has one answer")


def test_one_wave_cannot_tell_organisations_from_their_waves() -> None:
    refused(survey(1).query("wave == 0"), ["age"], GROUPS["two"], "cannot be told apart")


def test_a_column_for_every_organisation_leaves_no_random_effect_of_organisations() -> None:
    frame = survey(2)
    dummies = pd.get_dummies(frame["organisation"], prefix="o", dtype=float)
    whole = pd.concat([frame, dummies], axis=1)
    refused(whole, ["later", *dummies.columns], GROUPS["two"], "already give every 'organisation' its own level")


def test_answers_that_do_not_differ_within_an_organisation_are_refused() -> None:
    frame = survey(3)
    refused(frame.assign(y=frame.groupby("organisation")["y"].transform("mean")), ["pilot"], GROUPS["one"], "do not differ")
    refused(frame.assign(y=4.0), ["pilot"], GROUPS["one"], "do not differ")


def test_a_person_in_two_organisations_is_refused() -> None:
    frame = survey(4).assign(person=lambda frame: np.arange(len(frame)) % 15)
    refused(frame, ["age"], [["organisation"], ["person"]], "'person' is not nested in 'organisation'")


def test_too_few_answers_for_the_columns_are_refused() -> None:
    frame = pd.DataFrame({"organisation": [1, 1, 2, 2], "a": [0.0, 1, 0, 0], "b": [0.0, 0, 1, 0], "c": [1.0, 1, 1, 0], "y": [1.0, 2, 4, 3]})
    refused(frame, ["a", "b", "c"], GROUPS["one"], "4 answers for 4 columns leave nothing to judge by")


def test_weighted_answers_are_refused() -> None:
    plain = moments_of_rows(survey(6), ["age"], ["organisation"])
    weighted = Moments(plain.cells, plain.names, plain.products, 0.0, plain.products.copy(), plain.products.copy())
    with pytest.raises(DesignError, match="weighted answers"):
        grouped_sums(weighted, np.ones((len(plain.cells), 1)), ["1"], GROUPS["one"])


def test_a_column_that_others_explain_is_left_out_and_named() -> None:
    frame = survey(7).assign(twice=lambda frame: 2 * frame["age"])
    sums, _ = both(frame, ["age", "twice"], GROUPS["one"])
    assert sums.terms == ("1", "age")
    assert sums.root.explained_by == {2: (1,)}
    assert fit(sums).coefficients == pytest.approx(fit(both(frame, ["age"], GROUPS["one"])[0]).coefficients)


def test_fixed_columns_given_by_cell_equal_the_same_columns_given_by_row() -> None:
    """A lift of evidence that is kept by organisation and wave: docs/methods.md, formula 1."""
    frame = survey(8)
    by_row, _ = both(frame, ["pilot", "later", "both", "age"], GROUPS["two"])
    kept = moments_of_rows(frame, ["age"], ["organisation", "wave"])
    first = frame.groupby(["organisation", "wave"])[["pilot", "later", "both"]].first().to_numpy()
    lifted = grouped_sums(kept, np.column_stack([np.ones(len(first)), first]), ["1", "pilot", "later", "both"], GROUPS["two"])
    assert lifted.terms == by_row.terms
    assert fit(lifted).coefficients == pytest.approx(fit(by_row).coefficients, rel=1e-10)
    assert fit(lifted).criterion == pytest.approx(fit(by_row).criterion, rel=1e-12)
