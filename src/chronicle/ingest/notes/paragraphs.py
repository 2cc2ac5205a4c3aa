"""Where a note's paragraphs stand, so that one copied from an earlier note is known."""

from functools import lru_cache

Span = tuple[int, int]


@lru_cache(2)  # of a note, several ask
def paragraphs(text: str) -> tuple[Span, ...]:
    r"""Return the (start, end) of each paragraph: what stands between empty lines.

    >>> paragraphs("One.\nStill one.\n\n Two.\n")
    ((0, 15), (18, 22))
    """
    found: list[Span] = []
    at, goes_on = 0, False
    for line in text.split("\n"):
        bare = line.strip()
        if bare:
            start = at + line.index(bare)
            end = start + len(bare)
            if goes_on:
                found[-1] = (found[-1][0], end)
            else:
                found.append((start, end))
        goes_on = bool(bare)
        at += len(line) + 1
    return tuple(found)
