"""The secret that turns a respondent's id into a pseudonym. It lies outside every study and every backup of one.

The file is named by PILOT_KEY_FILE, by default `pilot.key` in the user's configuration folder; it is made when first needed,
readable by its owner only. Whoever holds it can recognise a respondent whose id they know; without it the pseudonyms say nothing.
"""

import hmac
import os
import secrets
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from platformdirs import user_config_path

from evaluation.errors import MachineError

_BYTES = 32
_PSEUDONYM = 32
"""Hexadecimal digits kept of each HMAC-SHA-256: 128 bits, so that two people never share a pseudonym."""


@dataclass(frozen=True)
class Key:
    """A secret, which never shows in messages. `mark` tells two keys apart and gives neither away."""

    secret: bytes = field(repr=False)

    @property
    def mark(self) -> str:
        """Sixteen hexadecimal digits that stand for this key in the store."""
        return hmac.digest(self.secret, b"mark of this key", "sha256").hex()[:16]

    def pseudonyms(self, *context: str) -> Callable[[str], str]:
        """What turns an id into 32 hexadecimal digits: HMAC-SHA-256 over context and id, each set off by its length.

        Source: RFC 2104; NIST FIPS 198-1, truncated as its section 4 allows.
        """
        secret, start = self.secret, _joined(context)

        def pseudonym(person: str) -> str:
            return hmac.digest(secret, start + _joined((person,)), "sha256").hex()[:_PSEUDONYM]

        return pseudonym


def key_file() -> Path:
    """Where the key lies: PILOT_KEY_FILE, else `pilot.key` in the user's configuration folder."""
    named = os.environ.get("PILOT_KEY_FILE")
    return Path(named) if named else user_config_path("pilot-evaluation", appauthor=False) / "pilot.key"


def read_key(study: Path, *, known_mark: str | None = None) -> Key:
    """The key, made when there is none and nothing was stored with one.

    Args:
        study: the study's folder, in which a key must not lie.
        known_mark: `Key.mark` of the key with which stored responses were pseudonymised; None before the first load.

    Raises:
        MachineError: the key lies in the study, others may read it, it is damaged, or it is not the key of `known_mark`.
    """
    file = key_file()
    if file.resolve().is_relative_to(study.resolve()):
        raise MachineError(
            "the key lies inside the study: whoever gets the data would get the key.",
            where=str(file),
            fix="move the file elsewhere and point PILOT_KEY_FILE at it.",
        )
    if not file.exists():
        if known_mark is not None:
            raise _other_key(file, "is not there")
        make_key(file)
    key = _checked(file)
    if known_mark not in (None, key.mark):
        raise _other_key(file, "is another one")
    return key


def make_key(file: Path) -> None:
    """Write a new key, readable by its owner only; a key that is already there stays.

    Raises:
        MachineError: the folder cannot be written to.
    """
    draft = file.with_name(f"{file.name}.{secrets.token_hex(4)}")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w", encoding="ascii") as stream:
            stream.write(secrets.token_hex(_BYTES) + "\n")
            stream.flush()
            os.fsync(stream.fileno())
        with suppress(FileExistsError):
            (os.rename if os.name == "nt" else os.link)(draft, file)
    except OSError as fault:
        raise MachineError(
            f"cannot make the key: {fault.strerror}.", where=str(file), fix="point PILOT_KEY_FILE at a folder you can write to."
        ) from fault
    finally:
        with suppress(OSError):
            draft.unlink(missing_ok=True)


def _checked(file: Path) -> Key:
    others = file.stat().st_mode & 0o077 if os.name == "posix" else 0
    if others:
        raise MachineError("other users of this computer may read the key.", where=str(file), fix=f"chmod 600 {file}")
    try:
        secret = bytes.fromhex(file.read_text(encoding="ascii").strip())
    except ValueError:
        secret = b""
    if len(secret) < _BYTES:
        raise MachineError("the key is damaged.", where=str(file), fix="put it back from the place where you keep a copy of it.")
    return Key(secret)


def _other_key(file: Path, how: str) -> MachineError:
    return MachineError(
        f"the key with which this study made its pseudonyms {how}; people would not be recognised from wave to wave.",
        where=str(file),
        fix="point PILOT_KEY_FILE at the key that the first wave was loaded with.",
    )


def _joined(parts: Sequence[str]) -> bytes:
    return b"".join([len(part).to_bytes(4, "big") + part for part in map(str.encode, parts)])
