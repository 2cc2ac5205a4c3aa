"""Ask the suites themselves: `python -m chronicle.audit FOLDER`."""

import sys

from chronicle.audit.asked import idle, read_all
from chronicle.audit.stage import JUDGED
from chronicle.core.expect import lint


def main(words: list[str]) -> int:
    """Say what is wrong with the suites of a folder; return the exit code."""
    return lint.main(words, lambda folder: read_all(folder, JUDGED), idle)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
