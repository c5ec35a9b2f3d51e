"""Named functions: scoring rules and readers announce themselves under the name that documents use."""

from collections.abc import Callable, Iterator, Mapping
from difflib import get_close_matches
from typing import Generic, TypeVar

from evaluation.errors import ProtocolError

T = TypeVar("T", bound=Callable[..., object])


def nearest(name: str, known: Mapping[str, object] | list[str] | tuple[str, ...]) -> str | None:
    """The known name most like `name`, or None when none is close."""
    close = get_close_matches(name, list(known), n=1, cutoff=0.6)
    return close[0] if close else None


class Registry(Generic[T]):
    """Functions by name. Asking for an unknown name is a ProtocolError that suggests the nearest."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self._functions: dict[str, T] = {}

    def register(self, name: str) -> Callable[[T], T]:
        """Decorator: enter the function under `name`; a name can be taken once."""

        def enter(function: T) -> T:
            if name in self._functions:
                raise ValueError(f"{self.kind} '{name}' is registered twice")
            self._functions[name] = function
            return function

        return enter

    def __getitem__(self, name: str) -> T:
        if name not in self._functions:
            close = nearest(name, self._functions)
            hint = f"did you mean '{close}'? " if close else ""
            raise ProtocolError(f"there is no {self.kind} '{name}'.", fix=f"{hint}Known: {', '.join(sorted(self._functions))}.")
        return self._functions[name]

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._functions))

    def __contains__(self, name: object) -> bool:
        return name in self._functions
