"""YAML as a person would write it, with comments: small blocks, every text that could be misread in quotation marks."""

import json
import re
from collections.abc import Mapping, Sequence

_PLAIN = re.compile(r"^[A-Za-z]([A-Za-z0-9_./ ()?-]*[A-Za-z0-9_.)?])?$")
_RESERVED = {"yes", "no", "on", "off", "true", "false", "null", "y", "n"}
_WHOLE = re.compile(r"^(0|-?[1-9]\d{0,14})$")


def scalar(text: str) -> str:
    """Text as one YAML value: bare where it can be read in one way only."""
    if _WHOLE.match(text):
        return text
    return text if _PLAIN.match(text) and text.casefold() not in _RESERVED else json.dumps(text, ensure_ascii=False)


def text_scalar(text: str) -> str:
    """Text as one YAML value that stays text even when it looks like a number."""
    return json.dumps(text) if _WHOLE.match(text) else scalar(text)


def flow(pairs: Mapping[str, str]) -> str:
    """A block on one line; values are YAML already, keys are not."""
    return "{" + ", ".join(f"{scalar(key)}: {value}" for key, value in pairs.items()) + "}"


def value_flow(value: object) -> str:
    """A value of a document on one line: blocks and lists as such, text that could be misread in quotation marks."""
    if isinstance(value, Mapping):
        return flow({str(key): value_flow(inner) for key, inner in value.items()})
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(text_scalar(str(inner)) for inner in value)}]"
    return scalar(str(value))


def codes_flow(codes: Mapping[str, str]) -> str:
    """Codes on one line, both sides quoted where needed."""
    return flow({key: scalar(value) for key, value in codes.items()})


def listing(names: Sequence[str], reasons: Mapping[str, str] | None = None) -> list[str]:
    """A list, one name a line, with the reason as a comment."""
    return [f"  - {text_scalar(name)}{comment((reasons or {}).get(name))}" for name in names]


def comment(text: str | None) -> str:
    """A comment at the end of a line; nothing for no text."""
    return f"   # {' '.join(text.split())}" if text else ""
