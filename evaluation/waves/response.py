"""Response rates of a wave: of those who could have answered, how many did, in all and where fewest and most."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from evaluation.errors import WaveError
from evaluation.organisations.headcounts import eligible_by_organisation, more_than_eligible
from evaluation.organisations.register import Register
from evaluation.protocol.documents import Documents
from evaluation.waves.storage.read import Responses, read_rows


@dataclass(frozen=True)
class ResponseRate:
    """Of the organisations whose headcount is known: people who answered, people who could have, the two furthest apart.

    `lowest` and `highest` are (organisation, percent); `unknown` are organisations that answered and have no headcount.
    """

    answered: int
    eligible: int
    lowest: tuple[str, float]
    highest: tuple[str, float]
    unknown: tuple[str, ...]

    @property
    def percent(self) -> float:
        """The response rate, in percent."""
        return 100 * self.answered / self.eligible


def response_rate(answered: Mapping[str, int], eligible: Mapping[str, int]) -> ResponseRate | None:
    """The response rate of the organisations that took part; None when no headcount of theirs is known.

    Args:
        answered: people who answered, by organisation's present code (`under_present_codes`).
        eligible: people who could have, by organisation's present code.
    """
    known = {code: 100 * number / eligible[code] for code, number in sorted(answered.items()) if code in eligible}
    if not known:
        return None
    lowest, highest = min(known, key=known.__getitem__), max(known, key=known.__getitem__)
    return ResponseRate(
        sum(answered[code] for code in known),
        sum(eligible[code] for code in known),
        (lowest, known[lowest]),
        (highest, known[highest]),
        tuple(sorted(set(answered) - set(known))),
    )


def under_present_codes(answered: Mapping[str, int], register: Register) -> dict[str, int]:
    """People who answered, added up under the codes that organisations have now, as headcounts name them.

    Args:
        answered: people by organisation, as they are stored: under the code that it had in the wave.
        register: says what former organisations became; a code that is somebody's now is theirs.
    """
    became = present_codes(register)
    found: Counter[str] = Counter()
    for code, number in answered.items():
        found[became.get(code, code)] += number
    return dict(found)


def present_codes(register: Register) -> dict[str, str]:
    """By the code of a former organisation that is nobody's now, the code of what it became."""
    owner, former = register.units["organisation"], register.former
    became = {str(code): str(owner[unit]) for code, unit in zip(former["organisation"], former["became"], strict=True)}
    return {code: name for code, name in became.items() if code not in set(owner)}


def eligible_people(
    documents: Documents, register: Register, population: str, wave: str, answered: Mapping[str, int]
) -> dict[str, int]:
    """Eligible people of a wave by organisation; nobody's where the protocol names no headcounts.

    Raises:
        ProtocolError: the headcounts break their schema.
        WaveError: more people answered than could have, under whatever code.
    """
    if documents.protocol.populations[population].headcounts is None:
        return {}
    eligible = eligible_by_organisation(documents, register, population, wave)
    problems = list(more_than_eligible(under_present_codes(answered, register), eligible, documents, population, wave))
    if problems:
        raise WaveError(problems)
    return eligible


def answered_by_group(responses: Responses, groups: Sequence[str]) -> pd.DataFrame:
    """People who answered: unit, wave, the `groups` (missing where not stated) and `answered`; one row a combination."""
    keys = ["unit", "wave", *groups]
    counts = read_rows(responses.files, keys).group_by(keys).len("answered").sort(keys, nulls_last=True)
    return pd.DataFrame(counts.to_dict(as_series=False), columns=[*keys, "answered"]).astype({"answered": "int64"})
