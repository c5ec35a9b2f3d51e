"""Contestants in one run: they take turns, medians are compared, and only ratios mean anything."""

import platform
import statistics
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import psutil

PAUSE = 0.3
"""Seconds before every turn: threads of the contestant before go on waiting for work a while, at the cost of the next one."""
LIBRARIES = ("duckdb", "ibis-framework", "numpy", "pandas", "pyarrow", "statsmodels", "pyfixest", "wildboottest")


@dataclass(frozen=True)
class Seconds:
    """Of one call: by the clock, and of processor time over all threads, which a busy machine hardly changes."""

    clock: float
    processor: float


def timed(run: Callable[[], object]) -> Seconds:
    """How long one call takes."""
    clock, processor = time.perf_counter(), time.process_time()
    run()
    return Seconds(time.perf_counter() - clock, time.process_time() - processor)


def race(contestants: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, list[Seconds]]:
    """First calls, then `rounds` turns in which every contestant runs once after a pause; the order moves on by one each time."""
    names = list(contestants)
    seconds = {name: [timed(contestants[name])] for name in names}
    for turn in range(rounds):
        for name in names[turn % len(names):] + names[: turn % len(names)]:
            time.sleep(PAUSE)
            seconds[name].append(timed(contestants[name]))
    return seconds


def median_of(seconds: Sequence[Seconds]) -> Seconds:
    """Medians after the first call."""
    rest = seconds[1:]
    return Seconds(statistics.median(one.clock for one in rest), statistics.median(one.processor for one in rest))


def table(seconds: Mapping[str, Sequence[Seconds]], what: str = "from file to number") -> list[str]:
    """One line per contestant: medians after the first call as multiples of the first contestant's, then seconds by the clock."""
    lines = [f"| {what} | x ours | x ours, processor time | seconds | range | first call |", "|---|" + 5 * "---|"]
    base: Seconds | None = None
    for name, times in seconds.items():
        middle, clocks = median_of(times), [one.clock for one in times[1:]]
        base = base or middle
        said = f"{middle.clock / base.clock:.1f} | {middle.processor / base.processor:.1f} | {middle.clock:.4f}"
        lines.append(f"| {name} | {said} | {min(clocks):.4f} to {max(clocks):.4f} | {times[0].clock:.2f} |")
    return lines


def machine(names: Sequence[str] = LIBRARIES) -> str:
    """Cores, memory and versions of these libraries; no names of machines."""
    memory = psutil.virtual_memory().total / 2**30
    libraries = ", ".join(f"{name} {version(name)}" for name in names)
    busy = psutil.getloadavg()[0]
    kind = f"{psutil.cpu_count()} cores, {memory:.0f} GiB, {platform.machine()}, load {busy:.1f} when done"
    return f"{kind}; Python {platform.python_version()}, {libraries}"


def commit() -> str:
    """The commit that was measured."""
    folder = Path(__file__).parent
    head = subprocess.run(["git", "rev-parse", "--short=12", "HEAD"], cwd=folder, capture_output=True, text=True, check=False)
    return head.stdout.strip() or "unknown (no repository)"
