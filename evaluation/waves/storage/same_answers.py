"""Rows that answer alike, whoever gave them: last year's export, another organisation's file, a whole export as late answers.

A row is known by a 64-bit hash of its answers. Ids and days are left out, because they are what changes when the same answers
come again; so is the organisation, which is looked at beside them.

Nothing is told where rows may agree by chance. Two samples of n rows that fall into K kinds share about 1 - sqrt(K / (pi n)) of
them; where half the rows of a sample are different, that is little more than half. So nine rows in ten of the longer of two are
no chance. Of a few rows beside many, all may be met by chance; they tell something where hardly two of the many are alike
(`are_rare`).
"""

from collections.abc import Iterable, Iterator, Sequence

import polars as pl

from evaluation.waves.storage.compare import as_stored

ENOUGH_ROWS, ENOUGH_CELLS = 5, 20
"""Rows of an organisation, and answers in them, from which they are looked at."""
FEWEST_ITEMS = 3
"""Items from which a row is known by its answers alone; below, its group or its day is looked at too."""
DIFFERENT = 0.5
"""Different rows, as a share of an organisation's, from which equal ones are no chance."""
NEARLY = 0.9
"""Share of the rows of the longer of two that are rows of the other, from which one is a copy."""
FEW, RARE = 20, 0.98
"""Rows, and what share of them must be different, for five rows of others not to be met among them by chance."""
_PAIRS = 20_000_000
"""Equal rows of two organisations that are set side by side at most: where there are more, everybody answers alike."""
_ROWS = 1 << 17
"""Rows that are hashed at a time."""


def answer_columns(rows: pl.DataFrame, items: Sequence[str], others: Sequence[str]) -> list[str]:
    """The columns that a row is known by: items that somebody answered, and `others` where these are few."""
    asked = [item for item in items if rows[item].count()]
    return asked if len(asked) >= FEWEST_ITEMS else [*others, *asked]


def hashed(pieces: Iterable[pl.DataFrame], columns: Sequence[str]) -> pl.DataFrame:
    """(R,) `organisation` and `row`, the hash of what a row holds in `columns`; a column that a piece lacks holds nothing.

    Args:
        pieces: canonical or stored rows; long ones are hashed part by part.
        columns: groups and items.
    """
    found = [pl.DataFrame(schema={"organisation": pl.String, "row": pl.UInt64})]
    for piece in (part for whole in pieces for part in whole.iter_slices(_ROWS)):
        lacking = [pl.lit(None, pl.Float64).alias(name) for name in columns if name not in piece.columns]
        held = as_stored(piece.with_columns(lacking).select(columns))
        found.append(pl.DataFrame([piece["organisation"], held.hash_rows().alias("row")]))
    return pl.concat(found)


def telling(rows: pl.DataFrame, columns: Sequence[str], organisations: Iterable[str], least: int = ENOUGH_ROWS) -> set[str]:
    """Those of `organisations` with `least` canonical rows or more that would hardly agree with others' by chance."""
    those = rows.filter(pl.col("organisation").is_in(list(organisations)))
    given = pl.sum_horizontal(pl.col(columns).is_not_null()).sum()
    found = those.with_columns(hashed([those], columns)["row"]).group_by("organisation")
    enough = (pl.len() >= least) & (given >= ENOUGH_CELLS) & (pl.col("row").n_unique() >= DIFFERENT * pl.len())
    return set(found.agg(enough=enough).filter("enough")["organisation"])


def different(rows: pl.DataFrame, organisations: Iterable[str]) -> dict[str, float]:
    """By organisation, how many of its hashed rows are different, as a share of all."""
    those = rows.filter(pl.col("organisation").is_in(list(organisations))).group_by("organisation")
    return dict(those.agg(pl.col("row").n_unique() / pl.len()).iter_rows())


def are_rare(rows: pl.DataFrame) -> bool:
    """Whether hashed rows are enough and so seldom alike in one organisation that others' are not met among them by chance."""
    kinds = rows.group_by("organisation").agg(pl.col("row").n_unique())["row"].sum()
    return rows.height >= FEW and kinds >= RARE * rows.height


def equal_within(mine: pl.DataFrame, theirs: pl.DataFrame) -> dict[str, int]:
    """By organisation, how many hashed rows stand under it on both sides, each as often as on both."""
    met, there = _met(mine, theirs), _met(theirs, mine)
    both = met.join(there, on=["organisation", "row"], suffix="_there")
    return dict(both.group_by("organisation").agg(pl.min_horizontal("times", "times_there").sum()).iter_rows())


def equal_across(mine: pl.DataFrame, theirs: pl.DataFrame) -> Iterator[tuple[str, str, int]]:
    """Organisation, another one, and how many hashed rows of the first stand on the other side under the second; most first."""
    met, there = _met(mine, theirs), _met(theirs, mine)
    pairs = met.group_by("row").len("mine").join(there.group_by("row").len("there"), on="row")
    if pairs.select((pl.col("mine").cast(pl.Int64) * pl.col("there")).sum()).item() > _PAIRS:
        return
    both = met.join(there, on="row", suffix="_there").filter(pl.col("organisation") != pl.col("organisation_there"))
    counts = both.group_by("organisation", "organisation_there").agg(equal=pl.min_horizontal("times", "times_there").sum())
    yield from counts.sort("organisation", "equal", "organisation_there", descending=[False, True, False]).iter_rows()


def _met(rows: pl.DataFrame, others: pl.DataFrame) -> pl.DataFrame:
    """Hashed rows that are among the others, each of an organisation once, with how many `times` it comes."""
    return rows.filter(pl.col("row").is_in(others["row"].implode())).group_by("organisation", "row").len("times")
