"""The tiny study with something changed, and what the program says about it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from evaluation.errors import PilotError, Problem, ProtocolError
from evaluation.protocol.documents import Documents, read_documents
from tests.studies import INSTRUMENT, tiny_study

VALUES = """\
framework: shared
version: 1
values:
  kindness: {label: Kindness, statement: We are kind.}
  courage: {label: Courage, statement: We speak up.}
"""


def study(root: Path, *, replace: dict[str, str] | None = None, instrument: dict[str, str] | None = None) -> Path:
    """The tiny study with pieces of its protocol and instrument replaced."""
    text = INSTRUMENT
    for old, new in (instrument or {}).items():
        assert old in text, old
        text = text.replace(old, new)
    return tiny_study(root / "tiny", instrument=text, replace=replace)


def documents(root: Path, **changes: Any) -> Documents:
    """Its documents."""
    return read_documents(study(root, **changes))


def refused(act: Callable[[], object], kind: type[PilotError] = ProtocolError) -> tuple[Problem, ...]:
    """The problems with which `act` is refused."""
    with pytest.raises(kind) as caught:
        act()
    return caught.value.problems


def problems(root: Path, **changes: Any) -> tuple[Problem, ...]:
    """What is wrong with the tiny study after `changes`."""
    return refused(lambda: documents(root, **changes))


def only(root: Path, **changes: Any) -> Problem:
    """The one problem of the tiny study after `changes`."""
    found = problems(root, **changes)
    assert len(found) == 1, "\n".join(map(str, found))
    return found[0]
