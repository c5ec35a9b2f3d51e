"""A small complete study, written to a folder: three pilot and five comparison organisations, three waves, one survey."""

from functools import lru_cache
from pathlib import Path
from textwrap import dedent

import numpy as np
import pandas as pd

UNITS = [("P1", "develop"), ("P2", "develop"), ("P3", "develop"), *[(f"C{k}", "comparison") for k in range(1, 6)]]

PROTOCOL = """\
protocol: tiny
version: 1
title: A tiny pilot
question: Do staff see values lived more after the pilot?
asks: extend the pilot?
board: {name: Tiny Board, contact: evaluation@example.org}
assignment: organisation
randomised: false
selection: purposive
arms:
  develop: {role: pilot, label: Develop own values}
  comparison: {role: comparison, label: No values work}
if_an_organisation_leaves: analyse as first assigned
populations:
  staff: {label: Staff, linkage: pseudonym, groups: [staff_group]}
waves:
  baseline: {label: Start, opens: 2025-02-03, closes: 2025-03-14, before: start}
  month_6: {label: 6 months, opens: 2025-10-06, closes: 2025-11-14}
  month_12: {label: 12 months, opens: 2026-04-13, closes: 2026-05-22}
looks: {watch: [month_6], decide: [month_12]}
theory_of_change:
  - {from: people talk about values, to: values are lived, measured_by: [lived_values]}
measures:
  lived_values: {label: Values lived, instrument: values, population: staff, score: mean, items: [lived_1, lived_2, lived_3], at_least: 2 of 3, scale: 0 to 10, minimum_important_difference: 0.3 points, says: see values lived}
  awareness: {label: Knows the values, instrument: values, population: staff, score: percent positive, items: [know_values], minimum_important_difference: 10 percentage points, says: know the values}
  strain: {label: Workload strain, instrument: values, population: staff, score: single item, items: [strain_1], better: lower, minimum_important_difference: 0.2 points, says: feel strained}
estimands:
  lived_values_change: {status: primary, measure: lived_values, design: difference in differences, estimator: unit change}
  awareness_change: {status: secondary, measure: awareness, design: difference in differences, family: outcomes}
  strain_not_worse: {status: guardrail, measure: strain, design: difference in differences, margin: 0.2 points}
decide:
  - {when: lived_values_change is above zero and every guardrail is safe, then: extend the pilot}
  - {otherwise: continue to one more wave}
confidence: 0.95
multiplicity: {outcomes: benjamini-hochberg}
seed: 20250120
policies: {disclosure: threshold-11}
"""

INSTRUMENT = """\
instrument: values
version: 1
population: staff
source: Worded for this study.
scales:
  agree_5:
    options: {1: Strongly disagree, 2: Disagree, 3: Neither, 4: Agree, 5: Strongly agree}
    positive: [4, 5]
    missing_codes: {99: Prefer not to say}
items:
  lived_1: {wording: Colleagues act on our values., scale: agree_5}
  lived_2: {wording: Leaders act on our values., scale: agree_5}
  lived_3: {wording: Our values are ignored when we are busy., scale: agree_5, reverse: true}
  know_values: {wording: I could name our values., scale: agree_5}
  strain_1: {wording: My workload wears me down., scale: agree_5}
"""


def tiny_study(root: Path, *, protocol: str = PROTOCOL, instrument: str = INSTRUMENT, replace: dict[str, str] | None = None) -> Path:
    """Write the study's documents under `root`; `replace` swaps pieces of the protocol's text."""
    for old, new in (replace or {}).items():
        assert old in protocol, old
        protocol = protocol.replace(old, new)
    (root / "instruments").mkdir(parents=True, exist_ok=True)
    (root / "protocol.yaml").write_text(dedent(protocol), encoding="utf-8")
    (root / "instruments" / "values.yaml").write_text(instrument, encoding="utf-8")
    rows = ["organisation,name,arm,type,region,size,values_history,start"]
    rows += [f"{code},Organisation {code},{arm},NHS Trust,North,3000,never had,{'2025-04-01' if arm == 'develop' else ''}" for code, arm in UNITS]
    (root / "organisations.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    return root


def tiny_frame(wave: str, *, seed: int = 1, effect: float = 0.5, people: int = 60) -> pd.DataFrame:
    """One wave in canonical columns: `people` staff an organisation, the same people in every wave."""
    return _drawn(wave, seed, effect, people).copy()


@lru_cache(maxsize=64)
def _drawn(wave: str, seed: int, effect: float, people: int) -> pd.DataFrame:
    items = ["lived_1", "lived_2", "lived_3", "know_values", "strain_1"]
    frames = []
    for number, (unit, arm) in enumerate(UNITS):
        person = np.random.default_rng([seed, number]).normal(0, 0.7, (people, 1))
        rng = np.random.default_rng([seed, number, len(wave), ord(wave[-1])])
        moved = effect if arm == "develop" and wave != "baseline" else 0.0
        latent = 3.2 + 0.1 * (number % 3) + person + rng.normal(0, 0.05) + rng.normal(0, 0.7, (people, len(items)))
        latent[:, :2] += moved
        latent[:, 2] -= moved
        frame = pd.DataFrame(np.clip(np.rint(latent), 1, 5).astype(int), columns=items)
        frame.insert(0, "organisation", unit)
        frame.insert(1, "respondent", [f"{unit}-{k:04d}" for k in range(people)])
        frame.insert(2, "staff_group", np.where(np.arange(people) % 3 == 0, "Nursing", "Other"))
        frames.append(frame)
    return pd.concat(frames, ignore_index=True)


def tiny_wave(folder: Path, wave: str, *, seed: int = 1, effect: float = 0.5, people: int = 60) -> Path:
    """Write `tiny_frame` as a CSV and return its path."""
    path = folder / f"{wave}.csv"
    tiny_frame(wave, seed=seed, effect=effect, people=people).to_csv(path, index=False)
    return path
