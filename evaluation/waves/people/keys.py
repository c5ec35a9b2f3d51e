"""The secret that turns a respondent's id into a pseudonym. It lies outside every study and every backup of one.

The file is named by PILOT_KEY_FILE, by default `pilot.key` in the user's configuration folder; it is made when first needed,
readable by its owner only. Whoever holds it can recognise a respondent whose id they know; without it the pseudonyms say
nothing.

A key that may have leaked is followed by another: a line more in the file. Ids are kept nowhere, so the old pseudonyms are
what the new key is applied to, and an id that comes with a later wave passes through all keys in their order. People stay
recognised, and whoever holds an earlier key alone can recognise nobody. Earlier keys are therefore kept, in the one file.
"""

import hmac
import os
import secrets
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl
from platformdirs import user_config_path
from polars_hash import CryptographicHashingNameSpace

from evaluation.errors import MachineError
from evaluation.study import holding, put_in_place

_BYTES = 32
_DIGITS = 32
"""Hexadecimal digits kept of each HMAC-SHA-256: 128 bits, so that two people never share a pseudonym."""


@dataclass(frozen=True)
class Key:
    """A secret that never shows in messages, and those it took over from. `mark` tells two keys apart and gives neither away."""

    secret: bytes = field(repr=False)
    earlier: tuple[bytes, ...] = field(default=(), repr=False)

    @property
    def mark(self) -> str:
        """Sixteen hexadecimal digits that stand for this key in the store."""
        return hmac.digest(self.secret.hex().encode(), b"mark of this key", "sha256").hex()[:16]

    def pseudonyms(self, parts: pl.DataFrame) -> pl.Series:
        """(R,) 32 hexadecimal digits each: HMAC-SHA-256 over the parts of a row, each set off by its length.

        Args:
            parts: (R x P) texts that together are one person; null in any of them gives null.

        Source: RFC 2104; NIST FIPS 198-1, truncated as its section 4 allows.
        """
        told = [told for part in map(pl.col, parts.columns) for told in (part.str.len_bytes().cast(pl.String), pl.lit(":"), part)]
        return _passed((*self.earlier, self.secret), parts, pl.concat_str(told))

    def taking_over(self, mark: str) -> Callable[[pl.Series], pl.Series]:
        """What turns stored pseudonyms made with the key of `mark` into those that this key makes of the same people."""
        chain = (*self.earlier, self.secret)
        passed = next(number for number, secret in enumerate(chain) if Key(secret).mark == mark)
        return lambda pseudonyms: _passed(chain[passed + 1 :], pseudonyms.to_frame(), pl.first())


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


def _passed(chain: Sequence[bytes], rows: pl.DataFrame, text: pl.Expr) -> pl.Series:
    """(R,) a text of every row passed through keys in turn, each of which takes what the one before it made.

    A key is used as its digits in the file; rows are taken in pieces, on all cores.
    """
    for secret in chain:
        text = CryptographicHashingNameSpace(text).hmac_sha256(key=secret.hex()).str.head(_DIGITS)
    return rows.lazy().select(text).collect(engine="streaming").to_series()


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
