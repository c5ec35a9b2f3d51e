"""What documents are made of: blocks whose keys are all read, and the kinds of values that a key takes.

An amount, a range or a share is written as people write it ('0.3 points', '0 to 10', '9 of 12') and read into numbers here.
"""

import re
from datetime import date
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, Strict, StringConstraints, model_validator

Identifier = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,62}$")]
DocumentName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,62}$")]
Sentence = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]
Label = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]

Truth = Annotated[bool, Strict()]
Whole = Annotated[int, Strict()]
Number = Annotated[float, Strict()]

_AMOUNT = re.compile(r"^([0-9]{1,12}(?:\.[0-9]{1,12})?) +(percentage points?|points?|percent)$")
_SCALE = re.compile(r"^(-?[0-9]{1,12}(?:\.[0-9]{1,12})?) +to +(-?[0-9]{1,12}(?:\.[0-9]{1,12})?)$")
_DAY = re.compile(r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")
_AT_LEAST = re.compile(r"^([0-9]{1,4}) +of +([0-9]{1,4})$")


class Block(BaseModel):
    """A frozen block of a document; a key that nobody reads is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Amount(Block):
    """A number with its unit, written '0.3 points', '10 percentage points' or, of a rate, '10 percent'."""

    value: Number = Field(gt=0)
    unit: Literal["points", "percentage points", "percent"]

    def __str__(self) -> str:
        return f"{self.value:g} {self.unit}"


class Interval(Block):
    """A closed range, written '0 to 10'."""

    low: Number
    high: Number

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if not self.low < self.high:
            raise ValueError(f"'{self.low:g} to {self.high:g}' does not rise")
        return self

    @property
    def middle(self) -> float:
        """The midpoint, on which scores are centred before they are squared."""
        return (self.low + self.high) / 2

    def __str__(self) -> str:
        return f"{self.low:g} to {self.high:g}"


class Share(Block):
    """How many of how many, written '9 of 12'."""

    least: Whole = Field(ge=1)
    of: Whole = Field(ge=1)

    def __str__(self) -> str:
        return f"{self.least} of {self.of}"


def _amount(value: Any) -> Any:
    if isinstance(value, Amount):
        return value
    match = _AMOUNT.match(str(value).strip())
    if not match:
        raise ValueError(f"'{_brief(value)}' is not an amount such as '0.3 points' or '10 percentage points'")
    return {"value": float(match[1]), "unit": match[2] if match[2].endswith(("s", "percent")) else match[2] + "s"}


def _interval(value: Any) -> Any:
    if isinstance(value, Interval):
        return value
    match = _SCALE.match(str(value).strip())
    if not match:
        raise ValueError(f"'{_brief(value)}' is not a range such as '0 to 10'")
    return {"low": float(match[1]), "high": float(match[2])}


def _share(value: Any) -> Any:
    if isinstance(value, Share):
        return value
    match = _AT_LEAST.match(str(value).strip())
    if not match:
        raise ValueError(f"'{_brief(value)}' is not a share such as '9 of 12'")
    return {"least": int(match[1]), "of": int(match[2])}


def _brief(value: Any) -> str:
    return str(value)[:40]


def _day(value: Any) -> Any:
    if isinstance(value, date) or (isinstance(value, str) and _DAY.match(value)):
        return value
    raise ValueError(f"'{_brief(value)}' is not a date such as 2025-02-03")


def _listed(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


def _like(pattern: re.Pattern[str]) -> Any:
    """Text of a form, for the JSON Schema."""
    return Annotated[str, StringConstraints(pattern=pattern.pattern)]


AmountText = Annotated[
    Amount, BeforeValidator(_amount, json_schema_input_type=_like(_AMOUNT)), PlainSerializer(str, return_type=str)
]
IntervalText = Annotated[
    Interval, BeforeValidator(_interval, json_schema_input_type=_like(_SCALE)), PlainSerializer(str, return_type=str)
]
ShareText = Annotated[
    Share, BeforeValidator(_share, json_schema_input_type=_like(_AT_LEAST)), PlainSerializer(str, return_type=str)
]
Day = Annotated[date, BeforeValidator(_day, json_schema_input_type=date)]
Names = Annotated[tuple[Identifier, ...], BeforeValidator(_listed, json_schema_input_type=Identifier | list[Identifier])]
Sentences = Annotated[tuple[Sentence, ...], BeforeValidator(_listed, json_schema_input_type=Sentence | list[Sentence])]
