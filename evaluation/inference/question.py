"""One estimand, ready to be asked: what the documents say about it, gathered in one value."""

from dataclasses import dataclass

from evaluation.evidence.evidence import Evidence
from evaluation.inference.design import NEEDS_TWO_WAVES, TARGET_TERM, Contrast
from evaluation.inference.estimate import Estimate
from evaluation.inference.flags import flag
from evaluation.inference.refusals import Facts
from evaluation.measures.score import interval_of, left_out_of
from evaluation.protocol.documents import Documents
from evaluation.protocol.model import Estimand, Measure, Population, Protocol
from evaluation.terms import Assignment, Design, Estimator, Level, Selection

UNFIT = {
    (True, Estimator.UNIT_CHANGE): "'unit change' compares units, and here people were assigned.",
    (False, Estimator.ROBUST_LEAST_SQUARES): "'robust least squares' takes people as independent, and here they are nested in "
    "the {plural} that were assigned.",
}


@dataclass(frozen=True)
class Question:
    """An estimand with its documents; `waves` are (from, to), `weighted` says whether answers count by response weights."""

    name: str
    documents: Documents
    waves: tuple[str, str]
    weighted: bool = False

    @property
    def protocol(self) -> Protocol:
        """The plan."""
        return self.documents.protocol

    @property
    def estimand(self) -> Estimand:
        """The estimand's block."""
        return self.protocol.estimands[self.name]

    @property
    def measure(self) -> Measure:
        """The measure's block."""
        return self.protocol.measures[self.estimand.measure]

    @property
    def population(self) -> Population:
        """The population's block."""
        return self.protocol.populations[self.measure.population]

    @property
    def design(self) -> Design:
        """What is compared."""
        return self.estimand.design

    @property
    def people_assigned(self) -> bool:
        """Whether people, not units, were assigned."""
        return self.protocol.assignment is Assignment.RESPONDENT

    @property
    def counted(self) -> bool:
        """Whether the outcome is counted in records, not asked."""
        return self.measure.is_counted

    @property
    def linked(self) -> bool:
        """Whether people are recognised from wave to wave."""
        return self.population.linkage.recognises

    @property
    def published(self) -> bool:
        """Whether one row is an organisation's published mean."""
        return self.population.level is Level.ORGANISATION

    @property
    def needed(self) -> tuple[str, ...]:
        """The waves that the design reads."""
        return self.waves if NEEDS_TWO_WAVES[self.design] else self.waves[1:]

    @property
    def estimator(self) -> Estimator:
        """The headline's estimator: the protocol's, else by what was assigned."""
        default = Estimator.ROBUST_LEAST_SQUARES if self.people_assigned else Estimator.UNIT_CHANGE
        return self.estimand.estimator or default

    @property
    def scale_length(self) -> float:
        """From the lowest to the highest score, in points."""
        interval = interval_of(self.estimand.measure, self.documents)
        return interval.high - interval.low

    def blank(self, contrast: Contrast) -> Estimate:
        """An estimate with all that is known before any data."""
        return Estimate(
            estimand=self.name,
            measure=self.estimand.measure,
            population=self.measure.population,
            design=self.design.value,
            estimator=self.estimator.value,
            term=TARGET_TERM[self.design],
            contrast=contrast.label,
            wave_from=self.waves[0] if NEEDS_TWO_WAVES[self.design] else None,
            wave_to=self.waves[1],
            confidence=self.protocol.look_confidence,
            minimum_important_difference=self.measure.minimum_important_difference.value,
            unit=self.protocol.assignment.value,
            weighted=self.weighted,
        )

    def facts(self, contrast: Contrast, evidence: Evidence, n_pilot: int, n_comparison: int, columns: int) -> Facts:
        """The facts that are known before anything is fitted."""
        types, scored = evidence.types, self._told_at(evidence)
        came = scored if self.counted else set(types.loc[types["population"] == self.measure.population, "wave"])
        missing = tuple(wave for wave in self.needed if wave not in came)
        unfit = UNFIT.get((self.people_assigned, self.estimator), "").format(plural=self.protocol.assignment.plural)
        return Facts(
            self.design,
            n_pilot,
            n_comparison,
            columns,
            unit_word="person" if self.people_assigned else self.protocol.assignment.value,
            unit_plural=self.protocol.assignment.plural,
            missing=tuple(f"'{self.protocol.waves[wave].label}'" for wave in missing),
            unasked=tuple(f"'{self.protocol.waves[w].label}'" for w in self.needed if w in came and w not in scored),
            opens=f" ({_fieldwork(self.protocol, missing)})" if missing else "",
            one_sided=not contrast.right,
            needs_links=self.design is Design.ANCOVA,
            estimator_unfit=unfit,
            unweighted=self._unweighted(contrast, evidence),
            confidence=self.protocol.look_confidence,
        )

    def _unweighted(self, contrast: Contrast, evidence: Evidence) -> str:
        """Why answers cannot be weighted as is asked, in words that name nobody; empty where they can, or are not asked to be."""
        if not self.weighted:
            return ""
        if self.design is Design.ANCOVA:
            return "People followed from wave to wave carry no weights: headcounts say nothing of who answers twice."
        types, made = evidence.types, evidence.weighting
        units = types.loc[(types["population"] == self.measure.population) & contrast.side(types["arm"]).notna(), "unit"]
        failed = made[made["unit"].isin(set(units)) & made["wave"].isin(self.needed) & (made["problem"] != "")]
        if failed.empty:
            return ""
        labels = failed["wave"].map(lambda wave: self.protocol.waves[str(wave)].label)
        each = ", ".join(f"{number:,} at '{label}'" for label, number in labels.value_counts(sort=False).items())
        return f"Answers of some {self.protocol.assignment.plural} cannot be weighted to their headcounts: {each}."

    def cautions(self, evidence: Evidence) -> tuple[str, ...]:
        """Flags that follow from the plan and from which waves exist."""
        national = [flag("national_trend")] if self.design is Design.BENCHMARK else []
        flags = [flag("change_not_effect")] if self.design is Design.BEFORE_AFTER else []
        if self.protocol.selection is not Selection.BY_LOT and self.design is not Design.BEFORE_AFTER:
            flags.append(flag("chosen_not_drawn"))
        if self.protocol.selection is Selection.POOR_BASELINE and self._waves_before(evidence) < 2:
            flags.append(flag("regression_to_the_mean"))
        gone = left_out_of(self.estimand.measure, self.documents)
        published = [flag("option_counts")] if self.population.level is Level.OPTION else []
        named = [f"{item} (from {self.protocol.waves[wave].label} on)" for item, wave in gone.items()]
        return (*flags, *national, *published, *([flag("items_changed", ", ".join(named))] if named else []))

    def _waves_before(self, evidence: Evidence) -> int:
        """Waves before any pilot started in which this measure was answered."""
        before = {name for name, wave in self.protocol.waves.items() if wave.before == "start"} or {self.protocol.baseline}
        return len(before & self._told_at(evidence))

    def _told_at(self, evidence: Evidence) -> set[str]:
        """Waves in which somebody has a score, or records hold counts."""
        cells = evidence.records[self.estimand.measure] if self.counted else evidence.moments[self.estimand.measure].cells
        return set(cells["wave"])


def _fieldwork(protocol: Protocol, waves: tuple[str, ...]) -> str:
    return ", ".join(f"fieldwork {protocol.waves[wave].opens} to {protocol.waves[wave].closes}" for wave in waves)


def ask(name: str, documents: Documents, wave_to: str | None = None) -> Question:
    """The question that estimand `name` asks; `wave_to` looks at another wave than the one that decides."""
    earlier, later = documents.protocol.waves_of(name)
    return Question(name, documents, (earlier, wave_to or later))
