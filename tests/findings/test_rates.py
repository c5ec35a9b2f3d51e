"""Sentences about rates counted in records: one for every verdict, whole, in percent, and never a cause."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from evaluation.findings.rates import as_told, told_rate
from evaluation.findings.sentence import told
from evaluation.findings.subject import Subject, subject_of
from evaluation.findings.verdict import Kind
from evaluation.inference.design import contrasts
from evaluation.inference.estimate import Answer, Estimate
from evaluation.protocol.documents import read_documents
from tests.findings.test_board_words import NOT_FOR_A_BOARD
from tests.journeys.test_records import plan
from tests.studies import tiny_study


def subject(folder: Path, status: str = "secondary") -> Subject:
    swap = {"sickness, design": "sickness, margin: 10 percent, design"} if status == "guardrail" else {}
    documents = read_documents(tiny_study(folder, replace=plan(status, **swap)))
    (contrast,) = contrasts(documents.protocol, "sickness_change")
    return subject_of(documents, "sickness_change", contrast)


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind is not Kind.NOT_YET])
def test_every_verdict_has_a_whole_sentence_about_the_rate(tmp_path: Path, kind: Kind) -> None:
    guarded = kind in (Kind.SAFE, Kind.BREACHED, Kind.NOT_SHOWN_SAFE)
    asked = subject(tmp_path, "guardrail" if guarded else "secondary")
    for estimate, low, high in ((-12.0, -20.0, -3.0), (8.0, 1.0, 15.0)):
        said = told(asked, kind, estimate, (low, high), None)
        assert said[0].isupper() and said.endswith(".") and "  " not in said and not NOT_FOR_A_BOARD.search(said), said
        assert "he rate of days lost to sickness in pilot organisations" in said
        assert "because" not in said and "caused" not in said


def test_lower_and_higher_are_told_in_the_direction_of_the_words(tmp_path: Path) -> None:
    asked = subject(tmp_path)
    lower = told_rate(asked, Kind.IMPROVED, -12.0, (-20.0, -3.0), "")
    assert "12 percent lower than the change elsewhere would lead us to expect (95% confidence interval 3 to 20)" in lower
    higher = told_rate(asked, Kind.PROBABLY_WORSE, 8.0, (1.0, 15.0), "")
    assert "probably 8 percent higher" in higher and "(95% confidence interval 1 to 15)" in higher


def test_a_refusal_gives_its_reason_and_the_difference_seen(tmp_path: Path) -> None:
    said = told_rate(subject(tmp_path), Kind.CANNOT_TELL, 7.0, (None, None), "With 1 pilot nothing can be told.")
    assert "With 1 pilot nothing can be told. The difference seen was +7 percent." in said


def test_logs_become_percent_and_nothing_else_changes(tmp_path: Path) -> None:
    head = Estimate(estimate=np.log(0.8), conf_low=np.log(0.5), conf_high=np.log(1.1), std_error=0.2, p_value=0.3)
    answer = Answer("sickness_change", "pilot - comparison", head, (), pd.DataFrame({"change": [np.log(2.0)]}), interval80=(np.log(0.7), 0.0))
    found = as_told(subject(tmp_path), answer)
    assert (found.headline.estimate, found.headline.conf_low, found.headline.conf_high) == pytest.approx((-20, -50, 10))
    assert found.interval80 == pytest.approx((-30, 0)) and found.units["change"].tolist() == pytest.approx([100])
    assert (found.headline.std_error, found.headline.p_value) == (0.2, 0.3)
