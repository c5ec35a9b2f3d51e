"""Where a result comes from: what its id is the hash of, and how it was computed."""

import json
import platform
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from evaluation.errors import IntegrityError
from evaluation.evidence.evidence import Evidence
from evaluation.findings.findings import Findings
from evaluation.findings.verdict import RULES_VERSION
from evaluation.protocol.documents import Documents
from evaluation.study import Study

LIBRARIES = ("duckdb", "ibis-framework", "numpy", "pandas", "pingouin", "polars", "scipy", "statsmodels")


def content_of(documents: Documents, evidence: Evidence, findings: Findings) -> dict[str, Any]:
    """What a result is the result of: plan, answers, seed and rules of judging, with what was found."""
    people = evidence.types.groupby("population")["people"].sum()
    labels = {name: one.label for name, one in documents.protocol.populations.items()}
    return {
        "plan": documents.fingerprint, "data": evidence.fingerprint, "seed": documents.protocol.seed,
        "store": {name: one.version for name, one in evidence.responses.items()},
        "verdict_rules": RULES_VERSION, "findings": findings.as_record(),
        "answers": {str(name): {"label": labels[str(name)], "people": int(number)} for name, number in people.items()},
    }


def environment() -> dict[str, Any]:
    """How a result was computed: program, Python, libraries, machine, moment. Not part of a result's id."""
    return {
        "program": program_version(), "python": platform.python_version(), "machine": platform.platform(),
        "libraries": {name: version(name) for name in LIBRARIES}, "made": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def program_version() -> str:
    """This program's version, "(not installed)" from a bare checkout."""
    try:
        return version("pilot-evaluation")
    except PackageNotFoundError:
        return "(not installed)"


def versions_of(documents: Documents, evidence: Evidence) -> Mapping[str, str]:
    """What the Protocol page names, so that a reader can tell two pages apart."""
    policy = documents.policy
    instruments = {f"instrument {name}": f"version {one.version}" for name, one in documents.instruments.items()}
    answers = {f"answers of {name}": f"version {one.version} of the store" for name, one in evidence.responses.items()}
    return {
        "program": program_version(),
        "plan": f"version {documents.protocol.version}, {documents.fingerprint[:10]}",
        **instruments,
        "disclosure policy": f"{policy.policy}, version {policy.version}",
        "rules of judging": f"version {RULES_VERSION}",
        **answers,
    }


def simulated_sentence(study: Study) -> str | None:
    """What every output says when the study's data are simulated; None when they are real."""
    if not study.simulated_file.is_file():
        return None
    try:
        return str(json.loads(study.simulated_file.read_bytes())["sentence"])
    except (ValueError, KeyError, TypeError) as fault:
        raise IntegrityError(
            "the note that says that data are simulated is not what was written.", where=study.simulated_file.name,
            fix="simulate again (pilot simulate STUDY); delete the note only if no answer in the store is simulated.",
        ) from fault
