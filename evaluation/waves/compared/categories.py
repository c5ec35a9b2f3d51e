"""Groups whose categories are written otherwise than in the waves before: the same people would count in two groups."""

from collections.abc import Iterator, Mapping, Sequence

import polars as pl

from evaluation.waves.checks.faults import listed, shown_answer
from evaluation.waves.checks.likeness import fold
from evaluation.waves.storage.read import Stored

_ENOUGH = 10
"""Rows of new and of gone categories from which these may be the same: in a small team somebody came and somebody left."""


def category_notes(arriving: pl.DataFrame, groups: Sequence[str], stored: Mapping[str, Stored]) -> Iterator[str]:
    """A note for every group that has categories which no row of another wave has, while some of that wave's are gone.

    A group that grew or lost a category only is not noted: people come and go.

    Args:
        arriving: the rows that come in; of other waves, rows of the same organisations are looked at.
        groups: of the population.
        stored: by wave, what reads some columns of it, piece by piece.
    """
    now, places = {group: _categories(arriving, group) for group in groups}, arriving["organisation"].unique().implode()
    for wave, read in stored.items():
        before: dict[str, dict[str, int]] = {group: {} for group in groups}
        for piece in read(["organisation", *groups]) if groups else ():
            here = piece.filter(pl.col("organisation").is_in(places))
            for group in set(groups) & set(piece.columns):
                before[group] |= _categories(here, group)
        for group in groups:
            new = {name: count for name, count in now[group].items() if name not in before[group]}
            gone = {name: count for name, count in before[group].items() if name not in now[group]}
            many = min(sum(new.values()), sum(gone.values())) >= _ENOUGH
            if new and gone and (many or {*map(fold, new)} & {*map(fold, gone)}):
                yield _says(group, wave, new, gone)


def _categories(rows: pl.DataFrame, group: str) -> dict[str, int]:
    """Categories and how many rows each has, the most first."""
    return dict(rows.select(pl.col(group).drop_nulls().value_counts(sort=True)).unnest(group).iter_rows())


def _says(group: str, wave: str, new: Mapping[str, int], gone: Mapping[str, int]) -> str:
    alike = {fold(name): name for name in gone}
    again = {name: alike[fold(name)] for name in new if fold(name) in alike}
    spelt = [f"{shown_answer(name, new[name])} was {shown_answer(old, gone[old])}" for name, old in again.items()]
    if spelt:
        return (
            f"group '{group}': {listed(spelt, 5)} in wave '{wave}': each spelling counts as a group of its own; 'codes' in a "
            "mapping makes them one"
        )
    names = [listed([shown_answer(name, count) for name, count in some.items()], 5) for some in (new, gone)]
    return (
        f"group '{group}': {names[0]} {'is' if len(new) == 1 else 'are'} new beside wave '{wave}', whose {names[1]} "
        f"{'is' if len(gone) == 1 else 'are'} gone: where these are the same, 'codes' in a mapping makes them one"
    )
