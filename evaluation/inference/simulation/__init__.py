"""Studies that never happened: drawn at the exact shape of one that may, and judged by every method of the panel."""
