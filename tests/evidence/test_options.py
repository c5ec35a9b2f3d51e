"""Published options in the evidence: mean, spread, shares and tallies of one question, as if every person had a row."""


import numpy as np
import pandas as pd
import pytest

from tests.evidence.stored import Setting, setting
from tests.studies import PROTOCOL, UNITS
from tests.waves.test_option_counts import single

LEVEL = {
    "linkage: pseudonym, groups: [staff_group]": "level: option",
    "score: mean, items: [lived_1, lived_2, lived_3], at_least: 2 of 3, scale: 0 to 10": "score: single item, items: [lived_1], scale: 0 to 10",
}


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Setting:
    assert single(PROTOCOL) != PROTOCOL
    return setting(tmp_path_factory.mktemp("options"), replace=LEVEL)


def counted(seed: int = 3) -> pd.DataFrame:
    """How many people of every unit and wave chose each of five answers to three questions."""
    rng = np.random.default_rng(seed)
    rows = [
        {"wave": wave, "organisation": unit, "unit": unit, item: float(code), "base": int(rng.integers(0, 300))}
        for unit, _ in UNITS for wave in ("baseline", "month_6") for item in ("lived_1", "know_values", "strain_1") for code in range(1, 6)
    ]  # fmt: skip
    frame = pd.DataFrame(rows)
    return frame[frame["base"] > 0].astype({"base": "Int64"})


def test_mean_and_spread_are_those_of_the_people_behind_the_counts(study: Setting) -> None:
    """The other side repeats every row as often as people chose it and asks numpy; n - 1 below the variance."""
    frame = counted()
    evidence = study.summarise(study.write(frame))
    people = frame.loc[frame.index.repeat(frame["base"].astype(int))]
    own = people.groupby(["unit", "wave"])
    lived, strain, aware = evidence.moments["lived_values"], evidence.moments["strain"], evidence.moments["awareness"]
    keys = [tuple(key) for key in lived.cells[["unit", "wave"]].to_numpy()]
    np.testing.assert_array_equal(lived.n, own["lived_1"].count().loc[keys])
    np.testing.assert_allclose(lived.means(), (own["lived_1"].mean().loc[keys] - 1) / 4 * 10, rtol=1e-12)
    np.testing.assert_allclose(lived.variance(), own["lived_1"].var().loc[keys] * 2.5**2, rtol=1e-12)
    np.testing.assert_allclose(strain.variance(), own["strain_1"].var().loc[keys], rtol=1e-12)
    favourable = people["know_values"].ge(4).where(people["know_values"].notna()).astype(float)
    shares = favourable.groupby([people["unit"], people["wave"]]).mean().loc[keys]
    np.testing.assert_allclose(aware.means(), 100 * shares, rtol=1e-12)


def test_tallies_are_the_counts_and_nobody_is_held_silent(study: Setting) -> None:
    frame = counted()
    tallies = study.summarise(study.write(frame)).tallies
    assert tallies["answer"].notna().all()
    long = frame.melt(["unit", "wave", "base"], ["lived_1", "know_values", "strain_1"], "item", "answer").dropna()
    wanted = long.set_index(["unit", "wave", "item", "answer"])["base"].sort_index()
    found = tallies.set_index(["unit", "wave", "item", "answer"])["n"].sort_index()
    assert found.to_dict() == wanted.astype(int).to_dict()


def test_people_are_counted_once_whatever_the_number_of_questions(study: Setting) -> None:
    """A unit has as many people as its most answered question."""
    frame = counted()
    types = study.summarise(study.write(frame)).types.set_index(["unit", "wave"])["people"]
    by_item = frame.melt(["unit", "wave", "base"], ["lived_1", "know_values", "strain_1"], "item").dropna().groupby(["unit", "wave", "item"])["base"].sum()
    assert types.to_dict() == by_item.groupby(["unit", "wave"]).max().astype(int).to_dict()


def test_items_are_never_set_side_by_side(study: Setting) -> None:
    evidence = study.summarise(study.write(counted()))
    assert not evidence.items and not evidence.complete
