"""Patterns as machines that the gate runs, byte by byte, while it reads a text.

A machine is made by Brzozowski's derivatives: what a pattern still asks after a byte is
a pattern again, and there are few of those.

Source: Owens, Reppy, Turon, Regular-expression derivatives re-examined, JFP 19 (2009).
"""

import re
from functools import cache
from re import _constants as op  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any, TypedDict

BYTES = range(256)
Pattern = tuple[Any, ...]
"""`("in", bytes)`, `("then", a, b)`, `("or", some)`, `("times", a, least, most)`."""
NOTHING: Pattern = ("or", frozenset())  # no text is of it
EMPTY: Pattern = ("times", NOTHING, 0, 0)


class Form(TypedDict):
    """A machine: its states are rows of `next`, 0 has failed, 1 is where it starts."""

    classes: list[int]  # by byte
    next: list[list[int]]  # by state, by class
    accepted: list[int]  # 1 where a text may end, by state


def form(pattern: str) -> Form:
    """Return the machine of an ASCII pattern, which a text has to match as a whole.

    Possessive or greedy is one here: all ways through a pattern are gone at once.
    """
    start = _read(parser.parse(pattern, re.ASCII))
    classes = _classes(start)
    shown = [classes.index(each) for each in range(max(classes) + 1)]
    states: dict[Pattern, int] = {NOTHING: 0, start: 1}
    rows: list[list[int]] = []
    for state in (waiting := [NOTHING, start]):
        row = [_after(state, byte) for byte in shown]
        for each in row:
            if each not in states:
                states[each] = len(states)
                waiting.append(each)
        rows.append([states[each] for each in row])
    return Form(
        classes=classes, next=rows, accepted=[int(_ends(each)) for each in states]
    )


def _read(parsed: Any) -> Pattern:
    found = EMPTY
    for what, told in reversed(list(parsed)):
        found = _then(_one(what, told), found)
    return found


def _one(what: Any, told: Any) -> Pattern:
    if what in (op.LITERAL, op.IN):
        return ("in", _bytes([(what, told)] if what is op.LITERAL else told))
    if what is op.SUBPATTERN:
        return _read(told[-1])
    if what is op.BRANCH:
        return _or(*map(_read, told[1]))
    if what in (op.MAX_REPEAT, op.POSSESSIVE_REPEAT):
        least, most, inside = told
        most = None if most is op.MAXREPEAT else most
        return _times(_read(inside), least, most)
    raise ValueError(f"a pattern of the gate cannot have {what}")


def _bytes(told: Any) -> frozenset[int]:
    found: set[int] = set()
    for what, each in told:
        if what is op.RANGE:
            found.update(range(each[0], each[1] + 1))
        elif what is op.LITERAL:
            found.add(each)
        else:
            raise ValueError(f"a class of the gate cannot have {what}")
    return frozenset(found)


def _then(first: Pattern, then: Pattern) -> Pattern:
    if NOTHING in (first, then):
        return NOTHING
    if EMPTY in (first, then):
        return then if first == EMPTY else first
    if first[0] == "then":  # always to the right, so that equal ones look alike
        return ("then", first[1], _then(first[2], then))
    return ("then", first, then)


def _or(*some: Pattern) -> Pattern:
    flat: set[Pattern] = set()
    for each in some:
        flat |= each[1] if each[0] == "or" else {each}
    return flat.pop() if len(flat) == 1 else ("or", frozenset(flat))


def _times(inside: Pattern, least: int, most: int | None) -> Pattern:
    if most == 0:
        return EMPTY
    return inside if (least, most) == (1, 1) else ("times", inside, least, most)


@cache
def _ends(pattern: Pattern) -> bool:
    """Tell whether a pattern takes the empty text."""
    if pattern[0] == "then":
        return _ends(pattern[1]) and _ends(pattern[2])
    if pattern[0] == "or":
        return any(map(_ends, pattern[1]))
    return pattern[0] == "times" and (pattern[2] == 0 or _ends(pattern[1]))


@cache
def _after(pattern: Pattern, byte: int) -> Pattern:
    """Return what a pattern asks after a byte."""
    if pattern[0] == "in":
        return EMPTY if byte in pattern[1] else NOTHING
    if pattern[0] == "or":
        return _or(*(_after(each, byte) for each in pattern[1]))
    if pattern[0] == "then":
        _, first, then = pattern
        found = _then(_after(first, byte), then)
        return _or(found, _after(then, byte)) if _ends(first) else found
    _, inside, least, most = pattern
    fewer = _times(inside, max(least - 1, 0), None if most is None else most - 1)
    return NOTHING if most == 0 else _then(_after(inside, byte), fewer)


def _classes(pattern: Pattern) -> list[int]:
    """Return the class of each byte: those of one are alike to the pattern."""
    sets = list(_sets(pattern))
    told = [tuple(byte in each for each in sets) for byte in BYTES]
    numbers = {each: number for number, each in enumerate(dict.fromkeys(told))}
    return [numbers[each] for each in told]


def _sets(pattern: Pattern) -> set[frozenset[int]]:
    if pattern[0] == "in":
        return {pattern[1]}
    inside = pattern[1] if pattern[0] == "or" else pattern[1:]
    found: set[frozenset[int]] = set()
    for each in inside:
        if isinstance(each, tuple):
            found |= _sets(each)
    return found
