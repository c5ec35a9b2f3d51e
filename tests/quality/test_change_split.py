"""The parts of a change: they add up to it, a hand-counted unit, and simulated workforces in which one thing alone happened."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from evaluation.errors import DesignError
from evaluation.quality.change_split import PARTS, ChangeSplit, change_split

WAVES = ("before", "after")


def rows(*people: tuple[str | None, str, str, float, bool | None], unit: str = "P1", arm: str = "pilot") -> pd.DataFrame:
    """Answers as (person, wave, group, score, whether they could have answered in the other wave)."""
    frame = pd.DataFrame(people, columns=["respondent", "wave", "group", "score", "eligible_in_other"])
    return frame.assign(unit=unit, arm=arm)


def counts(**shares: tuple[int, int]) -> pd.DataFrame:
    """Headcounts of unit P1 by group, before and after."""
    records = [{"unit": "P1", "wave": wave, "group": group, "eligible": n[k]} for group, n in shares.items() for k, wave in enumerate(WAVES)]
    return pd.DataFrame(records)


def parts(split: ChangeSplit, unit: str = "P1") -> dict[str, float]:
    row = split.units.set_index("unit").loc[unit]
    assert row[list(PARTS)].sum() == pytest.approx(row["change"], abs=1e-12)
    return {part: float(row[part]) for part in PARTS}


def random_rows(seed: int, units: int = 6, people: int = 60) -> pd.DataFrame:
    """People of two groups in units, some in both waves, some unknown, some without a pseudonym or a stated group."""
    rng = np.random.default_rng(seed)
    parts_ = []
    for unit in range(units):
        for wave in WAVES:
            n = int(rng.integers(people // 2, people))
            who = rng.choice(2 * people, n, replace=False)
            names = np.where(rng.random(n) < 0.1, None, np.array([f"u{unit}p{k}" for k in who], dtype=object))
            group = np.where(rng.random(n) < 0.05, None, np.array([["a", "b"][k % 2] for k in who], dtype=object))
            known = rng.choice(np.array([True, False, None], dtype=object), n)
            parts_.append(pd.DataFrame({"unit": f"U{unit}", "arm": "pilot" if unit < 3 else "usual", "wave": wave, "respondent": names,
                                        "group": group, "score": rng.normal(5 + (wave == "after"), 2, n), "eligible_in_other": known}))
    return pd.concat(parts_, ignore_index=True)


def random_counts(seed: int, units: int = 6) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    return pd.DataFrame([{"unit": f"U{unit}", "wave": wave, "group": group, "eligible": int(rng.integers(50, 500))}
                         for unit in range(units) for wave in WAVES for group in "ab"])


@pytest.mark.parametrize("seed", range(5))
def test_parts_add_up_to_the_change_of_every_unit_arm_and_difference(seed: int) -> None:
    split = change_split(random_rows(seed), WAVES, random_counts(seed), group="group")
    assert len(split.units) == 6
    assert split.units[list(PARTS)].sum(axis=1).to_numpy() == pytest.approx(split.units["change"].to_numpy(), abs=1e-12)
    frame = random_rows(seed)
    means = frame.groupby(["unit", "wave"])["score"].mean().unstack()
    assert split.units.set_index("unit")["change"].to_dict() == pytest.approx((means["after"] - means["before"]).to_dict(), abs=1e-12)
    arms = split.arms().pivot_table(index="arm", columns="part", values="estimate")
    assert arms[list(PARTS)].sum(axis=1).to_numpy() == pytest.approx(arms["change"].to_numpy(), abs=1e-12)
    between = split.between({"pilot"}).set_index("part")["estimate"]
    assert between[list(PARTS)].sum() == pytest.approx(between["change"], abs=1e-12)


def test_a_unit_split_by_hand() -> None:
    """Half nurses, half others in both years; the four nurses before and one nurse after are counted by hand.

    Nurses: Ann 4 -> 6 answered twice; Bob 2 before, has left; Cy 7 after, was silent before. Others: Di 5 -> 5; Ed 9 after, new.
    Shares of the eligible are 1/2 and 1/2, of those who answered 2/3 and 1/3, then 2/4 and 2/4.
    """
    frame = rows(
        ("ann", "before", "nurse", 4, True), ("ann", "after", "nurse", 6, True), ("bob", "before", "nurse", 2, False),
        ("cy", "after", "nurse", 7, True), ("di", "before", "other", 5, True), ("di", "after", "other", 5, True),
        ("ed", "after", "other", 9, False),
    )  # fmt: skip
    split = change_split(frame, WAVES, counts(nurse=(50, 50), other=(50, 50)), group="group")
    assert parts(split) == pytest.approx({
        "same_people": 0.5 * 2 + 0.5 * 0,
        "workforce": -0.5 * (2 - 4) / 2 + 0.5 * (9 - 5) / 2,
        "who_answered": 0.5 * (7 - 6) / 2 - ((2 / 3 - 1 / 2) * 3 + (1 / 3 - 1 / 2) * 5),
        "cannot_tell": 0.0,
    })  # fmt: skip
    assert split.untold == ()
    assert split.units[["n_from", "n_to", "stayers", "ambiguous"]].to_numpy().tolist() == [[3, 4, 2, 0]]


def test_where_only_the_same_people_moved_nothing_else_is_told() -> None:
    frame = rows(*((f"p{k}", wave, "ab"[k % 2], k + 0.7 * (wave == "after"), True) for k in range(10) for wave in WAVES))
    found = parts(change_split(frame, WAVES, counts(a=(50, 50), b=(50, 50)), group="group"))
    assert found == pytest.approx({"same_people": 0.7, "workforce": 0, "who_answered": 0, "cannot_tell": 0}, abs=1e-12)


def test_where_only_the_groups_of_the_workforce_changed_it_is_the_workforce() -> None:
    """Nurses score 8, others 4; nurses grow from a quarter to three quarters, and everybody answers: 2 points, all turnover."""
    before = [("a" if k < 5 else "b", 8.0 if k < 5 else 4.0) for k in range(20)]
    after = [("a" if k < 15 else "b", 8.0 if k < 15 else 4.0) for k in range(20)]
    people = [(f"p{k}", wave, group, score, True) for wave, those in zip(WAVES, (before, after), strict=True)
              for k, (group, score) in enumerate(those)]
    found = parts(change_split(rows(*people), WAVES, counts(a=(5, 15), b=(15, 5)), group="group"))
    assert found == pytest.approx({"same_people": 0, "workforce": 2.0, "who_answered": 0, "cannot_tell": 0}, abs=1e-12)


def test_where_only_who_answered_changed_it_is_who_answered() -> None:
    """Nurses score 8, others 4; the workforce stays half and half, and half of the others fall silent: 4 x (2/3 - 1/2)."""
    people = [(f"p{k}", wave, "ab"[k % 2], 8.0 if k % 2 == 0 else 4.0, True) for wave in WAVES for k in range(40)
              if wave == "before" or k % 4 != 3]
    found = parts(change_split(rows(*people), WAVES, counts(a=(20, 20), b=(20, 20)), group="group"))
    assert found == pytest.approx({"same_people": 0, "workforce": 0, "who_answered": 4 * (2 / 3 - 1 / 2), "cannot_tell": 0}, abs=1e-12)


def simulated(seed: int, moved: float, newcomers: float, silence: float) -> pd.DataFrame:
    """500 people before; a fifth leave and others come who score `newcomers` higher; all move by `moved`; and the worse someone
    scores after, the likelier they are silent then (by `silence`), while half are silent at random before."""
    rng = np.random.default_rng(seed)
    truth = rng.normal(5, 1, 600)
    there = {"before": np.arange(600) < 500, "after": (np.arange(600) < 400) | (np.arange(600) >= 500)}
    score = {"before": truth, "after": truth + moved + newcomers * (np.arange(600) >= 500)}
    chance = {"before": np.full(600, 0.5), "after": 1 / (1 + np.exp(-silence * (truth - 5)))}
    people = []
    for wave, other in zip(WAVES, WAVES[::-1], strict=True):
        for k in np.flatnonzero(there[wave] & (rng.random(600) < chance[wave])):
            people.append((f"p{k}", wave, "all", float(score[wave][k]), bool(there[other][k])))
    return rows(*people)


def mean_parts(moved: float, newcomers: float, silence: float) -> pd.Series:
    found = [parts(change_split(simulated(seed, moved, newcomers, silence), WAVES)) for seed in range(60)]
    return pd.DataFrame(found).mean()


def test_simulated_movement_turnover_and_silence_are_each_found_where_they_are() -> None:
    """Averages over 60 workforces of 500; the standard error of each is about .015."""
    moved = mean_parts(0.5, 0.0, 0.0)
    assert moved["same_people"] == pytest.approx(0.5, abs=1e-9)
    assert moved[["workforce", "who_answered"]].abs().max() < 0.06
    turned = mean_parts(0.0, 1.0, 0.0)
    assert turned["workforce"] == pytest.approx(1.0 * 100 / 500, abs=0.06)
    assert abs(turned["same_people"]) < 1e-9 and abs(turned["who_answered"]) < 0.06
    silent = mean_parts(0.0, 0.0, 1.0)
    whole = np.random.default_rng(0).normal(0, 1, 200_000)
    expected = float(np.average(whole, weights=1 / (1 + np.exp(-whole))))
    assert silent["who_answered"] + silent["workforce"] == pytest.approx(expected, abs=0.06)
    assert silent["who_answered"] > 0.5 * expected and abs(silent["same_people"]) < 1e-9


def test_in_a_repeated_cross_section_movement_and_replacement_cannot_be_told_apart() -> None:
    frame = random_rows(1).assign(respondent=None).drop(columns="eligible_in_other")
    split = change_split(frame, WAVES, random_counts(1), group="group")
    assert (split.units["same_people"] == 0).all() and (split.units["stayers"] == 0).all()
    assert split.units[list(PARTS)].sum(axis=1).to_numpy() == pytest.approx(split.units["change"].to_numpy(), abs=1e-12)
    (said,) = split.untold
    assert said.startswith("Nobody is recognised from wave to wave (a repeated cross-section)")


def test_without_headcounts_and_status_only_the_same_people_are_told() -> None:
    frame = random_rows(2).drop(columns="eligible_in_other")
    split = change_split(frame, WAVES)
    assert split.units[["workforce", "who_answered"]].abs().to_numpy().max() == 0
    stayed = frame.dropna(subset=["respondent"]).pivot_table(index=["unit", "respondent"], columns="wave", values="score").dropna()
    expected = (stayed["after"] - stayed["before"]).groupby("unit").mean()
    assert split.units.set_index("unit")["same_people"].to_dict() == pytest.approx(expected.to_dict())
    assert len(split.untold) == 2


def test_a_pseudonym_that_two_rows_of_a_wave_share_is_followed_nowhere() -> None:
    frame = rows(("x", "before", "a", 1, None), ("x", "before", "a", 3, None), ("x", "after", "a", 4, None), ("y", "before", "a", 2, None),
                 ("y", "after", "a", 2, None))
    split = change_split(frame, WAVES)
    assert split.units[["stayers", "ambiguous"]].to_numpy().tolist() == [[1, 2]]
    assert parts(split)["same_people"] == 0


def test_who_changed_group_counts_with_the_workforce() -> None:
    frame = rows(("x", "before", "a", 1, True), ("x", "after", "b", 5, True), ("y", "before", "a", 3, True), ("y", "after", "a", 3, True),
                 ("z", "before", "b", 4, True), ("z", "after", "b", 4, True))
    found = parts(change_split(frame, WAVES, counts(a=(2, 1), b=(1, 2)), group="group"))
    assert (found["same_people"], found["cannot_tell"], found["who_answered"]) == pytest.approx((0, 0, 0), abs=1e-12)
    assert found["workforce"] == pytest.approx(4 / 3)


def test_a_group_that_came_new_is_the_workforce() -> None:
    frame = rows(("y", "before", "a", 3, True), ("y", "after", "a", 3, True), ("n", "after", "b", 9, False))
    found = parts(change_split(frame, WAVES, counts(a=(10, 5), b=(0, 5)), group="group"))
    assert found == pytest.approx({"same_people": 0, "workforce": 3.0, "who_answered": 0, "cannot_tell": 0}, abs=1e-12)


def test_who_did_not_state_a_group_keeps_their_share() -> None:
    frame = rows(("x", "before", "a", 1, True), ("x", "after", "a", 2, True), (None, "before", None, 5, None), (None, "after", None, 6, None))  # type: ignore[arg-type]
    found = parts(change_split(frame, WAVES, counts(a=(10, 10)), group="group"))
    assert found == pytest.approx({"same_people": 0.5, "workforce": 0, "who_answered": 0, "cannot_tell": 0.5}, abs=1e-12)


def test_a_unit_with_an_empty_group_or_a_single_wave_is_left_out_with_the_reason() -> None:
    good = rows(("x", "before", "a", 1, True), ("x", "after", "a", 2, True))
    once = rows(("q", "before", "a", 1, True), unit="P2")
    split = change_split(pd.concat([good, once]), WAVES)
    assert split.left_out == {"P2": "nobody answered in one of the waves"}
    with pytest.raises(DesignError, match="P1: nobody of group b answered at 'before'"):
        change_split(good, WAVES, counts(a=(5, 5), b=(5, 5)), group="group")
    with pytest.raises(DesignError, match="P1: there are no headcounts at 'before'"):
        change_split(good, WAVES, counts(a=(5, 5)).assign(unit="P9"), group="group")


def test_intervals_are_those_of_students_t_over_units() -> None:
    split = change_split(random_rows(3), WAVES, random_counts(3), group="group")
    pilots, others = (split.units.loc[split.units["arm"] == arm, "workforce"] for arm in ("pilot", "usual"))
    row = split.arms(0.9).set_index(["arm", "part"]).loc[("pilot", "workforce")]
    assert (row["conf_low"], row["conf_high"]) == pytest.approx(tuple(stats.ttest_1samp(pilots, 0).confidence_interval(0.9)))
    row = split.between({"pilot"}, 0.9).set_index("part").loc["workforce"]
    assert (row["conf_low"], row["conf_high"]) == pytest.approx(tuple(stats.ttest_ind(pilots, others).confidence_interval(0.9)))
    assert row["df"] == 4


def test_one_side_alone_has_no_difference() -> None:
    split = change_split(random_rows(4), WAVES)
    with pytest.raises(DesignError, match="only one side"):
        split.between({"nobody"})


def test_a_group_that_headcounts_lack_and_a_unit_without_an_arm_are_left_out_by_name() -> None:
    answers = pd.concat([random_rows(1), random_rows(2).assign(unit="X1", arm=None)], ignore_index=True)
    answers.loc[(answers["unit"] == "U1") & (answers["wave"] == "after"), "group"] = "c"
    split = change_split(answers, WAVES, random_counts(1), group="group")
    assert split.left_out["X1"] == "its arm is not known"
    assert "nobody of group a, b answered" in split.left_out["U1"] or "do not know group c" in split.left_out["U1"]
    some = random_rows(1)
    some.loc[some.index[(some["unit"] == "U2") & (some["wave"] == "before")][0], "group"] = "c"
    assert change_split(some, WAVES, random_counts(1), group="group").left_out == {
        "U2": "the headcounts do not know group c at 'before'"}
