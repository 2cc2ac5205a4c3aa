"""What every type needs of its resource: whose it is and where it belongs."""

import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from chronicle.ingest import deidentify

REFERENCE = re.compile(
    r"(?:^|/)(?P<type>[A-Z][A-Za-z]+)/(?P<id>[A-Za-z0-9\-._]{1,64})(?:/_history/.*)?$"
)
Row = dict[str, Any]


@dataclass(frozen=True)
class Source:
    """One accepted resource and what is known about where it came from.

    Args:
        resource: The resource, valid under R4B.
        key: Its `Type/id`.
        names: What references in its bundle call the others (`read.Entry.names`).
        salt: Keys the pseudonyms.
        tally: Where readers count what they did to values.
    """

    resource: dict[str, Any]
    key: str
    names: Mapping[str, str]
    salt: str
    tally: Counter[str] = field(default_factory=Counter)

    @property
    def type(self) -> str:
        """The FHIR type."""
        return str(self.resource["resourceType"])

    @property
    def provenance(self) -> str:
        """The pseudonym under which its rows can be traced back."""
        return deidentify.provenance(self.key, salt=self.salt)

    def subject_id(self) -> int | None:
        """Whose it is; None where it does not say."""
        key = self.key
        if self.type != "Patient":
            key = self.key_of("subject") or self.key_of("patient") or ""
        return deidentify.subject_id(key, salt=self.salt) if key else None

    def pseudonym_of(self, element: str) -> str | None:
        """Return the pseudonym of what a reference element points at."""
        key = self.key_of(element)
        return deidentify.provenance(key, salt=self.salt) if key else None

    def key_of(self, element: str) -> str | None:
        """Return the `Type/id` that a reference element means.

        Reads `urn:uuid:`, relative, absolute, versioned and, where the bundle itself
        holds the answer, conditional references. What does not resolve keeps its own
        words as key, so that it matches nothing.
        """
        reference = self.resource.get(element)
        stated = reference.get("reference") if isinstance(reference, dict) else None
        if not isinstance(stated, str) or not stated:
            return None
        if stated in self.names:
            return self.names[stated]
        found = REFERENCE.search(stated)
        return f"{found['type']}/{found['id']}" if found else stated

    def event(
        self,
        code: str,
        time: datetime | None,
        available: datetime | None,
        **more: object,
    ) -> Row:
        """Return a row of `events`; times that are null are settled with the encounter.

        Args:
            code: SYSTEM//code.
            time: When it happened, UTC.
            available: When it became known, UTC.
            more: Further columns of the table.
        """
        return {
            "code": code,
            "time": time,
            "available_time": available,
            "status": self.resource.get("status"),
            "encounter_id": self.pseudonym_of("encounter"),
            **more,
        }


Reader = Callable[[Source], list[Row]]
