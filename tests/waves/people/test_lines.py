"""An organisation under a new code: its people stay the same people, are counted once and are erased under both codes."""

from collections.abc import Mapping
from pathlib import Path

import pandas as pd
import polars as pl
import pytest

from evaluation.errors import UsageError, WaveError
from evaluation.organisations.register import read_register
from evaluation.protocol.documents import read_documents
from evaluation.study import Study
from evaluation.waves import store
from evaluation.waves.erase import erase
from evaluation.waves.load import Arriving, Loaded, check_wave, load_wave
from evaluation.waves.people.linkage import recognised
from evaluation.waves.storage.read import read_rows
from tests.studies import tiny_frame
from tests.waves.storing import ACTOR, study_in

NEW = {"P2": "P9"}


@pytest.fixture
def study(tmp_path: Path) -> Study:
    return study_in(tmp_path)


def rename(study: Study, old: str = "P2", new: str = "P9", day: str = "2025-07-01") -> None:
    """The register says that `old` became `new`, which gets a row where it has none."""
    file = study.root / "organisations.csv"
    rows = pd.read_csv(file, dtype=str).fillna("")
    rows = rows.assign(**{name: rows.get(name, "") for name in ("became", "became_on")})
    own = rows[rows["organisation"] == old]
    if new not in set(rows["organisation"]):
        rows = pd.concat([rows, own.assign(organisation=new, name="Renamed")])
    past = {"arm": "", "start": "", "size": "", "values_history": "", "became": new, "became_on": day}
    rows = pd.concat([rows[rows["organisation"] != old], own.assign(**past)])
    rows.to_csv(file, index=False)


def answers(wave: str, codes: Mapping[str, str] = {}, *, only: tuple[str, ...] = (), seed: int = 1) -> pd.DataFrame:
    """Four staff an organisation, numbered 1 to 4 in each; `codes` gives organisations another code."""
    frame = tiny_frame(wave, people=4, seed=seed)
    frame["respondent"] = [f"{k % 4 + 1}" for k in range(len(frame))]
    frame = frame[frame["organisation"].isin(only)] if only else frame
    return frame.assign(organisation=frame["organisation"].replace(dict(codes)))


def send(study: Study, wave: str, frame: pd.DataFrame, **intent: bool) -> Loaded:
    file = study.root.parent / f"{wave}.csv"
    frame.to_csv(file, index=False)
    return load_wave(study, Arriving(file, wave, "staff"), actor=ACTOR, intent=store.Intent(**intent))


def followed(study: Study, earlier: str, later: str) -> tuple[int, int, int]:
    """Stayers, leavers and joiners."""
    documents = read_documents(study.root)
    (found,) = recognised(store.responses(study, "staff"), documents.protocol, {earlier, later}, read_register(documents))
    return found.stayers, found.leavers, found.joiners


@pytest.mark.parametrize("said", ["before the first wave", "after the first wave"])
def test_nobody_leaves_because_an_organisation_got_a_new_code(said: str, study: Study) -> None:
    """32 staff. What is stored when the register learns of the new code keeps its pseudonyms."""
    if said == "before the first wave":
        rename(study)
    send(study, "baseline", answers("baseline"))
    if said == "after the first wave":
        rename(study)
    send(study, "month_6", answers("month_6", NEW))
    send(study, "month_12", answers("month_12", NEW))
    assert followed(study, "baseline", "month_6") == followed(study, "baseline", "month_12") == (32, 0, 0)


def test_through_two_new_codes_people_are_known_under_the_first(study: Study) -> None:
    send(study, "baseline", answers("baseline"))
    rename(study)
    send(study, "month_6", answers("month_6", NEW))
    rename(study, "P9", "P10", "2026-01-01")
    send(study, "month_12", answers("month_12", {"P2": "P10"}))
    assert followed(study, "baseline", "month_12") == (32, 0, 0)


def test_an_organisation_stored_before_the_register_says_what_it_was_keeps_its_own_pseudonyms(study: Study) -> None:
    """P9 is thought to be new in month 6; the register then says that it was P2: month 6 and month 12 stay linked."""
    send(study, "baseline", answers("baseline"))
    file = study.root / "organisations.csv"
    file.write_text(file.read_text() + "P9,Nine,develop,NHS Trust,North,3000,never had,2025-04-01\n", encoding="utf-8")
    send(study, "month_6", answers("month_6", NEW))
    rename(study)
    send(study, "month_12", answers("month_12", NEW))
    assert followed(study, "month_6", "month_12") == (32, 0, 0)


def test_one_that_stood_beside_the_other_keeps_its_own_people(study: Study) -> None:
    """P2 was merged into P3, whose people have the same numbers: P3's four stay P3's, and P2's four left."""
    send(study, "baseline", answers("baseline"))
    rename(study, "P2", "P3")
    later = answers("month_6")
    send(study, "month_6", later[later["organisation"] != "P2"])
    assert followed(study, "baseline", "month_6") == (28, 4, 0)


def test_answers_stored_under_the_former_code_are_not_counted_again_under_the_new_one(study: Study) -> None:
    rename(study)
    send(study, "baseline", answers("baseline"))
    again = answers("baseline", NEW, only=("P2",))
    with pytest.raises(WaveError, match="4 of 4 rows of 'P9' stand in this wave already, under its other code 'P2'"):
        send(study, "baseline", again)
    with pytest.raises(WaveError, match="under its other code"):
        send(study, "baseline", again, append=True)
    notes = send(study, "baseline", answers("baseline", NEW, only=("P2",), seed=5)).notes
    assert any(note.startswith("4 respondent ids of 'P9' are ids of 'P2' in this wave too") for note in notes)


def test_answers_under_both_codes_in_one_file_are_refused(study: Study) -> None:
    rename(study)
    both = pd.concat([answers("baseline"), answers("baseline", NEW, only=("P2",))])
    with pytest.raises(WaveError, match="4 of 4 rows of 'P9' stand in this wave already"):
        send(study, "baseline", both)


def test_other_people_of_the_new_code_join_those_of_the_former_without_a_note(study: Study) -> None:
    rename(study)
    send(study, "baseline", answers("baseline"))
    late = answers("baseline", NEW, only=("P2",), seed=5).assign(respondent=["21", "22", "23", "24"])
    assert send(study, "baseline", late).notes == ()


def unnamed(study: Study) -> None:
    """The tiny study, of whose staff nobody has an id."""
    file = study.root / "protocol.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace("linkage: pseudonym", "linkage: none"), encoding="utf-8")


def nobody(codes: Mapping[str, str], rows: list[list[int]]) -> pd.DataFrame:
    """P2's baseline without ids: all nurses, answering as `rows` say."""
    one = answers("baseline", codes, only=("P2",)).iloc[[0] * len(rows)].drop(columns="respondent").reset_index(drop=True)
    items = [name for name in one.columns if name.startswith(("lived", "know", "strain"))]
    one[items] = rows
    return one


CEILING = [[5, 5, 5, 5, 1]] * 9 + [[5, 5, 4, 5, 1]]
VARIED = [[k % 5 + 1, k // 5 + 1, (2 * k) % 5 + 1, (3 * k) % 4 + 1, k % 3 + 1] for k in range(10)]


def test_people_without_ids_who_all_answer_alike_are_noted_and_not_refused_under_a_new_code(study: Study) -> None:
    unnamed(study)
    rename(study)
    send(study, "baseline", nobody({}, CEILING))
    (note,) = [note for note in send(study, "baseline", nobody(NEW, CEILING[:8])).notes if "became the other" in note]
    assert note.startswith("8 rows of 'P9' are rows of 'P2' in this wave too") and "if they are the same people, they count twice" in note


def test_people_without_ids_whose_answers_vary_are_refused_under_a_new_code(study: Study) -> None:
    unnamed(study)
    rename(study)
    send(study, "baseline", nobody({}, VARIED))
    with pytest.raises(WaveError, match="10 of 10 rows of 'P9' stand in this wave already, under its other code 'P2'"):
        send(study, "baseline", nobody(NEW, VARIED))


@pytest.mark.parametrize("organisations", [("P9",), ("P2",)])
def test_an_erasure_takes_a_person_from_both_codes(organisations: tuple[str, ...], study: Study) -> None:
    rename(study)
    send(study, "baseline", answers("baseline"))
    send(study, "month_6", answers("month_6", NEW))
    with pytest.raises(UsageError, match="in 8 organisations somebody has this id"):
        erase(study, "staff", "3", actor=ACTOR)
    erase(study, "staff", "3", actor=ACTOR, organisations=organisations)
    rows = read_rows(store.responses(study, "staff").files).group_by("organisation").agg(pl.col("respondent").count())
    assert {name: count for name, count in rows.iter_rows() if name in ("P1", "P2", "P9")} == {"P1": 8, "P2": 3, "P9": 3}


def test_a_wave_that_is_the_one_before_is_noted_though_an_organisation_has_a_new_code(study: Study) -> None:
    send(study, "baseline", answers("baseline"))
    rename(study)
    again = answers("baseline", NEW).assign(wave="month_6", respondent=[f"n{number}" for number in range(32)])
    again.to_csv(study.root.parent / "again.csv", index=False)
    notes = " ".join(check_wave(study, Arriving(study.root.parent / "again.csv", "month_6", "staff")).notes)
    assert "32 of 32 rows are, answer for answer, rows of wave 'baseline'" in notes
