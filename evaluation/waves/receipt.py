"""What came in and what did not, in numbers: the receipt for a wave file. It never holds a value of a cell."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Receipt:
    """Counts of one file.

    `read` rows were in it, `kept` came in, `set_aside` says how many did not and why. `identifiers_dropped` and
    `extra_dropped` give, by column, how many cells held something; `missing` how many answers were missing, by declared
    code or 'blank'. `notes` are things accepted that a reader may want to know.
    """

    file: str
    read: int
    kept: int
    set_aside: Mapping[str, int] = field(default_factory=dict)
    identifiers_dropped: Mapping[str, int] = field(default_factory=dict)
    extra_dropped: Mapping[str, int] = field(default_factory=dict)
    missing: Mapping[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def verdict(self) -> str:
        """READY, or READY WITH NOTES; a refused file has no receipt."""
        return "READY WITH NOTES" if self.notes or self.set_aside else "READY"

    def as_record(self) -> dict[str, Any]:
        """The receipt as a JSON object."""
        return {
            "file": self.file,
            "verdict": self.verdict,
            "read": self.read,
            "kept": self.kept,
            "set_aside": dict(self.set_aside),
            "identifiers_dropped": dict(self.identifiers_dropped),
            "extra_dropped": dict(self.extra_dropped),
            "missing": dict(self.missing),
            "notes": list(self.notes),
        }
