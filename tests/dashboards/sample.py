"""A release invented by hand: eight pilots by two routes, twenty-four comparison organisations, three populations, three waves.

The numbers are drawn from a seed, not computed from answers; they exercise every state that a page can be in.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from evaluation.release.publish import Release

PLACES = (
    "Ashdown Vale", "Brackwater", "Calder Moor", "Dunmere", "Eastholme", "Fallow Cross", "Greyfriars", "Harrow Fen", "Inglewood",
    "Juniper Hill", "Kestrel Bay", "Langstone", "Mallow Green", "Netherby", "Orchard Sound", "Penhallow", "Quarry Bank", "Ravensmere",
    "Saltmarsh", "Thornbeck", "Ullscarth", "Vicarage Hill", "Westerdale", "Yarrow Water", "Zeal Monachorum", "Amberley", "Blackmoor",
    "Copperfield", "Dovedale", "Elmstead", "Foxcote", "Gannet Point",
)
TYPES = ("NHS Foundation Trust", "NHS Trust", "Mental Health NHS Trust", "Care Trust", "Integrated Care Board", "Clinics Limited")
WAVES = ("baseline", "month_6", "month_12")
MEASURES: tuple[tuple[str, str, str, str, float, str, str, float, float], ...] = (
    ("lived_values", "Values lived", "staff", "points out of 10", 0.3, "higher", "mean", 6.2, 0.52),
    ("awareness", "Knows the values", "staff", "percentage points", 10, "higher", "percent positive", 58, 14.0),
    ("ownership", "Values are ours", "staff", "points out of 10", 0.3, "higher", "mean", 5.4, 0.41),
    ("engagement", "Staff engagement", "staff", "points out of 10", 0.2, "higher", "mean", 6.8, 0.02),
    ("patient_respect", "Respect and dignity", "patients", "percentage points", 5, "higher", "percent positive", 81, 4.2),
    ("public_trust", "Public trust in local services", "public", "points out of 10", 0.3, "higher", "mean", 5.9, 0.08),
    ("workload_strain", "Workload strain", "staff", "points out of 10", 0.2, "lower", "mean", 5.1, -0.03),
)
PROTOCOL_TEXT = "protocol: living_our_values\nversion: 1\ntitle: 'Living our values: pilot evaluation'\n"


def organisations() -> list[dict[str, Any]]:
    """The register: four pilots on each route, then the comparison organisations."""
    arms = ["develop"] * 4 + ["come_alive"] * 4 + ["comparison"] * 24
    return [
        {
            "unit": f"R{number:02d}", "organisation": f"R{number:02d}", "name": f"{place} {TYPES[number % 6]}", "arm": arm,
            "role": "comparison" if arm == "comparison" else "pilot", "type": TYPES[number % 6],
        }
        for number, (place, arm) in enumerate(zip(PLACES, arms, strict=True))
    ]


def _cell(measure: str, wave: str, level: str, mean: float, n: int, percent: bool, **who: Any) -> dict[str, Any]:
    half = (40 if percent else 1.9) / np.sqrt(n) * 1.96
    digits = 0 if percent else 1
    return {
        "measure": measure, "wave": wave, "level": level, "n": 5 * round(n / 5), "mean": round(mean, digits),
        "conf_low": round(mean - half, digits), "conf_high": round(mean + half, digits), **who,
    }


def cells() -> list[dict[str, Any]]:
    """Cells of every unit, arm and role; two small organisations are hidden, with one more so that they cannot be worked out."""
    rng = np.random.default_rng(7)
    made: list[dict[str, Any]] = []
    for measure, _, population, unit_words, _, _, _, level, effect in MEASURES:
        percent = unit_words.startswith("percent")
        spread = 5.0 if percent else 0.25
        base = {row["unit"]: level + rng.normal(0, spread) for row in organisations()}
        for late, wave in enumerate(WAVES):
            means: dict[str, list[float]] = {}
            for row in organisations():
                moved = effect * late / 2 if row["role"] == "pilot" else 0.0
                mean = base[row["unit"]] + moved + late * 0.05 * (spread / 0.25) + rng.normal(0, spread / 4)
                n = int(rng.integers(280, 620)) if population == "staff" else int(rng.integers(30, 160))
                cell = _cell(measure, wave, "unit", mean, n, percent, unit=row["unit"], arm=row["arm"], role=row["role"])
                if row["unit"] in ("R05", "R19", "R23") and population != "staff":
                    small = "fewer people answered than the policy allows"
                    rest = "hidden so that another hidden cell cannot be worked out"
                    cell.update(n=None, mean=None, conf_low=None, conf_high=None, suppressed=rest if row["unit"] == "R23" else small)
                made.append(cell)
                for side in (row["arm"], row["role"] if row["role"] == "pilot" else ""):
                    means.setdefault(side, []).append(mean)
            for side, values in means.items():
                if side:
                    who = {"arm": side} if side in ("develop", "come_alive") else {"role": side}
                    made.append(_cell(measure, wave, "arm" if "arm" in who else "role", float(np.mean(values)), 450 * len(values), percent, **who))
    return made


def _panel(estimand: str, measure: str, estimate: float, error: float, contrast: str) -> list[dict[str, Any]]:
    rows = []
    for estimator, variance, df, factor in (("unit change", "unequal", 9.8, 1.0), ("least squares", "CR1", 31.0, 0.9), ("least squares", "CR2", 8.7, 1.05)):
        se = error * factor
        rows.append({
            "estimand": estimand, "measure": measure, "population": "staff", "design": "difference in differences", "estimator": estimator,
            "variance": variance, "term": "pilot x follow-up", "contrast": contrast, "wave_from": "baseline", "wave_to": "month_12",
            "estimate": float(f"{estimate:.3g}"), "std_error": float(f"{se:.3g}"), "statistic": float(f"{estimate / se:.3g}"), "df": df,
            "p_value": 0.0046 if estimate > 0.3 else 0.47, "adjusted_p": None, "confidence": 0.95,
            "conf_low": float(f"{estimate - 2.2 * se:.3g}"), "conf_high": float(f"{estimate + 2.2 * se:.3g}"), "resolution_floor": 0.0001,
            "minimum_important_difference": 0.3, "unit": "organisation", "weighted": False, "n_respondents": 27580, "n_units": 32,
            "n_pilot": 8, "n_comparison": 24, "status": "estimated", "flags": [], "result_id": "r-5f0c2b9d1e",
        })
    return rows


VERDICTS: dict[str, tuple[str, str, str]] = {
    "improved": ("Improved more than comparison", "Improved more", "better"),
    "worse": ("Got worse than comparison", "Got worse", "worse"),
    "same": ("No difference that matters", "No difference that matters", "unclear"),
    "unknown": ("Cannot tell", "Cannot tell", "unclear"),
    "safe": ("Safe", "Safe", "unclear"),
}


def finding(
    estimand: str, status: str, measure: str, verdict: str, estimate: float, half: float, *, contrast: str = "pilot - comparison",
    contrast_label: str = "Pilots minus comparison", n_pilot: int = 8, sentence: str = "", **more: Any,
) -> dict[str, Any]:
    """One finding with its words, as the judging room writes them."""
    _, label, population, unit_words, mid, better, _, _, _ = next(row for row in MEASURES if row[0] == measure)
    words, short, tone = VERDICTS[verdict]
    decimals = 0 if unit_words.startswith("percent") else 1
    staff = population == "staff"
    return {
        "estimand": estimand, "status": status, "measure": measure, "label": label, "population": population,
        "design": "difference in differences", "contrast": contrast, "contrast_label": contrast_label, "wave_from": "baseline",
        "wave_to": "month_12", "verdict": words, "short": short, "tone": tone,
        "sentence": sentence or f"{label} in pilot organisations changed by {abs(estimate):.{decimals}f} {unit_words} beyond the change elsewhere.",
        "claim_change_not_effect": False, "estimate": estimate, "conf_low": round(estimate - half, 4), "conf_high": round(estimate + half, 4),
        "confidence": 0.95, "low80": round(estimate - 0.62 * half, 4), "high80": round(estimate + 0.62 * half, 4),
        "minimum_important_difference": mid, "margin": 0.2 if status == "guardrail" else None, "unit_words": unit_words, "better": better,
        "decimals": decimals, "n_units": n_pilot + 24, "n_pilot": n_pilot, "n_comparison": 24, "n_respondents": 27580 if staff else 5210,
        "n_from": 14120 if staff else 2640, "n_to": 13460 if staff else 2570, "units_rose": n_pilot - 1, "units_counted": n_pilot,
        "grade": "B", "grade_reason": "pilots were chosen, not drawn by lot",
        "floor_words": "With 8 pilots among 32 organisations chance alone could look this clear about once in ten million times.",
        "how_sure": [
            f"Between {estimate - half:.{decimals}f} and {estimate + half:.{decimals}f} {unit_words} (95% confidence interval).",
            f"{n_pilot - 1} of {n_pilot} pilots rose; no single one carries the result.",
            "Evidence grade B: pilots were chosen, not drawn by lot.",
        ],
        "was_it_enough": [
            f"The board set {mid:g} {unit_words} as the change that matters.",
            "The best estimate is above it; we cannot be sure the true change is.",
            "About one in five staff moved up one answer on one question in three.",
        ],
        "would_change": [
            "Staff in pilots who did not answer would have to score 0.9 points lower than those who did.",
            "Two more waves with the same organisations would narrow the interval to about 0.2 points either side.",
        ],
        "cannot_tell": ["Whether it lasts beyond a year."],
        "flags": [{"id": "chosen", "sentence": "Pilots were chosen, not drawn by lot: keener organisations may improve anyway."}],
        "so_far": [
            {"wave": "month_6", "estimate": round(estimate * 0.6, 3), "conf_low": round(estimate * 0.6 - half, 3),
             "conf_high": round(estimate * 0.6 + half, 3), "sentence": "At 6 months the difference so far was 0.3 (0.0 to 0.6)."},
        ],
        "panel": _panel(estimand, measure, estimate, half / 2.2, contrast), "within_people": [], **more,
    }


def findings() -> list[dict[str, Any]]:
    """Every estimand of the plan, the main one first."""
    said = "Staff in pilot organisations see values lived more than before, by 0.5 points out of 10 beyond the change elsewhere."
    within = [
        {"side": "pilots", "test": "paired t", "n": 3120, "estimate": 0.61, "conf_low": 0.55, "conf_high": 0.67, "p_value": 0.00002, "hedges_g": 0.38},
        {"side": "comparison", "test": "paired t", "n": 9480, "estimate": 0.09, "conf_low": 0.05, "conf_high": 0.13, "p_value": 0.0004, "hedges_g": 0.06},
    ]
    return [
        finding("lived_values_change", "primary", "lived_values", "improved", 0.52, 0.31, sentence=said, within_people=within),
        finding("lived_values_by_route", "secondary", "lived_values", "improved", 0.61, 0.4, contrast="develop - comparison",
                contrast_label="Develop own values minus comparison", n_pilot=4),
        finding("lived_values_by_route", "secondary", "lived_values", "unknown", 0.43, 0.44, contrast="come_alive - comparison",
                contrast_label="Make existing values come alive minus comparison", n_pilot=4),
        finding("awareness_change", "secondary", "awareness", "improved", 14.0, 6.0),
        finding("ownership_change", "secondary", "ownership", "improved", 0.41, 0.33),
        finding("engagement_change", "secondary", "engagement", "same", 0.02, 0.12),
        finding("patient_respect_change", "secondary", "patient_respect", "unknown", 4.2, 5.1),
        finding("public_trust_change", "secondary", "public_trust", "unknown", 0.08, 0.54),
        finding("workload_not_worse", "guardrail", "workload_strain", "safe", -0.03, 0.12),
    ]


def _measure(row: tuple[str, str, str, str, float, str, str, float, float]) -> dict[str, Any]:
    name, label, population, unit_words, mid, better, score, _, _ = row
    percent = score == "percent positive"
    wordings = ("People I work with act on our values, even when we are busy.", "When something goes against our values, somebody says so.")
    return {
        "id": name, "label": label, "population": population, "score": score, "low": 0.0, "high": 100.0 if percent else 10.0,
        "unit_words": unit_words, "better": better, "minimum_important_difference": mid,
        "items": [
            {"id": f"{name}_{number}", "wording": wording, "value": "respect" if number else "compassion", "waves": list(WAVES)}
            for number, wording in enumerate(wordings)
        ],
    }


def sample() -> dict[str, Any]:
    """The release as a plain dictionary, to be changed by a test before it is read."""
    rule = "lived_values_change is above zero and every guardrail is safe"
    arms = {"develop": "Develop own values with full staff participation", "come_alive": "Make existing values come alive",
            "comparison": "No values work in the period"}
    return {
        "format": 1, "status": "preview", "made": "2026-06-16T09:30:00Z", "result_id": "r-5f0c2b9d1e", "result_number": "R-0042",
        "study": {
            "name": "living_our_values", "title": "Living our values: pilot evaluation",
            "question": "Did the pilots change how far values are lived?", "asks": "extend the pilots for a second year?",
            "board": {"name": "Values Programme Board", "contact": "evaluation@example.org"}, "assignment": "organisation",
            "unit_word": "organisation", "unit_plural": "organisations", "randomised": False, "selection": "purposive", "confidence": 0.95,
            "fingerprint": "7f3a91c0d2b84e6fa1c5", "frozen": None,
            "simulated": "These organisations do not exist; the difference put into the simulation was 0.5 points.",
            "policy": {"name": "threshold-11", "version": 1, "threshold": 11, "says": "Groups of fewer than 11 people are hidden."},
            "if_an_organisation_leaves": "analyse as first assigned; sensitivity without it",
            "cannot_tell": [
                "No private provider agreed to take part: nothing here speaks for them.",
                "Organisations were chosen. Keener organisations may improve anyway.",
                "Whether it lasts beyond a year.",
            ],
        },
        "arms": [{"id": name, "role": "comparison" if name == "comparison" else "pilot", "label": label} for name, label in arms.items()],
        "waves": [
            {"id": "baseline", "label": "Start", "opens": "2025-02-03", "closes": "2025-03-14", "loaded": True, "look": None, "before_start": True},
            {"id": "month_6", "label": "6 months", "opens": "2025-10-06", "closes": "2025-11-14", "loaded": True, "look": "watch", "before_start": False},
            {"id": "month_12", "label": "12 months", "opens": "2026-04-13", "closes": "2026-05-22", "loaded": True, "look": "decide", "before_start": False},
        ],
        "populations": [
            {"id": "staff", "label": "Staff", "level": "respondent", "linkage": "pseudonym"},
            {"id": "patients", "label": "Patients", "level": "respondent", "linkage": "none"},
            {"id": "public", "label": "Public", "level": "respondent", "linkage": "none"},
        ],
        "theory_of_change": [
            {"from": "staff take part", "to": "values are owned", "measured_by": ["ownership"], "state": "supported"},
            {"from": "values are owned", "to": "values are lived", "measured_by": ["lived_values"], "state": "supported"},
            {"from": "values are lived", "to": "patients are respected", "measured_by": ["patient_respect"], "state": "not supported"},
            {"from": "values are lived", "to": "the public trusts", "measured_by": ["public_trust"], "state": "untested"},
        ],
        "measures": [_measure(row) for row in MEASURES],
        "organisations": organisations(),
        "findings": findings(),
        "decision": {
            "asks": "extend the pilots for a second year?", "plan_says": "extend the pilots for a second year",
            "reason": "The main measure improved and every measure that must not get worse is safe.",
            "rules": [
                {"when": rule, "then": "extend the pilots for a second year", "holds": True, "reason": "Both parts hold."},
                {"when": "lived_values_change is smaller than its minimum important difference", "then": "stop and publish", "holds": False,
                 "reason": "The estimate is not smaller."},
                {"when": None, "then": "continue to one more wave and say what is missing", "holds": None, "reason": ""},
            ],
        },
        "cells": cells(),
        "since_last": ["First result at month 12; at month 6 the difference so far was 0.3 (0.0 to 0.6)."],
        "protocol_page": {
            "estimands": [
                {"name": row["estimand"], "status": row["status"], "measure": row["measure"], "design": row["design"], "estimator": "unit change",
                 "contrast": [row["contrast"]], "wave_from": "baseline", "wave_to": "month_12", "mid": f"{row['minimum_important_difference']:g} points",
                 "margin": "0.2 points" if row["margin"] else None, "family": None}
                for row in findings() if row["contrast"] != "come_alive - comparison"
            ],
            "decide": [f"when {rule}, then extend the pilots for a second year"], "multiplicity": {"outcomes": "benjamini-hochberg"},
            "versions": {"protocol": "1", "pilot-evaluation": "0.1.0", "verdict words": "1"},
            "values": [{"label": "Compassion", "statement": "We notice distress and do something about it.",
                        "behaviours": ["Sits down with a frightened patient."], "surfaced_by": ["patients", "public"]}],
            "document_text": PROTOCOL_TEXT,
        },
    }


def with_response_rates(made: dict[str, Any]) -> None:
    """Headcounts of staff, for both sides; one pilot's is told, nobody else's."""
    sides = [("pilot", 3530, 6_500), ("comparison", 9930, 19_400)]
    made["response_rates"] = [
        {"population": "staff", "wave": "month_12", "level": "role", "role": role, "answered": answered, "eligible": eligible,
         "percent": round(100 * answered / eligible)}
        for role, answered, eligible in sides
    ]
    made["response_rates"].append({
        "population": "staff", "wave": "month_12", "level": "unit", "unit": "R01", "arm": "develop", "role": "pilot",
        "answered": 450, "eligible": 900, "percent": 50,
    })


Change = Callable[[dict[str, Any]], None]


def release(*changes: Change) -> Release:
    """The sample after `changes`, as the site reads it."""
    made = sample()
    for change in changes:
        change(made)
    return Release.model_validate(made)


def before_follow_up(made: dict[str, Any]) -> None:
    """Only the baseline is in: no finding can be judged yet."""
    for wave in made["waves"][1:]:
        wave["loaded"] = False
    made["cells"] = [cell for cell in made["cells"] if cell["wave"] == "baseline"]
    for each in made["findings"]:
        each.update(
            verdict="Not yet evaluable", short="Not yet", tone="unclear", estimate=None, conf_low=None, conf_high=None, low80=None, high80=None,
            n_from=None, n_to=None, n_units=0, n_pilot=0, n_comparison=0, n_respondents=0, units_rose=None, units_counted=None, panel=[], within_people=[], so_far=[],
            sentence="Not yet evaluable. There is nothing to compare yet: 12 months is due by 22 May 2026.",
            how_sure=[], would_change=[], was_it_enough=["The smallest difference this plan can see is about 0.4 points."],
        )
    made["decision"].update(plan_says="", reason="Nothing can be decided before 12 months.", rules=[
        {**rule, "holds": None} for rule in made["decision"]["rules"]
    ])
    made["since_last"] = []


def hostile_names(made: dict[str, Any]) -> None:
    """Names that would run as code if they were ever read as markup."""
    made["organisations"][0]["name"] = '<img src=x onerror="window.hurt=1">'
    made["organisations"][1]["name"] = '<a href="//evil.example">Trust</a>'
    made["organisations"][2]["name"] = "=HYPERLINK(\"http://example.org\")"
    made["measures"][0]["label"] = "<script>window.hurt=1</script>"
    made["study"]["board"]["contact"] = "javascript:window.hurt=1"
