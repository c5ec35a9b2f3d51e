"""The table of docs/quality.md, section 4, is what the draws give."""

import re

import pytest

from tests.conftest import REPOSITORY
from tests.quality import rule_table

ROW = re.compile(r"^\| (\d+) \| (\d+) \| ([\d.]+) \| ([\d.]+) \| ([\d.]+) \| ([\d.]+) \|$", re.MULTILINE)


def test_the_page_has_every_cell_and_a_row_drawn_anew_is_within_chance_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """50 draws against the page's 200; three standard errors of the difference, at least 0.05."""
    page = (REPOSITORY / "docs" / "quality.md").read_text(encoding="utf-8")
    rows = {(int(items), int(people)): [float(share) for share in shares] for items, people, *shares in ROW.findall(page)}
    assert list(rows) == rule_table.CELLS
    monkeypatch.setattr(rule_table, "DRAWS", 50)
    for found, written in zip(rule_table.shares(3, 150), rows[3, 150], strict=True):
        error = (written * (1 - written) * (1 / 50 + 1 / 200)) ** 0.5
        assert abs(found - written) <= max(3 * error, 0.05)


def test_with_four_hundred_people_a_group_the_rule_seldom_fails_what_does_not_differ() -> None:
    page = (REPOSITORY / "docs" / "quality.md").read_text(encoding="utf-8")
    fails = {int(people): float(share) for _, people, share, *_ in ROW.findall(page)}
    assert max(share for people, share in fails.items() if people >= 400) <= 0.05
