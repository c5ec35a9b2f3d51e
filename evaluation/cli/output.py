"""What every verb says and how: results on stdout, progress and refusals on stderr, one JSON document with `--json`."""

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, NoReturn

from evaluation.errors import PilotError, UsageError
from evaluation.plan.layout import columns

EXIT_CODES: dict[int, str] = {
    0: "done",
    1: "unexpected",
    2: "called in a way that is not offered",
    3: "data refused; nothing was stored",
    4: "protocol, integrity or release refused",
    5: "no estimand could be estimated",
    6: "busy: another process is writing to this study",
    7: "disk, permission, engine or browser",
}
"""What a script may rely on. A verdict never changes the exit code."""


class Parser(argparse.ArgumentParser):
    """An argument parser whose faults are UsageErrors, so that they are told like every other refusal."""

    def error(self, message: str) -> NoReturn:
        """Refuse the call, naming the help to read."""
        raise UsageError(f"{message}.", where=self.prog, fix=f"see '{self.prog} --help'.")


def verb(
    subparsers: Any, name: str, says: str, *, codes: Sequence[int] = (0, 2, 4, 6, 7), acts: bool = False
) -> argparse.ArgumentParser:
    """A verb's parser, with `--json`, its exit codes in the help, and `--as NAME` when it is logged as an act.

    Args:
        subparsers: what `add_subparsers` returned.
        name: the word the user types.
        says: what the verb does, in one sentence.
        codes: exit codes it can end with, keys of EXIT_CODES.
        acts: whether it writes to the study, so that the log of acts names somebody.
    """
    listed = "\n".join(f"  {code}  {EXIT_CODES[code]}" for code in codes)
    parser: argparse.ArgumentParser = subparsers.add_parser(
        name, help=says, description=says, epilog=f"exit codes:\n{listed}", formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--json", action="store_true", help="print one JSON document instead of text")
    if acts:
        parser.add_argument("--as", dest="as_name", metavar="NAME", help="who acts; logged beside the user of this computer")
    return parser


def emit(args: argparse.Namespace, record: Mapping[str, Any] | Sequence[Any], text: str) -> None:
    """Print a verb's result: `record` as JSON when `--json` was given, else `text`."""
    if getattr(args, "json", False):
        text = json.dumps(record, ensure_ascii=False, indent=2, default=_plain, allow_nan=False)
    sys.stdout.write(text.rstrip("\n") + "\n")


def progress(step: int, of: int, words: str) -> None:
    """Say on stderr that step `step` of `of` begins."""
    sys.stderr.write(f"[{step}/{of}] {words}\n")
    sys.stderr.flush()


def refuse(refusal: PilotError, *, as_json: bool) -> None:
    """Tell a refusal: every problem on stderr, or one JSON document on stdout."""
    if not as_json:
        sys.stderr.write(f"{refusal}\n")
        return
    problems = [problem.as_record() for problem in refusal.problems]
    record = {"error": {"kind": type(refusal).__name__, "exit_code": refusal.exit_code, "problems": problems}}
    sys.stdout.write(json.dumps(record, ensure_ascii=False, indent=2) + "\n")


def table(rows: Sequence[Sequence[object]], *, indent: str = "") -> str:
    """Rows of cells as aligned text; the first row is the heading."""
    cells = [["" if cell is None else str(cell) for cell in row] for row in rows]
    return "\n".join(line.rstrip() for line in columns(cells, indent=indent))


def counted(number: int, noun: str, plural: str | None = None) -> str:
    """'1 row', '1,204 rows'."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def _plain(value: object) -> object:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Path):
        return str(value)
    if hasattr(value, "item"):
        return value.item()
    raise TypeError(f"{type(value).__name__} has no place in a JSON answer")
