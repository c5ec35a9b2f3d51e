"""The response rate beside n (docs/verdicts.md, section 6). The rate of the sample by hand: 13,460 of 25,900 is 52%."""

import pytest

from dashboards.downloads import cells_csv
from dashboards.look_up import percent_answered
from tests.dashboards.reading import page, text
from tests.dashboards.sample import release, with_response_rates
from tests.dashboards.test_downloads import rows


def test_the_share_that_answered_stands_beside_the_people() -> None:
    assert "13,460 now · 52% answered · main measure" in text(page(release(with_response_rates)))
    assert "13,460 now · 52% answered" in text(page(release(with_response_rates), "/m/lived_values"))


@pytest.mark.parametrize("path", ["/", "/m/lived_values", "/m/public_trust"])
def test_without_headcounts_nothing_is_said_of_who_answered(path: str) -> None:
    assert "% answered" not in text(page(release(), path)).replace("% answered favourably", "")


def test_a_population_or_side_without_headcounts_has_no_share() -> None:
    made = release(with_response_rates)
    assert percent_answered(made, "staff", "month_12", ["pilot", "comparison"]) == 52
    assert percent_answered(made, "staff", "month_12", ["pilot"]) == 54
    assert percent_answered(made, "staff", "month_12", ["develop", "comparison"]) is None
    assert percent_answered(made, "public", "month_12", ["pilot", "comparison"]) is None
    assert "% answered" not in text(page(made, "/m/public_trust"))


def test_the_file_of_an_outcome_gives_the_rate_where_it_is_told() -> None:
    told = {row["unit"]: row["percent_answered"] for row in rows(cells_csv(release(with_response_rates), "lived_values"))
            if (row["wave"], row["level"]) == ("month_12", "unit")}
    assert told["R01"] == "50" and set(told.values()) == {"50", ""}
