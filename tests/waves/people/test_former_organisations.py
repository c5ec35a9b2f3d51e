"""Files that name organisations as they were then, by code or by name, and tables that do not say how many people stand behind a row."""

from pathlib import Path

import pytest

from evaluation.errors import WaveError
from evaluation.organisations.register import Register
from evaluation.protocol.documents import Documents, read_mapping
from evaluation.waves.collect import Collected
from evaluation.waves.drafts.mapping import draft_mapping
from tests.studies import INSTRUMENT, PROTOCOL
from tests.waves.intake_study import codes, load, other_study, refusal

REGISTER = """\
organisation,name,arm,type,became,became_on
P1,Riverside,develop,NHS Trust,,
OLD,Riverbank,,NHS Trust,P1,2025-10-01
C1,Northgate,comparison,NHS Trust,,
C2,Southgate,comparison,NHS Trust,,
C3,southgate,comparison,NHS Trust,,
"""
PUBLISHED = PROTOCOL.replace("linkage: pseudonym, groups: [staff_group]", "level: organisation")
HEADER = "organisation,base,lived_1,lived_2,lived_3,know_values,strain_1\n"
ANSWERS = "4,4,2,4,3"
MAPPING = """\
mapping: table
version: 1
reviewed_by: Ana
population: staff
file: {format: csv}
organisation: {column: organisation, by: name}
base: {column: base}
items: {lived_1: {item: lived_1}, lived_2: {item: lived_2}, lived_3: {item: lived_3}, know_values: {item: know_values}, strain_1: {item: strain_1}}
"""

Study = tuple[Documents, Register]


@pytest.fixture
def study(tmp_path: Path) -> Study:
    return other_study(tmp_path, protocol=PUBLISHED, organisations=REGISTER, instrument=INSTRUMENT)


def table(folder: Path, *organisations: str, base: str = "40") -> Path:
    file = folder / "table.csv"
    file.write_text(HEADER + "".join(f"{name},{base},{ANSWERS}\n" for name in organisations), encoding="utf-8")
    return file


def by_name(study: Study, file: Path, wave: str = "baseline", text: str = MAPPING) -> Collected:
    path = study[0].root / "table.yaml"
    path.write_text(text, encoding="utf-8")
    return load(file, study=study, wave=wave, mapping=read_mapping(path, study[0]))


def test_a_former_code_is_kept_as_it_was_sent_in_a_wave_before_the_change(study: Study, tmp_path: Path) -> None:
    found = load(table(tmp_path, "OLD", "C1"), study=study, wave="baseline")
    assert found.frame["organisation"].to_list() == ["C1", "OLD"] and found.frame["unit"].to_list() == ["C1", "OLD"]


def test_a_former_code_is_refused_in_a_wave_that_opens_after_the_change(study: Study, tmp_path: Path) -> None:
    error = refusal(table(tmp_path, "OLD", "C1"), study=study, wave="month_6")
    assert codes(error) == ["organisation-ended"]
    assert "belongs to what had become another before the wave opened: 'OLD' ('P1' since 2025-10-01)" in error.problems[0].what
    assert "row 2" in error.problems[0].where


def test_names_are_looked_up_in_the_register_former_ones_too(study: Study, tmp_path: Path) -> None:
    found = by_name(study, table(tmp_path, "RIVERBANK", "  Northgate "))
    assert found.frame["organisation"].to_list() == ["C1", "OLD"]


@pytest.mark.parametrize(("name", "code", "said"), [
    ("Riverbanks", "unknown-organisation", "'Riverbanks' (nearest: Riverbank)"),
    ("Southgate", "several-organisations", "name an organisation by a name that several of the register have"),
])  # fmt: skip
def test_a_name_that_means_nobody_or_several_is_refused(study: Study, tmp_path: Path, name: str, code: str, said: str) -> None:
    with pytest.raises(WaveError) as caught:
        by_name(study, table(tmp_path, name, "Northgate"))
    assert codes(caught.value) == [code]
    assert said.removeprefix("name ") in caught.value.problems[0].what


def test_a_former_name_after_the_change_is_refused_with_what_became_of_it(study: Study, tmp_path: Path) -> None:
    with pytest.raises(WaveError) as caught:
        by_name(study, table(tmp_path, "Riverbank"), wave="month_6")
    assert codes(caught.value) == ["organisation-ended"]
    assert "'OLD' ('P1' since 2025-10-01)" in caught.value.problems[0].what


def test_a_drafted_mapping_knows_former_names(study: Study, tmp_path: Path) -> None:
    """The supplier still writes the old name: it is proposed as the old code, which the register leads to the new one."""
    draft = draft_mapping(table(tmp_path, "Riverbank", "Northgate"), *study, "staff")
    assert "organisation: {column: organisation, codes: {Riverbank: OLD, Northgate: C1}}" in draft


def test_names_of_teams_are_not_names_of_organisations(tmp_path: Path) -> None:
    teams = "organisation,unit,name,arm,type\nP1,T1,Ward,develop,NHS Trust\nP2,T2,Ward,comparison,NHS Trust\n"
    protocol = PUBLISHED.replace("assignment: organisation", "assignment: team")
    documents, _ = study = other_study(tmp_path, protocol=protocol, organisations=teams)
    path = documents.root / "table.yaml"
    path.write_text(MAPPING + "unit: {column: unit}\n", encoding="utf-8")
    with pytest.raises(WaveError) as caught:
        read_mapping(path, study[0])
    assert "organisations are looked up by name, but the register's names are those of teams." in str(caught.value)


def test_a_table_may_declare_that_numbers_of_people_are_not_published(study: Study, tmp_path: Path) -> None:
    """Without the declaration a blank base, or none, is refused: it might have been forgotten."""
    declared = MAPPING.replace("base: {column: base}", "base: not published\nignore: [base]")
    found = by_name(study, table(tmp_path, "Northgate"), text=declared)
    assert found.frame["base"].to_list() == [None]
    assert "how many people are behind each row is not published, so all count as too few to show" in found.receipt.notes
    with pytest.raises(WaveError) as caught:
        by_name(study, table(tmp_path, "Northgate"), text=MAPPING.replace("base: {column: base}", "ignore: [base]"))
    assert codes(caught.value) == ["missing-column"]
