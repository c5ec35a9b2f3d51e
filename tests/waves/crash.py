"""`make crash`: kill, fill, flip, cut, read beside, write beside and send twice, hundreds of times; and the table it gives.

Every trial that is done is kept under .truth/ and not run again while the code is the same; the last step writes crash.json. A test
holds the table to its goals and to the code it was made with.
"""

import hashlib
import json
import platform
import subprocess
import sys
import tempfile
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from time import perf_counter
from typing import Any

from tests.conftest import REPOSITORY
from tests.truth.table import meaning
from tests.waves import crash_kills as kills
from tests.waves import crash_trials as trials

FILE = Path(__file__).with_name("crash.json")
KEPT = REPOSITORY / ".truth" / "crash"
SEED = 20250120
BATCH = 25
KILLS, REWRITING_KILLS, WITHDRAWAL_KILLS, HARMS = 500, 100, 100, 1_000
SOURCES = (
    "evaluation/audit_log.py",
    "evaluation/study.py",
    "evaluation/backup.py",
    "evaluation/protocol/study_files.py",
    "evaluation/waves/erase.py",
    "evaluation/waves/lifecycle.py",
    "evaluation/waves/received.py",
    "evaluation/waves/rekey.py",
    "evaluation/waves/store.py",
    "evaluation/waves/withdraw.py",
    "evaluation/waves/people/keys.py",
    "evaluation/waves/storage/*.py",
    "tests/waves/crash.py",
    "tests/waves/crash_kills.py",
    "tests/waves/crash_trials.py",
    "tests/waves/nursery.py",
    "tests/waves/storing.py",
)
Trial = Callable[[Path], kills.Figures]

GOALS: tuple[tuple[str, str, str, float], ...] = (
    ("killed_loads", "killed", "at least", KILLS),
    ("killed_loads", "acknowledged", "at least", 200),
    ("killed_loads", "acknowledged_lost", "at most", 0),
    ("killed_loads", "partial_seen", "at most", 0),
    ("killed_loads", "read_errors", "at most", 0),
    ("killed_loads", "repaired_by_hand", "at most", 0),
    ("killed_rewritings", "killed", "at least", REWRITING_KILLS),
    ("killed_rewritings", "acknowledged", "at least", 20),
    ("killed_rewritings", "acknowledged_undone", "at most", 0),
    ("killed_rewritings", "others_lost", "at most", 0),
    ("killed_rewritings", "left_behind", "at most", 0),
    ("killed_rewritings", "repaired_by_hand", "at most", 0),
    ("killed_withdrawals", "killed", "at least", WITHDRAWAL_KILLS),
    ("killed_withdrawals", "acknowledged", "at least", 20),
    ("killed_withdrawals", "acknowledged_undone", "at most", 0),
    ("killed_withdrawals", "partial_seen", "at most", 0),
    ("killed_withdrawals", "others_lost", "at most", 0),
    ("killed_withdrawals", "read_errors", "at most", 0),
    ("killed_withdrawals", "repaired_by_hand", "at most", 0),
    ("full_disks", "calls", "at least", 100),
    ("full_disks", "other_codes", "at most", 0),
    ("full_disks", "old_version_lost", "at most", 0),
    ("full_disks", "not_done_after", "at most", 0),
    ("small_files", "refused", "at least", 20),
    ("small_files", "told_otherwise", "at most", 0),
    ("small_files", "old_version_lost", "at most", 0),
    ("small_files", "not_done_after", "at most", 0),
    ("damage", "flips", "at least", HARMS * 4 // 5),
    ("damage", "cuts", "at least", HARMS // 5),
    ("damage", "undetected", "at most", 0),
    ("damage", "control_failed", "at most", 0),
    ("twice", "uploads", "at least", 20),
    ("twice", "codes_not_0", "at most", 0),
    ("twice", "rows_added", "at most", 0),
    ("twice", "bytes_changed", "at most", 0),
    ("twice", "second_writers_let_in", "at most", 0),
    ("twice", "longest_wait", "at most", 1.0),
    ("readers", "loads", "at least", 100),
    ("readers", "versions_seen", "at least", 20),
    ("readers", "mixed_versions", "at most", 0),
    ("readers", "errors", "at most", 0),
)
"""Trial, figure, and what it must be."""


def unmet(record: dict[str, Any]) -> list[str]:
    """Goals that a table does not meet, in words."""
    found = [(*goal, record["trials"][goal[0]][goal[1]]) for goal in GOALS]
    return [
        f"{trial}: {figure} is {value}, and must be {how} {bound}"
        for trial, figure, how, bound, value in found
        if (value < bound if how == "at least" else value > bound)
    ]


def code_fingerprint() -> str:
    """SHA-256 over the sources that the table rests on, by name and meaning: a comment or a line end leaves it."""
    digest = hashlib.sha256()
    for path in sorted({path for pattern in SOURCES for path in REPOSITORY.glob(pattern)}):
        said = meaning(path.read_text(encoding="utf-8"))
        digest.update(f"{path.relative_to(REPOSITORY).as_posix()}\0{said}\0".encode())
    return digest.hexdigest()


def plan() -> dict[str, list[Trial]]:
    """Every trial, in batches that are kept one by one; each batch has a seed of its own."""
    killed = [_batch(kills.killed_loads, number, times=BATCH) for number in range(KILLS // BATCH)]
    rewritings = [_batch(kills.killed_rewritings, number, times=BATCH) for number in range(REWRITING_KILLS // BATCH)]
    withdrawals = [_batch(kills.killed_withdrawals, number, times=BATCH) for number in range(WITHDRAWAL_KILLS // BATCH)]
    return {
        "killed_loads": killed,
        "killed_rewritings": rewritings,
        "killed_withdrawals": withdrawals,
        "full_disks": [_batch(trials.full_disks, 0)],
        "small_files": [_batch(trials.small_files, 0)],
        "damage": [_batch(trials.damage, 0, times=HARMS)],
        "twice": [_batch(trials.twice, 0, times=20)],
        "readers": [_batch(trials.readers, 0)],
    }


def _batch(trial: Callable[..., kills.Figures], number: int, **sizes: int) -> Trial:
    return lambda folder: trial(folder, SEED + number, **sizes)


def added(parts: list[kills.Figures]) -> kills.Figures:
    """The figures of all batches of a trial together."""
    return {name: sum(part[name] for part in parts) for name in parts[0]}


def run_batch(name: str, number: int, trial: Trial, code: str) -> kills.Figures:
    """What a batch gave; as it was kept, while the code is the same."""
    kept = KEPT / f"{name}-{number}.json"
    if kept.is_file():
        found: dict[str, Any] = json.loads(kept.read_text(encoding="utf-8"))
        if found["code"] == code:
            return dict(found["figures"])
    start = perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        figures = trial(Path(folder)) | {"seconds": 0.0}
    figures["seconds"] = round(perf_counter() - start, 1)
    KEPT.mkdir(parents=True, exist_ok=True)
    kept.write_text(json.dumps({"code": code, "figures": figures}), encoding="utf-8")
    sys.stderr.write(f"{name} {number + 1}: {figures}\n")
    return figures


def main() -> int:
    """Run what is not kept, write the table, and say what it does not meet."""
    code = code_fingerprint()
    found = {name: added([run_batch(name, *one, code) for one in enumerate(batches)]) for name, batches in plan().items()}
    record = {
        "says": "What was done to a small study, how often, and how often it went wrong. Written by make crash.",
        "seed": SEED,
        "commit": _git("rev-parse", "HEAD"),
        "code": code,
        "machine": {
            "python": platform.python_version(),
            "system": f"{sys.platform} {platform.machine()}",
            "deltalake": version("deltalake"),
            "pyarrow": version("pyarrow"),
        },
        "trials": found,
    }
    FILE.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8", newline="\n")
    missed = unmet(record)
    sys.stdout.write("\n".join(missed or ["every goal is met."]) + "\n")
    return 1 if missed else 0


def _git(*words: str) -> str:
    return subprocess.run(["git", *words], cwd=REPOSITORY, capture_output=True, text=True, check=True).stdout.strip()


if __name__ == "__main__":
    sys.exit(main())
