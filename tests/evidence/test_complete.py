"""Sums over people who answered every item of a measure, against pandas on the rows."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from evaluation.errors import DesignError
from evaluation.evidence.complete import CompleteItems
from evaluation.evidence.items import items_of_table
from evaluation.evidence.kept import keep, recall
from evaluation.evidence.moments import KEYS
from tests.evidence.stored import Setting, people, setting

LIVED = ["lived_1", "lived_2", "lived_3"]


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Setting:
    return setting(tmp_path_factory.mktemp("complete"))


@pytest.fixture(scope="module")
def answers() -> pd.DataFrame:
    return people(seed=12)


@pytest.fixture(scope="module")
def summed(study: Setting, answers: pd.DataFrame) -> CompleteItems:
    return study.summarise(study.write(answers)).complete["lived_values"]


def test_means_and_covariances_are_those_of_rows_without_a_missing_item(summed: CompleteItems, answers: pd.DataFrame) -> None:
    assert (tuple(summed.cells.columns), list(summed.names)) == (KEYS, LIVED)
    cells = answers.groupby(["unit", "wave"])
    assert list(map(tuple, summed.cells[["unit", "wave"]].to_numpy())) == list(cells.groups)
    for place, (_, part) in enumerate(cells):
        whole = part[LIVED].dropna()
        assert summed.n[place] == len(whole) < len(part)
        assert summed.some[place] == part[LIVED].notna().any(axis=1).sum()
        assert summed.means()[place] == pytest.approx(whole.mean().to_numpy(), rel=1e-13)
        assert summed.covariance()[place] == pytest.approx(whole.cov().to_numpy(), rel=1e-12, abs=1e-13)


def test_only_measures_of_several_items_have_them(study: Setting, answers: pd.DataFrame) -> None:
    assert set(study.summarise(study.write(answers)).complete) == {"lived_values"}


def test_a_wave_that_left_out_an_item_has_nobody_who_answered_all(study: Setting, answers: pd.DataFrame) -> None:
    found = study.summarise(study.write(answers.drop(columns="lived_2"))).complete["lived_values"]
    assert found.n.sum() == 0 < found.some.sum()
    assert np.isnan(found.means()).all()
    assert np.isnan(found.covariance()).all()


def test_two_halves_add_to_the_whole_and_are_kept_bit_for_bit(study: Setting, summed: CompleteItems, answers: pd.DataFrame, tmp_path: Path) -> None:
    halves = [study.summarise(study.write(part)).complete["lived_values"] for part in (answers[::2], answers[1::2])]
    both = halves[0] + halves[1]
    assert both.cells.equals(summed.cells)
    assert [part.tobytes() for part in both.parts] == [part.tobytes() for part in summed.parts]
    evidence = study.summarise(study.write(answers))
    keep(tmp_path / "kept", evidence)
    kept = recall(tmp_path / "kept", {})
    assert kept is not None
    assert [part.tobytes() for part in kept.complete["lived_values"].parts] == [part.tobytes() for part in summed.parts]
    pd.testing.assert_frame_equal(kept.complete["lived_values"].cells, summed.cells)
    with pytest.raises(DesignError, match="cannot be added"):
        summed + CompleteItems(summed.cells, ("a", *summed.names[1:]), summed.centres, *summed.parts)


def test_any_table_gives_the_same_sums_by_a_column(answers: pd.DataFrame) -> None:
    pairs, complete = items_of_table(answers, "wave", dict.fromkeys(LIVED, 3.0))
    for place, (wave, part) in enumerate(answers.groupby("wave")):
        assert complete.cells["wave"][place] == pairs.cells["wave"][place] == wave
        assert complete.covariance()[place] == pytest.approx(part[LIVED].dropna().cov().to_numpy(), rel=1e-12)
        assert pairs.covariance()[place] == pytest.approx(part[LIVED].cov().to_numpy(), rel=1e-12)
    with pytest.raises(DesignError, match="no column 'lived_9'"):
        items_of_table(answers, "wave", {"lived_9": 3.0})
