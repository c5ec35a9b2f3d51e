"""`pilot results`: the ledger, as a list and one result at a time."""

import argparse
from collections.abc import Mapping
from typing import Any

from evaluation.cli import output
from evaluation.findings import ledger
from evaluation.study import Study


def add(subparsers: Any) -> None:
    """Enter the verb with its two acts."""
    says = "list the results of a study, or show one"
    parser = subparsers.add_parser("results", help=says, description=says)
    acts = parser.add_subparsers(dest="act", required=True, parser_class=output.Parser, metavar="list|show")
    listing = output.verb(acts, "list", "every result with its number, id, moment and main verdict", codes=(0, 2, 4, 7))
    listing.add_argument("study", metavar="STUDY", help="the study's folder")
    showing = output.verb(acts, "show", "one result in sentences, or all of it with --json", codes=(0, 2, 4, 7))
    showing.add_argument("study", metavar="STUDY", help="the study's folder")
    showing.add_argument("result", metavar="ID", nargs="?", help="R-0001 or r-…; the latest when left out")


def handler(args: argparse.Namespace) -> int:
    """List or show."""
    study = Study.open(args.study)
    return _list(args, study) if args.act == "list" else _show(args, study)


def _list(args: argparse.Namespace, study: Study) -> int:
    rows = [_line(kept) for kept in ledger.all_results(study.results)]
    heading = ("number", "id", "made", "program", "main verdict")
    text = output.table([heading, *(tuple(row.values()) for row in rows)]) if rows else "no result yet; start with 'pilot run'."
    output.emit(args, {"results": rows}, text)
    return 0


def _line(kept: ledger.Result) -> dict[str, str]:
    main = next(iter(kept.content["findings"]["findings"]), None)
    return {
        "number": kept.number,
        "id": kept.id,
        "made": str(kept.environment["made"]),
        "program": str(kept.environment["program"]),
        "verdict": main["heading"] if main else "",
    }


def _show(args: argparse.Namespace, study: Study) -> int:
    kept = ledger.find(study.results, args.result or _newest(study))
    record = {"number": kept.number, "id": kept.id, "content": kept.content, "environment": kept.environment}
    output.emit(args, record, _told(kept))
    return 0


def _newest(study: Study) -> str:
    kept = ledger.latest(study.results)
    return kept.number if kept else "R-0001"


def _told(kept: ledger.Result) -> str:
    found: Mapping[str, Any] = kept.content["findings"]
    banner = [f"Simulated data. {found['simulated']}"] if found["simulated"] else []
    lines = [f"{found['title']}", f"{kept.number} ({kept.id})", *banner, ""]
    for one in found["findings"]:
        lines += [one["heading"], f"  {one['sentence']}", *(f"  {line}" for line in one["how_sure"]), ""]
    decision = found["decision"]
    lines += [f"Asked: {decision['asks']}", f"The plan says: {decision['plan_says']}", f"  {decision['reason']}", ""]
    made = kept.environment
    libraries = ", ".join(f"{name} {version}" for name, version in made["libraries"].items())
    stored = ", ".join(f"{name} {version}" for name, version in kept.content["store"].items())
    plan, data = kept.content["plan"][:10], kept.content["data"][:10]
    lines += [f"Plan {plan}, answers {data} (store versions: {stored}), seed {kept.content['seed']}"]
    lines += [f"Program {made['program']}, Python {made['python']}, {libraries}; {made['made']}"]
    return "\n".join(lines)
