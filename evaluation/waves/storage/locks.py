"""Who may close a wave, and what a closed wave means: the acts that check, lock and reopen it.

A lock is an act in the log by somebody else than who loaded the answers. The program knows users of the computer; the same user
under another name is let through and told as a second person who is not verified.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from evaluation.audit_log import Entry, person
from evaluation.errors import IntegrityError

CHECKED, LOCKED, REOPENED = "wave checked", "wave locked", "wave reopened"
"""Acts in the log; each names population and wave."""

NOT_VERIFIED = "second person not verified"


@dataclass(frozen=True)
class Lock:
    """A lock that holds: who closed the wave, when, and whether the second person is another user of the computer."""

    wave: str
    actor: str
    when: str
    verified: bool

    def __str__(self) -> str:
        return f"by {self.actor} on {self.when[:10]}" + ("" if self.verified else f" ({NOT_VERIFIED})")


def locks_of(entries: Iterable[Entry]) -> dict[str, Lock]:
    """Locks that hold after these acts of one population, by wave."""
    found: dict[str, Lock] = {}
    for entry in entries:
        if entry.act == LOCKED:
            wave = str(entry.details["wave"])
            found[wave] = Lock(wave, entry.actor, entry.when, bool(entry.details["second_person_verified"]))
        elif entry.act == REOPENED:
            found.pop(entry.details["wave"], None)
    return found


def is_verified(actor: str, loaders: Iterable[str]) -> bool:
    """Whether `actor` is another user of the computer than everybody who loaded; who is no second person at all is refused.

    Raises:
        IntegrityError: `actor` gives the name of somebody who loaded or withdrew answers.
    """
    user, name = person(actor)
    others = [person(loader) for loader in loaders]
    users = {other for other, _ in others}
    if name in {other for _, other in others} or (name == user.casefold() and user in users):
        raise IntegrityError(
            f"whoever loaded a wave does not lock it, and {actor} loaded or withdrew answers of this one.",
            fix="let a second person lock it, from an account of their own.",
            code="same-person",
        )
    return user not in users


def refuse_locked(lock: Lock | None, population: str) -> None:
    """Refuse to change a wave that is locked.

    Raises:
        IntegrityError: `lock` holds.
    """
    if lock is not None:
        raise IntegrityError(
            f"wave '{lock.wave}' of '{population}' is locked, {lock}: it takes no load, and nothing is withdrawn from it.",
            fix=f"open it again, with a reason: pilot wave lock STUDY --wave {lock.wave} --population {population} "
            '--reopen --reason "..."',
            code="locked",
        )
