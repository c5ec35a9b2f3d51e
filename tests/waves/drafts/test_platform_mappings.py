"""A platform's export loads after one review of the drafted mapping, and gives the same rows as the canonical file."""

from pathlib import Path

import pytest

from evaluation.protocol.documents import read_mapping
from evaluation.protocol.mapping import Mapping
from evaluation.waves.drafts.mapping import draft_mapping
from evaluation.waves.readers import read_file
from tests.waves.intake_study import load, other_study
from tests.waves.platform_files import CHANNELS, PLATFORMS, microsoft_forms
from tests.waves.suppliers import WITH_HOURS, canonical_csv

DECLARED = {
    "Qualtrics": {"format": "qualtrics"},
    "LimeSurvey": {"format": "limesurvey", "headers": "code and text"},
    "REDCap": {"format": "redcap", "leave_out": {"redcap_repeat_instrument": ("visit",)}},
    "SurveyMonkey": {"format": "csv", "header_rows": 2, "dates": "month first"},
    "Microsoft Forms": {"format": "excel", "sheet": "Sheet1"},
    "Jisc": {"format": "csv", "dates": "day first"},
}


def drafted(folder: Path, platform: str) -> tuple[Path, str, Mapping]:
    file = PLATFORMS[platform](folder)
    documents, register = other_study(folder, instrument=WITH_HOURS)
    draft = draft_mapping(file, documents, register, "staff")
    (documents.root / "mappings").mkdir(exist_ok=True)
    path = documents.root / "mappings" / "draft.yaml"
    path.write_text(draft.replace("reviewed_by:", "reviewed_by: Ana Review"), encoding="utf-8")
    return file, draft, read_mapping(path, documents)


@pytest.mark.parametrize("platform", PLATFORMS)
def test_the_drafted_mapping_of_a_platform_gives_the_canonical_rows(tmp_path: Path, platform: str) -> None:
    file, draft, mapping = drafted(tmp_path, platform)
    assert "DECIDE" not in draft.split("reviewed_by", 1)[1], draft
    declared = {key: value for key, value in mapping.file.model_dump(exclude_defaults=True).items() if key != "delimiter"}
    assert declared == DECLARED[platform]
    study = other_study(tmp_path / "again", instrument=WITH_HOURS)
    found, wanted = load(file, study=study, mapping=mapping), load(canonical_csv(tmp_path), study=study)
    assert found.frame.drop("answered_on").sort("respondent").equals(wanted.frame.drop("answered_on").sort("respondent"))
    assert found.frame["answered_on"].null_count() == 0


@pytest.mark.parametrize("platform", PLATFORMS)
def test_what_identifies_people_is_dropped_from_every_platform(tmp_path: Path, platform: str) -> None:
    _, draft, mapping = drafted(tmp_path, platform)
    assert "192.0.2.7" not in draft and "trust.example" not in draft
    personal = {"IPAddress", "RecipientEmail", "IP Address", "Email Address", "First Name", "Last Name", "Email", "Name"}
    assert not personal & ({*mapping.ignore} | {*mapping.items} | {*mapping.groups})


def test_cells_with_several_answers_can_be_declared_as_boxes(tmp_path: Path) -> None:
    _, _, mapping = drafted(tmp_path, "Microsoft Forms")
    assert mapping.file.boxes == {}
    form = mapping.file.model_dump() | {"boxes": {CHANNELS: {"parted_by": ";", "options": ["Email", "Poster"]}}}
    table = read_file(microsoft_forms(tmp_path), type(mapping.file).model_validate(form))
    assert table.frame[f"{CHANNELS} [Poster]"].to_list()[:3] == ["1", "0", None]
