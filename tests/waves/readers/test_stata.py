"""Stata files: codes as text, the labels that the file carries, missing values told apart."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pyreadstat
import pytest

from evaluation.errors import WaveError
from evaluation.waves.readers import read_file


def test_codes_come_as_text_and_labels_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "a.dta"
    frame = pd.DataFrame({"q": [1.0, 2.0, None, "a"], "x": [0.5, 1.0, 2.0, None], "t": ["007", "", "b", "c"]}, dtype=object)
    frame["x"] = frame["x"].astype(float)
    pyreadstat.write_dta(
        frame, str(path), column_labels={"q": "Colleagues act on our values", "x": "", "t": ""}, missing_user_values={"q": ["a"]},
        variable_value_labels={"q": {1: "Disagree", 2: "Agree", "a": "Refused"}},
    )  # fmt: skip
    table = read_file(path)
    assert table.frame.rows() == [("1", "0.5", "007"), ("2", "1", None), (None, "2", "b"), (".a", None, "c")]
    assert table.labels == {"q": "Colleagues act on our values"}
    assert table.value_labels["q"] == {"1": "Disagree", "2": "Agree", ".a": "Refused"}
    assert table.rows.to_list() == [2, 3, 4, 5]


def test_a_damaged_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.dta").write_bytes(b"<stata_dta><header>" + b"x" * 100)
    with pytest.raises(WaveError) as caught:
        read_file(tmp_path / "a.dta")
    assert caught.value.problems[0].code == "stata-damaged"


def test_a_real_file_of_4834_people_and_93_variables_is_read(shared_data: Callable[[str], Path]) -> None:
    """Source of the shape: the data's own description."""
    table = read_file(shared_data("illinois_workplace_wellness_survey") / "online_surveys.dta")
    assert table.frame.shape == (4834, 93)
    assert table.labels["treat"] == "0=control, 1=treat"
