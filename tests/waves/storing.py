"""A tiny study with waves on their way into its store."""

from dataclasses import replace
from pathlib import Path

import polars as pl

from evaluation.organisations.register import read_register
from evaluation.protocol.documents import read_documents
from evaluation.study import Study
from evaluation.waves.collect import Collected, collect
from evaluation.waves.people.keys import Key
from evaluation.waves.storage.compare import in_order
from tests.studies import tiny_study, tiny_wave

ACTOR = "a tester"
WAVES = ("baseline", "month_6", "month_12")


def study_in(folder: Path, **changes: dict[str, str]) -> Study:
    """A tiny study without waves."""
    return Study(tiny_study(folder / "tiny", **changes))


def arriving(study: Study, wave: str, *, seed: int = 1, people: int = 6) -> Collected:
    """One collected wave: eight organisations of `people` staff, by organisation and respondent."""
    documents = read_documents(study.root)
    file = tiny_wave(study.root.parent, wave, seed=seed, people=people)
    found = collect(documents, read_register(documents), file, wave=wave, population="staff")
    return replace(found, frame=in_order(found.frame))


def only(collected: Collected, *organisations: str) -> Collected:
    """The part of a wave that these organisations sent."""
    kept = collected.frame.filter(pl.col("organisation").is_in(organisations))
    return replace(collected, organisations=organisations, frame=kept)


def some(collected: Collected, mask: pl.Expr) -> Collected:
    """The rows of a wave for which `mask` holds."""
    return replace(collected, frame=collected.frame.filter(mask))


def tree(folder: Path) -> dict[str, bytes]:
    """Every file under `folder`, by path, with its bytes."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def pseudonym(key: Key, person: str) -> str:
    """What stands in the store for somebody of the tiny study."""
    parts = {"study": "tiny", "population": "staff", "wave": "", "organisation": person[:2], "respondent": person}
    return str(key.pseudonyms(pl.DataFrame(parts)).item())
