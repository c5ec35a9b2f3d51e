"""The whole line as an evaluator goes it: files on disk, `pilot wave load`, `pilot run`, and what the board would be shown."""

import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from functools import cached_property
from io import StringIO
from pathlib import Path
from typing import Any

import pandas as pd

from evaluation.cli.main import main
from evaluation.release.cards import CellCard, FindingCard
from evaluation.release.publish import Release, read_release
from tests.dashboards.reading import page, text

NO_NUMBER = re.compile(r"(?<![A-Za-z])(nan|NaN|NAN|inf|Inf|[Ii]nfinity|NaT|<NA>|null|undefined|None(?! of))(?![A-Za-z])")
"""What a lost number looks like in words; "None of the plan's rules holds." is an honest sentence."""


@dataclass(frozen=True)
class Said:
    """What a command ended with and printed."""

    code: int
    out: str
    err: str

    @property
    def record(self) -> dict[str, Any]:
        """The one JSON document of `--json`; NaN and Infinity are no JSON."""
        return strict(self.out)


def pilot(*words: str | Path) -> Said:
    """One command in this process."""
    out, err = StringIO(), StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        code = main([str(word) for word in words])
    return Said(code, out.getvalue(), err.getvalue())


def strict(content: str) -> dict[str, Any]:
    """JSON read as a strict reader reads it: NaN, Infinity and -Infinity are refused."""

    def refuse(name: str) -> float:
        raise AssertionError(f"{name} in JSON")

    read: dict[str, Any] = json.loads(content, parse_constant=refuse)
    return read


@dataclass(frozen=True)
class Line:
    """One run from its files to the board: the study's folder and what `pilot run --json` said."""

    root: Path
    run: Said

    @cached_property
    def result(self) -> dict[str, Any]:
        """The newest kept result."""
        return strict(max((self.root / "results").glob("R-*/result.json")).read_text(encoding="utf-8"))

    @cached_property
    def release(self) -> Release:
        """The preview, as the board's site reads it."""
        return read_release(self.root / "releases" / "preview")

    def finding(self, estimand: str) -> FindingCard:
        """The first finding of an estimand, as released."""
        return next(one for one in self.release.findings if one.estimand == estimand)

    def kept(self, estimand: str) -> Mapping[str, Any]:
        """The same finding as the ledger keeps it."""
        found: Mapping[str, Any] = next(
            one for one in self.result["content"]["findings"]["findings"] if one["estimand"] == estimand)
        return found

    def flags(self, estimand: str) -> list[str]:
        """The named warnings of a finding, as kept."""
        return [flag["id"] for flag in self.kept(estimand)["flags"]]

    def cells(self, measure: str, wave: str, level: str = "unit") -> dict[str | None, CellCard]:
        """Released cells by unit, arm or role."""
        return {
            getattr(cell, level): cell for cell in self.release.cells
            if (cell.measure, cell.wave, cell.level) == (measure, wave, level)
        }

    def pages(self) -> Iterator[tuple[str, str]]:
        """(address, all text) of every page: summary as chart and as table, each measure for each organisation, the plan."""
        units = self.release.organisations[0].unit
        addresses = [("/", ""), ("/", "?show=table"), ("/protocol", "")]
        for measure in self.release.measures:
            addresses += [(f"/m/{measure.id}", ""), (f"/m/{measure.id}", f"?unit={units}&rows=all")]
        for path, search in addresses:
            yield path + search, text(page(self.release, path, search))


def load(root: Path, waves: Mapping[str, pd.DataFrame], *words: str) -> None:
    """Write each wave as a CSV beside the study and load it."""
    for wave, frame in waves.items():
        file = root.parent / f"{root.name}-{wave}.csv"
        frame.to_csv(file, index=False)
        said = pilot("wave", "load", root, file, "--wave", wave, "--population", "staff", *words)
        assert said.code == 0, said.err


def run(root: Path) -> Line:
    """`pilot run --json`, and nothing that is no number anywhere in what it made."""
    line = Line(root, pilot("run", root, "--json"))
    assert line.run.code in (0, 5), line.run.out + line.run.err
    check_numbers(line)
    return line


def check_numbers(line: Line) -> None:
    """No number is none: in the printed record, the kept result, the release, and no page's words; silence has a reason."""
    for where, content in (("run", line.run.record), ("result", line.result), ("release", line.release.model_dump(mode="json"))):
        for path, value in leaves(content):
            assert not (isinstance(value, float) and not math.isfinite(value)), f"{where}{path} is {value}"
            if isinstance(value, str) and "document_text" not in path:
                assert not NO_NUMBER.search(value), f"{where}{path} says {value!r}"
    for address, words in line.pages():
        assert len(words) > 300, address
        shown = words.replace(line.release.protocol_page.document_text, "")
        assert not NO_NUMBER.search(shown), f"{address}: {NO_NUMBER.findall(shown)}"


def leaves(value: Any, path: str = "") -> Iterable[tuple[str, Any]]:
    """Every value of a nested record with its place."""
    if isinstance(value, Mapping):
        for key, one in value.items():
            yield from leaves(one, f"{path}.{key}")
    elif isinstance(value, list | tuple):
        for number, one in enumerate(value):
            yield from leaves(one, f"{path}[{number}]")
    else:
        yield path, value
