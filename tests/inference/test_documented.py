"""Whoever asks for help with an analyst's function is told what each of its arguments is."""

import inspect
import re
from collections.abc import Callable

import pytest

import evaluation as ev

OFFERED = [one for name in ev.__all__ if inspect.isfunction(one := getattr(ev, name))]


@pytest.mark.parametrize("function", [one for one in OFFERED if one.__module__.startswith("evaluation.inference")])
def test_every_argument_of_an_analysts_function_has_a_line_of_its_own(function: Callable[..., object]) -> None:
    told = re.findall(r"^\s+(\w+): ", inspect.getdoc(function) or "", re.MULTILINE)
    assert [name for name in inspect.signature(function).parameters if name not in told] == []
