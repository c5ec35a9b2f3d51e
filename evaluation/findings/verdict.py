"""The verdict grammar: one function from numbers to a verdict, one from a verdict to its words and tone.

The rules are tried in order and the first that holds decides. d is the estimate turned so that more is better, L to U its
interval at the protocol's confidence, L80 to U80 its 80% interval, m the minimum important difference:

1. inference refused, or nothing to compare yet: cannot tell, or not yet evaluable
2. L > 0 (U < 0), the design's resolution floor is at most 1 - confidence, and so is the p-value adjusted for the questions that
   were asked together: improved (got worse)
3. L > -m and U < m: no difference that matters
4. d >= m and L80 > 0, or L > 0 where one of the two is higher: probably improved; the mirror image: probably got worse
5. otherwise: cannot tell

What must not get worse has a margin instead: safe when L > -margin, breached when U < -margin, else not shown safe.
"""

from dataclasses import dataclass, replace
from enum import StrEnum

from evaluation.terms import Better, EstimateStatus, Tone

RULES_VERSION = 2
"""Changes with any boundary or order above; results and pages name it."""

_ROUNDING = 1e-9


class Kind(StrEnum):
    """Every verdict there is."""

    NOT_YET = "not yet evaluable"
    SO_FAR = "so far"
    CANNOT_TELL = "cannot tell"
    IMPROVED = "improved"
    WORSE = "got worse"
    NO_DIFFERENCE = "no difference that matters"
    PROBABLY_IMPROVED = "probably improved"
    PROBABLY_WORSE = "probably got worse"
    SAFE = "safe"
    BREACHED = "breached"
    NOT_SHOWN_SAFE = "not shown safe"


class Manner(StrEnum):
    """What the words compare: a change beside others' change, a level beside others' level, or only a change."""

    MORE_THAN_OTHERS = "more than others"
    BESIDE_OTHERS = "beside others"
    CHANGE_ONLY = "change only"


@dataclass(frozen=True)
class Reading:
    """The numbers that a verdict rests on, turned so that more is better; None where inference gave none."""

    estimate: float | None
    low: float | None
    high: float | None
    low80: float | None
    high80: float | None
    minimum: float
    confidence: float
    floor: float | None = None
    margin: float | None = None
    status: EstimateStatus = EstimateStatus.ESTIMATED
    watched_only: bool = False
    adjusted_p: float | None = None

    def turned(self, better: Better) -> "Reading":
        """The same reading from numbers in the measure's own direction, with more made better."""
        if better is Better.HIGHER:
            return self
        low, high = _minus(self.high), _minus(self.low)
        low80, high80 = _minus(self.high80), _minus(self.low80)
        return replace(self, estimate=_minus(self.estimate), low=low, high=high, low80=low80, high80=high80)

    @property
    def firm(self) -> bool:
        """Whether a verdict may go beyond "probably": the design can tell, and so can the family of questions together."""
        return self.design_tells and not self.one_of_many

    @property
    def one_of_many(self) -> bool:
        """Whether the result could be chance once the questions asked together with it are allowed for."""
        return self.adjusted_p is not None and self.adjusted_p > 1 - self.confidence + _ROUNDING

    @property
    def design_tells(self) -> bool:
        """Whether this design has a p-value and can tell its clearest result from chance at the plan's confidence."""
        told = self.status is not EstimateStatus.WITHHELD
        return told and (self.floor is None or self.floor <= 1 - self.confidence + _ROUNDING)

    @property
    def beyond_minimum(self) -> bool:
        """Whether the whole interval lies beyond the change that matters, on either side."""
        if self.low is None or self.high is None:
            return False
        return self.low > self.minimum or self.high < -self.minimum


def kind_of(reading: Reading) -> Kind:
    """The verdict of the table above."""
    if reading.status is EstimateStatus.NOT_YET:
        return Kind.NOT_YET
    if reading.watched_only:
        return Kind.SO_FAR
    d, low, high = reading.estimate, reading.low, reading.high
    if d is None or low is None or high is None:
        return Kind.CANNOT_TELL if reading.margin is None else Kind.NOT_SHOWN_SAFE
    if reading.margin is not None:
        return _guarded(low, high, reading.margin)
    if reading.firm and low > 0:
        return Kind.IMPROVED
    if reading.firm and high < 0:
        return Kind.WORSE
    if low > -reading.minimum and high < reading.minimum:
        return Kind.NO_DIFFERENCE
    return _leaning(d, low, high, reading)


def _guarded(low: float, high: float, margin: float) -> Kind:
    if low > -margin:
        return Kind.SAFE
    return Kind.BREACHED if high < -margin else Kind.NOT_SHOWN_SAFE


def _leaning(d: float, low: float, high: float, reading: Reading) -> Kind:
    low80, high80 = reading.low80, reading.high80
    if low > 0 or (d >= reading.minimum and low80 is not None and low80 > 0):
        return Kind.PROBABLY_IMPROVED
    if high < 0 or (d <= -reading.minimum and high80 is not None and high80 < 0):
        return Kind.PROBABLY_WORSE
    return Kind.CANNOT_TELL


@dataclass(frozen=True)
class Verdict:
    """A verdict as it is shown: its words, its words for tables, and its tone."""

    kind: Kind
    words: str
    short: str
    tone: Tone


_TONES = {
    Kind.IMPROVED: Tone.BETTER, Kind.PROBABLY_IMPROVED: Tone.BETTER,
    Kind.WORSE: Tone.WORSE, Kind.PROBABLY_WORSE: Tone.WORSE, Kind.BREACHED: Tone.WORSE,
}

_SAME_EVERYWHERE = {
    Kind.NOT_YET: "Not yet evaluable", Kind.SO_FAR: "So far, no verdict yet", Kind.CANNOT_TELL: "Cannot tell",
    Kind.SAFE: "Safe", Kind.BREACHED: "Breached", Kind.NOT_SHOWN_SAFE: "Not shown safe",
}

_COMPARED = {
    Manner.MORE_THAN_OTHERS: {
        Kind.IMPROVED: ("Improved more than {versus}", "Improved more"),
        Kind.WORSE: ("Got worse than {versus}", "Got worse"),
        Kind.NO_DIFFERENCE: ("No difference that matters", "No difference that matters"),
        Kind.PROBABLY_IMPROVED: ("Probably improved", "Probably improved"),
        Kind.PROBABLY_WORSE: ("Probably got worse", "Probably got worse"),
    },
    Manner.BESIDE_OTHERS: {
        Kind.IMPROVED: ("Better than {versus}", "Better"),
        Kind.WORSE: ("Worse than {versus}", "Worse"),
        Kind.NO_DIFFERENCE: ("No difference that matters", "No difference that matters"),
        Kind.PROBABLY_IMPROVED: ("Probably better", "Probably better"),
        Kind.PROBABLY_WORSE: ("Probably worse", "Probably worse"),
    },
}

_CHANGED = {
    Kind.IMPROVED: ("{Moved} in pilots", "{Moved}"),
    Kind.WORSE: ("{Moved} in pilots", "{Moved}"),
    Kind.NO_DIFFERENCE: ("No change that matters in pilots", "No change that matters"),
    Kind.PROBABLY_IMPROVED: ("Probably {moved} in pilots", "Probably {moved}"),
    Kind.PROBABLY_WORSE: ("Probably {moved} in pilots", "Probably {moved}"),
}


def verdict(reading: Reading, manner: Manner, better: Better, versus: str = "comparison") -> Verdict:
    """Word, table word and tone of a reading, all from its one kind."""
    kind = kind_of(reading)
    tone = _TONES.get(kind, Tone.UNCLEAR)
    if kind in _SAME_EVERYWHERE:
        words = short = _SAME_EVERYWHERE[kind]
    else:
        words, short = _worded(kind, manner, better, versus)
    if kind in (Kind.IMPROVED, Kind.WORSE) and reading.beyond_minimum:
        words += ", by more than the change that matters"
    return Verdict(kind, words, short, tone)


def short_words(kind: Kind, manner: Manner, better: Better) -> str:
    """The words for tables of a verdict nobody has reached yet."""
    return _SAME_EVERYWHERE.get(kind) or _worded(kind, manner, better, "comparison")[1]


def _worded(kind: Kind, manner: Manner, better: Better, versus: str) -> tuple[str, str]:
    if manner is not Manner.CHANGE_ONLY:
        words, short = _COMPARED[manner][kind]
        return words.format(versus=versus), short
    rose = (kind in (Kind.IMPROVED, Kind.PROBABLY_IMPROVED)) == (better is Better.HIGHER)
    moved = "rose" if rose else "fell"
    words, short = _CHANGED[kind]
    return words.format(Moved=moved.capitalize(), moved=moved), short.format(Moved=moved.capitalize(), moved=moved)


def _minus(value: float | None) -> float | None:
    return None if value is None else -value

