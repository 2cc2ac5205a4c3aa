"""The short way in which the vocabulary writes phrases, and what it stands for.

`(a|b)` is one of them, `[a]` may be left out, `<kin>` is a list named under `words`,
`#` any number and `####` a year; a sign that has a meaning here stands between single
quotes. Case, hyphens and full stops do not count.
"""

import re
from collections.abc import Mapping
from functools import lru_cache

MOST = 20_000
"""So many phrases may one pattern stand for: more is a slip of the pen."""

_PARTS = re.compile(r"<\w+>|[()\[\]|]|[^\s()\[\]|<>]+")
_CLOSES = {"(": ")", "[": "]"}
# A box and a sign in brackets are words of their own: "[x] cancer", "cough (-)".
TOKEN = re.compile(
    r"\([ ]?[-+][ ]?\)|\[[ xX]?\]|[^\W_]+(?:['’][a-z]{1,2}\b)?|[^\w\s.\-–—]"  # noqa: RUF001
)
Phrase = tuple[str, ...]


@lru_cache(maxsize=1 << 16)
def folded(token: str) -> str:
    """Return a token as phrases are compared: lower case, without possessive 's.

    >>> folded("Alzheimer's"), folded("[X]"), folded("( -)")
    ('alzheimer', '[x]', '(-)')
    """
    lower = token.lower().replace("’", "'")  # noqa: RUF001
    if lower[0] in "([":
        return "[]" if lower == "[ ]" else lower.replace(" ", "")
    return lower.removesuffix("'s")


def expanded(pattern: str, words: Mapping[str, str]) -> list[Phrase]:
    """Return every phrase that a pattern stands for.

    Raises:
        ValueError: A bracket is open, a name unknown, a phrase empty, or there are more
            than `MOST`.

    >>> expanded("[old] (mi|heart attack)", {})
    [('mi',), ('heart', 'attack'), ('old', 'mi'), ('old', 'heart', 'attack')]
    """
    parts = _bare(pattern, words)
    found, rest = _choices(parts, 0, "")
    if rest != len(parts):
        raise ValueError(f"'{pattern}': a bracket is not open")
    if not all(found):
        raise ValueError(f"'{pattern}': it may stand for nothing at all")
    return list(dict.fromkeys(found))


def _bare(pattern: str, words: Mapping[str, str]) -> list[str]:
    """Cut a pattern into words and brackets; boxes and signs are quoted by quotes."""
    parts: list[str] = []
    for piece in re.split(r"((?<!\w)'[^'\w]+[xX]?[^'\w]*'(?!\w))", pattern):
        if piece.startswith("'"):
            parts.append(piece)
            continue
        for each in _PARTS.findall(piece):
            if each.startswith("<"):
                if each[1:-1] not in words:
                    raise ValueError(f"'{pattern}': no list is called {each}")
                parts += ["(", *_bare(words[each[1:-1]], {}), ")"]
            else:
                parts.append(each)
    return parts


def _choices(parts: list[str], at: int, until: str) -> tuple[list[Phrase], int]:
    """Read alternatives up to the bracket that closes them."""
    done: list[Phrase] = []
    now: list[Phrase] = [()]
    while at < len(parts) and parts[at] != until:
        part, at = parts[at], at + 1
        if part == "|":
            done, now = done + now, [()]
            continue
        if part in _CLOSES:
            inner, at = _choices(parts, at, _CLOSES[part])
            at += 1
            inner = [(), *inner] if part == "[" else inner
        elif part in ")]":
            return done + now, at - 1
        else:
            inner = [_word(part)]
        now = [left + right for left in now for right in inner]
        if len(now) + len(done) > MOST:
            raise ValueError(f"a pattern stands for more than {MOST} phrases")
    if until and at >= len(parts):
        raise ValueError(f"'{until}' is missing")
    return done + now, at


def _word(part: str) -> Phrase:
    if part in ("$", "#", "####"):
        return (part,)
    return tuple(folded(each) for each in TOKEN.findall(part.strip("'")))
