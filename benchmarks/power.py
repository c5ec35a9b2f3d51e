"""Power by simulation (W7): this framework beside a loop over pyfixest, in one run.

12 organisations x 2 waves of 400 staff on average, sizes from 1 to 4, four covariates, 5 pilots. Ours draws sums of 2,000 studies
and judges each by the headline and by CR2 with Satterthwaite's degrees of freedom; pyfixest's loop draws answers for the same
people and fits each study with CRV1. The loop runs 20 studies a turn, and its seconds are multiplied by 100, as its name says.

    python -m benchmarks.power [--studies 2000] [--looped 20] [--rounds 11] [--seed 20250120] [--write FILE]
"""

import argparse
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.racing import Seconds, commit, machine, race, table
from evaluation.evidence.scan import moments_of
from evaluation.inference.design import Contrast
from evaluation.inference.power import Noise
from evaluation.inference.simulation.given import Given, simulate_given
from evaluation.inference.simulation.rates import rates

COVARIATES = ("nurse", "manager", "night", "age")
NOISE = Noise(0.16, 0.04, 3.8)
PILOTS, EFFECT = 5, 0.4
PAGE = Path(__file__).with_suffix(".md")


def people(seed: int, mean: int = 400) -> pd.DataFrame:
    """Who answers: covariates stay, scores are drawn."""
    rng = np.random.default_rng(seed)
    sizes = np.geomspace(1, 4, 12)
    sizes = np.rint(mean * sizes / sizes.mean()).astype(int)
    sizes = sizes[rng.permutation(12)]
    unit = np.repeat(np.tile(np.arange(12), 2), np.tile(sizes, 2))
    later = np.repeat([0, 1], sizes.sum())
    shares = (0.3, 0.1, 0.25)
    frame = {name: (rng.random(len(unit)) < share).astype("int8") for name, share in zip(COVARIATES[:3], shares, strict=True)}
    frame |= {"age": rng.integers(18, 70, len(unit)), "score": 0.0}
    arm, wave = np.where(unit < PILOTS, "pilot", "comparison"), np.where(later, "follow_up", "baseline")
    return pd.DataFrame({"organisation": unit, "arm": arm, "wave": wave, **frame})


def known(frame: pd.DataFrame) -> Given:
    """Our study: the sums of who answers."""
    moments = moments_of(frame.astype({"organisation": str}), "score", COVARIATES, unit="organisation", wave="wave", arm="arm")
    return Given(moments, Contrast("pilot - comparison", ("pilot",), ("comparison",)), "follow_up", NOISE)


def ours(frame: pd.DataFrame, studies: int, seed: int) -> dict[str, float]:
    """From the people to power, by the headline and by CR2."""
    found = simulate_given(known(frame), EFFECT, studies=studies, seed=seed)
    return {name: rates(one, EFFECT).rejected[0] for name, one in found.items()}


def by_pyfixest(frame: pd.DataFrame, studies: int, seed: int) -> float:
    """A loop: draw answers, fit with CRV1, count p below .05."""
    import pyfixest

    rng = np.random.default_rng(seed)
    pilot, later = (frame["arm"] == "pilot").astype("int8"), (frame["wave"] == "follow_up").astype("int8")
    data, unit = frame.assign(pilot=pilot, later=later, effect=pilot * later), frame["organisation"].to_numpy()
    found = 0
    for _ in range(studies):
        shift = rng.normal(0, np.sqrt(NOISE.between_units), 12)[unit]
        shift = shift + rng.normal(0, np.sqrt(NOISE.between_waves), (12, 2))[unit, later] + EFFECT * data["effect"]
        data["score"] = shift + rng.normal(0, np.sqrt(NOISE.between_people), len(data))
        lean = {"copy_data": False, "store_data": False, "lean": True}
        formula = f"score ~ pilot + later + effect + {' + '.join(COVARIATES)}"
        fit = pyfixest.feols(formula, data=data, vcov={"CRV1": "organisation"}, **lean)
        found += float(fit.pvalue()["effect"]) < 0.05
    return found / studies


def page(studies: int, looped: int, rounds: int, seed: int) -> str:
    """Run everything and write it down as Markdown."""
    frame = people(seed)
    name = f"pyfixest, CRV1, {looped} studies x {studies // looped} (extrapolated)"
    contestants = {"ours, headline and CR2": partial(ours, frame, studies, seed), name: partial(by_pyfixest, frame, looped, seed)}
    seconds = race(contestants, rounds)
    seconds[name] = [Seconds(one.clock * studies / looped, one.processor * studies / looped) for one in seconds[name]]
    power = ", ".join(f"{method} {share:.3f}" for method, share in ours(frame, studies, seed).items())
    return "\n".join([
        "# Power by simulation", "",
        f"{studies:,} studies of 12 organisations x 2 waves, {len(frame) // 24} staff on average, sizes 1 to 4, "
        f"{len(COVARIATES)} covariates; seed {seed}; commit {commit()}.",
        f"Machine: {machine()}.", "",
        f"Contestants take turns; medians of {rounds} after a first call. pyfixest fits {looped} studies a turn, its seconds are",
        f"multiplied by {studies // looped}: nothing it does is shared between studies.", "",
        *table(seconds, "from people to power"), "",
        f"Power at an effect of {EFFECT:g} points: {power}; by CRV1 in 200 of pyfixest's {by_pyfixest(frame, 200, seed):.3f},",
        "which CRV1's too narrow errors at 12 organisations flatter.", "",
    ])


def main(arguments: Sequence[str] | None = None) -> None:
    """Run, print, and write the page."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.power")
    parser.add_argument("--studies", type=int, default=2000)
    parser.add_argument("--looped", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=11)
    parser.add_argument("--seed", type=int, default=20250120)
    parser.add_argument("--write", type=Path, default=PAGE)
    chosen = parser.parse_args(arguments)
    text = page(chosen.studies, chosen.looped, chosen.rounds, chosen.seed)
    chosen.write.write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
