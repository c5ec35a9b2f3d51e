"""One file per import format, each registered under the name that a mapping's `file: {format: ...}` uses."""

from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

from evaluation.protocol.mapping import FileForm
from evaluation.waves.readers.declared_rows import as_declared
from evaluation.waves.readers.opening import format_of, open_file
from evaluation.waves.readers.table import READERS, Table

for _module in iter_modules(__path__):
    import_module(f"{__name__}.{_module.name}")


def read_file(path: Path, form: FileForm | None = None) -> Table:
    """Read a survey file as text cells with row numbers, by its ending or by the `form` that a mapping declares.

    Raises:
        WaveError: the file is not what it says, is damaged, or cannot be read in one way only; every fault is listed.
    """
    name = form.format if form else format_of(path)
    reader = READERS[name]
    content = open_file(path, reader.signatures, form.format if form else None)
    return as_declared(reader(content, form or FileForm.model_validate({"format": name})))


__all__ = ["READERS", "Table", "read_file"]
