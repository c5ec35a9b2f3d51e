"""docs/commands.md is the program: every command and function, the files each step leaves, and the same bytes from both sides."""

import argparse
import fnmatch
import hashlib
import importlib
import json
import re
import shutil
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import asdict, dataclass
from io import StringIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

import evaluation as ev
from evaluation.audit_log import actor
from evaluation.backup import restore
from evaluation.cli.main import VERBS, main
from evaluation.cli.new_study import copy_template
from evaluation.cli.output import EXIT_CODES, Parser
from evaluation.draft_study import draft_study, write_workbook
from evaluation.findings import ledger
from evaluation.findings.verdict import RULES_VERSION
from evaluation.organisations.register import read_register
from evaluation.plan.page import plan_page
from evaluation.plan.undecided import undecided
from evaluation.plan.words import page_text
from evaluation.protocol.documents import read_documents
from evaluation.protocol.freeze import amend, freeze
from evaluation.protocol.schema import DOCUMENTS, json_schema, write_schemas
from evaluation.simulate.files import simulate
from evaluation.study import Study
from evaluation.waves import store
from evaluation.waves.drafts.mapping import draft_mapping
from evaluation.waves.lifecycle import check_stored, lock, today, wave_states
from evaluation.waves.load import Arriving, check_wave, load_wave
from evaluation.waves.people.keys import read_key
from evaluation.waves.storage.diff import diff_of
from evaluation.waves.withdraw import preview, withdraw
from tests.conftest import REPOSITORY
from tests.studies import tiny_study, tiny_wave

TEXT = (REPOSITORY / "docs" / "commands.md").read_text(encoding="utf-8")


@dataclass(frozen=True)
class Step:
    """One row of the table."""

    says: str
    command: str
    function: str
    writes: tuple[str, ...]
    codes: tuple[int, ...]

    @property
    def words(self) -> str:
        """The verb with its act: "wave load"."""
        return " ".join(re.findall(r"^pilot ([a-z]+(?: [a-z]+)?)", self.command))


def steps() -> list[Step]:
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in TEXT.splitlines() if line.startswith("| ") and "`pilot " in line]
    return [
        Step(says, command.strip("`"), function.strip("`"), tuple(re.findall(r"`([^`]+)`", writes)), tuple(map(int, codes.split())))
        for says, command, function, writes, codes in rows
    ]


def parsers() -> dict[str, argparse.ArgumentParser]:
    """The parser of every verb, or of each of its acts: "wave load"."""
    found: dict[str, argparse.ArgumentParser] = {}
    for name, verb in VERBS.items():
        subparsers = Parser(prog="pilot").add_subparsers()
        importlib.import_module(verb.module).add(subparsers)
        found |= dict(leaves(name, subparsers.choices[name]))
    return found


def leaves(name: str, parser: argparse.ArgumentParser) -> Iterator[tuple[str, argparse.ArgumentParser]]:
    acts = [action for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
    if not acts:
        yield name, parser
    for action in acts:
        for act, below in action.choices.items():
            yield from leaves(f"{name} {act}", below)


def said(*words: str | Path) -> str:
    """What a command that must succeed prints."""
    out, err = StringIO(), StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        code = main([str(word) for word in words])
    assert code == 0, out.getvalue() + err.getvalue()
    return out.getvalue()


def as_json(record: Any) -> str:
    """A record as `--json` prints it: two spaces, UTF-8, dates as text."""
    return json.dumps(record, ensure_ascii=False, indent=2, default=str) + "\n"


def tree(root: Path) -> dict[str, str]:
    """SHA-256 of every file by its path."""
    files = (path for path in root.rglob("*") if path.is_file())
    return {path.relative_to(root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def without_log(root: Path) -> dict[str, str]:
    return {name: digest for name, digest in tree(root).items() if name != "audit.jsonl"}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tiny_study(tmp_path / "study")


@pytest.fixture
def wave(tmp_path: Path) -> Path:
    return tiny_wave(tmp_path, "baseline", people=20)


@pytest.fixture
def loaded(root: Path, tmp_path: Path) -> Path:
    """The tiny study with two waves."""
    for name in ("baseline", "month_12"):
        said("wave", "load", root, tiny_wave(tmp_path, name, people=20), "--wave", name, "--population", "staff")
    return root


def options(wave: str = "baseline") -> list[str]:
    return ["--wave", wave, "--population", "staff"]


def test_every_verb_of_the_program_is_in_the_table_and_no_other() -> None:
    assert {step.words for step in steps()} == set(parsers())
    assert {step.words.split()[0] for step in steps()} == set(VERBS)


def test_exit_codes_are_those_of_the_help() -> None:
    told = {name: tuple(map(int, re.findall(r"^  (\d)  ", parser.epilog or "", re.MULTILINE))) for name, parser in parsers().items()}
    assert {step.command: step.codes for step in steps()} == {step.command: told[step.words] for step in steps()}


def test_every_option_of_the_table_is_offered() -> None:
    offered = {name: {word for action in parser._actions for word in action.option_strings} for name, parser in parsers().items()}
    for step in steps():
        assert set(re.findall(r"--[a-z]+", step.command)) <= offered[step.words]
        assert "--json" in offered[step.words]


def test_every_function_of_the_table_can_be_imported_and_called() -> None:
    for step in steps():
        module, _, name = step.function.rpartition(".")
        assert callable(getattr(importlib.import_module(module), name)), step.function


def test_exit_codes_mean_what_the_program_says() -> None:
    rows = dict(re.findall(r"^\| (\d) \| ([^|;]+?)(?:;[^|]*)? \|$", TEXT, re.MULTILINE))
    assert rows.keys() == {str(code) for code in EXIT_CODES}
    for code, says in rows.items():
        assert EXIT_CODES[int(code)].startswith(says), code


def written_by(command: str) -> tuple[str, ...]:
    return next(step.writes for step in steps() if step.command == command)


def test_each_step_leaves_the_files_that_the_table_says(root: Path, wave: Path, tmp_path: Path) -> None:
    follow_up = tiny_wave(tmp_path, "month_12", people=20)
    acts: list[tuple[str, list[str | Path]]] = [
        ("pilot check STUDY", ["check", root]),
        ("pilot wave map STUDY FILE", ["wave", "map", root, wave, "--name", "canonical"]),
        ("pilot wave check STUDY FILE", ["wave", "check", root, wave, *options()]),
        ("pilot wave load STUDY FILE", ["wave", "load", root, wave, *options()]),
        ("pilot wave load STUDY FILE", ["wave", "load", root, follow_up, *options("month_12")]),
        ("pilot wave list STUDY", ["wave", "list", root]),
        ("pilot wave verify STUDY --wave W --population P", ["wave", "verify", root, *options()]),
        ("pilot wave lock STUDY --wave W --population P", ["wave", "lock", root, *options(), "--as", "A Second"]),
        (
            "pilot wave lock STUDY --wave W --population P --reopen --reason R",
            ["wave", "lock", root, *options(), "--reopen", "--reason", "late answers"],
        ),
        (
            "pilot wave withdraw STUDY --wave W --population P --organisation O --reason R",
            ["wave", "withdraw", root, *options(), "--organisation", "C5", "--reason", "of another wave"],
        ),
        ("pilot freeze STUDY", ["freeze", root]),
        ("pilot run STUDY", ["run", root]),
        ("pilot results list STUDY", ["results", "list", root]),
        ("pilot results show STUDY ID", ["results", "show", root, "R-0001"]),
        ("pilot doctor STUDY", ["doctor", root]),
    ]
    for command, words in acts:
        before = tree(root)
        said(*words)
        now = tree(root)
        touched = [name for name in now if now[name] != before.get(name)]
        patterns = written_by(command)
        assert before.keys() <= now.keys()
        assert not [name for name in touched if not any(fnmatch.fnmatch(name, pattern) for pattern in patterns)], command
        assert not [pattern for pattern in patterns if not fnmatch.filter(touched, pattern)], command


def test_new_copies_the_same_study(tmp_path: Path) -> None:
    said("new", tmp_path / "one", "--template", "values-pilot")
    copy_template("values-pilot", tmp_path / "two", actor())
    assert without_log(tmp_path / "one") == without_log(tmp_path / "two")
    assert set(written_by("pilot new DIR")) - {"mappings/*"} <= {*tree(tmp_path / "one"), "instruments/*"}


def test_new_drafts_the_same_study(tmp_path: Path, wave: Path) -> None:
    said("new", tmp_path / "draft", "--from", wave, "--title", "Draft")
    draft_study(wave, tmp_path / "again" / "draft", name="Draft")
    assert without_log(tmp_path / "draft") == without_log(tmp_path / "again" / "draft")


def test_new_writes_the_same_workbook(tmp_path: Path) -> None:
    said("new", "--workbook", tmp_path / "one.xlsx")
    write_workbook(tmp_path / "two.xlsx")
    books = []
    for name in ("one.xlsx", "two.xlsx"):
        with ZipFile(tmp_path / name) as book:
            books.append({part: book.read(part) for part in book.namelist() if part != "docProps/core.xml"})
    assert books[0] == books[1], "only the moment of its making, in docProps/core.xml, may differ"


def test_check_prints_the_page(root: Path) -> None:
    page = plan_page(read_documents(root))
    assert said("check", root) == page_text(page).rstrip("\n") + "\n"
    assert said("check", root, "--json") == as_json(page.as_record() | {"undecided": list(undecided(root))})


def test_freeze_and_amend_seal_the_same_plan(root: Path, tmp_path: Path) -> None:
    twin = Path(shutil.copytree(root, tmp_path / "twin" / "study"))
    assert json.loads(said("freeze", root, "--json"))["hash"] == freeze(twin, actor()).hash
    for study in (root, twin):
        text = (study / "protocol.yaml").read_text(encoding="utf-8")
        (study / "protocol.yaml").write_text(text.replace("version: 1", "version: 2", 1), encoding="utf-8")
    told = json.loads(said("amend", root, "--reason", "a second version", "--json"))
    assert (told["hash"], told["number"]) == ((seal := amend(twin, "a second version", actor())).hash, seal.number)


def test_quality_prints_what_the_function_finds(loaded: Path) -> None:
    found = ev.quality_report(loaded)
    assert said("quality", loaded) == found.summary().rstrip("\n") + "\n"
    assert said("quality", loaded, "--json") == as_json(found.as_record())


def test_power_prints_what_the_function_draws(root: Path) -> None:
    found = ev.power(root, draws=100, seed=3)
    assert said("power", root, "--draws", "100", "--seed", "3", "--json") == as_json(found.as_record())
    assert said("power", root, "--draws", "100", "--seed", "3").startswith(found.summary())


def test_wave_map_writes_the_draft(root: Path, wave: Path) -> None:
    path = Path(json.loads(said("wave", "map", root, wave, "--json"))["path"])
    documents = read_documents(root)
    assert path.read_text(encoding="utf-8") == draft_mapping(wave, documents, read_register(documents), "staff")


def test_wave_check_says_what_the_function_finds(root: Path, wave: Path) -> None:
    read_key(root)  # `pilot new` makes it; without one every check would hash under a key of its own
    found = check_wave(Study(root), Arriving(wave, "baseline", "staff"))
    record = {
        "verdict": found.verdict,
        "read": found.read.as_record(),
        "would_store": asdict(found.stored),
        "compared": list(found.compared),
        "report": None,
    }
    assert said("wave", "check", root, wave, *options(), "--json") == as_json(record)


def test_wave_load_stores_the_same_rows(root: Path, wave: Path, tmp_path: Path) -> None:
    twin = Path(shutil.copytree(root, tmp_path / "twin" / "study"))
    said("wave", "load", root, wave, *options())
    load_wave(Study(twin), Arriving(wave, "baseline", "staff"), actor=actor())
    stored = [sorted(hashlib.sha256(file.read_bytes()).hexdigest() for file in study.rglob("*.parquet")) for study in (root, twin)]
    assert stored[0] == stored[1] != []
    assert tree(root / "inbox") == tree(twin / "inbox")


def test_wave_list_prints_the_loads(loaded: Path) -> None:
    assert json.loads(said("wave", "list", loaded, "--json"))["loads"] == store.loads(Study(loaded)).to_dict(orient="records")


def test_what_erases_leaves_no_file_behind_that_the_table_does_not_name(loaded: Path) -> None:
    said("run", loaded)
    acts: list[tuple[str, list[str | Path]]] = [
        ("pilot wave rekey STUDY", ["wave", "rekey", loaded]),
        ("pilot wave erase STUDY --population P", ["wave", "erase", loaded, "--population", "staff", "--respondent", "P1-0003"]),
        ("pilot wave retire STUDY", ["wave", "retire", loaded]),
    ]
    for command, words in acts:
        before = tree(loaded)
        said(*words)
        now = tree(loaded)
        touched = {name.split("/")[0] for name in {*before, *now} if now.get(name) != before.get(name)}
        assert touched <= {pattern.split("/")[0] for pattern in written_by(command)}, command


def test_keeping_a_wave_prints_what_the_functions_return(loaded: Path, tmp_path: Path) -> None:
    study, documents = Study(loaded), read_documents(loaded)
    twin = Study(Path(shutil.copytree(loaded, tmp_path / "twin" / "study")))
    checked = check_stored(twin, documents, "staff", "baseline", actor=actor())
    assert said("wave", "verify", loaded, *options(), "--json") == as_json(asdict(checked))
    printed = json.loads(said("wave", "lock", loaded, *options(), "--as", "A Second", "--json"))
    assert printed["second_person_verified"] is lock(twin, documents, "staff", "baseline", actor=actor("A Second")).verified
    listed = json.loads(said("wave", "list", loaded, "--json"))["waves"]
    assert listed == json.loads(as_json([one.as_record() for one in wave_states(study, documents, today())]))
    assert json.loads(said("wave", "diff", loaded, *options(), "--from", "1", "--json"))["corrections"] == {}
    assert diff_of(study, "staff", "baseline", 1).corrections.as_record() == {}


def test_a_withdrawal_prints_what_the_functions_return(loaded: Path) -> None:
    words = ["wave", "withdraw", loaded, *options(), "--organisation", "P1", "--reason", "of another wave", "--json"]
    seen = preview(Study(loaded), "staff", "baseline", ["P1"], "of another wave")
    assert said(*words, "--dry-run") == as_json({"dry_run": True, **asdict(seen)})
    twin = Study(Path(shutil.copytree(loaded, loaded.parent / "twin" / "study")))
    found = withdraw(twin, "staff", "baseline", ["P1"], "of another wave", actor=actor())
    printed = json.loads(said(*words))
    assert printed.items() >= json.loads(as_json({"dry_run": False, **asdict(found)})).items()


def test_backup_and_restore_print_and_write_what_the_functions_do(loaded: Path, tmp_path: Path) -> None:
    printed = json.loads(said("backup", loaded, tmp_path / "one.zip", "--json"))
    assert printed["sha256"] == (tmp_path / "one.zip").read_bytes()[-64:].decode()
    said("restore", tmp_path / "one.zip", tmp_path / "one")
    restore(tmp_path / "one.zip", tmp_path / "two", actor=actor())
    assert without_log(tmp_path / "one") == without_log(tmp_path / "two")


def test_run_prints_and_keeps_what_the_function_returns(loaded: Path, tmp_path: Path) -> None:
    twin = Path(shutil.copytree(loaded, tmp_path / "twin" / "study"))
    printed, findings = said("run", loaded, "--json"), ev.run(twin)
    assert printed == as_json({"result_id": findings.result_id, "result_number": findings.result_number, **findings.as_record()})
    assert said("run", loaded).startswith(findings.summary())
    contents = [ledger.find(study / "results", "R-0001").content for study in (loaded, twin)]
    assert ledger.canonical(contents[0]) == ledger.canonical(contents[1])
    releases = [ev.read_release(study / "releases" / "preview").model_copy(update={"made": None}) for study in (loaded, twin)]
    assert releases[0].model_dump_json() == releases[1].model_dump_json()


def test_results_print_what_the_ledger_holds(loaded: Path) -> None:
    findings = ev.run(loaded)
    kept = ledger.find(loaded / "results", "R-0001")
    record = {"number": kept.number, "id": kept.id, "content": kept.content, "environment": kept.environment}
    assert said("results", "show", loaded, "--json") == said("results", "show", loaded, kept.id, "--json") == as_json(record)
    (listed,) = json.loads(said("results", "list", loaded, "--json"))["results"]
    assert [(listed["number"], listed["id"])] == [(one.number, one.id) for one in ledger.all_results(loaded / "results")]
    assert listed["id"] == findings.result_id


def test_simulate_writes_the_same_answers(root: Path, tmp_path: Path) -> None:
    twin = Path(shutil.copytree(root, tmp_path / "twin" / "study"))
    printed = said("simulate", root, "--seed", "7", "--out", tmp_path / "one", "--json")
    made = simulate(Study(twin), tmp_path / "two", 7)
    assert tree(tmp_path / "one") == tree(tmp_path / "two") != {}
    assert (root / "simulated.json").read_bytes() == (twin / "simulated.json").read_bytes()
    assert json.loads(printed)["sentence"] == made.sentence


def test_schema_prints_and_writes_the_generated_schemas(tmp_path: Path) -> None:
    printed = json.loads(said("schema", "--json"))
    for document in DOCUMENTS:
        assert printed[document.name] == {"where": document.where, "schema": json.loads(json.dumps(json_schema(document)))}
    said("schema", "--write", tmp_path / "one")
    write_schemas(tmp_path / "two")
    one, two = tree(tmp_path / "one"), tree(tmp_path / "two")
    assert {name: one[name] for name in two if name != "README.md"} == {name: two[name] for name in two if name != "README.md"}
    patterns = written_by("pilot schema --write DIR")
    assert not [name for name in one if not any(fnmatch.fnmatch(name, pattern) for pattern in patterns)]


def test_doctor_counts_what_the_function_reads(loaded: Path) -> None:
    health = store.rehash(Study(loaded))
    printed = said("doctor", loaded, "--json")
    assert health.files == 2
    assert not health.problems
    assert f"staff version {health.versions['staff']}; {health.files} files" in json.loads(printed)["study"]["store"]


def test_the_python_of_the_page_runs(loaded: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (block,) = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)
    monkeypatch.chdir(tmp_path)
    loaded.rename(tmp_path / "my-study")
    (tmp_path / "answers").mkdir()
    tiny_wave(tmp_path, "baseline", people=20).rename(tmp_path / "answers" / "staff-baseline.csv")
    out = StringIO()
    with redirect_stdout(out):
        exec(compile(block, "docs/commands.md", "exec"), {})
    assert "A tiny pilot" in out.getvalue()
    assert f'"verdict_rules": {RULES_VERSION}' in out.getvalue()
