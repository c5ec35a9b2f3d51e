"""The tiny study as intake sees it, and how its tests call `collect`."""

from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd
import pytest

from evaluation.errors import WaveError
from evaluation.organisations.register import Register, read_register
from evaluation.protocol.documents import Documents, read_documents
from evaluation.protocol.mapping import Mapping
from evaluation.waves.collect import Collected, CollectOptions, collect
from evaluation.waves.storage.compare import in_order
from tests.studies import PROTOCOL, tiny_frame, tiny_study

ITEMS = ["lived_1", "lived_2", "lived_3", "know_values", "strain_1"]


@lru_cache(maxsize=1)
def tiny() -> tuple[Documents, Register]:
    """Documents and register of the tiny study, read once."""
    with TemporaryDirectory() as folder:
        documents = read_documents(tiny_study(Path(folder)))
        return documents, read_register(documents)


def other_study(
    folder: Path, *, protocol: str = PROTOCOL, organisations: str | None = None, **changes: str
) -> tuple[Documents, Register]:
    """A tiny study with other documents in `folder`."""
    root = tiny_study(folder / "study", protocol=protocol, **changes)  # type: ignore[arg-type]
    if organisations is not None:
        (root / "organisations.csv").write_text(organisations, encoding="utf-8")
    documents = read_documents(root)
    return documents, read_register(documents)


def wave_frame(people: int = 4) -> pd.DataFrame:
    """Month 6 of the tiny study as text, `people` an organisation: 8 x `people` rows, the first in row 2."""
    return tiny_frame("month_6", people=people).astype(str)


def load(
    file: Path,
    *,
    mapping: Mapping | None = None,
    organisation: str | None = None,
    study: tuple[Documents, Register] | None = None,
    wave: str = "month_6",
    population: str = "staff",
    **options: object,
) -> Collected:
    """`collect` for staff in month 6 of the tiny study, or of `study`; its rows by organisation and respondent."""
    documents, register = study or tiny()
    allowed = CollectOptions(**options)  # type: ignore[arg-type]
    found = collect(
        documents, register, file, wave=wave, population=population, organisation=organisation, mapping=mapping, options=allowed
    )
    return replace(found, frame=in_order(found.frame))


def refusal(file: Path, **how: object) -> WaveError:
    """The WaveError that `load` raises for `file`."""
    with pytest.raises(WaveError) as caught:
        load(file, **how)  # type: ignore[arg-type]
    assert caught.value.exit_code == 3
    return caught.value


def codes(error: WaveError) -> list[str]:
    """The codes of a refusal's problems, in order."""
    return [problem.code for problem in error.problems]
