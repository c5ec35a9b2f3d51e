"""A change split into what made it: the same people moved, the workforce turned over, or other people answered.

The change between two waves of everybody who answered in a unit is, exactly, the sum of four parts. With k a group, p its share
of the eligible, r its share of those who answered and m its mean:
  who answered   the sum over k of (r - p) m, later less earlier: what weighting to headcounts would take away, and the part
                 of people who could have answered in both waves and did so in one;
  workforce      the sum of (p_later - p_earlier) times the group's mean of both waves, and the part of people who came, left
                 or changed group;
  same people    the sum of p, the mean of both waves, times the mean change of the people of k who answered twice;
  cannot tell    the part of people who answered once, of whom nobody knows whether they could have answered in the other wave.
Who answered once differs from who answered twice by a distance; a person's part is that distance over the group's answers, times
p. The second part of each list needs `eligible_in_other`; without it those people are in `cannot tell`.
Sources: Kitagawa (1955), Journal of the American Statistical Association 50, 1168 (rates and composition); docs/weights.md,
section 6.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from evaluation.errors import DesignError
from evaluation.evidence.moments import NOT_STATED, Array
from evaluation.quality.sides import is_pilot

PARTS = ("same_people", "workforce", "who_answered", "cannot_tell")
WORDS: Mapping[str, str] = {
    "same_people": "the same people moved", "workforce": "the workforce turned over", "who_answered": "other people answered",
    "cannot_tell": "cannot be told apart", "change": "change of everybody who answered",
}  # fmt: skip


@dataclass(frozen=True)
class ChangeSplit:
    """The parts of a change, by unit.

    Attributes:
        units: one row a unit: unit, arm, n_from, n_to, stayers (people followed), ambiguous (rows whose pseudonym another row
            of the same wave has; nobody can say whose they are, and they are not followed), change and the four parts, which add
            up to it, in points.
        left_out: by unit, why its change is not split.
        untold: what these data cannot tell, as sentences; empty where nothing is left in `cannot_tell`.
    """

    units: pd.DataFrame
    left_out: Mapping[str, str]
    untold: tuple[str, ...]

    def arms(self, confidence: float = 0.95) -> pd.DataFrame:
        """Means over the units of each arm, every unit alike, so that parts add up, with Student's t over units.

        Columns arm, part, says, units, estimate, std_error, df, conf_low, conf_high; no error or interval with one unit.
        """
        rows = [
            {"arm": arm, **_part(part), **_mean(own[part].to_numpy(), confidence)}
            for arm, own in self.units.groupby("arm", sort=True) for part in ("change", *PARTS)
        ]
        return pd.DataFrame(rows)

    def between(self, pilot_arms: Collection[str], confidence: float = 0.95) -> pd.DataFrame:
        """Pilots' means less the others', part by part, with the pooled t over units.

        Columns part, says, units, estimate, std_error, df, conf_low, conf_high.

        Raises:
            DesignError: an arm is named that is none, or a side has no unit.
        """
        pilot = is_pilot(self.units["arm"], pilot_arms)
        rows = []
        for part in ("change", *PARTS):
            values = self.units[part].to_numpy()
            rows.append({**_part(part), **_difference(values[pilot], values[~pilot], confidence)})
        return pd.DataFrame(rows)


def change_split(
    frame: pd.DataFrame, waves: tuple[str, str], eligible: pd.DataFrame | None = None, *, group: str | None = None
) -> ChangeSplit:
    """Split every unit's change between two waves.

    Args:
        frame: one row a respondent and wave, as `evidence.scan.rows` gives them: unit, arm, wave, respondent (missing where
            nobody can be recognised), score, the column `group`; and, where it is known, `eligible_in_other`: whether the person
            could have answered in the other wave (true, false or missing).
        waves: the earlier and the later.
        eligible: headcounts: unit, wave, the column `group`, eligible. Without them nobody knows how the workforce's groups
            changed, and all are one group.
        group: the group that headcounts are stated by; needed with `eligible`.

    Returns:
        The parts by unit. A unit that nobody answered from in a wave is left out, and so is one whose headcounts name a group
        in which nobody answered, or lack one in which somebody did.

    Raises:
        DesignError: no unit's change can be split.
    """
    if (eligible is None) != (group is None):
        raise ValueError("headcounts and the group that they are stated by belong together")
    own = _prepared(frame, waves, group)
    found, left_out = [], {}
    for (unit, arm), rows in own.groupby(["unit", "arm"], sort=True, dropna=False):
        if not isinstance(arm, str):
            left_out[str(unit)] = "its arm is not known"
            continue
        shares = None if eligible is None else eligible[eligible["unit"].astype(str) == str(unit)]
        split = _of_unit(rows, waves, shares, group)
        if isinstance(split, str):
            left_out[str(unit)] = split
        else:
            found.append({"unit": unit, "arm": arm, **split})
    if not found:
        reasons = "; ".join(f"{unit}: {why}" for unit, why in left_out.items())
        fix = "load both waves, and headcounts of both."
        raise DesignError(f"no unit's change can be split ({reasons}).", fix=fix, code="split")
    units = pd.DataFrame(found)
    return ChangeSplit(units, left_out, tuple(_untold(units, own, eligible is not None)))


def _prepared(frame: pd.DataFrame, waves: tuple[str, str], group: str | None) -> pd.DataFrame:
    """Rows of both waves with a score; columns unit, arm, wave, person (missing where nobody can say who), level, y, known."""
    own = frame[frame["wave"].isin(waves) & frame["score"].notna()].copy()
    shared = own["respondent"].notna() & own.duplicated(["unit", "wave", "respondent"], keep=False)
    known = own.get("eligible_in_other", pd.Series(None, own.index, dtype="object")).astype("object")
    level = pd.Series("all", own.index) if group is None else own[group].fillna(NOT_STATED).astype(str)
    person, y = own["respondent"].mask(shared), own["score"].astype(float)
    return own.assign(person=person, shared=shared, level=level, y=y, known=known)


def _of_unit(
    rows: pd.DataFrame, waves: tuple[str, str], eligible: pd.DataFrame | None, group: str | None
) -> dict[str, float] | str:
    """The parts of one unit, or why it has none."""
    early, late = (rows[rows["wave"] == wave] for wave in waves)
    if early.empty or late.empty:
        return "nobody answered in one of the waves"
    shares = []
    for wave, answered in zip(waves, (early, late), strict=True):
        found = _shares(answered, None if eligible is None else eligible[eligible["wave"] == wave], group)
        if isinstance(found, str):
            return f"{found} at '{wave}'"
        shares.append(found)
    both = early.dropna(subset=["person"]).merge(late.dropna(subset=["person"]), on="person", suffixes=("", "_later"))
    parts = dict.fromkeys(PARTS, 0.0)
    for level in sorted(set(rows["level"])):
        p, r = ([share.get(level, (0.0, 0.0))[k] for share in shares] for k in (0, 1))
        for part, value in _of_level(early, late, both, level, (p[0], p[1]), (r[0], r[1])).items():
            parts[part] += value
    counts = {"n_from": len(early), "n_to": len(late), "stayers": len(both), "ambiguous": int(rows["shared"].sum())}
    return {**counts, "change": float(late["y"].mean() - early["y"].mean()), **parts}


def _shares(answered: pd.DataFrame, eligible: pd.DataFrame | None, group: str | None) -> dict[str, tuple[float, float]] | str:
    """By level the share of the eligible and of those who answered; who did not state a level keeps their own share."""
    came = answered["level"].value_counts(normalize=True)
    if eligible is None or group is None:
        return {str(level): (share, share) for level, share in came.items()}
    could = eligible.groupby(group)["eligible"].sum()
    could = could[could > 0]
    if could.empty:
        return "there are no headcounts"
    silent = float(came.get(NOT_STATED, 0.0)) if NOT_STATED not in could.index else 0.0
    could = could / could.sum() * (1 - silent)
    if silent:
        could[NOT_STATED] = silent
    if empty := sorted(set(could.index) - set(came.index)):
        return f"nobody of {group} {', '.join(map(str, empty))} answered"
    if unknown := sorted(set(came.index) - set(could.index)):
        return f"the headcounts do not know {group} {', '.join(map(str, unknown))}"
    return {str(level): (float(could.get(level, 0.0)), float(came[level])) for level in came.index}


def _of_level(
    early: pd.DataFrame, late: pd.DataFrame, both: pd.DataFrame, level: str, p: tuple[float, float], r: tuple[float, float]
) -> dict[str, float]:
    """The parts of one level: shares of the eligible `p` and of those who answered `r`, earlier and later."""
    before, after = (rows[rows["level"] == level] for rows in (early, late))
    if before.empty or after.empty:  # a group that came or went: all of it is composition
        only = float((after if before.empty else before)["y"].mean())
        means = (only, only)
    else:
        means = float(before["y"].mean()), float(after["y"].mean())
    parts = {
        "who_answered": (r[1] - p[1]) * means[1] - (r[0] - p[0]) * means[0],
        "workforce": (p[1] - p[0]) * (means[0] + means[1]) / 2,
        "same_people": 0.0, "cannot_tell": 0.0,
    }  # fmt: skip
    weight = (p[0] + p[1]) / 2
    same = both[(both["level"] == level) & (both["level_later"] == level)]
    if same.empty:
        return {**parts, "cannot_tell": weight * (means[1] - means[0])}
    parts["same_people"] = weight * float((same["y_later"] - same["y"]).mean())
    twice, moved = set(same["person"]), set(both["person"]) - set(same["person"])
    for rows, mean, sign in ((after, same["y_later"].mean(), 1), (before, same["y"].mean(), -1)):
        others = rows[~rows["person"].isin(twice)]
        each = sign * weight * (others["y"] - mean) / len(rows)
        for part, value in each.groupby(_whose(others, moved)).sum().items():
            parts[str(part)] += float(value)
    return parts


def _whose(others: pd.DataFrame, moved: set[str]) -> pd.Series:
    """To which part each person belongs who was not in this group in both waves."""
    known = others["known"]
    part = known.map({True: "who_answered", False: "workforce"}).fillna("cannot_tell")
    return part.mask(others["person"].isin(moved), "workforce")


def _untold(units: pd.DataFrame, rows: pd.DataFrame, counted: bool) -> list[str]:
    said = []
    if not units["stayers"].sum():
        said.append("Nobody is recognised from wave to wave (a repeated cross-section): whether the same people moved, or others "
                    "of the same groups took their place, cannot be told.")
    elif rows["known"].isna().any():
        said.append("Of people who answered once nobody knows whether they came, left or said nothing: what they make up inside "
                    "their group cannot be told apart.")
    if not counted:
        said.append("Without headcounts by group nobody knows whether the workforce changed or who answered: both are among what "
                    "cannot be told apart.")
    return said


def _part(part: str) -> dict[str, str]:
    return {"part": part, "says": WORDS[part]}


def _mean(values: Array, confidence: float) -> dict[str, float]:
    error = float(values.std(ddof=1) / np.sqrt(len(values))) if len(values) > 1 else np.nan
    return _row(float(values.mean()), error, len(values) - 1, confidence, len(values))


def _difference(pilots: Array, others: Array, confidence: float) -> dict[str, float]:
    df = len(pilots) + len(others) - 2
    squares = sum(((side - side.mean()) ** 2).sum() for side in (pilots, others))
    error = float(np.sqrt(squares / df * (1 / len(pilots) + 1 / len(others)))) if df > 0 else np.nan
    return _row(float(pilots.mean() - others.mean()), error, df, confidence, len(pilots) + len(others))


def _row(estimate: float, error: float, df: int, confidence: float, units: int) -> dict[str, float]:
    reach = float(stats.t.ppf((1 + confidence) / 2, df)) * error if df > 0 else np.nan
    ends = {"conf_low": estimate - reach, "conf_high": estimate + reach}
    return {"units": units, "estimate": estimate, "std_error": error, "df": df, **ends}
