"""`python -m tests.waves.fuzz`: a minute of search for each reader, each in a process of its own with bounded memory.

A process that ends by a signal, or asks for more memory than it may have, has failed: the file it was reading is kept and named.
"""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.waves.fuzz.search import search
from tests.waves.fuzz.seeds import seeds

MEMORY = 4 * 1024**3
"""Bytes of address space that a process may ask for, where the system can bound it."""


def bounded() -> None:
    """Bound the memory of this process."""
    try:
        import resource
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


def attempted(readers: list[str], *, start: int, examples: int, seconds: float) -> tuple[int, str]:
    """Exit code and words of a search through some readers in a process of its own."""
    name = "-".join(readers) if len(readers) < 3 else "several"
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "tests.waves.fuzz", "--only", *readers, "--folder", folder]
        command += ["--seed", str(start), "--examples", str(examples), "--seconds", str(seconds)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        words = done.stdout.strip()
        if done.returncode:
            last = max(Path(folder).glob("case*"), key=lambda path: path.stat().st_mtime_ns, default=None)
            kept = "none" if last is None else _kept(last, name)
            words = f"{name}: ended with {done.returncode}; the file is kept as {kept}\n{done.stderr[:1000]}\n...\n{done.stderr[-2000:]}"
        return done.returncode, words


def _kept(path: Path, name: str) -> str:
    kept = Path(tempfile.gettempdir()) / f"fuzz-{name}{path.suffix}"
    kept.write_bytes(path.read_bytes())
    return str(kept)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.waves.fuzz", description=__doc__)
    parser.add_argument("readers", nargs="*", help="readers to search (default: all)")
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--examples", type=int, default=500)
    parser.add_argument("--seed", type=int, default=20250120)
    parser.add_argument("--only", nargs="+", help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.only:
        bounded()
        for reader in args.only:
            tried, read = search(reader, args.folder, start=args.seed, examples=args.examples, seconds=args.seconds)
            print(f"{reader}: {tried:,} files, {read:,} read, {tried - read:,} refused by name", flush=True)
        return 0
    worst = 0
    for reader in args.readers or seeds():
        code, words = attempted([reader], start=args.seed, examples=args.examples, seconds=args.seconds)
        print(words, flush=True)
        worst = worst or abs(code)
    return worst


if __name__ == "__main__":
    sys.exit(main())
