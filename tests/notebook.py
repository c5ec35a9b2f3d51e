"""Pages whose code runs: every ```python block is run in order, and the ```text block after it is what it prints.

`python -m tests.notebook docs/PAGE.md` writes the outputs anew, and what the page draws into its `pictures` folder.
"""

import re
import sys
from collections.abc import Iterator
from contextlib import chdir, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

BLOCK = re.compile(r"^```python\n(?P<code>.*?)^```\n(?:\n```text\n(?P<printed>.*?)^```\n)?", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Block:
    """A block of code, the line of the page on which it starts, what the page prints after it, and where both stand."""

    code: str
    line: int
    printed: str
    span: tuple[int, int]


def blocks(page: str) -> Iterator[Block]:
    """The blocks of a page, in order."""
    for found in BLOCK.finditer(page):
        line = page.count("\n", 0, found.start("code")) + 1
        yield Block(found["code"], line, found["printed"] or "", found.span())


def run(page: str, name: str) -> Iterator[tuple[Block, str]]:
    """Run a page's blocks in one namespace; each with what it printed. Faults name the page and its line."""
    names: dict[str, Any] = {"__name__": "__page__"}
    for block in blocks(page):
        room = StringIO()
        with redirect_stdout(room):
            exec(compile("\n" * (block.line - 1) + block.code, name, "exec"), names)  # the page is ours
        yield block, "".join(f"{line.rstrip()}\n" for line in room.getvalue().splitlines())


def written(page: str, name: str) -> str:
    """The page with the outputs of today."""
    out, start = [], 0
    for block, printed in run(page, name):
        shown = f"\n```text\n{printed}```\n" if printed else ""
        out += [page[start : block.span[0]], f"```python\n{block.code}```\n{shown}"]
        start = block.span[1]
    return "".join([*out, page[start:]])


if __name__ == "__main__":
    for path in map(Path, sys.argv[1:]):
        with chdir(path.parent / "pictures"):
            text = written((Path("..") / path.name).read_text(encoding="utf-8"), path.name)
        path.write_text(text, encoding="utf-8")
