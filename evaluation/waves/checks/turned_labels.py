"""Labels in other words than the instrument's that say the other end of its scale: 'Completely agree' for 'Strongly disagree'.

Only words tell that all options of one side of the middle have and none of the other: 'agree' and 'disagree', 'month' and 'day',
neither 'very' nor 'every' nor a number. A label that denies such a word tells nothing.
"""

from collections.abc import Mapping

from evaluation.protocol.instrument import Scale
from evaluation.waves.checks.answer_faults import code_of, number_of, says_doubt, says_no_answer
from evaluation.waves.checks.likeness import SHORTEST, opposed, slips_apart, spelt, words_of

_DEGREES = frozenset(
    {"very", "quite", "rather", "fairly", "somewhat", "slightly", "extremely", "completely", "strongly", "mostly", "totally",
     "fully", "entirely", "much", "lot", "bit", "little", "more", "less", "most", "least", "almost", "nearly", "tend", "all",
     "every", "each", "a", "an", "the", "of", "or", "and", "nor", "to", "at", "in", "with", "than", "my", "is", "not", "no"}
)  # fmt: skip
"""Words that stand at either end of a scale, or turn another one."""


def turned_labels(labels: Mapping[str, str], scale: Scale) -> dict[str, str]:
    """Codes whose label says the other side of the scale's middle, with the options there that it shares a word with, in words.

    Nothing where a label off the middle says its own side: then the words, and not the codes, are others.

    Args:
        labels: the file's label by code, codes that mean no answer left out.
        scale: the instrument's; one without options says nothing of words.
    """
    middle = (scale.interval.low + scale.interval.high) / 2
    sides = {code: (number_of(code) or 0.0) - middle for code in scale.options}
    turned: dict[str, str] = {}
    for code, label in labels.items():
        own = sides.get(code_of(code), 0.0)
        if own == 0.0 or says_no_answer(label) or says_doubt(label):
            continue
        if spelt(label) == spelt(scale.options[code_of(code)]) or slips_apart(label, scale.options[code_of(code)]):
            return {}
        said = {option: side * own > 0 for option, side in sides.items() if side and _shares(label, option, scale, sides)}
        if said and all(said.values()):
            return {}
        if said and not any(said.values()):
            turned[code] = " or ".join(f"{option} '{scale.options[option]}'" for option in said)
    return turned


def _shares(label: str, option: str, scale: Scale, sides: Mapping[str, float]) -> bool:
    """Whether a label has a word of an option that no option of the other side has, and does not turn the option round."""
    others = {word for code, text in scale.options.items() if sides[code] * sides[option] < 0 for word in words_of(text)}
    own = [word for word in words_of(scale.options[option]) if _tells(word)]
    telling = [word for word in own if not any(_kin(word, other) for other in others)]
    shared = any(_kin(word, one) for word in words_of(label) if _tells(word) for one in telling)
    return shared and not opposed(label, scale.options[option])


def _tells(word: str) -> bool:
    return word not in _DEGREES and word.isalpha()


def _kin(word: str, other: str) -> bool:
    """Whether two words are one, or one the beginning of the other: 'monthly' and 'month', 'daily' and 'days'."""
    short, long = sorted((_stem(word), _stem(other)), key=len)
    return short == long or (len(short) >= SHORTEST and long.startswith(short))


def _stem(word: str) -> str:
    return word.removesuffix("ily") + "y" if word.endswith("ily") else word.removesuffix("s")
