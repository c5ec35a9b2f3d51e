"""Attributes with a dash in their name, for Dash components."""

from typing import Any


def aria(**values: str) -> dict[str, Any]:
    """`aria(label="Pages")` as the attribute aria-label."""
    return {f"aria-{name}": value for name, value in values.items()}


def data(**values: str) -> dict[str, Any]:
    """`data(title="Summary")` as the attribute data-title."""
    return {f"data-{name}": value for name, value in values.items()}
