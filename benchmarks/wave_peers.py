"""What others do with an incoming wave: Polars by hand, pandera and frictionless, each listing all that is wrong with a file."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from benchmarks.wave_files import items, organisations

ORGANISATIONS = 12


@dataclass(frozen=True)
class Found:
    """What a contestant listed: faulty cells by row (from 0) and column, and rows of people who are there twice."""

    cells: frozenset[tuple[int, str]]
    twice: frozenset[int]


def types(columns: int) -> dict[str, Any]:
    """The columns of a file and their types, as somebody states them who knows the file."""
    text = dict.fromkeys(("organisation", "respondent"), pl.String)
    return {**text, "answered_on": pl.Date, "staff_group": pl.String, **dict.fromkeys(items(columns), pl.Int8)}


def by_hand(file: Path, columns: int) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Polars by hand: the rows, the faulty cells, and the rows of people who are there twice or of no known organisation."""
    rows = pl.read_csv(file, schema=types(columns)).with_row_index("row")
    off = [pl.when(~pl.col(item).is_between(1, 5)).then(pl.col(item)).alias(item) for item in items(columns)]
    lazy = rows.lazy()
    bad = lazy.select("row", *off).filter(pl.any_horizontal(pl.col(items(columns)).is_not_null()))
    cells = bad.unpivot(index="row", variable_name="column", value_name="value").drop_nulls("value")
    known = pl.col("organisation").is_in(organisations(ORGANISATIONS))
    wrong = lazy.filter(pl.struct("organisation", "respondent").is_duplicated() | ~known).select("row", "organisation")
    found, others = pl.collect_all([cells, wrong])
    return rows, found, others


def stored_by_hand(file: Path, columns: int, target: Path) -> None:
    """Polars by hand of a file without a fault: checked, and written."""
    rows, cells, others = by_hand(file, columns)
    assert not cells.height and not others.height
    rows.drop("row").write_parquet(target)


def pandera_schema(columns: int) -> Any:
    """The same checks in pandera's words."""
    import pandera.polars as pandera

    on_scale = {item: pandera.Column(pl.Int8, pandera.Check.in_range(1, 5), nullable=True) for item in items(columns)}
    known = pandera.Column(pl.String, pandera.Check.isin(organisations(ORGANISATIONS)))
    text = {"respondent": pandera.Column(pl.String), "staff_group": pandera.Column(pl.String)}
    keys = {"organisation": known, "answered_on": pandera.Column(pl.Date), **text}
    return pandera.DataFrameSchema({**keys, **on_scale}, unique=["organisation", "respondent"])


def by_pandera(schema: Any, file: Path, columns: int) -> pl.DataFrame:
    """Every failure of a faulty file."""
    import pandera.errors

    try:
        schema.validate(pl.read_csv(file, schema=types(columns)), lazy=True)
    except pandera.errors.SchemaErrors as refusal:
        failures: pl.DataFrame = refusal.failure_cases
        return failures
    return pl.DataFrame()


def stored_by_pandera(schema: Any, file: Path, columns: int, target: Path) -> None:
    """A file without a fault: checked, and written by Polars."""
    schema.validate(pl.read_csv(file, schema=types(columns)), lazy=True).write_parquet(target)


def frictionless_resource(file: Path, columns: int) -> Any:
    """The same checks as a table schema."""
    import frictionless

    known = {"enum": organisations(ORGANISATIONS), "required": True}
    fields: list[dict[str, Any]] = [
        {"name": "organisation", "type": "string", "constraints": known},
        {"name": "respondent", "type": "string", "constraints": {"required": True}},
        {"name": "answered_on", "type": "date"},
        {"name": "staff_group", "type": "string"},
        *({"name": item, "type": "integer", "constraints": {"minimum": 1, "maximum": 5}} for item in items(columns)),
    ]
    schema = frictionless.Schema.from_descriptor({"fields": fields, "primaryKey": ["organisation", "respondent"]})
    return frictionless.Resource(path=file.name, basepath=str(file.parent), schema=schema)


def by_frictionless(file: Path, columns: int) -> list[Any]:
    """Every error of a file."""
    return list(frictionless_resource(file, columns).validate(limit_errors=10**7).tasks[0].errors)


def found_by_frictionless(errors: Sequence[Any]) -> Found:
    """Its errors as cells and rows; of people who are there twice it names the later row only."""
    cells = frozenset((one.row_number - 2, one.field_name) for one in errors if one.type == "constraint-error")
    return Found(cells, frozenset(one.row_number - 2 for one in errors if one.type == "primary-key"))
