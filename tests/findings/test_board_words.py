"""What a board reads: no word that a board member does not use.

Source: the board's page standard, "The summary page, in order".
"""

import itertools
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from evaluation.findings import decide, flags, remedy, verdict
from evaluation.findings.findings import Finding
from evaluation.inference.flags import FLAGS
from evaluation.inference.refusals import RULES, Facts, refusals
from evaluation.protocol.documents import Documents
from evaluation.terms import Design, EstimateStatus, Selection
from tests.findings.answers import documents_of, finding_of, unit_rows

NOT_FOR_A_BOARD = re.compile(
    r"\b(weight\w*|guardrail\w*|estimand\w*|estimator\w*|estimate[sd]|covariate\w*|cluster\w*|regress\w*|ancova|moments|"
    r"cr[123]s?|reml|satterthwaite|hartung|placebo|permut\w*|p-values?|p = |p < |standard error\w*|degrees of freedom|"
    r"significan\w*|null hypothesis|control group|treatment|difference in differences|resolution floor|variance|mean square|"
    r"because of|no effect|caused?|nan|none)\b", re.IGNORECASE)

DESIGNS = ("difference in differences", "before and after", "comparison at follow-up", "ancova")
INTERVALS = ((0.2, 0.8), (0.35, 0.8), (-0.8, -0.2), (-0.1, 0.1), (-0.05, 0.85), (-0.85, 0.05), (-0.5, 0.6), (0.01, 0.29))
UNITS = ({"P1": 0.5, "P2": 0.4, "C1": 0.0}, {"P1": -0.5, "P2": -0.4, "C1": -1.0}, {"P1": 0.0, "P2": 0.0, "C1": 0.0})


@pytest.fixture(scope="module", params=list(itertools.product(DESIGNS, ("purposive", "by lot"))), ids=str)
def documents(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Documents:
    design, selection = request.param
    randomised = str(selection == "by lot").lower()
    return documents_of(tmp_path_factory.mktemp("tiny"), **{
        "design: difference in differences, estimator: unit change": f"design: {design}",
        "awareness, design: difference in differences": f"awareness, design: {design}",
        "randomised: false": f"randomised: {randomised}", "selection: purposive": f"selection: {selection}",
    })


@pytest.fixture(scope="module")
def found(documents: Documents) -> list[Finding]:
    return list(findings(documents))


def findings(documents: Documents) -> Iterator[Finding]:
    for (low, high), changes, floor in itertools.product(INTERVALS, UNITS, (0.018, 0.1)):
        for name, size in (("lived_values_change", 1), ("awareness_change", 33), ("strain_not_worse", 1)):
            units = unit_rows({unit: change * size for unit, change in changes.items()})
            yield finding_of(documents, name, (low + high) / 2 * size, (low * size, high * size), floor=floor, units=units)
    refused = refusals(Facts(Design.DIFFERENCE_IN_DIFFERENCES, 1, 3, 2))
    for name, seen in itertools.product(documents.protocol.estimands, (0.4, None)):
        yield finding_of(documents, name, seen, (None, None), status=EstimateStatus.NOT_ESTIMABLE.value, refusals=refused)


def words_of(finding: Finding) -> Iterator[str]:
    yield from (finding.verdict.words, finding.verdict.short, finding.sentence, finding.grade.reason, finding.floor_words)
    yield from (*finding.how_sure, *finding.was_it_enough, *finding.would_change, *finding.cannot_tell)
    yield from (flag.sentence for flag in finding.flags)


def test_no_board_text_uses_a_word_that_boards_do_not_use(found: list[Finding]) -> None:
    used = {word for finding in found for word in words_of(finding)}
    assert len(used) > 40
    assert not [text for text in used if NOT_FOR_A_BOARD.search(text)]


def test_board_text_is_whole_sentences_with_true_minus_and_no_doubled_spaces(found: list[Finding]) -> None:
    for finding in found:
        for text in (finding.sentence, *finding.how_sure, *finding.was_it_enough, *finding.would_change, *finding.cannot_tell):
            assert text[0].isupper() or text[0].isdigit(), text
            assert text.endswith("."), text
            assert "  " not in text and ".." not in text and not re.search(r"[\s(]-\d", text), text


def test_every_flag_of_inference_has_board_words_and_no_other_does() -> None:
    own = {"family", "rounding"}
    assert set(flags.SENTENCES) == set(FLAGS) | own
    assert set(flags.SERIOUS) <= set(flags.SENTENCES)


def test_every_refusal_has_a_board_remedy() -> None:
    assert set(remedy.REMEDIES) == {rule.name for rule in RULES}


def test_fixed_texts_use_board_words_only() -> None:
    texts = [*flags.SENTENCES.values(), *flags.SERIOUS.values(), *remedy.REMEDIES.values(), *(one.says for one in Selection)]
    texts += decide._WORDS.values()
    texts += [words for table in verdict._COMPARED.values() for pair in table.values() for words in pair]
    texts += [rule.says for rule in RULES if rule.name not in ("estimator_unfit", "few_before_after")]
    assert not [text for text in texts if NOT_FOR_A_BOARD.search(text)]


def test_before_and_after_never_speaks_of_a_comparison_it_does_not_have(tmp_path: Path) -> None:
    did = "design: difference in differences, estimator: unit change"
    documents = documents_of(tmp_path, **{did: "design: before and after"})
    for low, high in INTERVALS:
        said = " ".join(words_of(finding_of(documents, interval=(low, high), estimate=(low + high) / 2)))
        assert "elsewhere" not in said and "than comparison" not in said
