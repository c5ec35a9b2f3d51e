"""`python -m evaluation` is `pilot`."""

from evaluation.cli.main import entry

if __name__ == "__main__":
    entry()
