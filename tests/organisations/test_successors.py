"""Former names and mergers are dated rows of the register: what they stand for, and what is refused."""

from datetime import date
from pathlib import Path

import pytest

from tests.organisations.registers import register
from tests.protocol.changed import refused

TEXT = """\
organisation,name,arm,type,start,became,became_on
P1,Riverside,develop,NHS Trust,2025-04-01,,
OLD1,Riverbank,,NHS Trust,,MID1,2019-04-01
MID1,Riverside and Hill,,NHS Trust,,P1,2022-07-01
OLD2,Hill,,NHS Trust,,MID1,2019-04-01
C1,Northgate,comparison,NHS Trust,,,
C0,Northgate,,NHS Trust,,C1,2020-01-01
"""
TEAMS = """\
organisation,unit,name,arm,type,became,became_on
P1,T1,Ward One,develop,NHS Trust,,
P0,T0,Old ward,,NHS Trust,T1,2024-01-01
P2,T2,Ward Two,comparison,NHS Trust,,
"""


def test_rows_of_the_past_are_no_units_and_lead_to_what_takes_part_now(tmp_path: Path) -> None:
    read = register(tmp_path, text=TEXT)
    assert list(read.units.index) == ["P1", "C1"]
    assert dict(read.former["became"]) == {"OLD1": "P1", "MID1": "P1", "OLD2": "P1", "C0": "C1"}
    assert read.former.loc["OLD1", "became_on"] == date(2019, 4, 1)
    assert list(read.now(read.answering["organisation"])) == ["P1", "C1", "P1", "P1", "P1", "C1"]


def test_files_may_name_former_organisations_whose_arm_is_that_of_their_successor(tmp_path: Path) -> None:
    read = register(tmp_path, text=TEXT)
    assert read.organisations == ["P1", "C1", "OLD1", "MID1", "OLD2", "C0"] and read.nearest("old3") in {"OLD1", "OLD2"}
    assert dict(read.answering["arm"]) == {"P1": "develop", "C1": "comparison", "OLD1": "develop", "MID1": "develop", "OLD2": "develop",
                                           "C0": "comparison"}


def test_a_name_means_what_it_meant_on_the_day(tmp_path: Path) -> None:
    """A trust that changed its code and kept its name, and spaces and capitals that do not count."""
    read = register(tmp_path, text=TEXT)
    before, after = read.by_name(date(2019, 10, 1)), read.by_name(date(2020, 1, 1))
    assert (before["northgate"], after["northgate"]) == (("C0",), ("C1",))
    assert before["riverside and hill"] == ("MID1",)
    assert before["riverbank"] == ("OLD1",), "nobody has the name any more: it is told by the code that had it last"


def test_a_team_that_became_another_keeps_the_organisation_of_its_day(tmp_path: Path) -> None:
    read = register(tmp_path, text=TEAMS, protocol={"assignment: organisation": "assignment: team"})
    assert list(read.units.index) == ["T1", "T2"] and read.former.loc["T0", ["organisation", "became"]].tolist() == ["P0", "T1"]
    assert read.organisations == ["P1", "P2", "P0"]


def test_an_organisation_is_renamed_where_one_became_one_and_takes_part_under_the_new_code_only(tmp_path: Path) -> None:
    """MID1 was two before, so that it is nobody's new name; P2 stands beside the team that came to it."""
    assert register(tmp_path, text=TEXT).renamed == {"P1": ("MID1", date(2022, 7, 1)), "C1": ("C0", date(2020, 1, 1))}
    teams = {"assignment: organisation": "assignment: team"}
    assert register(tmp_path, text=TEAMS, protocol=teams).renamed == {"P1": ("P0", date(2024, 1, 1))}
    moved = TEAMS.replace("P0,T0", "P2,T0")
    assert register(tmp_path, text=moved, protocol=teams).renamed == {}


CASES = {
    "no day": ({"MID1,2019-04-01\nMID1": "MID1,\nMID1"}, "what became of it is said without the day, or the day without what became of it.", "line 3"),
    "a day alone": ({"2025-04-01,,": "2025-04-01,,2025-04-01"}, "what became of it is said without the day, or the day without what became of it.", "line 2"),
    "nobody": ({"MID1,2019-04-01\nMID1": "MIDD1,2019-04-01\nMID1"}, "it became 'MIDD1', which has no row.", "line 3, column became"),
    "a circle": ({"2025-04-01,,": ",OLD1,2025-04-01", "Riverside,develop": "Riverside,"}, "'P1' becomes itself in the end.", "line 2"),
    "itself": ({"C1,2020-01-01": "C0,2020-01-01"}, "'C0' becomes itself in the end.", "line 7"),
    "backwards": ({"P1,2022-07-01": "P1,2018-07-01"}, "it became 'MID1' on 2019-04-01, but that had become another on 2018-07-01.", "line 3"),
    "an arm": ({"Riverbank,,": "Riverbank,develop,"}, "a row of the past states arm, which are said of what it became.", "line 3, column arm"),
}


@pytest.mark.parametrize("case", CASES)
def test_a_past_that_cannot_be_is_refused_by_line(tmp_path: Path, case: str) -> None:
    changed, what, where = CASES[case]
    found = refused(lambda: register(tmp_path, changed, text=TEXT))
    assert what in {one.what for one in found}
    assert all(one.fix for one in found) and any(where in one.where for one in found if one.what == what)
