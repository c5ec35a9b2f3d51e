"""All findings of a run as tables and text. Source: the analyst's interface (fixed result columns; tidy, glance, summary)."""

from pathlib import Path

import pytest

from evaluation.findings.findings import Findings
from evaluation.findings.judge import judge_all
from evaluation.terms import RESULT_COLUMNS
from tests.findings.answers import ALL_LOADED, answer_of, documents_of


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Findings:
    documents = documents_of(tmp_path_factory.mktemp("tiny"))
    answers = [answer_of(documents), answer_of(documents, "awareness_change", 12.0, (2.0, 22.0)),
               answer_of(documents, "strain_not_worse", 0.0, (-0.1, 0.1))]
    return judge_all(answers, [], documents, ALL_LOADED, "These organisations do not exist.")


def test_the_columns_are_the_result_columns_and_carry_the_result_id(found: Findings) -> None:
    table = found.kept_as("r-0123456789", "R-0001").tidy()
    assert tuple(table.columns) == RESULT_COLUMNS
    assert set(table["result_id"]) == {"r-0123456789"} and len(table) == 3


def test_a_glance_has_a_row_a_finding(found: Findings) -> None:
    assert list(found.glance()["verdict"]) == ["Improved more than comparison", "Improved more than comparison", "Safe"]


def test_the_summary_is_sentences_and_says_that_data_are_simulated(found: Findings) -> None:
    text = found.summary()
    assert "Simulated data. These organisations do not exist." in text
    assert text.index("see values lived more") < text.index("know the values") < text.index("The plan says: extend the pilot")
    assert "Simulated data." in found._repr_html_()


def test_the_theory_of_change_is_marked(found: Findings) -> None:
    assert [link.state for link in found.links] == ["supported"]


def test_nothing_estimated_is_known_as_such(tmp_path: Path) -> None:
    documents = documents_of(tmp_path)
    empty = judge_all([answer_of(documents, estimate=None, interval=(None, None), status="not estimable")], [], documents, ALL_LOADED)
    assert not empty.any_estimated


def test_the_plot_shows_every_finding_as_a_figure_that_plotly_accepts(found: Findings) -> None:
    figure = found.plot()
    assert sum(len(trace.x) for trace in figure.data) == 3
