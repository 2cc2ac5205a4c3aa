"""Sealing: what leaves this room for nobody but those who have the key.

The same bytes seal to the same bytes, because equal runs must give equal outputs. So a
seal shows that two things are equal, and nothing else about them but their length.
"""

from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from chronicle.core.errors import KeyRefused
from chronicle.ingest.keys import HOWTO, Keys

TAG_BYTES = 16


def seal(data: bytes, keys: Keys, purpose: str) -> bytes:
    """Encrypt and authenticate: `TAG_BYTES` longer than `data`.

    Args:
        data: What is to be sealed.
        keys: From `keys.load`.
        purpose: What it is, as `refused`: sealed for one it opens for no other.

    Source: AES-SIV, RFC 5297, made for encryption without a nonce.
    """
    return _cipher(keys.seal).encrypt(data, [purpose.encode()])


def unseal(sealed: bytes, keys: Keys, purpose: str) -> bytes:
    """Return what was sealed.

    Raises:
        KeyRefused: It was sealed with another key or for another purpose, or changed.
    """
    try:
        return _cipher(keys.seal).decrypt(sealed, [purpose.encode()])
    except (InvalidTag, ValueError):
        raise KeyRefused(
            "this does not open: it was sealed with another key, or it was changed.",
            where=f"key {keys.fingerprint}, sealed as {purpose}",
            do=f"use the key whose fingerprint is in the ledger of that run; {HOWTO}",
        ) from None


@lru_cache(4)
def _cipher(key: bytes) -> AESSIV:
    return AESSIV(key)
