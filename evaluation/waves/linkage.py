"""Recognising people from wave to wave: pseudonyms, and who stayed, joined or left.

A pseudonym is made from the study, the population, the organisation and the respondent's id. The same id in two studies, two
populations or two organisations gives three unrelated pseudonyms: suppliers number people 1, 2, 3 in every organisation, and
someone who changes employer is a leaver here and a joiner there. A population that declares no linkage gets pseudonyms that
hold for one wave only: enough to refuse a person twice, useless for following anybody.
"""

from collections.abc import Container
from dataclasses import asdict, dataclass
from itertools import pairwise

import pandas as pd
import polars as pl

from evaluation.organisations.register import Register
from evaluation.protocol.model import Protocol
from evaluation.terms import Level, Linkage
from evaluation.waves.keys import Key
from evaluation.waves.store_read import Responses, read_rows


def pseudonymise(frame: pl.DataFrame, key: Key, protocol: Protocol, population: str) -> pl.DataFrame:
    """`frame` with pseudonyms in place of respondent ids, null where there is no id; rows by organisation.

    Args:
        frame: canonical rows; columns `wave`, `organisation` and `respondent` are read.
        key: the secret.
        protocol: its name keeps studies apart; the population's `linkage` says whether waves may be linked.
        population: whom the rows are from.
    """
    across = protocol.populations[population].linkage is not Linkage.NONE
    parts = []
    for (wave, organisation), rows in frame.group_by("wave", "organisation", maintain_order=True):
        pseudonym = key.pseudonyms(protocol.protocol, population, "" if across else str(wave), str(organisation))
        hidden = [None if person is None else pseudonym(person) for person in rows["respondent"].to_list()]
        parts.append(rows.with_columns(pl.Series("respondent", hidden, dtype=pl.String)))
    return pl.concat(parts) if parts else frame


def match_report(responses: Responses, wave_from: str, wave_to: str, register: Register | None = None) -> pd.DataFrame:
    """Who can be followed from one wave to the next, by unit.

    Args:
        responses: one population's verified rows.
        wave_from: earlier wave.
        wave_to: later wave.
        register: says the arm of each unit where rows do not carry one.

    Returns:
        One row a unit (x arm): `arm, unit, n_from, n_to` (rows), `stayers` (people in both waves), `leavers` (in the first
        only), `joiners` (in the second only), `without_id` (rows that cannot be linked) and `share_matched` (stayers of the
        people with an id in the first wave, 0 to 1; NaN when there are none). In a population that declares no linkage nobody
        is a stayer.
    """
    rows = read_rows(responses.files, ["wave", "arm", "unit", "respondent"])
    before, after = pl.col("wave") == wave_from, pl.col("wave") == wave_to
    place = ["arm", "unit"]
    counts = (
        rows.filter(before | after)
        .group_by(place)
        .agg(n_from=before.sum(), n_to=after.sum(), without_id=pl.col("respondent").is_null().sum())
    )
    people = rows.drop_nulls("respondent").group_by([*place, "respondent"]).agg(first=before.any(), second=after.any())
    first, second = pl.col("first"), pl.col("second")
    moves = people.group_by(place).agg(
        stayers=(first & second).sum(), leavers=(first & ~second).sum(), joiners=(~first & second).sum()
    )
    report = counts.join(moves, on=place, how="left", nulls_equal=True).with_columns(
        pl.exclude(place).fill_null(0).cast(pl.Int64)
    )
    known = pl.col("stayers") + pl.col("leavers")
    report = report.with_columns(share_matched=pl.when(known > 0).then(pl.col("stayers") / known)).sort(place, nulls_last=True)
    ordered = report.select(*place, "n_from", "n_to", "stayers", "leavers", "joiners", "without_id", "share_matched")
    return _with_arms(pd.DataFrame(ordered.to_dict(as_series=False)).astype({"share_matched": float}), register)


@dataclass(frozen=True)
class Recognised:
    """People with an id in one wave and the loaded wave before it: in both, in the first only, in the second only."""

    population: str
    wave_from: str
    wave_to: str
    stayers: int
    leavers: int
    joiners: int

    @property
    def waves(self) -> tuple[str, str]:
        """Both waves."""
        return self.wave_from, self.wave_to

    @property
    def percent(self) -> float | None:
        """Of the people of the earlier wave, how many answered again; None where nobody had an id."""
        earlier = self.stayers + self.leavers
        return 100 * self.stayers / earlier if earlier else None

    def as_record(self) -> dict[str, str | int | float | None]:
        """The counts as a JSON object."""
        return {**asdict(self), "percent_recognised": self.percent}


def recognised(responses: Responses, protocol: Protocol, waves: Container[str]) -> tuple[Recognised, ...]:
    """Who was recognised from wave to wave: each of `waves` beside the one before; none where people cannot be followed."""
    asked = protocol.populations[responses.population]
    if asked.linkage is Linkage.NONE or asked.level is not Level.RESPONDENT:
        return ()
    pairs = pairwise(wave for wave in protocol.waves if wave in waves)
    return tuple(_recognised(responses, earlier, later) for earlier, later in pairs)


def _recognised(responses: Responses, earlier: str, later: str) -> Recognised:
    report = match_report(responses, earlier, later)
    counts = (int(report[name].sum()) for name in ("stayers", "leavers", "joiners"))
    return Recognised(responses.population, earlier, later, *counts)


def _with_arms(report: pd.DataFrame, register: Register | None) -> pd.DataFrame:
    if register is None:
        return report
    stated = report["unit"].map(register.units["arm"])
    return report.assign(arm=report["arm"].where(report["arm"].notna(), stated))
