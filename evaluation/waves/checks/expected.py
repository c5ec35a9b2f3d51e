"""What the protocol expects of a population's file in one wave: columns, items, scales. Nothing is read from the file here."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date

from evaluation.errors import UsageError
from evaluation.protocol.documents import Documents
from evaluation.protocol.instrument import Scale
from evaluation.registry import nearest
from evaluation.terms import Assignment, Level, Linkage


@dataclass(frozen=True)
class ExpectedItem:
    """One item: the scale it is answered on, the instrument it stands in, whether this wave asks it, and of whom (`asked_if`)."""

    item: str
    scale: Scale
    instrument: str
    wording: str
    asked: bool
    asked_if: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def document(self) -> str:
        """The file in which its scale and missing codes are declared."""
        return f"instruments/{self.instrument}.yaml"


@dataclass(frozen=True)
class Expected:
    """The population's file as the protocol wants it.

    `windows` holds the days on which every wave of the protocol opens and closes, in their order; `questions` every item of the
    population's instruments, asked or not; `labels` what the protocol calls its arms and waves.
    """

    population: str
    wave: str
    windows: Mapping[str, tuple[date, date]]
    level: Level
    linkage: Linkage
    assignment: Assignment
    arms: tuple[str, ...]
    groups: tuple[str, ...]
    questions: Mapping[str, ExpectedItem]
    labels: Mapping[str, str]

    @property
    def waves(self) -> tuple[str, ...]:
        """The protocol's waves, in their order."""
        return tuple(self.windows)

    @property
    def opens(self) -> date:
        """The wave's first day."""
        return self.windows[self.wave][0]

    @property
    def closes(self) -> date:
        """The wave's last day."""
        return self.windows[self.wave][1]

    @property
    def required(self) -> tuple[str, ...]:
        """Columns a file in canonical form must have, `organisation` aside (the command may name it), in their order."""
        keys = [
            name
            for name, wanted in (
                ("unit", self.assigns_inside),
                ("arm", self.assignment is Assignment.RESPONDENT),
                ("respondent", self.links),
                ("base", self.level.is_published),
            )
            if wanted
        ]
        asked = [name for name, question in self.questions.items() if question.asked]
        return (*keys, *self.groups, *asked)

    @property
    def optional(self) -> tuple[str, ...]:
        """Columns a file in canonical form may have besides; `wave` and `arm` must then agree with command and register."""
        respondent = ["respondent"] if self.level is Level.RESPONDENT else []
        other = [name for name, question in self.questions.items() if not question.asked]
        names = ["organisation", "wave", "arm", "answered_on", *respondent, *other]
        return tuple(name for name in names if name not in self.required)

    @property
    def assigns_inside(self) -> bool:
        """Whether units lie inside organisations, so that a row must name its unit."""
        return self.assignment in (Assignment.TEAM, Assignment.SITE)

    @property
    def links(self) -> bool:
        """Whether people are recognised from wave to wave, so that a row must name its respondent."""
        return self.level is Level.RESPONDENT and self.linkage.names_everybody


def expect(documents: Documents, population: str, wave: str) -> Expected:
    """What `population` should send for `wave`.

    Raises:
        UsageError: the protocol has no such population or wave.
    """
    protocol = documents.protocol
    _known(population, list(protocol.populations), "population")
    _known(wave, list(protocol.waves), "wave")
    stated = protocol.populations[population]
    questions = {
        item: ExpectedItem(item, instrument.scale_of(item), name, block.wording, item in asked, block.asked_if)
        for name, instrument in documents.instruments.items()
        if instrument.population == population
        for asked in [set(instrument.asked(wave))]
        for item, block in instrument.items.items()
    }
    return Expected(
        population,
        wave,
        {name: (block.opens, block.closes) for name, block in protocol.waves.items()},
        stated.level,
        stated.linkage,
        protocol.assignment,
        tuple(protocol.arms),
        stated.groups,
        questions,
        {name: block.label for blocks in (protocol.arms, protocol.waves) for name, block in blocks.items()},
    )


def _known(name: str, known: list[str], kind: str) -> None:
    if name in known:
        return
    close = nearest(name, known)
    hint = f"did you mean '{close}'? " if close else ""
    raise UsageError(
        f"the protocol has no {kind} '{name}'.",
        where="protocol.yaml",
        fix=f"{hint}Known: {', '.join(known)}.",
        code=f"unknown-{kind}",
    )


def asked_waves(documents: Documents, population: str) -> list[str]:
    """Waves in which the population was asked anything, in order."""
    mine = [instrument for instrument in documents.instruments.values() if instrument.population == population]
    return [wave for wave in documents.protocol.waves if any(instrument.asked(wave) for instrument in mine)]


def set_beside(documents: Documents, stored: Collection[str], wave: str) -> list[str]:
    """Baseline and the latest other wave of those stored, so that a load costs no more after many waves than after two."""
    others = [name for name in documents.protocol.waves if name in stored and name != wave]
    return list(dict.fromkeys([*(name for name in others if name == documents.protocol.baseline), *others[-1:]]))
