"""The same mixed models on rows, with explicit N x N matrices and generic optimisers: shares nothing with the code it checks."""

from dataclasses import dataclass
from itertools import product

import numpy as np
import pandas as pd
from scipy.optimize import minimize

from evaluation.evidence.moments import Moments
from evaluation.inference.mixed.grouped_sums import GroupedSums, grouped_sums


@dataclass(frozen=True)
class Dense:
    """y (N,), X (N, k) and one indicator matrix Z (N, levels) a grouping."""

    y: np.ndarray
    X: np.ndarray
    Z: list[np.ndarray]

    def parts(self) -> list[np.ndarray]:
        return [np.eye(len(self.y)), *(Z @ Z.T for Z in self.Z)]

    def criterion(self, variances: np.ndarray) -> float:
        """-2 log restricted likelihood at (residual, groupings ...) variances, lme4's constants."""
        V = sum(v * part for v, part in zip(variances, self.parts(), strict=True))
        W = np.linalg.inv(V)
        A = self.X.T @ W @ self.X
        r = self.y - self.X @ np.linalg.solve(A, self.X.T @ W @ self.y)
        df = len(self.y) - self.X.shape[1]
        return float(np.linalg.slogdet(V)[1] + np.linalg.slogdet(A)[1] + r @ W @ r + df * np.log(2 * np.pi))

    def optimum(self) -> tuple[np.ndarray, float]:
        """Variances at the lowest criterion: several starts, square roots as parameters, boundaries tried."""
        spread = self.y.var()

        def at(roots: np.ndarray) -> float:
            return self.criterion(np.append(roots[0], roots[1:]) ** 2 * spread)

        found = []
        for start in product([0.7], *[[0.1, 0.7]] * len(self.Z)):
            fit = minimize(at, np.array(start), method="Nelder-Mead", options={"xatol": 1e-9, "fatol": 1e-12, "maxiter": 4000})
            found.append((fit.fun, fit.x**2 * spread))
        best, variances = min(found, key=lambda pair: pair[0])
        small = np.where(variances < 1e-7 * spread, 0.0, variances)
        return (small, self.criterion(small)) if self.criterion(small) <= best + 1e-9 else (variances, best)

    def coefficients(self, variances: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """b and its plain covariance."""
        W = np.linalg.inv(sum(v * part for v, part in zip(variances, self.parts(), strict=True)))
        phi = np.linalg.inv(self.X.T @ W @ self.X)
        return phi @ self.X.T @ W @ self.y, phi

    def kenward_roger(self, variances: np.ndarray, contrast: np.ndarray) -> tuple[float, float]:
        """Adjusted standard error and degrees of freedom, from Kenward & Roger (1997), section 3 with l = 1, term by term."""
        parts = self.parts()
        W = np.linalg.inv(sum(v * part for v, part in zip(variances, parts, strict=True)))
        phi = np.linalg.inv(self.X.T @ W @ self.X)
        P = [-self.X.T @ W @ part @ W @ self.X for part in parts]
        size = range(len(parts))
        Q = [[self.X.T @ W @ parts[i] @ W @ parts[j] @ W @ self.X for j in size] for i in size]
        information = np.array([
            [np.trace(W @ parts[i] @ W @ parts[j]) - 2 * np.trace(phi @ Q[i][j]) + np.trace(phi @ P[i] @ phi @ P[j]) for j in size]
            for i in size
        ]) / 2
        covariance = np.linalg.inv(information)
        inside = sum(covariance[i, j] * (Q[i][j] - P[i] @ phi @ P[j]) for i in size for j in size)
        adjusted = phi + 2 * phi @ inside @ phi
        theta = np.outer(contrast, contrast) / (contrast @ phi @ contrast)
        one = [np.trace(theta @ phi @ P[i] @ phi) for i in size]
        A1 = sum(covariance[i, j] * one[i] * one[j] for i in size for j in size)
        A2 = sum(covariance[i, j] * np.trace(theta @ phi @ P[i] @ phi @ theta @ phi @ P[j] @ phi) for i in size for j in size)
        B, g = (A1 + 6 * A2) / 2, (2 * A1 - 5 * A2) / (3 * A2)
        c = np.array([g, 1 - g, 3 - g]) / (3 + 2 * (1 - g))
        ratio = 2 * (1 + c[0] * B) / ((1 - c[1] * B) ** 2 * (1 - c[2] * B)) / (2 / (1 - A2) ** 2)
        return float(np.sqrt(contrast @ adjusted @ contrast)), float(4 + 3 / (ratio - 1))

    def satterthwaite(self, variances: np.ndarray, contrast: np.ndarray) -> float:
        """Degrees of freedom from numerical curvature of the criterion in variances that are not 0."""
        alive = np.flatnonzero(variances > 0)
        steps = np.diag(np.where(variances > 0, 3e-3 * variances, 0.0))[alive]

        def bent(i: int, j: int) -> float:
            ends = [a * b * self.criterion(variances + a * steps[i] + b * steps[j]) for a in (1, -1) for b in (1, -1)]
            return float(sum(ends) / (4 * steps[i].sum() * steps[j].sum()))

        def spread(at: np.ndarray) -> float:
            return float(contrast @ self.coefficients(at)[1] @ contrast)

        hessian = np.array([[bent(i, j) for j in range(len(alive))] for i in range(len(alive))])
        slope = np.array([(spread(variances + step) - spread(variances - step)) / (2 * step.sum()) for step in steps])
        return float(2 * spread(variances) ** 2 / (slope @ (2 * np.linalg.inv(hessian)) @ slope))


def moments_of_rows(frame: pd.DataFrame, columns: list[str], keys: list[str], centre: float = 0.0) -> Moments:
    """Sums of (1, columns, y) by `keys`, added up row by row in numpy."""
    grouped = frame.groupby(keys, sort=True)
    cells, codes = grouped.size().index.to_frame(index=False), grouped.ngroup().to_numpy()
    u = np.column_stack([np.ones(len(frame)), frame[columns].to_numpy(float), frame["y"].to_numpy(float) - centre])
    products = np.zeros((len(cells), u.shape[1], u.shape[1]))
    np.add.at(products, codes, u[:, :, None] * u[:, None, :])
    return Moments(cells, ("1", *columns, "y"), products, centre)


def both(frame: pd.DataFrame, columns: list[str], groups: list[list[str]]) -> tuple[GroupedSums, Dense]:
    """The model's sums, and its rows; groupings in the order of the sums, the finest first."""
    moments = moments_of_rows(frame, columns, sorted({key for keys in groups for key in keys}))
    sums = grouped_sums(moments, np.ones((len(moments.cells), 1)), ["1"], groups)
    X = np.column_stack([np.ones(len(frame)), frame[columns].to_numpy(float)])
    labels = [frame[one.name.split(":")].astype(str).agg(":".join, axis=1) for one in sums.groupings]
    Z = [pd.get_dummies(label)[list(one.levels)].to_numpy(float) for one, label in zip(sums.groupings, labels, strict=True)]
    return sums, Dense(frame["y"].to_numpy(float), X, Z)


def survey(
    seed: int, organisations: int = 7, people: int = 5, waves: int = 2, between: float = 0.5, by_wave: float = 0.4, own: float = 0.6
) -> pd.DataFrame:
    """A small unbalanced survey: some people answer once, some in all waves; `between`, `by_wave`, `own` are spreads."""
    rng = np.random.default_rng(seed)
    size = rng.integers(2, people + 1, organisations)
    organisation = np.repeat(np.arange(organisations), size)
    person, level = np.arange(len(organisation)), rng.normal(0, between, organisations)
    habit = rng.normal(0, own, len(person))
    parts = []
    for wave in range(waves):
        pilot = organisation < organisations // 2
        mean = level[organisation] + habit + rng.normal(0, by_wave, organisations)[organisation] + 0.3 * pilot * wave
        frame = pd.DataFrame({"organisation": organisation, "person": person, "wave": wave, "pilot": pilot.astype(float)})
        frame["later"], frame["age"] = float(wave > 0), rng.normal(40, 10, len(frame))
        frame["y"] = mean + 0.02 * frame["age"] + rng.normal(0, 1, len(frame))
        parts.append(frame[rng.random(len(frame)) < 0.85])
    whole = pd.concat(parts, ignore_index=True)
    return whole.assign(both=whole["pilot"] * whole["later"])
