"""Text that a spreadsheet opens as text: never as a formula, a command or a link.

What begins like a formula is put behind an apostrophe (OWASP, "CSV Injection"); numbers stay numbers. Every file that leaves the
program for a spreadsheet passes here.
"""

DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "\0")
Value = str | float | int | bool | None


def neutral(value: Value) -> Value:
    """A value that cannot start a formula; numbers stay numbers."""
    return f"'{value}" if isinstance(value, str) and value.startswith(DANGEROUS) else value
