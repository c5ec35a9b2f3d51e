"""`pilot demo`: the worked study from nothing to its board's pages, on this computer, from simulated answers."""

import argparse
import sys
from pathlib import Path
from typing import Any

from evaluation.cli import serve
from evaluation.cli.output import emit, verb
from evaluation.study import Study

SAYS = "build the worked study in a folder, with simulated answers, run it and serve its board's pages on this computer"
SEED = 2008


def add(subparsers: Any) -> None:
    """Enter the verb."""
    parser = verb(subparsers, "demo", SAYS, codes=(0, 2, 6, 7))
    parser.add_argument("dir", nargs="?", default="pilot-demo", metavar="DIR", help="where to build it (default: pilot-demo)")
    parser.add_argument("--no-serve", action="store_true", help="stop when the pages are ready")
    parser.add_argument("--port", type=int, default=8050, help="port on this computer (default 8050)")
    parser.add_argument(
        "--seed", type=int, default=SEED, help=f"another seed makes other answers from the same truth (default {SEED})"
    )


def handler(args: argparse.Namespace) -> int:
    """Build, run, tell the main finding, and serve until interrupted."""
    if not args.no_serve:
        serve.check_port(args.port)
    from evaluation.cli import demo_study  # takes seconds to import; help must not wait for it

    study = Study(Path(args.dir))
    made, findings = demo_study.build(study, args.seed)
    address = None if args.no_serve else f"http://{serve.HOST}:{args.port}/"
    record = {
        "study": str(study.root),
        "seed": made.seed,
        "simulated": made.sentence,
        "result_id": findings.result_id,
        "result_number": findings.result_number,
        "address": address,
    }
    emit(args, record, demo_study.told(study, made, findings, address))
    if address is not None:
        sys.stdout.flush()
        serve.serve(study.releases, args.port)
    return 0
