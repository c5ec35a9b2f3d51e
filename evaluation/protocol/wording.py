"""What a model found wrong in a document, in plain words, at the line and column of the key."""

from collections.abc import Iterable, Mapping, Sequence
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from evaluation.errors import Problem
from evaluation.protocol.located import Key, Located, clip
from evaluation.registry import nearest

_NO = ("no", "No", "NO", "n", "off", "Off", "OFF")
_YES = ("yes", "Yes", "YES", "y", "on", "On", "ON")
_BOUNDS = {
    "greater_than_equal": ("at least", "ge"),
    "greater_than": ("more than", "gt"),
    "less_than_equal": ("at most", "le"),
    "less_than": ("less than", "lt"),
}
_KINDS = {
    "model_type": "a block of keys",
    "model_attributes_type": "a block of keys",
    "dict_type": "a block of keys",
    "tuple_type": "a list",
    "list_type": "a list",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "too_long": "shorter",
    "finite_number": "a number",
}


def problems_of(error: ValidationError, located: Located, model: type[BaseModel]) -> list[Problem]:
    """One problem for each fault that `model` found in the document, those of one place told once."""
    details = error.errors(include_url=False)
    told: dict[tuple[Key, ...], Problem] = {}
    meant: set[tuple[Key, ...]] = set()
    for detail in details:
        if detail["type"] == "extra_forbidden":
            path = data_path(located.data, detail["loc"])
            guess, problem = _unknown_key(path, detail["loc"], details, located, model)
            told[path] = problem
            meant.add((*path[:-1], guess))
    for detail in details:
        path = data_path(located.data, detail["loc"])
        if detail["type"] == "missing":
            path = (*path, str(detail["loc"][-1]))
        if path not in told and path not in meant:
            told[path] = _problem(detail, path, located, model)
    return list(told.values())


def fold(problems: Iterable[Problem]) -> list[Problem]:
    """Equal problems as one with its count and the first places where it stands."""
    groups: dict[tuple[str, str, str], list[Problem]] = {}
    for problem in problems:
        groups.setdefault((problem.what, problem.fix, problem.code), []).append(problem)
    return [_together(group) for group in groups.values()]


def data_path(data: Any, loc: Sequence[Key]) -> tuple[Key, ...]:
    """The part of a model's error location that is a path in the document (models add steps of their own)."""
    path: list[Key] = []
    for part in loc:
        if _has(data, part):
            data = data[part]
            path.append(part)
    return tuple(path)


def _has(data: Any, part: Key) -> bool:
    if isinstance(data, list):
        return isinstance(part, int) and part < len(data)
    return isinstance(data, Mapping) and part in data


def value_at(data: Any, path: Sequence[Key]) -> Any:
    """What the document says at `path`; None where it says nothing."""
    for part in path:
        try:
            data = data[part]
        except (KeyError, IndexError, TypeError):
            return None
    return data


def suggestion(name: str, known: Iterable[str], kind: str) -> str:
    """'did you mean 'x'? Measures: x, y.' with the nearest known name first, when one is near."""
    names = list(known)
    close = nearest(name, names)
    listed = ", ".join(names) if names else "none"
    return (f"did you mean '{close}'? " if close else "") + f"{kind}: {clip(listed, 300)}."


def _together(group: list[Problem]) -> Problem:
    first = group[0]
    if len(group) == 1:
        return first
    file = first.where.split(", line ")[0]
    others = [one.where.removeprefix(f"{file}, ") for one in group[1:5]]
    more = f" and {len(group) - 5} more" if len(group) > 5 else ""
    return Problem(
        first.what, f"{'; '.join([first.where, *others])}{more} ({len(group)} times)", first.fix, first.code, len(group)
    )


def _unknown_key(
    path: tuple[Key, ...], loc: Sequence[Key], details: Sequence[ErrorDetails], located: Located, model: type[BaseModel]
) -> tuple[str, Problem]:
    """The key that was probably meant, and the problem; a key that is missing from the block is the likeliest."""
    block = _block_at(model, loc[:-1])
    known = [field.alias or name for name, field in block.model_fields.items()] if block else []
    missing = [
        str(other["loc"][-1]) for other in details if other["type"] == "missing" and tuple(other["loc"][:-1]) == tuple(loc[:-1])
    ]
    key = str(path[-1])
    guess = nearest(key, missing) or nearest(key, known) or ""
    ordered = [guess, *(name for name in known if name != guess)] if guess else known
    what = f"{_a(block)} has no key '{clip(key)}'."
    fix = (f"did you mean '{guess}'? " if guess else "") + f"Keys: {', '.join(ordered)}."
    return guess, Problem(what, located.where(path), fix, "unknown-key")


def _problem(detail: ErrorDetails, path: tuple[Key, ...], located: Located, model: type[BaseModel]) -> Problem:
    if detail["type"] == "missing":
        return Problem(
            f"{_a(_block_at(model, detail['loc'][:-1]))} needs the key '{path[-1]}'.",
            located.where(path[:-1]),
            f"add '{path[-1]}:'.",
            "missing-key",
        )
    what, fix = _sentence(detail, path, value_at(located.data, path))
    return Problem(what, located.where(path), fix, detail["type"].replace("_", "-"))


def _sentence(detail: ErrorDetails, path: tuple[Key, ...], value: Any) -> tuple[str, str]:
    """What is wrong with `value` at `path`, and what puts it right."""
    kind, context, subject = detail["type"], detail.get("ctx", {}), _subject(path)
    if kind in _BOUNDS:
        words, name = _BOUNDS[kind]
        return f"{subject} must be {words} {context[name]:g}, not {_shown(value)}.", f"write a number {words} {context[name]:g}."
    if kind == "dict_type" and path[-1:] == ("leave_out",) and isinstance(value, list):
        such = f"leave_out: {{column: [{clip(', '.join(map(str, value)))}]}}"
        return f"{subject} must be a block of keys, not a list.", f"name the column that holds these values: '{such}'."
    if kind in _KINDS:
        return f"{subject} must be {_KINDS[kind]}, not {_shown(value)}.", f"write {_KINDS[kind]}."
    if kind in ("enum", "literal_error"):
        known = [part.strip(" '") for part in str(context["expected"]).replace(" or ", ", ").split(", ")]
        return f"{subject} cannot be {_shown(value)}.", suggestion(str(value), known, "Possible words")
    if kind == "value_error":
        return f"{subject}: {context['error']}.", "correct it as the message says."
    if kind == "bool_type":
        meant = "false" if value in _NO else "true" if value in _YES else "true or false"
        return f"{subject} must be true or false, not {_shown(value)}.", f"write {meant}."
    return _text_sentence(kind, context, path, value, is_key=detail["loc"][-1] == "[key]")


def _text_sentence(kind: str, context: Mapping[str, Any], path: tuple[Key, ...], value: Any, *, is_key: bool) -> tuple[str, str]:
    subject = _subject(path)
    if kind == "string_type" and value is None and (is_key or isinstance(path[-1], int)):
        return f"{subject} is empty.", "where the word NULL is meant, put it in quotes: 'NULL'; else write a text."
    if kind == "string_type" and value is None:
        return f"{subject} is empty.", "write a text after the colon."
    if kind == "string_type":
        return f"{subject} must be text, not {_shown(value)}.", f"put it in quotes: '{clip(_bare(value))}'."
    if kind in ("string_too_short", "too_short"):
        return f"{subject} is empty.", "write at least one."
    if kind == "string_too_long":
        return f"{subject} is longer than {context['max_length']} characters.", "shorten it."
    if kind == "string_pattern_mismatch":
        joins = "hyphens" if "_" not in context["pattern"] else "underscores"
        shown = subject if is_key else f"{subject}: {_shown(value)}"
        return f"{shown} cannot be a name.", f"use small letters, digits and {joins}, beginning with a letter (at most 63)."
    if kind.startswith("date"):
        return f"{subject}: {_shown(value)} is not a day of the calendar.", "write a date such as 2025-02-03."
    return f"{subject} cannot be {_shown(value)}.", "see the document's table in data_schemas/README.md."


def _subject(path: tuple[Key, ...]) -> str:
    if not path:
        return "the document"
    if isinstance(path[-1], str):
        return f"'{clip(path[-1])}'"
    named = [part for part in path if isinstance(part, str)]
    return f"number {path[-1] + 1} of '{clip(named[-1])}'" if named else f"number {path[-1] + 1}"


def _shown(value: Any) -> str:
    if isinstance(value, (Mapping, list)):
        return "a block of keys" if isinstance(value, Mapping) else "a list"
    return "nothing" if value is None else f"'{clip(_bare(value))}'"


def _bare(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _a(block: type[BaseModel] | None) -> str:
    """'a measure', 'a decision rule': the block's name as words."""
    if block is None:
        return "this block"
    words = "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in block.__name__.rstrip("_")).strip()
    return f"{'an' if words[0] in 'aeiou' else 'a'} {words}"


def _block_at(model: type[BaseModel], loc: Sequence[Key]) -> type[BaseModel] | None:
    kind: Any = model
    for part in loc:
        inner = _inside(kind, part)
        kind = inner if inner is not None else kind
    found = [one for one in _options(kind) if isinstance(one, type) and issubclass(one, BaseModel)]
    return found[0] if found else None


def _inside(kind: Any, part: Key) -> Any:
    """The annotation one step further in: a field's, a dictionary's values', a tuple's places'."""
    for option in _options(kind):
        if isinstance(option, type) and get_origin(option) is None and issubclass(option, BaseModel):
            fields = {field.alias or name: field.annotation for name, field in option.model_fields.items()}
            if part in fields:
                return fields[str(part)]
        elif get_origin(option) is dict:
            return get_args(option)[1]
        elif get_origin(option) in (tuple, list) and isinstance(part, int):
            return get_args(option)[0]
    return None


def _options(kind: Any) -> tuple[Any, ...]:
    while get_origin(kind) is Annotated:
        kind = get_args(kind)[0]
    return tuple(one for arg in get_args(kind) for one in _options(arg)) if get_origin(kind) in (Union, UnionType) else (kind,)
