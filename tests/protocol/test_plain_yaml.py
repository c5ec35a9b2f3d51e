"""YAML is read as a reader sees it, within limits, and every refusal has its line and column."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluation.errors import MachineError, ProtocolError
from evaluation.protocol.documents import read_yaml
from evaluation.protocol.plain_yaml import DEPTH_LIMIT, DOCUMENT_LIMIT, SCALAR_LIMIT
from tests.protocol.changed import refused


def written(folder: Path, text: str | bytes, name: str = "document.yaml") -> Path:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


@pytest.mark.parametrize(
    "word",
    ["no", "No", "off", "yes", "on", "y", "012", "1_000", "1:30", "0o14", ".inf", ".nan", "1e999", "2025-02-03", "=", "<<"],
)
def test_a_bare_word_stays_the_word_that_a_reader_sees(tmp_path: Path, word: str) -> None:
    """YAML 1.1 read these as false, true, octal, a number in base 60, infinity or a date (yaml.org/type)."""
    assert read_yaml(written(tmp_path, f"key: {word}\n{word}: value\n")).data == {"key": word, word: "value"}


@pytest.mark.parametrize(
    ("word", "value"),
    [
        ("true", True),
        ("False", False),
        ("12", 12),
        ("-3", -3),
        ("0.5", 0.5),
        ("1e3", 1000.0),
        ("~", None),
        ("", None),
        ("'12'", "12"),
        ('"true"', "true"),
    ],
)
def test_only_true_false_nothing_and_plain_numbers_are_read_as_such(tmp_path: Path, word: str, value: object) -> None:
    read = read_yaml(written(tmp_path, f"key: {word}\n")).data["key"]
    assert read == value and type(read) is type(value)


@pytest.mark.parametrize("escape", ["\\e[31m", "\\x1b]0;x\\x07", "\\r", "\\0", "\\u202e", "\\u2066", "\u202e"])
@pytest.mark.parametrize("where", ["key", "value"])
def test_text_that_steers_a_terminal_or_turns_letters_round_is_refused_however_it_is_written(
    tmp_path: Path, where: str, escape: str
) -> None:
    """Boucher & Anderson (2021), Trojan Source: bidirectional overrides; ECMA-48: control sequences."""
    text = f'a: 1\n"b{escape}": 2\n' if where == "key" else f'a: 1\nb: "x{escape}"\n'
    with pytest.raises(ProtocolError, match=f"line 2, column {1 if where == 'key' else 4}") as refusal:
        read_yaml(written(tmp_path, text))
    assert refusal.value.problems[0].code == "not-plain-yaml"


def test_line_breaks_and_tabs_inside_text_stay(tmp_path: Path) -> None:
    assert read_yaml(written(tmp_path, 'a: "x\\ty\\nz"\n')).data == {"a": "x\ty\nz"}


def test_every_key_and_place_has_its_line_and_column(tmp_path: Path) -> None:
    located = read_yaml(written(tmp_path, "a: 1\nb:\n  c: [x, y]\n"), name="study/plan.yaml")
    assert located.where(("b", "c")) == "study/plan.yaml, line 3, column 3"
    assert located.where(("b", "c", 1)) == "study/plan.yaml, line 3, column 10"
    assert located.where(("b", "not there", 7)) == "study/plan.yaml, line 2, column 1", "the nearest block that is there"


REFUSED = {
    "alias": ("a: &x [1]\nb: *x\n", "line 1, column 4", "names a part for reuse"),
    "alias alone": ("b: *x\n", "line 1, column 4", "repeats another part"),
    "anchor on a key": ("&k a: 1\n", "line 1, column 1", "names a part for reuse"),
    "python object": (
        "a: 1\nb: !!python/object/apply:os.system ['true']\n",
        "line 2, column 4",
        "'!!python/object/apply:os.system'",
    ),
    "own tag": ("b: !secret x\n", "line 1, column 4", "'!secret'"),
    "tagged null": ("b: !!null ''\n", "line 1, column 4", "special kind of value"),
    "tab": ("a:\n\tb: 1\n", "line 2, column 1", "indented with a tab"),
    "tab after spaces": ("a:\n  \tb: 1\n", "line 2, column 3", "indented with a tab"),
    "two documents": ("a: 1\n---\nb: 2\n", "line 2, column 1", "second document"),
    "list as key": ("? [a]\n: 1\n", "line 1, column 3", "where a key should"),
    "unclosed bracket": ("a: [1, 2\nb: 3\n", "line 2", "this is not YAML"),
    "unclosed quote": ("a: 'x\n", "line 2", "this is not YAML"),
    "colon in text": ("a: values: lived\n", "line 1, column 10", "this is not YAML"),
    "control character": ("a: x\x07y\n", "line 1, column 5", "cannot be printed"),
    "NUL": ("a: 1\nb: \x00\n", "line 2, column 4", "cannot be printed"),
    "deep": ("a: " + "[" * (DEPTH_LIMIT + 2) + "]" * (DEPTH_LIMIT + 2), "line 1, column 16", "nested deeper"),
    "long value": ("a: 1\nb: " + "x" * (SCALAR_LIMIT + 1), "line 2, column 4", "one value is longer than 16 KiB"),
    "long key": ("? " + "x" * (SCALAR_LIMIT + 1) + "\n: 1\n", "line 1, column 3", "a key is longer"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_a_document_may_not_hold_is_refused_at_its_line_and_column(tmp_path: Path, name: str) -> None:
    text, where, what = REFUSED[name]
    (problem,) = refused(lambda: read_yaml(written(tmp_path, text)))
    assert what in problem.what and f", {where}" in problem.where and problem.fix
    assert len(str(problem)) < 400, "a message never repeats a document at length"


def test_all_keys_that_stand_twice_are_named_with_both_lines(tmp_path: Path) -> None:
    found = refused(lambda: read_yaml(written(tmp_path, "a: 1\nb: {c: 1, c: 2}\na: 3\n'a': 4\n")))
    assert [(one.what, one.where.split(", ", 1)[1]) for one in found] == [
        ("the key 'c' stands twice.", "line 2, column 11"),
        ("the key 'a' stands twice.", "line 3, column 1"),
        ("the key 'a' stands twice.", "line 4, column 1"),
    ]
    assert "line 1" in found[1].fix


def test_a_billion_laughs_stop_at_the_first_line(tmp_path: Path) -> None:
    lines = ["a0: &a0 [ha]", *(f"a{k}: &a{k} [{', '.join(f'*a{k - 1}' for _ in range(9))}]" for k in range(1, 10))]
    (problem,) = refused(lambda: read_yaml(written(tmp_path, "\n".join(lines))))
    assert "line 1" in problem.where


def test_a_document_over_256_kib_is_refused_without_reading_on(tmp_path: Path) -> None:
    (problem,) = refused(lambda: read_yaml(written(tmp_path, b"a: " + b"x" * DOCUMENT_LIMIT)))
    assert problem.what == "the document is larger than 256 KiB."


@pytest.mark.parametrize(
    ("raw", "what"), [("a: 1\n".encode("utf-16"), "UTF-16"), ("a: 1\nb: caf\xe9\n".encode("cp1252"), "byte 0xe9")]
)
def test_another_encoding_is_named(tmp_path: Path, raw: bytes, what: str) -> None:
    (problem,) = refused(lambda: read_yaml(written(tmp_path, raw)))
    assert what in problem.what and "UTF-8" in problem.fix


def test_the_byte_that_is_not_utf_8_is_placed(tmp_path: Path) -> None:
    (problem,) = refused(lambda: read_yaml(written(tmp_path, "a: 1\nb: caf\xe9\n".encode("cp1252"))))
    assert problem.where.endswith("line 2, column 7")


def test_a_byte_order_mark_and_windows_line_ends_make_no_difference(tmp_path: Path) -> None:
    plain = read_yaml(written(tmp_path, "a: 1\nb:\n  - x\n"))
    assert read_yaml(written(tmp_path, b"\xef\xbb\xbfa: 1\r\nb:\r\n  - x\r\n", "windows.yaml")).data == plain.data


def test_json_is_read_alike_tabs_and_all(tmp_path: Path) -> None:
    block = {"a": [1, 2.5, True, None, "no"], "b": {"c": 'ü/"x'}}
    assert read_yaml(written(tmp_path, json.dumps(block, indent="\t"), "document.json")).data == block


def test_a_folder_and_a_missing_file_are_named(tmp_path: Path) -> None:
    assert "not a file" in refused(lambda: read_yaml(tmp_path))[0].what
    assert "not there" in refused(lambda: read_yaml(tmp_path / "none.yaml"))[0].what


@given(st.one_of(st.binary(max_size=200), st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass"))))
@settings(max_examples=100, deadline=None)
def test_any_bytes_are_read_or_refused_never_a_crash(tmp_path_factory: pytest.TempPathFactory, raw: bytes) -> None:
    path = written(tmp_path_factory.getbasetemp(), raw, "any.yaml")
    try:
        read_yaml(path)
    except (ProtocolError, MachineError) as refusal:
        assert all(problem.what and problem.where for problem in refusal.problems)


PIECES = [
    "a",
    "b",
    ": ",
    "\n",
    "- ",
    "  ",
    "[",
    "]",
    "{",
    "}",
    ", ",
    "'",
    '"',
    "&x ",
    "*x",
    "!!set ",
    "| ",
    "> ",
    "# ",
    "? ",
    "---\n",
    "%YAML 1.1\n",
    "%TAG ! x\n",
    "\\U00110000",
    "\\x",
    "\t",
    "<<",
    "1e9",
    "...\n",
    "@",
    "`",
    "\u2028",
]


@given(st.lists(st.sampled_from(PIECES), max_size=25).map("".join))
@settings(max_examples=200, deadline=None)
def test_any_pieces_of_yaml_are_read_or_refused_never_a_crash(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    path = written(tmp_path_factory.getbasetemp(), text, "pieces.yaml")
    try:
        read_yaml(path)
    except ProtocolError as refusal:
        assert all(problem.what and problem.where for problem in refusal.problems)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers(-(10**9), 10**9) | st.text("abcXYZ 01:#-'\"é\\/", max_size=12),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abc", min_size=1, max_size=3), inner, max_size=3),
        max_leaves=8,
    )
)
@settings(max_examples=100, deadline=None)
def test_json_round_trips(tmp_path_factory: pytest.TempPathFactory, block: object) -> None:
    path = written(tmp_path_factory.getbasetemp(), json.dumps(block), "round.json")
    assert read_yaml(path).data == block
