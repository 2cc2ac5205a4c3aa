"""What every type needs of its resource: whose it is and where it belongs."""

import re
from collections import Counter
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

import msgspec

from chronicle.ingest import deidentify, times
from chronicle.ingest.keys import Keys

REFERENCE = re.compile(
    r"(?:^|/)(?P<type>[A-Z][A-Za-z]+)/(?P<id>[A-Za-z0-9\-._]{1,64})(?:/_history/.*)?$"
)
KNOWN = 8_192  # references: those of a few patients, who are met again and again


class Event(msgspec.Struct, frozen=True, gc=False):
    """What a reader says of one event; whose it is and where, its `Source` knows.

    Args:
        code: SYSTEM//code.
        time: When it happened, in microseconds of UTC since 1970, as tables keep it.
            Null times are settled with the encounter.
        available_time: When it became known.
        end_time: When it ended.
        numeric_value: In `unit`.
        text_value: SYSTEM//code of a coded answer.
        unit: UCUM unit of `numeric_value`.
        source_unit: As the source wrote it.
        source_value: As the source wrote it.
        comparator: `<`, `<=`, `>=`, `>` where the value lies beyond the number.
        value_fate: What was done to the value: a word of `report/words.py`.
        medication_id: Where the codes of an order are to be found.
    """

    code: str
    time: int | None
    available_time: int | None
    end_time: int | None = None
    numeric_value: float | None = None
    text_value: str | None = None
    unit: str | None = None
    source_unit: str | None = None
    source_value: float | None = None
    comparator: str | None = None
    value_fate: str | None = None
    medication_id: str | None = None


class Source(msgspec.Struct, gc=False):
    """One accepted resource and what is known about where it came from.

    Args:
        kind: Its FHIR type.
        resource: The resource, valid under R4B: elements are attributes, and those that
            it does not have are None.
        key: Its `Type/id`.
        names: What references in its bundle call the others (`read.Entry.names`).
        keys: Make the pseudonyms.
        tally: Where readers count what they did to values.
    """

    kind: str
    resource: Any
    key: str
    names: Mapping[str, str]
    keys: Keys
    tally: Counter[str] = msgspec.field(default_factory=Counter)

    def provenance(self) -> str:
        """Return the pseudonym under which its rows can be traced back."""
        if self.kind == "Encounter":  # others name it, and find it known
            return _pseudonym(self.key, self.keys)
        return deidentify.provenance(self.key, by=self.keys)

    def subject_id(self) -> int | None:
        """Whose it is; None where it does not say."""
        if self.kind == "Patient":
            return _subject_id(self.key, self.keys)
        key = self.key_of("subject") or self.key_of("patient")
        return _subject_id(key, self.keys) if key else None

    def pseudonym_of(self, element: str) -> str | None:
        """Return the pseudonym of what a reference element points at."""
        return self.pseudonym(getattr(self.resource, element, None))

    def pseudonym(self, reference: Any) -> str | None:
        """Return the pseudonym of what a Reference means."""
        key = self.meant(reference)
        return _pseudonym(key, self.keys) if key else None

    def key_of(self, element: str) -> str | None:
        """Return the `Type/id` that a reference element means.

        Reads `urn:uuid:`, relative, absolute, versioned and, where the bundle itself
        holds the answer, conditional references. What does not resolve keeps its own
        words as key, so that it matches nothing.
        """
        return self.meant(getattr(self.resource, element, None))

    def subject_id_of(self, key: str) -> int:
        """Return the subject_id of a Patient's `Type/id`."""
        return _subject_id(key, self.keys)

    def hashed(self, text: str) -> bytes:
        """Return a keyed hash of a text that may leave this room in no other form."""
        return deidentify.hashed(text, by=self.keys)

    def meant(self, reference: Any) -> str | None:
        """Return the `Type/id` that a Reference means, as `key_of` does."""
        stated = None if reference is None else reference.reference
        if not stated or not isinstance(stated, str):
            return None
        return self.names.get(stated) or _meant(stated)


Reader = Callable[[Source], list[Event]]
FILLER = "date-filler"
WHOLE = (None, "kept", "converted", "no-measure")  # of these, a value lost nothing


def dated(events: list[Event], stated: object, on: object) -> list[Event]:
    """Date events on their record where what is stated is a word for no day.

    A value of which something else is said stays as it is, and fails the checks.

    Args:
        events: Of one resource.
        stated: When they happened.
        on: When they were recorded.
    """
    if not times.is_filler(stated, on):
        return events
    day = times.first(on)
    return [
        msgspec.structs.replace(each, time=day, value_fate=FILLER)
        if each.value_fate in WHOLE
        else each
        for each in events
    ]


@lru_cache(KNOWN)
def _meant(stated: str) -> str:
    found = REFERENCE.search(stated)
    return f"{found['type']}/{found['id']}" if found else stated


@lru_cache(KNOWN)
def _subject_id(key: str, keys: Keys) -> int:
    return deidentify.subject_id(key, by=keys)


@lru_cache(KNOWN)
def _pseudonym(key: str, keys: Keys) -> str:
    return deidentify.provenance(key, by=keys)
