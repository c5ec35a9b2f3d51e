"""The export of a survey platform lies in a text file or in a workbook: the same header, read by one style from either."""

from evaluation.protocol.mapping import FileForm
from evaluation.waves.readers.csv import read_delimited
from evaluation.waves.readers.excel import read_workbook
from evaluation.waves.readers.header import Style
from evaluation.waves.readers.table import Content, Table

SIGNATURES = ("text", "zip", "ole")
_WORKBOOK = (b"PK", b"\xd0\xcf")


def read_survey(content: Content, form: FileForm, style: Style, deep: int = 1) -> Table:
    """Cells of a platform's export whose header is `deep` rows, named by `style`.

    Raises:
        WaveError: as the reader of text or of workbooks.
    """
    read = read_workbook if content.head().startswith(_WORKBOOK) else read_delimited
    return read(content, form, style, deep)
