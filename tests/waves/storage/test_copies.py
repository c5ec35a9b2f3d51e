"""The same answers once more: under another organisation's name, pasted under themselves, or as another wave with a row more."""

from dataclasses import replace
from pathlib import Path

import pandas as pd
import polars as pl
import pytest

from evaluation.errors import WaveError
from evaluation.study import Study
from evaluation.waves import store
from evaluation.waves.arriving import Arriving
from evaluation.waves.collect import Collected
from evaluation.waves.load import check_wave, load_wave
from tests.studies import PROTOCOL, tiny_frame
from tests.waves.storing import ACTOR, arriving, only, study_in

LINKAGES = ("pseudonym", "none")


def linked(folder: Path, linkage: str) -> Study:
    return study_in(folder, protocol=PROTOCOL.replace("linkage: pseudonym", f"linkage: {linkage}"))


def nameless(collected: Collected) -> Collected:
    return replace(collected, frame=collected.frame.with_columns(respondent=pl.lit(None, dtype=pl.String)))


def under(collected: Collected, name: str) -> Collected:
    frame = collected.frame.with_columns(pl.lit(name).alias("organisation"), pl.lit(name).alias("unit"))
    return replace(collected, organisations=(name,), frame=frame)


@pytest.mark.parametrize("linkage", LINKAGES)
def test_one_organisations_answers_are_not_stored_again_as_anothers(tmp_path: Path, linkage: str) -> None:
    """P1's export is loaded as P1 and then as P2; with one answer changed it is another file, and loads."""
    study = linked(tmp_path, linkage)
    first = only(arriving(study, "baseline", people=9), "P1")
    first = first if linkage == "pseudonym" else nameless(first)
    store.load(study, first, actor=ACTOR)
    with pytest.raises(WaveError) as caught:
        store.load(study, under(first, "P2"), actor=ACTOR)
    (problem,) = caught.value.problems
    assert (problem.code, problem.where) == ("copy-of-another-organisation", "baseline.csv, read as rows of P2")
    assert problem.what == f"all {first.frame.height} rows stand in wave 'baseline' already, as those of P1."
    moved = pl.when(pl.col("lived_1") == 1).then(2.0).otherwise(1.0)
    changed = pl.when(pl.int_range(pl.len()) == 0).then(moved).otherwise("lived_1")
    other = under(replace(first, frame=first.frame.with_columns(lived_1=changed)), "P2")
    assert store.load(study, other, actor=ACTOR).rows_added == first.frame.height


def test_rows_without_ids_that_come_twice_each_are_refused(tmp_path: Path) -> None:
    study = linked(tmp_path, "none")
    rows = nameless(arriving(study, "baseline"))
    with pytest.raises(WaveError, match=r"every row of the file comes twice: \d+ rows are \d+ different ones") as caught:
        store.load(study, replace(rows, frame=pl.concat([rows.frame, rows.frame])), actor=ACTOR)
    assert caught.value.problems[0].code == "rows-twice"
    most = replace(rows, frame=pl.concat([rows.frame, rows.frame.head(rows.frame.height - 1)]))
    assert store.load(study, most, actor=ACTOR).rows_added == most.frame.height


def test_people_who_answer_alike_because_there_is_little_to_answer_are_not_taken_for_copies(tmp_path: Path) -> None:
    """Forty people of one organisation and two patterns of answers, twenty each."""
    study = linked(tmp_path, "none")
    two = nameless(only(arriving(study, "baseline"), "P1")).frame.unique(maintain_order=True).head(2)
    rows = replace(only(arriving(study, "baseline"), "P1"), frame=pl.concat([two] * 20))
    assert store.load(study, rows, actor=ACTOR).rows_added == 40


@pytest.mark.parametrize("linkage", LINKAGES)
def test_a_wave_that_is_another_one_with_a_row_more_or_less_is_noted_before_it_is_stored(tmp_path: Path, linkage: str) -> None:
    study = linked(tmp_path, linkage)
    sent = tiny_frame("baseline", people=6).drop(columns=["respondent"] if linkage == "none" else [])
    sent.to_csv(tmp_path / "baseline.csv", index=False)
    load_wave(study, Arriving(tmp_path / "baseline.csv", "baseline", "staff"), actor=ACTOR)
    for name, frame in (("more", pd.concat([sent, sent.tail(1)])), ("less", sent.head(len(sent) - 1))):
        ids = {} if linkage == "none" else {"respondent": [f"x{number}" for number in range(len(frame))]}
        file = tmp_path / f"{name}.csv"
        frame.assign(wave="month_6", **ids).to_csv(file, index=False)
        (note,) = check_wave(study, Arriving(file, "month_6", "staff")).compared
        equal = min(len(frame), len(sent))
        assert note.startswith(f"{equal} of {len(frame)} rows are, answer for answer, rows of wave 'baseline'")
    tiny_frame("month_6", people=6).drop(columns=["respondent"] if linkage == "none" else []).to_csv(tmp_path / "next.csv", index=False)
    assert check_wave(study, Arriving(tmp_path / "next.csv", "month_6", "staff")).compared == ()
