"""A release put together: the study's documents, its findings and its protected cells as the board's site reads them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from evaluation.figures.numbers import listed
from evaluation.findings.findings import Finding, Findings
from evaluation.findings.ledger import Result
from evaluation.findings.subject import WORDS_OF_UNITS, inside, unit_words
from evaluation.inference.design import Contrast, contrasts
from evaluation.measures.score import interval_of, items_of
from evaluation.organisations.register import Register
from evaluation.protocol.documents import Documents
from evaluation.protocol.instrument import Instrument
from evaluation.protocol.model import Protocol
from evaluation.protocol.seal import Seal
from evaluation.release.cards import (
    ArmCard,
    Board,
    CellCard,
    DecisionCard,
    FindingCard,
    FlagCard,
    FrozenPlan,
    ItemCard,
    LinkCard,
    MeasureCard,
    OrganisationCard,
    PlannedEstimand,
    Policy,
    PopulationCard,
    ProtocolPage,
    ResponseCard,
    RuleCard,
    StudyCard,
    ValueCard,
    WaveCard,
)
from evaluation.release.finding_cards import Around, finding_card
from evaluation.release.publish import Release
from evaluation.release.response import Eligible, response_rates
from evaluation.terms import Assignment, Role, Selection

ANYWAY = {
    Selection.PURPOSIVE: "they may have improved anyway",
    Selection.VOLUNTEERS: "keener ones may improve anyway",
    Selection.POOR_BASELINE: "some improvement would be expected anyway",
}
"""Why the way pilots came about stands against calling a difference theirs."""


@dataclass(frozen=True)
class Made:
    """What a release says about its own making: which result, when, from what versions, under which seal.

    `untold` are (measure, wave) of which even the number of all who answered is hidden; `eligible` the study's headcounts;
    `retired` by population the waves whose answers were deleted at the end of their time.
    """

    result: Result
    at: datetime
    seal: Seal | None
    versions: Mapping[str, str]
    loaded: Mapping[str, Sequence[str]]
    since_last: tuple[str, ...]
    untold: frozenset[tuple[str, str]] = frozenset()
    eligible: Eligible = field(default_factory=dict)
    retired: Mapping[str, Sequence[str]] = field(default_factory=dict)


def compose(documents: Documents, register: Register, findings: Findings, cells: tuple[CellCard, ...], made: Made) -> Release:
    """The whole release of one run."""
    protocol = documents.protocol
    return Release(
        made=made.at, result_id=made.result.id, result_number=made.result.number,
        study=_study(documents, register, findings, made),
        arms=tuple(ArmCard(id=name, role=arm.role, label=arm.label) for name, arm in protocol.arms.items()),
        waves=_waves(protocol, made.loaded, made.retired),
        populations=tuple(
            PopulationCard(id=name, label=one.label, level=one.level, linkage=one.linkage)
            for name, one in protocol.populations.items()),
        theory_of_change=tuple(
            LinkCard(from_=link.from_, to=link.to, measured_by=link.measured_by, state=link.state) for link in findings.links),
        measures=tuple(_measure(name, documents) for name in protocol.measures),
        organisations=_organisations(register),
        findings=tuple(
            _choice_said_once(finding_card(one, documents.policy, made.untold, Around(cells, register, _contrast(one, protocol))),
                              protocol) for one in findings),
        decision=_decision(findings), cells=cells, since_last=made.since_last,
        response_rates=_response_rates(documents, cells, made.eligible),
        protocol_page=_protocol_page(documents, made.versions),
    )


def _contrast(finding: Finding, protocol: Protocol) -> Contrast:
    plan = finding.subject
    return next(one for one in contrasts(protocol, plan.estimand) if one.label == plan.contrast)


def _response_rates(documents: Documents, cells: tuple[CellCard, ...], eligible: Eligible) -> tuple[ResponseCard, ...]:
    """None where people were assigned: a headcount of an organisation does not say how many of each arm it holds."""
    if documents.protocol.assignment is Assignment.RESPONDENT:
        return ()
    return response_rates(cells, populations_of(documents.protocol), eligible, documents.policy)


def populations_of(protocol: Protocol) -> dict[str, str]:
    """The population that answers each measure."""
    return {name: measure.population for name, measure in protocol.measures.items()}


def _study(documents: Documents, register: Register, findings: Findings, made: Made) -> StudyCard:
    protocol, policy = documents.protocol, documents.policy
    return StudyCard(
        name=protocol.protocol, title=protocol.title, question=protocol.question, asks=protocol.asks,
        board=Board(name=protocol.board.name, contact=protocol.board.contact), assignment=protocol.assignment,
        unit_word=WORDS_OF_UNITS.get(protocol.assignment, protocol.assignment.value), unit_plural=protocol.assignment.plural,
        randomised=protocol.randomised, selection=protocol.selection, confidence=protocol.look_confidence,
        fingerprint=documents.fingerprint, frozen=_frozen(made.seal), simulated=findings.simulated,
        policy=Policy(name=policy.policy, version=policy.version, threshold=policy.threshold, says=policy.says),
        if_an_organisation_leaves=protocol.if_an_organisation_leaves, cannot_tell=cannot_tell(protocol, register, made.loaded),
    )


def _frozen(seal: Seal | None) -> FrozenPlan | None:
    if seal is None:
        return None
    return FrozenPlan(fingerprint=seal.fingerprint, date=datetime.fromisoformat(seal.sealed_at).date(), number=seal.number)


def cannot_tell(protocol: Protocol, register: Register, loaded: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """What the study as a whole leaves open: who is not spoken for, how pilots came about, which waves were skipped."""
    said = list(protocol.cannot_tell)
    if not protocol.randomised and _choice(protocol) not in said:
        said.append(_choice(protocol))
    types = register.units["type"]
    pilots = set(types[register.units["role"] == Role.PILOT.value].dropna())
    silent = [name for name in dict.fromkeys([*types.dropna(), *protocol.organisation_types]) if pilots and name not in pilots]
    said += [f"No pilot is a {listed([_type(name) for name in silent], 'or')}: nothing here speaks for them."] if silent else []
    for population, waves in loaded.items():
        order = list(protocol.waves)
        skipped = [wave for wave in order if waves and order.index(wave) < max(map(order.index, waves)) and wave not in waves]
        people, labels = inside(protocol.populations[population].label), [protocol.waves[wave].label for wave in skipped]
        said += [f"Answers of {people} from {listed(labels)} are not in."] if skipped else []
    return tuple(said)


def _choice(protocol: Protocol) -> str:
    """How pilots that were not drawn by lot came about, in the plan's own words where it says so."""
    made = f"{protocol.selection.says.capitalize()}; {ANYWAY[protocol.selection]}."
    return next((line for line in protocol.cannot_tell if _mentions_choice(line)), made)


def _choice_said_once(card: FindingCard, protocol: Protocol) -> FindingCard:
    """The caution about chosen pilots in the very words of the study, so that a page that lists both says it once."""
    if protocol.randomised:
        return card
    told = FlagCard(id="chosen_not_drawn", sentence=_choice(protocol))
    return card.model_copy(update={"flags": tuple(told if flag.id == told.id else flag for flag in card.flags)})


def _mentions_choice(line: str) -> bool:
    return any(word in line.lower() for word in ("chosen", "volunteer", "picked", "drawn", "selected"))


def _type(name: str) -> str:
    """A type of organisation inside a sentence; names such as "NHS Trust" stay as they are."""
    return name if any(word[:1].isupper() for word in name.split()[1:]) else inside(name)


def _waves(
    protocol: Protocol, loaded: Mapping[str, Sequence[str]], retired: Mapping[str, Sequence[str]]
) -> tuple[WaveCard, ...]:
    there, gone = ({wave for waves in some.values() for wave in waves} for some in (loaded, retired))
    looks = {**dict.fromkeys(protocol.looks.watch, "watch"), **dict.fromkeys(protocol.looks.decide, "decide")}
    return tuple(
        WaveCard.model_validate({
            "id": name, "label": wave.label, "opens": wave.opens, "closes": wave.closes, "loaded": name in there,
            "retired": name in gone - there, "look": looks.get(name), "before_start": wave.before is not None,
        }) for name, wave in protocol.waves.items())


def _measure(name: str, documents: Documents) -> MeasureCard:
    plan = documents.protocol.measures[name]
    interval = interval_of(name, documents)
    items = tuple(_item(item, documents.instruments[plan.instrument], documents.protocol) for item in items_of(name, documents))
    return MeasureCard(
        id=name, label=plan.label, population=plan.population, score=plan.score, low=interval.low, high=interval.high,
        unit_words=unit_words(plan, interval), better=plan.better,
        minimum_important_difference=plan.minimum_important_difference.value, items=items,
    )


def _item(name: str, instrument: Instrument, protocol: Protocol) -> ItemCard:
    asked = tuple(wave for wave in protocol.waves if name in instrument.asked(wave))
    item = instrument.items[name]
    return ItemCard(id=name, wording=item.wording, value=item.value, waves=asked, reverse=item.reverse)


def _organisations(register: Register) -> tuple[OrganisationCard, ...]:
    frame = register.units.astype(object).where(register.units.notna(), None)
    columns = ["organisation", "name", "arm", "role", "type"]
    return tuple(
        OrganisationCard.model_validate({"unit": str(unit), **row})
        for unit, row in zip(frame.index, frame[columns].to_dict("records"), strict=True))


def _decision(findings: Findings) -> DecisionCard:
    decision = findings.decision
    told = tuple(RuleCard(when=one.when, then=one.then, holds=one.holds, reason=one.reason) for one in decision.rules)
    return DecisionCard(asks=decision.asks, plan_says=decision.plan_says, reason=decision.reason, rules=told)


def _protocol_page(documents: Documents, versions: Mapping[str, str]) -> ProtocolPage:
    protocol = documents.protocol
    return ProtocolPage(
        estimands=tuple(_planned(name, protocol) for name in protocol.estimands),
        decide=tuple(
            f"When {rule.when}: {rule.then}" if rule.when else f"Otherwise: {rule.otherwise}" for rule in protocol.decide),
        multiplicity={family: rule.value for family, rule in protocol.multiplicity.items()}, versions=dict(versions),
        values=tuple(ValueCard(**value.model_dump()) for value in documents.values.values.values()) if documents.values else (),
        document_text=documents.sources["protocol"].file.read_text(encoding="utf-8"),
    )


def _planned(name: str, protocol: Protocol) -> PlannedEstimand:
    plan = protocol.estimands[name]
    wave_from, wave_to = protocol.waves_of(name)
    return PlannedEstimand(
        name=name, status=plan.status, measure=plan.measure, design=plan.design,
        estimator=str(plan.estimator or "by what was assigned"), contrast=plan.contrast, wave_from=wave_from, wave_to=wave_to,
        mid=str(protocol.measures[plan.measure].minimum_important_difference), margin=str(plan.margin) if plan.margin else None,
        family=plan.family,
    )
