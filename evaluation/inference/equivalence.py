"""Is a difference small enough not to matter, or no worse than allowed? Two one-sided tests against the plan's margin.

A difference is shown to be within the margin at level alpha where the 1 - 2 alpha interval lies inside it. Sources: Schuirmann
(1987), Journal of Pharmacokinetics and Biopharmaceutics 15, 657; docs/methods.md, section 17.
"""

from dataclasses import dataclass
from math import inf

from scipy import stats

from evaluation.errors import DesignError
from evaluation.inference.confidence import refuse_confidence
from evaluation.inference.variance import Inference


@dataclass(frozen=True)
class Equivalence:
    """One-sided p-values against both ends of the margin, and the interval at 1 - 2 alpha that goes with them."""

    p_above_lower: float
    p_below_upper: float
    conf_low: float
    conf_high: float
    margin: float
    alpha: float

    @property
    def p_value(self) -> float:
        """Of equivalence: the larger of the two."""
        return max(self.p_above_lower, self.p_below_upper)

    @property
    def is_within_margin(self) -> bool:
        """Whether the difference is shown to be smaller than the margin in both directions."""
        return self.p_value < self.alpha

    def is_no_worse(self, *, higher_is_better: bool) -> bool:
        """Whether it is shown to be no worse than the margin allows (non-inferiority)."""
        return (self.p_above_lower if higher_is_better else self.p_below_upper) < self.alpha


def equivalence(found: Inference, margin: float, alpha: float = 0.05) -> Equivalence:
    """Test a difference against -margin and +margin.

    Args:
        found: the difference with its error and degrees of freedom.
        margin: in the measure's points, above zero.
        alpha: level of each one-sided test.

    Raises:
        DesignError: a margin that is not above zero and finite, an alpha that is not between 0 and 1, or a difference without an
            error.
    """
    refuse_confidence(1 - alpha)
    if not 0 < margin < inf:
        raise DesignError(f"a margin of {margin:g} leaves nothing that would not matter.", fix="give one above 0.", code="margin")
    if not (found.std_error > 0 and found.df > 0):
        raise DesignError("the difference has no error to test it with.", fix="read the interval's refusal.", code="margin")
    reach = float(stats.t.ppf(1 - alpha, found.df)) * found.std_error
    return Equivalence(
        float(stats.t.sf((found.estimate + margin) / found.std_error, found.df)),
        float(stats.t.cdf((found.estimate - margin) / found.std_error, found.df)),
        found.estimate - reach, found.estimate + reach, margin, alpha,
    )  # fmt: skip
