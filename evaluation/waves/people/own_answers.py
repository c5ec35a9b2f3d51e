"""People beside themselves: who is recognised answers much as before, so answers against those of before show what went wrong.

A scale that was turned, in the file or in one organisation's part of it; columns that stand under each other's names, or one
that was sorted by itself; organisations or groups that were mixed up; and answers that are those of before. Codes are on their
scales in all of these, and item-rest correlations (`compared.turned_items`) stay as they are in most. All is noted, none refused.

A correlation of n people that is nothing has a standard error of 1 / sqrt(n - 1), and the difference of two at most sqrt(2) times
that. Three of the first are asked for, because many items are looked at; two of the second, where two items must differ at once.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from evaluation.protocol.documents import Documents
from evaluation.protocol.wave_checks import WaveChecks, read_wave_checks
from evaluation.terms import Level
from evaluation.waves.checks.expected import set_beside
from evaluation.waves.checks.faults import listed, of_rows, shown_answer
from evaluation.waves.people.own_correlations import Correlations, both_sides, correlations, within
from evaluation.waves.storage.log import Log
from evaluation.waves.storage.read import checked_pieces, files_by_wave
from evaluation.waves.storage.same_answers import NEARLY

_PEOPLE = 2_000
"""People who are looked at, from one earlier wave."""
_ALIKE, _APART = 0.25, 4
"""Correlation of half the items with themselves from which one without any stands out, and how many standard errors below it."""
_PEERS = 4
"""Items on one scale, of which the others show how much people change in a question of its kind."""
_ITEMS, _AGAIN = 8, 0.25
"""Answers of which hardly anybody gives nearly all as before by chance, and of what share of all people that is told."""
_ENOUGH = 10
"""People of an organisation, or of a group's category, from which it is told that they are not where they were."""


@dataclass(frozen=True)
class _Met:
    """Who is in a stored wave too: `both` holds their organisation, groups and answers now, and those of then under `..._then`.

    `there` counts the people of then, by organisation, among whom they were looked for.
    """

    wave: str
    both: pl.DataFrame
    there: pl.DataFrame


def beside_themselves(
    documents: Documents, population: str, wave: str, frame: pl.DataFrame, items: Sequence[str], log: Log
) -> Iterator[str]:
    """Notes on answers that do not go with those that the same people gave in baseline or the latest other wave.

    Args:
        documents: the plan, with the bounds of a correlation and of people behind it.
        population: whose answers.
        wave: the one that arrives.
        frame: its rows, with pseudonyms.
        items: the columns of answers.
        log: what is stored.

    Raises:
        IntegrityError: a data file is not what was written.
    """
    asked, files = documents.protocol.populations[population], files_by_wave(log)
    if not asked.linkage.recognises or asked.level is not Level.RESPONDENT:
        return
    bounds, scales = read_wave_checks(documents.root), _scales(documents, items)
    for other in set_beside(documents, files, wave):
        met = _met(frame, [*asked.groups, *items], log, other, files[other])
        yield from _lost_organisations(frame, met)
        if met.both.height >= bounds.turned_item_people:
            again = _again(met, items)
            yield from [again] if again else _answers(met, scales, bounds)
            yield from (note for group in asked.groups for note in _mixed_up(met, group))


def _scales(documents: Documents, items: Sequence[str]) -> dict[str, str]:
    """The scale of every item."""
    every = {item: asked.scale for one in documents.instruments.values() for item, asked in one.items.items()}
    return {item: every[item] for item in items}


def _met(frame: pl.DataFrame, columns: Sequence[str], log: Log, wave: str, files: dict[str, str]) -> _Met:
    """Enough people who are in a stored wave too, those of long pieces taken at equal distances."""
    named = frame.select("organisation", "respondent", *columns).drop_nulls("respondent")
    found: list[pl.DataFrame] = [named.head(0).join(named.head(0), on="respondent", suffix="_then")]
    there: list[pl.Series] = [pl.Series("organisation", [], pl.String)]
    people = 0
    for piece in checked_pieces(log, files, ["organisation", "respondent", *columns]):
        lacking = [pl.lit(None, named.schema[name]).alias(name) for name in columns if name not in piece.columns]
        then = piece.with_columns(lacking).drop_nulls("respondent")
        some = then.gather_every(max(1, then.height // (2 * _PEOPLE)))
        met = named.join(some, on="respondent", suffix="_then")
        found, there, people = [*found, met], [*there, some["organisation"]], people + met.height
        if people >= _PEOPLE:
            break
    counts = pl.concat(there).alias("organisation").value_counts(name="people")
    return _Met(wave, pl.concat(found, how="vertical_relaxed"), counts)


def _answers(met: _Met, scales: Mapping[str, str], bounds: WaveChecks) -> Iterator[str]:
    """Notes on items whose answers run against those of then, go with another item's, or go with none."""
    items = [*scales]
    found = correlations(met.both, items, bounds.turned_item_people)
    turned = [item for item, r in found.own.items() if r < -max(bounds.turned_item, 3 * found.error(item))]
    if turned:
        said = [f"{item} ({found.own[item]:.2f})" for item in turned]
        yield (
            f"people answer against what they answered in wave '{met.wave}': {listed(said)} (correlation of "
            f"{met.both.height:,} people with themselves): the codes may run the other way in one of the two"
        )
    elif found.middle >= _ALIKE:
        yield from _turned_places(met, items, bounds)
    swapped = found.swapped()
    if swapped:
        said = [f"{item} with {other} ({r:.2f}; with itself {found.own[item]:.2f})" for item, (other, r) in swapped.items()]
        yield (
            f"answers go with what the same people answered to another question in wave '{met.wave}': {listed(said, 5)}: "
            "columns may stand under each other's names"
        )
    alone = {item: middle for item, middle in _unlike_before(found, scales).items() if item not in swapped}
    if alone:
        said = [f"{item} ({found.own[item]:.2f}; half of its scale's {middle:.2f} or more)" for item, middle in alone.items()]
        yield (
            f"answers have nothing to do with what the same people answered in wave '{met.wave}': {listed(said, 5)} (correlation "
            "of people with themselves): the column's rows may be moved against the others, or it may hold another question"
        )


def _unlike_before(found: Correlations, scales: Mapping[str, str]) -> dict[str, float]:
    """Items without any correlation with themselves, and that of half the items on their scale or more, which is far from it."""
    alone: dict[str, float] = {}
    for scale in set(scales.values()):
        here = {item: r for item, r in found.own.items() if scales[item] == scale}
        middle = float(np.median([*here.values()])) if len(here) >= _PEERS else 0.0
        errors = {item: found.error(item) for item in here if middle >= _ALIKE}
        alone |= {item: middle for item, e in errors.items() if abs(here[item]) < 3 * e and here[item] < middle - _APART * e}
    return alone


def _turned_places(met: _Met, items: Sequence[str], bounds: WaveChecks) -> Iterator[str]:
    """Organisations whose people answer against themselves in all that they were asked, where those of others do not."""
    against = []
    for (organisation,), rows in met.both.group_by("organisation", maintain_order=True):
        if rows.height >= _ENOUGH:
            r, t = within(rows, items)
            if r < -bounds.turned_item and t < -2:
                against.append(f"{organisation} ({r:.2f}, {rows.height:,} people)")
    if against:
        yield (
            f"people of some organisations answer against what they answered in wave '{met.wave}': {listed(against, 5)} "
            "(correlation of people with themselves over all items): the codes may run the other way in their rows"
        )


def _again(met: _Met, items: Sequence[str]) -> str:
    """What to say where many people gave nearly all answers that they gave then, or nearly all people gave many of them."""
    now, then = both_sides(met.both, items)
    varied = np.nanmin(now, axis=1, initial=np.inf) < np.nanmax(now, axis=1, initial=-np.inf)
    given, same = (np.isfinite(now) & np.isfinite(then))[varied], (now == then)[varied]
    many = given.sum(axis=1) >= _ITEMS
    again = int((same.sum(axis=1) >= NEARLY * given.sum(axis=1))[many].sum())
    alike = int((same.sum(axis=0) >= NEARLY * np.maximum(given.sum(axis=0), _ENOUGH)).sum())
    if again >= max(_ENOUGH, _AGAIN * many.sum()):
        what = f"{of_rows(again, int(many.sum()))} of people who were in wave '{met.wave}' too repeat what they answered there"
    elif alike >= _ITEMS:
        what = f"people who were in wave '{met.wave}' too repeat what they answered there to {alike} of {len(items)} items"
    else:
        return ""
    return f"{what}: answers of that wave may have come again"


def _mixed_up(met: _Met, group: str) -> Iterator[str]:
    """Categories of a group of whom most are in one other category now, the people of which are not in their own either."""
    pairs = met.both.select(now=group, then=f"{group}_then").drop_nulls()
    counts = pairs.group_by("then", "now").len("people").with_columns(all=pl.col("people").sum().over("then"))
    most = counts.filter((pl.col("then") != pl.col("now")) & (2 * pl.col("people") > pl.col("all")) & (pl.col("all") >= _ENOUGH))
    moved = most.filter(pl.col("now").is_in(most["then"].implode()))
    said = [
        f"{people:,} of {total:,} of {shown_answer(then, total)} are {shown_answer(now, people)} now"
        for then, now, people, total in moved.sort("then").select("then", "now", "people", "all").iter_rows()
    ]
    if said:
        yield (
            f"group '{group}': of people who were in wave '{met.wave}' too, {listed(said, 5)}: codes of categories may be "
            "mixed up"
        )


def _lost_organisations(frame: pl.DataFrame, met: _Met) -> Iterator[str]:
    """Organisations of which nobody is recognised where half of everybody else is."""
    came = frame.drop_nulls("respondent").group_by("organisation").len("came")
    known = met.both.group_by("organisation").len("met")
    sides = met.there.join(came, on="organisation").join(known, on="organisation", how="left").fill_null(0)
    enough = sides.filter((pl.col("people") >= _ENOUGH) & (pl.col("came") >= _ENOUGH))
    lost, others = enough.filter(pl.col("met") == 0), enough.filter(pl.col("met") > 0)
    least = others.select(pl.min_horizontal("people", "came").sum()).item()
    if lost.height and 2 * int(others["met"].sum()) >= max(least, 1):
        names = lost["organisation"].sort().to_list()
        yield (
            f"nobody of {listed(names, 5)} is recognised from wave '{met.wave}', where most people of other organisations are: "
            "rows may stand under another organisation's name, or ids be made otherwise there"
        )
