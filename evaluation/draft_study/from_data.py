"""A study guessed from one data file. Every default is the cautious one, and every guess that matters is marked DECIDE."""

import re
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

from evaluation.draft_study.document import Noted, StudyDraft
from evaluation.draft_study.naming import identifier
from evaluation.draft_study.organisations import register_decisions, register_rows
from evaluation.waves.checks.likeness import fold
from evaluation.waves.drafts.answerings import Answering
from evaluation.waves.drafts.profile import Profile

POPULATION = "respondents"
INSTRUMENT = "survey"
MOST_MEASURES = 12
LONGEST_QUOTE = 80
"""Letters of a question that the board's sentence quotes."""
_COMPARISON = ("control", "comparison", "usual", "wait", "none", "placebo", "standard", "0", "no")
_QUESTION = re.compile(r"^\s*(q(?:uestion)?\s*\d+[a-z]?)\b", re.IGNORECASE)
_NUMBERED = re.compile(r"^\s*(\d+(?:\.\d+)*[a-z]?)[.):]\s+\S", re.IGNORECASE)
"""The number of a question in front of its words: '1. Colleagues ...', '2b) ...'; not '3 months' and '2024'."""


def draft_from_data(found: Profile, *, name: str, today: date) -> StudyDraft:
    """Documents for a study whose answers look like `found`."""
    arms = _arms(found)
    waves = _waves(found, today)
    items = _items(found)
    measures = _measures(items)
    protocol: dict[str, Any] = {
        "protocol": identifier(name),
        "version": 1,
        "title": name[:200],
        "question": Noted("What difference does the pilot make?", "DECIDE: the question in the board's words"),
        "asks": Noted("continue the pilot?", "DECIDE: the decision that the board is asked to take"),
        "board": Noted(
            {"name": "Programme board", "contact": "evaluation@example.org"}, "DECIDE: who decides, and whom a reader asks"
        ),
        "assignment": _assignment(found),
        "randomised": Noted(False, "DECIDE: true only if a lottery chose the pilots"),
        "selection": Noted("purposive", "DECIDE: how pilots came to be pilots: by lot, purposive, volunteers or poor baseline"),
        "arms": Noted(arms, _arms_note(found)),
        "organisations": "organisations.csv",
        "if_an_organisation_leaves": "Analysed as first assigned for every wave it answered.",
        "populations": Noted({POPULATION: _population(found)}, _population_note(found)),
        "waves": Noted(waves, "DECIDE: fieldwork dates, and whether the first wave was before the start of every pilot"),
        "looks": {"watch": list(waves)[1:-1], "decide": [list(waves)[-1]]},
        "measures": Noted(
            measures,
            "DECIDE: put items that belong together into one measure (score: mean), what change matters, what it says",
        ),
        "estimands": Noted(
            {"main_change": {"status": "primary", "measure": next(iter(measures)), "design": "difference in differences"}},
            "DECIDE: which measure is primary; add secondary ones and guardrails",
        ),
        "decide": [
            Noted({"when": "main_change is above zero", "then": "continue the pilot"}, "DECIDE: what follows from which finding"),
            {"otherwise": "continue to one more wave"},
        ],
        "seed": int(today.strftime("%Y%m%d")),
        "policies": Noted({"disclosure": "threshold-11"}, "DECIDE: the disclosure policy that you are bound by"),
    }
    rows = register_rows(found, arms)
    return StudyDraft(protocol, {INSTRUMENT: _instrument(found, items)}, rows, register_decisions(found))


def _arms_note(found: Profile) -> str:
    said = "" if found.arm_column is None else f"; CHECK: taken from the column '{' '.join(found.arm_column.split())}'"
    return f"DECIDE: roles and labels of the arms{said}"


def _assignment(found: Profile) -> Any:
    if found.arm_inside:
        return Noted("respondent", "DECIDE: one organisation holds several arms, so people seem to have been assigned one by one")
    return Noted("organisation", "DECIDE: what was assigned to an arm: organisation, site, team or respondent")


def _arms(found: Profile) -> dict[str, Any]:
    values = found.arm_values if found.arms or set(found.arm_values) != {"0", "1"} else ()
    arms: dict[str, Any] = {}
    for value in values:
        role = "comparison" if fold(value).startswith(_COMPARISON) else "pilot"
        arms[identifier(value, arms, prefix="arm")] = {"role": role, "label": f"Arm {value}" if value.isdigit() else value}
    for role, label in (("pilot", "Has the pilot"), ("comparison", "Has not")):
        if all(arm["role"] != role for arm in arms.values()):
            arms[identifier(role, arms)] = {"role": role, "label": label}
    return arms


def _population_note(found: Profile) -> str:
    check = "; CHECK that every group is one, and names nobody" if found.groups else ""
    return f"DECIDE: who was asked: staff, patients, the public{check}"


def _population(found: Profile) -> dict[str, Any]:
    groups = [identifier(column) for column in found.groups]
    level = {"level": "organisation"} if found.by_organisation else {}
    linkage = {"linkage": "pseudonym" if found.respondent else "none"}
    return {"label": "Respondents"} | level | linkage | ({"groups": groups} if groups else {})


def _waves(found: Profile, today: date) -> dict[str, Any]:
    windows = _windows(found, today)
    waves: dict[str, Any] = {}
    for value, (opens, closes) in windows.items():
        name = identifier(value or "baseline", waves, prefix="y" if re.fullmatch(r"\d{4}", value) else "wave")
        label = value or "Start"
        waves[name.replace("y_", "y", 1)] = {"label": label, "opens": opens.isoformat(), "closes": closes.isoformat()}
    if len(waves) == 1:
        last = next(iter(windows.values()))[1]
        later = {"opens": (last + timedelta(days=335)).isoformat(), "closes": (last + timedelta(days=365)).isoformat()}
        waves["follow_up"] = {"label": "Follow-up", **later}
    first = next(iter(waves))
    waves[first] = waves[first] | {"before": "start"}
    return waves


def _windows(found: Profile, today: date) -> Mapping[str, tuple[date, date]]:
    """Fieldwork of each wave: the days of its answers, the year that its name is, or years up to this one."""
    spans = [span for span in found.waves.values() if span is not None]
    rising = all(one[1] < two[0] for one, two in pairwise(spans))
    if len(spans) == len(found.waves) and rising:
        return dict(zip(found.waves, spans, strict=True))
    if all(re.fullmatch(r"(19|20)\d\d", value) for value in found.waves):
        return {value: (date(int(value), 1, 1), date(int(value), 12, 31)) for value in found.waves}
    first = today.year - len(found.waves) + 1
    return {value: (date(first + k, 1, 1), date(first + k, 1, 31)) for k, value in enumerate(found.waves)}


def _items(found: Profile) -> dict[str, Answering]:
    """Items by identifier: the number that a header carries, else a short header itself, else item1, item2 ... in their order.

    The order in a file is no number of the questionnaire, so such an item is never called q1 as a supplier would call its first.
    """
    items: dict[str, Answering] = {}
    groups = {identifier(column) for column in found.groups}
    carried = {answering.column: _number_of(answering.column) for answering in found.items}
    apart = {*groups, *(identifier(number) for number in carried.values() if number)}
    counted = 0
    for answering in found.items:
        column = answering.column
        own = carried[column] or (column if len(column) <= 30 else "")
        counted += not own
        taken = {*items, *groups} if carried[column] else {*items, *apart}
        items[identifier(own or f"item{counted}", taken, prefix="q")] = answering
    return items or {
        "item_1": Answering("item_1", "No column of the file looks like an answer.", {"0": "No", "1": "Yes"}, ("1",))
    }


def _number_of(column: str) -> str | None:
    """The number of a question in front of its words, as an identifier: q1 of 'Q1 Colleagues ...' and of '1. Colleagues ...'."""
    if (said := _QUESTION.match(column)) is not None:
        return said[1]
    return f"q{found[1]}" if (found := _NUMBERED.match(column)) is not None else None


def _instrument(found: Profile, items: Mapping[str, Answering]) -> dict[str, Any]:
    scales, of_item = _scales(items)
    return {
        "instrument": INSTRUMENT,
        "version": 1,
        "population": POPULATION,
        "source": Noted("Drafted from a data file.", "DECIDE: where the questions come from"),
        "scales": Noted(
            scales, "DECIDE: labels of the options, which are favourable (positive), and what missing codes stand for"
        ),
        "items": Noted(
            {item: {"wording": answering.wording[:2000], "scale": of_item[item]} for item, answering in items.items()},
            "DECIDE: wordings; 'reverse: true' where a high answer is unfavourable; 'asked_in' where not every wave asked",
        ),
    }


def _scales(items: Mapping[str, Answering]) -> tuple[dict[str, Any], dict[str, str]]:
    """Scales by name, items with the same options on one, and the scale of each item."""
    scales: dict[str, Any] = {}
    names: dict[tuple[Any, ...], str] = {}
    of_item: dict[str, str] = {}
    checks: dict[str, str] = {}
    for item, given in items.items():
        answering = _widest(given, items.values()) if given.known else _from_its_start(given, items.values())
        key = (tuple(answering.options.items()), answering.positive, answering.low, answering.high, answering.whole)
        if key not in names:
            names[key] = identifier(_scale_name(answering), scales)
            scales[names[key]] = _scale(answering)
        of_item[item] = names[key]
        if given.check:
            checks.setdefault(names[key], f"{given.check} in '{item}'")
        for code in given.missing:
            missing = scales[names[key]].setdefault("missing_codes", {})
            missing.setdefault(code, "no answer" if not code.lstrip("-").isdigit() else f"missing ({code})")
    return {name: Noted(scale, checks[name]) if name in checks else scale for name, scale in scales.items()}, of_item


def _widest(answering: Answering, others: Iterable[Answering]) -> Answering:
    """The answering with the most options of those that agree with this one: not every option is used in every column."""
    options = answering.options.items()
    agreeing = [other for other in others if options and options <= other.options.items()]
    return max(agreeing, key=lambda other: len(other.options), default=answering)


def _from_its_start(answering: Answering, others: Iterable[Answering]) -> Answering:
    """Of bare codes, the answering that ends where this one does and begins at 0 or 1, where this one begins later.

    Codes begin at 0 or 1, so that a column from 2 on left its lowest options unused. Those that begin there keep their own end: a
    column of 1 to 4 beside one of 1 to 5 may be anything.
    """
    codes = [*answering.options]
    if not codes or int(codes[0]) < 2:
        return answering
    bare = [other for other in others if other.options and not other.known]
    ending = [other for other in bare if [*other.options][-1] == codes[-1] and int(next(iter(other.options))) < 2]
    return max(ending, key=lambda other: int(next(iter(other.options))), default=answering)


def _scale_name(answering: Answering) -> str:
    if answering.known and answering.known != "labelled":
        return answering.known
    if not answering.options:
        return "numbers"
    codes = list(answering.options)
    return f"codes_{codes[0]}_to_{codes[-1]}".replace("-", "minus_")


def _scale(answering: Answering) -> dict[str, Any]:
    if not answering.options:
        return {"range": f"{answering.low:g} to {answering.high:g}"} | ({} if answering.whole else {"whole": False})
    return {"options": dict(answering.options)} | ({"positive": list(answering.positive)} if answering.positive else {})


def _measures(items: Mapping[str, Answering]) -> dict[str, Any]:
    measures: dict[str, Any] = {}
    options_first = sorted(items.items(), key=lambda pair: not pair[1].options)
    for item, answering in options_first[:MOST_MEASURES]:
        shared = {"label": answering.wording[:200], "instrument": INSTRUMENT, "population": POPULATION}
        if set(answering.options) == {"0", "1"} and answering.positive:
            score = {"score": "percent positive", "items": [item], "minimum_important_difference": "10 percentage points"}
        else:
            score = {"score": "single item", "items": [item], "minimum_important_difference": f"{_tenth(answering)} points"}
        measures[item] = shared | score | {"says": _says(answering)}
    return measures


def _says(answering: Answering) -> str:
    """What people do, as the board's sentence goes on: 'Staff in pilot organisations ... more than before'."""
    wording = _QUESTION.sub("", " ".join(answering.wording.split())).strip(" .:?!)-") or answering.wording
    short = wording if len(wording) <= LONGEST_QUOTE else f"{wording[:LONGEST_QUOTE].rsplit(' ', 1)[0]} ..."
    labels = {fold(label) for label in answering.options.values()}
    if set(answering.options) == {"0", "1"} and answering.positive:
        verb = "say yes to"
    elif "agree" in labels:
        verb = "agree with"
    else:
        verb = "are satisfied with" if "satisfied" in labels else "report"
    return f"{verb} '{short}'"


def _tenth(answering: Answering) -> str:
    """A tenth of the scale's length, the size of change that the draft calls important until somebody decides."""
    codes = [float(code) for code in answering.options]
    length = max(codes) - min(codes) if codes else answering.high - answering.low
    return f"{max(round(length / 10, 4), 0.0001):.4f}".rstrip("0").rstrip(".")
