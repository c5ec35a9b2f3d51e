"""How ids are written is told from few stored waves, however many there are, and counted over all where there is something to tell."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import polars as pl
import pytest

from benchmarks.wave_files import answers, make_study, waves
from evaluation.study import Study
from evaluation.waves.arriving import Arriving
from evaluation.waves.load import Loaded, check_wave, load_wave
from evaluation.waves.people import known_people
from evaluation.waves.storage.log import Log
from evaluation.waves.storage.prepare import Intent
from evaluation.waves.storage.read import checked_pieces
from tests.waves.storing import ACTOR

pytestmark = pytest.mark.usefixtures("own_key")

PEOPLE, COLUMNS, STORED = 40, 8, 5
FIRST, SECOND, THIRD, FOURTH, FIFTH, SIXTH = waves(STORED + 1)


def sent(folder: Path, place: int, ids: Sequence[str], organisations: Sequence[str] = ("R000",) * PEOPLE) -> Arriving:
    """The file of a wave, counted from 0, in which these people answered."""
    wave = waves(STORED + 1)[place]
    people = {"respondent": pl.Series(ids), "organisation": pl.Series(organisations)}
    rows = answers(len(ids), COLUMNS, place, 1, 7).with_columns(**people)
    rows.write_csv(folder / f"{wave}.csv")
    return Arriving(folder / f"{wave}.csv", wave, "staff")


@pytest.fixture
def study(tmp_path: Path) -> Study:
    """Five waves, each of other people."""
    study = make_study(tmp_path / "study", COLUMNS, STORED + 1, 2)
    for place in range(STORED):
        load_wave(study, sent(tmp_path, place, [f"ab{place}-{k}" for k in range(PEOPLE)]), actor=ACTOR)
    return study


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Waves of which rows are read to recognise people, as they are read."""
    found: list[str] = []

    def reading(log: Log, files: Mapping[str, str], columns: Sequence[str]) -> Iterator[pl.DataFrame]:
        found.extend(path.split("/")[0].removeprefix("wave=") for path in files)
        return checked_pieces(log, files, columns)

    monkeypatch.setattr(known_people, "checked_pieces", reading)
    return found


def said(loaded: Loaded) -> str:
    return " ".join(note for note in loaded.notes if "respondent ids" in note)


def test_the_first_and_the_two_latest_waves_are_read_where_nobody_is_known(study: Study, read: list[str], tmp_path: Path) -> None:
    nobody = said(check_wave(study, sent(tmp_path, STORED, [f"ab9-{k}" for k in range(PEOPLE)])))
    assert nobody.startswith(f"none of {PEOPLE} respondent ids that were looked for is stored")
    assert sorted(read) == [FIRST, FOURTH, FIFTH]


def test_people_met_in_another_spelling_are_counted_over_all_waves(study: Study, read: list[str], tmp_path: Path) -> None:
    """A quarter of the people of each of four waves, their ids in capitals now; one is written as before."""
    ids = [f"AB{place}-{k}" for place in (0, 1, 2, 4) for k in range(10)]
    found = said(check_wave(study, sent(tmp_path, STORED, [*ids[:-1], ids[-1].lower()])))
    assert "of 40 respondent ids, 1 is in the store, and 39 would be if they were written in small letters" in found
    assert sorted(read) == [FIRST, SECOND, THIRD, FOURTH, FIFTH]


def test_nothing_more_is_read_once_half_of_the_people_are_known(study: Study, read: list[str], tmp_path: Path) -> None:
    assert said(check_wave(study, sent(tmp_path, STORED, [f"ab0-{k}" for k in range(PEOPLE)]))) == ""
    assert read == [FIRST]


def test_files_that_hold_no_arriving_organisation_are_not_read(study: Study, read: list[str], tmp_path: Path) -> None:
    """R001 answers one wave, whose file was written anew when R000's answers in it were replaced, and again in another spelling."""
    ids, mended = [f"ab{k}" for k in range(PEOPLE)], Intent(supersede=True, reason="corrected")
    both = [f"R00{k % 2}" for k in range(PEOPLE)]
    load_wave(study, sent(tmp_path, 2, ids, both), actor=ACTOR, intent=mended)
    load_wave(study, sent(tmp_path, 2, ids[:10], ["R000"] * 10), actor=ACTOR, intent=mended)
    read.clear()
    found = said(check_wave(study, sent(tmp_path, STORED, [f"AB{k}" for k in range(PEOPLE)], ["R001"] * PEOPLE)))
    assert "of 40 respondent ids, 0 are in the store, and 20 would be" in found and read == [THIRD]
