"""The program as a whole: help, exit codes, refusals. Source of codes and words: the command-line contract in `cli/output.py`."""

import argparse
import importlib
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from evaluation.cli.main import VERBS, main
from evaluation.cli.output import EXIT_CODES, Parser
from tests.conftest import REPOSITORY

HEAVY = (
    "pandas",
    "numpy",
    "polars",
    "pyarrow",
    "deltalake",
    "duckdb",
    "ibis",
    "statsmodels",
    "pingouin",
    "dash",
    "plotly",
    "pydantic",
    "ruamel",
)


def present(name: str) -> bool:
    return (REPOSITORY / Path(*VERBS[name].module.split("."))).with_suffix(".py").is_file()


def program(*words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "evaluation", *words]
    return subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, timeout=60, check=False)


def test_help_answers_in_under_half_a_second() -> None:
    times = []
    for _ in range(3):
        started = time.perf_counter()
        done = program("--help")
        times.append(time.perf_counter() - started)
        assert done.returncode == 0
    assert min(times) < 0.5
    assert all(name in done.stdout for name in VERBS)


HELPS = (
    ["--help"],
    ["wave", "--help"],
    ["wave", "load", "--help"],
    ["wave", "check", "--help"],
    ["wave", "map", "--help"],
    ["new", "--help"],
    ["freeze", "--help"],
    ["amend", "--help"],
    ["doctor", "--help"],
    ["schema", "--help"],
    ["run", "--help"],
    ["results", "--help"],
    ["serve", "--help"],
)


def test_help_imports_no_heavy_library() -> None:
    look = (
        f"import sys; from evaluation.cli.main import main; codes = [main(words) for words in {HELPS!r}]; "
        f"print(set(codes), [name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", look], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "{0} []"


def test_every_exit_code_of_the_contract_is_in_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0
    text = capsys.readouterr().out
    assert set(EXIT_CODES) == set(range(8))
    assert all(f"  {code}  {says}" in text for code, says in EXIT_CODES.items())


def test_an_unknown_verb_is_refused_with_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["chek"]) == 2
    assert capsys.readouterr().err.startswith("UsageError: pilot has no verb 'chek'.\n  fix:   did you mean 'pilot check'?")


def test_a_refusal_in_json_is_one_document_on_standard_output(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["wave", "load", "--json"]) == 2
    told = capsys.readouterr()
    error = json.loads(told.out)["error"]
    assert (error["kind"], error["exit_code"], told.err) == ("UsageError", 2, "")
    assert error["problems"][0]["fix"] == "see 'pilot wave load --help'."


def test_a_fault_of_the_computer_ends_with_seven_and_no_traceback(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(args: argparse.Namespace) -> int:
        raise OSError(28, "No space left on device", "somewhere/file")

    monkeypatch.setattr(importlib.import_module(VERBS["schema"].module), "handler", full)
    assert main(["schema"]) == 7
    assert "No space left on device" in capsys.readouterr().err


@pytest.mark.parametrize("name", VERBS)
def test_every_verb_explains_its_arguments_and_exit_codes(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    if not present(name):
        pytest.skip(f"'{name}' is not in this build")
    parser = Parser(prog="pilot")
    subparsers = parser.add_subparsers(dest="verb")
    importlib.import_module(VERBS[name].module).add(subparsers)
    for leaf in leaves(subparsers.choices[name]):
        text = leaf.format_help()
        assert "exit codes:" in text, leaf.prog
        assert "--json" in text or name in {"serve"}, leaf.prog
        for action in leaf._actions:
            assert action.help, f"{leaf.prog} does not explain {action.dest}"


def leaves(parser: argparse.ArgumentParser) -> list[argparse.ArgumentParser]:
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            return [leaf for child in action.choices.values() for leaf in leaves(child)]
    return [parser]


@pytest.mark.skipif(os.name != "posix", reason="closing a pipe early is told apart on POSIX only")
def test_a_reader_that_stops_reading_is_no_error() -> None:
    command = f"{sys.executable} -m evaluation --help | head -n 1"
    done = subprocess.run(command, shell=True, cwd=REPOSITORY, capture_output=True, text=True, check=True)
    assert "Traceback" not in done.stderr
