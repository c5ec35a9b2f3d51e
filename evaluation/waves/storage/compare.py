"""What arrives against what stands: the same answers again, new ones, or different ones.

The key of a load is organisation, wave and population. Whether two loads hold the same answers is told by a hash over canonical
rows that does not depend on their order, nor on columns in which the organisation answered nothing: the rows are put in order,
and then the columns digested one after another as they lie in memory.
"""

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import polars as pl

from evaluation.errors import Problem, WaveError
from evaluation.protocol.model import Population
from evaluation.waves.checks.faults import counted
from evaluation.waves.storage.loading import Load

KEYS = ("organisation", "unit", "arm", "respondent")
"""Columns that tell rows apart where people have ids."""
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
    rows = in_order(frame)
    parts = _parts(rows)
    _digest((rows[name] for name in sorted(rows.columns)), parts)
    return {part.organisation: part.digest.hexdigest() for part in parts}


def content_hashes_in(frame: pl.DataFrame, waves: Mapping[str, Collection[str]]) -> dict[str, dict[str, str]]:
    """By wave and organisation, what `content_hashes` would give if the same rows were of that wave.

    What comes before the name of the wave is digested once for all waves.

    Args:
        frame: canonical rows of one wave.
        waves: by wave, the organisations to tell it of.
    """
    rows = in_order(frame.filter(pl.col("organisation").is_in({name for names in waves.values() for name in names})))
    names, common, found = sorted(rows.columns), _parts(rows), {}
    before, after = names[: names.index("wave")], names[names.index("wave") + 1 :]
    _digest((rows[name] for name in before), common)
    for wave, organisations in waves.items():
        parts = [replace(part, digest=part.digest.copy()) for part in common if part.organisation in organisations]
        alike = pl.repeat(wave, max((part.rows for part in parts), default=0), eager=True).alias("wave")
        _digest([alike], [replace(part, first=0, last=part.rows) for part in parts])
        _digest((rows[name] for name in after), parts)
        found[wave] = {part.organisation: part.digest.hexdigest() for part in parts}
    return found


def as_stored(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows on their way into the store with answers of the type that stored ones have."""
    return rows.cast({pl.Int16: pl.Float64})


def in_order(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows by organisation, unit, arm and respondent, then by all that they hold: an order that is that of the content alone.

    Where these four tell all rows apart, nothing else is looked at.
    """
    *places, person = keys = _needed(rows)
    if ascends(rows, keys):
        return rows
    if not rows[person].null_count():
        named = _within(rows, places, [person])
        if ascends(named, keys):
            return named
    return _within(rows, places, [person, *sorted(set(rows.columns) - set(KEYS))])


def _within(rows: pl.DataFrame, places: Sequence[str], keys: Sequence[str]) -> pl.DataFrame:
    """The rows place by place, in each by `keys`: a place has few of them, so that this is less to compare than all at once."""
    numbered = rows.select(*places, *keys, pl.int_range(pl.len(), dtype=pl.UInt32).alias("#"))
    groups = numbered.group_by(places).agg(pl.col("#").sort_by(keys, nulls_last=True)).sort(places, nulls_last=True)
    return rows[groups["#"].explode()]


def _needed(rows: pl.DataFrame) -> list[str]:
    """The keys without a unit that is the organisation itself, and an arm that no row states: neither changes the order."""
    idle = {"unit"} if rows["unit"].equals(rows["organisation"]) else set()
    idle |= {"arm"} if rows["arm"].null_count() == rows.height else set()
    return [key for key in KEYS if key not in idle]


def ascends(rows: pl.DataFrame, keys: Sequence[str]) -> bool:
    """Whether every row comes after the one before it by these keys alone, none of which is missing anywhere."""
    follows = pl.lit(False)
    for key in map(pl.col, reversed(keys)):
        follows = (key.shift() < key) | ((key.shift() == key) & follows)
    complete = all(not rows[key].null_count() for key in keys)
    return complete and bool(rows.select(follows.slice(1).fill_null(False).all()).item())


def content_of(hashes: Mapping[str, str]) -> str:
    """One SHA-256 over the hashes of all organisations of a load."""
    lines = "\n".join(f"{organisation} {digest}" for organisation, digest in sorted(hashes.items()))
    return hashlib.sha256(lines.encode()).hexdigest()


def standing(loads: Iterable[tuple[int, Load]], wave: str) -> dict[str, Standing]:
    """What every organisation has in `wave` after all confirmed loads; one that was withdrawn has nothing."""
    found: dict[str, Standing] = {}
    for version, load in loads:
        if load.wave != wave:
            continue
        for organisation in load.replaced:
            found.pop(organisation, None)
        for organisation, digest in load.arrived.items():
            before = found.get(organisation)
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


def refuse_change(
    changed: Mapping[str, str], stand: Mapping[str, Standing], wave: str, rows: Mapping[str, int], population: Population
) -> WaveError:
    """The refusal of answers that differ from stored ones when neither --append nor --supersede was given.

    A published table has one row an organisation, to which none can be added.
    """
    names = sorted(changed)
    stored = {name: counted(stand[name].rows, "row", "rows") for name in names[:5]}
    examples = "; ".join(f"{name}: {there} stored, {rows[name]:,} in the file" for name, there in stored.items())
    one = len(names) == 1
    late = "" if population.level.is_published else "--append adds answers of people not yet stored; "
    return WaveError(
        Problem(
            f"{len(names)} organisation{'' if one else 's'} already {'has' if one else 'have'} other answers in wave '{wave}'.",
            where=examples + ("" if len(names) <= 5 else "; ..."),
            fix=f'{late}--supersede --reason "..." replaces the stored ones.',
            code="different-content",
            count=len(names),
        )
    )


@dataclass(frozen=True)
class _Part:
    """The rows of one organisation among rows in order, and the digest of what was read of them."""

    organisation: str
    first: int
    last: int
    digest: "hashlib._Hash"

    @property
    def rows(self) -> int:
        return self.last - self.first


def _parts(rows: pl.DataFrame) -> list[_Part]:
    runs = rows["organisation"].rle().struct.unnest()
    spans = zip(runs["value"].to_list(), runs["len"].to_list(), runs["len"].cum_sum().to_list(), strict=True)
    return [_Part(str(code), last - count, last, hashlib.sha256(f"{count}".encode())) for code, count, last in spans]


def _digest(columns: Iterable[pl.Series], parts: Sequence[_Part]) -> None:
    for column in map(_spelled, columns):
        for part in parts:
            for piece in column.of(part.first, part.last):
                part.digest.update(piece)


@dataclass(frozen=True)
class _Spelled:
    """One column as bytes: (R,) whether a row holds nothing; values of all rows, that of row r from `ends[r]` to `ends[r + 1]`.

    Where `ends` is None every value has eight bytes.
    """

    name: str
    nothing: npt.NDArray[np.bool_]
    ends: npt.NDArray[np.int64] | None
    values: memoryview

    def of(self, first: int, last: int) -> Iterator[bytes | memoryview]:
        """Name, gaps, lengths where they differ, and values of some rows; nothing at all where they hold nothing."""
        gaps = self.nothing[first:last]
        if gaps.all():
            return
        yield f"\x1e{self.name}\x1f".encode()
        yield np.packbits(gaps).tobytes()
        if self.ends is None:
            yield self.values[8 * first : 8 * last]
            return
        yield np.diff(self.ends[first : last + 1]).astype("<u4").tobytes()
        yield self.values[self.ends[first] : self.ends[last]]


def _spelled(column: pl.Series) -> _Spelled:
    """Text as UTF-8, numbers and days as 64-bit numbers with a fractional part, the lowest byte first."""
    nothing = column.is_null().to_numpy()
    if column.dtype == pl.String:
        text = column.fill_null("").rechunk().to_arrow()
        _, ends, values = text.buffers()
        places = np.frombuffer(ends, np.int64)[text.offset : text.offset + len(text) + 1]
        return _Spelled(column.name, nothing, places, memoryview(values or b"").cast("B"))
    numbers = column.cast(pl.Float64).fill_null(0.0).to_numpy().astype("<f8")
    return _Spelled(column.name, nothing, None, numbers.data.cast("B"))
