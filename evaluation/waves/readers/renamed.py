"""What a file under a workbook's name is, when it is none: web pages write text with tabs, or a table of HTML, and call it .xls.

Such a file is refused, because nothing is read in another way than its name or a mapping says; the refusal tells how to read it.
"""

import codecs

_MARKUP = (b"<html", b"<!doctype html", b"<table", b"<meta", b"<head", b"<body", b"<style")
_SHEET_XML = b"urn:schemas-microsoft-com:office:spreadsheet"
_ARCHIVE = b"mime-version:"
_TEXT = {"\t": ("tabs", ".tsv", '{format: csv, delimiter: "\\t"}'), ";": ("semicolons", ".csv", '{format: csv, delimiter: ";"}'),
         ",": ("commas", ".csv", "{format: csv}"), "|": ("bars", ".csv", '{format: csv, delimiter: "|"}')}  # fmt: skip
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_SAVE = "open it in a spreadsheet program and save it as .xlsx, or export CSV; renaming a file does not change what it is."


def no_workbook(head: bytes) -> tuple[str, str] | None:
    """What a file is that begins with `head` and is called a workbook, and how to load it; None where that cannot be told."""
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if _SHEET_XML in start:
        return "a workbook written as XML (Excel 2003), which no reader knows", _SAVE
    if start.startswith(_ARCHIVE):
        return "a web page saved with its parts (MHTML)", _SAVE
    if start.startswith(_MARKUP):
        return "a web page (HTML)", _SAVE
    if start.startswith(b"<"):
        return None
    return _parted(_as_text(head))


def _parted(text: str) -> tuple[str, str] | None:
    """Text by what parts its first line that is not blank."""
    if not text or "\0" in text:
        return None
    line = next((line for line in text.splitlines() if line.strip()), "")
    mark = max(_TEXT, key=line.count)
    if not line.count(mark):
        return None
    words, ending, block = _TEXT[mark]
    return f"text parted by {words}", f"give it the ending {ending}, and it is read as text; or say 'file: {block}' in a mapping."


def _as_text(head: bytes) -> str:
    """The beginning of a file as text, whatever its letters beyond ASCII; '' where it is none."""
    if head.startswith(_UTF16):
        return head.decode("utf-16", "ignore")
    return head.decode("latin-1")
