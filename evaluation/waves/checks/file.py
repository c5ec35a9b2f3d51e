"""Does the file have the columns it should, and no others? Names are matched exactly; a near miss is named, never assumed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from evaluation.errors import Cells, Problem
from evaluation.protocol.mapping import Mapping
from evaluation.registry import nearest
from evaluation.waves.checks.expected import Expected
from evaluation.waves.checks.faults import listed
from evaluation.waves.checks.identifiers import identifying_values, is_free_text, named_identifier
from evaluation.waves.checks.layout import Layout
from evaluation.waves.checks.likeness import difference, fold
from evaluation.waves.readers.header import shown_header
from evaluation.waves.readers.table import Table

_MAP = "rename it, or draft a mapping with: pilot wave map STUDY FILE"
_MINIMAL = "leave it out of the export, drop it with --drop-extra, or declare it under 'drop' or 'ignore' in a mapping."


@dataclass(frozen=True)
class Columns:
    """What was found wrong with the header, and what the extra columns are: identifiers or others, by name."""

    problems: tuple[Problem, ...]
    extra: tuple[str, ...]


def check_columns(table: Table, layout: Layout, expected: Expected, *, drop_extra: bool) -> Columns:
    """Missing, extra and nearly right columns of a file, with what each extra one looks like."""
    names = table.cells.columns
    if layout.mapped:
        wanted, missing = layout.columns(), _absent(layout.columns(), names)
        extra = _absent(names, (*wanted, *layout.drop, *layout.ignore))
        unread = list(_unmapped_items(layout, expected))
    else:
        wanted = (*expected.required, *expected.optional)
        missing = _absent(expected.required, names) + ([] if "organisation" in layout.keys else ["organisation"])
        extra = _absent(names, wanted)
        unread = []
    near = {name: close for name in extra if (close := _near(name, missing, wanted, names)) is not None}
    problems = [*_near_problems(near, names, table.name)]
    missing = [name for name in missing if name not in near.values()]
    problems += _missing_problem(missing, extra, expected, table.name, mapped=layout.mapped)
    problems += unread
    extra = [name for name in extra if name not in near]
    if not drop_extra:
        problems += _extra_problems(table, extra)
    return Columns(tuple(problems), tuple(extra))


def check_mapping(mapping: Mapping, expected: Expected, file: str) -> list[Problem]:
    """Whether a mapping may be used for this file: reviewed by a person, for this population and this wave."""
    where = f"mappings/{mapping.mapping}.yaml"
    problems = []
    if not mapping.reviewed_by:
        problems.append(
            Problem(
                f"the mapping '{mapping.mapping}' has not been reviewed.",
                where,
                "read it beside the file, correct it, and put your name under 'reviewed_by'.",
                "mapping-not-reviewed",
            )
        )
    if mapping.population != expected.population:
        problems.append(
            Problem(
                f"the mapping reads population '{mapping.population}', the command says '{expected.population}'.",
                f"{where}, for {file}",
                "use the population's own mapping.",
                "mapping-population",
            )
        )
    if mapping.waves and expected.wave not in mapping.waves:
        problems.append(
            Problem(
                f"the mapping is for {listed(mapping.waves)}, not for wave '{expected.wave}'.",
                f"{where}, for {file}",
                "add the wave to 'waves' after comparing the questionnaires.",
                "mapping-wave",
            )
        )
    return problems


def _absent(names: Sequence[str], among: Sequence[str]) -> list[str]:
    present = set(among)
    return [name for name in names if name not in present]


def _near(name: str, missing: Sequence[str], wanted: Sequence[str], names: Sequence[str]) -> str | None:
    """The expected column that `name` nearly is: the same when folded, or like one that is missing."""
    folded = next((column for column in (*missing, *wanted) if fold(column) == fold(name)), None)
    if folded is not None and (folded in missing or folded in names):
        return folded
    from_missing = [column for column in missing if len(column) > 4]
    close = nearest(name, from_missing)
    return close if close is not None and _differ_little(name, close) else None


def _differ_little(name: str, close: str) -> bool:
    """Not numbered siblings such as q07 and q08: the digits must agree."""
    digits = [sign for sign in name if sign.isdigit()]
    return digits == [sign for sign in close if sign.isdigit()] and abs(len(name) - len(close)) <= 2


def _near_problems(near: dict[str, str], names: Sequence[str], file: str) -> Iterator[Problem]:
    """A line for each, but one for several names with spaces around them, as spaces after commas give."""
    spaced = [name for name, close in near.items() if name.strip() == close and close not in names]
    if len(spaced) > 1:
        yield _spaced(spaced, file)
    for name, close in near.items():
        if close in names:
            yield _beside(name, close, file)
        elif len(spaced) < 2 or name not in spaced:
            same = fold(name) == fold(close)
            how = f"differs by {difference(name, close)}" if same else "is spelled differently"
            yield Problem(
                f"column {shown_header(name)} is not '{close}': it {how}.",
                f"{file}, header",
                f"{_MAP}; nothing is matched silently.",
                "near-miss-column",
                cells=(Cells(name),),
            )


def _spaced(spaced: list[str], file: str) -> Problem:
    return Problem(
        f"{len(spaced):,} columns have a space before or after their names: {listed([name.strip() for name in spaced])}.",
        f"{file}, header",
        "take the spaces out of the header, such as those after commas; nothing is matched silently.",
        "near-miss-column",
        len(spaced),
        tuple(Cells(name) for name in spaced),
    )


def _beside(name: str, close: str, file: str) -> Problem:
    """A column that would take a name which another one has already."""
    return Problem(
        f"column {shown_header(name)} stands beside '{close}' and differs by {difference(name, close)}: only one can be meant.",
        f"{file}, header",
        "leave the wrong one out of the export, or in a mapping read one of them and list the other under 'ignore'.",
        "near-miss-column",
        cells=(Cells(name), Cells(close)),
    )


def _missing_problem(missing: list[str], extra: list[str], expected: Expected, file: str, *, mapped: bool) -> list[Problem]:
    if not missing:
        return []
    count = len(missing)
    hints = [f"{name} (nearest: {shown_header(close)})" if (close := nearest(name, extra)) else name for name in missing]
    by = "that the mapping reads" if mapped else f"that population '{expected.population}' needs in wave '{expected.wave}'"
    what = f"{count} {'column' if count == 1 else 'columns'} {by} {'is' if count == 1 else 'are'} missing: {listed(hints)}."
    return [
        Problem(
            what,
            f"{file}, header",
            "export them too, or say with asked_in that this wave did not ask an item."
            if not mapped
            else "correct the mapping, or export the columns too.",
            "missing-column",
            count,
        )
    ]


def _unmapped_items(layout: Layout, expected: Expected) -> Iterator[Problem]:
    lost = [item for item, question in expected.questions.items() if question.asked and item not in layout.items]
    lost += [group for group in expected.groups if group not in layout.groups]
    told = (*layout.keys, *layout.untold)
    lost += [key for key in ("unit", "arm", "respondent", "base") if key in expected.required and key not in told]
    if lost:
        yield Problem(
            f"the mapping reads no column as: {listed(lost)}.",
            f"population '{expected.population}', wave '{expected.wave}'",
            "map a column to each, or say with asked_in that this wave did not ask an item.",
            "missing-column",
            len(lost),
        )


def _extra_problems(table: Table, extra: list[str]) -> Iterator[Problem]:
    kinds: dict[str, list[str]] = {}
    for name in extra:
        kinds.setdefault(_kind(table, name), []).append(name)
    words = {
        "identifier-column": "hold or seem to hold what identifies people",
        "free-text-column": "hold free text that nobody declared",
        "extra-column": "are unknown to the protocol",
    }
    for code, names in kinds.items():
        count = len(names)
        says = (
            words[code]
            if count > 1
            else words[code].replace("hold ", "holds ", 1).replace("seem", "seems").replace("are ", "is ", 1)
        )
        yield Problem(
            f"{count} {'column' if count == 1 else 'columns'} {says}: {listed([shown_header(name) for name in names])}.",
            f"{table.name}, header",
            _MINIMAL,
            code,
            count,
            tuple(Cells(name) for name in names),
        )


def _kind(table: Table, name: str) -> str:
    if seems_identifier(table, name):
        return "identifier-column"
    return "free-text-column" if is_free_text(table.text(name)) else "extra-column"


def seems_identifier(table: Table, name: str) -> bool:
    """Whether a column nobody declared identifies people, by its name or by its values."""
    return named_identifier(name) is not None or identifying_values(table.text(name), is_key=False) is not None
