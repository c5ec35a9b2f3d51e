"""`pilot run`: the plan applied to the waves: findings as sentences, a kept result, a preview release."""

import argparse
from typing import Any

from evaluation import audit_log
from evaluation.cli import output
from evaluation.errors import DesignError
from evaluation.study import Study


def add(subparsers: Any) -> None:
    """Enter the verb."""
    says = "apply the plan to the waves that are loaded: findings as sentences, a numbered result, a preview of the board's pages"
    parser = output.verb(subparsers, "run", says, codes=(0, 2, 4, 5, 6, 7), acts=True)
    parser.add_argument("study", metavar="STUDY", help="the study's folder")


def handler(args: argparse.Namespace) -> int:
    """Run, print the findings; 5 when no question could be estimated."""
    study = Study.open(args.study)
    from evaluation.run import run  # takes seconds to import; help must not wait for it

    findings = run(study, output.progress, audit_log.actor(args.as_name))
    record = {"result_id": findings.result_id, "result_number": findings.result_number, **findings.as_record()}
    output.emit(args, record, f"{findings.summary()}\nPreview: {study.releases / 'preview' / 'release.json'}")
    return 0 if findings.any_estimated else DesignError.exit_code
