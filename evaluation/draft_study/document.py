"""A document of a study in the making: values with the comments a reader needs and the place each came from, written as YAML."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from evaluation.waves.checks.mapping_text import scalar, text_scalar

WIDTH = 150
DECIDE = "DECIDE"
_BARE = re.compile(r"^-?\d+(\.\d+)? (to|of) -?\d+(\.\d+)?$|^\d+(\.\d+)? (percentage )?points$|^\d{4}-\d{2}-\d{2}$")


@dataclass(frozen=True)
class Noted:
    """A value with a comment for the person who goes on writing, and the place in a workbook that it came from."""

    value: Any
    note: str = ""
    origin: str = ""


@dataclass(frozen=True)
class Line:
    """One line of a document and where its content came from."""

    text: str
    origin: str = ""


@dataclass(frozen=True)
class StudyDraft:
    """All documents of a study before they are written: plain values, some of them `Noted`.

    `organisations` are rows of the register, `origins` the places in a workbook that they came from.
    """

    protocol: Mapping[str, Any]
    instruments: Mapping[str, Mapping[str, Any]]
    organisations: Sequence[Mapping[str, str]]
    decisions: tuple[str, ...] = ()
    origins: tuple[str, ...] = ()


def document(content: Mapping[str, Any], opening: Sequence[str]) -> list[Line]:
    """`content` as lines of YAML under `opening` comments; blank lines part the blocks that span several lines."""
    lines = [Line(f"# {text}") for text in opening]
    for key, value in content.items():
        block = list(_block(key, value, 0))
        lines += [Line("")] * (len(block) > 1) + block
    return lines


def decisions_in(lines: Sequence[Line]) -> list[str]:
    """What comments of a document leave to decide."""
    return [line.text.split(f"# {DECIDE}: ", 1)[1] for line in lines if f"# {DECIDE}: " in line.text]


def _block(key: str, value: Any, indent: int) -> Iterator[Line]:
    note, origin = "", ""
    if isinstance(value, Noted):
        value, note, origin = value.value, value.note, value.origin
    margin, comment = " " * indent, f"   # {note}" if note else ""
    one_line = f"{margin}{scalar(key)}: {_flow(value)}"
    nested = isinstance(value, Mapping) and any(isinstance(one, (Mapping, Noted)) for one in value.values())
    if isinstance(value, Mapping) and value and (nested or len(one_line) > WIDTH):
        yield Line(f"{margin}{scalar(key)}:{comment}", origin)
        for name, one in value.items():
            yield from (Line(line.text, line.origin or origin) for line in _block(str(name), one, indent + 2))
    elif isinstance(value, list) and any(isinstance(one, (Mapping, Noted)) for one in value):
        yield Line(f"{margin}{scalar(key)}:{comment}", origin)
        for one in value:
            yield _entry(one, indent + 2)
    else:
        yield Line(one_line + comment, origin)


def _entry(value: Any, indent: int) -> Line:
    note, origin = "", ""
    if isinstance(value, Noted):
        value, note, origin = value.value, value.note, value.origin
    return Line(f"{' ' * indent}- {_flow(value)}{f'   # {note}' if note else ''}", origin)


def _flow(value: Any) -> str:
    if isinstance(value, Noted):
        return _flow(value.value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{scalar(str(key))}: {_flow(one)}" for key, one in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(_flow(one) for one in value) + "]"
    return text_scalar(value) if isinstance(value, str) and not _BARE.match(value) else str(value)
