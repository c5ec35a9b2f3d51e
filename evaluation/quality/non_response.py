"""Who answered, beside who could have; and how different those who said nothing would have to be to undo a result.

The table sets the shares of groups among those who answered beside their shares among those eligible. It speaks of small groups
and is for the analyst: a release shows response rates only as release/response.py lets it. The tipping point asks what the silent
would have to score, since no table can say what they think.
Sources: Little & Rubin (2019), Statistical Analysis with Missing Data, chapter 15 (pattern mixtures); Duncan & Duncan (1955),
American Sociological Review 20, 210 (index of dissimilarity); docs/weights.md, section 5.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from evaluation.errors import DesignError
from evaluation.figures.numbers import percent, plain
from evaluation.organisations.headcounts import headcounts_by_group, stated_by
from evaluation.organisations.register import Register
from evaluation.protocol.documents import Documents
from evaluation.waves.response import answered_by_group
from evaluation.waves.storage.read import Responses

PLACES = ("unit", "organisation", "arm")
"""What who answered can be told by, besides the wave."""


def who_answered(
    documents: Documents, register: Register, responses: Responses, by: Sequence[str] = ("unit",)
) -> pd.DataFrame:
    """Shares of every group among those who answered and among those who could have.

    Args:
        documents: names the population's headcounts and groups.
        register: the units, with their organisation and arm.
        responses: the stored answers of one population.
        by: of `PLACES`, what is told apart; nothing for the whole population.

    Returns:
        One row a wave, place, group and level: wave, `by`, group, level, eligible, answered (people who stated the level), rate
        (percent), share_eligible and share_answered (percent of the place's people whose level is known) and difference
        (share_answered - share_eligible, percentage points). Groups that headcounts do not state are left out; so are units and
        waves without headcounts.

    Raises:
        ProtocolError: the headcounts are wrong.
        DesignError: the population has no headcounts by any of its groups.
    """
    counted = headcounts_by_group(documents, register, responses.population)
    groups = documents.protocol.populations[responses.population].groups
    stated = [] if counted is None else [group for group in groups if counted[group].notna().any()]
    if counted is None or not stated:
        raise DesignError(
            f"the headcounts of '{responses.population}' do not state any group, so who answered cannot be set beside them.",
            fix="add a column named after a group to the headcounts.", code="headcounts",
        )
    answered = answered_by_group(responses, stated)
    answered = answered.assign(unit=register.now(answered["unit"]))
    tables = [_of_group(group, counted, answered, register, list(by)) for group in stated]
    return pd.concat(tables, ignore_index=True)


def dissimilarity(table: pd.DataFrame) -> pd.DataFrame:
    """Half the sum of differences in shares: what percentage of those who answered would have to be of another level.

    One row a wave, place and group of `who_answered`'s table, column `dissimilarity`, from 0 (as eligible) to 100.
    """
    keys = [name for name in ("wave", *PLACES, "group") if name in table]
    sums = table["difference"].abs().groupby([table[key] for key in keys], sort=False).sum() / 2
    return sums.rename("dissimilarity").reset_index()


@dataclass(frozen=True)
class TippingPoint:
    """How much lower (for an effect below zero: higher) the silent of the pilots must score than those who answered.

    Attributes:
        effect: pilots' change beyond the others', as told by those who answered, in points.
        absent: the share of pilots' people who said nothing in the later wave, 0 to 1, the mean over units (each counts alike).
        to_zero: the distance that leaves no effect, in points; infinite where everybody answered.
        to_unclear: the distance at which the interval begins to hold zero; None where it does anyway, or there is none.
        room: how far those who answered are from the end of the scale; None where it is not given.
    """

    effect: float
    absent: float
    to_zero: float
    to_unclear: float | None
    room: float | None

    @property
    def possible(self) -> bool | None:
        """Whether the silent could score so at all; None where the room is not known."""
        return None if self.room is None else self.to_zero <= self.room

    @property
    def sentence(self) -> str:
        """The tipping point in words."""
        if not np.isfinite(self.to_zero):
            return "Everybody in the pilots answered: nobody's silence can undo the result."
        way = "lower" if self.effect > 0 else "higher"
        share = percent(100 * self.absent) if self.absent >= 0.01 else "Less than 1%"
        said = f"{share} of people in the pilots said nothing."
        end = "" if self.possible is not False else " That is further than the scale goes."
        needed = f"They would have to score {plain(self.to_zero)} points {way} than those who answered for the effect to vanish."
        return f"{said} {needed}{end}"


def tipping_point(
    effect: float, response: Sequence[float], *, interval: tuple[float, float] | None = None, room: float | None = None
) -> TippingPoint:
    """What the silent of the pilots would have to score in the later wave to undo an effect.

    Elsewhere, and before, the silent are taken to score as those who answered. A pilot with response rate r then changes by
    (1 - r) d less when its silent score d lower, and the effect by the mean of (1 - r) over pilots times d.

    Args:
        effect: the effect, or the change, as told by those who answered, in points; not zero.
        response: response rates of the pilots in the later wave, above 0 and at most 1.
        interval: of the effect.
        room: points from the mean of those who answered to the end of the scale on the side that would undo the effect.

    Raises:
        DesignError: there is no effect to undo, no pilot, or a rate that is none.
    """
    rates = np.asarray(response, dtype=float)
    if not (np.isfinite(effect) and effect != 0):
        raise DesignError("there is no effect that silence could undo.", fix="give an effect other than zero.", code="effect")
    if not len(rates) or not ((rates > 0) & (rates <= 1)).all():
        raise DesignError("response rates lie above 0 and are at most 1.", fix="divide answers by eligible people.", code="rate")
    absent = float(1 - rates.mean())
    clear = interval is not None and interval[0] * interval[1] > 0
    to_unclear = _apart(min(abs(end) for end in interval), absent) if clear and interval is not None else None
    return TippingPoint(effect, absent, _apart(abs(effect), absent), to_unclear, room)


def _apart(distance: float, absent: float) -> float:
    """By how much the absent share must differ to move the whole by `distance`."""
    return distance / absent if absent else np.inf


def _of_group(group: str, counted: pd.DataFrame, answered: pd.DataFrame, register: Register, by: list[str]) -> pd.DataFrame:
    """The table of one group."""
    own = stated_by(counted, [group]).groupby(["unit", "wave", group])["eligible"].sum()
    came = answered.groupby(["unit", "wave", group])["answered"].sum()
    cells = pd.concat([own, came], axis=1).fillna(0).reset_index().rename(columns={group: "level"})
    known = own.reset_index()[["unit", "wave"]].drop_duplicates()
    waves = answered[["unit", "wave"]].drop_duplicates()
    cells = cells.merge(known, on=["unit", "wave"]).merge(waves, on=["unit", "wave"])
    cells = cells.assign(**{name: cells["unit"].map(register.units[name]) for name in ("organisation", "arm")})
    sums = cells.groupby(["wave", *by, "level"], sort=True)[["eligible", "answered"]].sum().astype("int64").reset_index()
    place = [sums[key] for key in ("wave", *by)]
    shares = {name: 100 * sums[name] / sums.groupby(place)[name].transform("sum") for name in ("eligible", "answered")}
    sums = sums.assign(
        group=group, rate=100 * sums["answered"] / sums["eligible"].where(sums["eligible"] > 0),
        share_eligible=shares["eligible"], share_answered=shares["answered"],
    )  # fmt: skip
    sums["difference"] = sums["share_answered"] - sums["share_eligible"]
    columns = ["wave", *by, "group", "level", "eligible", "answered", "rate", "share_eligible", "share_answered", "difference"]
    return sums[columns]
