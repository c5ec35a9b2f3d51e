"""Killed at random moments: processes that load or withdraw while others read, that erase people and change keys.

Goal I1 of docs/disclosure.md: no acknowledged load is lost, none is half there, and nobody has to repair anything by hand.
"""

import os
import random
import shutil
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from evaluation.errors import BusyError
from evaluation.study import Study
from evaluation.waves import store
from evaluation.waves.erase import erase
from evaluation.waves.people.keys import read_key
from tests.waves.nursery import Nursery, everybody, nursery_open
from tests.waves.storing import ACTOR, WAVES, arriving, pseudonym, study_in

Figures = dict[str, Any]
PEOPLE = 6
"""Rows of one organisation in one wave."""


@contextmanager
def own_key(folder: Path) -> Iterator[None]:
    """A key for this study alone."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PILOT_KEY_FILE", str(folder / "keys" / "pilot.key"))
        yield


def kill_after(seconds: float, process: int) -> None:
    """Kill a process, and never another one that has got its number since; one that has ended is left alone."""
    with suppress(ProcessLookupError):
        handle = os.pidfd_open(process)
        time.sleep(seconds)
        try:
            signal.pidfd_send_signal(handle, signal.SIGKILL)
        finally:
            os.close(handle)


def held(study: Study) -> dict[tuple[str, str], int]:
    """Rows of every wave and organisation in the newest version."""
    if "staff" not in store.version(study):
        return {}
    rows = pl.concat([pl.read_parquet(path) for path in store.responses(study, "staff").files], how="diagonal")
    counts = rows.group_by("wave", "organisation").len()
    return {(wave, organisation): rows for wave, organisation, rows in counts.rows()}


def killed_loads(folder: Path, seed: int, times: int) -> Figures:
    """Kill loading processes at random moments while another reads; a study that is full is followed by an empty one."""
    draw, figures = random.Random(seed), dict.fromkeys(KILLED_LOADS, 0)
    with nursery_open() as nursery:
        while figures["killed"] < times:
            place = folder / f"loads-{figures['studies']}"
            with own_key(place):
                figures["studies"] += 1
                _kill_until_full(nursery, study_in(place), draw, figures, times)
            shutil.rmtree(place)
    return figures


KILLED_LOADS = (
    "killed", "ended_before", "studies", "acknowledged", "acknowledged_lost", "partial_seen", "reads", "read_errors", "repaired_by_hand",
)  # fmt: skip


def _kill_until_full(nursery: Nursery, study: Study, draw: random.Random, figures: Figures, times: int) -> None:
    acknowledged: set[tuple[str, str]] = set()
    for _ in range(40):
        with _reading(study, figures):
            child = nursery.start("missing", study)
            kill_after(draw.uniform(0.0, 1.0), child)
            told, ended = nursery.rest()
        figures["killed" if ended == -signal.SIGKILL else "ended_before"] += 1
        acknowledged |= {(wave, organisation) for wave, organisation, _ in told}
        found = held(study)
        figures["acknowledged_lost"] += len(acknowledged - found.keys())
        figures["partial_seen"] += sum(rows != PEOPLE for rows in found.values())
        if len(found) == len(WAVES) * 8 or figures["killed"] >= times:
            break
    told, ended = _load_the_rest(nursery, study)
    sound = ended == 0 and len(told) == len(held(study)) == 24 and not store.rehash(study).problems
    figures["acknowledged"] += len(acknowledged)
    figures["acknowledged_lost"] += sum(was == "False" and (wave, name) in acknowledged for wave, name, was in told)
    figures["repaired_by_hand"] += not sound


def _load_the_rest(nursery: Nursery, study: Study) -> tuple[list[tuple[str, str, str]], int]:
    """All loads once more; a process killed while it took over a lock keeps others out for a minute, which is waited for."""
    until = time.monotonic() + 90
    while True:
        nursery.start("all", study)
        told, ended = nursery.rest()
        if ended != BusyError.exit_code or time.monotonic() > until:
            return told, ended


@contextmanager
def _reading(study: Study, figures: Figures) -> Iterator[None]:
    """Read over and over beside a block: every organisation must be there whole or not at all."""
    stop = threading.Event()

    def read() -> None:
        while not stop.is_set():
            try:
                figures["partial_seen"] += sum(rows != PEOPLE for rows in held(study).values())
            except Exception:  # noqa: BLE001 - counted, not hidden: the goal is that there are none
                figures["read_errors"] += 1
            figures["reads"] += 1
            time.sleep(0.002)

    reader = threading.Thread(target=read)
    reader.start()
    try:
        yield
    finally:
        stop.set()
        reader.join()


KILLED_WITHDRAWALS = (
    "killed", "ended_before", "studies", "acknowledged", "acknowledged_undone", "partial_seen", "others_lost", "reads", "read_errors",
    "repaired_by_hand",
)  # fmt: skip


def killed_withdrawals(folder: Path, seed: int, times: int) -> Figures:
    """Kill processes that withdraw while another reads: each organisation's rows are all there or none, and none come back."""
    draw, figures = random.Random(seed), dict.fromkeys(KILLED_WITHDRAWALS, 0)
    with nursery_open() as nursery:
        while figures["killed"] < times:
            place = folder / f"withdrawals-{figures['studies']}"
            with own_key(place):
                study = study_in(place)
                for wave in WAVES[:2]:
                    store.load(study, arriving(study, wave), actor=ACTOR)
                figures["studies"] += 1
                _kill_withdrawing(nursery, study, draw, figures, times)
            shutil.rmtree(place)
    return figures


def _kill_withdrawing(nursery: Nursery, study: Study, draw: random.Random, figures: Figures, times: int) -> None:
    gone: set[tuple[str, str]] = set()
    for _ in range(20):
        before = set(held(study))
        with _reading(study, figures):
            child = nursery.start("withdraw", study)
            kill_after(draw.uniform(0.0, 1.0), child)
            told, ended = nursery.rest()
        figures["killed" if ended == -signal.SIGKILL else "ended_before"] += 1
        acknowledged, found = {(wave, name) for wave, name, _ in told}, held(study)
        gone |= acknowledged
        figures["partial_seen"] += sum(rows != PEOPLE for rows in found.values())
        figures["acknowledged_undone"] += len(gone & found.keys())
        figures["others_lost"] += max(0, len(before - gone - found.keys()) - 1)
        if not found or figures["killed"] >= times:
            break
    ended = _withdraw_the_rest(nursery, study)
    figures["acknowledged"] += len(gone)
    figures["repaired_by_hand"] += ended != 0 or bool(held(study)) or bool(store.rehash(study).problems)


def _withdraw_the_rest(nursery: Nursery, study: Study) -> int:
    """Every withdrawal once more, as `_load_the_rest` does loads; how it ended."""
    until = time.monotonic() + 90
    while True:
        nursery.start("withdraw", study)
        _, ended = nursery.rest()
        if ended != BusyError.exit_code or time.monotonic() > until:
            return ended


KILLED_REWRITINGS = (
    "killed", "ended_before", "studies", "acknowledged", "acknowledged_undone", "others_lost", "left_behind", "repaired_by_hand",
)  # fmt: skip


def killed_rewritings(folder: Path, seed: int, times: int) -> Figures:
    """Kill processes that erase people and change keys; the next command leaves one table, without whoever was acknowledged."""
    draw, figures = random.Random(seed), dict.fromkeys(KILLED_REWRITINGS, 0)
    with nursery_open() as nursery:
        while figures["killed"] < times:
            place = folder / f"rewritings-{figures['studies']}"
            with own_key(place):
                study = study_in(place)
                for wave in WAVES[:2]:
                    store.load(study, arriving(study, wave), actor=ACTOR)
                figures["studies"] += 1
                _kill_rewriting(nursery, study, draw, figures, times)
            shutil.rmtree(place)
    return figures


def _kill_rewriting(nursery: Nursery, study: Study, draw: random.Random, figures: Figures, times: int) -> None:
    gone: set[str] = set()
    for _ in range(10):
        child = nursery.start("rewrite", study)
        kill_after(draw.uniform(0.0, 1.0), child)
        told, ended = nursery.rest()
        figures["killed" if ended == -signal.SIGKILL else "ended_before"] += 1
        gone |= {person for what, person, _ in told if what == "erased"}
        erase(study, "staff", "nobody", actor=ACTOR)  # the next command: it settles what the kill left
        figures["left_behind"] += len([path for path in study.store.iterdir() if path.is_dir()]) - 1
        there = _people(study)
        figures["acknowledged_undone"] += len(gone & there)
        figures["others_lost"] += max(0, len(set(everybody()) - gone - there) - 1)
        figures["repaired_by_hand"] += bool(store.rehash(study).problems)
        if figures["killed"] >= times:
            break
    figures["acknowledged"] += len(gone)


def _people(study: Study) -> set[str]:
    """Whose rows the newest version holds, by the key in use."""
    log = store.read_log(study, "staff")
    key = read_key(study.root, known_mark=log.loads[-1][1].key)
    rows = pl.concat([pl.read_parquet(path) for path in store.responses(study, "staff").files], how="diagonal")
    known = set(rows["respondent"])
    stored = {person: pseudonym(key, person) for person in everybody()}
    return {person for person, pseudonym in stored.items() if pseudonym in known}
