"""`pilot doctor`: is this computer in order, and is a study what was written?"""

import argparse
from typing import Any

from evaluation.cli.output import verb

SAYS = "look at versions, size, engine, browser and key; with a study, compare every stored byte with what was written"


def add(subparsers: Any) -> None:
    """Enter the verb."""
    parser = verb(subparsers, "doctor", SAYS, codes=(0, 2, 4, 7))
    parser.add_argument("study", nargs="?", help="folder of a study to look at too")


def handler(args: argparse.Namespace) -> int:
    """Look, and say all that was found."""
    from evaluation.cli.examination import examine

    return examine(args)
