"""What moving a variance does to X'V^-1X and log|V|: first and second derivatives, exactly, from the same sums.

They are all that Newton's method and both degrees of freedom need. Source: docs/methods.md; Kenward & Roger (1997).
"""

from dataclasses import dataclass

import numpy as np

from evaluation.inference.algebra import Array
from evaluation.inference.mixed.model import At


@dataclass(frozen=True)
class Derivatives:
    """What moving a variance does; component 0 is the residual, then the groupings; all in units of the residual variance.

    With V_i = Z_i Z_i' (V_0 the identity) and u = (columns, outcome): `first` (c+1, k+1, k+1) holds u'V^-1 V_i V^-1 u; `second`
    (c+1, c+1, k+1, k+1) u'V^-1 V_i V^-1 V_j V^-1 u, made symmetric; `traces` tr(V^-1 V_i V^-1 V_j) and `trace` tr(V^-1 V_i).
    """

    at: At
    first: Array
    second: Array
    traces: Array
    trace: Array

    @property
    def information(self) -> Array:
        """tr(P V_i P V_j), (c+1, c+1): twice the expected information on the variances."""
        phi, first = self.at.phi, self.first[:, :-1, :-1]
        inside = np.einsum("ab,ijba->ij", phi, self.second[:, :, :-1, :-1])
        moved = phi @ first
        return np.asarray(self.traces - 2 * inside + np.einsum("iab,jba->ij", moved, moved))

    @property
    def curvature(self) -> Array:
        """y'P V_i P V_j P y over the residual variance, (c+1, c+1)."""
        r, phi = self.at.residual, self.at.phi
        moved = self.first[:, :-1] @ r
        quadratic = np.einsum("a,ijab,b->ij", r, self.second, r) - moved @ phi @ moved.T
        return np.asarray(quadratic * self.at.df / self.at.squares)

    @property
    def explained(self) -> Array:
        """y'P V_i P y over the residual variance, (c+1,)."""
        r = self.at.residual
        return np.asarray(np.einsum("a,iab,b->i", r, self.first, r) * self.at.df / self.at.squares)

    @property
    def projected(self) -> Array:
        """tr(P V_i), (c+1,)."""
        return np.asarray(self.trace - np.einsum("ab,iba->i", self.at.phi, self.first[:, :-1, :-1]))


def derivatives(model: At) -> Derivatives:
    """First and second derivatives at the model's variances, exactly, from sums."""
    sums, theta = model.sums, model.theta
    k, c, m = sums.k + 1, len(theta), sums.products.shape[1]
    stretch = 1 + theta[0] * sums.rows
    first_base, second_base = -sums.weigh(stretch**-2), sums.weigh(sums.rows * stretch**-3)
    E, base = model.inner, model.base
    turn = np.broadcast_to(np.eye(m), base.shape).copy()
    turn[:, k:] -= E @ base[:, k:]
    whole = base @ turn
    back = turn.transpose(0, 2, 1)
    finest = -back @ first_base @ turn
    own = [np.flatnonzero(sums.slots == i) + k for i in range(1, c)]
    taken = first_base[:, :, k:] @ E
    second, traces = np.zeros((c + 1, c + 1, k, k)), np.zeros((c + 1, c + 1))
    second[1, 1] = (back @ (second_base - taken @ first_base[:, k:]) @ turn)[:, :k, :k].sum(axis=0)
    shrunk = sums.rows / stretch
    traces[1, 1] = (shrunk**2).sum() - 2 * _trace(E @ second_base[:, k:, k:]) + _trace(taken[:, k:] @ taken[:, k:])
    first = np.stack([np.zeros((k, k)), finest[:, :k, :k].sum(axis=0), *(_gram(whole[:, :k, i]) for i in own)])
    trace = np.array([0.0, shrunk.sum() + _trace(taken[:, k:]), *(_trace(whole[:, i][:, :, i]) for i in own)])
    for i, columns in enumerate(own, start=2):
        second[1, i] = (finest[:, :k, columns] @ whole[:, columns, :k]).sum(axis=0)
        traces[1, i] = _trace(finest[:, columns][:, :, columns])
        for j, others in enumerate(own[: i - 1], start=2):
            between = whole[:, others][:, :, columns]
            second[j, i] = (whole[:, :k, others] @ between @ whole[:, columns, :k]).sum(axis=0)
            traces[j, i] = (between**2).sum()
    return _with_residual(model, first, _mirrored(second), np.triu(traces) + np.triu(traces, 1).T, trace)


def _trace(blocks: Array) -> float:
    return float(np.trace(blocks, axis1=1, axis2=2).sum())


def _gram(columns: Array) -> Array:
    return np.asarray((columns @ columns.transpose(0, 2, 1)).sum(axis=0))


def _mirrored(second: Array) -> Array:
    """Both halves of i and j, each made symmetric: only symmetric sums of them are ever used."""
    upper = (second + second.transpose(0, 1, 3, 2)) / 2
    index = np.arange(len(second))
    lower = upper.transpose(1, 0, 2, 3).copy()
    lower[index, index] = 0.0
    return np.asarray(upper + lower)


def _with_residual(model: At, first: Array, second: Array, traces: Array, trace: Array) -> Derivatives:
    """Fill in component 0: V_0 = V - sum of theta_i V_i, so its derivatives follow from the others'."""
    theta = model.theta
    first[0] = model.cross - np.einsum("i,iab->ab", theta, first[1:])
    second[0, 1:] = second[1:, 0] = first[1:] - np.einsum("i,ijab->jab", theta, second[1:, 1:])
    second[0, 0] = first[0] - np.einsum("i,iab->ab", theta, second[1:, 0])
    trace[0] = model.sums.n - theta @ trace[1:]
    traces[0, 1:] = traces[1:, 0] = trace[1:] - theta @ traces[1:, 1:]
    traces[0, 0] = trace[0] - theta @ traces[1:, 0]
    return Derivatives(model, first, second, traces, trace)
