"""docs/three-pilots.md runs: its code prints what the page says it prints, and draws the pictures that it shows."""

import re
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY
from tests.notebook import run

PAGE = REPOSITORY / "docs" / "three-pilots.md"
NUMBER = re.compile(r"\d+(?:\.\d+)?")


def alike(found: str, printed: str) -> bool:
    """The same words, and every number to one unit of its last printed digit: processors differ in what they round."""
    if NUMBER.sub("#", found).split() != NUMBER.sub("#", printed).split():
        return False
    pairs = zip(NUMBER.findall(found), NUMBER.findall(printed), strict=True)
    return all(abs(float(a) - float(b)) <= 1.01 * 10.0 ** -len(b.partition(".")[2]) for a, b in pairs)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("page")


def test_every_block_prints_what_the_page_says_and_draws_what_it_shows(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    page = PAGE.read_text(encoding="utf-8")
    for block, printed in run(page, PAGE.name):
        assert alike(printed, block.printed), f"line {block.line} prints otherwise: run `python -m tests.notebook {PAGE.name}`\n{printed}"
    drawn = sorted(file.name for file in folder.iterdir())
    assert drawn == sorted(re.findall(r"\(pictures/(\S+\.svg)\)", page))
    for name in drawn:
        assert alike((folder / name).read_text("utf-8"), (PAGE.parent / "pictures" / name).read_text("utf-8")), name


def test_a_number_or_word_that_differs_is_noticed() -> None:
    assert alike("p 0.1104, 4096 draws", "p 0.1105,  4096 draws")
    assert not alike("p 0.1104, 4096 draws", "p 0.1107, 4096 draws")
    assert not alike("p 0.1104, 4096 draws", "q 0.1104, 4096 draws")
