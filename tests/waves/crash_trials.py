"""The other trials of `make crash`: each harms a small study in one way, many times, and counts what should be nought.

Goals I2 to I5 of docs/disclosure.md: a full disk is told and keeps the old version; every flipped bit and every cut is found; the same
answers twice are no rows; readers see one version, and a second writer is told within a second.
"""

import errno
import os
import random
import shutil
import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from deltalake import DeltaTable

from evaluation.cli.main import main
from evaluation.errors import BusyError, IntegrityError
from evaluation.study import Study
from evaluation.waves import store
from tests.studies import tiny_wave
from tests.waves.crash_kills import PEOPLE, Figures, held, own_key
from tests.waves.nursery import nursery_open
from tests.waves.storing import ACTOR, WAVES, arriving, only, study_in, tree

ROWS = 48

WRITERS: tuple[tuple[Any, str], ...] = (
    (os, "open"), (os, "fsync"), (os, "link"), (os, "ftruncate"), (Path, "open"), (Path, "mkdir"), (Path, "replace"),
    (Path, "write_text"), (shutil, "copyfileobj"), (DeltaTable, "create"), (DeltaTable, "create_write_transaction"),
)  # fmt: skip
"""Everything of Python's by which an act can write; Delta Lake's own writes are met by a limit on file size."""


def full_disks(folder: Path, seed: int) -> Figures:
    """Every act of writing with the disk full from the first call on, from the second, and so on, and at each call alone."""
    del seed
    figures = {
        "acts": len(ACTS),
        "calls": 0,
        "told": 0,
        "went_on": 0,
        "other_codes": 0,
        "old_version_lost": 0,
        "not_done_after": 0,
    }
    with own_key(folder):
        root = study_in(folder / "full").root
        for wave in WAVES[:2]:
            _quiet(
                ["wave", "load", str(root), str(tiny_wave(folder, wave, people=PEOPLE)), "--wave", wave, "--population", "staff"]
            )
        _quiet(["wave", "lock", str(root), "--wave", "baseline", "--population", "staff", "--as", "Second"])
        tiny_wave(folder, "month_12", people=PEOPLE)
        for words in ACTS.values():
            _fill(folder, root, words, figures)
    return figures


ACTS: Mapping[str, tuple[str, ...]] = {
    "load": ("wave", "load", "{study}", "{folder}/month_12.csv", "--wave", "month_12", "--population", "staff"),
    "lock": ("wave", "lock", "{study}", "--wave", "month_6", "--population", "staff", "--as", "Second"),
    "reopen": ("wave", "lock", "{study}", "--wave", "baseline", "--population", "staff", "--reopen", "--reason", "late"),
    "erase": ("wave", "erase", "{study}", "--population", "staff", "--respondent", "P1-0003"),
    "rekey": ("wave", "rekey", "{study}"),
    "backup": ("backup", "{study}", "{folder}/{unique}.zip"),
}


def _fill(folder: Path, root: Path, words: tuple[str, ...], figures: Figures) -> None:
    number, lasting = 1, True
    while True:
        study = Path(shutil.copytree(root, folder / f"copy-{number}-{lasting}" / "full"))
        keys = {path: path.read_bytes() for path in (folder / "keys").iterdir()}
        before = held(Study(study))
        said = [word.format(study=study, folder=folder, unique=study.parent.name) for word in words]
        with full_from(number, lasting=lasting) as calls:
            code = _quiet(said)
        reached = calls[0] >= number
        if reached:
            figures["calls"] += 1
            figures["told"] += code == 7
            figures["went_on"] += code == 0
            figures["other_codes"] += code not in (0, 7)
            figures["old_version_lost"] += any(held(Study(study)).get(place, 0) < rows - 1 for place, rows in before.items())
            again = code == 0 or _quiet([word.replace(".zip", "-again.zip") for word in said])
            sound = not store.rehash(Study(study)).problems
            figures["not_done_after"] += not ((again is True or again == 0) and sound)
        for path, content in keys.items():
            path.write_bytes(content)
        shutil.rmtree(study.parent)
        if not reached and not lasting:
            return
        number, lasting = (number, False) if lasting and reached else (number + 1, True) if reached else (number, False)


@contextmanager
def full_from(number: int, *, lasting: bool) -> Iterator[list[int]]:
    """No space left from the `number`th call that writes, or at that call alone; the list holds how many calls there were."""
    calls = [0]
    with pytest.MonkeyPatch.context() as patch:
        for owner, name in WRITERS:
            patch.setattr(owner, name, _full(getattr(owner, name), name, number, lasting, calls))
        yield calls


def _full(real: Callable[..., Any], name: str, number: int, lasting: bool, calls: list[int]) -> Callable[..., Any]:
    def full(*given: Any, **named: Any) -> Any:
        if _writes(name, given, named):
            calls[0] += 1
            if calls[0] == number or (lasting and calls[0] > number):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return real(*given, **named)

    return full


def _writes(name: str, given: tuple[Any, ...], named: Mapping[str, Any]) -> bool:
    if name != "open":
        return True
    how = given[1] if len(given) > 1 else named.get("mode", "r")
    return bool(set(how) & set("wax+")) if isinstance(how, str) else bool(how & (os.O_WRONLY | os.O_RDWR))


def small_files(folder: Path, seed: int) -> Figures:
    """A limit on the size of files, from 200 bytes up, met by whoever writes, Delta Lake too; lifted, the load is done."""
    del seed
    with own_key(folder), nursery_open() as nursery:
        study = study_in(folder)
        store.load(study, arriving(study, "baseline"), actor=ACTOR)
        nursery.start("many limits", study)
        told, ended = nursery.rest()
        refused = [(code, version) for _, code, version in told if code != "0"]
        figures: Figures = {"limits": len(told), "refused": len(refused), "ended": ended}
        figures["told_otherwise"] = sum(code != "7" for code, _ in refused)
        figures["old_version_lost"] = sum(version != "1" for _, version in refused)
        done = store.load(study, arriving(study, "month_6", people=30), actor=ACTOR)
        figures["not_done_after"] = int(done.rows_in_wave != 240 or bool(store.rehash(study).problems))
    return figures


def damage(folder: Path, seed: int, times: int) -> Figures:
    """Flip one bit or cut one file short, in data, commits or log; every one must be told before a row is read."""
    draw, figures = random.Random(seed), {"flips": 0, "cuts": 0, "undetected": 0, "control_failed": 0}
    with own_key(folder):
        study = study_in(folder)
        for wave in WAVES[:2]:
            store.load(study, arriving(study, wave), actor=ACTOR)
        mended = only(arriving(study, "month_6", seed=2), "P1")
        store.load(study, mended, actor=ACTOR, supersede=True, reason="corrected")
        commits = sorted((study.store / "staff" / "_delta_log").glob("*.json"))
        files = [*store.responses(study, "staff").files, *commits, study.audit_file]
        for number in range(times):
            path = files[number % len(files)]
            whole = path.read_bytes()
            place = draw.randrange(len(whole))
            flips = bool(number % 5)
            harmed = bytearray(whole) if flips else whole[:place]
            if flips:
                harmed[place] ^= 1 << draw.randrange(8)  # type: ignore[index]
            path.write_bytes(harmed)
            figures["flips" if flips else "cuts"] += 1
            figures["undetected"] += not _is_told(study)
            path.write_bytes(whole)
        figures["control_failed"] = int(_is_told(study) or store.responses(study, "staff").version != 3)
    return figures


def _is_told(study: Study) -> bool:
    """Whether reading is refused, or the version told is an earlier one and the study says that an act was stopped.

    The second is what a cut of the log's last line is: a power cut leaves the same, and the next load confirms what it finds.
    """
    try:
        version = store.responses(study, "staff").version
        health = store.rehash(study)
    except IntegrityError:
        return True
    return bool(health.problems) or (version < 3 and health.unfinished > 0)


def twice(folder: Path, seed: int, times: int) -> Figures:
    """The same file again and again, and writers that find the study busy."""
    del seed
    figures: Figures = {"uploads": 0, "codes_not_0": 0, "rows_added": 0, "bytes_changed": 0}
    with own_key(folder):
        study = study_in(folder)
        file = tiny_wave(folder, "baseline", people=PEOPLE)
        words = ["wave", "load", str(study.root), str(file), "--wave", "baseline", "--population", "staff"]
        _quiet(words)
        before = tree(study.root)
        for _ in range(times):
            figures["uploads"] += 1
            figures["codes_not_0"] += _quiet(words) != 0
            figures["rows_added"] += sum(held(study).values()) - ROWS
            figures["bytes_changed"] += tree(study.root) != before
        figures |= _second_writers(study, times)
    return figures


def _second_writers(study: Study, times: int) -> Figures:
    later, longest, let_in = arriving(study, "month_6"), 0.0, 0
    with nursery_open() as nursery:
        child = nursery.start("hold", study)
        for _ in range(times):
            start = time.perf_counter()
            try:
                store.load(study, later, actor=ACTOR)
                let_in += 1
            except BusyError:
                longest = max(longest, time.perf_counter() - start)
        os.kill(child, signal.SIGKILL)
        nursery.rest()
    return {"second_writers": times, "second_writers_let_in": let_in, "longest_wait": round(longest, 3)}


def readers(folder: Path, seed: int, count: int = 3) -> Figures:
    """Threads that read during 120 loads: each answer is exactly one version, known by its rows, and none is refused."""
    del seed
    with own_key(folder), nursery_open() as nursery:
        study, stop = study_in(folder), threading.Event()
        seen: list[tuple[int, int]] = []
        errors: list[str] = []

        def read() -> None:
            while not stop.is_set():
                try:
                    found = store.responses(study, "staff") if store.version(study) else None
                    if found is not None:
                        seen.append((found.version, sum(pl.read_parquet(path).height for path in found.files)))
                except Exception as fault:  # noqa: BLE001 - counted, not hidden
                    errors.append(type(fault).__name__)

        threads = [threading.Thread(target=read) for _ in range(count)]
        for thread in threads:
            thread.start()
        nursery.start("many", study)
        told, ended = nursery.rest()
        stop.set()
        for thread in threads:
            thread.join()
    versions = [int(version) for _, _, version in told]
    mixed = sum(rows != PEOPLE * (versions.index(version) + 1) for version, rows in seen)
    return {
        "loads": len(told), "ended": ended, "readers": count, "reads": len(seen), "versions_seen": len({version for version, _ in seen}),
        "mixed_versions": mixed, "errors": len(errors),
    }  # fmt: skip


def _quiet(words: list[str]) -> int:
    """A command's exit code; what it prints is not looked at."""
    with redirect_stdout(StringIO()), redirect_stderr(StringIO()):
        return main(words)
