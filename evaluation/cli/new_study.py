"""What `pilot new` does: the documents are written beside their place first, so that a folder is there whole or not at all."""

import argparse
import re
import shutil
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.resources import as_file, files
from importlib.resources.abc import Traversable
from pathlib import Path

from evaluation.audit_log import actor, append
from evaluation.cli.output import emit
from evaluation.draft_study import draft_study, write_workbook
from evaluation.errors import UsageError
from evaluation.protocol.mapping import FileForm
from evaluation.registry import nearest
from evaluation.study import Study, writing
from evaluation.waves.people.keys import key_file, read_key
from evaluation.waves.readers.opening import format_of

DEFAULT = "values-pilot"
_FOR_EDITORS = "# yaml-language-server:"
"""First line of shipped documents: it points at a schema beside the program, which a copied study does not have."""


def templates() -> tuple[str, ...]:
    """Names of the studies that ship with the program."""
    return tuple(sorted(one.name for one in files("protocols").iterdir() if (one / "protocol.yaml").is_file()))


def from_template(args: argparse.Namespace) -> int:
    """Copy a shipped study."""
    name = args.template or DEFAULT
    study = copy_template(name, Path(args.dir), actor(args.as_name))
    return _welcome(args, study, {"template": name}, f"copied from '{name}'")


def from_file(args: argparse.Namespace) -> int:
    """Draft a study from a data file or a filled workbook."""
    file, folder = Path(args.from_file), Path(args.dir)
    said = {"sheet": args.sheet, "encoding": args.encoding, "delimiter": args.delimiter}
    stated = {key: value for key, value in said.items() if value is not None}
    form = FileForm.model_validate({"format": format_of(file), **stated}) if stated else None
    drafted = draft_study(file, folder, name=args.title or _title_of(folder), form=form)
    study = _begun(folder, {"from": drafted.source}, actor(args.as_name))
    origin = {"from": drafted.source, "decisions": list(drafted.decisions)}
    return _welcome(args, study, origin, f"drafted from a {drafted.source}", drafted.decisions)


def empty_workbook(args: argparse.Namespace) -> int:
    """Write the workbook that people fill instead of documents."""
    path = Path(args.workbook)
    if path.exists():
        raise UsageError(f"'{path}' is there already.", fix="name a new file; nothing is ever written over.")
    if path.suffix.lower() != ".xlsx":
        raise UsageError(f"'{path.name}' is no Excel workbook.", fix="name it with the ending .xlsx")
    write_workbook(path)
    emit(args, {"workbook": str(path)}, f"{path}: fill every sheet, then: pilot new DIR --from {path}")
    return 0


def _title_of(folder: Path) -> str:
    words = re.sub(r"[-_\s]+", " ", folder.resolve().name).strip()
    return words[:1].upper() + words[1:]


def copy_template(name: str, folder: Path, who: str) -> Study:
    """A new study in `folder` with the documents of a shipped one, and the key made when there is none.

    Raises:
        UsageError: there is no such template, or the folder is not empty.
    """
    if name not in templates():
        close = nearest(name, templates())
        hint = f"did you mean '{close}'? " if close else ""
        raise UsageError(f"there is no template '{name}'.", fix=f"{hint}Templates: {', '.join(templates())}.")
    with _new_folder(folder) as draft:
        _copy(files("protocols") / name, draft)
    return _begun(folder, {"template": name}, who)


def _begun(folder: Path, origin: dict[str, str], who: str) -> Study:
    study = Study.open(folder)
    read_key(study.root)
    with writing(study, "new"):
        append(study.audit_file, "study begun", who, origin)
    return study


@contextmanager
def _new_folder(target: Path) -> Iterator[Path]:
    """A folder beside `target` that takes its place when all is written, and disappears when it is not."""
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise UsageError(f"'{target}' is there and not empty.", fix="name a new folder; nothing is ever written over.")
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.parent / f".{target.name}-{uuid.uuid4().hex[:8]}"
    draft.mkdir()
    try:
        yield draft
        if target.exists():
            target.rmdir()
        draft.rename(target)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _copy(source: Traversable, target: Path) -> None:
    with as_file(source) as folder:
        for path in sorted(folder.rglob("*")):
            place = target / path.relative_to(folder)
            if path.is_dir() or "__pycache__" in path.parts:
                continue
            place.parent.mkdir(parents=True, exist_ok=True)
            if path.suffix in {".yaml", ".yml"}:
                place.write_text(_without_schema(path.read_text(encoding="utf-8")), encoding="utf-8", newline="\n")
            else:
                shutil.copyfile(path, place)


def _without_schema(text: str) -> str:
    return "".join(line for line in text.splitlines(keepends=True) if not line.startswith(_FOR_EDITORS))


def _welcome(
    args: argparse.Namespace, study: Study, origin: Mapping[str, object], how: str, decisions: Sequence[str] = ()
) -> int:
    """Say what is there, what a person must still decide, and what to do next."""
    names = sorted(path.relative_to(study.root).as_posix() for path in study.root.rglob("*") if path.is_file())
    documents = [name for name in names if name != study.audit_file.name]
    record = {"study": str(study.root), **origin, "documents": documents, "key": str(key_file())}
    lines = [f"{study.root}: {len(documents)} documents, {how}.", *(f"  {name}" for name in documents)]
    if decisions:
        lines += [
            f"{len(decisions)} things were guessed or left open; the documents mark each:",
            *(f"  {one}" for one in decisions),
        ]
    lines.append(f"The key that makes pseudonyms lies outside: {key_file()}")
    lines.append(_next_step(study, bool(decisions)))
    emit(args, record, "\n".join(lines))
    return 0


def _next_step(study: Study, undecided: bool) -> str:
    """What to do now; a template whose organisations come with its data cannot be checked before they are there."""
    if not (study.root / "organisations.csv").is_file():
        return f"Next: {study.root / 'README.md'} says where its data come from and how to make its organisations.csv."
    return f"{'Decide those, then' if undecided else 'Next'}: pilot check {study.root}"
