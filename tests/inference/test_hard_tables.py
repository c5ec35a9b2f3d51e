"""Tables that an analyst may hand over by mistake: the number is right, or the refusal names what is wrong.

Far numbers: the same table nearer to 0 is the truth. Everything else: no number stands for what cannot be told.
"""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

import evaluation as ev
from evaluation.errors import DesignError, UsageError
from evaluation.inference import absent

ASKED: dict[str, Any] = {"unit": "org", "wave": "wave", "baseline": "b", "follow_up": "f", "arm": "arm"}


@pytest.fixture(scope="module")
def people() -> pd.DataFrame:
    """Nine organisations of 8 to 40 people in two waves, three of them pilots."""
    rng = np.random.default_rng(7)
    sizes = dict(zip((f"o{k}" for k in range(9)), rng.integers(8, 40, 9), strict=True))
    rows = pd.DataFrame([(org, wave) for org, n in sizes.items() for wave in "bf" for _ in range(n)], columns=["org", "wave"])
    pilot = rows["org"].isin(["o0", "o1", "o2"])
    rows = rows.assign(arm=np.where(pilot, "pilot", "comparison"), age=rng.normal(45, 10, len(rows)))
    level = rows["org"].map(dict(zip(sizes, rng.normal(6, 0.5, 9), strict=True))) + 0.4 * (pilot & (rows["wave"] == "f"))
    return rows.assign(y=level + 0.02 * rows["age"] + rng.normal(0, 1.5, len(rows)))


def refused(said: str, call: Callable[[], object]) -> None:
    with pytest.raises(DesignError, match=said):
        call()


@pytest.mark.parametrize(("column", "off", "within"), [("y", 1e4, 1e-10), ("y", 1e8, 1e-7), ("age", 1e8, 1e-7)])
def test_numbers_that_lie_far_away_keep_their_digits(people: pd.DataFrame, column: str, off: float, within: float) -> None:
    near, far = (
        next(iter(ev.unit_change(table, "y", adjust_for=["age"], **ASKED)))
        for table in (people, people.assign(**{column: people[column] + off}))
    )
    assert (far.estimate, far.std_error, far.df) == pytest.approx((near.estimate, near.std_error, near.df), rel=within)


@pytest.mark.parametrize("value", [98.6, 3.3, 3.0])
def test_a_constant_outcome_is_refused_whatever_its_digits(people: pd.DataFrame, value: float) -> None:
    same = people.assign(y=value)
    refused("exactly the same figure", lambda: ev.unit_change(same, "y", **ASKED))
    cells = {"unit": "org", "wave": "wave", "arm": "arm"}
    refused("answered alike", lambda: ev.effect_size(0.3, (0.1, 0.5), ev.moments_of(same, "y", **cells)))


def test_an_outcome_that_only_follows_arm_and_wave_has_no_error(people: pd.DataFrame) -> None:
    follows = 6.1 + 0.3 * (people["arm"] == "pilot") + 0.1 * (people["wave"] == "f")
    refused("exactly the same figure", lambda: ev.unit_change(people.assign(y=follows), "y", **ASKED))


@pytest.mark.parametrize(("change", "said"), [
    ({"y": np.nan}, "no row has 'y'"), ({"arm": "pilot"}, "nobody to compare with"), ({"arm": "north"}, "'arm' holds north"),
])
def test_what_is_missing_is_what_is_named(people: pd.DataFrame, change: dict[str, object], said: str) -> None:
    refused(said, lambda: ev.unit_change(people.assign(**change), "y", **ASKED))


def test_weights_that_are_all_zero_are_what_is_named(people: pd.DataFrame) -> None:
    with pytest.raises(DesignError) as refusal:
        ev.unit_change(people.assign(w=0.0), "y", weights="w", **ASKED)
    assert "w above 0" in refusal.value.problems[0].fix


@pytest.mark.parametrize(("values", "named"), [
    ((2023.0, 2024.0), (2023.0, 2024.0)), ((False, True), (False, True)),
    ((pd.Timestamp("2023-01-01"), pd.Timestamp("2024-01-01")), (pd.Timestamp("2023-01-01"), "2024-01-01")),
])
def test_waves_are_named_as_the_column_has_them(
    people: pd.DataFrame, values: tuple[object, object], named: tuple[object, object]
) -> None:
    table = people.assign(wave=people["wave"].map(dict(zip("bf", values, strict=True))))
    found = ev.unit_change(table, "y", **{**ASKED, "baseline": named[0], "follow_up": named[1]})
    expected = ev.unit_change(people, "y", **ASKED)
    assert [row.estimate for row in found] == [row.estimate for row in expected]


def test_waves_that_are_the_same_unknown_or_of_another_kind_are_refused(people: pd.DataFrame) -> None:
    refused("both 'b'", lambda: ev.unit_change(people, "y", **{**ASKED, "follow_up": "b"}))
    with pytest.raises(DesignError) as refusal:
        ev.unit_change(people, "y", **{**ASKED, "follow_up": "month 12"})
    assert "b, f" in refusal.value.problems[0].fix
    years = pd.PeriodIndex(np.where(people["wave"] == "f", "2024", "2023"), freq="Y")
    refused("not read", lambda: ev.unit_change(people.assign(wave=years), "y", **{**ASKED, "baseline": "2023", "follow_up": "2024"}))


def test_one_pilot_has_no_error_without_any_unit_and_the_summary_says_why(people: pd.DataFrame) -> None:
    alone = people[(people["arm"] == "comparison") | (people["org"] == "o0")]
    found = ev.unit_change(alone, "y", **ASKED)
    left = found.without_each_unit().set_index("unit")
    assert pd.isna(left.loc["o0", "estimate"])
    assert left.drop(index="o0")["estimate"].notna().all()
    assert left["std_error"].isna().all()
    assert "cannot be told from one unit's own luck" in found.summary()


@pytest.mark.parametrize("confidence", [95, 1, 0, -1])
def test_a_confidence_that_is_none_is_refused_everywhere(people: pd.DataFrame, confidence: float) -> None:
    table = people.assign(pilot=people["arm"] == "pilot", post=people["wave"] == "f")
    fit, found = ev.fit("y ~ pilot * post", table, cluster="org"), ev.unit_change(people, "y", **ASKED)
    mixed = ev.random_effects("y ~ pilot * post", table, groups=["org", "org:wave"])
    alone = {name: value for name, value in ASKED.items() if name != "arm"}
    calls: list[Callable[[], object]] = [
        lambda: ev.unit_change(people, "y", confidence=confidence, **ASKED),
        lambda: ev.unit_change(people, "y", confidence=confidence, **alone),
        lambda: fit.tidy(confidence=confidence), lambda: fit.wild_bootstrap("pilot:post", confidence=confidence),
        lambda: mixed.tidy(confidence=confidence), lambda: found.placebo(confidence=confidence),
        lambda: found.units(confidence), lambda: ev.ordered_change(people.assign(y=1), "y", confidence=confidence, **ASKED),
    ]
    for call in calls:
        refused("is none", call)


def test_numbers_that_cannot_be_squared_are_refused(people: pd.DataFrame) -> None:
    table = people.assign(pilot=people["arm"] == "pilot", post=people["wave"] == "f")
    refused("too large", lambda: ev.fit("y ~ pilot * post", table.assign(y=table["y"] * 1e160), cluster="org"))
    refused("too large", lambda: ev.fit("y ~ age", table.assign(y=table["y"] * 1e160).drop(columns="org")))
    refused("too small", lambda: ev.fit("y ~ pilot + age", table.assign(age=table["age"] * 1e-160), cluster="org"))


def test_questions_without_a_question_are_refused(people: pd.DataFrame) -> None:
    table = people.assign(pilot=people["arm"] == "pilot", post=people["wave"] == "f")
    fit = ev.fit("y ~ pilot * post", table, cluster="org")
    refused("no value", lambda: fit.contrast({}))
    refused("no value", lambda: fit.contrast({"pilot": 0}))
    refused("no term", lambda: fit.joint_test([]))
    refused("cannot be tested", lambda: fit.wild_bootstrap("pilot:post", null=np.inf))
    refused("cannot be tested", lambda: fit.wild_bootstrap("pilot:post", draws=-1))
    refused("no size", lambda: ev.effect_size(0.3, (0.5, 0.1), ev.moments_of(people, "y", unit="org")))


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("scale", [1.0, 1e-6, 1e6])
def test_adjusting_an_outcome_without_any_spread_does_not_make_one_of_rounding(seed: int, scale: float) -> None:
    """Slopes of 1e-17 and residuals of 1e-34 gave CR2 a p-value of .03 on an estimate of 3e-16."""
    rng = np.random.default_rng(seed)
    rows = [(f"o{k}", wave, "pilot" if k < 6 else "comparison") for k in range(12) for wave in "bf" for _ in range(20)]
    table = pd.DataFrame(rows, columns=["org", "wave", "arm"]).assign(age=rng.normal(45, 10, len(rows)))
    follows = scale * ((table["arm"] == "pilot").astype(float) + (table["wave"] == "f"))
    refused("exactly the same figure", lambda: ev.unit_change(table.assign(y=follows), "y", adjust_for=["age"], **ASKED))


def test_units_that_are_copies_of_each_other_give_no_method_an_error_but_peoples_own() -> None:
    """Every unit holds the same twenty answers: between units there is rounding and nothing else."""
    answers = np.array([0.37 * (k % 7) for k in range(20)])
    parts = [pd.DataFrame({"org": f"o{k}", "wave": wave, "arm": "pilot" if k < 6 else "comparison",
                           "y": answers + 0.4 * (k < 6 and wave == "f") + 0.3 * (wave == "f")})
             for k in range(12) for wave in "bf"]  # fmt: skip
    first, *others = ev.unit_change(pd.concat(parts), "y", **ASKED)
    assert (first.variance, first.status) == ("REML-HK", "estimated")
    assert [row.variance for row in others] == ["pooled t", "CR2", "CR1", "CR1S", "CR3", "CR2"]
    for row in others:
        assert row.estimate == pytest.approx(0.4)
        assert (row.std_error, row.p_value, row.status) == (None, None, "p-value withheld")
        assert row.flags == ("all_alike:beyond what the columns say",)


@pytest.mark.parametrize("column", [
    lambda rows: 40.3 + 0.0 * rows["y"], lambda rows: 2.3 * (rows["arm"] == "pilot"),
    lambda rows: 1.1 * ((rows["arm"] == "pilot") & (rows["wave"] == "f")),
])
def test_a_covariate_that_says_nothing_of_its_own_is_flagged_and_changes_nothing(
    people: pd.DataFrame, column: Callable[[pd.DataFrame], pd.Series]
) -> None:
    table = people.assign(copy=column(people))
    plain, asked = (ev.unit_change(table, "y", adjust_for=names, **ASKED) for names in ([], ["copy"]))
    for row, other in zip(plain, asked, strict=True):
        assert (row.estimate, row.std_error, row.df) == (other.estimate, other.std_error, other.df)
        assert next(flag for flag in other.flags if flag not in row.flags).startswith("singular_dropped:copy (")
    whole = table.assign(pilot=table["arm"] == "pilot", post=table["wave"] == "f")
    assert ev.fit("y ~ pilot * post + copy", whole, cluster="org").tidy()["flags"].str.contains("singular_dropped").any()


def test_a_covariate_that_differs_between_waves_alone_adjusts_least_squares_and_is_flagged_beside_the_headline(
    people: pd.DataFrame
) -> None:
    shares = dict(zip(sorted(set(people["org"] + people["wave"])), np.random.default_rng(3).uniform(0, 1, 18), strict=True))
    table = people.assign(share=(people["org"] + people["wave"]).map(shares))
    rows = {row.variance: row for row in ev.unit_change(table, "y", adjust_for=["share"], **ASKED)}
    assert rows["REML-HK"].flags[-1] == "singular_dropped:share (it does not differ inside any unit and wave)"
    assert not any("singular_dropped" in text for text in rows["CR1"].flags)


@pytest.mark.parametrize("kept", [[0, 1, 2, 3, 4, 5], [0, 1, 2, 3, 4, 5, 6, 7, 8]])
def test_few_units_carry_the_same_cautions_as_the_formula_gives(people: pd.DataFrame, kept: list[int]) -> None:
    few = people[people["org"].isin([f"o{k}" for k in kept])].assign(
        pilot=lambda rows: rows["arm"] == "pilot", post=lambda rows: rows["wave"] == "f")  # fmt: skip
    asked = {text.partition(":")[0] for row in ev.unit_change(few, "y", **ASKED) for text in row.flags}
    term = ev.fit("y ~ pilot * post", few, cluster="org").tidy().set_index("term").loc["pilot:post"]
    assert {"few_units", "floor_above_level"} & asked == {text.split(":")[0] for text in term["flags"].split("; ")} - {"below_floor"}


def test_a_table_of_records_without_rows_or_without_the_waves_is_refused() -> None:
    counted = {**ASKED, "events": "events", "exposure": "exposure"}
    refused("no rows", lambda: ev.event_rates(records(4)[:0], **counted))
    refused("both 'b' and 'later'", lambda: ev.event_rates(records(4), **{**counted, "follow_up": "later"}))
    refused("both 'x' and 'y'", lambda: ev.event_rates(records(4), **{**counted, "baseline": "x", "follow_up": "y"}))
    refused("are both 'b'", lambda: ev.event_rates(records(4), **{**counted, "follow_up": "b"}))


def test_units_and_rows_that_sums_keep_nothing_of_are_named_or_counted(people: pd.DataFrame) -> None:
    """A unit whose weights are all 0, or that never has a score, and rows without a unit, were left out without a word."""
    weighted = people.assign(w=np.where(people["org"] == "o4", 0.0, 1.0))
    unscored = people.assign(y=people["y"].mask(people["org"] == "o4"))
    unnamed = people.assign(org=people["org"].mask(people["org"] == "o4"))
    without = next(iter(ev.unit_change(people[people["org"] != "o4"], "y", **ASKED)))
    for table, weights, said in (
        (weighted, "w", "unbalanced_waves:1: o4"), (unscored, None, "unbalanced_waves:1: o4"),
        (unnamed, None, f"rows_without_unit:{(people['org'] == 'o4').sum()}"),
    ):  # fmt: skip
        row = next(iter(ev.unit_change(table, "y", weights=weights, **ASKED)))
        assert row.flags == (*without.flags, said)
        assert (row.estimate, row.n_units) == (pytest.approx(without.estimate, rel=1e-12), 8)
    third = pd.concat([people, people[people["org"] == "o5"].assign(wave="c", org="only in another wave")])
    assert next(iter(ev.unit_change(third, "y", **ASKED))).flags == next(iter(ev.unit_change(people, "y", **ASKED))).flags


def test_a_table_of_which_no_row_is_left_out_is_scanned_once(people: pd.DataFrame, monkeypatch: pytest.MonkeyPatch) -> None:
    def again(*_: object) -> Iterator[pa.RecordBatch]:
        raise AssertionError("the table was read again")

    expected = next(iter(ev.unit_change(people, "y", **ASKED)))
    monkeypatch.setattr(absent, "batches", again)
    assert next(iter(ev.unit_change(people, "y", **ASKED))) == expected
    with pytest.raises(AssertionError, match="read again"):
        ev.unit_change(people.assign(y=people["y"].mask(people.index == 3)), "y", **ASKED)


def test_a_formula_names_organisations_of_which_no_row_counts(people: pd.DataFrame) -> None:
    table = people.assign(w=np.where(people["org"] == "o4", 0.0, 1.0), y=people["y"].mask(people["org"] == "o6"))
    found = ev.fit("y ~ age", table, cluster="org", weights="w")
    said = "No row of these orgs counts: something is missing in each, or its weight is 0 (2: o4, o6)."
    assert found.cautions == (said,)
    assert said in found.summary()
    assert ev.fit("y ~ age", people.assign(y=people["y"].mask(people.index == 3)), cluster="org").cautions == ()


def test_a_mixed_model_names_organisations_that_are_in_one_wave_only_as_the_formula_does(people: pd.DataFrame) -> None:
    table = people.assign(pilot=people["arm"] == "pilot", post=people["wave"] == "f")
    table = table[~((table["org"] == "o7") & table["post"])]
    mixed = ev.random_effects("y ~ pilot * post", table, groups=["org", "org:wave"]).tidy().set_index("term")
    by_formula = ev.fit("y ~ pilot * post", table, cluster="org").tidy().set_index("term")
    assert mixed.loc["pilot:post", "flags"] == "still_units:1: o7"
    assert "still_units:1: o7" in by_formula.loc["pilot:post", "flags"]
    assert mixed.loc["pilot", "flags"] == ""


def test_a_link_between_numbers_that_cannot_be_squared_is_refused(people: pd.DataFrame) -> None:
    table = people.assign(x=(people["arm"] == "pilot") * 1.0, m=people["age"], y=people["y"] * 1e200)
    asked = {key: ASKED[key] for key in ("unit", "wave", "baseline", "follow_up")}
    refused("'y' holds numbers too large", lambda: ev.mediation(table, exposure="x", mediator="m", outcome="y", **asked))


def records(events: object, exposure: object = 100.0) -> pd.DataFrame:
    rows = [(f"u{k}", wave, "pilot" if k < 3 else "comparison") for k in range(9) for wave in "bf"]
    return pd.DataFrame(rows, columns=["org", "wave", "arm"]).assign(events=events, exposure=exposure)


def test_rates_without_events_are_refused_and_a_side_without_any_has_no_ratio() -> None:
    counted = {**ASKED, "events": "events", "exposure": "exposure"}
    refused("no 'events' at all", lambda: ev.event_rates(records(0, np.linspace(50, 500, 18)), **counted))
    some = np.random.default_rng(3).poisson(9, 18)
    table = records(some)
    none = table.assign(events=table["events"].where(~((table["arm"] == "pilot") & (table["wave"] == "f")), 0))
    rows = {row.variance: row for row in ev.event_rates(none, **counted)}
    assert rows["REML-HK"].flags == ("few_units:3 pilot and 6 comparison units", "half_event:3: u0, u1, u2", "below_floor:0.012")
    row = rows["unit-waves independent"]
    assert (row.estimate, row.status) == (None, "not estimable")
    assert "no event in one of the waves" in row.flags[-1]
    (row,) = [row for row in ev.event_rates(records(4, 10.0), **counted) if row.estimator == "quasi-Poisson"]
    assert "exactly alike" in row.flags[-1]


def test_rates_of_a_thousand_units_equal_the_regression_with_a_level_for_each() -> None:
    """Given a unit's events in both waves the later ones are binomial; statsmodels' Poisson with dummies is the same on 40."""
    import statsmodels.api as sm

    rng = np.random.default_rng(5)
    rows = [(f"u{k}", wave, "pilot" if k < 15 else "comparison") for k in range(40) for wave in "bf"]
    table = pd.DataFrame(rows, columns=["org", "wave", "arm"])
    table = table.assign(events=rng.poisson(rng.gamma(3, 4, 40).repeat(2)), exposure=rng.uniform(50, 150, 80))
    found = ev.event_rates(table, **{**ASKED, "events": "events", "exposure": "exposure"})
    (row,) = [row for row in found if row.estimator == "quasi-Poisson"]
    later = (table["wave"] == "f").astype(float)
    X = pd.get_dummies(table["org"], dtype=float).assign(later=later, effect=later * (table["arm"] == "pilot"))
    fit = sm.GLM(table["events"], X, family=sm.families.Poisson(), offset=np.log(table["exposure"])).fit(scale="X2")
    assert (row.estimate, row.std_error) == pytest.approx((fit.params["effect"], fit.bse["effect"]), rel=1e-6)
    assert row.df == fit.df_resid
    many = pd.concat([table.assign(org=table["org"] + f"-{k}") for k in range(25)])
    assert len(ev.event_rates(many, **{**ASKED, "events": "events", "exposure": "exposure"})) == len(found)


def test_an_option_that_one_unit_alone_chose_does_not_stop_the_cumulative_logit(people: pd.DataFrame) -> None:
    """Leaving that unit out empties the option: by hand, the fit of the others on the options that they chose."""
    chosen = people["y"].round().clip(5, 9)
    table = people.assign(y=chosen.mask((people["org"] == "o4") & (chosen == chosen[people["org"] == "o4"].min()), 1))
    assert table.loc[table["y"] == 1, "org"].nunique() == 1
    (row,) = [row for row in ev.ordered_change(table, "y", **ASKED) if row.estimator == "cumulative logit"]
    slopes = [next(r.estimate for r in ev.ordered_change(table[table["org"] != org], "y", **ASKED)
                   if r.estimator == "cumulative logit") for org in sorted(set(table["org"]))]
    assert row.std_error == pytest.approx(float(np.sqrt(((np.array(slopes) - row.estimate) ** 2).sum())), rel=1e-6)


def test_a_share_that_is_all_or_nothing_is_said_to_tell_nothing(people: pd.DataFrame) -> None:
    table = people.assign(y=people["y"].round().clip(3, 9))
    rows = {row.estimator: row for row in ev.ordered_change(table, "y", positive=range(12), **ASKED)}
    assert "every answer was favourable" in rows["percent positive as logit"].flags[-1]
    refused("named as favourable", lambda: ev.ordered_change(table, "y", positive=[77], **ASKED))


def test_a_series_of_one_constant_has_no_synthetic_difference() -> None:
    rows = [(f"u{k}", wave, "pilot" if k < 3 else "comparison", 1.0) for k in range(12) for wave in range(9)]
    table = pd.DataFrame(rows, columns=["org", "wave", "arm", "y"])
    refused("same in every wave", lambda: ev.synthetic_difference(table, "y", unit="org", wave="wave", arm="arm", start=5))


@pytest.mark.parametrize("asked", [{"effect": float("nan")}, {"effect": float("inf")}, {"effect": 0.0}, {"processes": 0}, {"seed": -1}])
def test_power_of_what_cannot_be_drawn_is_refused(asked: dict[str, Any]) -> None:
    with pytest.raises(UsageError):
        ev.power("nowhere", draws=100, **asked)
