"""Addresses: what a page was asked for, and how to ask for another view of it. Every choice is in the address."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, quote, urlencode

LONGEST = 2000


@dataclass(frozen=True)
class Asked:
    """A path and the choices after it. `clean` is False when the address held something that is no choice at all."""

    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    clean: bool = True

    @classmethod
    def of(cls, path: str, search: str) -> "Asked":
        """Read a browser's path and search; a repeated or unreadable choice makes it unclean, never an error."""
        try:
            pairs = parse_qsl(search.removeprefix("?"), keep_blank_values=True, max_num_fields=20)
        except ValueError:
            return cls(path, {}, clean=False)
        return cls(path, dict(pairs), clean=len(pairs) == len(dict(pairs)))

    def only(self, *names: str) -> bool:
        """Whether every choice made is among `names`."""
        return self.clean and set(self.query) <= set(names)

    def choose(self, name: str, allowed: Iterable[str], usual: str = "") -> tuple[str, bool]:
        """The value of a choice and whether it is one of `allowed`; an empty or absent one is the usual."""
        value = self.query.get(name, "")
        if not value:
            return usual, True
        return (value, True) if value in set(allowed) else (usual, False)


def measure_address(measure: str, **choices: str) -> str:
    """The page of one measure, with choices that are not empty."""
    return address(f"/m/{quote(measure)}", **choices)


def address(path: str, **choices: str) -> str:
    """A path with choices that are not empty."""
    made = urlencode({name: value for name, value in choices.items() if value})
    return f"{path}?{made}" if made else path
