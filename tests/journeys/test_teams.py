"""One trust, fourteen teams, six pilots: a study of teams from files to the board's page."""


import numpy as np
import pandas as pd
import pytest
from scipy import stats

from tests.journeys.line import Line, load, run
from tests.studies import tiny_study

TEAMS = {f"T{k:02}": "develop" if k <= 6 else "comparison" for k in range(1, 15)}
ITEMS = ["lived_1", "lived_2", "lived_3", "know_values", "strain_1"]
PLAN = {
    "assignment: organisation": "assignment: team",
    "measure: awareness, design: difference in differences": "measure: awareness, by: staff_group, design: difference in differences",
}


def wave(number: int, effect: float) -> pd.DataFrame:
    """Thirty people of every team; pilots gain `effect` on the five-step scale."""
    frames = []
    for place, (team, arm) in enumerate(TEAMS.items()):
        rng = np.random.default_rng([place, number])
        person = np.random.default_rng([place]).normal(0, 0.7, (30, 1))
        latent = 3.2 + person + 0.15 * rng.standard_normal() + 0.7 * rng.standard_normal((30, 5)) + effect * (arm == "develop")
        latent[:, 2] = 6.4 - latent[:, 2]
        frame = pd.DataFrame(np.clip(np.rint(latent), 1, 5).astype(int), columns=ITEMS)
        frame.insert(0, "organisation", "TRUST")
        frame.insert(1, "unit", team)
        frame.insert(2, "respondent", [f"{team}-{k:03}" for k in range(30)])
        frame.insert(3, "staff_group", np.where(np.arange(30) % 3 == 0, "Nursing", "Other"))
        frames.append(frame)
    return pd.concat(frames, ignore_index=True)


WAVES = {"baseline": wave(1, 0.0), "month_12": wave(2, 0.4)}


@pytest.fixture(scope="module")
def teams(tmp_path_factory: pytest.TempPathFactory) -> Line:
    root = tiny_study(tmp_path_factory.mktemp("teams") / "study", replace=PLAN)
    rows = ["organisation,unit,name,arm,type", *(f"TRUST,{team},Team {team},{arm},NHS Trust" for team, arm in TEAMS.items())]
    (root / "organisations.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    load(root, WAVES)
    return run(root)


def test_teams_are_counted_and_the_floor_is_that_of_their_assignments(teams: Line) -> None:
    """Six of fourteen can be chosen in 3,003 ways."""
    head = teams.kept("lived_values_change")["estimates"][0]
    assert (head["unit"], head["n_units"], head["n_pilot"], head["n_comparison"]) == ("team", 14, 6, 8)
    assert head["resolution_floor"] == pytest.approx(1 / 3003)
    assert "pilot teams" in teams.kept("lived_values_change")["sentence"]
    assert "shared_organisations" in teams.flags("lived_values_change")


def test_pooled_t_is_the_two_sample_test_of_team_changes(teams: Line) -> None:
    """scipy on the teams' own means; the trust's level, which all teams share, takes nothing from the comparison."""
    means = {}
    for name, frame in WAVES.items():
        turned = frame.assign(lived_3=6 - frame["lived_3"])
        means[name] = ((turned[ITEMS[:3]].mean(axis=1) - 1) * 2.5).groupby(frame["unit"]).mean()
    change = means["month_12"] - means["baseline"]
    pilot = change.index.map(TEAMS) == "develop"
    pooled = next(row for row in teams.kept("lived_values_change")["estimates"] if row["variance"] == "pooled t")
    assert pooled["estimate"] == pytest.approx(change[pilot].mean() - change[~pilot].mean(), rel=1e-9)
    assert pooled["p_value"] == pytest.approx(stats.ttest_ind(change[pilot], change[~pilot]).pvalue, rel=1e-8)


def test_every_group_and_the_gap_between_them_goes_with_the_answer_and_not_onto_the_page(teams: Line) -> None:
    """scipy on the teams' percentages of one group, and on the difference between two groups of a team."""
    further = {row["term"]: row for row in teams.kept("awareness_change")["further"]}
    shares = {
        name: (frame["know_values"] >= 4).groupby([frame["staff_group"], frame["unit"]]).mean().mul(100).unstack("staff_group")
        for name, frame in WAVES.items()
    }
    change = shares["month_12"] - shares["baseline"]
    pilot = change.index.map(TEAMS) == "develop"
    for group in ("Nursing", "Other"):
        row = further[f"pilot:follow_up | staff_group={group}"]
        assert (row["n_pilot"], row["n_comparison"]) == (6, 8)
        assert row["conf_low"] < change[group][pilot].mean() - change[group][~pilot].mean() < row["conf_high"]
    gap = change["Other"] - change["Nursing"]
    row = further["pilot:follow_up:staff_group, Other - Nursing"]
    assert row["conf_low"] < gap[pilot].mean() - gap[~pilot].mean() < row["conf_high"]
    assert row["adjusted_p"] == row["p_value"]
    assert "staff_group" not in teams.release.model_dump_json(exclude={"protocol_page"})


def test_the_answer_without_each_team_stays_near_the_answer_and_is_not_published(teams: Line) -> None:
    kept = teams.kept("lived_values_change")
    without = [row for row in kept["further"] if " without " in row["term"]]
    assert [row["term"].rpartition(" ")[2] for row in without] == list(TEAMS)
    assert {row["n_units"] for row in without} == {13}
    estimates = [row["estimate"] for row in without]
    assert min(estimates) <= kept["estimates"][0]["estimate"] <= max(estimates)
    assert " without T" not in teams.release.model_dump_json()
