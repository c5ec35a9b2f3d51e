"""Where tests find things."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[1]
REAL_DATA = Path(os.environ.get("PILOT_SHARED_DATA", REPOSITORY.parent / "shared" / "data"))


@pytest.fixture(scope="session", autouse=True)
def tests_key(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The tests pseudonymise with a key of their own, fixtures of every scope too; never with that of whoever runs them."""
    file = tmp_path_factory.mktemp("keys") / "pilot.key"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PILOT_KEY_FILE", str(file))
        yield file


@pytest.fixture
def own_key(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A key that is not there yet, for a test that makes, harms or loses one."""
    file = tmp_path_factory.mktemp("own") / "pilot.key"
    monkeypatch.setenv("PILOT_KEY_FILE", str(file))
    return file


@pytest.fixture
def shared_data() -> Callable[[str], Path]:
    """A folder of real data by name; the test is skipped with a reason where the folder is absent."""

    def find(name: str) -> Path:
        folder = REAL_DATA / name
        if not folder.is_dir():
            pytest.skip(f"real data '{name}' is not on this machine (set PILOT_SHARED_DATA)")
        return folder

    return find
