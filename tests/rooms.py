"""The picture of the house: rooms on their floors, and an arrow for every import between two rooms.

`python -m tests.rooms` writes docs/pictures/rooms.svg; a test fails when the committed picture is not today's.
"""

from pathlib import Path

from tests.conftest import REPOSITORY
from tests.test_floors import MODULES, ROOMS, imported, room_of

PICTURE = REPOSITORY / "docs" / "pictures" / "rooms.svg"
WIDTH, ROW, BOX, LEFT = 1180, 74, 30, 70


def arrows() -> set[tuple[str, str]]:
    """(from, to) for every import from one room into another."""
    found = set()
    for module, path in MODULES.items():
        room = room_of(module)
        for name, _ in imported(path):
            target = room_of(name)
            if room and target and room != target:
                found.add((room, target))
    return found


def picture() -> str:
    """The SVG: floors from the top down; blue arrows go down, an orange one would go up."""
    lived_in = sorted({room for module in MODULES if (room := room_of(module))}, key=lambda room: (-ROOMS[room], room))
    floors = sorted({ROOMS[room] for room in lived_in}, reverse=True)
    centre, shapes = {}, []
    for row, floor in enumerate(floors):
        rooms = [room for room in lived_in if ROOMS[room] == floor]
        y = 20 + row * ROW
        shapes.append(f'<text x="10" y="{y + 20}" fill="#4C6272">{floor}</text>')
        for place, room in enumerate(rooms):
            name = room.removeprefix("evaluation.")
            x = LEFT + (place + 0.5) * (WIDTH - LEFT - 20) / len(rooms) + (row % 2) * 24
            wide = 9 * len(name) + 22
            centre[room] = (x, y)
            shapes.append(f'<rect x="{x - wide / 2:.0f}" y="{y}" width="{wide}" height="{BOX}" rx="4" fill="#fff" stroke="#12436D"/>')
            shapes.append(f'<text x="{x:.0f}" y="{y + 20}" text-anchor="middle">{name}</text>')
    lines = []
    for start, end in sorted(arrows()):
        (x1, y1), (x2, y2) = centre[start], centre[end]
        down = ROOMS[start] > ROOMS[end] or ROOMS[start] == ROOMS[end] == 0
        colour = "#2073BC" if down else "#F46A25"
        lines.append(f'<path d="M{x1:.0f} {y1 + BOX}C{x1:.0f} {y1 + BOX + 30} {x2:.0f} {y2 - 30} {x2:.0f} {y2}" stroke="{colour}" class="{"down" if down else "up"}"/>')
    height = 20 + len(floors) * ROW
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" font-family="Arial, sans-serif" font-size="15" fill="#212B32">',
        "<title>Rooms by floor; every arrow is an import and goes down</title>", f'<rect width="{WIDTH}" height="{height}" fill="#F0F4F5"/>',
        '<g fill="none" stroke-width="1" opacity=".45">', *lines, "</g>", *shapes, "</svg>", "",
    ])


if __name__ == "__main__":
    Path(PICTURE).write_text(picture(), encoding="utf-8")
