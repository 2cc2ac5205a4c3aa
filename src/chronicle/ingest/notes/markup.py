"""HTML and CDA into plain text: only what a reader would see, and nothing is run.

Not Python's own parser: up to 3.13 an open comment costs it the square of the text, and
anybody may send one. What stands here goes forward only. It knows no entity that a
document declares, and opens no address.
"""

import html
import re
from collections.abc import Iterator

LINE = frozenset(
    ["address", "article", "blockquote", "br", "caption", "dd", "div", "dl", "dt",
     "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li",
     "list", "item", "ol", "p", "paragraph", "pre", "section", "table", "tbody",
     "text", "thead", "title", "tr", "ul"]
)  # fmt: skip
CELL = frozenset({"td", "th"})
ITEM = frozenset({"li", "item"})
UNSEEN = frozenset(
    ["script", "style", "head", "template", "noscript", "svg", "object", "iframe"]
)  # fmt: skip
# Of a CDA document, the narrative: who and where is in the rest, and codes are.
NARRATIVE = frozenset({"text", "title"})
DOCUMENT = "clinicaldocument"

_TAG = re.compile(r"<(/?)(?:[\w.-]{1,32}:)?([A-Za-z][A-Za-z0-9]{0,31})")
_REFERENCE = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z]{2,10}\d{0,2});?")
Piece = tuple[str, str]


def unmarked(text: str) -> str:
    r"""Return what a document in HTML or XML shows.

    >>> unmarked("<p>No <b>chest pain</b>.<script>alert('EF 20%')</script><li>SOB")
    '\nNo chest pain.\n- SOB'
    """
    shown: list[str] = []
    narrative: int | None = None
    for kind, told in _pieces(text):
        if kind == "text":
            if narrative != 0:
                shown.append(told)
        elif told == DOCUMENT:
            narrative = 0
        else:
            if narrative is not None and told in NARRATIVE:
                narrative = max(0, narrative + (1 if kind == "start" else -1))
            shown.append(_drawn(kind, told))
    return _REFERENCE.sub(lambda each: html.unescape(each[0]), "".join(shown))


def _drawn(kind: str, tag: str) -> str:
    if tag in CELL:
        return "\t" if kind == "start" else ""
    if tag in ITEM:
        return "\n- " if kind == "start" else ""
    return "\n" if tag in LINE else ""


def _pieces(text: str) -> Iterator[Piece]:
    """Give ("text", words), ("start", tag) and ("end", tag), from left to right."""
    at, never_closed = 0, set[str]()
    while at < len(text):
        opens = text.find("<", at)
        if opens < 0:
            yield "text", text[at:]
            return
        yield "text", text[at:opens]
        tag = _TAG.match(text, opens)
        if tag is not None:
            name = tag[2].lower()
            at = _after(text, tag.end(), ">")
            if name in UNSEEN and not tag[1] and name not in never_closed:
                closed = re.compile(f"</{name}", re.IGNORECASE).search(text, at)
                at = at if closed is None else closed.start()
                never_closed |= {name} if closed is None else set()
            yield ("end" if tag[1] else "start"), name
        elif text.startswith("<![CDATA[", opens):
            at = _after(text, opens, "]]>")
            yield "text", text[opens + 9 : at].removesuffix("]]>")
        elif text.startswith(("<!", "<?"), opens):
            at = _after_declaration(text, opens)
        else:  # a sign, as in "BP < 130"
            at = opens + 1
            yield "text", "<"


def _after_declaration(text: str, at: int) -> int:
    if text.startswith("<!--", at):
        return _after(text, at, "-->")
    end = _after(text, at, ">")
    # "<!DOCTYPE x [<!ENTITY y "...">]>" holds declarations, which are not followed.
    return _after(text, end, "]>") if "[" in text[at:end] else end


def _after(text: str, at: int, sign: str) -> int:
    """Return where the text goes on behind a sign; its end, where there is none."""
    found = text.find(sign, at)
    return len(text) if found < 0 else found + len(sign)
