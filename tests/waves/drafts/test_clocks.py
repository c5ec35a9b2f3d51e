"""How long somebody took is no answer, whichever tool measured it."""

from pathlib import Path

import polars as pl
import pytest

from evaluation.waves.drafts.clocks import clocks
from evaluation.waves.drafts.profile import profile
from evaluation.waves.readers import Table, read_file
from tests.waves.drafts.test_item_columns import drafted, line

AGREE = ["Strongly disagree", "Disagree", "Neither agree nor disagree", "Agree", "Strongly agree"]
SECONDS = ["234", "187", "305", "412", "99", "640"]


def timed(folder: Path, header: str, values: list[str]) -> Table:
    """A file of sixteen people of two trusts with one answer and one column more."""
    columns = {"Trust": ["P1", "P2"], "I am heard": AGREE, header: values}
    pl.DataFrame({name: [said[k % len(said)] for k in range(16)] for name, said in columns.items()}).write_csv(folder / "wave.csv")
    return read_file(folder / "wave.csv")


@pytest.mark.parametrize("header", [
    "Time taken (s)", "Total time (mins)", "Minutes to complete", "Interview length", "Elapsed", "Response time", "Q1_First Click",
    "Q1 timing - Page submit", "Duration (in seconds)", "My suggestions get an answer. - Time spent (seconds)", "LOI", "Survey duration",
    "Time to complete the survey", "Seconds on page",
])  # fmt: skip
def test_a_time_that_a_tool_measured_is_no_item_and_no_group_of_a_new_study(header: str, tmp_path: Path) -> None:
    for values in (SECONDS, ["12.5", "8.25", "31"], ["00:12:31", "00:08:02"]):
        read = timed(tmp_path, header, values)
        assert clocks(read) == [header]
        assert [item.column for item in profile(read).items] == ["I am heard"] and profile(read).groups == ()


@pytest.mark.parametrize(("header", "values"), [
    ("Response time", ["1", "2", "3", "4", "5"]), ("Minutes taken", SECONDS), ("Time spent with patients", SECONDS), ("Length of stay", SECONDS),
    ("Time to complete", ["Too short", "Too long"]), ("Hours worked", SECONDS), ("Completion time", ["2025-02-10", "2025-02-11"]),
])  # fmt: skip
def test_what_people_may_have_been_asked_about_times_is_left_to_be_drafted(header: str, values: list[str], tmp_path: Path) -> None:
    assert clocks(timed(tmp_path, header, values)) == []


def test_seconds_beside_a_question_are_not_drafted_as_its_item(tmp_path: Path) -> None:
    draft = drafted(tmp_path, ["My manager supports me. - Time spent (seconds)"])
    assert "item: manager" not in draft
    assert "- My manager supports me. - Time spent (seconds)   # how long somebody took, as a survey tool measured it" in draft.replace('"', "")


def test_a_header_that_is_an_item_is_its_item_whatever_it_speaks_of(tmp_path: Path) -> None:
    draft = drafted(tmp_path, ["Page submit"], asked={"speed": "Page submit"})
    assert line(draft, "Page submit:") == "Page submit: {item: speed}   # the item's wording"
