"""`pilot check`: the plan on a page, and what the study will be able to see, before any data."""

import argparse
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
    from evaluation.plan.words import page_text
    from evaluation.protocol.documents import read_documents

    page = plan_page(read_documents(Study.open(args.study).root))
    emit(args, page.as_record(), page_text(page, every=args.every))
    return 0
