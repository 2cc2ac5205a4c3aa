"""Pseudonyms: what stands in tables where the source has an id, a name or a local word.

`deidentify.yaml` says which elements may be read and how each leaves; every column is
filled by naming the element it comes from. Ids leave as keyed hashes (HMAC-SHA-256).
"""

from functools import lru_cache
from hashlib import sha256

from chronicle.ingest.gate.build import RESOURCES
from chronicle.ingest.keys import Keys

BLOCK_BYTES = 64  # of SHA-256
INNER, OUTER = 0x36, 0x5C


def provenance(key: str, *, by: Keys) -> str:
    """Turn `Type/id` into `Type/pseudonym`: 16 hex digits, keyed.

    A type that FHIR does not have may be anybody's word, so it is `Unknown`.
    """
    kind = key.partition("/")[0]
    known = kind if kind in RESOURCES else "Unknown"
    return f"{known}/{digest(key, by.pseudonym)[:8].hex()}"


def subject_id(key: str, *, by: Keys) -> int:
    """Turn a Patient's `Type/id` into MEDS' subject_id: 63 bits, never negative."""
    return int.from_bytes(digest(key, by.pseudonym)[:8], "big") >> 1


def hashed(text: str, *, by: Keys) -> bytes:
    """Return a keyed hash of what is no `Type/id`, of 8 bytes."""
    return digest(f"text|{text}", by.pseudonym)[:8]


def word(text: str, *, by: Keys) -> str:
    """Turn a word of the source's own into 12 hex digits, the same for the same word.

    >>> from chronicle.ingest.keys import DEMO, derived
    >>> len(word("K12", by=derived(DEMO)))
    12
    """
    return digest(f"word/{text}", by.pseudonym)[:6].hex()


def digest(text: str, secret: bytes) -> bytes:
    """Return HMAC-SHA-256 of a text: 32 bytes.

    Source: RFC 2104. `hmac.digest` gives the same in three times the time, since it
    hashes the secret anew for each text.
    """
    inner, outer = _keyed(secret)
    within = inner.copy()
    within.update(text.encode("utf-8", "surrogatepass"))
    whole = outer.copy()
    whole.update(within.digest())
    found: bytes = whole.digest()
    return found


@lru_cache(8)
def _keyed(secret: bytes):  # type: ignore[no-untyped-def] # hashlib names no type
    block = secret.ljust(BLOCK_BYTES, b"\0")
    return tuple(sha256(bytes(each ^ pad for each in block)) for pad in (INNER, OUTER))
