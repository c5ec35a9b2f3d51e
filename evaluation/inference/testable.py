"""What keeps a contrast from being tested by any method: one unit that decides it alone, or an outcome without error."""

from collections.abc import Iterable

from evaluation.errors import DesignError
from evaluation.inference.algebra import Array
from evaluation.inference.flags import flag
from evaluation.inference.variance import LeastSquares

EXPLAINED = flag("all_alike", "beyond what the columns say")

ROUNDING = 1e-13
"""Of the outcome's sum of squares: a smaller rest is what the computer rounds."""
SAME = 1e-20
"""Of the squared error that people's differences would give: units with less do not differ in a contrast."""


def lacks_error(fit: LeastSquares, contrast: Array) -> bool:
    """Whether a contrast (k,) has no error but rounding: nothing of the outcome is unexplained, or no two units differ in it."""
    towards, rest = fit.root.inverse @ contrast, fit.residual_squares
    own = float(((fit.scores @ towards) ** 2).sum())
    return rest <= ROUNDING * float(fit.lifted.squares.sum()) or own <= SAME * rest * float(contrast @ towards)


def refuse_untestable(fit: LeastSquares, contrasts: Iterable[Array]) -> None:
    """Go on only where every contrast (k,) has an error to be tested against.

    Raises:
        DesignError: one unit alone decides a contrast, so that its own residuals say nothing of it; or it has no error.
    """
    for contrast in contrasts:
        if fit.rests_on_one(contrast):
            fix = "compare at least two units on either side."
            raise DesignError("one unit alone decides this coefficient: its error cannot be measured.", fix=fix, code="leverage")
        if lacks_error(fit, contrast):
            said = "no error can be measured: the columns explain the whole outcome, or all units give the same coefficient."
            raise DesignError(said, fix="check that the outcome varies, and is not made from the columns.", code="no_error")
