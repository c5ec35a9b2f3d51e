"""Registers of the tiny study with something changed."""

from pathlib import Path

from evaluation.organisations.register import Register, read_register
from evaluation.protocol.documents import read_documents
from tests.protocol.changed import study

TEAMS = """\
organisation,unit,name,arm,type
P1,T1,Ward One,develop,NHS Trust
P1,T2,Ward Two,comparison,NHS Trust
P2,T3,Ward Three,develop,NHS Trust
"""


def register(
    folder: Path, rows: dict[str, str] | None = None, *, text: str | None = None, protocol: dict[str, str] | None = None
) -> Register:
    """The register of the tiny study after replacing pieces of organisations.csv, or all of it by `text`."""
    root = study(folder, replace=protocol)
    table = root / "organisations.csv"
    whole = text if text is not None else table.read_text(encoding="utf-8")
    for old, new in (rows or {}).items():
        assert old in whole, old
        whole = whole.replace(old, new)
    table.write_text(whole, encoding="utf-8", newline="")
    return read_register(read_documents(root))
