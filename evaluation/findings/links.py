"""How the findings leave the theory of change, arrow by arrow.

An arrow is supported when at least one of its measures improved and none of them got worse or stayed the same; not supported
when one did; untested while nothing can be told. Only questions of the plan about all pilots count, not exploratory ones.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from evaluation.findings.verdict import Kind
from evaluation.protocol.model import Link, Protocol

State = Literal["supported", "not supported", "untested"]

AGAINST = {Kind.WORSE, Kind.NO_DIFFERENCE, Kind.PROBABLY_WORSE, Kind.BREACHED}


@dataclass(frozen=True)
class LinkState:
    """One arrow and where it stands."""

    from_: str
    to: str
    measured_by: tuple[str, ...]
    state: State


def link_states(protocol: Protocol, kinds: Iterable[tuple[str, Kind]]) -> tuple[LinkState, ...]:
    """The state of every arrow; `kinds` are (measure, verdict) of the questions that count."""
    known = list(kinds)
    return tuple(
        _state(link, [kind for measure, kind in known if measure in link.measured_by]) for link in protocol.theory_of_change)


def _state(link: Link, kinds: list[Kind]) -> LinkState:
    against, improved = any(kind in AGAINST for kind in kinds), Kind.IMPROVED in kinds
    state: State = "not supported" if against else "supported" if improved else "untested"
    return LinkState(link.from_, link.to, tuple(link.measured_by), state)
