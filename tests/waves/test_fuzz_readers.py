"""Any bytes give a table or a refusal by name: a seeded part of `python -m tests.waves.fuzz`, in a process of its own."""

import pytest

from evaluation.waves.readers import READERS
from tests.waves.fuzz.__main__ import attempted
from tests.waves.fuzz.search import edited
from tests.waves.fuzz.seeds import seeds


def test_every_reader_has_good_files_to_be_spoilt() -> None:
    assert set(seeds()) == set(READERS)


def test_any_bytes_are_read_or_refused_by_name_in_bounded_memory() -> None:
    code, words = attempted(list(READERS), start=1, examples=20, seconds=0)
    assert code == 0, words
    assert [line.split(",")[0] for line in words.splitlines()] == [f"{reader}: 20 files" for reader in READERS]


def test_a_search_that_meets_another_exception_fails() -> None:
    code, words = attempted(["no such reader"], start=1, examples=1, seconds=0)
    assert code != 0 and "KeyError" in words


@pytest.mark.parametrize("kind", ["flip", "put", "number", "cut", "drop", "double", "swap", "word"])
def test_each_edit_changes_a_file(kind: str) -> None:
    assert edited(bytes(range(200)), [(kind, 0.5, 17, b"\xaa\xbb")]) != bytes(range(200))
