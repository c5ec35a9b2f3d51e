"""Does a column identify people? Judged by its name and by the form of its values; values are never put into a message.

NHS numbers carry a modulus-11 check digit (NHS Data Dictionary, NHS NUMBER); National Insurance numbers have a fixed form
(HMRC manual NIM39110). Where a form could be chance, a share of the column has to show it.
"""

import re

import polars as pl

NAMES: tuple[tuple[str, str], ...] = (
    ("e-mail addresses", r"\be ?mails?\b"),
    ("phone numbers", r"\b(phone|telephone|mobile|tel)\b"),
    ("NHS numbers", r"\bnhs (no|num|number|id)\b"),
    ("National Insurance numbers", r"\b(national insurance|nino|ni (no|number))\b"),
    ("staff numbers", r"\b(staff|employee|payroll|personnel|assignment|esr) (no|num|number|id|code)\b"),
    ("patient numbers", r"\b(patient|hospital|medical record) (no|num|number|id)\b|\bmrn\b"),
    ("dates of birth", r"\b(dob|date of birth|birth ?date|birthday)\b"),
    ("addresses", r"\b(post ?code|zip ?code|address|street|latitude|longitude|ip|ip address|ipaddress|device id)\b"),
    (
        "names",
        r"\b(surname|forename|firstname|lastname|fullname|(first|last|full|family|given|middle|your|patient|respondent|staff|"
        r"employee|recipient|manager|contact|person) name)\b|^name$|\b(user ?name|log ?in)\b",
    ),
)
_ANY = (
    ("e-mail addresses", r"[^\s@]+@[^\s@]+\.[A-Za-z]{2,}"),
    ("National Insurance numbers", r"(?i)^[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\d{2} ?\d{2} ?\d{2} ?[A-D]$"),
    ("phone numbers", r"^(\+44|0044)[ ()\d-]{9,14}$|^\(?0\d{2,5}\)?[ -]\d{3,4}[ -]?\d{3,4}$"),
    ("staff numbers", r"^\d{8}-\d{1,2}$"),
)
WHOLE_NAME = r"^((Dr|Mr|Mrs|Ms|Prof)\.? )?\p{Lu}[\p{L}'’-]*\p{Ll}[\p{L}'’-]*(,? \p{Lu}[\p{L}'’.-]*)+$"
"""Two words or more in capitals, as people's names are written, and many categories; `groups.names_people` tells them apart."""
_SHARED = (
    ("phone numbers", r"^(07\d{9}|0[123]\d{9})$", 0.25),
    ("names", r"^\p{Lu}\p{Ll}{2,}$", 0.5),
    ("names", r"^\p{Ll}+[._]\p{Ll}+\d*$", 0.5),
)
_TEN_DIGITS = r"^\d{3}[ -]?\d{3}[ -]?\d{4}$"
_EIGHT_DIGITS = r"^\d{8}$"
_EVERY = [pattern for _, pattern in _ANY] + [pattern for _, pattern, _ in _SHARED] + [WHOLE_NAME, _TEN_DIGITS, _EIGHT_DIGITS]
SOME_FORM = "|".join(f"(?:{pattern})" for pattern in _EVERY)
"""Of any form at all that could identify a person: a column without one needs no closer look."""
LONG_TEXT = 100
_ASKS_FOR_TEXT = re.compile(
    r"\b(comments?|remarks?|feedback|verbatim|free text|please (say|explain|specify|describe)|anything else|suggestions?)\b"
)


def named_identifier(column: str) -> str | None:
    """What a column's name says it holds, when that identifies people ('e-mail addresses'), else None."""
    words = header_words(column)
    return next((kind for kind, pattern in NAMES if re.search(pattern, words)), None)


def header_words(column: str) -> str:
    """The words of a column's name in small letters, without digits and signs ('RecipientEmail_2' is 'recipient email')."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])|[^A-Za-z]+", " ", column).casefold().strip()


def identifying_values(column: pl.Series, *, is_key: bool) -> str | None:
    """What the values look like, when that identifies people, else None.

    `is_key` is for a column of respondent ids, where one name among codes is enough and eight digits are a staff number;
    elsewhere 'Registered Nurse' is a group, so whole names count only when they hardly repeat.
    """
    if not (column if is_key else column.unique()).str.contains(SOME_FORM).any():
        return None
    values = column.drop_nulls().unique()
    for kind, pattern in _ANY:
        if values.str.contains(pattern).any():
            return kind
    if _nhs_numbers(values):
        return "NHS numbers"
    for kind, pattern, share in _SHARED:
        if is_key and _share(values, pattern) >= share:
            return kind
    names = _share(values, WHOLE_NAME)
    hardly_repeat = len(values) >= 10 and len(values) > 0.5 * (len(column) - column.null_count())
    if (is_key and names > 0) or (hardly_repeat and names > 0.5):
        return "names"
    return "staff numbers" if is_key and _staff_numbers(values) else None


def is_free_text(column: pl.Series) -> bool:
    """Whether values are sentences of people's own: long and hardly ever the same, or shorter where the header asks for them."""
    values = column.drop_nulls()
    if not len(values):
        return False
    lengths = values.str.len_chars()
    longest, mean = lengths.max(), lengths.mean()
    assert isinstance(longest, int) and isinstance(mean, float)
    asked_for = _ASKS_FOR_TEXT.search(header_words(column.name)) is not None
    if longest > LONG_TEXT or (asked_for and mean > 12):
        return True
    return mean > 25 and values.n_unique() > 0.3 * len(values)


def _share(values: pl.Series, pattern: str) -> float:
    return int(values.str.contains(pattern).sum()) / len(values)


def _nhs_numbers(values: pl.Series) -> bool:
    """Ten digits with a valid check digit; one in eleven passes by chance, so long columns of ten digits need one in four."""
    ten = values.filter(values.str.contains(_TEN_DIGITS)).str.replace_all("[ -]", "")
    if not len(ten):
        return False
    digits = [ten.str.slice(place, 1).cast(pl.Int64) for place in range(10)]
    weighted = pl.select(sum((10 - place) * digit for place, digit in enumerate(digits[:9]))).to_series()
    valid = int(((11 - weighted % 11) % 11 == digits[9]).sum())
    return valid > 0 if len(ten) < 20 else valid >= len(ten) / 4


def _staff_numbers(values: pl.Series) -> bool:
    """Eight digits each, spread too widely to be a running number given by the study."""
    if _share(values, _EIGHT_DIGITS) < 0.9 or len(values) < 3:
        return False
    numbers = values.cast(pl.Int64, strict=False).drop_nulls()
    lowest, highest = numbers.min(), numbers.max()
    assert isinstance(lowest, int) and isinstance(highest, int)
    return highest - lowest > 20 * len(numbers)
