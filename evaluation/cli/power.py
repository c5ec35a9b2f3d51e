"""`pilot power`: what the planned study can detect, and how every method would behave, before any data."""

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evaluation.cli.output import emit, verb
from evaluation.errors import UsageError
from evaluation.study import Study

if TYPE_CHECKING:
    from evaluation.plan.power import Power

SAYS = "what the study can detect, as planned and with more pilots, comparisons, people or waves, and how each method behaves"


def add(subparsers: Any) -> None:
    """Enter the verb."""
    parser = verb(subparsers, "power", SAYS, codes=(0, 2, 4, 7))
    parser.add_argument("study", help="folder of the study; its plan is read, no answers")
    parser.add_argument("--all", action="store_true", dest="every", help="every question, not only the primary ones")
    parser.add_argument("--effect", type=float, metavar="POINTS", help="the difference that matters (default: the protocol's)")
    parser.add_argument("--response-rate", type=float, metavar="SHARE", help="share of eligible people who answer")
    parser.add_argument("--attrition", type=float, default=0.0, metavar="SHARE", help="share of answers lost by the follow-up")
    parser.add_argument("--draws", type=int, default=2000, help="studies drawn for each design, without and with the effect")
    parser.add_argument("--seed", type=int, help="the same seed gives the same numbers (default: the protocol's seed)")
    parser.add_argument("--processes", type=int, default=1, help="how many share the work; the numbers stay the same")
    parser.add_argument("--picture", metavar="FILE", help="also draw the designs, as .svg or .html")


def handler(args: argparse.Namespace) -> int:
    """Draw studies, print the tables, write the picture."""
    file = _picture_file(args.picture)
    from evaluation.plan.power import power  # it takes seconds to import; help must not wait for it

    found = power(
        Study.open(args.study), args.effect, every=args.every, draws=args.draws, seed=args.seed, response_rate=args.response_rate,
        attrition=args.attrition, processes=args.processes, told=time_left(),
    )
    if file is not None:
        _write(found, file)
    emit(args, found.as_record(), found.summary() + (f"\n\nPicture: {file}" if file else ""))
    return 0


def _picture_file(name: str | None) -> Path | None:
    if name is None:
        return None
    file = Path(name)
    if file.suffix not in (".svg", ".html"):
        raise UsageError(f"a picture cannot be written as '{file.suffix or file.name}'.", fix="end its name in .svg or .html.")
    if file.is_dir() or not file.parent.is_dir():
        kind = "is a folder" if file.is_dir() else "is in a folder that is not there"
        raise UsageError(f"the picture cannot be written: '{file}' {kind}.", fix="name a file in a folder that is there.")
    return file


def _write(found: "Power", file: Path) -> None:
    drawn = found.picture()
    if file.suffix == ".html":
        drawn = f'<!doctype html>\n<html lang="en"><meta charset="utf-8"><title>Power before data</title>\n{drawn}</html>\n'
    file.write_text(drawn, encoding="utf-8", newline="\n")


def time_left(clock: Callable[[], float] = time.monotonic) -> Callable[[int, int], None]:
    """Tells on stderr, at every tenth of the work, how much is done and about how long the rest takes."""
    begun, said = clock(), [-1]

    def told(done: int, of: int) -> None:
        tenth = 10 * done // of
        if tenth > said[0]:
            said[0] = tenth
            rest = (clock() - begun) * (of - done) / done
            sys.stderr.write(f"[{done:,}/{of:,}] studies drawn; about {rest:.0f} s left\n")
            sys.stderr.flush()

    return told
