"""docs/formats.md, made from the readers and from the table of files that the tests run: `python -m tests.waves.formats_page`."""

from collections.abc import Iterator

from evaluation.protocol.mapping import FileForm
from evaluation.waves.checks.mapping_text import value_flow
from evaluation.waves.readers import READERS
from evaluation.waves.readers.excel import ENTRY_LIMIT, RATIO_LIMIT
from evaluation.waves.readers.header import COLUMN_LIMIT
from evaluation.waves.readers.limits import CELL_LIMIT, UNPACKED_LIMIT
from evaluation.waves.readers.opening import DEFINITIONS, FILE_LIMIT
from evaluation.waves.readers.text import LINE_LIMIT
from evaluation.waves.readers.workbook_extent import SHEET_LIMIT
from tests.conftest import REPOSITORY
from tests.waves.format_files import FILES, FOLDERS, FormatFile

PAGE = "docs/formats.md"
READS = {
    "csv": ("Text parted by commas, semicolons, tabs or bars, also packed as .gz", "delimiter and byte-order mark are found, and a first line `sep=;` is taken at its word; another encoding than UTF-8 is declared"),
    "excel": ("Excel and OpenDocument workbooks, old and new", "one sheet, named where several hold cells; numbers, days and codes as typed; cells with errors and answers under merged cells refused by address; formulas that were never worked out too, except in .xls and .xlsb, where nothing tells them from blanks; rows and columns that an .xlsx or .xlsm hides are read like the others, and noted"),
    "spss": ("SPSS .sav, .zsav and .por", "variable labels, value labels, days; user-missing values are no answers and no groups, counted in the receipt; labels that contradict the instrument's, the register's, the protocol's or a mapping's are refused, and answers in other words noted; of a .por no missing values, because its reader does not give them"),
    "stata": ("Stata .dta", "variable labels, value labels, days; .a to .z are no answers and no groups, counted in the receipt; labels that contradict are refused as those of SPSS"),
    "parquet": ("Parquet, from this machine", "plain cells; page checksums are checked, and the receipt says where there are none"),
    "qualtrics": ("Qualtrics CSV, TSV or workbook", "names, questions as labels; three header rows, or `header_rows: 2` for a legacy export; rows that its Status marks as previews, tests or spam are set aside and counted by a load"),
    "limesurvey": ("LimeSurvey CSV or workbook", "`headers: code`, `code and text` or `text`; a box left blank beside a ticked one, or beside an answer under 'other', reads N"),
    "redcap": ("REDCap CSV or workbook", "events, repeating instruments, boxes as `item___code`; boxes of a form that nobody began are blank; a question named like a form's state ends none, and the receipt says so; rows of a repeated instrument without any answer are set aside and counted by a load"),
}  # fmt: skip
DECLARED = (
    ("SurveyMonkey, all responses as CSV or workbook", "{format: csv, header_rows: 2}", "questions in the first row, options in the second; names are 'question - option'"),
    ("Microsoft Forms, workbook", "{format: excel, boxes: {Which ones?: {parted_by: \";\", options: [Email, Phone]}}}", "answers with several options share a cell; each declared option becomes a column, 1 or 0, called 'question [option]', 'Which ones? [Email]'; `others: pass over` leaves out what people wrote themselves, `others: come last` all behind it too; an option that may be a word of such text is refused"),
    ("Jisc Online Surveys, CSV", "{format: csv, dates: day first}", "questions under their numbers, which do not count when wordings are compared"),
    ("a table under titles, its header over several rows", "{format: excel, sheet: Results, header_row: 4, header_rows: 2}", "texts are joined from top to bottom, 'Theme scores - My work'"),
    ("columns without a header", "{format: excel, header_row: 4, unnamed: by letter}", "they are called after their letter, 'column B'"),
    ("a code that says that a question was not asked", "{format: csv, copies: {q5 asked: q5}}", "the cells a second time: `q5` with the code under `missing_codes`, `q5 asked` as the item that `asked_if` names, with codes {-1: 2, 1: 1, ...}"),
    ("published percentages of organisations", "{format: csv, percent: sign, means: {kept word: {options: {Agree: 1, Disagree: 0}}}}", "'67%' is 67; a column 'kept word' holds the mean; for `level: organisation`, with `base` the people behind a row; beside the options, `suppressed: ['*']` says what stands where nothing is published; a fraction of 1 beside cells with % is refused"),
    ("published percentages with the number who answered", "{format: csv, percent: sign, means: {kept word: {options: {Agree: 1, Disagree: 0}, base: n}}}", "a row for every option, the code under 'kept word', the people who chose it under `people`; for `level: option`, with `base: {column: people}`"),
    ("percentages that a spreadsheet keeps as fractions", "{format: excel, fractions: [Engagement index]}", "0.67 is 67 in these columns; without it, cells that an .xlsx or .ods shows as percentages are refused on a scale beyond 1"),
    ("what REDCap asks in a record's first event only", "{format: redcap, same_for: {record_id: [trust, staff_group]}}", "a blank cell is read as the record's other rows have it, where these agree; the receipt counts them"),
    ("subtotals, footnotes, forms of no interest", "{format: excel, leave_out: {Team: [Total, Note]}}", "rows that hold one of the values are not read; the receipt counts them"),
)  # fmt: skip
LIMITS = (
    ("size of a file, packed or not", f"{FILE_LIMIT / 1024**3:g} GiB"),
    ("one line of text", f"{LINE_LIMIT / 1024**2:g} MiB"),
    ("columns", f"{COLUMN_LIMIT:,}"),
    ("cells of an SPSS, Stata or Parquet file, as it says of itself", f"{CELL_LIMIT:,}"),
    ("bytes to which a workbook, .zsav or Parquet file says it unpacks", f"{UNPACKED_LIMIT / 1024**3:g} GiB"),
    ("a workbook's unpacked size over its size; its parts", f"{RATIO_LIMIT}; {ENTRY_LIMIT:,}"),
    ("places between the first and the last cell of a sheet, counted from where cells say they are", f"{SHEET_LIMIT:,}"),
)
REASONS = {
    "no-answers": "a survey's definition: it holds questions and no answers",
    "unknown-format": "a survey's definition in XML: no reader has its ending",
}


def page() -> str:
    """The whole page as Markdown."""
    return "\n".join([*_beginning(), *_formats(), *_blocks(), *_limits(), *_files(), ""])


def _beginning() -> Iterator[str]:
    yield "# Formats: what files are read, and how a mapping says how they are written"
    yield ""
    yield "`pilot wave map STUDY FILE` drafts a mapping. Its `file:` block says how the file is written down, with a comment on what in the"
    yield "file speaks for that; a person reviews it, and nothing is read in another way than the block says. This page is made by"
    yield "`python -m tests.waves.formats_page` from the readers and from the table that `tests/waves/test_format_files.py` runs."
    yield ""


def _formats() -> Iterator[str]:
    yield "## Formats"
    yield ""
    yield "| `format` | files | endings | what is kept |"
    yield "|---|---|---|---|"
    for name in READERS:
        files, kept = READS[name]
        endings = " ".join(READERS[name].suffixes) or "declared in a mapping"
        yield f"| `{name}` | {files} | {endings} | {kept} |"
    yield ""
    yield f"Refused as definitions, which hold no answers: {', '.join(f'{ending} ({what})' for ending, what in DEFINITIONS.items())}."
    yield "What a file is shows in its first bytes; a renamed one is refused by what it is, and text or a web page called .xls with what to do"
    yield "about it. Nothing is unpickled, fetched or run."
    yield ""


def _blocks() -> Iterator[str]:
    yield "## By declaration"
    yield ""
    yield "| export | `file:` block | what happens |"
    yield "|---|---|---|"
    yield from (f"| {export} | `{block}` | {happens} |" for export, block, happens in DECLARED)
    yield ""
    yield f"Keys of the block: {', '.join(f'`{key}`' for key in FileForm.model_fields)}; `data_schemas/README.md` lists their types."
    yield ""
    yield "`decimal` and `thousands` say how numbers stand in text; a cell that the file holds as a number, in a workbook, SPSS, Stata or"
    yield "Parquet, is that number. That a number is shown as a percentage is told by .xlsx and .ods, not by .xls and .xlsb; answers that all lie"
    yield "between 0 and 1 on a scale of 0 to 100 are noted whatever the format."
    yield ""
    yield "Days that begin with the year are read as they are ('2026/01/05 3:04:05 PM GMT'), and so are those whose month has its English"
    yield "name ('5 January 2026', 'Jan 5, 2026', '05-Jan-26'). Where no `dates` is declared, days such as '13/05/2026' are read in the one"
    yield "order that makes days of a whole column, and the receipt says what showed it; a column that fits several orders, or holds days in"
    yield "two, is refused with what its first day could mean. So is one beside days that begin with the year or name their month, into which"
    yield "a spreadsheet may have turned those that it could."
    yield ""
    yield "Rows of people who stopped half way are read like others: blank cells are no answers, a measure's `at_least` says of how many items"
    yield "it may be made, and everybody with a row counts as having answered. To count complete rows only, leave the others out in every wave"
    yield "alike (`leave_out: {Status: [Partial]}`), and say so in the protocol before answers are seen; or keep what the status says as a group."
    yield ""
    yield "What no file can tell: a REDCap or LimeSurvey question with no box ticked may mean none, or no answer (REDCap: 0 is kept where the"
    yield "form was begun; LimeSurvey: all boxes stay blank). Qualtrics' recode values mean what the survey says, not the file: compare them"
    yield "with the questionnaire before reviewing. A published table gives one number an organisation (with the base of every option also how"
    yield "its people spread over one question): no groups, no linked people, no two items of one person; suppressed cells stay blank. What can be"
    yield "made of one stands on the page [published surveys](published-surveys.md). A Parquet file checks its pages, never its own description."
    yield ""


def _limits() -> Iterator[str]:
    yield "## Limits"
    yield ""
    yield "Checked before cells are read."
    yield ""
    yield "| of | at most |"
    yield "|---|---|"
    yield from (f"| {of} | {most} |" for of, most in LIMITS)
    yield ""


def _files() -> Iterator[str]:
    loaded = sum(not file.refused for file in FILES)
    yield "## Real files"
    yield ""
    yield f"{loaded} of {len(FILES)} files load. They are not part of this repository; the tests skip where they are absent."
    yield ""
    for folder, what in FOLDERS.items():
        yield f"**`{folder}`**: {what}."
        yield ""
        yield "| file | `file:` block | rows | columns | filled cells | labels | value labels |"
        yield "|---|---|---|---|---|---|---|"
        yield from (_row(file) for file in FILES if file.folder == folder)
        yield ""


def _row(file: FormatFile) -> str:
    if file.refused:
        return f"| {file.name} | refused, `{file.refused}`: {REASONS[file.refused]} | | | | | |"
    block = value_flow(file.form)
    counts = " | ".join(f"{count:,}" for count in (file.rows, file.columns, file.cells, file.labels, file.value_labels))
    return f"| {file.name} | `{block}` | {counts} |"


if __name__ == "__main__":
    (REPOSITORY / PAGE).write_text(page(), encoding="utf-8", newline="\n")
