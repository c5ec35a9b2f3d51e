"""Whatever stands in a protocol or instrument, the study is read or refused in plain words; nothing crashes."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from evaluation.errors import ProtocolError
from evaluation.protocol.documents import read_documents, read_yaml
from tests.conftest import REPOSITORY
from tests.protocol.changed import study

WORKED = REPOSITORY / "protocols" / "values-pilot"
ODD = [
    None,
    True,
    False,
    0,
    -1,
    1.5,
    10**12,
    "",
    " ",
    "no",
    "x",
    "by value",
    "a - b",
    "9 of 12",
    "10 to 0",
    "2025-02-31",
    [],
    {},
    ["x"],
    [None],
    {"x": "y"},
    [[1]],
    {"": None},
]


def places(data: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in a document."""
    if isinstance(data, dict):
        return [path, *(place for key, part in data.items() for place in places(part, (*path, key)))]
    if isinstance(data, list):
        return [path, *(place for number, part in enumerate(data) for place in places(part, (*path, number)))]
    return [path]


def changed(data: Any, path: tuple[Any, ...], value: Any) -> Any:
    """The document with `value` at `path`; taken out where the value is `...`."""
    data = copy.deepcopy(data)
    holder = data
    for part in path[:-1]:
        holder = holder[part]
    if value is ...:
        del holder[path[-1]]
    else:
        holder[path[-1]] = value
    return data


PROTOCOL = read_yaml(WORKED / "protocol.yaml").data
INSTRUMENT = read_yaml(WORKED / "instruments" / "values.yaml").data
CHANGES = st.lists(st.tuples(st.sampled_from(places(PROTOCOL)[1:]), st.sampled_from([..., *ODD])), min_size=1, max_size=3)


@given(CHANGES)
@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_change_of_a_protocol_is_read_or_refused_in_plain_words(
    tmp_path_factory: pytest.TempPathFactory, changes: list[tuple[tuple[Any, ...], Any]]
) -> None:
    data = PROTOCOL
    for path, value in changes:
        try:
            data = changed(data, path, value)
        except (KeyError, IndexError, TypeError):
            continue
    refused_or_read(tmp_path_factory, data, INSTRUMENT)


@given(st.sampled_from(places(INSTRUMENT)[1:]), st.sampled_from([..., *ODD]))
@settings(max_examples=25, deadline=None)
def test_any_change_of_an_instrument_is_read_or_refused_in_plain_words(
    tmp_path_factory: pytest.TempPathFactory, path: tuple[Any, ...], value: Any
) -> None:
    refused_or_read(tmp_path_factory, PROTOCOL, changed(INSTRUMENT, path, value))


def refused_or_read(folders: pytest.TempPathFactory, protocol: Any, instrument: Any) -> None:
    root = folders.getbasetemp() / "any-study"
    (root / "instruments").mkdir(parents=True, exist_ok=True)
    for name in ("engagement", "patient-experience", "public-view"):
        (root / "instruments" / f"{name}.yaml").write_bytes((WORKED / "instruments" / f"{name}.yaml").read_bytes())
    for name in ("values.yaml", "organisations.csv"):
        (root / name).write_bytes((WORKED / name).read_bytes())
    (root / "protocol.yaml").write_text(json.dumps(protocol))
    (root / "instruments" / "values.yaml").write_text(json.dumps(instrument))
    try:
        read_documents(root)
    except ProtocolError as refusal:
        for problem in refusal.problems:
            assert problem.where.startswith("any-study/") and problem.fix and len(str(problem)) < 1_500
            assert not any(word in str(problem).lower() for word in ("pydantic", "traceback", "nonetype", "validation error")), (
                problem
            )


def test_a_study_read_again_is_the_same(tmp_path: Path) -> None:
    root = study(tmp_path)
    assert read_documents(root) == read_documents(root)
