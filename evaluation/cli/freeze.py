"""`pilot freeze` and `pilot amend`: seal the plan before results are seen; change it afterwards in the open."""

import argparse
from typing import Any

from evaluation.cli.output import emit, verb

FREEZE = "seal the plan: from then on one changed byte is refused until it is amended"
AMEND = "seal the changed plan beside the old one, with who, when, why, and whether results had been seen"


def add(subparsers: Any) -> None:
    """Enter both verbs."""
    freeze = verb(subparsers, "freeze", FREEZE, acts=True)
    amend = verb(subparsers, "amend", AMEND, acts=True)
    for parser in (freeze, amend):
        parser.add_argument("study", help="folder of the study")
    amend.add_argument("--reason", required=True, help="why the plan changes; kept in the seal and in the log of acts")


def handler(args: argparse.Namespace) -> int:
    """Seal, and say under which number and hash."""
    from evaluation.audit_log import actor
    from evaluation.protocol.freeze import amend, freeze
    from evaluation.study import Study

    study = Study.open(args.study)
    who = actor(args.as_name)
    seal = freeze(study.root, who) if args.verb == "freeze" else amend(study.root, args.reason, who)
    record = {
        "number": seal.number,
        "sealed_at": seal.sealed_at,
        "actor": seal.actor,
        "reason": seal.reason,
        "hash": seal.hash,
        "results_seen": seal.results_seen,
        "documents": dict(seal.hashes),
        "file": str(study.frozen / f"plan-{seal.number}.json"),
    }
    seen = "\nResults had been seen before; the seal says so." if seal.reason and seal.results_seen else ""
    what = f"{len(seal.hashes)} documents, hash {seal.hash[:16]}"
    text = f"Plan {seal.number} sealed: {what}, by {seal.actor} on {seal.sealed_at[:10]}."
    emit(args, record, text + seen)
    return 0
