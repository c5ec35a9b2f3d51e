"""Does a change in what the programme works on go along with the change in the outcome? A link X -> M -> Y between units.

Each unit gives one number for each of the three, and two regressions by statsmodels: M on X (slope a) and Y on X and M (slopes c'
and b). The indirect part is a b, the direct one c', the total a b + c'. Units are what was assigned and few, so the error leaves
one unit out at a time (the spread around the whole fit, as in CR3) with Student's t, G - 3 degrees of freedom: in 1,500 simulated
links each of 6, 8, 12 and 20 units its 95% intervals held the true indirect part .94 to .99 of the time, .99 or more where a or b
is 0. statsmodels' Mediation takes rows as independent and simulates what has a closed form here; tests use it as a check.
An association: M was not assigned. `rho_at_zero` is the correlation of what moves M and Y besides X at which the indirect part
would vanish. Sampling error of units' figures pulls b towards 0, or towards the correlation of answers where the same people
answer both; every unit counts the same.
Sources: Baron & Kenny (1986), Journal of Personality and Social Psychology 51, 1173; Imai, Keele & Yamamoto (2010), Statistical
Science 25, 51, theorem 4; Imai, Keele & Tingley (2010), Psychological Methods 15, 309; docs/methods.md, section 19.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from statsmodels.regression.linear_model import OLS

from evaluation.errors import DesignError
from evaluation.inference.algebra import Array
from evaluation.inference.flags import counted
from evaluation.inference.rows.answers import answers, of_waves
from evaluation.inference.variance import Inference

FEWEST = 6
PATHS = ("X to M", "M to Y", "direct", "indirect", "total")
SENTENCE = (
    "An association between units, not a cause: M was not assigned, and whatever else moves both M and Y would show as an "
    "indirect part. It would vanish if what moves them besides X were correlated at {rho:.2f}."
)


@dataclass(frozen=True)
class Mediation:
    """The five `PATHS` of a link: `paths` (5,), and `without` each unit (G, 5), over `units`; `left_out` names units without all.

    `rho_at_zero` and `spreads` (of M and of Y, given X) are of the two regressions on X alone.
    """

    paths: Array
    without: Array
    units: tuple[str, ...]
    left_out: tuple[str, ...]
    rho_at_zero: float
    spreads: tuple[float, float]

    @property
    def sentence(self) -> str:
        """What the numbers are not, and how little it would take for them to be nothing."""
        return SENTENCE.format(rho=self.rho_at_zero)

    def infer(self, path: str) -> Inference:
        """One of `PATHS` with the jackknife's error over units and G - 3 degrees of freedom."""
        place = PATHS.index(path)
        error = float(np.sqrt(((self.without[:, place] - self.paths[place]) ** 2).sum()))
        return Inference(float(self.paths[place]), error, len(self.units) - 3.0)

    def tidy(self, confidence: float = 0.95) -> pd.DataFrame:
        """One row a path: estimate, jackknife error, degrees of freedom, interval and p-value."""
        found = [(path, self.infer(path)) for path in PATHS]
        rows = [(path, one.estimate, one.std_error, one.df, *one.interval(confidence), one.p_value) for path, one in found]
        return pd.DataFrame(rows, columns=["path", "estimate", "std_error", "df", "conf_low", "conf_high", "p_value"])

    def sensitivity(self, rhos: Sequence[float]) -> pd.DataFrame:
        """The indirect part if what moves M and Y besides X were correlated at each rho, inside -1 to 1: columns rho, indirect.

        Raises:
            DesignError: a correlation outside -1 to 1.
        """
        at = np.asarray(rhos, dtype=float)
        if not np.all(np.abs(at) < 1):
            raise DesignError("a correlation lies between -1 and 1.", fix="leave out the ends.", code="rho")
        zero = self.rho_at_zero
        slope = self.spreads[1] / self.spreads[0] * (zero - at * np.sqrt((1 - zero**2) / (1 - at**2)))
        return pd.DataFrame({"rho": at, "indirect": self.paths[0] * slope})


def mediation(
    data: pd.DataFrame, *, exposure: str, mediator: str, outcome: str, unit: str, wave: str, baseline: object, follow_up: object
) -> Mediation:
    """Split an association between units' changes into a part along a mediator and a part beside it.

    Args:
        data: one row a respondent and wave, or a unit's mean.
        exposure: X, a numeric column: an arm of 0 and 1 or a dose, the same in both waves of every unit, counts as it is;
            anything else, a measure, by how its mean changed.
        mediator: M, a numeric column, which counts by how the unit's mean changed, over rows that have it.
        outcome: Y, a numeric column, which counts in the same way.
        unit: the column that names what was assigned.
        wave: the column that names the wave.
        baseline: the earlier wave, as the column has it or as text.
        follow_up: the later wave.

    Raises:
        DesignError: fewer than six units with everything; X does not vary, M does not vary beside X, or one unit alone decides
            a slope; M and X say all of Y or X all of M; a column that `answers.answers` refuses.
    """
    names = list(dict.fromkeys([exposure, mediator, outcome]))
    if len(names) < 3:
        raise DesignError("X, M and Y are not three columns.", fix="name three.", code="column")
    changes, left_out = _changes(answers(data, names, [unit, wave]), names, unit, wave, (baseline, follow_up))
    G = len(changes)
    if G < FEWEST:
        raise DesignError(
            f"{G} units have X, M and Y in both waves; fewer than {FEWEST} cannot tell a link from one unit's own luck.",
            fix="read the changes unit by unit.", code="few",
        )  # fmt: skip
    X, M, Y = (changes[name].to_numpy() for name in names)
    _refuse_what_no_slope_bears(X, M, Y, [str(name) for name in changes.index])
    others = ~np.eye(G, dtype=bool)
    without = np.array([_paths(X[rest], M[rest], Y[rest]) for rest in others])
    alone = np.column_stack([np.ones(G), X])
    left_m, left_y = OLS(M, alone).fit().resid, OLS(Y, alone).fit().resid
    rho = float(left_m @ left_y / np.sqrt((left_m @ left_m) * (left_y @ left_y)))
    spreads = (float(np.sqrt(left_m @ left_m / (G - 2))), float(np.sqrt(left_y @ left_y / (G - 2))))
    return Mediation(_paths(X, M, Y), without, tuple(map(str, changes.index)), left_out, rho, spreads)


def _changes(
    rows: pd.DataFrame, names: list[str], unit: str, wave: str, waves: tuple[object, object]
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """One row a unit with everything, and the names of the others."""
    own, labels = of_waves(rows, wave, waves)
    first, second = (own[own[wave] == label].groupby(unit)[names].mean() for label in labels)
    moved = second - first
    exposure = names[0]
    if np.allclose(moved[exposure].dropna(), 0.0, atol=1e-12):
        moved[exposure] = first[exposure]
    whole = moved.dropna()
    units = sorted(map(str, set(own[unit]) - set(whole.index)))
    return whole.sort_index(), tuple(units)


def _paths(X: Array, M: Array, Y: Array) -> Array:
    one = np.ones(len(X))
    a = float(OLS(M, np.column_stack([one, X])).fit().params[1])
    direct, b = map(float, OLS(Y, np.column_stack([one, X, M])).fit().params[1:])
    return np.array([a, b, direct, a * b, a * b + direct])


def _refuse_what_no_slope_bears(X: Array, M: Array, Y: Array, units: list[str]) -> None:
    G = len(X)
    columns = np.column_stack([np.ones(G), _scaled(X), _scaled(M)])
    if np.linalg.matrix_rank(columns) < 3:
        said = "X does not vary between units, or M does not vary beside X: there is no link to look at."
        raise DesignError(said, fix="choose a mediator that differs between units of one arm.", code="collinear")
    if np.linalg.matrix_rank(np.column_stack([columns, _scaled(Y)])) < 4:
        said = "X and M say all of Y, to the last digit, or Y does not vary: there is nothing to judge an error by."
        raise DesignError(said, fix="check that Y is not worked out from X and M.", code="no-spread")
    alone = [units[g] for g in range(G) if np.linalg.matrix_rank(np.delete(columns, g, axis=0)) < 3]
    if alone:
        said = f"without it nothing is left to compare: one unit alone decides a slope ({counted(alone)})."
        raise DesignError(said, fix="read the changes unit by unit.", code="leverage-one")


def _scaled(values: Array) -> Array:
    """Less the mean, over the spread; 0 where all are alike but for rounding."""
    own = values - values.mean()
    size = np.abs(own).max()
    return own / size if size > 1e-9 * max(1.0, float(np.abs(values).max())) else np.zeros_like(own)
