"""Where a named policy lies: in the study's own folder, else among those that ship with the program."""

from importlib.resources import files
from pathlib import Path

SUFFIXES = (".yaml", ".yml", ".json")
"""Endings of documents."""


def document_files(folder: Path) -> list[Path]:
    """The documents in a folder, by name; none when there is no folder."""
    return sorted(path for path in folder.glob("*") if path.suffix in SUFFIXES)


def own_policies(root: Path) -> dict[str, Path]:
    """Policies that the study in folder `root` brings, by name."""
    return {path.stem: path for path in document_files(root / "policies")}


def shipped_policies() -> dict[str, Path]:
    """Policies that come with the program, by name."""
    return {path.stem: path for path in document_files(Path(str(files("protocols") / "policies")))}


def policy_file(root: Path, name: str) -> Path | None:
    """The file of policy `name` for the study in folder `root`; None when there is none."""
    return own_policies(root).get(name) or shipped_policies().get(name)
