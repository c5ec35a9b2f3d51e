"""A whole study's documents from a data file or from a filled workbook, so that nobody has to write YAML by hand."""

from evaluation.draft_study.draft import DraftReceipt, draft_study
from evaluation.draft_study.workbook import write_workbook

__all__ = ["DraftReceipt", "draft_study", "write_workbook"]
