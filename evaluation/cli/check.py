"""`pilot check`: the plan on a page, and what the study will be able to see, before any data."""

import argparse
from dataclasses import asdict
from typing import Any

from evaluation.cli.output import emit, verb
from evaluation.study import Study

SAYS = "check every document and show the plan on a page: what is asked, what can be seen, how likely each verdict is"


def add(subparsers: Any) -> None:
    """Enter the verb."""
    parser = verb(subparsers, "check", SAYS, codes=(0, 2, 4, 7))
    parser.add_argument("study", help="folder of the study")
    parser.add_argument(
        "--all", action="store_true", dest="every", help="every verdict and every remedy of the other questions too"
    )


def handler(args: argparse.Namespace) -> int:
    """Print the page."""
    from evaluation.plan.page import plan_page  # these take seconds to import; help must not wait for them
    from evaluation.plan.undecided import undecided, undecided_text
    from evaluation.plan.words import page_text
    from evaluation.protocol.documents import read_documents

    root = Study.open(args.study).root
    page, marks = plan_page(read_documents(root)), undecided(root)
    record = page.as_record() | {"undecided": [asdict(mark) for mark in marks]}
    emit(args, record, undecided_text(marks) + page_text(page, every=args.every))
    return 0
