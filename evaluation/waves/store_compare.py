"""What arrives against what stands: the same answers again, new ones, or different ones.

The key of a load is organisation, wave and population. Whether two loads hold the same answers is told by a hash over canonical
rows that does not depend on their order, nor on columns in which the organisation answered nothing.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import polars as pl

from evaluation.errors import Problem, WaveError
from evaluation.waves.store_log import Load

NO_ROWS = hashlib.sha256(b"").hexdigest()
"""The hash of an organisation that has no rows left."""


@dataclass(frozen=True)
class Standing:
    """What one organisation has in one wave: the hash of all its rows, their number, the last version that touched them, and
    the hashes of the loads they came in."""

    content: str
    rows: int
    version: int
    arrived: frozenset[str]


@dataclass(frozen=True)
class Arrival:
    """Organisations of a load by what is known of them; hashes are of the rows that came."""

    fresh: dict[str, str]
    known: dict[str, str]
    changed: dict[str, str]


def content_hashes(frame: pl.DataFrame) -> dict[str, str]:
    """SHA-256 over each organisation's canonical rows, whatever their order."""
    return {str(organisation): _hash(rows) for (organisation,), rows in frame.group_by("organisation", maintain_order=True)}


def content_of(hashes: Mapping[str, str]) -> str:
    """One SHA-256 over the hashes of all organisations of a load."""
    lines = "\n".join(f"{organisation} {digest}" for organisation, digest in sorted(hashes.items()))
    return hashlib.sha256(lines.encode()).hexdigest()


def standing(loads: Iterable[tuple[int, Load]], wave: str) -> dict[str, Standing]:
    """What every organisation has in `wave` after all confirmed loads."""
    found: dict[str, Standing] = {}
    for version, load in loads:
        if load.wave != wave:
            continue
        for organisation, digest in load.arrived.items():
            before = None if organisation in load.replaced else found.get(organisation)
            rows = load.counts[organisation] + (before.rows if before else 0)
            arrived = frozenset({digest}) | (before.arrived if before else frozenset())
            found[organisation] = Standing(load.standing[organisation], rows, version, arrived)
    return found


def compare(arriving: Mapping[str, str], stand: Mapping[str, Standing]) -> Arrival:
    """Sort the organisations of a load into fresh, known and changed."""
    fresh = {name: digest for name, digest in arriving.items() if name not in stand}
    known = {
        name: digest
        for name, digest in arriving.items()
        if name in stand and (digest == stand[name].content or digest in stand[name].arrived)
    }
    changed = {name: digest for name, digest in arriving.items() if name not in fresh and name not in known}
    return Arrival(fresh, known, changed)


def refuse_change(changed: Mapping[str, str], stand: Mapping[str, Standing], wave: str, rows: Mapping[str, int]) -> WaveError:
    """The refusal of answers that differ from stored ones when neither --append nor --supersede was given."""
    names = sorted(changed)
    examples = "; ".join(f"{name}: {stand[name].rows:,} rows stored, {rows[name]:,} in the file" for name in names[:5])
    one = len(names) == 1
    return WaveError(
        Problem(
            f"{len(names)} organisation{'' if one else 's'} already {'has' if one else 'have'} other answers in wave '{wave}'.",
            where=examples + ("" if len(names) <= 5 else "; ..."),
            fix='--append adds answers of people not yet stored; --supersede --reason "..." replaces the stored ones.',
            code="different-content",
            count=len(names),
        )
    )


def _hash(rows: pl.DataFrame) -> str:
    answered = _answered(rows)
    digest = hashlib.sha256(",".join(answered.columns).encode())
    for line in sorted(_lines(answered)):
        digest.update(b"\n" + line.encode())
    return digest.hexdigest()


def _answered(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.select(sorted(name for name in rows.columns if rows[name].null_count() < rows.height))


def _lines(rows: pl.DataFrame) -> list[str]:
    """Every row as a JSON object, its columns in alphabetical order."""
    answered = _answered(rows)
    return answered.select(pl.struct(answered.columns).struct.json_encode()).to_series().to_list()
