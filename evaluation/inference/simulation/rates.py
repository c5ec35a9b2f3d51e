"""How often a method is wrong, and how: rates over drawn studies, with the error that comes from drawing only so many.

The same seed gives the same numbers whatever the number of processes: studies are drawn in blocks of fixed size, each with a
stream of its own, and put together in order.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context

import numpy as np

from evaluation.inference.simulation.layout import Layout, draw
from evaluation.inference.simulation.methods import Method, Outcomes

BLOCK = 500

Told = Callable[[int, int], None]
"""(studies done, of): told after every block."""


def silent(done: int, of: int) -> None:
    """Say nothing."""


@dataclass(frozen=True)
class Rates:
    """What one method does over and over when the truth is `truth`, in points; every rate is (number, its Monte Carlo error).

    `studies`: those that the method judged. `rejected`: p-value below 1 - confidence; where the truth is 0 the size of the test,
    elsewhere its power. `covered`: the interval holds the truth. `wrong_sign` and `exaggeration` look only at rejecting studies:
    how many have the sign turned, and how many times the truth their estimate is on average (type S and type M; Gelman & Carlin
    2014). `width`: mean width of the interval, points. None where there is nothing to look at.
    """

    truth: float
    studies: int
    rejected: tuple[float, float]
    covered: tuple[float, float] | None
    wrong_sign: tuple[float, float] | None
    exaggeration: tuple[float, float] | None
    width: tuple[float, float] | None


def simulate(
    layout: Layout, effect: float, methods: Mapping[str, Method], *, studies: int, seed: int, confidence: float = 0.95,
    processes: int = 1, told: Told = silent,
) -> dict[str, Outcomes]:
    """Draw studies whose true effect is `effect` points and let every method judge each.

    Args:
        layout: the exact shape.
        effect: what is added to pilots after the start.
        methods: by name, as in `methods.METHODS`; one of your own must be a function that other processes can import.
        studies: how many, B.
        seed: equal seeds give equal numbers.
        confidence: of intervals.
        processes: how many share the work; the numbers do not depend on it.
        told: told after every block.

    Returns:
        What every method says of the studies that it judged: B of them, fewer where a method says so.
    """
    sizes = [min(BLOCK, studies - start) for start in range(0, studies, BLOCK)]
    one = partial(_block, layout, effect, dict(methods), confidence)
    work = list(zip(np.random.SeedSequence(seed).spawn(len(sizes)), sizes, strict=True))
    parts = []
    for number, part in enumerate(_in_order(one, work, processes), start=1):
        parts.append(part)
        told(min(number * BLOCK, studies), studies)
    return {name: joined([part[name] for part in parts]) for name in methods}


Work = tuple[np.random.SeedSequence, int]


def _in_order(one: Callable[[Work], dict[str, Outcomes]], work: list[Work], processes: int) -> Iterator[dict[str, Outcomes]]:
    if processes == 1:
        yield from map(one, work)
        return
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        yield from pool.map(one, work)


def _block(layout: Layout, effect: float, methods: Mapping[str, Method], confidence: float, work: Work) -> dict[str, Outcomes]:
    seeds, studies = work
    sums = draw(layout, effect, studies, np.random.default_rng(seeds))
    return {name: method(sums, layout, confidence) for name, method in methods.items()}


def joined(parts: Sequence[Outcomes]) -> Outcomes:
    """Outcomes of several blocks as one, in order."""
    names = ("estimate", "p_value", "low", "high")
    return Outcomes(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))


def rates(found: Outcomes, truth: float, confidence: float = 0.95) -> Rates:
    """Rates of one method over the studies of `simulate`."""
    rejects = found.p_value < 1 - confidence
    covers = (found.low <= truth) & (truth <= found.high)
    told = found.estimate[rejects]
    known = bool(np.isfinite([found.low, found.high]).all())
    looked = truth != 0 and len(told) > 1
    return Rates(
        truth,
        len(found.estimate),
        _mean(rejects),
        _mean(covers) if known else None,
        _mean(np.sign(told) != np.sign(truth)) if looked else None,
        _mean(np.abs(told / truth)) if looked else None,
        _mean(found.high - found.low) if known else None,
    )


def _mean(values: np.ndarray) -> tuple[float, float]:
    """A mean and its Monte Carlo error."""
    return float(values.mean()), float(values.std() / np.sqrt(len(values)))
