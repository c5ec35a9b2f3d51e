"""What one block says about another: each contradiction is one sentence, at its line, with what puts it right."""

from pathlib import Path

import pytest

from evaluation.errors import ProtocolError
from evaluation.protocol.documents import read_documents
from tests.protocol.changed import VALUES, only, problems, refused, study

CHANGE = "{status: primary, measure: lived_values, design: difference in differences, estimator: unit change}"
COMPARISON = "  comparison: {role: comparison, label: No values work}\n"

CASES = {
    # arms, selection, waves, looks
    "no pilot": ({"develop: {role: pilot": "develop: {role: comparison"}, "no arm is a pilot.", 10, "give the arm"),
    "drawn by lot": (
        {"selection: purposive": "selection: by lot"},
        "'selection: by lot' contradicts 'randomised: false'.",
        9,
        "write 'selection: by lot' with 'randomised: true'",
    ),
    "randomised": (
        {"randomised: false": "randomised: true"},
        "'selection: purposive' contradicts 'randomised: true'.",
        9,
        "by lot",
    ),
    "waves out of order": (
        {"opens: 2025-10-06, closes: 2025-11-14": "opens: 2024-10-06, closes: 2024-11-14"},
        "wave 'month_6' opens on 2024-10-06, but 'baseline' before it closes on 2025-03-14.",
        18,
        "in the order of time",
    ),
    "waves overlap": (
        {"opens: 2025-10-06": "opens: 2025-03-14"},
        "wave 'month_6' opens on 2025-03-14, but 'baseline' before it closes on 2025-03-14.",
        18,
        "without overlap",
    ),
    "unknown look": (
        {"watch: [month_6]": "watch: [month_7]"},
        "'looks: watch' names wave 'month_7', which is not there.",
        20,
        "did you mean 'month_6'?",
    ),
    "looked at twice": (
        {"watch: [month_6]": "watch: [month_12]"},
        "wave 'month_12' is looked at twice.",
        20,
        "either watched or decides",
    ),
    "baseline watched": (
        {"watch: [month_6]": "watch: [baseline]"},
        "'looks: watch' names the baseline 'baseline'.",
        20,
        "after the start",
    ),
    "no wave decides": ({"decide: [month_12]}": "decide: []}"}, "no wave decides.", 20, "name at least one wave"),
    # theory, families, expectations, tables
    "theory": (
        {"measured_by: [lived_values]": "measured_by: [lived_value]"},
        "the theory of change is measured by 'lived_value', which is not there.",
        22,
        "did you mean 'lived_values'?",
    ),
    "a family without a rule": (
        {
            "multiplicity: {outcomes: benjamini-hochberg}\n": "multiplicity: {outcome: holm, outcomes: holm}\n",
            "family: outcomes": "family: others",
        },
        None,
        29,
        "",
    ),
    "expectations of nobody": (
        {
            "confidence: 0.95": "expect: {stuff: {respondents_per_unit: 9, unit_variance_share: 0.1, wave_variance_share: 0.1, standard_deviation: 0.2}}"
        },
        "'expect' names population 'stuff', which is not there.",
        34,
        "did you mean 'staff'?",
    ),
    "no variance left": (
        {
            "confidence: 0.95": "expect: {staff: {respondents_per_unit: 9, unit_variance_share: 0.6, wave_variance_share: 0.5, standard_deviation: 0.2}}"
        },
        "'expect: staff' gives all variance to units and waves.",
        34,
        "below 1",
    ),
    "register elsewhere": (
        {"seed: 20250120": "seed: 1\norganisations: ../organisations.csv"},
        "'organisations: ../organisations.csv' is not a CSV file inside the study.",
        37,
        "organisations.csv",
    ),
    "headcounts elsewhere": (
        {"linkage: pseudonym, groups": "linkage: pseudonym, headcounts: /etc/passwd, groups"},
        "'headcounts: /etc/passwd' is not a CSV file inside the study.",
        15,
        "organisations.csv",
    ),
    "headcounts of a published table": (
        {"linkage: pseudonym, groups": "level: organisation, headcounts: staff.csv, groups"},
        "'staff' is a published table, whose 'base' already says how many people are behind it.",
        15,
        "take 'headcounts' out",
    ),
    "nothing is primary": ({"status: primary": "status: secondary"}, "no estimand is primary.", 27, "status: primary"),
    # populations and groups
    "a reserved group": (
        {"groups: [staff_group]": "groups: [arm]"},
        "group 'arm' has the name of a column that every response has.",
        15,
        "another name",
    ),
    "a group twice": (
        {"groups: [staff_group]": "groups: [age, age]"},
        "group 'age' of 'staff' is listed twice.",
        15,
        "list it once",
    ),
    "a group that is an item": (
        {"groups: [staff_group]": "groups: [strain_1]"},
        "item 'strain_1' has the name of a group of 'staff'.",
        None,
        "another name",
    ),
    "nobody is asked": (
        {"groups: [staff_group]}": "groups: [staff_group]}\n  public: {label: The public}"},
        "no instrument asks the population 'public'.",
        16,
        "write 'population: public' in an instrument",
    ),
    "a published table is linked": (
        {"linkage: pseudonym": "level: organisation, linkage: pseudonym"},
        "population 'staff' is a published table, so nobody in it can be linked.",
        15,
        "linkage: none",
    ),
    # measures
    "unknown instrument": (
        {"label: Values lived, instrument: values": "label: Values lived, instrument: value"},
        "measure 'lived_values' uses instrument 'value', which is not there.",
        24,
        "did you mean 'values'?",
    ),
    "unknown item": (
        {"items: [know_values]": "items: [knows_values]"},
        "measure 'awareness' uses item 'knows_values', which is not there.",
        25,
        "did you mean 'know_values'?",
    ),
    "an item twice": (
        {"items: [lived_1, lived_2, lived_3]": "items: [lived_1, lived_1, lived_3]"},
        "measure 'lived_values' lists lived_1 twice.",
        24,
        "each item once",
    ),
    "no items": (
        {"items: [know_values]": "items: []"},
        "measure 'awareness' has no items.",
        25,
        "list items of instrument 'values'.",
    ),
    "by value without values": (
        {"items: [lived_1, lived_2, lived_3], at_least: 2 of 3": "items: by value"},
        "measure 'lived_values' takes items by value, but no item of instrument 'values' has a value.",
        24,
        "write 'value:'",
    ),
    "a single item of three": (
        {"score: single item, items: [strain_1]": "score: single item, items: [strain_1, lived_1]"},
        "measure 'strain' is a single item, but has 2.",
        26,
        "score: mean",
    ),
    "at least of another number": (
        {"2 of 3": "2 of 4"},
        "measure 'lived_values' says 'at_least: 2 of 4', but has 3 items.",
        24,
        "write '2 of 3'.",
    ),
    "at least too many": (
        {"2 of 3": "4 of 3"},
        "measure 'lived_values' asks for more items than there are: 4 of 3.",
        24,
        "at most '3 of 3'",
    ),
    "points of a percentage": (
        {"10 percentage points": "10 points"},
        "measure 'awareness' is scored as percent positive: the change that matters is in percentage points, not points.",
        25,
        "write '10 percentage points'.",
    ),
    "percentage of points": (
        {"minimum_important_difference: 0.3 points": "minimum_important_difference: 3 percentage points"},
        "measure 'lived_values' is scored as mean: the change that matters is in points, not percentage points.",
        24,
        "write '3 points'.",
    ),
    "too great a change": (
        {"minimum_important_difference: 0.3 points": "minimum_important_difference: 10 points"},
        "measure 'lived_values' can change by at most 10, but the smallest change that matters is 10.",
        24,
        "a smaller change",
    ),
    "a percentage on a scale": (
        {"items: [know_values]": "items: [know_values], scale: 0 to 10"},
        "measure 'awareness' is a percentage and cannot be put on a scale of 0 to 10.",
        25,
        "take 'scale:' out",
    ),
    "a reserved measure": (
        {"  awareness: {label": "  base: {label", "measure: awareness": "measure: base"},
        "measure 'base' has the name of a column that every response has.",
        25,
        "another name",
    ),
    # estimands
    "unknown measure": (
        {"measure: lived_values": "measure: lived_value"},
        "estimand 'lived_values_change' asks for outcome 'lived_value', which this protocol does not measure.",
        28,
        "did you mean 'lived_values'? Measures in this protocol: lived_values, awareness, strain.",
    ),
    "margin in another unit": (
        {"margin: 0.2 points": "margin: 2 percentage points"},
        "estimand 'strain_not_worse' has a margin in percentage points, but 'strain' is in points.",
        30,
        "write '2 points'.",
    ),
    "covariate that is no group": (
        {"estimator: unit change": "covariates: [staff_groups]"},
        "estimand 'lived_values_change' adjusts for 'staff_groups', which is no group of population 'staff'.",
        28,
        "did you mean 'staff_group'?",
    ),
    "covariate twice": (
        {"estimator: unit change": "covariates: [staff_group, staff_group]"},
        "estimand 'lived_values_change' adjusts for 'staff_group' 2 times.",
        28,
        "name each covariate once",
    ),
    "ancova without linkage": (
        {"linkage: pseudonym, ": "", CHANGE: "{status: primary, measure: lived_values, design: ancova}"},
        "estimand 'lived_values_change' is an ancova, which follows the same people, but nobody in 'staff' can be linked.",
        28,
        "linkage: pseudonym",
    ),
    "unknown wave": (
        {"estimator: unit change": "wave_from: base_line"},
        "estimand 'lived_values_change' names wave 'base_line', which is not there.",
        28,
        "did you mean 'baseline'?",
    ),
    "backwards": (
        {"estimator: unit change": "wave_from: month_12, wave_to: month_6"},
        "estimand 'lived_values_change' compares wave 'month_6' with 'month_12', which is not before it.",
        28,
        "earlier 'wave_from'",
    ),
    "robust errors for organisations": (
        {"estimator: unit change": "estimator: robust least squares"},
        "estimand 'lived_values_change' uses robust least squares, but organisations were assigned, not people.",
        28,
        "unit change",
    ),
    "no such arm": (
        {"estimator: unit change": "contrast: developed - comparison"},
        "estimand 'lived_values_change' compares arm 'developed', which is not there.",
        28,
        "did you mean 'develop'?",
    ),
    "one side only": (
        {"estimator: unit change": "contrast: develop"},
        "estimand 'lived_values_change' has the contrast 'develop', but its design compares two, such as 'develop - comparison'.",
        28,
        "'develop - comparison'",
    ),
    "with itself": (
        {"estimator: unit change": "contrast: develop - develop"},
        "estimand 'lived_values_change' compares 'develop - develop': an arm with itself.",
        28,
        "different arms",
    ),
    "the same twice": ({"estimator: unit change": "contrast: [develop - comparison, develop - comparison]"}, None, 28, ""),
    "two sides before and after": (
        {
            "design: difference in differences, family: outcomes": "design: before and after, contrast: develop - comparison, family: outcomes"
        },
        "estimand 'awareness_change' has the contrast 'develop - comparison', but its design compares one arm, such as 'develop'.",
        29,
        "one arm",
    ),
}


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if case[1]])
def test_each_contradiction_is_one_sentence_at_its_line_with_what_puts_it_right(tmp_path: Path, name: str) -> None:
    replace, what, line, fix = CASES[name]
    problem = only(tmp_path, replace=replace)
    assert problem.what == what
    assert fix in problem.fix
    assert line is None or problem.where.startswith(f"tiny/protocol.yaml, line {line}, column")


def test_families_and_their_rules_need_each_other(tmp_path: Path) -> None:
    found = problems(tmp_path, replace={"multiplicity: {outcomes: benjamini-hochberg}": "multiplicity: {outcome: holm}"})
    assert [one.what for one in found] == [
        "estimand 'awareness_change' belongs to family 'outcomes', which has no rule under 'multiplicity'.",
        "'multiplicity' has a rule for family 'outcome', to which no estimand belongs.",
    ]


def test_one_contrast_twice_is_told_beside_the_rule_that_could_mean_either(tmp_path: Path) -> None:
    found = problems(tmp_path, replace=CASES["the same twice"][0])
    assert [one.what for one in found] == [
        "estimand 'lived_values_change' makes the comparison 'develop - comparison' twice.",
        "a decision rule is about 'lived_values_change', which makes several comparisons: it could mean any of them.",
    ]


def test_the_error_of_the_house_style_reads_as_written_there(tmp_path: Path) -> None:
    """The design's own example, with this study's names and lines."""
    root = study(tmp_path, replace={"measure: lived_values": "measure: lived_value"})
    with pytest.raises(ProtocolError) as caught:
        read_documents(root)
    assert str(caught.value) == (
        "ProtocolError: estimand 'lived_values_change' asks for outcome 'lived_value', which this protocol does not measure.\n"
        "  where: tiny/protocol.yaml, line 28, column 42\n"
        "  fix:   did you mean 'lived_values'? Measures in this protocol: lived_values, awareness, strain."
    )


# instruments


INSTRUMENT_CASES = {
    "unknown scale": (
        {"act on our values., scale: agree_5}\n  lived_2": "act on our values., scale: agree_7}\n  lived_2"},
        "items use scales that are not defined: agree_7.",
    ),
    "positive codes": ({"positive: [4, 5]": "positive: [4, 6]"}, "'agree_5': positive codes 6 are not among the options."),
    "missing code that is an answer": ({"{99: Prefer": "{5: Prefer"}, "'agree_5': codes 5 are both answers and missing codes."),
    "no codes": (
        {"{1: Strongly disagree,": "{one: Strongly disagree,"},
        "'agree_5': options are coded by whole numbers, not by one.",
    ),
    "unknown population": (
        {"population: staff": "population: staf"},
        "instrument 'values' asks population 'staf', which is not there.",
    ),
    "unknown wave": (
        {"wears me down., scale: agree_5": "wears me down., scale: agree_5, asked_in: [month_7]"},
        "item 'strain_1' is asked in wave 'month_7', which is not there.",
    ),
    "a value without values": (
        {"wears me down., scale: agree_5": "wears me down., scale: agree_5, value: kindness"},
        "items name values, but the study has no values.yaml.",
    ),
    "no favourable answers": (
        {"    positive: [4, 5]\n": ""},
        "measure 'awareness' counts favourable answers, but scale agree_5 does not say which are.",
    ),
    "a column of its own": ({"  strain_1:": "  base:"}, "item 'base' has the name of a column that every response has."),
}


@pytest.mark.parametrize("name", INSTRUMENT_CASES)
def test_each_fault_of_an_instrument_is_told(tmp_path: Path, name: str) -> None:
    replace, what = INSTRUMENT_CASES[name]
    assert what in [one.what.removeprefix("the document: ") for one in problems(tmp_path, instrument=replace)]


def test_an_estimand_needs_its_items_asked_in_both_waves(tmp_path: Path) -> None:
    found = problems(
        tmp_path, instrument={"wears me down., scale: agree_5": "wears me down., scale: agree_5, asked_in: [month_12]"}
    )
    assert [one.what for one in found] == [
        "estimand 'strain_not_worse' uses wave 'baseline', which did not ask strain_1 of 'strain'."
    ]


def test_a_mean_over_different_scales_needs_one_scale(tmp_path: Path) -> None:
    other = {
        "    missing_codes": "    missing_codes",
        "scales:\n": "scales:\n  days: {range: 0 to 30}\n",
        "Leaders act on our values., scale: agree_5": "Leaders act on our values., scale: days",
    }
    problem = only(tmp_path, instrument=other, replace={", scale: 0 to 10": ""})
    assert problem.what == "measure 'lived_values' takes the mean of items on different scales."


def test_two_instruments_of_a_population_share_no_item(tmp_path: Path) -> None:
    root = study(tmp_path)
    text = (root / "instruments" / "values.yaml").read_text().replace("instrument: values", "instrument: more")
    (root / "instruments" / "more.yaml").write_text(text)
    (problem,) = [one for one in refused(lambda: read_documents(root)) if "lived_1" in one.what]
    assert problem.what == "item 'lived_1' has the name of an item of instrument 'more'."


def test_two_documents_cannot_be_one_instrument(tmp_path: Path) -> None:
    root = study(tmp_path)
    (root / "instruments" / "copy.yaml").write_text((root / "instruments" / "values.yaml").read_text())
    assert "two documents are instrument 'values'." in [one.what for one in refused(lambda: read_documents(root))]


# values


def test_items_by_value_need_an_item_for_every_value(tmp_path: Path) -> None:
    root = study(
        tmp_path,
        replace={"items: [lived_1, lived_2, lived_3], at_least: 2 of 3": "items: by value"},
        instrument={
            "Colleagues act on our values., scale: agree_5": "Colleagues act on our values., scale: agree_5, value: kindness"
        },
    )
    (root / "values.yaml").write_text(VALUES)
    (problem,) = refused(lambda: read_documents(root))
    assert problem.what == "measure 'lived_values' takes items by value, but no item of 'values' asks about: courage."


def test_an_item_names_a_value_of_the_framework(tmp_path: Path) -> None:
    root = study(tmp_path, instrument={"wears me down., scale: agree_5": "wears me down., scale: agree_5, value: couraje"})
    (root / "values.yaml").write_text(VALUES)
    (problem,) = refused(lambda: read_documents(root))
    assert problem.what == "item 'strain_1' belongs to value 'couraje', which is not there." and "'courage'" in problem.fix
    assert problem.where == "tiny/instruments/values.yaml, line 15, column 67"


# people assigned one by one

BY_PERSON = {"assignment: organisation": "assignment: respondent"}


def test_people_assigned_one_by_one_get_robust_errors_only(tmp_path: Path) -> None:
    found = problems(tmp_path, replace=BY_PERSON)
    assert [one.what for one in found] == [
        "estimand 'lived_values_change' uses 'unit change', but people were assigned one by one."
    ]


def test_people_drawn_into_arms_are_not_looked_at_before_and_after_only(tmp_path: Path) -> None:
    found = problems(
        tmp_path, replace={**BY_PERSON, CHANGE: "{status: primary, measure: lived_values, design: before and after}"}
    )
    assert [one.what for one in found] == [
        "estimand 'lived_values_change' looks before and after, but people were drawn into arms."
    ]


def test_robust_least_squares_fits_people_assigned_one_by_one(tmp_path: Path) -> None:
    root = study(tmp_path, replace={**BY_PERSON, "estimator: unit change": "estimator: robust least squares"})
    assert read_documents(root).protocol.assignment == "respondent"


# one arm


def test_pilots_alone_can_only_be_looked_at_before_and_after(tmp_path: Path) -> None:
    found = problems(tmp_path, replace={COMPARISON: ""})
    assert [one.what for one in found] == [
        f"estimand '{name}' compares pilots with others, but no arm is a comparison."
        for name in ("lived_values_change", "awareness_change", "strain_not_worse")
    ]


def test_one_arm_before_and_after_needs_no_contrast_and_may_name_its_arm(tmp_path: Path) -> None:
    alone = {
        COMPARISON: "",
        "design: difference in differences, estimator: unit change": "design: before and after",
        "design: difference in differences": "design: before and after, contrast: develop",
    }
    assert read_documents(study(tmp_path, replace=alone)).protocol.estimands["awareness_change"].contrast == ("develop",)


def test_arms_may_be_joined_and_named_by_their_role(tmp_path: Path) -> None:
    replace = {
        COMPARISON: f"{COMPARISON}  others: {{role: comparison, label: Others}}\n",
        "family: outcomes": "family: outcomes, contrast: [pilot - comparison + others]",
    }
    assert read_documents(study(tmp_path, replace=replace)).protocol.estimands["awareness_change"].contrast


def test_the_tiny_study_has_no_contradiction(tmp_path: Path) -> None:
    assert read_documents(study(tmp_path)).protocol.protocol == "tiny"
