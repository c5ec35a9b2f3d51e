"""The mixed model of the panel on drawn studies: random effects of units and of their waves, and Kenward and Roger's errors.

The model is that of a real study (`mixed`). Everything but the scores is the same from study to study, so that the sums are
arranged once and only the outcome's change. Variances are searched for study by study, which takes longer than all other methods
together: one study in `EVERY` is judged, and its rates say of how many studies they are.
"""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pandas as pd

from evaluation.errors import DesignError
from evaluation.evidence.moments import Moments
from evaluation.inference.design import NEEDS_TWO_WAVES
from evaluation.inference.mixed.grouped_sums import GroupedSums, grouped_sums
from evaluation.inference.mixed.reml import fit
from evaluation.inference.mixed.small_samples import small_sample
from evaluation.inference.simulation.layout import Layout, Sums
from evaluation.inference.variance import Inference

EVERY = 5


def fitted(sums: Sums, layout: Layout) -> list[Inference]:
    """The contrast in every fifth study, without those whose variances cannot be told (`mixed.reml.fit`).

    Raises:
        DesignError: the design itself cannot settle the variances.
    """
    arranged = _arranged(layout)
    contrast = np.asarray([float(k == layout.cell_columns.shape[2] - 1) for k in arranged.root.kept])
    found = []
    for one in _with_scores(arranged, sums, layout):
        try:
            found.append(small_sample(fit(one), "kenward-roger").infer(contrast))
        except DesignError:  # as on the panel: a study whose variances cannot be told has no such row
            continue
    return found


def _arranged(layout: Layout) -> GroupedSums:
    """The sums of a study in which everybody scores nothing."""
    G, W = layout.people.shape
    names = {"unit": np.repeat(np.arange(G), W), "wave": np.tile(np.arange(W), G)}
    products = np.zeros((G * W, 2, 2))
    products[:, 0, 0] = layout.people.ravel()
    columns = layout.cell_columns.reshape(G * W, -1)
    groups = [["unit"], ["unit", "wave"]] if NEEDS_TWO_WAVES[layout.design] else [["unit"]]
    terms = [str(k) for k in range(columns.shape[1])]
    return grouped_sums(Moments(pd.DataFrame(names), ("1", "score"), products, 0.0), columns, terms, groups)


def _with_scores(arranged: GroupedSums, sums: Sums, layout: Layout) -> Iterator[GroupedSums]:
    """The same with each study's scores in the outcome's row and column; other columns are constant inside a cell."""
    k, people = arranged.k, layout.people
    place = np.asarray(arranged.places[0])
    constant = arranged.totals / arranged.rows[:, None]
    for means, within in zip(sums.means[::EVERY], sums.within[::EVERY], strict=True):
        totals, products = arranged.totals.copy(), arranged.products.copy()
        totals[place, k] = (people * means).ravel()
        squares = np.empty(len(place))
        squares[place] = ((people - 1) * within + people * means**2).ravel()
        across = constant * totals[:, [k]]
        across[:, k] = squares
        products[:, k] = products[:, :, k] = np.add.reduceat(across, arranged.starts)
        yield replace(arranged, totals=totals, products=products)
