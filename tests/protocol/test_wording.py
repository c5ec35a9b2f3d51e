"""What a model finds wrong is said in plain words, at the key, all at once, with the nearest known name."""

from pathlib import Path

import pytest

from tests.protocol.changed import only, problems

CASES = {
    "unknown key": (
        {"title: A tiny pilot": "title: A tiny pilot\nbord: x"},
        "a protocol has no key 'bord'.",
        "line 4, column 1",
        "did you mean 'board'?",
    ),
    "missing key": ({"title: A tiny pilot\n": ""}, "a protocol needs the key 'title'.", "line 1, column 1", "add 'title:'."),
    "misspelt key": (
        {"question: Do": "qestion: Do"},
        "a protocol has no key 'qestion'.",
        "line 4, column 1",
        "did you mean 'question'?",
    ),
    "misspelt key in a block": (
        {"role: comparison, label": "role: comparison, lable"},
        "an arm has no key 'lable'.",
        "line 12, column 34",
        "did you mean 'label'?",
    ),
    "a word of another list": (
        {"design: difference in differences, estimator": "design: difference in difference, estimator"},
        "'design' cannot be 'difference in difference'.",
        "line 28",
        "did you mean 'difference in differences'? Possible words: before and after, comparison at follow-up",
    ),
    "no for false": (
        {"randomised: false": "randomised: no"},
        "'randomised' must be true or false, not 'no'.",
        "line 8, column 1",
        "write false.",
    ),
    "yes for true": (
        {"randomised: false": "randomised: yes"},
        "'randomised' must be true or false, not 'yes'.",
        "line 8, column 1",
        "write true.",
    ),
    "a claim for text": (
        {"title: A tiny pilot": "title: false"},
        "'title' must be text, not 'false'.",
        "line 3, column 1",
        "put it in quotes: 'false'.",
    ),
    "a number for text": (
        {"title: A tiny pilot": "title: 2025"},
        "'title' must be text, not '2025'.",
        "line 3, column 1",
        "put it in quotes: '2025'.",
    ),
    "nothing for text": ({"title: A tiny pilot": "title:"}, "'title' is empty.", "line 3, column 1", "write a text"),
    "blank text": ({"title: A tiny pilot": "title: '  '"}, "'title' is empty.", "line 3, column 1", "write at least one."),
    "a long label": (
        {"title: A tiny pilot": f"title: {'x' * 201}"},
        "'title' is longer than 200 characters.",
        "line 3, column 1",
        "shorten it.",
    ),
    "text for a number": (
        {"seed: 20250120": "seed: eleven"},
        "'seed' must be a whole number, not 'eleven'.",
        "line 36, column 1",
        "write a whole number.",
    ),
    "a fraction for a whole number": (
        {"seed: 20250120": "seed: 1.5"},
        "'seed' must be a whole number, not '1.5'.",
        "line 36",
        "whole number",
    ),
    "out of bounds": (
        {"confidence: 0.95": "confidence: 95"},
        "'confidence' must be less than 1, not '95'.",
        "line 34, column 1",
        "less than 1",
    ),
    "a bad name": (
        {"  develop: {role: pilot": "  Develop!: {role: pilot"},
        "'Develop!' cannot be a name.",
        "line 11, column 3",
        "small letters, digits and underscores",
    ),
    "a bad document name": (
        {"{disclosure: threshold-11}": "{disclosure: Threshold_11}"},
        "'disclosure': 'Threshold_11' cannot be a name.",
        "line 37",
        "hyphens",
    ),
    "no date": (
        {"opens: 2025-02-03": "opens: 03/02/2025"},
        "'opens': '03/02/2025' is not a date such as 2025-02-03.",
        "line 17",
        "correct it",
    ),
    "no day": (
        {"opens: 2025-02-03": "opens: 2025-02-31"},
        "'opens': '2025-02-31' is not a day of the calendar.",
        "line 17",
        "2025-02-03",
    ),
    "closes first": (
        {"closes: 2025-03-14": "closes: 2025-01-14"},
        "'baseline': closes on 2025-01-14, before it opens on 2025-02-03.",
        "line 17, column 3",
        "",
    ),
    "no amount": (
        {"minimum_important_difference: 0.3 points": "minimum_important_difference: 0.3"},
        "'minimum_important_difference': '0.3' is not an amount such as '0.3 points' or '10 percentage points'.",
        "line 24",
        "",
    ),
    "no scale": ({"scale: 0 to 10": "scale: 0-10"}, "'scale': '0-10' is not a range such as '0 to 10'.", "line 24", ""),
    "a falling scale": ({"scale: 0 to 10": "scale: 10 to 0"}, "'scale': '10 to 0' does not rise.", "line 24", ""),
    "no share": ({"at_least: 2 of 3": "at_least: two"}, "'at_least': 'two' is not a share such as '9 of 12'.", "line 24", ""),
    "a list for a block": (
        {"board: {name: Tiny Board, contact: evaluation@example.org}": "board: [x]"},
        "'board' must be a block of keys, not a list.",
        "line 6, column 1",
        "",
    ),
    "half a rule": (
        {"then: extend the pilot}": "otherwise: extend the pilot}"},
        "number 1 of 'decide': a rule is either 'when' with 'then', or 'otherwise' alone.",
        "line 32, column 5",
        "",
    ),
    "a guardrail without margin": (
        {", margin: 0.2 points": ""},
        "'strain_not_worse': a guardrail, and only a guardrail, states its margin, e.g. 'margin: 0.2 points'.",
        "line 30, column 3",
        "",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_each_fault_of_a_key_is_one_plain_sentence_at_its_line(tmp_path: Path, name: str) -> None:
    replace, what, where, fix = CASES[name]
    problem = only(tmp_path, replace=replace)
    assert problem.what == what
    assert problem.where.startswith(f"tiny/protocol.yaml, {where}")
    assert fix in problem.fix and problem.fix


def test_all_faults_of_all_documents_are_told_at_once(tmp_path: Path) -> None:
    found = problems(
        tmp_path,
        replace={
            "version: 1": "version: one",
            "seed: 20250120": "sede: 20250120",
            "measure: awareness,": "measure: awarenes,",
            "{when: lived_values_change is above": "{when: lived_value_change is above",
            "disclosure: threshold-11": "disclosure: threshold-12",
        },
        instrument={
            "scale: agree_5}\n  lived_2": "scale: agree_5, revers: true}\n  lived_2",
            "population: staff": "population: stuff",
        },
    )
    told = "\n".join(map(str, found))
    for what in ("'version' must be a whole number", "no key 'sede'", "no key 'revers'"):
        assert what in told, told


def test_what_can_be_read_is_still_checked_against_the_rest(tmp_path: Path) -> None:
    """One measure cannot be read; the estimand that names an unknown outcome is told all the same, the one that names it is not."""
    found = problems(tmp_path, replace={"better: lower,": "better: less,", "measure: awareness,": "measure: awarenes,"})
    assert [one.what for one in found] == [
        "'better' cannot be 'less'.",
        "estimand 'awareness_change' asks for outcome 'awarenes', which this protocol does not measure.",
    ]


def test_equal_faults_are_one_line_with_their_count_and_places(tmp_path: Path) -> None:
    found = problems(tmp_path, instrument={", scale: agree_5}": ", scale: agree_5, weight: 1}"})
    (problem,) = found
    assert problem.count == 4 and problem.what == "an item has no key 'weight'."
    assert problem.where.startswith("tiny/instruments/values.yaml, line 11, column") and problem.where.endswith("(4 times)")


def test_a_key_that_stands_twice_does_not_hide_other_faults(tmp_path: Path) -> None:
    found = problems(tmp_path, replace={"title: A tiny pilot": "title: A tiny pilot\ntitle: B", "seed: 20250120": "seed: x"})
    assert {one.what for one in found} == {"the key 'title' stands twice.", "'seed' must be a whole number, not 'x'."}


@pytest.mark.parametrize("text", ["", "- a\n- b\n", "only text\n"])
def test_a_document_that_is_no_block_of_keys_says_so(tmp_path: Path, text: str) -> None:
    from evaluation.protocol.documents import read_documents
    from tests.protocol.changed import refused, study

    root = study(tmp_path)
    (root / "protocol.yaml").write_text(text)
    (problem,) = refused(lambda: read_documents(root))
    assert problem.what in ("the document is empty.", "the document is not a block of keys.")
