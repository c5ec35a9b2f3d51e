"""What `pilot doctor` looks at: the program, the computer, and a study byte by byte."""

import argparse
import os
import platform
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib.metadata import Distribution, PackageNotFoundError, distribution, version
from pathlib import Path
from typing import Any

from evaluation.audit_log import verify
from evaluation.cli.output import counted, emit, progress, table
from evaluation.errors import IntegrityError, MachineError, PilotError, Problem
from evaluation.evidence.engine import engine
from evaluation.organisations.headcounts import read_headcounts
from evaluation.organisations.register import read_register
from evaluation.protocol.documents import read_documents
from evaluation.protocol.freeze import check_frozen
from evaluation.study import Study
from evaluation.waves import store
from evaluation.waves.lifecycle import today
from evaluation.waves.people.keys import key_file, read_key
from evaluation.waves.retire import due

PROGRAM = "pilot-evaluation"
LIBRARIES = (
    "pandas",
    "statsmodels",
    "pingouin",
    "scipy",
    "plotly",
    "dash",
    "polars",
    "pyarrow",
    "deltalake",
    "ibis-framework",
    "duckdb",
    "pydantic",
    "numpy",
)
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome", "msedge")


@dataclass
class Examined:
    """What was looked at, part by part, in words and as a record, and what is wrong."""

    parts: dict[str, dict[str, str]] = field(default_factory=dict)
    record: dict[str, Any] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    exit_code: int = 0

    def blame(self, refusal: PilotError) -> str:
        """Note a refusal; the first one decides the exit code."""
        self.problems += refusal.problems
        self.exit_code = self.exit_code or refusal.exit_code
        return f"NOT IN ORDER: {refusal.problems[0].what}"


def examine(args: argparse.Namespace) -> int:
    """Look at everything and print it; 0 when all is in order, else the code of the first thing that is not."""
    study = Study.open(args.study) if args.study else None
    found = Examined()
    progress(1, 2 if study else 1, "the program and this computer")
    _program(found)
    _computer(found, study)
    if study:
        progress(2, 2, f"every stored byte of {study.name}")
        _study(found, study)
    found.record["problems"] = [problem.as_record() for problem in found.problems]
    emit(args, found.record, "\n".join(_told(found)))
    return found.exit_code


def _program(found: Examined) -> None:
    libraries = {name: version(name) for name in LIBRARIES}
    packages, size = installed_size()
    found.record["program"] = {
        "version": _version(),
        "python": platform.python_version(),
        "libraries": libraries,
        "packages": packages,
        "bytes": size,
    }
    found.parts[f"pilot {_version()} on Python {platform.python_version()}, {platform.system()}"] = {
        "installed": f"{size / 1e6:,.0f} MB in {counted(packages, 'package')}",
        "libraries": ", ".join(f"{name} {number}" for name, number in libraries.items()),
    }


def _computer(found: Examined, study: Study | None) -> None:
    browser = find_browser()
    key = _key(found, study)
    engine_says = _engine(found)
    found.record["computer"] = {"engine": engine_says, "browser": browser, "key": key}
    found.parts["This computer"] = {
        "engine": engine_says,
        "key": key,
        "browser": browser or "no Chromium found: needed only by the browser tests; set BROWSER_PATH if it is elsewhere",
    }


def _engine(found: Examined) -> str:
    try:
        answer = engine().raw_sql("SELECT 20 + 22").fetchall()
    except (OSError, RuntimeError) as fault:
        return found.blame(MachineError(f"the engine does not answer: {fault}.", fix="install the program again."))
    return f"DuckDB {version('duckdb')} answers" if answer == [(42,)] else "DuckDB answers wrongly"


def _key(found: Examined, study: Study | None) -> str:
    file = key_file()
    if not file.exists():
        held = study is not None and store.holds_pseudonyms(study)
        return f"{file}: not there" + ("; no further wave can be loaded without it" if held else " yet; made when first needed")
    try:
        read_key(study.root if study else Path(os.devnull))
    except MachineError as refusal:
        return found.blame(refusal)
    return f"{file}: there, readable by its owner only" if os.name == "posix" else f"{file}: there"


def _study(found: Examined, study: Study) -> None:
    facts = {
        "documents": _documents(found, study),
        "log of acts": _log(found, study),
        "store": _store(found, study),
        "kept by promise": _retention(found, study),
    }
    if study.simulated_file.exists():
        facts["data"] = "simulated"
    found.record["study"] = {"name": study.name, **facts}
    found.parts[f"Study {study.name}"] = facts


def _documents(found: Examined, study: Study) -> str:
    try:
        documents = read_documents(study.root)
        register = read_register(documents)
        for population in documents.protocol.populations:
            read_headcounts(documents, register, population)
        seal = check_frozen(documents)
    except PilotError as refusal:
        return found.blame(refusal)
    plan = f"plan {seal.number} frozen on {seal.sealed_at[:10]}" if seal else "not yet frozen"
    return f"in order, {len(register.units)} units, fingerprint {documents.fingerprint[:16]}, {plan}"


def _log(found: Examined, study: Study) -> str:
    try:
        entries = verify(study.audit_file)
    except IntegrityError as refusal:
        return found.blame(refusal)
    return f"{counted(len(entries), 'act')}, unbroken, head {entries[-1].hash[:16]}" if entries else "no act yet"


def _retention(found: Examined, study: Study) -> str:
    try:
        return "; ".join(due(study, today()).sentences())
    except PilotError as refusal:
        return found.blame(refusal)


def _store(found: Examined, study: Study) -> str:
    try:
        health = store.rehash(study)
    except PilotError as refusal:
        return found.blame(refusal)
    if health.problems:
        return found.blame(IntegrityError(health.problems))
    versions = ", ".join(f"{population} version {number}" for population, number in health.versions.items()) or "empty"
    acts = counted(health.unfinished, "act that was stopped", "acts that were stopped")
    unfinished = f"; {acts}, finished by the next command that writes" if health.unfinished else ""
    return f"{versions}; {counted(health.files, 'file')} ({health.bytes / 1e6:,.1f} MB) as written{unfinished}"


def _told(found: Examined) -> Iterator[str]:
    for heading, facts in found.parts.items():
        yield heading
        yield table(list(facts.items()), indent="  ")
    yield ""
    if found.problems:
        yield f"{counted(len(found.problems), 'problem')}:"
        yield from (f"- {problem}" for problem in found.problems)
    else:
        yield "All in order."


def find_browser() -> str | None:
    """Path of a Chromium, by BROWSER_PATH or on the search path."""
    named = os.environ.get("BROWSER_PATH")
    if named:
        return named if Path(named).is_file() else None
    return next((path for path in map(shutil.which, BROWSERS) if path), None)


def installed_size() -> tuple[int, int]:
    """Packages that the program needs, and the bytes of their files, as their installers recorded them."""
    waiting, seen, size = [PROGRAM, *LIBRARIES], set[str](), 0
    while waiting:
        name = _plain(waiting.pop())
        package = None if name in seen else _distribution(name)
        if package is None:
            continue
        seen.add(name)
        size += sum(file.size or 0 for file in package.files or ())
        waiting += [_name_of(need) for need in package.requires or () if "extra ==" not in need]
    return len(seen), size


def _distribution(name: str) -> Distribution | None:
    try:
        return distribution(name)
    except PackageNotFoundError:
        return None


def _name_of(requirement: str) -> str:
    return re.split(r"[\s\[<>=!~;(]", requirement, maxsplit=1)[0]


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _version() -> str:
    package = _distribution(PROGRAM)
    return package.version if package else "(not installed)"
