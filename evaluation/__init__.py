"""Pilot impact evaluation: from a protocol and survey waves to findings a board can trust.

The public names are fetched when they are first asked for, so that importing this package costs nothing.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from evaluation.findings.findings import Finding, Findings
    from evaluation.inference.analyst import unit_change
    from evaluation.inference.estimate import Answer, Estimate, Estimates
    from evaluation.inference.random_effects import RandomEffects, random_effects
    from evaluation.protocol.documents import Documents, read_documents
    from evaluation.release.publish import Release, read_release
    from evaluation.run import run
    from evaluation.study import Study

    __version__: str

_PLACES = {
    "Answer": "evaluation.inference.estimate", "Documents": "evaluation.protocol.documents",
    "Estimate": "evaluation.inference.estimate", "Estimates": "evaluation.inference.estimate",
    "Finding": "evaluation.findings.findings", "Findings": "evaluation.findings.findings",
    "RandomEffects": "evaluation.inference.random_effects",
    "Release": "evaluation.release.publish", "Study": "evaluation.study",
    "random_effects": "evaluation.inference.random_effects", "read_documents": "evaluation.protocol.documents",
    "read_release": "evaluation.release.publish", "run": "evaluation.run",
    "unit_change": "evaluation.inference.analyst",
}

__all__ = [
    "Answer", "Documents", "Estimate", "Estimates", "Finding", "Findings", "RandomEffects", "Release", "Study", "__version__",
    "random_effects", "read_documents", "read_release", "run", "unit_change",
]


def __getattr__(name: str) -> Any:
    """A public name, from the file that defines it."""
    if name == "__version__":
        return importlib.import_module("importlib.metadata").version("pilot-evaluation")
    if name not in _PLACES:
        raise AttributeError(f"module 'evaluation' has no attribute '{name}'")
    return getattr(importlib.import_module(_PLACES[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
