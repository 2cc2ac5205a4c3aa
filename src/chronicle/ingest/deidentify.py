"""What may leave this room about a person: pseudonyms, and only what is asked for.

Every column is filled by naming the element it comes from, so names, addresses, phone
numbers, identifiers, narrative and free text have no way in. Ids leave as keyed hashes.
"""

from functools import cache
from hashlib import blake2b


def provenance(key: str, *, salt: str) -> str:
    """Turn `Type/id` into `Type/pseudonym`: 16 hex digits, keyed by `salt`.

    >>> provenance("Patient/ann", salt="s") == provenance("Patient/ann", salt="t")
    False
    """
    kind = key.partition("/")[0]
    return f"{kind if kind.isalpha() else 'Unknown'}/{_digest(key, salt).hex()}"


def subject_id(key: str, *, salt: str) -> int:
    """Turn a Patient's `Type/id` into MEDS' subject_id: 63 bits, never negative."""
    return int.from_bytes(_digest(key, salt), "big") >> 1


def hashed(text: str, *, salt: str) -> bytes:
    """Return a keyed hash of what is no `Type/id`, of 8 bytes."""
    return _digest(f"text|{text}", salt)


def _digest(key: str, salt: str) -> bytes:
    # Keyed once a run: a copy costs half of what a new one does.
    hasher = _keyed(salt).copy()
    hasher.update(key.encode())
    return hasher.digest()


@cache
def _keyed(salt: str) -> blake2b:
    return blake2b(key=salt.encode(), digest_size=8)
