"""Questions of an unknown file whose answers share a cell ('App;Clinic'), with the mark between them and the options met."""

from collections import Counter
from collections.abc import Mapping

from evaluation.protocol.mapping import Boxes
from evaluation.waves.checks.groups import names_people
from evaluation.waves.drafts.person_columns import quotes_people
from evaluation.waves.drafts.profile import Profile
from evaluation.waves.readers import Table
from evaluation.waves.readers.header import shown_header

_MARKS, _MARK = (";", "|", ","), "[;|,]"
_MOST = 20
"""Options beyond which a column is no question to tick."""


def several_answers(table: Table, found: Profile) -> dict[str, Boxes]:
    """Columns whose cells hold options of one question, by name: some hold one alone, some several, and all are made of a few.

    A few means fewer different options than different cells, each with a letter and in two rows or more.
    """
    used = {*(item.column for item in found.items), found.respondent, found.arm_column}
    boxes = {}
    for column in table.frame.columns:
        values = table.frame[column].drop_nulls()
        if column in used or not values.str.contains(_MARK).any() or quotes_people(column, values):
            continue
        cells = Counter(values.to_list())
        ticked = {mark: options for mark in _MARKS if (options := _options(cells, mark))}
        if ticked and {*cells} != {*found.organisations} and not names_people(values, column):
            mark, options = next(iter(ticked.items()))
            boxes[column] = Boxes(parted_by=mark, options=options)
    return boxes


def _options(cells: Mapping[str, int], mark: str) -> tuple[str, ...]:
    """The options of which cells are made if `mark` parts them; none where it does not."""
    parts = {cell: [part.strip() for part in cell.split(mark) if part.strip()] for cell in cells}
    rows: Counter[str] = Counter()
    for cell, options in parts.items():
        rows.update(dict.fromkeys(options, cells[cell]))
    lengths = [len(options) for options in parts.values()]
    is_question = 1 in lengths and max(lengths) > 1 and len(rows) < len(cells) and len(rows) <= _MOST
    return tuple(rows) if is_question and all(n > 1 and any(map(str.isalpha, one)) for one, n in rows.items()) else ()


def boxes_decisions(boxes: Mapping[str, Boxes], mapping: str) -> tuple[str, ...]:
    """What a person has to check of the columns that were made."""
    file, becomes = f"mappings/{mapping}.yaml", "under 'boxes' each option is a column of its own, called 'question [option]'"
    return tuple(
        f"{file}: CHECK that {shown_header(name)} holds several answers a cell, parted by '{box.parted_by}'; {becomes}."
        for name, box in boxes.items()
    )
