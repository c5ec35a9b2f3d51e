"""Processes that load, withdraw, erase and change keys until killed: one parent imports everything once and forks them."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import polars as pl

from evaluation.errors import BusyError, MachineError
from evaluation.study import Study, writing
from evaluation.waves import store
from evaluation.waves.collect import Collected
from evaluation.waves.erase import erase
from evaluation.waves.people.keys import key_file
from evaluation.waves.rekey import rekey
from evaluation.waves.withdraw import withdraw
from tests.conftest import REPOSITORY
from tests.studies import UNITS
from tests.waves.storing import ACTOR, WAVES, arriving, only

LIMITS = (600, 1500, 4000, 8000)
"""Bytes that a file may have, smaller than what a load writes."""
BATCHES = 5
"""Times every organisation of every wave sends more people, for a study of 120 loads."""


class Nursery:
    """A process that has imported everything and forks a working process whenever it is asked to."""

    def __init__(self) -> None:
        command = [sys.executable, "-m", "tests.waves.nursery"]
        self.process = subprocess.Popen(command, cwd=REPOSITORY, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def start(self, what: str, study: Study) -> int:
        """Start a working process; its id once it is about to begin."""
        assert self.process.stdin is not None
        self.process.stdin.write(f"{what}\t{study.root}\t{key_file()}\n")
        self.process.stdin.flush()
        word, pid = self.line()
        assert word == "ready"
        return int(pid)

    def rest(self) -> tuple[list[tuple[str, str, str]], int]:
        """What the process acknowledged before it ended, and how it ended."""
        told = []
        while (words := self.line())[0] == "loaded":
            told.append((words[1], words[2], words[3]))
        return told, int(words[1])

    def line(self) -> list[str]:
        """The next line of a working process, or of the parent when it has ended."""
        assert self.process.stdout is not None
        return self.process.stdout.readline().split()

    def close(self) -> None:
        """Let the parent end."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.close()
        self.process.wait(timeout=60)
        self.process.stdout.close()


@contextmanager
def nursery_open() -> Iterator[Nursery]:
    """A nursery for the time of a block."""
    nursery = Nursery()
    try:
        yield nursery
    finally:
        nursery.close()


def parts(study: Study) -> list[Collected]:
    """Every organisation of every wave by itself: 24 loads of six rows."""
    return [only(wave, name) for wave in (arriving(study, name) for name in WAVES) for name in wave.organisations]


def more_people(part: Collected, batch: int) -> Collected:
    """The same rows by other people."""
    return replace(part, frame=part.frame.with_columns(pl.col("respondent") + f"-{batch}"))


def everybody() -> list[str]:
    """Ids of people of the tiny study, in an order in which organisations take turns."""
    return [f"{code}-{number:04d}" for number in range(6) for code in ("P1", "C1", "P2", "C2", "P3", "C3", "C4", "C5")]


def _say(*words: object) -> None:
    _tell("loaded", *words)


def _ready() -> None:
    _tell("ready", os.getpid())


def _tell(*words: object) -> None:
    """One line to whoever listens, in one call: a process that is killed then says all of it or nothing."""
    os.write(sys.stdout.fileno(), (" ".join(map(str, words)) + "\n").encode())


def _load_all(study: Study) -> None:
    waiting = parts(study)
    _ready()
    for part in waiting:
        receipt = store.load(study, part, actor=ACTOR)
        _say(part.wave, part.organisations[0], receipt.already_loaded)


def _load_missing(study: Study) -> None:
    """The waves that are not whole yet, one after the other, so that little time goes by before the first load."""
    stand = store.read_log(study, "staff").loads
    whole = [wave for wave in WAVES if sum(load.wave == wave for _, load in stand) == len(UNITS)]
    first = True
    for wave in (wave for wave in WAVES if wave not in whole):
        collected = arriving(study, wave)
        if first:
            _ready()
        first = False
        for name in collected.organisations:
            receipt = store.load(study, only(collected, name), actor=ACTOR)
            _say(wave, name, receipt.already_loaded)


def _load_many(study: Study) -> None:
    waiting = parts(study)
    _ready()
    for batch in range(BATCHES):
        for part in waiting:
            receipt = store.load(study, more_people(part, batch), actor=ACTOR, append=batch > 0)
            _say(part.wave, part.organisations[0], receipt.version)


def _load_within_limits(study: Study, limits: tuple[int, ...] = LIMITS) -> None:
    import resource
    import signal

    later = arriving(study, "month_6", people=30)
    _ready()
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    for limit in limits:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
        try:
            store.load(study, later, actor=ACTOR)
            code = 0
        except MachineError as refusal:
            code = refusal.exit_code
        _say(limit, code, store.version(study)["staff"])


def _load_within_many_limits(study: Study) -> None:
    _load_within_limits(study, tuple(range(200, 8200, 200)))


def _rewrite(study: Study) -> None:
    """Erase person after person, and change the key after every third."""
    _ready()
    for number, person in enumerate(everybody()):
        erase(study, "staff", person, actor=ACTOR)
        _say("erased", person, store.version(study)["staff"])
        if number % 3 == 2:
            rekey(study, actor=ACTOR)
            _say("rekeyed", "-", store.version(study)["staff"])


def _withdraw_all(study: Study) -> None:
    """Take every organisation out of both waves that are there, one after the other; those that went before are told again."""
    places = [(wave, name) for name, _ in UNITS for wave in WAVES[:2]]
    _ready()
    for wave, name in places:
        found = withdraw(study, "staff", wave, [name], "sent by nobody", actor=ACTOR)
        _say(wave, name, found.rows_withdrawn)


def _hold(study: Study) -> None:
    """Hold the study's lock until killed."""
    import time

    with writing(study, "wave load month_6 staff"):
        _ready()
        time.sleep(60)


WORK = {
    "all": _load_all,
    "missing": _load_missing,
    "many": _load_many,
    "limits": _load_within_limits,
    "many limits": _load_within_many_limits,
    "rewrite": _rewrite,
    "withdraw": _withdraw_all,
    "hold": _hold,
}


def _serve() -> None:
    for line in sys.stdin:
        what, root, os.environ["PILOT_KEY_FILE"] = line.rstrip().split("\t")
        child = os.fork()
        if child == 0:
            try:
                WORK[what](Study(Path(root)))
            except BusyError:
                os._exit(BusyError.exit_code)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        _tell("ended", os.waitstatus_to_exitcode(status))


if __name__ == "__main__":
    _serve()
