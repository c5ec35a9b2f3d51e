"""States of the theory of change: what was measured and cannot be told is not called untested."""

from pathlib import Path

import pytest

from evaluation.findings.links import link_states
from evaluation.findings.verdict import Kind
from tests.findings.answers import documents_of


@pytest.mark.parametrize(("kinds", "state"), [
    ([Kind.IMPROVED], "supported"), ([Kind.IMPROVED, Kind.CANNOT_TELL], "supported"), ([Kind.PROBABLY_IMPROVED], "probably supported"),
    ([Kind.CANNOT_TELL], "cannot tell"), ([Kind.SAFE], "cannot tell"), ([Kind.CANNOT_TELL, Kind.PROBABLY_IMPROVED], "probably supported"),
    ([Kind.NOT_YET], "untested"), ([], "untested"),
    ([Kind.NO_DIFFERENCE], "not supported"), ([Kind.IMPROVED, Kind.WORSE], "not supported"), ([Kind.IMPROVED, Kind.SO_FAR], "supported"),
])
def test_an_arrow_is_supported_only_by_a_firm_improvement_that_nothing_contradicts(
    tmp_path: Path, kinds: list[Kind], state: str
) -> None:
    protocol = documents_of(tmp_path).protocol
    (link,) = link_states(protocol, [("lived_values", kind) for kind in kinds])
    assert link.state == state


def test_other_measures_do_not_count(tmp_path: Path) -> None:
    (link,) = link_states(documents_of(tmp_path).protocol, [("awareness", Kind.IMPROVED)])
    assert link.state == "untested"
