"""A coefficient between 0 and 1 (it may fall below) that says how much of what varies is not chance."""

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Reliability:
    """One coefficient with all that must travel with it.

    Attributes:
        measure: whose.
        coefficient: "alpha", "omega", "ICC(1)".
        estimate: at most 1 and possibly negative: reported, not clipped.
        conf_low, conf_high: its interval at `confidence`.
        n: people.
        parts: items (alpha, omega), or places that people are nested in (ICC).
        effective: people that count (alpha, omega: n); for ICC the size n0 that places would have if they were of one size.
    """

    measure: str
    coefficient: str
    estimate: float
    conf_low: float
    conf_high: float
    confidence: float
    n: int
    parts: int
    effective: float

    def of(self, measure: str) -> "Reliability":
        """The same, of a measure by its name."""
        return replace(self, measure=measure)

    @property
    def of_a_place(self) -> float:
        """ICC only: how reliably a place's mean tells places apart, ICC(k); Spearman-Brown at the effective size."""
        return self.effective * self.estimate / (1 + (self.effective - 1) * self.estimate)

    @property
    def design_effect(self) -> float:
        """ICC only: how many times larger the variance of a mean is than with as many people who are not nested."""
        return 1 + (self.effective - 1) * self.estimate
