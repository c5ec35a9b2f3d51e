"""Which items ask about which value, and which values nobody asks about."""

from pathlib import Path

from evaluation.protocol.documents import Documents, read_documents
from evaluation.values.framework import coverage, items_by_value
from tests.conftest import REPOSITORY
from tests.protocol.changed import VALUES, documents, study


def valued(folder: Path) -> Documents:
    kind = {
        f"{word} act on our values., scale: agree_5": f"{word} act on our values., scale: agree_5, value: kindness"
        for word in ("Colleagues", "Leaders")
    }
    root = study(folder, instrument=kind)
    (root / "values.yaml").write_text(VALUES)
    return read_documents(root)


def test_each_item_stands_beside_the_value_it_asks_about(tmp_path: Path) -> None:
    table = coverage(valued(tmp_path))
    assert table.to_dict("records") == [
        {
            "value": "kindness",
            "label": "Kindness",
            "population": "staff",
            "instrument": "values",
            "item": "lived_1",
            "wording": "Colleagues act on our values.",
        },
        {
            "value": "kindness",
            "label": "Kindness",
            "population": "staff",
            "instrument": "values",
            "item": "lived_2",
            "wording": "Leaders act on our values.",
        },
    ]


def test_a_value_that_nobody_asks_about_is_named(tmp_path: Path) -> None:
    read = valued(tmp_path)
    assert items_by_value(read, "staff") == {"kindness": ("lived_1", "lived_2"), "courage": ()}


def test_a_study_without_values_covers_none(tmp_path: Path) -> None:
    read = documents(tmp_path)
    assert coverage(read).empty and items_by_value(read, "staff") == {}


def test_the_worked_study_asks_staff_about_each_of_its_six_values() -> None:
    asked = items_by_value(read_documents(REPOSITORY / "protocols" / "values-pilot"), "staff")
    assert len(asked) == 6 and all(asked.values())
