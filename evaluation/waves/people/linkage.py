"""Recognising people from wave to wave: pseudonyms, and who stayed, joined or left.

A pseudonym is made from the study, the population, the organisation and the respondent's id. The same id in two studies, two
populations or two organisations gives three unrelated pseudonyms: suppliers number people 1, 2, 3 in every organisation, and
someone who changes employer is a leaver here and a joiner there. A population that declares no linkage gets pseudonyms that
hold for one wave only: enough to refuse a person twice, useless for following anybody.
"""

from collections.abc import Container, Mapping
from dataclasses import asdict, dataclass
from itertools import pairwise

import pandas as pd
import polars as pl

from evaluation.errors import UsageError
from evaluation.organisations.register import Register
from evaluation.protocol.model import Protocol
from evaluation.terms import Design, Level, Linkage
from evaluation.waves.people.keys import Key
from evaluation.waves.storage.read import Responses, read_rows


def pseudonymise(
    frame: pl.DataFrame, key: Key, protocol: Protocol, population: str, lines: Mapping[str, str] | None = None
) -> pl.DataFrame:
    """`frame` with pseudonyms in place of respondent ids, null where there is no id; rows stay in their order.

    Args:
        frame: canonical rows; columns `wave`, `organisation` and `respondent` are read.
        key: the secret.
        protocol: its name keeps studies apart; the population's `linkage` says whether waves may be linked.
        population: whom the rows are from.
        lines: former codes under which organisations are known, by their code (`lines.lines_of`); others are known by their own.
    """
    known, across = lines or {}, protocol.populations[population].linkage.recognises
    parts = frame.select(
        study=pl.lit(protocol.protocol),
        population=pl.lit(population),
        wave=pl.lit("") if across else pl.col("wave"),
        organisation=pl.col("organisation").replace(known) if known else pl.col("organisation"),
        respondent=pl.col("respondent"),
    )
    return frame.with_columns(key.pseudonyms(parts).alias("respondent"))


def match_report(responses: Responses, wave_from: str, wave_to: str, register: Register | None = None) -> pd.DataFrame:
    """Who can be followed from one wave to the next, by unit.

    Args:
        responses: one population's verified rows.
        wave_from: earlier wave.
        wave_to: later wave.
        register: says the arm of each unit where rows do not carry one, and what former units became: they count as one.

    Returns:
        One row a unit (x arm): `organisation, arm, unit, n_from, n_to` (rows), `stayers` (people in both waves), `leavers` (in
        the first only), `joiners` (in the second only), `moved` (leavers who answered in another unit of the organisation),
        `ambiguous` (rows of a pseudonym that several rows of one wave share, those in the other wave too: nobody can say whose
        they are, and they are not followed), `without_id` (rows that name nobody) and `share_matched` (stayers of the people who
        can be told apart in the first wave, 0 to 1; NaN when there are none). In a population that declares no linkage nobody is
        a stayer.

    Raises:
        UsageError: nobody answered in one of the waves.
    """
    rows = read_rows(responses.files, ["wave", "arm", "unit", "organisation", "respondent"])
    held = rows["wave"].unique().to_list()
    for wave in (wave_from, wave_to):
        if wave not in held:
            fix = f"waves with answers: {', '.join(sorted(held)) or 'none'}."
            raise UsageError(f"nobody of '{responses.population}' answered in a wave '{wave}'.", fix=fix, code="wave")
    before, after = pl.col("wave") == wave_from, pl.col("wave") == wave_to
    place, person = ["organisation", "arm", "unit"], ["organisation", "respondent"]
    rows = _as_now(rows.filter(before | after), register)
    named = rows.drop_nulls("respondent").with_columns(shared=(pl.len().over([*person, "wave"]) > 1).max().over(person))
    counts = rows.group_by(place).agg(n_from=before.sum(), n_to=after.sum(), without_id=pl.col("respondent").is_null().sum())
    people = (
        named.filter(~pl.col("shared"))
        .with_columns(later=after.any().over(person))
        .group_by([*place, "respondent"])
        .agg(first=before.any(), second=after.any(), later=pl.col("later").first())
    )
    first, second = pl.col("first"), pl.col("second")
    moves = people.group_by(place).agg(
        stayers=(first & second).sum(), leavers=(first & ~second).sum(), joiners=(~first & second).sum(),
        moved=(first & ~second & pl.col("later")).sum(),
    )  # fmt: skip
    unclear = named.filter(pl.col("shared")).group_by(place).agg(ambiguous=pl.len())
    report = counts.join(moves, on=place, how="left", nulls_equal=True).join(unclear, on=place, how="left", nulls_equal=True)
    report = report.with_columns(pl.exclude(place).fill_null(0).cast(pl.Int64)).sort(place, nulls_last=True)
    frame = pd.DataFrame(report.select(*place, *MATCH_COUNTS).to_dict(as_series=False))
    return _with_arms(_with_share(frame), register)


MATCH_COUNTS = ("n_from", "n_to", "stayers", "leavers", "joiners", "moved", "ambiguous", "without_id")


def match_rates(report: pd.DataFrame, by: str) -> pd.DataFrame:
    """A match report added up by "organisation" or "arm", with the share matched in each."""
    added = report.groupby(by, dropna=False, sort=True)[list(MATCH_COUNTS)].sum().reset_index()
    return _with_share(added)


def _with_share(counts: pd.DataFrame) -> pd.DataFrame:
    """With `share_matched`, stayers of stayers and leavers; missing where there are none."""
    known = (counts["stayers"] + counts["leavers"]).astype(float)
    return counts.assign(share_matched=(counts["stayers"] / known.where(known > 0)).astype(float))


@dataclass(frozen=True)
class MayFollow:
    """Whether a design may follow from how waves hang together, and why."""

    design: Design
    may: bool
    because: str


def designs_that_may_follow(linkage: Linkage, report: pd.DataFrame | None = None) -> tuple[MayFollow, ...]:
    """Which designs a population's linkage carries; with a match report also whether enough people were matched.

    Designs that compare everybody who answered need nobody to be recognised. An ancova needs people recognised in every unit.
    A panel carries the others too, about its own people: who joined since is not in it.
    """
    return tuple(_may(design, linkage, report) for design in Design)


def _may(design: Design, linkage: Linkage, report: pd.DataFrame | None) -> MayFollow:
    if design is not Design.ANCOVA:
        whom = "the people of the first wave, and nobody who came since" if linkage is Linkage.PANEL else "everybody who answered"
        return MayFollow(design, True, f"It compares {whom}.")
    if not linkage.recognises:
        return MayFollow(design, False, "It follows people, and nobody is recognised in a repeated cross-section.")
    if report is None:
        return MayFollow(design, True, "It follows the people who are recognised.")
    alone = int((report["stayers"] < 2).sum())
    if alone:
        said = f"It follows people, and {alone:,} of {len(report):,} units have fewer than two who are recognised."
        return MayFollow(design, False, said)
    rest = int(report["without_id"].sum() + report["ambiguous"].sum())
    aside = f" Rows that name nobody, or not one person only, are left out: {rest:,}." if rest else ""
    return MayFollow(design, True, f"It follows {report['stayers'].sum():,} people who are recognised.{aside}")


@dataclass(frozen=True)
class Recognised:
    """People with an id in one wave and the loaded wave before it: in both, in the first only, in the second only.

    Of the organisations that answered both.
    """

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


def recognised(
    responses: Responses, protocol: Protocol, waves: Container[str], register: Register | None = None
) -> tuple[Recognised, ...]:
    """Who was recognised from wave to wave: each of `waves` beside the one before; none where people cannot be followed.

    Only organisations that answered both are counted: whose rows have not come yet has not lost its people. `register` says which
    organisations are one under two codes.
    """
    asked = protocol.populations[responses.population]
    if not asked.linkage.recognises or asked.level is not Level.RESPONDENT:
        return ()
    pairs = pairwise(wave for wave in protocol.waves if wave in waves)
    return tuple(_recognised(responses, earlier, later, register) for earlier, later in pairs)


def _recognised(responses: Responses, earlier: str, later: str, register: Register | None) -> Recognised:
    report = match_report(responses, earlier, later, register)
    answered = report.groupby("organisation")[["n_from", "n_to"]].transform("sum").gt(0).all(axis="columns")
    counts = (int(report.loc[answered, name].sum()) for name in ("stayers", "leavers", "joiners"))
    return Recognised(responses.population, earlier, later, *counts)


def _as_now(rows: pl.DataFrame, register: Register | None) -> pl.DataFrame:
    """Rows under the units and organisations that theirs became."""
    if register is None or not len(register.former):
        return rows
    became = {str(code): str(unit) for code, unit in register.former["became"].items()}
    owner = {code: str(register.units.loc[unit, "organisation"]) for code, unit in became.items()}
    place = pl.col("unit").replace_strict(owner, default=pl.col("organisation"), return_dtype=pl.String)
    return rows.with_columns(place.alias("organisation"), pl.col("unit").replace(became))


def _with_arms(report: pd.DataFrame, register: Register | None) -> pd.DataFrame:
    if register is None:
        return report
    stated = report["unit"].map(register.answering["arm"])
    return report.assign(arm=report["arm"].where(report["arm"].notna(), stated))
