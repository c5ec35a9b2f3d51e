"""What changed between two versions of a wave: rows that came and went, and how many answers of each item are others now.

Only counts are told, never an answer. Where an organisation's rows name people on both sides, people are set side by side and
every changed cell is counted under its column. Where they do not, nobody can say whose row is whose: rows are then compared
as a whole, and a row in which one answer changed is one row that went and one that came.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from evaluation.audit_log import verify
from evaluation.errors import UsageError
from evaluation.protocol.documents import read_documents
from evaluation.study import Study
from evaluation.waves.checks.expected import expect
from evaluation.waves.storage.log import Log, log_of, not_loaded, steady
from evaluation.waves.storage.read import at_version, read_rows

KEYS = ("wave", "organisation", "respondent")


@dataclass(frozen=True)
class OrganisationDiff:
    """One organisation: `by` is "people" or "rows"; `changed` counts answers by column, for people only."""

    organisation: str
    by: str
    added: int
    removed: int
    unchanged: int
    changed: Mapping[str, int]


@dataclass(frozen=True)
class Corrections:
    """Every organisation in which anything changed."""

    organisations: tuple[OrganisationDiff, ...]

    def as_record(self) -> dict[str, Any]:
        """Counts by organisation, as JSON."""
        return {
            one.organisation: {
                "by": one.by,
                "rows_added": one.added,
                "rows_removed": one.removed,
                "rows_unchanged": one.unchanged,
                "answers_changed": dict(one.changed),
            }
            for one in self.organisations
        }


@dataclass(frozen=True)
class VersionDiff:
    """Two versions of one wave set side by side; `erased` are rows that were erased from either since and cannot be told."""

    population: str
    wave: str
    version_from: int
    version_to: int
    erased: int
    corrections: Corrections


def corrections(before: pl.DataFrame, after: pl.DataFrame) -> Corrections:
    """What `after` changes in `before`: canonical rows of one wave, pseudonyms in `respondent`, any set of items."""
    before, after = _alike(before, after)
    names = sorted({*before["organisation"].to_list(), *after["organisation"].to_list()})
    pairs = [
        (name, before.filter(pl.col("organisation") == name), after.filter(pl.col("organisation") == name)) for name in names
    ]
    found = [_people(name, old, new) if _are_named(old, new) else _rows(name, old, new) for name, old, new in pairs]
    return Corrections(tuple(one for one in found if one.added or one.removed or one.changed))


def diff_of(
    study: Study, population: str, wave: str, version_from: int | None = None, version_to: int | None = None
) -> VersionDiff:
    """What changed in a wave from one version to another; the last load that touched it and what stood before it by default.

    Raises:
        UsageError: the protocol has no such population or wave, the wave is not loaded, or only one load has touched it, so that
            there is nothing to set side by side.
        IntegrityError: there is no such version, or the store is not what was written.
    """
    expect(read_documents(study.root), population, wave)
    return steady(study, lambda: _diff_of(study, population, wave, version_from, version_to))


def _diff_of(study: Study, population: str, wave: str, version_from: int | None, version_to: int | None) -> VersionDiff:
    log = log_of(study, population, verify(study.audit_file))
    versions = [number for number, load in log.loads if load.wave == wave]
    if not versions:
        raise not_loaded(population, wave)
    if version_from is None and len(versions) < 2:
        raise UsageError(
            f"wave '{wave}' of '{population}' has one version, {versions[0]}: there is nothing to set beside it.",
            fix="name an earlier version with --from.",
        )
    first = versions[-2] if version_from is None else version_from
    last = versions[-1] if version_to is None else version_to
    (before, gone), (after, gone_too) = (_wave_at(study, population, log, wave, number) for number in (first, last))
    return VersionDiff(population, wave, first, last, max(gone, gone_too), corrections(before, after))


def _wave_at(study: Study, population: str, log: Log, wave: str, version: int) -> tuple[pl.DataFrame, int]:
    found, erased = at_version(study, population, log, version)
    rows = read_rows(found.files)
    return rows.filter(pl.col("wave") == wave), erased


def _alike(before: pl.DataFrame, after: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Both with the same columns in one order; an item that one side lacks was answered by nobody there."""
    both = pl.concat([before.with_columns(_after=False), after.with_columns(_after=True)], how="diagonal")
    return tuple(both.filter(side).drop("_after") for side in (~pl.col("_after"), pl.col("_after")))  # type: ignore[return-value]


def _are_named(old: pl.DataFrame, new: pl.DataFrame) -> bool:
    return all(not side["respondent"].null_count() and side["respondent"].is_unique().all() for side in (old, new))


def _people(name: str, old: pl.DataFrame, new: pl.DataFrame) -> OrganisationDiff:
    columns = [column for column in old.columns if column not in KEYS]
    both = old.join(new, on="respondent", suffix=" after")
    differs = [pl.col(column).ne_missing(pl.col(f"{column} after")).alias(column) for column in columns]
    cells = both.select(differs)
    changed = {column: int(number) for column in columns if (number := cells[column].sum())}
    same = int((~pl.Series(cells.select(pl.any_horizontal(columns)).to_series())).sum()) if columns else both.height
    return OrganisationDiff(name, "people", new.height - both.height, old.height - both.height, same, changed)


def _rows(name: str, old: pl.DataFrame, new: pl.DataFrame) -> OrganisationDiff:
    columns = [column for column in old.columns if column not in KEYS]
    was, now = (Counter(side.select(pl.struct(columns).struct.json_encode()).to_series().to_list()) for side in (old, new))
    return OrganisationDiff(name, "rows", (now - was).total(), (was - now).total(), (was & now).total(), {})
