"""Which resources pass the gate, and what is known of them then."""

from typing import NamedTuple

import msgspec

from chronicle.ingest.gate.build import GATE
from chronicle.ingest.heads import Identifier


class Passed(NamedTuple):
    """A resource that the gate accepted.

    Args:
        kind: Its resourceType.
        written: It as JSON again, without white space, its elements in the order of its
            type; empty where no row is made of it.
        told: The same without `build.APART`: what it says, whoever and wherever. Two
            resources of which it is the same say one thing, under two ids.
        id: Its id; None where it has none.
        labels: The JSON of its identifiers; empty where it has none.
    """

    kind: str
    written: bytes
    told: bytes
    id: str | None
    labels: bytes

    @property
    def identifier(self) -> list[Identifier]:
        """What a conditional reference may ask for."""
        # Of a few types it is one and no list: those cannot be asked for.
        return _identifiers(self.labels) if self.labels.startswith(b"[") else []


Part = tuple[str | None, bytes, Passed | None]
"""An entry's fullUrl, its resource, and that where the gate accepts it."""


def passed(raw: bytes) -> Passed | None:
    """Look at a resource once.

    Args:
        raw: Its JSON.

    Returns:
        None where the gate does not accept it: whether it may enter is then for R4B
        to say. What the gate accepts, R4B accepts, no key is twice in it, and it breaks
        no rule of `rules.yaml` for all types; where rows are made of it, none at all.

    >>> passed(b'{"resourceType": "Patient", "id": "ann"}').id
    'ann'
    """
    found = GATE.look(raw)
    return None if found is None else Passed(*found)


def bundle(text: bytes | bytearray) -> list[Part] | None:
    """Look at all that is in a bundle, while it is cut.

    Returns:
        None where it is no bundle, no JSON, or one of which an entry holds no resource.
    """
    found = GATE.bundle(text)
    if found is None:
        return None
    return [(url, raw, told and Passed(*told)) for url, raw, told in found]


_identifiers = msgspec.json.Decoder(list[Identifier]).decode
