"""What the site reads: the release in one folder, through the release's own model, and nothing else of a study."""

from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from evaluation.errors import ReleaseError
from evaluation.release.publish import Release, read_release

FILE = "release.json"


@dataclass(frozen=True)
class Shelf:
    """What there is to show: a release or none, and what is wrong, in a sentence for the reader of a page."""

    release: Release | None
    trouble: str = ""


class Reader:
    """Reads the release anew when its file has changed; keeps the last good one when the new one cannot be read."""

    def __init__(self, releases: Path) -> None:
        self._file = releases / "preview" / FILE
        self._lock = Lock()
        self._mark: tuple[int, int] | None = None
        self._shelf = Shelf(None, "No result has been prepared yet.")

    def read(self) -> Shelf:
        """The release as it is now."""
        with self._lock:
            mark = self._stamp()
            if mark != self._mark or mark is None:
                self._shelf = self._fresh()
                self._mark = mark
            return self._shelf

    def _stamp(self) -> tuple[int, int] | None:
        try:
            status = self._file.stat()
        except OSError:
            return None
        return status.st_mtime_ns, status.st_size

    def _fresh(self) -> Shelf:
        kept = self._shelf.release
        try:
            return Shelf(read_release(self._file))
        except ReleaseError as fault:
            missing = fault.problems[0].code == "no-release"
        except OSError:
            missing = False
        if kept is not None:
            return Shelf(kept, "The newest result cannot be read. This page shows the last one that could.")
        return Shelf(None, "No result has been prepared yet." if missing else "The result is there but cannot be read.")
