"""docs/results.md is what the committed tables say; the sections on real data are compared where those data are run."""

from pathlib import Path

import pytest

from tests import results


@pytest.mark.parametrize(("title", "make"), [("Simulated truth", results.coverage), ("Speed beside peers", results.speed)])
def test_a_section_made_of_a_committed_table_is_todays(title: str, make: results.Maker) -> None:
    assert results.section(title) == make()


def test_every_section_is_there_and_no_other() -> None:
    headings = [line.removeprefix("## ") for line in results.PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("## ")]
    assert headings == list(results.SECTIONS)
    assert all(len(results.section(title)) > 4 for title in headings)


def test_published_and_ours_are_equal_in_every_row_and_no_page_has_a_violation() -> None:
    rows = [line for line in results.section("People drawn by lot: the Illinois table") if line.endswith("| yes |")]
    assert len(rows) == 11
    counted = [line.split(" | ")[1:] for line in results.section("Accessibility of the board") if line.startswith("| ")][1:]
    assert {cell.strip(" |") for row in counted for cell in row} == {"0"}


def test_what_cannot_be_made_here_stays_as_committed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def gone() -> list[str]:
        raise results.MissingError("no data")

    page = tmp_path / "results.md"
    page.write_text(results.PAGE.read_text(encoding="utf-8"), encoding="utf-8")
    before = page.read_text(encoding="utf-8")
    monkeypatch.setattr(results, "PAGE", page)
    monkeypatch.setattr(results, "SECTIONS", dict.fromkeys(results.SECTIONS, gone))
    results.main()
    assert page.read_text(encoding="utf-8") == before
    assert "stays as committed: no data" in capsys.readouterr().err
