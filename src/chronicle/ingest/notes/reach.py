"""ConText: which of a sentence's concepts the words around them change.

Source:
    Harkema H et al. ConText: an algorithm for determining negation, experiencer, and
    temporal status from clinical reports. J Biomed Inform 2009;42:839-851.
"""

from bisect import bisect_left
from collections.abc import Sequence

from chronicle.ingest.notes.matcher import Found, Words
from chronicle.ingest.notes.status import Group, Sign, signs

Span = tuple[int, int]
# A colon is a border for these; what a header says goes on behind it.
STOPPED_BY_COLON = {"negated", "uncertain", "hypothetical"}
HIDDEN = "\0"
SIGNS = ("(-)", "(+)")


def reached(said: Words, spans: Sequence[Span]) -> tuple[list[set[str]], set[str]]:
    """Return the statuses of each concept, and those still open at the end.

    Args:
        said: The sentence's words.
        spans: Words [first, last) of each concept, from left to right.

    Returns:
        A set of statuses for each span; and what an introduction ("Denies:") says of
        the list that follows.
    """
    found = _meant(signs().find(_masked(said, spans)), said, spans)
    last = len(said.folded) - 1  # the mark of the end
    colons = [i for i, each in enumerate(said.folded[: last - 1]) if each == ":"]
    told: list[set[str]] = [set() for _ in spans]
    opened = _ahead(found, spans, colons, told, _shut(said.folded))
    _back(found, spans, colons, told)
    return told, opened


def _meant(
    found: list[Found[Sign]], said: Words, spans: Sequence[Span]
) -> list[Found[Sign]]:
    """Leave out the groups that hold only where signs stand otherwise than here."""
    if SIGNS[0] not in said.folded or not spans:
        return found
    first = min(said.folded.index(sign) for sign in SIGNS if sign in said.folded)
    leads = first < spans[0][0]
    return [
        each._replace(
            told=each.told._replace(
                groups=tuple(
                    group
                    for group in each.told.groups
                    if group.signs_lead in (None, leads)
                )
            )
        )
        for each in found
    ]


def _shut(said: Sequence[str]) -> list[int]:
    """Return for each word where the bracket around it is shut, or else the end.

    "(no slides were sent) hairy cell leukemia": what is said in brackets stays there.
    """
    last = len(said) - 1
    shut, open_at = [last] * len(said), list[int]()
    if ")" not in said:
        return shut
    for at, word in enumerate(said):
        if word == "(":
            open_at.append(at)
        elif word == ")" and open_at:
            first = open_at.pop()
            shut[first:at] = [min(at, each) for each in shut[first:at]]
    return shut


def _masked(said: Words, spans: Sequence[Span]) -> Words:
    """Hide the concepts' own words: "chronic kidney disease" says nothing of time."""
    told = list(said.folded)
    for first, last in spans:
        told[first:last] = [HIDDEN] * (last - first)
    return said._replace(folded=told)


def _ahead(
    found: list[Found[Sign]],
    spans: Sequence[Span],
    colons: list[int],
    told: list[set[str]],
    shut: list[int],
) -> set[str]:
    last = len(shut) - 1
    starts = [span[0] for span in spans]
    over: dict[str, int] = {}
    opened: set[str] = set()
    for sign in reversed(found):
        for group in sign.told.groups:
            if group.looks != "ahead":
                continue
            limit = over.get(group.says, last)
            if limit == last:
                opened.add(group.says)
            if group.says in STOPPED_BY_COLON:
                limit = min(limit, _next(colons, sign.last, last))
            limit = min(limit, sign.last + group.reach + 1, shut[sign.first])
            _mark(group, told, starts, sign.last, limit)
        over.update(dict.fromkeys(sign.told.ends, sign.first))
    return opened


def _next(colons: list[int], after: int, last: int) -> int:
    """Return the next colon; one that stands right behind the sign is no border."""
    at = bisect_left(colons, after + 1)
    return colons[at] if at < len(colons) else last


def _mark(
    group: Group, told: list[set[str]], starts: list[int], first: int, limit: int
) -> None:
    for each in range(bisect_left(starts, first), bisect_left(starts, limit)):
        told[each].add(group.says)
        if group.nearest:
            return


def _back(
    found: list[Found[Sign]],
    spans: Sequence[Span],
    colons: list[int],
    told: list[set[str]],
) -> None:
    ends = [span[1] for span in spans]
    over: dict[str, int] = {}
    for sign in found:
        for group in sign.told.groups:
            if group.looks != "back":
                continue
            limit = max(over.get(group.says, 0), sign.first - group.reach)
            stop = bisect_left(ends, sign.first + 1)
            for each in reversed(range(bisect_left(ends, limit), stop)):
                if _divided(colons, ends[each], sign.first):
                    break
                told[each].add(group.says)
                if group.nearest:
                    break
        over.update(dict.fromkeys(sign.told.ends, sign.last))


def _divided(colons: list[int], first: int, last: int) -> bool:
    """Whether a colon stands between; one right behind the concept is none."""
    at = bisect_left(colons, first + 1)
    return at < len(colons) and colons[at] < last
