"""`pilot`: finds the verb, lets its file parse and act, and tells every refusal once.

`VERBS` is the whole list of verbs. A verb's file is imported only when the verb is used, so that help is instant.
"""

import argparse
import importlib
import os
import sys
from collections.abc import Sequence
from types import ModuleType
from typing import NamedTuple

from evaluation.cli.output import EXIT_CODES, Parser, refuse, table
from evaluation.errors import MachineError, PilotError, UsageError
from evaluation.registry import nearest


class Verb(NamedTuple):
    """Where a verb lives, and what it does in one line."""

    module: str
    says: str


VERBS: dict[str, Verb] = {
    "new": Verb("evaluation.cli.new", "start a study from a template, or draft one from a data file"),
    "check": Verb("evaluation.cli.check", "the plan on a page: floors, detectable changes, chance of each verdict"),
    "power": Verb("evaluation.cli.power", "what the plan can detect, design by design and method by method"),
    "freeze": Verb("evaluation.cli.freeze", "seal the plan before the results are seen"),
    "amend": Verb("evaluation.cli.freeze", "seal a changed plan, with the reason"),
    "wave": Verb("evaluation.cli.wave", "map, check, load, list, verify, lock, diff, withdraw, erase, rekey and retire waves"),
    "quality": Verb("evaluation.cli.quality", "how good the answers are: measures, who answered, who was followed"),
    "run": Verb("evaluation.cli.run", "the plan applied to the waves: findings and a preview release"),
    "results": Verb("evaluation.cli.results", "list the results, or show one"),
    "serve": Verb("evaluation.cli.serve", "the board's site, on this computer"),
    "simulate": Verb("evaluation.cli.simulate", "wave files with a known truth"),
    "demo": Verb("evaluation.cli.demo", "build the worked study and serve its board"),
    "schema": Verb("evaluation.cli.schema", "the JSON Schemas of all documents"),
    "backup": Verb("evaluation.cli.backup", "one sealed archive of a study, without keys"),
    "restore": Verb("evaluation.cli.backup", "a study back from its archive, proven byte by byte"),
    "doctor": Verb("evaluation.cli.doctor", "is this computer, and this study, in order?"),
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code (`output.EXIT_CODES`)."""
    words = list(sys.argv[1:] if argv is None else argv)
    try:
        return _act(words)
    except PilotError as refusal:
        refuse(refusal, as_json="--json" in words)
        return refusal.exit_code
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as fault:
        refuse(_surroundings(fault), as_json="--json" in words)
        return MachineError.exit_code
    except KeyboardInterrupt:
        sys.stderr.write("stopped; what was not finished was not stored.\n")
        return 1
    except SystemExit as done:
        return int(done.code or 0)


def entry() -> None:
    """The console script."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8")
    sys.exit(main())


def _act(words: list[str]) -> int:
    if not words or words[0] in {"-h", "--help", "help"}:
        sys.stdout.write(_overview())
        return 0
    if words[0] == "--version":
        sys.stdout.write(f"pilot {_version()}\n")
        return 0
    module = _module_of(words[0])
    parser = Parser(prog="pilot", description="Evaluate pilots from a protocol and survey waves.")
    module.add(parser.add_subparsers(dest="verb", required=True, parser_class=Parser))
    args: argparse.Namespace = parser.parse_args(words)
    return int(module.handler(args))


def _module_of(name: str) -> ModuleType:
    if name not in VERBS:
        close = nearest(name, list(VERBS))
        hint = f"did you mean 'pilot {close}'? " if close else ""
        raise UsageError(f"pilot has no verb {name!r}.", fix=f"{hint}Verbs: {', '.join(VERBS)}.")
    return importlib.import_module(VERBS[name].module)


def _overview() -> str:
    verbs = table([("verb", "what it does"), *((name, verb.says) for name, verb in VERBS.items())], indent="  ")
    codes = "\n".join(f"  {code}  {says}" for code, says in EXIT_CODES.items())
    return (
        "usage: pilot VERB [STUDY] ...\n\nEvaluate pilots from a protocol and survey waves.\n\n"
        f"{verbs}\n\n'pilot VERB --help' says more. Every verb answers in JSON with --json.\n\nexit codes:\n{codes}\n"
    )


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("pilot-evaluation")
    except PackageNotFoundError:
        return "(not installed)"


def _surroundings(fault: OSError) -> MachineError:
    reason = fault.strerror or str(fault)
    fix = "check free space and permissions, then run the same command again."
    return MachineError(f"the computer refused: {reason}.", where=str(fault.filename or ""), fix=fix)
