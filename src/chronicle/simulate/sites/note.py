"""DocumentReference: a visit's note, as text in base64."""

from base64 import b64encode

from chronicle.simulate.sites import catalog, concept, phrase
from chronicle.simulate.sites.phrase import Text
from chronicle.simulate.sites.writer import Item, Resource, Writer

TYPE = concept.single(concept.LOINC, "11506-3", "Progress note")


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
                    "contentType": "text/plain; charset=utf-8",
                    "data": b64encode(text.words.encode()).decode(),
                }
            }
        ],
        "context": {"encounter": [writer.encounters[visit]]},
    }
    return Item(made, "note", at, text.mentions)
