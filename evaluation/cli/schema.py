"""`pilot schema`: the JSON Schemas of all documents, for editors and for whoever writes documents by program."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evaluation.cli.output import emit, verb

if TYPE_CHECKING:
    from evaluation.protocol.schema import DocumentModel

SAYS = "list the documents of a study and their JSON Schemas, or write the schemas into a folder"


def add(subparsers: Any) -> None:
    """Enter the verb."""
    parser = verb(subparsers, "schema", SAYS, codes=(0, 2, 7))
    parser.add_argument("--write", metavar="DIR", help="write every schema, and a README, into this folder")


def handler(args: argparse.Namespace) -> int:
    """List or write."""
    from evaluation.protocol.schema import DOCUMENTS, json_schema, write_schemas

    documents = (*DOCUMENTS, *more_documents())
    if args.write:
        written = write_schemas(Path(args.write), more_documents())
        emit(args, {"written": [str(path) for path in written]}, "\n".join(map(str, written)))
        return 0
    lines = [f"{one.where}\n  {one.says}\n  {one.file}" for one in documents]
    text = "\n".join([*lines, "Write them into a folder: pilot schema --write DIR"])
    emit(args, {one.name: {"where": one.where, "schema": json_schema(one)} for one in documents}, text)
    return 0


def more_documents() -> "tuple[DocumentModel, ...]":
    """Documents whose models stand on higher floors than the protocol's room."""
    from evaluation.protocol.schema import DocumentModel
    from evaluation.release.publish import Release
    from evaluation.simulate.truth import Truth

    return DocumentModel("simulation", "simulation.yaml", Truth), DocumentModel("release", "releases/*/release.json", Release)
