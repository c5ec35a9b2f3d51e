"""What a mapping may say: how one supplier's file becomes items, groups, organisations and respondents."""

from typing import Literal

from pydantic import Field

from evaluation.protocol.instrument import CodeList, CodeMap
from evaluation.protocol.model import Block, DocumentName, Identifier, Label, Names, Whole


class FileForm(Block):
    """How the file is written down."""

    format: Literal["csv", "excel", "stata", "spss", "parquet"]
    delimiter: str | None = Field(default=None, max_length=1)
    encoding: str = "utf-8"
    decimal: Literal[".", ","] = "."
    thousands: Literal[",", ".", " ", "'"] | None = None
    dates: Literal["iso", "day first", "month first"] = "iso"
    sheet: str | None = None


class Source(Block):
    """A column of the file, or one constant for all rows; `codes` turns what the file writes into our identifiers."""

    column: str | None = None
    constant: str | None = None
    codes: CodeMap = Field(default={})


class WaveSource(Block):
    """The column that says which wave a row belongs to, and what to do with rows of other waves."""

    column: str
    codes: CodeMap = Field(default={})
    other_waves: Literal["refuse", "set aside"] = "refuse"


class ItemSource(Block):
    """Which item a column answers; `codes` turns the file's answers into the instrument's codes."""

    item: Identifier
    codes: CodeMap = Field(default={})
    missing_codes: CodeList = ()


class Mapping(Block):
    """One source file's reading, drafted by the program and reviewed by a person (`reviewed_by`).

    `drop` names identifier columns (never stored, counted); `ignore` names columns the study does not need.
    """

    mapping: DocumentName
    version: Whole = Field(ge=1)
    reviewed_by: Label | None = None
    population: Identifier
    waves: Names = ()
    file: FileForm
    organisation: Source
    unit: Source | None = None
    arm: Source | None = None
    wave: WaveSource | None = None
    respondent: Source | None = None
    answered_on: Source | None = None
    base: Source | None = None
    groups: dict[Identifier, Source] = Field(default={})
    items: dict[str, ItemSource]
    missing_codes: CodeList = ()
    drop: CodeList = ()
    ignore: CodeList = ()
