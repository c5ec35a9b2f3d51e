"""The cells of the truth grid: organisations, pilots, clustering and sizes, and what is unusual in each variant.

Two waves, 60 answers an organisation and wave on average; of a total variance of 1 the share ICC lies between organisations, a
fifth of it between waves of one organisation. Sizes are equal or spread from 1 to 10 in equal steps of their logarithm; "mixed"
spreads pilots over them. Source: docs/methods.md, section 8.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from hashlib import sha256
from itertools import product

import numpy as np

from evaluation.inference.power import Noise
from evaluation.inference.simulation.closed_form import minimum_detectable_effect
from evaluation.inference.simulation.layout import Layout, Options, Percent
from evaluation.terms import Design

DID = Design.DIFFERENCE_IN_DIFFERENCES
PEOPLE = 60
BASE_RUNS, VARIANT_RUNS, PANEL_RUNS = 10_000, 4_000, 2_000
UNITS, PILOTS, ICCS = (4, 6, 8, 12, 20), (2, 3, 5), (0.01, 0.05, 0.10)
SIZES = ("equal", "mixed", "small treated", "large treated")
SHAPES = (
    (6, 2, "mixed"), (6, 3, "mixed"), (8, 2, "large treated"), (8, 4, "mixed"), (12, 2, "mixed"), (12, 3, "mixed"),
    (12, 3, "small treated"), (20, 3, "large treated"), (20, 5, "mixed"),
)
"""Shapes in which every variant is run, at two ICCs."""
PANEL = (
    (6, 2, "mixed", 0.05), (6, 3, "mixed", 0.05), (6, 3, "mixed", 0.10), (8, 2, "mixed", 0.05), (8, 2, "small treated", 0.05),
    (8, 2, "large treated", 0.05), (8, 4, "equal", 0.05), (8, 4, "mixed", 0.01), (8, 4, "mixed", 0.05), (12, 2, "mixed", 0.05),
    (12, 2, "large treated", 0.10), (12, 3, "small treated", 0.05), (12, 3, "mixed", 0.01), (12, 3, "mixed", 0.05),
    (12, 6, "equal", 0.05), (12, 6, "mixed", 0.10), (20, 2, "small treated", 0.05), (20, 3, "large treated", 0.10),
    (20, 5, "mixed", 0.05), (20, 10, "mixed", 0.10),
)
"""The twenty cells in which every method is run."""
VARIANTS = (
    "t4 effects", "answers 0-10", "percent near 95", "5% missing waves", "covariates", "weights", "three waves", "linked ancova",
    "staggered starts", "teams in one organisation", "poor baseline",
)


@dataclass(frozen=True)
class Cell:
    """One cell: G units of which `pilots` are pilots, ICC, sizes, and the variant ('' for none)."""

    units: int
    pilots: int
    icc: float
    sizes: str
    variant: str = ""
    part: str = "base"

    @property
    def name(self) -> str:
        """As a reader and a file name it: "base 12 (3) mixed .05"."""
        variant = f"{self.variant} " if self.variant else ""
        return f"{self.part} {variant}{self.units} ({self.pilots}) {self.sizes} {self.icc:.2f}"

    @property
    def seed(self) -> int:
        """Fixed by the name alone, so that a cell's numbers do not depend on which others are run."""
        return int(sha256(self.name.encode()).hexdigest()[:8], 16)

    @property
    def layout(self) -> Layout:
        """The shape to draw."""
        people = np.repeat(organisations(self)[:, None], 2, axis=1)
        plain = Layout(DID, people, self.pilots, noise(self.icc))
        if self.part == "panel":
            return replace(plain, matters=minimum_detectable_effect(plain))
        return special(plain, self.variant, self.icc)

    @property
    def effect(self) -> float:
        """The minimum detectable effect that the closed form declares."""
        return minimum_detectable_effect(self.layout)


def noise(icc: float, total: float = 1.0, linked: float | None = None) -> Noise:
    return Noise(0.8 * icc * total, 0.2 * icc * total, (1 - icc) * total, linked)


def organisations(cell: Cell) -> np.ndarray:
    """People of each unit, pilots first."""
    if cell.sizes == "equal":
        return np.full(cell.units, float(PEOPLE))
    sizes = np.geomspace(1, 10, cell.units)
    chosen = {
        "mixed": np.linspace(0, cell.units - 1, cell.pilots + 2).round().astype(int)[1:-1],
        "small treated": np.arange(cell.pilots),
        "large treated": np.arange(cell.units - cell.pilots, cell.units),
    }[cell.sizes]
    ordered = np.concatenate([sizes[chosen], np.delete(sizes, chosen)])
    return np.maximum(2, np.rint(PEOPLE * ordered / ordered.mean()))


def special(plain: Layout, variant: str, icc: float) -> Layout:
    """The layout with what is unusual in a variant, where a layout can say it."""
    if variant == "t4 effects":
        return replace(plain, tails=4.0)
    if variant == "answers 0-10":
        return replace(plain, scores=Options(0, 10, 11), start=8.5, noise=noise(icc, total=4.0))
    if variant == "percent near 95":
        return replace(plain, scores=Percent(), start=95.0, noise=noise(icc, total=475.0))
    if variant == "three waves":
        return replace(plain, people=plain.people[:, [0, 0, 1]], before=2)
    if variant == "staggered starts":
        return replace(plain, people=plain.people[:, [0, 0, 1]])
    if variant == "linked ancova":
        return replace(plain, design=Design.ANCOVA, kept=1.0, noise=noise(icc, linked=0.5))
    if variant == "teams in one organisation":
        return replace(plain, people=np.maximum(2, np.rint(plain.people / 4)))
    return plain


def base_cells() -> Iterator[Cell]:
    """Every combination with at least two units on either side."""
    for G, icc, sizes in product(UNITS, ICCS, SIZES):
        yield from (Cell(G, m, icc, sizes) for m in sorted({*PILOTS, G // 2}) if m <= G - 2)


def variant_cells() -> Iterator[Cell]:
    """Every variant in every shape, at an ICC of .05 and .10; 14 teams of one trust, 6 of them pilots, are a shape of their own."""
    for variant, icc in product(VARIANTS, (0.05, 0.10)):
        shapes = [(14, 6, "equal"), (14, 6, "mixed")] if variant == "teams in one organisation" else SHAPES
        yield from (Cell(G, m, icc, sizes, variant, "variant") for G, m, sizes in shapes)


def panel_cells() -> Iterator[Cell]:
    """The twenty cells of the whole panel."""
    yield from (Cell(G, m, icc, sizes, part="panel") for G, m, sizes, icc in PANEL)
