"""What one load says of itself, beside its rows in the commit: whose they are, how many, by which hashes they are known again.

A withdrawal is a load, too: one that brings no rows and takes some out.
"""

import json
from dataclasses import MISSING, asdict, dataclass, field, fields
from typing import Any, Self

BEGUN, LOADED, GIVEN_UP = "wave load begun", "wave loaded", "wave load given up"
"""Acts in the log; `LOADED` and `GIVEN_UP` confirm commits, the latter ones that hold no rows."""
WITHDRAWING, WITHDRAWN = "withdrawal begun", "answers withdrawn"
"""The same two acts, `BEGUN` and `LOADED`, of a load that only takes rows out."""

NONCE = "pilot.nonce"
_PREFIX = "pilot."


@dataclass(frozen=True)
class Load:
    """One load as it is committed with its rows; hashes are SHA-256 in hexadecimal digits.

    Attributes:
        mode: 'new', 'append', 'supersede' or 'withdraw': one that brings no rows and takes some out.
        content: over the rows that came, whatever their order.
        arrived: the same by organisation.
        standing: by organisation, over all its rows in this wave once this load is done.
        counts: rows by organisation in this load.
        replaced: organisations whose earlier rows in this wave this load took away.
        files: data files written, by path in the table, with their hash; rows of others that lay in files taken away are in them.
        schema: over names and types of columns.
        protocol: over the plan's documents.
        key: mark of the key that made the pseudonyms; empty when no row has one.
        nonce: ties commits to the line that began them.
        diff: what a load that took the place of others changed, organisation by organisation, in counts (`diff`).
        lines: organisations whose pseudonyms are made under a former code of theirs, with that code (`lines`).
    """

    population: str
    wave: str
    mode: str
    reason: str
    actor: str
    when: str
    rows: int
    content: str
    arrived: dict[str, str]
    standing: dict[str, str]
    counts: dict[str, int]
    replaced: list[str]
    files: dict[str, str]
    schema: str
    protocol: str
    key: str
    nonce: str
    diff: dict[str, Any] = field(default_factory=dict)
    lines: dict[str, str] = field(default_factory=dict)

    @property
    def withdrawn(self) -> tuple[str, ...]:
        """Organisations whose rows this load took out and put none in their place."""
        return tuple(name for name in self.replaced if name not in self.counts)

    @property
    def rows_withdrawn(self) -> int:
        """How many rows of these went, as the load told it; rows that are erased later are among them."""
        return sum(int(self.diff[name]["rows_removed"]) for name in self.withdrawn)

    @property
    def organisations(self) -> tuple[str, ...]:
        """Organisations whose rows came with this load or went."""
        return tuple(sorted({*self.counts, *self.replaced}))

    def as_metadata(self) -> dict[str, str]:
        """For Delta's commit: every field under 'pilot.', text as it is, the rest as JSON."""
        return {_PREFIX + name: value if isinstance(value, str) else json.dumps(value) for name, value in asdict(self).items()}

    @classmethod
    def from_metadata(cls, facts: dict[str, Any]) -> Self:
        """Back from the commit; KeyError or ValueError when it is not one of ours."""
        optional = {one.name for one in fields(cls) if one.default_factory is not MISSING}
        texts = {one.name: facts.get(_PREFIX + one.name, "{}") for one in fields(cls) if one.name in optional}
        texts |= {one.name: facts[_PREFIX + one.name] for one in fields(cls) if one.name not in optional}
        return cls(**{one.name: texts[one.name] if one.type is str else json.loads(texts[one.name]) for one in fields(cls)})


def load_of(facts: dict[str, Any]) -> Load | None:
    """The load that a commit's metadata describe, None for a commit without rows."""
    return Load.from_metadata(facts) if f"{_PREFIX}files" in facts else None
