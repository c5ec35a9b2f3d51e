"""What keeps a contrast from being tested by any method: one unit that decides it alone, or an outcome without error."""

from collections.abc import Iterable

from evaluation.errors import DesignError
from evaluation.inference.algebra import Array
from evaluation.inference.variance import LeastSquares

ROUNDING = 1e-13
"""Of the outcome's sum of squares: a smaller rest is what the computer rounds."""


def refuse_untestable(fit: LeastSquares, contrasts: Iterable[Array]) -> None:
    """Go on only where every contrast (k,) has an error to be tested against.

    Raises:
        DesignError: one unit alone decides a contrast, so that its own residuals say nothing of it; or the columns leave
            nothing of the outcome unexplained.
    """
    if any(fit.rests_on_one(contrast) for contrast in contrasts):
        fix = "compare at least two units on either side."
        raise DesignError("one unit alone decides this coefficient: its error cannot be measured.", fix=fix, code="leverage")
    if fit.residual_squares <= ROUNDING * float(fit.lifted.squares.sum()):
        said = "the columns leave nothing of the outcome unexplained, so that no error can be measured."
        raise DesignError(said, fix="check that the outcome varies, and is not made from the columns.", code="no_error")
