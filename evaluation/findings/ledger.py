"""The ledger: results that never change.

A result is `results/R-0001/result.json`. Its id is `r-` and ten hex digits of the SHA-256 of its content, written canonically:
keys sorted, numbers at twelve significant digits, so that the last bits in which processors differ make no new result. The
content is what was asked and what was found: the plan's fingerprint, the data's, the seed, the rules of judging, the findings.
How it was computed (code, libraries, machine, moment) stands beside it, sealed too but not part of the id: two machines that
reach the same numbers reach the same result.
"""

import hashlib
import json
import math
import os
import re
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evaluation.errors import IntegrityError, MachineError, UsageError

FORM = 1
_NUMBERED = re.compile(r"R-(\d{4,})")


@dataclass(frozen=True)
class Result:
    """One kept result. `content` is what its id is the hash of, `environment` how it was computed."""

    id: str
    number: str
    content: Mapping[str, Any]
    environment: Mapping[str, Any]
    file: Path


def canonical(content: Mapping[str, Any]) -> str:
    """The one way to write `content`: sorted keys, no spaces, numbers at twelve significant digits, null for none."""
    return json.dumps(_steady(content), sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def id_of(content: Mapping[str, Any]) -> str:
    """`r-` and ten hex digits of the SHA-256 of the canonical content."""
    return f"r-{_digest(content)[:10]}"


def keep(results: Path, content: Mapping[str, Any], environment: Mapping[str, Any]) -> Result:
    """Enter a result; content that the ledger already holds keeps its number and is not written again.

    Raises:
        IntegrityError: a kept result is not what was written.
        MachineError: disk full or no permission; the ledger is as it was.
    """
    same = next((kept for kept in all_results(results) if kept.id == id_of(content)), None)
    return same or _enter(results, content, environment)


def all_results(results: Path) -> Iterator[Result]:
    """Every result, oldest first, each checked against its hashes."""
    folders = sorted((path for path in results.glob("R-*") if _NUMBERED.fullmatch(path.name)), key=_place)
    return (read(folder) for folder in folders)


def find(results: Path, name: str) -> Result:
    """The result of that id or number.

    Raises:
        UsageError: the ledger has no such result.
    """
    known = list(all_results(results))
    wanted = [kept for kept in known if name in (kept.id, kept.number)]
    if not wanted:
        held = f"{known[0].number} to {known[-1].number}" if known else "no result yet"
        fix = f"see 'pilot results list'; the ledger holds {held}."
        raise UsageError(f"there is no result '{name}'.", fix=fix, code="no-result")
    return wanted[0]


def latest(results: Path) -> Result | None:
    """The result with the highest number; None when there is none."""
    return next(reversed(list(all_results(results))), None)


def before(results: Path, result: Result) -> Mapping[str, Any] | None:
    """The content of the result numbered just before `result`; None for the first."""
    earlier = [kept.content for kept in all_results(results) if _place(kept.file.parent) < _place(result.file.parent)]
    return earlier[-1] if earlier else None


def read(folder: Path) -> Result:
    """One result, after checking both seals.

    Raises:
        IntegrityError: the file is not what was written.
    """
    file = folder / "result.json"
    try:
        kept = json.loads(file.read_bytes())
        sound = (_digest(kept["content"]), _digest(kept["environment"]), kept["id"], kept["number"], kept["form"]) == (
            kept["content_sha256"], kept["environment_sha256"], id_of(kept["content"]), folder.name, FORM)
    except (OSError, ValueError, KeyError, TypeError):
        sound = False
    if not sound:
        raise IntegrityError(
            f"result {folder.name} is not what was written.", where=f"results/{folder.name}/result.json",
            fix="put the file back from a backup; results are never edited.", code="result-changed",
        )
    return Result(kept["id"], kept["number"], kept["content"], kept["environment"], file)


def _enter(results: Path, content: Mapping[str, Any], environment: Mapping[str, Any]) -> Result:
    taken = [_place(path) for path in results.glob("R-*") if _NUMBERED.fullmatch(path.name)]
    number = f"R-{max(taken, default=0) + 1:04d}"
    record = {
        "form": FORM, "id": id_of(content), "number": number, "content_sha256": _digest(content), "content": _steady(content),
        "environment_sha256": _digest(environment), "environment": _steady(environment),
    }
    new = results / f".{number}.{os.getpid()}.new"
    try:
        for left in results.glob(".R-*.new"):  # of a process that died; the study's lock lets one write
            shutil.rmtree(left)
        new.mkdir(parents=True)
        _write(new / "result.json", json.dumps(record, indent=1, ensure_ascii=False, allow_nan=False))
        new.rename(results / number)
    except OSError as fault:
        shutil.rmtree(new, ignore_errors=True)
        raise MachineError(f"the result could not be kept: {fault.strerror}.", where=f"results/{number}") from fault
    return read(results / number)


def _write(file: Path, text: str) -> None:
    with file.open("x", encoding="utf-8") as out:
        out.write(text + "\n")
        out.flush()
        os.fsync(out.fileno())


def _place(folder: Path) -> int:
    return int(folder.name.removeprefix("R-"))


def _digest(content: Mapping[str, Any]) -> str:
    return hashlib.sha256(canonical(content).encode()).hexdigest()


def _steady(value: Any) -> Any:
    """The same value with numbers at twelve significant digits, in the plain types of JSON."""
    if isinstance(value, Mapping):
        return {str(key): _steady(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_steady(one) for one in value]
    if hasattr(value, "item"):
        return _steady(value.item())
    if isinstance(value, float):
        return float(f"{value:.12g}") + 0.0 if math.isfinite(value) else None
    return str(value) if isinstance(value, str) else value
