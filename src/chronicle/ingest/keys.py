"""The key that pseudonyms, date shifts and seals are made with: where it comes from.

It is a secret of the site, so it is no parameter: it comes from the environment or from
a file that only its owner can read. Nothing prints it; its fingerprint stands for it.
"""

import base64
import binascii
import hmac
import logging
import os
import re
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from chronicle.core.errors import KeyRefused

log = logging.getLogger(__name__)

KEY, KEY_FILE, PRIVATE = "CHRONICLE_KEY", "CHRONICLE_KEY_FILE", "CHRONICLE_PRIVATE"
LEAST_BYTES = 32
HEX = re.compile(r"(?:[0-9a-fA-F]{2})+", re.ASCII)
# Known to everybody, so that simulated patients give the same bytes on every machine.
DEMO = b"chronicle: public key for demos, hides nothing"
HOWTO = "docs/how-to/keep-the-key.md"


class Keys(msgspec.Struct, frozen=True):
    """What is derived from the key, one secret a purpose.

    Args:
        pseudonym: 32 bytes: ids become pseudonyms with it.
        shift: 32 bytes: how far a patient's dates are moved.
        seal: 64 bytes: for AES-256-SIV.
        fingerprint: 8 hex digits: tells keys apart, and tells nothing about one.
        demo: It is the public key, and protects nobody.
    """

    pseudonym: bytes
    shift: bytes
    seal: bytes
    fingerprint: str
    demo: bool

    def __repr__(self) -> str:
        return f"Keys({self.fingerprint})"

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        # A struct has one of its own, by which `rich` would print the secrets.
        return [("fingerprint", self.fingerprint)]


def derived(key: bytes) -> Keys:
    """Derive a secret for each purpose, so that none says anything about another.

    Source: HMAC as a pseudorandom function, NIST SP 800-108r1 and RFC 2104.

    >>> derived(DEMO)
    Keys(9f81cff2)
    """
    return Keys(
        pseudonym=hmac.digest(key, b"pseudonym/v1", "sha256"),
        shift=hmac.digest(key, b"shift/v1", "sha256"),
        seal=hmac.digest(key, b"seal/v1", "sha512"),
        fingerprint=hmac.digest(key, b"fingerprint/v1", "sha256").hex()[:8],
        demo=hmac.compare_digest(key, DEMO),
    )


def load(simulated: Callable[[], bool] = lambda: False, *, make: bool = True) -> Keys:
    """Return the key of the environment, of the key file, the public one, or a new one.

    Args:
        simulated: Tells whether the patients are simulated ones. Asked only where no
            key was configured and there is none in the usual place.
        make: Make a key where there is none; else it is the public one.

    Raises:
        KeyRefused: The key is too short or no key, or others may read its file.
    """
    if text := os.environ.get(KEY):
        return derived(_parsed(text, where=f"environment variable {KEY}"))
    path = Path(os.environ.get(KEY_FILE) or private() / "key")
    if not path.exists():
        if not make or (not os.environ.get(KEY_FILE) and simulated()):
            return derived(DEMO)
        _make(path)
    return derived(_read(path))


def private() -> Path:
    """Return the folder of what must not leave this machine: no output of DVC's."""
    return Path(os.environ.get(PRIVATE) or "private")


def _read(path: Path) -> bytes:
    if path.stat().st_mode & 0o077:
        raise KeyRefused(
            "others than its owner may open the file of the key.",
            where=str(path),
            do=f"chmod 600 {path}, and make another key if somebody may have read it",
        )
    return _parsed(path.read_text(encoding="ascii", errors="replace"), where=str(path))


def _parsed(text: str, *, where: str) -> bytes:
    plain = "".join(text.split())
    try:
        whole = bytes.fromhex(plain) if HEX.fullmatch(plain) else _base64(plain)
    except (ValueError, binascii.Error):
        whole = b""
    if len(whole) < LEAST_BYTES:
        raise KeyRefused(
            f"the key is not {LEAST_BYTES} bytes or more, in hex or base64.",
            where=where,
            do=f"make one with `openssl rand -hex {LEAST_BYTES}`; see {HOWTO}",
        )
    return whole


def _base64(text: str) -> bytes:
    plain = text.rstrip("=").replace("-", "+").replace("_", "/")  # for URLs, as well
    return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)


def _make(path: Path) -> None:
    """Write a new key; where another run was faster, its key stays."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    write_private(partial, secrets.token_bytes(LEAST_BYTES).hex().encode() + b"\n")
    try:
        path.hardlink_to(partial)
        log.warning(
            "ingest: no key was given, so one was made: %s. Back it up: without it no "
            "later run gives the same pseudonyms, and nothing sealed can be read.",
            path,
        )
    except FileExistsError:
        pass
    finally:
        partial.unlink()


def write_private(path: Path, data: bytes) -> None:
    """Write a file that nobody but its owner can open, not even for a moment."""
    path.unlink(missing_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
