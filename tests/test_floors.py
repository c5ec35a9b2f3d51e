"""The house has floors: a file imports from lower floors or from its own room, and nothing goes round in a circle.

The table below is the architecture; it is printed when a file breaks it.
"""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from tests.conftest import REPOSITORY

ROOMS: dict[str, int] = {
    "evaluation.terms": 0, "evaluation.errors": 0, "evaluation.registry": 0, "evaluation.study": 0, "evaluation.audit_log": 0,
    "evaluation.spreadsheet": 0,
    "evaluation.protocol": 1, "evaluation.figures": 1,
    "data_schemas": 1, "protocols": 1,
    "evaluation.organisations": 2, "evaluation.values": 2,
    "evaluation.waves": 3, "evaluation.measures": 4, "evaluation.evidence": 5, "evaluation.quality": 6,
    "evaluation.inference": 7, "evaluation.findings": 8, "evaluation.release": 9,
    "evaluation.simulate": 10, "evaluation.plan": 10, "evaluation.run": 10, "evaluation.backup": 10, "evaluation.report_on_answers": 10,
    "evaluation.draft_study": 10,
    "dashboards": 11, "evaluation.cli": 12, "evaluation.__main__": 13,
}
"""Room (a file or a folder) and the floor it stands on."""

LIBRARIES: dict[str, tuple[str, ...]] = {
    "statsmodels": ("evaluation.inference.rows", "evaluation.inference.multiplicity"),
    "pingouin": ("evaluation.inference.rows",),
    "plotly": ("evaluation.figures", "dashboards"),
    "dash": ("dashboards",),
    "flask": ("dashboards",),
    "waitress": ("dashboards", "evaluation.cli.serve"),
    "ibis": ("evaluation.measures", "evaluation.evidence"),
    "duckdb": ("evaluation.evidence",),
    "formulaic": ("evaluation.inference.fit",),
    "polars": ("evaluation.waves",),
    "polars_hash": ("evaluation.waves.people.keys",),
    "deltalake": ("evaluation.waves",),
    "pyreadstat": ("evaluation.waves.readers",),
    "python_calamine": ("evaluation.waves.readers", "evaluation.draft_study"),
    "threadpoolctl": ("evaluation.quality",),
    "xlsxwriter": ("evaluation.draft_study", "evaluation.simulate", "evaluation.waves.report_book"),
    "ruamel": ("evaluation.protocol",),
    "argparse": ("evaluation.cli", "tests", "benchmarks"),
}
"""Library and the only places that import it."""


def sources() -> Iterator[tuple[str, Path]]:
    for package in ("evaluation", "dashboards", "data_schemas", "protocols"):
        for path in sorted((REPOSITORY / package).rglob("*.py")):
            parts = path.relative_to(REPOSITORY).with_suffix("").parts
            yield ".".join(parts[:-1] if parts[-1] == "__init__" else parts), path


MODULES = dict(sources())


@cache
def imported(path: Path) -> tuple[tuple[str, int], ...]:
    """Every dotted name a file imports, wherever in the file it does so, with the line; read once for all the tests that ask."""
    return tuple(_names(path))


def _names(path: Path) -> Iterator[tuple[str, int]]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((name.name, node.lineno) for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno} imports relatively; write the whole name"
            for name in node.names:
                whole = f"{node.module}.{name.name}"
                yield (whole if whole in MODULES else str(node.module)), node.lineno


def room_of(module: str) -> str | None:
    fitting = [room for room in ROOMS if module == room or module.startswith(room + ".")]
    return max(fitting, key=len) if fitting else None


def table() -> str:
    lines = [f"{floor:>3}  {room}" for room, floor in sorted(ROOMS.items(), key=lambda pair: pair[1])]
    return "\n".join(["floor  room (imports go down, or stay in the room)", *lines])


def test_every_room_of_the_table_is_there() -> None:
    assert [room for room in ROOMS if not any(module == room or module.startswith(room + ".") for module in MODULES)] == []


def test_every_file_stands_on_a_floor() -> None:
    lost = [module for module in MODULES if module != "evaluation" and room_of(module) is None]
    assert not lost, f"no floor for {lost}\n{table()}"


def test_imports_go_down_or_stay_in_their_room() -> None:
    wrong = []
    for module, path in MODULES.items():
        if module == "evaluation":
            continue
        room = room_of(module)
        for name, line in imported(path):
            target = room_of(name)
            if room is None or target is None or target == room or ROOMS[target] < ROOMS[room]:
                continue
            if ROOMS[target] == ROOMS[room] == 0:
                continue
            wrong.append(f"{path.relative_to(REPOSITORY)}:{line} ({room}, floor {ROOMS[room]}) imports {name} (floor {ROOMS[target]})")
    assert not wrong, "\n".join([*wrong, table()])


def test_no_file_imports_itself_by_a_detour() -> None:
    edges = {module: {name for name, _ in imported(path) if name in MODULES and name != module} for module, path in MODULES.items()}
    state: dict[str, int] = {}
    loops: list[str] = []

    def visit(module: str, trail: tuple[str, ...]) -> None:
        if state.get(module) == 1:
            loops.append(" -> ".join([*trail[trail.index(module):], module]))
        if module in state:
            return
        state[module] = 1
        for name in sorted(edges[module]):
            visit(name, (*trail, module))
        state[module] = 2

    for module in edges:
        visit(module, ())
    assert not loops, "\n".join(loops)


def test_each_library_is_used_where_the_house_says() -> None:
    wrong = []
    for module, path in MODULES.items():
        for name, line in imported(path):
            allowed = LIBRARIES.get(name.split(".")[0])
            if allowed is not None and not any(module == place or module.startswith(place + ".") for place in allowed):
                wrong.append(f"{path.relative_to(REPOSITORY)}:{line} imports {name}; only {', '.join(allowed)} may")
    assert not wrong, "\n".join(wrong)


def test_drawers_and_hubs_have_no_place() -> None:
    banned = {"utils", "helpers", "common", "base", "manager", "misc"}
    assert not [module for module in MODULES if banned & set(module.split("."))]


def test_modules_and_functions_stay_readable() -> None:
    long = []
    for module, path in MODULES.items():
        text = path.read_text(encoding="utf-8")
        if text.count("\n") > 400:
            long.append(f"{module} has {text.count(chr(10))} lines")
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef) and (node.end_lineno or 0) - node.lineno > 60:
                long.append(f"{module}.{node.name} has {(node.end_lineno or 0) - node.lineno + 1} lines")
    assert not long, "\n".join(long)


def test_the_picture_of_the_rooms_is_todays_and_shows_no_arrow_upwards() -> None:
    from tests.rooms import PICTURE, picture

    committed = PICTURE.read_text(encoding="utf-8")
    assert 'class="up"' not in committed
    assert committed == picture(), "the picture is stale: run `make rooms`"
