"""What a mapping may say: how one supplier's file becomes items, groups, organisations and respondents."""

from typing import Literal, Self

from pydantic import Field, model_validator

from evaluation.protocol.block import Block, DocumentName, Identifier, Label, Names, Number, Whole
from evaluation.protocol.instrument import CodeList, CodeMap

Format = Literal["csv", "excel", "stata", "spss", "parquet", "qualtrics", "limesurvey", "redcap"]
_HEADED = ("csv", "excel")
_READ_BY: dict[str, tuple[str, ...]] = {
    "header_row": _HEADED,
    "header_rows": (*_HEADED, "qualtrics"),
    "unnamed": _HEADED,
    "headers": ("limesurvey",),
}


class Boxes(Block):
    """The options of a question whose answers share one cell ('Email;Phone'): each becomes a column of its own, 1 or 0.

    An option may hold the mark that parts them ('Yes, often' beside 'Phone'). `others` says what becomes of an option that is not
    listed, such as one that people wrote themselves: with `pass over` options are looked for behind it, with `come last` all that
    stands behind it is part of it.
    """

    parted_by: str = Field(min_length=1, max_length=3)
    options: CodeList = Field(min_length=1, max_length=100)
    others: Literal["refuse", "pass over", "come last"] = "refuse"

    @model_validator(mode="after")
    def _can_be_told_apart(self) -> Self:
        known = {option.strip() for option in self.options}
        for option in self.options:
            pieces = [piece.strip() for piece in option.split(self.parted_by)]
            if len(pieces) > 1 and known.issuperset(pieces):
                raise ValueError(f"'{option}' is one option, and also several others parted by '{self.parted_by}'")
        return self


class Shares(Block):
    """Columns of a published table that hold the percentage of people by option, each with the number its option counts.

    With `base`, the column of people who answered, the table is read as counts (`level: option`): one row an organisation and
    option, the code under the item's name, and under `people` how many chose it. `suppressed` lists what stands in place of a
    percentage that is not published ("*", "n<10"): such a row has none of this item.
    """

    options: dict[str, Number] = Field(min_length=2, max_length=20)
    base: str | None = None
    suppressed: CodeList = ()


class FileForm(Block):
    """How the file is written down.

    `header_row` is the row on which the header begins (default: the first that is not blank) and `header_rows` of how many rows
    it consists: their texts are joined from top to bottom, a blank cell of an upper row being covered by the cell at its left.
    In a Qualtrics file there are three, in a legacy one two. `headers` says what a LimeSurvey header holds. `unnamed: by letter`
    names a column without a header after its letter. `leave_out` lists, by column, values whose rows are not read (previews,
    subtotals); "" is a blank cell. `same_for` lists, by the column of a record's id, columns that are asked once and hold for all
    rows of the record: a blank cell is read as the record's other rows have it, where these agree. `boxes` splits columns that
    hold several answers. `copies` adds, by a new name, a column once more, for cells that say two things: an answer, or by a code
    of its own that the question was not asked. For published tables, `percent: sign` reads '67%' as 67, `fractions` lists columns
    in which a spreadsheet keeps percentages as fractions (0.67 is read as 67), and `means` adds columns with the mean of an item
    whose options' percentages the table holds.
    """

    format: Format
    delimiter: str | None = Field(default=None, max_length=1)
    encoding: str = "utf-8"
    decimal: Literal[".", ","] = "."
    thousands: Literal[",", ".", " ", "'"] | None = None
    dates: Literal["iso", "day first", "month first"] = "iso"
    sheet: str | None = None
    header_row: Whole | None = Field(default=None, ge=1, le=1000)
    header_rows: Whole | None = Field(default=None, ge=1, le=10)
    headers: Literal["code", "code and text", "text"] = "code"
    unnamed: Literal["refuse", "by letter"] = "refuse"
    leave_out: dict[str, CodeList] = Field(default={})
    same_for: dict[str, CodeList] = Field(default={})
    boxes: dict[str, Boxes] = Field(default={})
    copies: dict[str, str] = Field(default={})
    percent: Literal["refuse", "sign"] = "refuse"
    fractions: CodeList = ()
    means: dict[str, Shares] = Field(default={})

    @model_validator(mode="after")
    def _read_by_its_format(self) -> Self:
        for key, formats in _READ_BY.items():
            if self.format not in formats and getattr(self, key) != type(self).model_fields[key].default:
                raise ValueError(f"'{key}' means nothing for {self.format}; it is read for {', '.join(formats)}")
        if len({shares.base is None for shares in self.means.values()}) > 1:
            raise ValueError("under 'means' either every item has its 'base' or none: a table is read as means or as counts")
        if self.format == "qualtrics" and self.header_rows not in (None, 2, 3):
            raise ValueError("a Qualtrics header has 3 rows, or 2 in a legacy export")
        return self


class Source(Block):
    """A column of the file, or one constant for all rows; `codes` turns what the file writes into our identifiers."""

    column: str | None = None
    constant: str | None = None
    codes: CodeMap = Field(default={})


class OrganisationSource(Source):
    """Whose row it is. `by: name` looks the column's text up among the names of the register, former ones too."""

    by: Literal["code", "name"] = "code"


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

    `drop` names identifier columns (never stored, counted); `ignore` names columns the study does not need. `base: not published`
    says that a published table does not tell how many people are behind its rows: they count as too few to show.
    """

    mapping: DocumentName
    version: Whole = Field(ge=1)
    reviewed_by: Label | None = None
    population: Identifier
    waves: Names = ()
    file: FileForm
    organisation: OrganisationSource
    unit: Source | None = None
    arm: Source | None = None
    wave: WaveSource | None = None
    respondent: Source | None = None
    answered_on: Source | None = None
    base: Source | Literal["not published"] | None = None
    groups: dict[Identifier, Source] = Field(default={})
    items: dict[str, ItemSource]
    missing_codes: CodeList = ()
    drop: CodeList = ()
    ignore: CodeList = ()
