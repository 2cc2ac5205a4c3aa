"""DocumentReference: a visit's note, as plain text, HTML or RTF in base64."""

from base64 import b64encode
from collections.abc import Callable
from html import escape

from chronicle.simulate.sites import catalog, concept, phrase
from chronicle.simulate.sites.phrase import Text
from chronicle.simulate.sites.writer import Item, Resource, Writer

TYPE = concept.single(concept.LOINC, "11506-3", "Progress note")


def html(text: str) -> str:
    """Return a text as a page, whose lines break where those of the text do."""
    lines = escape(text).replace("\n", "<br>")
    return f'<html><body style="font:11pt Arial"><b>{lines}</b></body></html>'


def rtf(text: str) -> str:
    """Return a text in Rich Text Format, version 1."""
    plain = "".join(f"\\{each}" if each in "\\{}" else _rtf(each) for each in text)
    return f"{{\\rtf1\\ansi\\deff0{{\\fonttbl{{\\f0 Arial;}}}}\n{plain}}}"


def _rtf(sign: str) -> str:
    if sign == "\n":
        return "\\par\n"
    return sign if sign.isascii() else f"\\u{ord(sign)}?"


# How each form is called, and made of a text.
FORMS: dict[str, tuple[str, Callable[[str], str]]] = {
    "plain": ("text/plain; charset=utf-8", str),
    "html": ("text/html; charset=utf-8", html),
    "rtf": ("application/rtf", rtf),
}


def notes(writer: Writer) -> list[Item]:
    """Return a note for a share of the visits, each with what it mentions."""
    found: list[Item] = []
    previous: Text | None = None
    for visit in range(len(writer.record.visits)):
        if writer.chance.share("note", visit) >= catalog.notes().share:
            continue
        fresh = phrase.text(writer, visit)
        copied = writer.chance.share("copied", visit) < catalog.notes().copied_share
        written = phrase.copied(fresh, previous) if previous and copied else fresh
        found.append(_document(writer, visit, written))
        # Only the fresh part is dragged along, or notes would grow without end.
        previous = fresh
    return found


def _document(writer: Writer, visit: int, text: Text) -> Item:
    at = writer.record.visits[visit].end
    kind, words = FORMS[writer.site.notes.form]
    made: Resource = {
        "resourceType": "DocumentReference",
        "id": writer.id("DocumentReference", visit),
        "status": "current",
        "type": TYPE,
        "subject": writer.subject,
        "date": writer.time(at),
        "content": [
            {
                "attachment": {
                    "contentType": kind,
                    "data": b64encode(words(text.words).encode()).decode(),
                }
            }
        ],
        "context": {"encounter": [writer.encounters[visit]]},
    }
    return Item(made, "note", at, text.mentions)
