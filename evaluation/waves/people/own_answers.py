"""People beside themselves: who is recognised answers much as before, so answers against those of before show what went wrong.

A scale that was turned, in the file or in one organisation's part of it; columns that stand under each other's names, or one
that was sorted by itself; organisations or groups that were mixed up; and answers that are those of before. Codes are on their
scales in all of these, and item-rest correlations (`compared.turned_items`) stay as they are in most. All is noted, none refused.

A correlation of n people that is nothing has a standard error of 1 / sqrt(n - 1), and the difference of two at most sqrt(2) times
that. Three of the first are asked for, because many items are looked at; two of the second, where two items must differ at once.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from evaluation.protocol.documents import Documents
from evaluation.protocol.wave_checks import WaveChecks, read_wave_checks
from evaluation.terms import Level
from evaluation.waves.checks.faults import listed, of_rows, shown_answer
from evaluation.waves.people.own_correlations import Correlations, correlations, within
from evaluation.waves.storage.log import Log
from evaluation.waves.storage.read import checked_pieces, files_by_wave
from evaluation.waves.storage.same_answers import NEARLY

_PEOPLE = 2_000
"""People who are looked at, from one earlier wave."""
_ALIKE = 0.3
"""Correlation of most items with themselves from which one without any stands out."""
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
    bounds = read_wave_checks(documents.root)
    others = [name for name in documents.protocol.waves if name in files and name != wave]
    for other in dict.fromkeys([name for name in others if name == documents.protocol.baseline] + others[-1:]):
        met = _met(frame, [*asked.groups, *items], log, other, files[other])
        yield from _lost_organisations(frame, met)
        if met.both.height >= bounds.turned_item_people:
            yield from _answers(met, items, bounds)
            yield from _again(met, items)
            yield from (note for group in asked.groups for note in _mixed_up(met, group))


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


def _answers(met: _Met, items: Sequence[str], bounds: WaveChecks) -> Iterator[str]:
    """Notes on items whose answers run against those of then, go with another item's, or go with none."""
    found = correlations(met.both, items, bounds.turned_item_people)
    turned = [item for item, r in found.own.items() if r < -max(bounds.turned_item, 3 * found.error(item))]
    if turned:
        said = [f"{item} ({found.own[item]:.2f})" for item in turned]
        yield (
            f"people answer against what they answered in wave '{met.wave}': {listed(said)} (correlation of "
            f"{met.both.height:,} people with themselves): the codes may run the other way in one of the two"
        )
    else:
        yield from _turned_places(met, items, bounds)
    swapped = found.swapped()
    if swapped:
        said = [f"{item} with {other} ({r:.2f}; with itself {found.own[item]:.2f})" for item, (other, r) in swapped.items()]
        yield (
            f"answers go with what the same people answered to another question in wave '{met.wave}': {listed(said, 5)}: "
            "columns may stand under each other's names"
        )
    alone = [item for item in _unlike_before(found) if item not in swapped]
    if alone:
        said = [f"{item} ({found.own[item]:.2f})" for item in alone]
        yield (
            f"answers have nothing to do with what the same people answered in wave '{met.wave}': {listed(said)}, where that of "
            f"most items is {found.middle:.2f} or more (correlation of people with themselves): the column's rows may be moved "
            "against the others, or it may hold another question"
        )


def _unlike_before(found: Correlations) -> list[str]:
    """Items without any correlation with themselves where half of all items have one that is far from chance."""
    if found.middle < _ALIKE:
        return []
    return [item for item, r in found.own.items() if abs(r) < 3 * found.error(item) < found.middle / 2]


def _turned_places(met: _Met, items: Sequence[str], bounds: WaveChecks) -> Iterator[str]:
    """Organisations whose people answer against themselves in all that they were asked."""
    against = []
    for (organisation,), rows in met.both.group_by("organisation", maintain_order=True):
        if rows.height >= bounds.turned_item_people:
            r = within(rows, items)
            if r < -max(bounds.turned_item, 3 / np.sqrt(rows.height - 1)):
                against.append(f"{organisation} ({r:.2f})")
    if against:
        yield (
            f"people of some organisations answer against what they answered in wave '{met.wave}': {listed(against, 5)} "
            "(correlation of people with themselves over all items): the codes may run the other way in their rows"
        )


def _again(met: _Met, items: Sequence[str]) -> Iterator[str]:
    """Whether people gave nearly all answers that they gave then; who answers everything alike does not count."""
    if len(items) < _ITEMS:
        return
    pairs = [(pl.col(item), pl.col(f"{item}_then")) for item in items]
    given = pl.sum_horizontal((now.is_not_null() & then.is_not_null()) for now, then in pairs)
    same = pl.sum_horizontal((now == then).fill_null(False) for now, then in pairs)
    many = met.both.filter((given >= _ITEMS) & (pl.min_horizontal(items) < pl.max_horizontal(items)))
    again = many.filter(same >= NEARLY * given).height
    if again >= max(_ENOUGH, _AGAIN * many.height):
        yield (
            f"{of_rows(again, many.height)} of people who were in wave '{met.wave}' too repeat what they answered there: "
            "answers of that wave may have come again"
        )


def _mixed_up(met: _Met, group: str) -> Iterator[str]:
    """Categories of a group of whom most are in one other category of then; one in new words is told by `compared.categories`."""
    pairs = met.both.select(now=group, then=f"{group}_then").drop_nulls()
    counts = pairs.group_by("then", "now").len("people").with_columns(all=pl.col("people").sum().over("then"))
    elsewhere = (pl.col("then") != pl.col("now")) & pl.col("now").is_in(pairs["then"].unique().implode())
    moved = counts.filter(elsewhere & (2 * pl.col("people") > pl.col("all")) & (pl.col("all") >= _ENOUGH))
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
