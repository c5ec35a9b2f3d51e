"""Items that changed sides: found where planted, silent where nothing was, from bounds that are data.

Correlations are held to pandas on answers whose truth is simulated.
"""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pytest

from evaluation.errors import ProtocolError
from evaluation.protocol.documents import Documents
from evaluation.protocol.wave_checks import NAME, read_wave_checks
from evaluation.waves.compared.turned_items import item_rest, item_sets, turned_notes
from tests.waves.intake_study import tiny

LIVED = ("lived_1", "lived_2", "lived_3")


def answers(seed: int, people: int = 400, *, turned: tuple[str, ...] = ()) -> pl.DataFrame:
    """Answers of people who differ in one thing; lived_3 is worded the other way, and items in `turned` were coded upside down."""
    rng = np.random.default_rng(seed)
    person = rng.normal(0, 1, (people, 1))
    latent = 3 + person * [0.8, 0.8, -0.8] + rng.normal(0, 0.7, (people, 3))
    codes = np.clip(np.rint(latent), 1, 5)
    frame = pl.DataFrame({item: codes[:, place] for place, item in enumerate(LIVED)})
    return frame.with_columns(**{item: 6 - pl.col(item) for item in turned})


@pytest.fixture
def documents() -> Documents:
    return tiny()[0]


def in_two(frame: pl.DataFrame) -> Callable[[Sequence[str]], Iterator[pl.DataFrame]]:
    """What reads some columns of a stored wave, in two pieces."""
    return lambda items: iter((frame.select(items).head(10), frame.select(items).slice(10)))


def notes(documents: Documents, frames: dict[str, pl.DataFrame]) -> list[str]:
    """What is told of the first of these waves, where the others are stored."""
    wave, *others = frames
    stored = {name: in_two(frames[name]) for name in others}
    return list(turned_notes(documents, "staff", (wave, frames[wave]), stored, read_wave_checks(documents.root)))


def test_item_rest_correlations_equal_those_of_pandas(documents: Documents) -> None:
    frame = answers(1).with_columns(lived_1=pl.when(pl.int_range(pl.len()) % 7 == 0).then(None).otherwise("lived_1"))
    found = item_rest(frame, LIVED, documents.instruments)
    whole = pd.DataFrame(frame.to_dict(as_series=False)).dropna()
    whole["lived_3"] = 6 - whole["lived_3"]
    assert found.people == len(whole) < 400
    for item in LIVED:
        rest = whole[[other for other in LIVED if other != item]].sum(axis=1)
        assert found.correlations[item] == pytest.approx(whole[item].corr(rest), abs=1e-12)


def test_measures_of_fewer_than_three_items_are_left_alone(documents: Documents) -> None:
    assert item_sets(documents, "staff") == {"Values lived": LIVED}


@pytest.mark.parametrize("seed", range(5))
def test_answers_as_declared_are_not_noted(documents: Documents, seed: int) -> None:
    assert notes(documents, {"month_6": answers(seed), "baseline": answers(seed + 100)}) == []


@pytest.mark.parametrize("item", LIVED)
@pytest.mark.parametrize("seed", range(3))
def test_the_turned_item_and_no_other_is_named_with_both_correlations_and_people(
    documents: Documents, seed: int, item: str
) -> None:
    here, there = answers(seed, turned=(item,)), answers(seed + 100)
    (note,) = notes(documents, {"month_6": here, "baseline": there})
    r_here = item_rest(here, LIVED, documents.instruments).correlations[item]
    r_there = item_rest(there, LIVED, documents.instruments).correlations[item]
    assert note.startswith(f"{item} goes against the other items of 'Values lived' (correlation {r_here:.2f} among 400 people)")
    assert f"where it was {r_there:.2f} in wave 'baseline' (400 people)" in note
    assert r_here < -0.1 < 0.1 < r_there


def test_an_item_turned_in_the_other_wave_is_noted_too(documents: Documents) -> None:
    (note,) = notes(documents, {"month_6": answers(1), "baseline": answers(2, turned=("lived_3",))})
    assert note.startswith("lived_3 goes with the other items") and "where it was -0." in note


def test_two_other_waves_are_read_baseline_and_the_latest_where_no_item_changed_sides(documents: Documents) -> None:
    read: list[str] = []

    def rows(wave: str, seed: int, **changed: tuple[str, ...]) -> Callable[[Sequence[str]], Iterator[pl.DataFrame]]:
        def reading(items: Sequence[str]) -> Iterator[pl.DataFrame]:
            read.append(wave)
            return in_two(answers(seed, **changed))(items)

        return reading

    def told(stored: dict[str, Callable[[Sequence[str]], Iterator[pl.DataFrame]]]) -> list[str]:
        read.clear()
        return list(turned_notes(documents, "staff", ("new", answers(9)), stored, read_wave_checks(documents.root)))

    stored = {"early": rows("early", 1), "baseline": rows("baseline", 2), "middle": rows("middle", 3), "late": rows("late", 4)}
    assert told(stored) == [] and read == ["baseline", "late"]
    stored["late"] = rows("late", 4, turned=("lived_3",))
    (note,) = told(stored | {"early": rows("early", 1, turned=("lived_3",))})
    assert read == ["baseline", "late", "middle", "early"]
    assert note.index("in wave 'early'") < note.index("in wave 'late'") and "'middle'" not in note and "'baseline'" not in note


def test_a_wave_of_too_few_people_settles_nothing(documents: Documents) -> None:
    stored = {"baseline": answers(1, 29), "first": answers(2, turned=("lived_3",)), "middle": answers(3), "late": answers(4, 29)}
    (note,) = notes(documents, {"new": answers(9), **stored})
    assert "in wave 'first'" in note


def test_the_first_wave_is_held_to_the_declared_direction(documents: Documents) -> None:
    (note,) = notes(documents, {"baseline": answers(1, turned=("lived_3",))})
    assert note.startswith("lived_3 goes against") and "'reverse' may be wrong" in note


def test_thirty_people_are_needed_in_each_wave(documents: Documents) -> None:
    turned = answers(1, turned=("lived_3",))
    assert notes(documents, {"month_6": turned[:29], "baseline": answers(2)}) == []
    assert "in wave" not in notes(documents, {"month_6": turned[:30], "baseline": answers(2)[:29]})[0]
    assert "(30 people)" in notes(documents, {"month_6": turned[:30], "baseline": answers(2)[:30]})[0]


def test_an_item_that_everybody_answers_alike_is_not_judged(documents: Documents) -> None:
    assert notes(documents, {"baseline": answers(1).with_columns(lived_3=pl.lit(3.0))}) == []


def test_bounds_are_the_studys_own_where_it_states_them(tmp_path: Path) -> None:
    own = "version: 1\nresponse_fall: 5 percentage points\nresponse_peers: 4\nrows_left: 0.4\nturned_item: 0.3\nturned_item_people: 100\n"
    (tmp_path / NAME).write_text(own)
    bounds = read_wave_checks(tmp_path)
    assert (bounds.response_fall.value, bounds.response_peers, bounds.rows_left) == (5, 4, 0.4)
    assert (bounds.turned_item, bounds.turned_item_people) == (0.3, 100)
    (tmp_path / NAME).write_text(own.replace("percentage points", "points") + "loud: true\n")
    with pytest.raises(ProtocolError) as refused:
        read_wave_checks(tmp_path)
    assert len(refused.value.problems) == 2
