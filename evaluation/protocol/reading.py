"""One document as one model. A document with faults still gives what can be read of it, so that nothing else stays unsaid."""

import copy
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ValidationError

from evaluation.errors import Problem, ProtocolError
from evaluation.protocol.located import Located
from evaluation.protocol.plain_yaml import locate
from evaluation.protocol.wording import data_path, fold, problems_of, value_at

M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True)
class Reading(Generic[M]):
    """What was read of a document: its model (None when too little stands), its problems, and the names left out."""

    located: Located
    block: M | None
    problems: tuple[Problem, ...] = ()
    lost: frozenset[str] = frozenset()


def as_model(located: Located, model: type[M]) -> M:
    """The document as `model`.

    Raises:
        ProtocolError: every key that is wrong, missing or unknown, each with line and column.
    """
    reading = read_as(located, model)
    if reading.problems or reading.block is None:
        raise ProtocolError(fold(reading.problems))
    return reading.block


def read_as(located: Located, model: type[M]) -> Reading[M]:
    """The document as `model`, or its problems and the model of what remains when the faulty entries are left out."""
    if not isinstance(located.data, dict):
        what = "the document is empty." if located.data is None else "the document is not a block of keys."
        return Reading(located, None, (Problem(what, located.where(), "write 'key: value' lines.", "not-a-block"),))
    try:
        return Reading(located, model.model_validate(located.data))
    except ValidationError as error:
        problems = tuple(problems_of(error, located, model))
        remains, lost = _without(located.data, error)
        return Reading(located, _if_valid(remains, model), problems, lost)


def gathered(path: Path, root: Path, model: type[M], problems: list[Problem]) -> Reading[M] | None:
    """Read one document; what is wrong with it joins `problems`."""
    try:
        located, twice = locate(path, name=shown_name(path, root))
    except ProtocolError as error:
        problems += error.problems
        return None
    reading = read_as(located, model)
    problems += twice
    problems += reading.problems
    return reading


def shown_name(path: Path, root: Path) -> str:
    """What messages call a document: 'values-pilot/instruments/values.yaml'."""
    whole, home = path.resolve(), root.resolve()
    if whole.is_relative_to(home):
        return f"{home.name}/{whole.relative_to(home).as_posix()}"
    return f"{whole.parent.name}/{whole.name}"


def _if_valid(data: Any, model: type[M]) -> M | None:
    try:
        return model.model_validate(data)
    except ValidationError:
        return None


def _without(data: Any, error: ValidationError) -> tuple[Any, frozenset[str]]:
    """`data` without unknown keys and without the entries that hold other faults; and the names of those entries."""
    remains, lost = copy.deepcopy(data), set[str]()
    for detail in error.errors(include_url=False):
        path = data_path(data, detail["loc"])
        if not path:
            continue
        cut = path if detail["type"] == "extra_forbidden" else path[:2]
        if cut is not path and len(cut) == 2:
            lost |= {str(cut[1])} | set(_names(value_at(data, cut)))
        holder = value_at(remains, cut[:-1])
        if isinstance(holder, dict):
            holder.pop(cut[-1], None)
    return remains, frozenset(lost)


def _names(entry: Any) -> Iterator[str]:
    """Keys inside an entry that is left out: others may refer to them."""
    if isinstance(entry, dict):
        yield from map(str, entry)
