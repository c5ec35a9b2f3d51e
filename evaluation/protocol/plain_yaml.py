"""YAML and JSON read as plain values: text, numbers, claims, lists and blocks, and nothing else.

Read from the parser's events, never into objects: anchors, aliases, tags and a second document are refused, duplicate keys
named, depth and size limited, and bare words keep the meaning that a reader sees (`no` is the word "no"). Only `true` and
`false` are claims, only plain decimal numbers are numbers, and every key is text.
"""

import re
import stat
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any, NoReturn

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from evaluation.errors import MachineError, Problem, ProtocolError
from evaluation.protocol.located import Located, Mark, Place, clip

KIBIBYTE = 1024
DOCUMENT_LIMIT = 256 * KIBIBYTE
"""Bytes a document may have."""
SCALAR_LIMIT = 16 * KIBIBYTE
"""Characters one value may have."""
DEPTH_LIMIT = 12
"""Levels of nesting a document may have; the deepest of ours has five."""

_WHOLE = re.compile(r"-?(0|[1-9]\d{0,15})")
_DECIMAL = re.compile(r"-?(0|[1-9]\d{0,15})(\.\d{1,30})?([eE][-+]?\d{1,2})?")
_WORDS = {"": None, "~": None, "null": None, "Null": None, "NULL": None}
_CLAIMS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x80-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
_STEERING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")
"""In a value, also when it was written as an escape: what moves a terminal's cursor or turns the order of letters round."""
_TAB = re.compile(r"^ *\t", re.MULTILINE)


def read_yaml(path: Path, limit: int = DOCUMENT_LIMIT, *, name: str | None = None) -> Located:
    """Read one YAML or JSON document, at most `limit` bytes. `name` is what messages call it.

    Raises:
        ProtocolError: the file is not there, too large, not UTF-8 text, or not a plain document; with line and column.
        MachineError: the file cannot be read.
    """
    located, problems = locate(path, limit, name=name)
    if problems:
        raise ProtocolError(problems)
    return located


def locate(path: Path, limit: int = DOCUMENT_LIMIT, *, name: str | None = None) -> tuple[Located, list[Problem]]:
    """The same, but keys that stand twice come back as problems beside what else the document says."""
    shown = name or f"{path.resolve().parent.name}/{path.name}"
    text = _text(path, shown, limit)
    if path.suffix == ".json":
        text = text.replace("\t", " ")
    located, problems = _read(path, shown, text)
    return located, list(problems)


@lru_cache(maxsize=64)
def _read(path: Path, name: str, text: str) -> tuple[Located, tuple[Problem, ...]]:
    """The text as values. Kept, because one command reads the same documents many times; whoever changes values copies them."""
    reader = _Reader(path, name, text)
    return reader.read(), tuple(reader.problems)


def _text(path: Path, name: str, limit: int) -> str:
    raw = _bytes(path, name, limit)
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise ProtocolError("the document is UTF-16, not UTF-8.", where=name, fix="save it as UTF-8.")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        column = error.start - (raw.rfind(b"\n", 0, error.start) + 1) + 1
        raise ProtocolError(
            f"the document is not UTF-8 text: byte 0x{raw[error.start]:02x} is none.",
            where=f"{name}, {Mark(line, column)}",
            fix="save it as UTF-8.",
        ) from error


def _bytes(path: Path, name: str, limit: int) -> bytes:
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise ProtocolError("this is not a file.", where=name, fix="put a plain YAML file there.")
        with path.open("rb") as stream:
            raw = stream.read(limit + 1)
    except FileNotFoundError as error:
        raise ProtocolError(
            "the document is not there.", where=name, fix=f"write it, or correct the name '{path.name}'."
        ) from error
    except OSError as error:
        raise MachineError(
            f"the document cannot be read: {error.strerror}.", where=name, fix="check the file's permissions."
        ) from error
    if len(raw) > limit:
        raise ProtocolError(
            f"the document is larger than {limit // KIBIBYTE} KiB.",
            where=name,
            fix="a document holds a plan, not data: move data to a CSV file.",
        )
    return raw


class _Reader:
    """Builds values and marks from parser events; stops at the first thing that a document may not hold."""

    def __init__(self, path: Path, name: str, text: str) -> None:
        self.path, self.name, self.text = path, name, text
        self.marks: dict[Place, Mark] = {}
        self.problems: list[Problem] = []

    def read(self) -> Located:
        self._check_characters()
        try:
            data = self._document(_events(self.text))
        except MarkedYAMLError as error:
            spot = error.problem_mark or error.context_mark
            mark = Mark(spot.line + 1, spot.column + 1) if spot else Mark(1, 1)
            self._refuse(f"this is not YAML: {_plain(error.problem or error.context or 'it cannot be read')}.", mark, _YAML_FIX)
        except (YAMLError, ValueError, IndexError, OverflowError) as error:
            self._refuse(f"this is not YAML: {_plain(str(error))}.", Mark(1, 1), _YAML_FIX)
        return Located(self.path, self.name, self.text, data, self.marks)

    def _check_characters(self) -> None:
        for pattern, what, fix in (
            (_UNPRINTABLE, "the document holds a character that cannot be printed", "delete it."),
            (_TAB, "the line is indented with a tab", "indent with spaces."),
        ):
            match = pattern.search(self.text)
            if match:
                self._refuse(f"{what}.", self._mark_at(match.end() - 1), fix)

    def _mark_at(self, offset: int) -> Mark:
        before = self.text[:offset]
        return Mark(before.count("\n") + 1, offset - (before.rfind("\n") + 1) + 1)

    def _document(self, events: Iterator[Event]) -> Any:
        starts = 0
        data: Any = None
        for event in events:
            if isinstance(event, DocumentStartEvent):
                starts += 1
                if starts > 1:
                    self._refuse(
                        "a second document begins here.", _mark(event), "keep one document in a file: take out the line '---'."
                    )
            elif isinstance(event, (ScalarEvent, MappingStartEvent, SequenceStartEvent, AliasEvent)):
                data = self._value(event, events, ())
        return data

    def _value(self, event: Event, events: Iterator[Event], path: Place) -> Any:
        self.marks.setdefault(path, _mark(event))
        self._check_plain(event, path)
        if isinstance(event, ScalarEvent):
            return self._scalar(event)
        if isinstance(event, MappingStartEvent):
            return self._mapping(events, path)
        return self._sequence(events, path)

    def _check_plain(self, event: Event, path: Place) -> None:
        if isinstance(event, AliasEvent):
            self._refuse(
                f"'*{clip(getattr(event, 'anchor', ''))}' repeats another part.",
                _mark(event),
                "write the part out: aliases are not read.",
            )
        if getattr(event, "anchor", None):
            self._refuse(
                f"'&{clip(getattr(event, 'anchor', ''))}' names a part for reuse.",
                _mark(event),
                "take the name out: anchors are not read.",
            )
        tag = getattr(event, "tag", None)
        if tag is not None:
            shown = clip(str(tag).replace("tag:yaml.org,2002:", "!!"))
            self._refuse(
                f"'{shown}' asks for a special kind of value.",
                _mark(event),
                "take it out: a document holds text, numbers, lists and blocks.",
            )
        if len(path) > DEPTH_LIMIT:
            self._refuse(
                f"the document is nested deeper than {DEPTH_LIMIT} levels.",
                _mark(event),
                "no document needs that: check its brackets.",
            )

    def _scalar(self, event: ScalarEvent) -> Any:
        value: str = event.value
        if len(value) > SCALAR_LIMIT:
            self._refuse(f"one value is longer than {SCALAR_LIMIT // KIBIBYTE} KiB.", _mark(event), "shorten it.")
        self._check_steering(event)
        return _bare(value) if event.style is None and event.implicit[0] else value

    def _mapping(self, events: Iterator[Event], path: Place) -> dict[str, Any]:
        block: dict[str, Any] = {}
        for event in events:
            if isinstance(event, MappingEndEvent):
                break
            key = self._key(event, (*path, "?"))
            mark = _mark(event)
            place = (*path, key)
            if key in block:
                self.problems.append(
                    Problem(
                        f"the key '{clip(key)}' stands twice.",
                        f"{self.name}, {mark}",
                        f"keep one; the other is on line {self.marks[place].line}.",
                        "duplicate-key",
                    )
                )
                self._value(next(events), events, (*path, key, "again"))
                continue
            self.marks[place] = mark
            block[key] = self._value(next(events), events, place)
        return block

    def _key(self, event: Event, path: Place) -> str:
        self._check_plain(event, path)
        if not isinstance(event, ScalarEvent):
            self._refuse(
                "a list or block stands where a key should.",
                _mark(event),
                "write 'key: value'; quote text that begins with a bracket.",
            )
        if len(event.value) > SCALAR_LIMIT:
            self._refuse(f"a key is longer than {SCALAR_LIMIT // KIBIBYTE} KiB.", _mark(event), "shorten it.")
        self._check_steering(event)
        return str(event.value)

    def _check_steering(self, event: ScalarEvent) -> None:
        found = _STEERING.search(event.value)
        if found:
            what = f"the text here holds the character U+{ord(found[0]):04X}, which cannot be printed or turns text round"
            self._refuse(f"{what}.", _mark(event), "delete it, or its escape after the backslash.")

    def _sequence(self, events: Iterator[Event], path: Place) -> list[Any]:
        places: list[Any] = []
        for event in events:
            if isinstance(event, SequenceEndEvent):
                break
            places.append(self._value(event, events, (*path, len(places))))
        return places

    def _refuse(self, what: str, mark: Mark, fix: str) -> NoReturn:
        raise ProtocolError([*self.problems, Problem(what, f"{self.name}, {mark}", fix, "not-plain-yaml")])


_YAML_FIX = "quote text that holds ': ', ' #' or begins with a sign; indent with spaces; close every bracket and quote."


def _events(text: str) -> Iterator[Event]:
    events: Iterator[Event] = YAML(typ="safe", pure=True).parse(text)
    return events


def _mark(event: Event) -> Mark:
    return Mark(event.start_mark.line + 1, event.start_mark.column + 1)


def _bare(word: str) -> Any:
    """What an unquoted word means: nothing, a claim, a decimal number, or itself."""
    if word in _WORDS:
        return _WORDS[word]
    if word in _CLAIMS:
        return _CLAIMS[word]
    if _WHOLE.fullmatch(word):
        return int(word)
    return float(word) if _DECIMAL.fullmatch(word) else word


def _plain(message: str) -> str:
    return clip(" ".join(message.split()), 160).rstrip(".")
