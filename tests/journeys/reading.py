"""What a document tells a reader to run, taken out of the document so that a test can run it."""

import os
import re
import shlex
from contextlib import chdir
from pathlib import Path

from evaluation.cli.main import main


def commands(document: Path) -> list[str]:
    """Every line that starts with '$ ' inside a console block, without the prompt."""
    return [line for kind, block in blocks(document) if kind == "console" for line in prompts(block)]


def prompts(block: str) -> list[str]:
    """The commands of a console block."""
    return [line[2:] for line in block.splitlines() if line.startswith("$ ")]


def blocks(document: Path) -> list[tuple[str, str]]:
    """(kind, text) of every block between fences, in order."""
    return re.findall(r"^```(\w+)\n(.*?)^```", document.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)


def follow(document: Path, folder: Path, *, until: str = "pilot run") -> None:
    """Do in `folder` what a document says, word for word and in its order: its commands and its Python.

    `until`: how the first command begins that is left to the caller. Blocks of other kinds are for other programs.
    """
    with chdir(folder):
        for kind, block in blocks(document):
            if kind == "python":
                exec(compile(block, f"{document.parent.name}{os.sep}{document.name}", "exec"), {})
            for line in prompts(block) if kind == "console" else ():
                if line.startswith(until):
                    return
                assert main(shlex.split(line)[1:]) == 0, line
