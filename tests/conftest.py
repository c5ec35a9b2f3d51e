"""Where tests find things."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[1]
REAL_DATA = Path(os.environ.get("PILOT_SHARED_DATA", REPOSITORY.parent / "shared" / "data"))


@pytest.fixture(autouse=True)
def own_key(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every test pseudonymises with a key of its own, never with the key of the person who runs the tests."""
    monkeypatch.setenv("PILOT_KEY_FILE", str(tmp_path_factory.mktemp("keys") / "pilot.key"))


@pytest.fixture
def shared_data() -> Callable[[str], Path]:
    """A folder of real data by name; the test is skipped with a reason where the folder is absent."""

    def find(name: str) -> Path:
        folder = REAL_DATA / name
        if not folder.is_dir():
            pytest.skip(f"real data '{name}' is not on this machine (set PILOT_SHARED_DATA)")
        return folder

    return find
