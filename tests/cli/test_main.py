"""The program as a whole: help, exit codes, refusals. Source of codes and words: the command-line contract in `cli/output.py`."""

import argparse
import importlib
import json
import os
import re
import subprocess
import sys

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


def leaves(parser: argparse.ArgumentParser) -> list[argparse.ArgumentParser]:
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            return [leaf for child in action.choices.values() for leaf in leaves(child)]
    return [parser]


def acts(name: str) -> list[argparse.ArgumentParser]:
    """The parser of every act of a verb; the verb's own when it has no acts."""
    subparsers = Parser(prog="pilot").add_subparsers(dest="verb")
    importlib.import_module(VERBS[name].module).add(subparsers)
    return leaves(subparsers.choices[name])


def test_the_overview_names_every_verb(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    shown = capsys.readouterr().out
    assert all(f"  {name} " in shown and verb.says in shown for name, verb in VERBS.items())


def test_no_help_imports_a_heavy_library() -> None:
    """Help is instant because it imports next to nothing; asked of every verb and every act, in one process."""
    helps = [["--help"], *([*leaf.prog.split()[1:], "--help"] for name in VERBS for leaf in acts(name))]
    helps += [[name, "--help"] for name in VERBS if [name, "--help"] not in helps]
    look = (
        f"import sys; from evaluation.cli.main import main; codes = [main(words) for words in {helps!r}]; "
        f"print(set(codes), [name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", look], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "{0} []"
    assert done.stdout.count("usage: pilot") == len(helps) > len(VERBS)


def test_a_verb_promises_the_acts_that_it_has_and_no_other() -> None:
    known = {"map", "check", "load", "list", "verify", "lock", "diff", "withdraw", "erase", "rekey", "retire", "show", "compare"}
    for name in ("wave", "results"):
        assert known & set(re.findall(r"\w+", VERBS[name].says)) == {leaf.prog.split()[-1] for leaf in acts(name)}


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
    for leaf in acts(name):
        text = leaf.format_help()
        assert "exit codes:" in text, leaf.prog
        assert "--json" in text, leaf.prog
        for action in leaf._actions:
            assert action.help, f"{leaf.prog} does not explain {action.dest}"


@pytest.mark.skipif(os.name != "posix", reason="closing a pipe early is told apart on POSIX only")
def test_a_reader_that_stops_reading_is_no_error() -> None:
    command = f"{sys.executable} -m evaluation --help | head -n 1"
    done = subprocess.run(command, shell=True, cwd=REPOSITORY, capture_output=True, text=True, check=True)
    assert "Traceback" not in done.stderr
