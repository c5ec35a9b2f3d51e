"""Cells of a file, checked: canonical rows, or one refusal that lists everything wrong with them. Nothing is written."""
