"""`pilot new`: a study's folder, copied from a template or drafted from a data file."""

import argparse
from typing import Any

from evaluation.cli.output import verb
from evaluation.errors import UsageError

SAYS = "start a study: copy a template's documents, or draft them from a data file or a filled workbook"


def add(subparsers: Any) -> None:
    """Enter the verb."""
    parser = verb(subparsers, "new", SAYS, codes=(0, 2, 3, 4, 7), acts=True)
    parser.add_argument("dir", nargs="?", help="the folder to make; it must not be there, or be empty")
    source = parser.add_mutually_exclusive_group()
    source.add_argument("--template", metavar="NAME", help="which study to copy (default: values-pilot)")
    source.add_argument("--from", dest="from_file", metavar="FILE", help="a data file or filled workbook to draft documents from")
    source.add_argument("--workbook", metavar="FILE", help="write the empty workbook that --from reads, and no study")
    parser.add_argument("--sheet", metavar="NAME", help="with --from: the sheet to read, when several hold cells")
    parser.add_argument("--encoding", metavar="NAME", help="with --from: the encoding of a text file, such as cp1252")
    parser.add_argument("--delimiter", metavar="SIGN", help="with --from: the sign between the fields of a text file")
    parser.add_argument("--title", help="title of a study drafted with --from (default: the folder's name)")


def handler(args: argparse.Namespace) -> int:
    """Make the folder, or the workbook."""
    from evaluation.cli import new_study

    if args.workbook:
        return new_study.empty_workbook(args)
    if args.dir is None:
        raise UsageError("which folder is the study to be made in?", where="pilot new", fix="pilot new DIR")
    return new_study.from_file(args) if args.from_file else new_study.from_template(args)
