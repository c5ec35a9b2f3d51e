"""When a measure counts as the same in all groups: the rule as data.

A level adds something that is shared by all groups. It holds where making it shared costs little fit. Sources: Cheung & Rensvold
(2002), Structural Equation Modeling 9, 233-255 (CFI); Chen (2007), Structural Equation Modeling 14, 464-504 (CFI with RMSEA);
Byrne, Shavelson & Muthen (1989), Psychological Bulletin 105, 456-466 (partial invariance, two items at least).
"""

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """What is the same in all groups; each level includes the ones before."""

    CONFIGURAL = "configural"
    METRIC = "metric"
    SCALAR = "scalar"

    @property
    def shares(self) -> str:
        """What it is that all groups share, in words."""
        return {
            Level.CONFIGURAL: "the items go together as one measure in every group",
            Level.METRIC: "every item is tied to the measure as closely in one group as in another",
            Level.SCALAR: "people who are alike on the measure answer every item alike, whichever group they are in",
        }[self]


class Outcome(StrEnum):
    """What the rule says to one level."""

    HOLDS = "holds"
    DOUBTFUL = "doubtful"
    FAILS = "fails"


@dataclass(frozen=True)
class Rule:
    """What a level may cost beside the one before it, what one factor must fit at least, and how far items may be let go.

    CFI decides, as in Cheung & Rensvold: a level fails where it falls too far. Where only RMSEA rises too far, the level is
    doubtful. In groups of 400 who differ in nothing that happens to three items about one time in eight, and a fall of CFI one
    time in fifty (docs/quality.md, section 4).

    Attributes:
        cfi_drop: most that CFI may fall.
        rmsea_rise: most that RMSEA may rise; not asked where the level before has no degrees of freedom: its RMSEA says nothing.
        least_cfi, most_srmr: at the first level, one factor that fits worse describes the items badly.
        anchors: fewest items that must stay the same in all groups.
        steady: people in the smallest group below which CFI can fall too far by chance: 9% of the time with 150 and three items.
    """

    cfi_drop: float = 0.01
    rmsea_rise: float = 0.015
    least_cfi: float = 0.90
    most_srmr: float = 0.08
    anchors: int = 2
    steady: int = 300

    def outcome(self, cfi_drop: float, rmsea_rise: float | None) -> Outcome:
        """What a level's cost beside the one before says."""
        if cfi_drop > self.cfi_drop:
            return Outcome.FAILS
        return Outcome.DOUBTFUL if rmsea_rise is not None and rmsea_rise > self.rmsea_rise else Outcome.HOLDS


RULE = Rule()
