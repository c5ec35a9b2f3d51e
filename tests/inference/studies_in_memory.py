"""Studies in memory: rows drawn from a known model, and their moments summed in plain numpy, without a store."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from evaluation.evidence.evidence import Evidence
from evaluation.evidence.moments import KEYS, Moments, no_moments
from evaluation.organisations.register import Register, read_register
from evaluation.protocol.documents import Documents, read_documents
from tests.studies import tiny_study


def moments_of_rows(frame: pd.DataFrame, outcome: str, covariates: tuple[str, ...] = (), centre: float = 0.0) -> Moments:
    """Moments of rows that already have 0/1 covariate columns; one cell a unit, arm and wave."""
    columns = [np.ones(len(frame)), *(frame[name].to_numpy(dtype=float) for name in covariates)]
    columns += [frame["baseline"].to_numpy(dtype=float) - centre] if "baseline" in frame else []
    u = np.column_stack([*columns, frame[outcome].to_numpy(dtype=float) - centre])
    places = frame[list(KEYS)].reset_index(drop=True)
    cells, products = [], []
    for key, rows in places.groupby(list(KEYS), sort=True, dropna=False):
        within = u[rows.index.to_numpy()]
        cells.append(key)
        products.append(within.T @ within)
    names = ("1", *covariates, *(("baseline",) if "baseline" in frame else ()), outcome)
    return Moments(pd.DataFrame(cells, columns=list(KEYS)), names, np.array(products), centre)


def survey(
    units: dict[str, str],
    people: list[int] | int = 30,
    *,
    effect: float = 0.5,
    seed: int = 1,
    between: float = 0.2,
    waves: float = 0.1,
    noise: float = 1.0,
    linked: float = 0.0,
) -> pd.DataFrame:
    """Rows of two waves: unit -> arm ('develop' or 'comparison'), `people` per unit and wave, two 0/1 covariates.

    `linked` is the share of a person's spread that both answers have in common; respondents have the same names in both waves.
    """
    rng = np.random.default_rng(seed)
    sizes = [people] * len(units) if isinstance(people, int) else people
    cells, drawn = [], []
    for (unit, arm), n in zip(units.items(), sizes, strict=True):
        level, person = rng.normal(0, between), rng.normal(0, np.sqrt(linked) * noise, n)
        nursing, older = rng.random(n) < 0.4, rng.random(n) < 0.5
        for wave in ("baseline", "month_12"):
            moved = effect * (arm == "develop") * (wave == "month_12") + 0.1 * (wave == "month_12")
            score = 6 + level + moved + rng.normal(0, waves) + person + rng.normal(0, np.sqrt(1 - linked) * noise, n)
            cells += [(unit, unit, arm, "pilot" if arm != "comparison" else "comparison", wave, f"{unit}-{k}") for k in range(n)]
            drawn.append(np.column_stack([nursing, older, score + 0.3 * nursing - 0.2 * older]))
    named = pd.DataFrame(cells, columns=["unit", "organisation", "arm", "role", "wave", "respondent"])
    return named.join(pd.DataFrame(np.concatenate(drawn), columns=["nursing", "older", "score"]))


def pairs_of(frame: pd.DataFrame, waves: tuple[str, str] = ("baseline", "month_12")) -> pd.DataFrame:
    """One row a person with a score in both waves: `baseline` and `score`, in the cell of the later wave."""
    earlier, later = (frame[frame["wave"] == wave] for wave in waves)
    return later.merge(earlier[["unit", "respondent", "score"]].rename(columns={"score": "baseline"}), on=["unit", "respondent"])


@dataclass(frozen=True)
class Study:
    """Documents, register and evidence, as `answer` takes them; `rows` gives the rows back."""

    documents: Documents
    evidence: Evidence
    register: Register
    frame: pd.DataFrame

    def rows(self, measure: str, waves: tuple[str, ...]) -> pd.DataFrame:
        """Score rows, as the scan would give them."""
        return self.frame[self.frame["wave"].isin(waves)].reset_index(drop=True)

    @property
    def asked(self) -> tuple[Documents, Evidence, Register]:
        """The three arguments that follow the estimand's name."""
        return self.documents, self.evidence, self.register


def study(
    folder: Path,
    frame: pd.DataFrame,
    *,
    replace: dict[str, str] | None = None,
    base: int | None = None,
    register: list[tuple[str, str, str]] | None = None,
) -> Study:
    """The tiny study with these rows as the scores of 'lived_values'.

    Args:
        folder: where the documents are written.
        frame: rows as `survey` makes them, columns KEYS, respondent, score.
        replace: pieces of the protocol's text to swap.
        base: people behind each row, for a population of published means.
        register: (unit, organisation, arm) to stand in organisations.csv instead of the study's own.
    """
    documents = read_documents(tiny_study(folder, replace=replace))
    listed = read_register(documents) if register is None else _register(register, documents)
    moments = {name: no_moments(name) for name in documents.protocol.measures}
    moments["lived_values"] = moments_of_rows(frame.dropna(subset=["score"]), "score", centre=5.0)
    pairs = pairs_of(frame.dropna(subset=["score"])) if "respondent" in frame else pd.DataFrame()
    linked = {("lived_values", "baseline", "month_12"): moments_of_rows(pairs, "score", centre=5.0)} if len(pairs) else {}
    counted = frame.groupby(["organisation", "unit", "arm", "wave"]).size().rename("n").reset_index()
    types = counted.assign(population="staff", people=counted["n"] * (base or 1))
    return Study(documents, Evidence(moments, linked, pd.DataFrame(), types, {}, "f"), listed, frame)


def _register(units: list[tuple[str, str, str]], documents: Documents) -> Register:
    frame = pd.DataFrame(units, columns=["unit", "organisation", "arm"]).set_index("unit")
    frame["role"] = [documents.protocol.arms[arm].role.value for arm in frame["arm"]]
    return Register(frame.assign(type=None, start=None, implemented=float("nan")))


def arms(pilots: int, comparisons: int) -> dict[str, str]:
    """unit -> arm, with the tiny study's names."""
    return {f"P{k + 1}": "develop" for k in range(pilots)} | {f"C{k + 1}": "comparison" for k in range(comparisons)}
