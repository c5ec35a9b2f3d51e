"""National figures: the means that a benchmark-adjusted change is set beside, by type of organisation and wave."""

from collections.abc import Iterator

import pandas as pd

from evaluation.errors import Problem, ProtocolError
from evaluation.organisations.table import Table, columns_of, read_table
from evaluation.protocol.documents import Documents
from evaluation.protocol.wording import fold, suggestion


def read_benchmark(documents: Documents, name: str) -> pd.DataFrame:
    """The table in file `name` of the study, as `data_schemas/benchmark.schema.json` defines it.

    Returns:
        Columns measure, type (None: every type), wave, mean, std_error (NaN where not stated).

    Raises:
        ProtocolError: the table breaks its schema, or names measures or waves that are not there; every problem.
    """
    table, problems = read_table(documents.root / name, f"{documents.root.resolve().name}/{name}", columns_of("benchmark"))
    problems += _contradictions(table, documents)
    if problems:
        raise ProtocolError(fold(problems))
    frame = pd.DataFrame(list(table.rows), columns=["measure", "type", "wave", "mean", "std_error"])
    return frame.astype({"mean": "float64", "std_error": "float64"})


def _contradictions(table: Table, documents: Documents) -> Iterator[Problem]:
    protocol, seen = documents.protocol, dict[tuple[str | None, ...], int]()
    for number, row in enumerate(table.rows):
        for key, known, words in (("measure", protocol.measures, "Measures"), ("wave", protocol.waves, "Waves")):
            if row[key] is not None and row[key] not in known:
                fix = suggestion(row[key], known, words)
                yield Problem(f"there is no {key} '{row[key]}' in the protocol.", table.where(number, key), fix, key)
        place = (row["measure"], row["type"], row["wave"])
        if place in seen:
            fix = f"keep one; the other is on line {table.lines[seen[place]]}."
            yield Problem("one measure, type and wave has two means.", table.where(number), fix, "twice")
        seen.setdefault(place, number)
