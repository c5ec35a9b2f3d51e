"""The secret behind pseudonyms: made once, kept from others, never inside a study."""

import errno
import hashlib
import hmac
import os
from pathlib import Path

import polars as pl
import pytest

from evaluation.errors import MachineError
from evaluation.waves.people.keys import Key, key_file, make_key, read_key

pytestmark = pytest.mark.usefixtures("own_key")
POSIX = pytest.mark.skipif(os.name != "posix", reason="file modes are a POSIX matter")


@pytest.fixture
def study(tmp_path: Path) -> Path:
    folder = tmp_path / "study"
    folder.mkdir()
    return folder


def test_a_key_is_made_when_first_needed_and_then_kept(study: Path) -> None:
    assert not key_file().exists()
    assert read_key(study) == read_key(study)
    assert len(bytes.fromhex(key_file().read_text())) == 32


def test_without_the_variable_the_key_lies_in_the_users_configuration(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PILOT_KEY_FILE")
    assert key_file().parts[-2:] == ("pilot-evaluation", "pilot.key")


@POSIX
def test_only_the_owner_may_read_the_key(study: Path) -> None:
    read_key(study)
    assert key_file().stat().st_mode & 0o777 == 0o600


@POSIX
@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604])
def test_a_key_that_others_may_read_is_refused_with_the_command_that_mends_it(study: Path, mode: int) -> None:
    read_key(study)
    key_file().chmod(mode)
    with pytest.raises(MachineError, match="other users of this computer may read the key") as refusal:
        read_key(study)
    assert refusal.value.problems[0].fix == f"chmod 600 {key_file()}"


def test_a_key_inside_the_study_is_refused(study: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PILOT_KEY_FILE", str(study / "pilot.key"))
    with pytest.raises(MachineError, match="inside the study"):
        read_key(study)
    assert not (study / "pilot.key").exists()


def test_another_key_than_the_first_waves_is_refused(study: Path) -> None:
    mark = read_key(study).mark
    key_file().unlink()
    make_key(key_file())
    with pytest.raises(MachineError, match="is another one"):
        read_key(study, known_mark=mark)


def test_a_lost_key_is_not_replaced_by_a_new_one(study: Path) -> None:
    mark = read_key(study).mark
    key_file().unlink()
    with pytest.raises(MachineError, match="is not there"):
        read_key(study, known_mark=mark)
    assert not key_file().exists()


def test_a_damaged_key_is_refused(study: Path) -> None:
    read_key(study)
    key_file().write_text("short")
    with pytest.raises(MachineError, match="damaged"):
        read_key(study)


def test_a_folder_that_cannot_be_written_to_is_the_computers_fault(
    tmp_path: Path, study: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("PILOT_KEY_FILE", str(tmp_path / "file" / "pilot.key"))
    with pytest.raises(MachineError, match="cannot make the key"):
        read_key(study)


@POSIX
def test_where_files_cannot_have_two_names_a_key_is_made_for_its_owner_only_and_one_that_is_there_stays(
    study: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("evaluation.study.os.link", no_link)
    first = read_key(study)
    assert key_file().stat().st_mode & 0o777 == 0o600
    make_key(key_file())
    assert read_key(study) == first
    assert [path.name for path in key_file().parent.iterdir()] == [key_file().name]


def no_link(*_: object) -> None:
    raise OSError(errno.EPERM, os.strerror(errno.EPERM))


def test_a_pseudonym_is_the_keyed_hash_of_parts_set_off_by_length() -> None:
    parts = pl.DataFrame({"place": ["a", "ab", "é", "a"], "person": ["bc", "c", "12", None]})
    made = Key(b"k" * 32).pseudonyms(parts)
    messages = ("1:a2:bc", "2:ab1:c", "2:é2:12")
    secret = (b"k" * 32).hex().encode()
    expected = [hmac.new(secret, text.encode(), hashlib.sha256).hexdigest()[:32] for text in messages]  # RFC 2104
    assert made.to_list() == [*expected, None]


def test_a_key_never_shows_in_messages() -> None:
    assert "6b6b" not in repr(Key(b"k" * 32))
    assert "kkkk" not in repr(Key(b"k" * 32))
