"""The secret that turns a respondent's id into a pseudonym. It lies outside every study and every backup of one.

The file is named by PILOT_KEY_FILE, by default `pilot.key` in the user's configuration folder; it is made when first needed,
readable by its owner only. Whoever holds it can recognise a respondent whose id they know; without it the pseudonyms say
nothing.

A key that may have leaked is followed by another: a line more in the file. Ids are kept nowhere, so the old pseudonyms are
what the new key is applied to, and an id that comes with a later wave passes through all keys in their order. People stay
recognised, and whoever holds an earlier key alone can recognise nobody. Earlier keys are therefore kept, in the one file.
"""

import hashlib
import hmac
import os
import secrets
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from platformdirs import user_config_path

from evaluation.errors import MachineError
from evaluation.study import holding, put_in_place

_BYTES = 32
_BLOCK, _INNER, _OUTER = 64, 0x36, 0x5C
"""Bytes that SHA-256 digests at a time, and what HMAC masks the secret with (RFC 2104, section 2)."""
_PSEUDONYM = 16
"""Bytes kept of each HMAC-SHA-256, stored as hexadecimal digits: 128 bits, so that two people never share a pseudonym."""


@dataclass(frozen=True)
class Key:
    """A secret that never shows in messages, and those it took over from. `mark` tells two keys apart and gives neither away."""

    secret: bytes = field(repr=False)
    earlier: tuple[bytes, ...] = field(default=(), repr=False)

    @property
    def mark(self) -> str:
        """Sixteen hexadecimal digits that stand for this key in the store."""
        return hmac.digest(self.secret, b"mark of this key", "sha256").hex()[:16]

    def pseudonyms(self, *context: str) -> Callable[[Iterable[bytes]], list[bytes]]:
        """What turns ids, as UTF-8, into 16 bytes each: HMAC-SHA-256 over context and id, each set off by its length.

        Keys, context and length are digested once for all ids of one length.

        Source: RFC 2104; NIST FIPS 198-1, truncated as its section 4 allows.
        """
        first, *later = (*self.earlier, self.secret)
        inner, outer = (hashlib.sha256(_padded(first, pad)) for pad in (_INNER, _OUTER))
        inner.update(b"".join(_length(part) + part for part in map(str.encode, context)))
        begun: dict[int, hashlib._Hash] = {}

        def pseudonyms(people: Iterable[bytes]) -> list[bytes]:
            made = []
            for person in people:
                start = begun.get(len(person))
                if start is None:
                    start = begun[len(person)] = inner.copy()
                    start.update(_length(person))
                inside, outside = start.copy(), outer.copy()
                inside.update(person)
                outside.update(inside.digest())
                made.append(outside.digest()[:_PSEUDONYM])
            return [_again(later, one) for one in made] if later else made

        return pseudonyms

    def taking_over(self, mark: str) -> Callable[[str], str]:
        """What turns a stored pseudonym made with the key of `mark` into the one that this key makes of the same person."""
        chain = (*self.earlier, self.secret)
        passed = next(number for number, secret in enumerate(chain) if Key(secret).mark == mark)
        return lambda pseudonym: _again(chain[passed + 1 :], bytes.fromhex(pseudonym)).hex()


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
    chain = _checked(file)
    for number, secret in reversed(list(enumerate(chain))):
        if known_mark in (None, Key(secret).mark):
            return Key(secret, chain[:number])
    raise _other_key(file, "is another one")


def add_key(study: Path) -> Key:
    """Put a new key behind those in the file, whole or not at all; studies go on with the key they have until they change.

    Raises:
        MachineError: as `read_key`.
        BusyError: another command is adding a key.
    """
    read_key(study)
    file = key_file()
    draft = file.with_name(f"{file.name}.next")
    with holding(file.with_name(f"{file.name}.lock"), "adding a key", what="the file of keys"):
        try:
            draft.unlink(missing_ok=True)
            _write(draft, [*_checked(file), secrets.token_bytes(_BYTES)])
            draft.replace(file)
        except OSError as fault:
            raise _not_made(file, fault) from fault
    return read_key(study)


def make_key(file: Path) -> None:
    """Write a new key, readable by its owner only; a key that is already there stays.

    Raises:
        MachineError: the folder cannot be written to.
    """
    draft = file.with_name(f"{file.name}.{secrets.token_hex(4)}")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        _write(draft, [secrets.token_bytes(_BYTES)])
        with suppress(FileExistsError):
            put_in_place(draft, file)
    except OSError as fault:
        raise _not_made(file, fault) from fault
    finally:
        with suppress(OSError):
            draft.unlink(missing_ok=True)


def _write(file: Path, chain: Sequence[bytes]) -> None:
    """One key a line, readable by the owner only; FileExistsError where the file is there."""
    with os.fdopen(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w", encoding="ascii") as stream:
        stream.write("".join(f"{secret.hex()}\n" for secret in chain))
        stream.flush()
        os.fsync(stream.fileno())


def _padded(secret: bytes, pad: int) -> bytes:
    """A secret as HMAC begins with it (RFC 2104, section 2): both beginnings are digested once and not once a person."""
    block = secret if len(secret) <= _BLOCK else hashlib.sha256(secret).digest()
    return bytes(byte ^ pad for byte in block.ljust(_BLOCK, b"\0"))


def _again(chain: Sequence[bytes], pseudonym: bytes) -> bytes:
    """A pseudonym passed through further keys, each of which takes it as it is stored."""
    for secret in chain:
        pseudonym = hmac.digest(secret, pseudonym.hex().encode("ascii"), "sha256")[:_PSEUDONYM]
    return pseudonym


def _not_made(file: Path, fault: OSError) -> MachineError:
    fix = "point PILOT_KEY_FILE at a folder you can write to."
    return MachineError(f"cannot make the key: {fault.strerror}.", where=str(file), fix=fix)


def _checked(file: Path) -> tuple[bytes, ...]:
    """The keys in the file, oldest first."""
    others = file.stat().st_mode & 0o077 if os.name == "posix" else 0
    if others:
        raise MachineError("other users of this computer may read the key.", where=str(file), fix=f"chmod 600 {file}")
    try:
        chain = tuple(bytes.fromhex(line) for line in file.read_text(encoding="ascii").split())
    except ValueError:
        chain = ()
    if not chain or min(map(len, chain)) < _BYTES:
        raise MachineError("the key is damaged.", where=str(file), fix="put it back from the place where you keep a copy of it.")
    return chain


def _other_key(file: Path, how: str) -> MachineError:
    return MachineError(
        f"the key with which this study made its pseudonyms {how}; people would not be recognised from wave to wave.",
        where=str(file),
        fix="point PILOT_KEY_FILE at the key that the first wave was loaded with.",
    )


def _length(part: bytes) -> bytes:
    return len(part).to_bytes(4, "big")
