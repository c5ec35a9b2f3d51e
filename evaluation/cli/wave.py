"""`pilot wave`: map, check, load, list and keep waves. Only words are here; the acts are imported when one is asked for."""

import argparse
from typing import Any

from evaluation.cli import wave_keeping
from evaluation.cli.output import Parser, verb

SAYS = "map, check, load, list, verify, lock, diff, withdraw, erase, rekey and retire waves"
MAP = "draft a mapping from a supplier's file; a person reviews it once, and it loads"
CHECK = "say what loading a file would do: READY, READY WITH NOTES or REFUSED; writes nothing"
LOAD = "store a file's answers, all of them or nothing; the same file again changes nothing"
LIST = "where every wave stands, every load, the waves that are still missing, and what is due to be deleted"


def add(subparsers: Any) -> None:
    """Enter the verb and its acts."""
    parser = subparsers.add_parser("wave", help=SAYS, description=f"{SAYS}.")
    acts = parser.add_subparsers(dest="act", required=True, metavar="ACT", parser_class=Parser)
    _add_map(acts)
    check = verb(acts, "check", CHECK, codes=(0, 2, 3, 4, 7))
    load = verb(acts, "load", LOAD, codes=(0, 2, 3, 4, 6, 7), acts=True)
    for act in (check, load):
        _add_file(act)
    load.add_argument("--dry-run", action="store_true", help="say what would be stored, and write nothing")
    listed = verb(acts, "list", LIST, codes=(0, 2, 4, 7))
    listed.add_argument("study", help="folder of the study")
    wave_keeping.add(acts)


def handler(args: argparse.Namespace) -> int:
    """Do the act."""
    from evaluation.cli import wave_acts, wave_kept

    return {**wave_acts.ACTS, **wave_kept.ACTS}[args.act](args)


def _add_map(acts: Any) -> None:
    parser = verb(acts, "map", MAP, codes=(0, 2, 3, 4, 7))
    parser.add_argument("study", help="folder of the study")
    parser.add_argument("file", help="the supplier's file (any format of docs/formats.md)")
    parser.add_argument("--population", help="whom the file asks (needed when the study has several populations)")
    parser.add_argument("--name", help="name of the mapping (default: made from the file's name)")
    _add_reading(parser)


def _add_file(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("study", help="folder of the study")
    parser.add_argument("file", help="the file as received (any format of docs/formats.md)")
    parser.add_argument("--wave", required=True, help="the wave it belongs to, as the protocol names it")
    parser.add_argument("--population", required=True, help="whom it asks, as the protocol names them")
    parser.add_argument("--organisation", help="the one organisation it is from; any other in the file is refused")
    parser.add_argument("--mapping", help="a reviewed mapping, by name or path (default: the file has canonical columns)")
    change = parser.add_mutually_exclusive_group()
    change.add_argument("--append", action="store_true", help="add late answers of people who are not stored yet")
    change.add_argument("--supersede", action="store_true", help="put these answers in the place of stored ones; needs --reason")
    why = "why stored answers are replaced, or a published table is the same as another wave's; kept with the load"
    parser.add_argument("--reason", help=why)
    parser.add_argument("--before-baseline", action="store_true", help="store a follow-up although its baseline is missing")
    parser.add_argument("--allow-empty", action="store_true", help="accept a file that holds no responses")
    parser.add_argument(
        "--drop-extra", action="store_true", help="leave out columns the protocol does not know; their names are noted"
    )
    parser.add_argument(
        "--report", metavar="FILE.xlsx", help="write what was found to a new workbook, to send back to the supplier"
    )
    _add_reading(parser)


def _add_reading(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--encoding", help="how the text is encoded, e.g. cp1252 (default: UTF-8)")
    parser.add_argument("--delimiter", help="what stands between the columns of a CSV (default: found out)")
    parser.add_argument("--sheet", help="the sheet of a workbook that has several")
