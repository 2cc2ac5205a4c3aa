"""Ask the suites themselves: `python -m chronicle.check FOLDER`."""

import sys

from chronicle.check.asked import read_all
from chronicle.check.idle import idle
from chronicle.check.stage import JUDGED
from chronicle.core.expect import lint


def main(words: list[str]) -> int:
    """Say what is wrong with the suites of a folder; return the exit code."""
    return lint.main(words, lambda folder: read_all(folder, JUDGED), idle)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
