"""`make agreement`: run golden.R, say what moved against the committed values, and write golden.json and docs/agreement.md.

A number that moved by no more than rounding leaves the committed file as it is, so that another processor's last digits are no
change. Exit code 1 when a number moved further, or cases came or went: look at the difference before committing it.
"""

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from tests.agreement import frames, golden, page
from tests.agreement.methods import CLOSED, ITERATED, METHODS, WEIGHTED
from tests.conftest import REAL_DATA

SCRIPT = Path(__file__).with_name("golden.R")
ROUNDING = {CLOSED: 1e-10, WEIGHTED: 1e-9, ITERATED: 1e-6}


def by_r(folder: Path) -> str:
    """The script's JSON, with the fingerprints of the frames that it read."""
    frames.write(folder)
    command = [shutil.which("Rscript") or "Rscript", "--vanilla", str(SCRIPT), str(folder), str(REAL_DATA)]
    text = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    drawn = ",\n".join(f'"{name}": "{frames.fingerprint(name)}"' for name in frames.DRAWN)
    return text.replace('"values": {', f'"frames": {{\n{drawn}\n}},\n"values": {{', 1)


def moved(now: dict[str, Any], before: dict[str, Any]) -> list[str]:
    """Cases whose numbers are not those of the committed file, in words."""
    kept = {(case.method, case.name): case for case in golden.cases(before)}
    found = {(case.method, case.name): case for case in golden.cases(now)}
    said = [f"{method}, {name}: only in one" for method, name in sorted(kept.keys() ^ found.keys())]
    for key in sorted(kept.keys() & found.keys()):
        limit = ROUNDING[METHODS[key[0]].tolerance]
        if kept[key].spec != found[key].spec or golden.flat(kept[key].values).keys() != golden.flat(found[key].values).keys():
            said.append(f"{key[0]}, {key[1]}: another question")
        elif (worst := max(golden.errors(found[key].values, kept[key].values).values())) > limit:
            said.append(f"{key[0]}, {key[1]}: moved by {worst:.1e}")
    return said if now["frames"] == before.get("frames") else [*said, "frames: drawn otherwise"]


def main() -> int:
    absent = [name for name in golden.SHARED.values() if not (REAL_DATA / name).is_dir()]
    if absent:
        sys.stderr.write(f"Golden values are made from public data too; not here: {', '.join(absent)} (set PILOT_SHARED_DATA).\n")
        return 7
    with tempfile.TemporaryDirectory() as folder:
        text = by_r(Path(folder))
    before = golden.read() if golden.FILE.is_file() else {"values": {}}
    changes = moved(json.loads(text), before)
    if changes:
        golden.FILE.write_text(text, encoding="utf-8")
        golden.read.cache_clear()
    page.FILE.write_text(page.text(), encoding="utf-8")
    exact = ", to the last digit" if golden.FILE.read_text(encoding="utf-8") == text else ""
    same = f"golden.json is what R {json.loads(text)['R']} gives{exact}"
    sys.stdout.write("\n".join(changes or [same]) + "\n")
    return int(bool(changes))


if __name__ == "__main__":
    raise SystemExit(main())
