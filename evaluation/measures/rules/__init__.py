"""One scoring rule per file; every file of this folder is read, so a new rule is a new file and nothing else."""

from importlib import import_module
from pkgutil import iter_modules

for _module in iter_modules(__path__):
    import_module(f"{__name__}.{_module.name}")
