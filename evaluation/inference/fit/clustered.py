"""A regression with people nested in clusters, and what it can tell."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from evaluation.errors import DesignError
from evaluation.inference.algebra import Array
from evaluation.inference.bootstrap import DRAWS, BootstrapTest, Together, wild_bootstrap, wild_bootstrap_together
from evaluation.inference.confidence import refuse_confidence
from evaluation.inference.estimate import Estimate, Estimates
from evaluation.inference.fit.readings import Reading, lost, still_units
from evaluation.inference.fit.regression import Fits, Regression, place_of
from evaluation.inference.fit.sides import Sides
from evaluation.inference.flags import flag
from evaluation.inference.joint import JointTest, joint_test
from evaluation.inference.leave_one_out import leave_one_out
from evaluation.inference.panel import filled, withheld, without_error
from evaluation.inference.refusals import Facts, Refusal, refusals, refused, standing
from evaluation.inference.resolution import floor
from evaluation.inference.satterthwaite import satterthwaite
from evaluation.inference.testable import EXPLAINED, lacks_error
from evaluation.inference.variance import KINDS, LeastSquares, infer
from evaluation.terms import Design, Estimator

FEW = 4
"""Clusters on a side below which a caution is raised."""
RECOMMENDED = "CR2"
SATTERTHWAITE = "satterthwaite"


@dataclass(frozen=True)
class Fit(Regression):
    """A regression with people nested in clusters: `fit` on sums, the coefficients `told`, and whom each one compares."""

    cluster: str
    fit: LeastSquares
    told: tuple[Reading, ...]
    sides: Mapping[str, Sides]
    centre: float

    def estimates(self, variance: str | None = None, confidence: float = 0.95, df: str | None = None) -> Estimates:
        """One estimate a coefficient, with the error named: CR0, CR1, CR1S, CR2 (where not given) or CR3; `df` as of `tidy`.

        A p-value that the clusters cannot bear is withheld (docs/methods.md, section 6), the estimate is not.

        Raises:
            DesignError: sums have no such error, or there are no such degrees of freedom.
        """
        kind = self._kind(variance)
        if df not in (None, SATTERTHWAITE):
            fix = f"ask for '{SATTERTHWAITE}', or leave df out."
            raise DesignError(f"with clusters there are no degrees of freedom '{df}'.", fix=fix, code="df")
        return Estimates(tuple(self._row(reading, kind, confidence, df) for reading in self.told))

    def _kind(self, variance: str | None) -> str:
        kind = variance or RECOMMENDED
        if kind not in KINDS:
            fix = f"ask for one of {', '.join(KINDS)}."
            raise DesignError(f"with clusters there is no error '{kind}'.", fix=fix, code="variance")
        return kind

    def _row(self, reading: Reading, kind: str, confidence: float, df: str | None = None) -> Estimate:
        row = self._blank(reading, kind, confidence)
        if reading.contrast is None:
            return lost(row, reading.dropped)
        estimate = float(self.fit.coefficients @ reading.contrast) + self._shift(reading.contrast)
        if self.quality.explains_all:
            return without_error(row, estimate, *row.flags, EXPLAINED)
        if self.fit.rests_on_one(reading.contrast):
            return without_error(row, estimate, *row.flags, flag("leverage_one"))
        if lacks_error(self.fit, reading.contrast):
            return without_error(row, estimate, *row.flags, EXPLAINED)
        found = replace(infer(self.fit, kind, reading.contrast), estimate=estimate)
        found = found if df is None else replace(found, df=satterthwaite(self.fit, kind, reading.contrast))
        status, keeps = standing(self._refusals(reading.term, confidence))
        return withheld([filled(row, found, kind, confidence)], status, keeps)[0].beside_floor()

    def _shift(self, contrast: Array) -> float:
        """What was taken off the outcome, given back to the constant: the first column where there is one."""
        return self.centre * float(contrast[0])

    def contrast(self, terms: Mapping[str, float], variance: str | None = None, confidence: float = 0.95) -> Estimates:
        """One sum of coefficients, each times its number: {"pilot": 1, "pilot:follow_up": 1} is the difference at follow-up.

        Raises:
            DesignError: there is no such term, it was dropped, or nothing is left of the sum.
        """
        if not any(terms.values()) or not np.isfinite(list(terms.values())).all():
            fix = 'give a number for each term: {"pilot": 1, "pilot:follow_up": 1}.'
            raise DesignError("a sum of no terms, or of terms without end, has no value.", fix=fix, code="term")
        along = np.sum([number * self._contrast(term) for term, number in terms.items()], axis=0)
        label = " + ".join(term if number == 1 else f"{number:g} {term}" for term, number in terms.items())
        sides = {self.sides[term] for term in terms if term in self.sides}
        told = replace(self, sides={**self.sides, label: min(sides, key=lambda two: two.fewest)} if sides else self.sides)
        return Estimates((told._row(Reading(label, None, along), self._kind(variance), confidence),))

    def wild_bootstrap(
        self, term: str, *, null: float = 0.0, restricted: bool = True, draws: int = DRAWS, seed: int = 0,
        confidence: float = 0.95,
    ) -> BootstrapTest:
        """The wild cluster bootstrap of a term, as `bootstrap.wild_bootstrap` describes it.

        Raises:
            DesignError: there is no such term, or the clusters cannot bear a p-value for it.
        """
        if not np.isfinite(null) or draws < 1:
            said = f"null {null:g} with {draws} draws cannot be tested."
            raise DesignError(said, fix="give a number and 9,999 draws.", code="draws")
        refuse_confidence(confidence)
        contrast = self._bearable(term, confidence)
        shift = self._shift(contrast)
        found = wild_bootstrap(
            self.fit, contrast, null=null - shift, restricted=restricted, draws=draws, seed=seed, confidence=confidence
        )
        return found.moved(shift)

    def leave_one_out(self, term: str) -> pd.DataFrame:
        """One row a cluster: the term's estimate without it and how far that moved, furthest first; NaN where it cannot be told.

        Raises:
            DesignError: there is no such term, or it was dropped.
        """
        contrast = self._contrast(term)
        table = leave_one_out(self.fit).along(contrast)
        return table.assign(estimate=table["estimate"] + self._shift(contrast))

    def joint_test(self, terms: Sequence[str], confidence: float = 0.95) -> JointTest:
        """Whether all of several coefficients are zero, by CR2 with degrees of freedom for few clusters (`joint.joint_test`).

        Raises:
            DesignError: there is no such term, it is the constant, one cluster alone decides it, or the clusters cannot bear a
                p-value for it.
        """
        if not terms:
            raise DesignError("no term is asked for.", fix="name one or more.", code="term")
        return joint_test(self.fit, np.stack([self.aimed(term, confidence).contrast for term in terms]))

    def aimed(self, term: str, confidence: float = 0.95) -> LeastSquares:
        """The fit with a term other than the constant as the regression's own contrast.

        Raises:
            DesignError: as `wild_bootstrap`.
        """
        place_of(term, [reading.term for reading in self.told if reading.piece is not None], "term")
        column = self.fit.root.kept[int(self._bearable(term, confidence).argmax())]
        return replace(self.fit, lifted=replace(self.fit.lifted, target=column))

    def _bearable(self, term: str, confidence: float) -> Array:
        """The contrast of a term that may have a p-value."""
        found = self._refusals(term, confidence)
        if found:
            raise refused(found)
        return self._contrast(term)

    def _contrast(self, term: str) -> Array:
        reading = self.told[place_of(term, [reading.term for reading in self.told], "term")]
        if reading.contrast is None:
            fix = "leave out what says the same."
            raise DesignError(f"'{term}' was left out: {reading.dropped}.", fix=fix, code="contrast_lost")
        return reading.contrast

    def _blank(self, reading: Reading, kind: str, confidence: float) -> Estimate:
        row = Estimate(
            measure=self.outcome, estimator=Estimator.LEAST_SQUARES.value, variance=kind, term=reading.term,
            confidence=confidence, unit=self.cluster, weighted=self.quality.weighted,
            n_respondents=self.quality.n_respondents, n_units=self.quality.n_units,
            flags=still_units(reading.term, self.quality.unmoved),
        )  # fmt: skip
        sides = self.sides.get(reading.term)
        if sides is None:
            return row
        least = floor(sides.pilots, sides.pilots + sides.others)
        said = f"{sides.pilots} {self.cluster}s on one side and {sides.others} on the other"
        flags = [*row.flags]
        flags += [flag("few_units", said)] if sides.fewest < FEW else []
        flags += [flag("floor_above_level", f"{least:.2g}")] if least > 1 - confidence + 1e-9 else []
        counts = replace(row, n_pilot=sides.pilots, n_comparison=sides.others)
        return replace(counts, resolution_floor=least, flags=tuple(flags))

    def _refusals(self, term: str, confidence: float) -> tuple[Refusal, ...]:
        """What the two sides of a term cannot bear; a term that compares no clusters has only its leverage to fear."""
        sides = self.sides.get(term)
        if sides is None:
            return ()
        words = self.cluster, f"{self.cluster}s"
        return refusals(Facts(Design.COMPARISON, sides.pilots, sides.others, 2, *words, confidence=confidence))


@dataclass(frozen=True)
class ClusteredFits(Fits):
    """Several outcomes on the same columns and clusters."""

    items: tuple[Fit, ...]

    def wild_bootstrap(self, term: str, *, draws: int = DRAWS, seed: int = 0, confidence: float = 0.95) -> Together:
        """A term of every outcome under the same draws, with p-values adjusted for all of them (Romano and Wolf).

        Raises:
            DesignError: there is no such term besides the constant, the clusters cannot bear a p-value, or outcomes were
                answered in different clusters.
        """
        names = [item.outcome for item in self.items]
        return wild_bootstrap_together([item.aimed(term, confidence) for item in self.items], names, draws=draws, seed=seed)
