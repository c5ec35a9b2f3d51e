"""One document as one model. A document with faults still gives what can be read of it, so that nothing else stays unsaid."""

import copy
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Generic, TypeVar

from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic_core import PydanticUndefined

from evaluation.errors import Problem, ProtocolError
from evaluation.protocol.located import Located
from evaluation.protocol.plain_yaml import locate
from evaluation.protocol.wording import data_path, problems_of, value_at

M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True)
class Reading(Generic[M]):
    """What was read of a document: its model, its problems, and what had to be left out.

    `block` is the model of what remains when faulty entries are left out; None when a section that must be there cannot be
    read. `partial` is then a model that lacks the sections named in `absent`: only checks that do not need them may see it.
    `lost` holds the names of entries that could not be read, and of the sections they stood in.
    """

    located: Located
    block: M | None
    problems: tuple[Problem, ...] = ()
    lost: frozenset[str] = frozenset()
    partial: M | None = None
    absent: frozenset[str] = frozenset()


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
    try:
        return Reading(located, model.model_validate(remains), problems, lost)
    except ValidationError:
        return _partly(located, remains, model, problems, lost)


def _partly(
    located: Located, data: dict[str, Any], model: type[M], problems: tuple[Problem, ...], lost: frozenset[str]
) -> Reading[M]:
    """The sections of `data` that can be read."""
    sections: dict[str, Any] = {}
    for name, section in model.model_fields.items():
        kind: Any = Annotated[section.annotation, section]
        key = section.alias or name
        try:
            sections[name] = (
                TypeAdapter(kind).validate_python(data[key]) if key in data else section.get_default(call_default_factory=True)
            )
        except ValidationError:
            sections[name] = PydanticUndefined
    absent = frozenset(name for name, value in sections.items() if value is PydanticUndefined)
    block = model.model_construct(None, **{name: value for name, value in sections.items() if name not in absent})
    return Reading(located, None, problems, lost | absent, block, absent)


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


def _without(data: Any, error: ValidationError) -> tuple[Any, frozenset[str]]:
    """`data` without unknown keys and without the entries that hold other faults; and the names of those entries.

    The names include the keys inside an entry, which others may refer to, and the section it stood in.
    """
    remains, lost = copy.deepcopy(data), set[str]()
    for detail in error.errors(include_url=False):
        path = data_path(data, detail["loc"])
        cut = path if detail["type"] == "extra_forbidden" else path[:2]
        if not cut:
            continue
        if detail["type"] != "extra_forbidden":
            entry = value_at(data, cut)
            lost |= {str(part) for part in cut} | set(map(str, entry if isinstance(entry, dict) else ()))
        holder: Any = value_at(remains, cut[:-1])
        if isinstance(holder, dict):
            holder.pop(cut[-1], None)
        elif isinstance(holder, list) and isinstance(cut[-1], int):
            holder[cut[-1]] = None
    return _without_gaps(remains), frozenset(lost)


def _without_gaps(data: dict[str, Any]) -> dict[str, Any]:
    return {key: [one for one in part if one is not None] if isinstance(part, list) else part for key, part in data.items()}
