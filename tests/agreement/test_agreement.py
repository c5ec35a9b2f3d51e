"""Our numbers are R's: committed golden values (tests/agreement/golden.R) against the same methods here, without R."""

import pytest

from tests.agreement import frames, page
from tests.agreement.golden import Case, cases, flat, read
from tests.agreement.methods import METHODS


def skip_without_data(*held: Case) -> None:
    if not all(case.available for case in held):
        pytest.skip("public data are not on this machine (set PILOT_SHARED_DATA)")


@pytest.mark.parametrize("name", frames.DRAWN)
def test_the_frame_drawn_here_is_the_one_that_r_read(name: str) -> None:
    assert frames.fingerprint(name) == read()["frames"][name], "the frame has drifted: run `make agreement`"


def test_every_golden_method_is_compared_and_every_comparison_has_golden_values() -> None:
    assert set(METHODS) == set(read()["values"])


@pytest.mark.parametrize("case", cases(), ids=lambda case: f"{case.method}: {case.name}")
def test_every_number_is_within_tolerance_of_the_one_r_gives(case: Case) -> None:
    skip_without_data(case)
    found = page.error_of(case.method, case.name)
    assert len(found) == len(flat(case.values))
    worst = max(found, key=lambda number: found[number])
    assert found[worst] <= METHODS[case.method].tolerance, f"{worst} is off by {found[worst]:.1e}"


def test_the_page_says_what_the_code_gives_today() -> None:
    """Counts exactly; the largest errors may be ten times those of the machine that wrote the page, its processor being another."""
    skip_without_data(*cases())
    rows = [line.strip("| ").split(" | ") for line in page.FILE.read_text("utf-8").splitlines() if line.startswith("| ")][1:]
    assert [(row[0], int(row[2]), int(row[3])) for row in rows] == [(line.method, line.cases, line.numbers) for line in page.lines()]
    for row, line in zip(rows, page.lines(), strict=True):
        assert line.bound <= 10 * float(row[4]) <= 10 * float(row[5]), line.method
