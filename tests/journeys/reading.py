"""What a document tells a reader to run, taken out of the document so that a test can run it."""

import re
from collections.abc import Callable
from pathlib import Path

import pandas as pd


def commands(document: Path) -> list[str]:
    """Every line that starts with '$ ' inside a console block, without the prompt."""
    blocks = re.findall(r"```console\n(.*?)```", document.read_text(encoding="utf-8"), re.DOTALL)
    return [line[2:] for block in blocks for line in block.splitlines() if line.startswith("$ ")]


def register_function(document: Path) -> Callable[..., pd.DataFrame]:
    """The function `register` of the document's Python block."""
    block = re.search(r"```python\n(.*?)```", document.read_text(encoding="utf-8"), re.DOTALL)
    assert block is not None
    names: dict[str, Callable[..., pd.DataFrame]] = {}
    exec(block[1], names)
    return names["register"]
