"""How the findings leave the theory of change, arrow by arrow.

An arrow is supported when at least one of its measures improved and none of them got worse or stayed the same, probably
supported when one probably did, and not supported when one got worse or stayed the same; untested until one was measured. Only
questions of the plan about all pilots count, not exploratory ones.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from evaluation.findings.verdict import Kind
from evaluation.protocol.model import Link, Protocol
from evaluation.terms import Support

AGAINST = {Kind.WORSE, Kind.NO_DIFFERENCE, Kind.PROBABLY_WORSE, Kind.BREACHED}
UNMEASURED = {Kind.NOT_YET, Kind.SO_FAR}


@dataclass(frozen=True)
class LinkState:
    """One arrow and where it stands."""

    from_: str
    to: str
    measured_by: tuple[str, ...]
    state: Support


def link_states(protocol: Protocol, kinds: Iterable[tuple[str, Kind]]) -> tuple[LinkState, ...]:
    """The state of every arrow; `kinds` are (measure, verdict) of the questions that count."""
    known = list(kinds)
    return tuple(
        _state(link, [kind for measure, kind in known if measure in link.measured_by]) for link in protocol.theory_of_change)


def _state(link: Link, kinds: list[Kind]) -> LinkState:
    return LinkState(link.from_, link.to, tuple(link.measured_by), _support([kind for kind in kinds if kind not in UNMEASURED]))


def _support(kinds: list[Kind]) -> Support:
    if not kinds:
        return Support.UNTESTED
    if any(kind in AGAINST for kind in kinds):
        return Support.NOT_SUPPORTED
    if Kind.IMPROVED in kinds:
        return Support.SUPPORTED
    return Support.PROBABLY if Kind.PROBABLY_IMPROVED in kinds else Support.CANNOT_TELL
