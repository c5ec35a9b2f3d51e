"""What a layout can detect, in closed form: no study is drawn.

The error of the best weighted contrast of units' figures with the assumed variances, and Student's t with the design's degrees
of freedom (docs/methods.md, formula 6, for unequal sizes, several waves before the start, people recognised and people lost).
"""

import numpy as np

from evaluation.inference.algebra import Array
from evaluation.inference.power import detectable, found_by_t, unit_variance
from evaluation.inference.simulation.layout import Layout
from evaluation.terms import Design


def figure_variance(layout: Layout) -> Array:
    """The variance of each unit's figure, (G,), squared points."""
    if layout.design in (Design.COMPARISON, Design.ANCOVA):
        people = layout.recognised if layout.design is Design.ANCOVA else layout.people[:, -1]
        return unit_variance(layout.design, layout.noise, people)
    noise, weights, people = layout.noise, layout.weights, layout.people
    variance = (weights**2 * (noise.between_waves + noise.between_people / people)).sum(axis=1)
    alike = (noise.linked or 0.0) * noise.between_people * layout.recognised / (people[:, 0] * people[:, -1])
    return np.asarray(variance + 2 * weights[0] * alike)


def contrast_error(layout: Layout) -> tuple[float, int]:
    """The standard error of the contrast and its degrees of freedom; ANCOVA pays for its slope (see `power.contrast_error`)."""
    X, ancova = layout.columns, layout.design is Design.ANCOVA
    df = layout.units - X.shape[1] - ancova
    if df < 1:
        return float("inf"), df
    variance = float(np.linalg.inv(X.T @ (X / figure_variance(layout)[:, None]))[-1, -1])
    if ancova:
        variance *= 1 + 1 / (df - 1) if df > 1 else float("inf")
    return float(np.sqrt(variance)), df


def minimum_detectable_effect(layout: Layout, *, confidence: float = 0.95, power: float = 0.8) -> float:
    """The effect found with probability `power` by a two-sided test at `confidence`, points; infinite without df."""
    return detectable(*contrast_error(layout), confidence=confidence, power=power)


def chance_to_detect(layout: Layout, effect: float, *, confidence: float = 0.95) -> float:
    """The probability that the interval leaves out zero when the true effect is `effect` points."""
    return found_by_t(effect, *contrast_error(layout), confidence=confidence)
