"""Stata data files: codes as text, with the variable labels, value labels and extended missing values that the file carries."""

from evaluation.protocol.mapping import FileForm
from evaluation.waves.readers.labelled import Package, read_labelled
from evaluation.waves.readers.table import READERS, Content, Reader, Table

STATA = Package("Stata", "dta", "save it again in Stata, or export CSV.")


def read_stata(content: Content, form: FileForm) -> Table:
    """Cells of a .dta file: system missing is blank, `.a` to `.z` stay as such.

    Raises:
        WaveError: the file is damaged, too large or in another encoding, or its header cannot be used.
    """
    return read_labelled(content.whole(), content, form, STATA)


READERS.register("stata")(Reader(read_stata, (".dta",), ("stata",)))
