"""Answers: on their scale, a declared missing code, or a fault that is named."""

import polars as pl
import pytest

from evaluation.protocol.instrument import Scale
from evaluation.protocol.mapping import FileForm
from evaluation.waves.checks.answer_faults import kind_of, kind_of_number
from evaluation.waves.checks.answer_numbers import as_numbers, on_scale
from evaluation.waves.checks.day_orders import parsed_days


def form(**said: str) -> FileForm:
    return FileForm.model_validate({"format": "csv", **said})


@pytest.mark.parametrize(("said", "text", "number"), [
    ({}, "3.5", 3.5), ({}, "3,5", None), ({}, "1,000", None), ({}, "1e2", 100.0), ({}, "", None), ({}, "0x10", None), ({}, "1_000", None),
    ({"decimal": ","}, "3,5", 3.5), ({"decimal": ","}, "3.5", None), ({"decimal": ","}, "-3,25", -3.25), ({"decimal": ","}, "4", 4.0),
    ({"decimal": ",", "thousands": "."}, "1.234,5", 1234.5), ({"decimal": ",", "thousands": "."}, "1.23", None),
    ({"thousands": ","}, "1,234.5", 1234.5), ({"thousands": ","}, "12,34", None), ({"thousands": " "}, "12 345", 12345.0),
    ({"thousands": "'"}, "12'345", 12345.0),
])  # fmt: skip
def test_numbers_are_read_in_the_declared_notation_only(said: dict[str, str], text: str, number: float | None) -> None:
    assert as_numbers(pl.Series([text]), form(**said))[0] == number


OPTIONS = Scale.model_validate({"options": {"1": "Never", "2": "Some", "3": "Most", "4": "All"}})
GAPS = Scale.model_validate({"options": {"0": "No", "1": "Yes", "9": "Other"}})
WHOLE = Scale.model_validate({"range": "0 to 30"})
SHARE = Scale.model_validate({"range": "0 to 1", "whole": False})


@pytest.mark.parametrize(("scale", "number", "fits"), [
    (OPTIONS, 1.0, True), (OPTIONS, 4.0, True), (OPTIONS, 0.0, False), (OPTIONS, 2.5, False), (OPTIONS, float("nan"), False),
    (GAPS, 9.0, True), (GAPS, 5.0, False), (WHOLE, 30.0, True), (WHOLE, 29.5, False), (WHOLE, 31.0, False), (SHARE, 0.25, True),
    (SHARE, 1.01, False), (SHARE, float("inf"), False), (OPTIONS, None, False),
])  # fmt: skip
def test_an_answer_is_on_the_scale_or_not(scale: Scale, number: float | None, fits: bool) -> None:
    assert on_scale(pl.Series([number], dtype=pl.Float64), scale)[0] is fits


@pytest.mark.parametrize(("value", "kind"), [
    ("7", "outside-scale"), ("3.5", "outside-scale"), ("Agree", "type-drift"), ("N/A", "undeclared-missing"), ("-", "undeclared-missing"),
    ("jo@mail.example", "mail-answer"), ("05. Mai", "day-answer"), ("5-May", "day-answer"), ("Mai 05", "day-answer"), ("Mar-98", "day-answer"),
    ("01.05.2025", "day-answer"), ("2025-05-01", "day-answer"), ("1. Satz", "type-drift"), ("Stage 5", "type-drift"), ("4 Agree", "type-drift"),
    ("*", "undeclared-missing"), ("..", "undeclared-missing"),
    ("nan", "not-a-number"), ("1e309", "not-a-number"), ("3,5", "number-locale"), ("1,000", "number-locale"), ("1.234,5", "number-locale"),
])  # fmt: skip
def test_a_fault_has_one_kind(value: str, kind: str) -> None:
    assert kind_of(value, form()) == kind


@pytest.mark.parametrize(("scale", "number", "kind"), [
    (OPTIONS, 3.7, "between-codes"), (OPTIONS, 4.2, "outside-scale"), (OPTIONS, 7.0, "outside-scale"), (WHOLE, 6.1, "between-codes"),
    (GAPS, 5.0, "outside-scale"), (GAPS, 5.5, "between-codes"), (SHARE, 1.5, "outside-scale"),
])  # fmt: skip
def test_a_fraction_within_a_scale_of_whole_numbers_is_not_outside_it(scale: Scale, number: float, kind: str) -> None:
    assert kind_of_number(number, scale) == kind


@pytest.mark.parametrize(("order", "text", "day"), [
    ("iso", "2025-03-14", "2025-03-14"), ("iso", "2025-03-14T09:30:00Z", "2025-03-14"), ("iso", "2025-03-14 09:30", "2025-03-14"),
    ("iso", "14/03/2025", None), ("iso", "2025-02-30", None), ("day first", "03/04/2025", "2025-04-03"), ("month first", "03/04/2025", "2025-03-04"),
    ("day first", "3.4.2025", "2025-04-03"), ("day first", "31/02/2025", None), ("day first", "2025-03-14", "2025-03-14"), ("month first", "14/03/2025", None),
])  # fmt: skip
def test_days_are_read_in_the_declared_order_only(order: str, text: str, day: str | None) -> None:
    found = parsed_days(pl.Series([text]), order)[0]
    assert (found.isoformat() if found else None) == day
