"""Where a note's paragraphs stand, so that one copied from an earlier note is known."""

import re

_PARAGRAPH = re.compile(r"\S(?:.|\n(?![ \t\r\f\v]*(?:\n|\Z)))*")


def paragraphs(text: str) -> list[tuple[int, int]]:
    r"""Return the (start, end) of each paragraph: what stands between empty lines.

    >>> paragraphs("One.\nStill one.\n\n Two.")
    [(0, 15), (18, 22)]
    """
    found = []
    for each in _PARAGRAPH.finditer(text):
        found.append((each.start(), each.start() + len(each.group().rstrip())))
    return found
