"""Item means and covariances, against pandas on the rows."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from evaluation.errors import DesignError, IntegrityError
from evaluation.evidence.items import ItemMoments
from evaluation.evidence.moments import KEYS
from tests.evidence.stored import ITEMS, Setting, opened, people, setting
from tests.studies import INSTRUMENT, UNITS, tiny_study


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Setting:
    return setting(tmp_path_factory.mktemp("items"))


@pytest.fixture(scope="module")
def answers() -> pd.DataFrame:
    return people(seed=11)


@pytest.fixture(scope="module")
def summed(study: Setting, answers: pd.DataFrame) -> ItemMoments:
    return study.summarise(study.write(answers)).items["staff"]


def test_means_and_covariances_of_every_cell_are_those_of_its_rows(summed: ItemMoments, answers: pd.DataFrame) -> None:
    # Reference: pandas, whose covariance is pairwise-complete with n - 1; codes as stored, nothing turned.
    assert (tuple(summed.cells.columns), summed.names) == (KEYS, ITEMS)
    cells = answers.groupby(["unit", "wave"])
    assert list(map(tuple, summed.cells[["unit", "wave"]].to_numpy())) == list(cells.groups)
    for place, (_, part) in enumerate(cells):
        assert summed.means()[place] == pytest.approx(part[list(ITEMS)].mean().to_numpy(), rel=1e-13)
        assert summed.covariance()[place] == pytest.approx(part[list(ITEMS)].cov().to_numpy(), rel=1e-12, abs=1e-13)
        present = part[list(ITEMS)].notna().to_numpy(dtype=float)
        assert summed.counts[place].tolist() == (present.T @ present).tolist()


def test_cells_say_who_they_are(summed: ItemMoments) -> None:
    arms = dict(UNITS)
    assert summed.cells["arm"].tolist() == [arms[unit] for unit in summed.cells["unit"]]
    assert set(summed.cells["role"]) == {"pilot", "comparison"}


def test_pooled_cells_are_the_cells_of_everybody(summed: ItemMoments, answers: pd.DataFrame) -> None:
    waves = summed.pool(["wave"])
    for wave, covariance in zip(waves.cells["wave"], waves.covariance(), strict=True):
        expected = answers.loc[answers["wave"] == wave, list(ITEMS)].cov().to_numpy()
        assert covariance == pytest.approx(expected, rel=1e-12, abs=1e-13)


def test_two_halves_add_to_the_whole_bit_for_bit(study: Setting, summed: ItemMoments, answers: pd.DataFrame) -> None:
    halves = [study.summarise(study.write(part)).items["staff"] for part in (answers[::2], answers[1::2])]
    both = halves[0] + halves[1]
    assert both.cells.equals(summed.cells)
    assert [part.tobytes() for part in both.parts] == [part.tobytes() for part in summed.parts]


def test_the_order_of_rows_and_files_changes_no_bit(study: Setting, summed: ItemMoments, answers: pd.DataFrame) -> None:
    mixed = answers.sample(frac=1, random_state=3)
    found = study.summarise(study.write(mixed[:70], "b"), study.write(mixed[70:], "a")).items["staff"]
    assert [part.tobytes() for part in found.parts] == [part.tobytes() for part in summed.parts]


def test_an_item_without_a_column_was_answered_by_nobody(study: Setting, answers: pd.DataFrame) -> None:
    found = study.summarise(study.write(answers.drop(columns="strain_1"))).items["staff"]
    assert found.counts[:, 4].sum() == found.counts[:, :, 4].sum() == 0
    assert np.isnan(found.means()[:, 4]).all()
    assert np.isnan(found.covariance()[:, 4]).all()
    assert np.isfinite(found.means()[:, :4]).all()


def test_one_person_has_a_mean_and_no_covariance(study: Setting, answers: pd.DataFrame) -> None:
    found = study.summarise(study.write(answers.dropna(subset=list(ITEMS))[:1])).items["staff"]
    assert np.isfinite(found.means()).all()
    assert np.isnan(found.covariance()).all()


def test_nobody_has_no_cells(study: Setting, answers: pd.DataFrame) -> None:
    found = study.summarise(study.write(answers[:0])).items["staff"]
    assert (len(found.cells), found.means().shape, found.covariance().shape) == (0, (0, 5), (0, 5, 5))


def test_numbers_on_long_or_broken_ranges_are_no_items(tmp_path: Path) -> None:
    scales = "scales:\n  pay: {range: 0 to 200000}\n  share: {range: 0 to 1, whole: false}\n  hours: {range: 0 to 60}\n"
    instrument = INSTRUMENT.replace("scales:\n", scales) + "".join(
        f"  {name}_1: {{wording: A number., scale: {name}}}\n" for name in ("pay", "share", "hours")
    )
    other = opened(tiny_study(tmp_path / "study", instrument=instrument))
    found = other.summarise(other.write(people(seed=1).assign(pay_1=30000.0, share_1=0.5, hours_1=40.0))).items["staff"]
    assert found.names == (*ITEMS, "hours_1")
    assert found.means()[:, -1].tolist() == [40.0] * len(found.cells)


def test_sums_of_other_items_are_not_added(summed: ItemMoments) -> None:
    other = ItemMoments(summed.cells, ("a", *summed.names[1:]), summed.centres, *summed.parts)
    with pytest.raises(DesignError, match="cannot be added"):
        summed + other


def test_answers_of_an_unknown_unit_are_refused(study: Setting, answers: pd.DataFrame) -> None:
    with pytest.raises(IntegrityError, match="does not list"):
        study.summarise(study.write(answers.assign(unit="Z9")))
