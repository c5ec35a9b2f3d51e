"""The committed table of `make crash` is of this code and meets every goal; a small part of it is repeated here.

Source: storage goals I1 to I5 of docs/disclosure.md.
"""

import copy
import json
import os
from pathlib import Path
from typing import Any

import pytest

from tests.waves import crash_kills as kills
from tests.waves import crash_trials as trials
from tests.waves.crash import FILE, GOALS, added, code_fingerprint, plan, unmet

POSIX = pytest.mark.skipif(os.name != "posix", reason="forking, SIGKILL and file size limits are POSIX")


@pytest.fixture(scope="module")
def table() -> dict[str, Any]:
    record: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
    return record


def test_the_table_is_of_the_code_of_today(table: dict[str, Any]) -> None:
    assert table["code"] == code_fingerprint(), "the code has changed since: run `make crash`"


def test_every_goal_is_met(table: dict[str, Any]) -> None:
    assert unmet(table) == []
    assert set(table["trials"]) == set(plan()) == {trial for trial, *_ in GOALS}


@pytest.mark.parametrize("goal", GOALS, ids=lambda goal: f"{goal[0]} {goal[1]}")
def test_a_table_that_misses_a_goal_is_told(goal: tuple[str, str, str, float], table: dict[str, Any]) -> None:
    trial, figure, how, bound = goal
    worse = copy.deepcopy(table)
    worse["trials"][trial][figure] = bound - 1 if how == "at least" else bound + 1
    (said,) = unmet(worse)
    assert said.startswith(f"{trial}: {figure} is")


def test_the_table_says_where_when_and_by_which_seed_it_was_made(table: dict[str, Any]) -> None:
    assert len(table["commit"]) == 40
    assert {"python", "system", "deltalake", "pyarrow"} <= set(table["machine"])
    assert table["seed"] == 20250120


def test_batches_add_up() -> None:
    assert added([{"killed": 50, "lost": 0}, {"killed": 51, "lost": 1}]) == {"killed": 101, "lost": 1}


@POSIX
def test_some_kills_of_people_being_erased_leave_one_table_and_nobody_who_was_acknowledged(tmp_path: Path) -> None:
    found = kills.killed_rewritings(tmp_path, seed=3, times=4)
    assert found["killed"] == 4
    assert {name: found[name] for name in ("acknowledged_undone", "others_lost", "left_behind", "repaired_by_hand")} == {
        "acknowledged_undone": 0, "others_lost": 0, "left_behind": 0, "repaired_by_hand": 0,
    }  # fmt: skip


@POSIX
def test_some_kills_of_withdrawals_leave_an_organisation_whole_or_gone(tmp_path: Path) -> None:
    found = kills.killed_withdrawals(tmp_path, seed=5, times=6)
    assert found["killed"] >= 6
    names = ("acknowledged_undone", "partial_seen", "others_lost", "read_errors", "repaired_by_hand")
    assert {name: found[name] for name in names} == dict.fromkeys(names, 0)


def test_some_harms_are_all_found(tmp_path: Path) -> None:
    assert trials.damage(tmp_path, seed=4, times=50) == {"flips": 40, "cuts": 10, "undetected": 0, "control_failed": 0}
