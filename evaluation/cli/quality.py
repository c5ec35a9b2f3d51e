"""`pilot quality`: how good the answers are, before anybody reads a result."""

import argparse
from typing import Any

from evaluation.cli.output import emit, verb
from evaluation.study import Study

SAYS = "how good the answers are: reliability and meaning of measures, who answered, who was followed"


def add(subparsers: Any) -> None:
    """Enter the verb."""
    parser = verb(subparsers, "quality", SAYS, codes=(0, 2, 4, 5, 7))
    parser.add_argument("study", help="folder of the study")


def handler(args: argparse.Namespace) -> int:
    """Print the report."""
    from evaluation.report_on_answers import quality_report  # it takes seconds to import; help must not wait for it

    found = quality_report(Study.open(args.study))
    emit(args, found.as_record(), found.summary())
    return 0
