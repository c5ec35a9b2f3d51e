"""Identifiers from what people call things: small letters, digits and underscores, each once."""

import re
import unicodedata
from collections.abc import Container

from evaluation.protocol.check_plan import RESERVED

LONGEST = 40


def identifier(text: str, taken: Container[str] = (), *, prefix: str = "x") -> str:
    """An identifier for `text` that is not `taken`; what begins with a digit gets `prefix` in front."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().casefold()
    words = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[:LONGEST].strip("_")
    name = words if words[:1].isalpha() else f"{prefix}_{words}".strip("_")
    name = f"{name}_1" if name in RESERVED else name
    number, candidate = 2, name
    while candidate in taken:
        candidate, number = f"{name}_{number}", number + 1
    return candidate
