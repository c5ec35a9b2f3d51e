"""The last line of `pilot new`: a next step that can be taken."""

from pathlib import Path

import pytest

from evaluation.cli.main import main
from evaluation.cli.new_study import templates


@pytest.mark.parametrize("name", templates())
def test_the_next_step_of_a_template_can_be_taken(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = tmp_path / "mine"
    assert main(["new", str(root), "--template", name]) == 0
    last = capsys.readouterr().out.rstrip().splitlines()[-1]
    if (root / "organisations.csv").is_file():
        assert last == f"Next: pilot check {root}"
        assert main(["check", str(root)]) == 0
    else:
        assert last.startswith(f"Next: {root / 'README.md'} says")
        assert "organisations.csv" in (root / "README.md").read_text(encoding="utf-8")
        assert main(["check", str(root)]) != 0


def test_some_templates_bring_no_organisations(tmp_path: Path) -> None:
    without = [name for name in templates() if main(["new", str(tmp_path / name), "--template", name]) == 0
               and not (tmp_path / name / "organisations.csv").is_file()]
    assert without == ["army-waves", "civil-service-trend", "special-measures"]
