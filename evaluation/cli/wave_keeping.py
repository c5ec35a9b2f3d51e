"""`pilot wave verify|lock|diff|withdraw|erase|rekey|retire`: what happens to a wave after it is loaded."""

import argparse
from typing import Any

from evaluation.cli.output import verb

VERIFY = "compare the stored answers of a wave with what was written, and log who did"
LOCK = "close a wave to further loads (a second person), or open it again with a reason"
DIFF = "what changed between two versions of a wave: rows, and answers by item, in counts"
WITHDRAW = "take organisations' rows out of a wave where they should never have been; earlier versions keep them"
ERASE = "take a respondent out of every version, kept evidence and received files; the log proves it without the id"
REKEY = "make all stored pseudonyms anew with a new key; people stay recognised"
RETIRE = "delete received files and answers whose time, by the study's data-protection policy, is over"


def add(acts: Any) -> None:
    """Enter the acts."""
    verify = verb(acts, "verify", VERIFY, codes=(0, 2, 4, 6, 7), acts=True)
    lock = verb(acts, "lock", LOCK, codes=(0, 2, 4, 6, 7), acts=True)
    diff = verb(acts, "diff", DIFF, codes=(0, 2, 4, 7))
    withdraw = verb(acts, "withdraw", WITHDRAW, codes=(0, 2, 4, 6, 7), acts=True)
    for parser in (verify, lock, diff, withdraw):
        _add_wave(parser)
    withdraw.add_argument(
        "--organisation", action="append", default=[], required=True, help="the code that the rows stand under; once for each"
    )
    withdraw.add_argument("--reason", default="", help="why they should never have stood there; kept with the version")
    withdraw.add_argument("--dry-run", action="store_true", help="say what would go and what would stay, and write nothing")
    lock.add_argument("--reopen", action="store_true", help="open a locked wave again; needs --reason")
    lock.add_argument("--reason", default="", help="why it is opened again; kept in the log of acts")
    diff.add_argument("--from", dest="version_from", type=int, metavar="V", help="the earlier version (default: the one before)")
    diff.add_argument("--to", dest="version_to", type=int, metavar="V", help="the later version (default: the newest)")
    erase = verb(acts, "erase", ERASE, codes=(0, 2, 4, 6, 7), acts=True)
    erase.add_argument("study", help="folder of the study")
    erase.add_argument("--population", required=True, help="whom the respondent is one of")
    erase.add_argument("--respondent", metavar="ID", help="the id; left out it is asked for, or read from standard input")
    erase.add_argument(
        "--organisation", action="append", default=[], help="where the respondent answered, if the id is in use in several"
    )
    rekey = verb(acts, "rekey", REKEY, codes=(0, 2, 4, 6, 7), acts=True)
    retire = verb(acts, "retire", RETIRE, codes=(0, 2, 4, 6, 7), acts=True)
    retire.add_argument("--dry-run", action="store_true", help="say what is due, and delete nothing")
    for parser in (rekey, retire):
        parser.add_argument("study", help="folder of the study")


def _add_wave(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("study", help="folder of the study")
    parser.add_argument("--wave", required=True, help="the wave, as the protocol names it")
    parser.add_argument("--population", required=True, help="whom it asks, as the protocol names them")
