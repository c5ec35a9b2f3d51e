"""Organisations that became one are counted as one in every wave: people together, published means by the people behind them."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from evaluation.evidence.evidence import Evidence
from evaluation.evidence.kept import key_of
from evaluation.waves.storage.read import Responses
from tests.evidence.stored import ITEMS, Setting, opened, people, setting
from tests.studies import PROTOCOL, tiny_study

PUBLISHED = PROTOCOL.replace("linkage: pseudonym, groups: [staff_group]", "level: organisation")


def with_past(root: Path, rows: str = "C6,Old one,,NHS Trust,,,,,C1,2025-08-01\nC7,Old two,,NHS Trust,,,,,C6,2025-05-01\n") -> Setting:
    """The tiny study, whose C1 was C6, into which C7 had been merged before."""
    table = root / "organisations.csv"
    head, *lines = table.read_text(encoding="utf-8").splitlines()
    table.write_text("\n".join([f"{head},became,became_on", *(f"{line},," for line in lines)]) + "\n" + rows, encoding="utf-8")
    return opened(root)


def means(evidence: Evidence, measure: str) -> dict[tuple[str, str], tuple[float, float]]:
    moments = evidence.moments[measure]
    keys = zip(moments.cells["unit"], moments.cells["wave"], strict=True)
    return {key: (mean, n) for key, mean, n in zip(keys, moments.means(), moments.n, strict=True)}


def test_people_of_former_organisations_are_summed_with_their_successor(tmp_path: Path) -> None:
    """The same rows under the new code give the same sums (but for the last bit, as cells add in floats) and the same counts."""
    past = with_past(tiny_study(tmp_path / "study"))
    frame = people(seed=3)
    split = frame.copy()
    half = (split["unit"] == "C1") & (split["wave"] == "baseline")
    split["unit"] = split["unit"].mask(half, pd.Series(np.where(np.arange(len(split)) % 2, "C6", "C7")))
    split = split.assign(organisation=split["unit"], respondent=None)
    wanted = past.summarise(past.write(frame.assign(respondent=None), "now"))
    found = past.summarise(past.write(split, "then"))
    assert set(split["unit"]) > set(frame["unit"])
    for key, sums in wanted.sets.items():
        np.testing.assert_allclose(found.sets[key].products, sums.products, rtol=1e-13, atol=1e-12)
        pd.testing.assert_frame_equal(found.sets[key].cells, sums.cells)
    np.testing.assert_array_equal(found.items["staff"].products, wanted.items["staff"].products)
    pd.testing.assert_frame_equal(found.tallies, wanted.tallies)
    pd.testing.assert_frame_equal(found.types, wanted.types)


def published(rows: list[tuple[str, str, float | None, int | None]]) -> pd.DataFrame:
    """(wave, organisation, answer to every item, base)."""
    frame = pd.DataFrame(rows, columns=["wave", "organisation", "strain_1", "base"]).assign(unit=lambda rows: rows["organisation"])
    return frame.assign(**dict.fromkeys(ITEMS, frame["strain_1"]), base=frame["base"].astype("Int64"))


def test_published_means_of_merged_organisations_are_one_mean_by_the_people_behind_them(tmp_path: Path) -> None:
    past = with_past(tiny_study(tmp_path / "study", protocol=PUBLISHED))
    rows = [("baseline", "C6", 4.0, 300), ("baseline", "C7", 2.0, 100), ("baseline", "P1", 3.0, 50), ("month_6", "C1", 3.9, 410)]
    found = means(past.summarise(past.write(published(rows))), "strain")
    assert found == {
        ("C1", "baseline"): (pytest.approx((4 * 300 + 2 * 100) / 400), 1), ("P1", "baseline"): (3.0, 1), ("C1", "month_6"): (3.9, 1),
    }  # fmt: skip


def test_where_a_base_is_not_published_every_merged_row_counts_the_same(tmp_path: Path) -> None:
    past = with_past(tiny_study(tmp_path / "study", protocol=PUBLISHED))
    rows = [("baseline", "C6", 4.0, 300), ("baseline", "C7", 2.0, None)]
    assert means(past.summarise(past.write(published(rows))), "strain") == {("C1", "baseline"): (3.0, 1)}


def test_a_merged_row_without_a_figure_adds_none(tmp_path: Path) -> None:
    past = with_past(tiny_study(tmp_path / "study", protocol=PUBLISHED))
    evidence = past.summarise(past.write(published([("baseline", "C6", 4.0, 300), ("baseline", "C7", None, 100)])))
    assert means(evidence, "strain") == {("C1", "baseline"): (4.0, 1)}
    assert evidence.types[["unit", "n", "people"]].values.tolist() == [["C1", 2, 400]]


def test_many_organisations_keep_their_own_figures_when_two_of_them_merged(tmp_path: Path) -> None:
    """Against plain pandas, in an order of rows that is not that of the units."""
    past = with_past(tiny_study(tmp_path / "study", protocol=PUBLISHED))
    rng = np.random.default_rng(8)
    names = ["P3", "C7", "C5", "P1", "C6", "C2", "P2", "C4", "C3"]
    rows = [(wave, name, round(float(rng.uniform(1, 5)), 2), int(rng.integers(20, 900))) for wave in ("baseline", "month_6") for name in names]
    frame = published(rows)
    wanted = frame.assign(unit=frame["unit"].replace({"C6": "C1", "C7": "C1"}), weighted=frame["strain_1"] * frame["base"])
    sums = wanted.groupby(["unit", "wave"])[["weighted", "base"]].sum()
    found = means(past.summarise(past.write(frame)), "strain")
    assert set(found) == set(sums.index)
    for key, (mean, n) in found.items():
        assert (mean, n) == (pytest.approx(sums.loc[key, "weighted"] / sums.loc[key, "base"], rel=1e-12), 1)


def test_evidence_is_kept_apart_for_another_past(tmp_path: Path) -> None:
    now, past = setting(tmp_path / "a"), with_past(tiny_study(tmp_path / "b" / "study"))
    answers = {"staff": Responses("staff", 1, (), ())}
    assert key_of(answers, now.documents, now.register) != key_of(answers, past.documents, past.register)
