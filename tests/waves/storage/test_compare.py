"""The hash of an organisation's rows: of what they hold, whatever their order and whatever else came with them."""

import numpy as np
import polars as pl
import pytest

from evaluation.waves.storage.compare import content_hashes, content_hashes_in, in_order

ROWS = pl.DataFrame(
    {
        "organisation": ["P1", "P1", "P1", "C1", "C1"],
        "unit": ["P1", "P1", "P1", "C1", "C1"],
        "arm": [None] * 5,
        "respondent": ["a", "b", "c", "a", "b"],
        "staff_group": ["Nursing", "Other", None, "Nursing", "Nursing"],
        "q1": [1.0, 2.0, None, 4.0, 5.0],
        "q2": [None] * 5,
    },
    schema_overrides={"arm": pl.String, "q2": pl.Float64},
)
WITHOUT_IDS = ROWS.with_columns(respondent=pl.lit(None, dtype=pl.String))
OF_ASSIGNED_PEOPLE = ROWS.with_columns(arm=pl.Series(["pilot", "comparison", "pilot", "pilot", None]))
IN_TEAMS = ROWS.with_columns(unit=pl.Series(["t2", "t1", "t2", "t3", "t3"]))


@pytest.mark.parametrize("rows", [ROWS, WITHOUT_IDS, OF_ASSIGNED_PEOPLE, IN_TEAMS, pl.concat([ROWS, ROWS])])
def test_order_of_rows_and_columns_and_other_organisations_leave_no_trace(rows: pl.DataFrame) -> None:
    rng = np.random.default_rng(1)
    expected = content_hashes(rows)
    assert set(expected) == {"P1", "C1"}
    for _ in range(5):
        mixed = rows[rng.permutation(rows.height).tolist()].select(rng.permutation(rows.columns).tolist())
        assert content_hashes(mixed) == expected
        assert in_order(mixed).select(rows.columns).equals(in_order(rows))
    assert content_hashes(rows.filter(pl.col("organisation") == "C1")) == {"C1": expected["C1"]}
    assert content_hashes(rows.drop("q2")) == expected


@pytest.mark.parametrize("other", [
    ROWS.with_columns(q1=pl.Series([1.0, 2.0, 3.0, 4.0, 5.0])),
    ROWS.with_columns(q1=pl.Series([2.0, 1.0, None, 4.0, 5.0])),
    ROWS.with_columns(q1=pl.Series([1.0, 2.0, 0.0, 4.0, 5.0])),
    ROWS.with_columns(staff_group=pl.Series(["Nursin", "gOther", None, "Nursing", "Nursing"])),
    ROWS.with_columns(staff_group=pl.Series(["Nursing", "Other", "", "Nursing", "Nursing"])),
    ROWS.with_columns(respondent=pl.Series(["a", "b", "d", "a", "b"])),
    ROWS.head(2).vstack(ROWS.tail(2)),
])  # fmt: skip
def test_another_answer_in_one_row_is_another_hash_of_its_organisation_only(other: pl.DataFrame) -> None:
    before, after = content_hashes(ROWS), content_hashes(other)
    assert after["P1"] != before["P1"]
    assert after["C1"] == before["C1"]


def test_the_same_answers_to_another_item_are_another_hash() -> None:
    before, after = content_hashes(ROWS), content_hashes(ROWS.rename({"q1": "q2", "q2": "q1"}))
    assert all(before[code] != after[code] for code in ("P1", "C1"))


def test_rows_come_by_organisation_unit_arm_and_respondent() -> None:
    assert in_order(OF_ASSIGNED_PEOPLE)["respondent"].to_list() == ["a", "b", "b", "a", "c"]
    assert in_order(IN_TEAMS)["respondent"].to_list() == ["a", "b", "b", "a", "c"]


def test_hashes_are_those_of_stores_that_were_made_before() -> None:
    assert content_hashes(ROWS) == {
        "C1": "0d166dd3ed32569bbf20007d139b9637767a453c8da3e85131c7e1f9166d0c43",
        "P1": "cb54717eefeebb9a38fd513294854960aab6e44bf86737d54040dcb9a1d133bf",
    }


@pytest.mark.parametrize("rows", [ROWS, WITHOUT_IDS, IN_TEAMS.rename({"staff_group": "workplace"})])
def test_the_hash_that_rows_would_have_in_another_wave_is_the_one_that_they_have_there(rows: pl.DataFrame) -> None:
    waves = {"w": ["P1"], "baseline": ["C1", "P1"], "month_12": []}
    found = content_hashes_in(rows.with_columns(wave=pl.lit("month_6")), waves)
    for wave, names in waves.items():
        there = content_hashes(rows.with_columns(wave=pl.lit(wave)))
        assert found[wave] == {name: there[name] for name in names}
