"""The engine's settings are what repeatability and the protection of answers rest on."""

from pathlib import Path

import pandas as pd
import pytest

from evaluation.errors import MachineError
from evaluation.evidence.engine import engine, fetched, parquet


@pytest.mark.parametrize(("setting", "value"), [("threads", "1"), ("temp_directory", ""), ("autoinstall_known_extensions", "false")])
def test_the_engine_has_one_thread_spills_nothing_and_fetches_nothing(setting: str, value: str) -> None:
    (found,) = engine().con.execute("select current_setting(?)", [setting]).fetchone() or ("",)
    assert str(found).lower() == value


def test_a_file_that_vanishes_before_it_is_read_is_the_machines_fault(tmp_path: Path) -> None:
    file = tmp_path / "answers.parquet"
    pd.DataFrame({"x": [1.0]}).to_parquet(file)
    table = parquet([file])
    file.unlink()
    with pytest.raises(MachineError, match="could not be read"):
        fetched(table)


def test_a_folder_may_have_any_name(tmp_path: Path) -> None:
    folder = tmp_path / "it's a [pilot] *"
    folder.mkdir()
    pd.DataFrame({"x": [1.0]}).to_parquet(folder / "answers.parquet")
    assert fetched(parquet([folder / "answers.parquet"]))["x"].tolist() == [1.0]


def test_a_folder_named_like_a_partition_adds_no_column(tmp_path: Path) -> None:
    (tmp_path / "wave=baseline").mkdir()
    pd.DataFrame({"x": [1.0]}).to_parquet(tmp_path / "wave=baseline" / "answers.parquet")
    assert parquet([tmp_path / "wave=baseline" / "answers.parquet"]).columns == ("x",)
