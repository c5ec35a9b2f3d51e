"""Bounds of what a wave file is noted for: the study's own wave-checks.yaml, else the one that ships with the program."""

from functools import cache
from importlib.resources import files
from pathlib import Path

from pydantic import Field, field_validator

from evaluation.errors import Problem, ProtocolError
from evaluation.protocol.block import Amount, AmountText, Block, Number, Whole
from evaluation.protocol.reading import gathered

NAME = "wave-checks.yaml"


class WaveChecks(Block):
    """When a file that may be loaded is worth a note; whoever loads it decides.

    A response rate is noted when it is more than `response_fall` below baseline's, or below the median of organisations of its
    type, of which `response_peers` must be known; without headcounts, rows of an organisation when they are less than `rows_left`
    of baseline's. An item is noted as turned when its correlation with the sum of the other
    items of its measure is `turned_item` or more to one side in this wave and to the other side in another, each among
    `turned_item_people` or more who answered all of them.
    """

    version: Whole = Field(ge=1)
    response_fall: AmountText
    response_peers: Whole = Field(ge=2)
    rows_left: Number = Field(gt=0, lt=1)
    turned_item: Number = Field(gt=0, lt=1)
    turned_item_people: Whole = Field(ge=10)

    @field_validator("response_fall")
    @classmethod
    def _in_points(cls, value: Amount) -> Amount:
        if value.unit != "percentage points":
            raise ValueError("a response rate falls by percentage points")
        return value


def read_wave_checks(root: Path) -> WaveChecks:
    """The bounds that hold for the study in folder `root`.

    Raises:
        ProtocolError: the study's own document breaks its schema; every problem.
    """
    own = root / NAME
    return _read(own, root) if own.exists() else read_default()


@cache
def read_default() -> WaveChecks:
    """The bounds that ship with the program."""
    folder = Path(str(files("protocols")))
    return _read(folder / NAME, folder)


def _read(path: Path, root: Path) -> WaveChecks:
    problems: list[Problem] = []
    reading = gathered(path, root, WaveChecks, problems)
    if problems or reading is None or reading.block is None:
        raise ProtocolError(problems)
    return reading.block
