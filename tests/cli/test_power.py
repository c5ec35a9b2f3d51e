"""`pilot power`: the same bytes as the function, progress apart with time left, a picture without a browser, exit codes."""

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest

from evaluation.cli.main import main
from evaluation.cli.power import time_left
from evaluation.plan.power import power
from tests.studies import tiny_study

Told = pytest.CaptureFixture[str]
DRAWS = ["--draws", "100"]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tiny_study(tmp_path / "tiny")


def test_power_prints_what_the_function_gives(root: Path, capsys: Told) -> None:
    found = power(root, draws=100)
    assert main(["power", str(root), *DRAWS]) == 0
    told = capsys.readouterr()
    assert told.out == found.summary().rstrip("\n") + "\n"
    assert "lived_values_change (Values lived; what matters is 0.3 points out of 10)" in told.out
    assert "studies drawn; about" in told.err
    assert main(["power", str(root), *DRAWS, "--json"]) == 0
    assert capsys.readouterr().out == json.dumps(found.as_record(), ensure_ascii=False, indent=2) + "\n"


def test_power_tells_the_primary_questions_and_with_all_every_question(root: Path, capsys: Told) -> None:
    assert main(["power", str(root), *DRAWS, "--json"]) == 0
    assert [one["estimand"] for one in json.loads(capsys.readouterr().out)["questions"]] == ["lived_values_change"]
    assert main(["power", str(root), *DRAWS, "--json", "--all"]) == 0
    every = json.loads(capsys.readouterr().out)["questions"]
    assert [one["estimand"] for one in every] == ["lived_values_change", "awareness_change", "strain_not_worse"]


def test_another_seed_draws_other_studies(root: Path, capsys: Told) -> None:
    seen = []
    for seed in ("1", "1", "2"):
        assert main(["power", str(root), *DRAWS, "--json", "--seed", seed]) == 0
        seen.append(json.loads(capsys.readouterr().out)["questions"][0]["designs"][0]["methods"])
    assert seen[0] == seen[1] != seen[2]


@pytest.mark.parametrize("name", ["power.svg", "power.html"])
def test_the_picture_is_written_without_a_browser(root: Path, tmp_path: Path, capsys: Told, name: str) -> None:
    file = tmp_path / name
    assert main(["power", str(root), *DRAWS, "--picture", str(file)]) == 0
    assert f"Picture: {file}" in capsys.readouterr().out
    text = file.read_text(encoding="utf-8")
    ElementTree.fromstring(text[text.index("<svg") : text.index("</svg>") + 6])
    assert "as planned" in text and "http://www.w3.org/2000/svg" in text


def test_calls_that_are_not_offered_end_with_2(root: Path, capsys: Told) -> None:
    assert main(["power", str(root), "--picture", "power.png"]) == 2
    assert "end its name in .svg or .html" in capsys.readouterr().err
    assert main(["power", str(root), "--response-rate", "0.5"]) == 2
    assert "headcounts" in capsys.readouterr().err
    assert main(["power", str(root), "--response-rate", "2"]) == 2
    assert "a response rate of 2 is no share of people" in capsys.readouterr().err
    assert main(["power", str(root), "--attrition", "1"]) == 2
    assert "attrition of 1 is no share of answers" in capsys.readouterr().err
    assert main(["power", str(root), "--draws", "3"]) == 2


def test_a_picture_that_cannot_be_written_is_refused_before_anything_is_drawn(root: Path, tmp_path: Path, capsys: Told) -> None:
    (tmp_path / "taken.svg").mkdir()
    for file, why in (("nowhere/x.svg", "is in a folder that is not there"), ("taken.svg", "is a folder")):
        assert main(["power", str(root), *DRAWS, "--picture", str(tmp_path / file)]) == 2
        told = capsys.readouterr()
        assert why in told.err and "studies drawn" not in told.err and told.out == ""


def test_a_broken_protocol_ends_with_4(root: Path, capsys: Told) -> None:
    file = root / "protocol.yaml"
    file.write_text(file.read_text().replace("measure: awareness,", "measure: awarness,"))
    assert main(["power", str(root), *DRAWS]) == 4
    assert "awarness" in capsys.readouterr().err


def test_the_time_left_follows_from_the_pace_so_far(capsys: Told) -> None:
    moments = iter([0.0, 10.0, 40.0])
    told = time_left(clock=lambda: next(moments))
    for done in (500, 600, 2000):
        told(done, 5000)
    said = capsys.readouterr().err.splitlines()
    assert said == ["[500/5,000] studies drawn; about 90 s left", "[2,000/5,000] studies drawn; about 60 s left"]
