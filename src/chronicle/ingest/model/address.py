"""Where a user's own model listens: the environment's, never `params.yaml`'s.

What is sent there is the text of notes. So it is an address that somebody set, reached
by TLS or on this machine. Neither it nor the token stands in any message.
"""

import os
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from chronicle.core.errors import UsageError

URL = "CHRONICLE_NOTES_URL"
TOKEN = "CHRONICLE_NOTES_TOKEN"  # noqa: S105, the name of a variable
CA_FILE = "CHRONICLE_NOTES_CA_FILE"
HOWTO = "docs/how-to/read-notes-with-a-model.md"
HERE = ("localhost", "127.0.0.1", "::1")  # what leaves no machine needs no TLS
PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True, repr=False)
class Address:
    """An OpenAI-compatible service.

    Args:
        url: Its base, as https://models.example.org/v1, without a slash at its end.
        token: What lets us in; None where it lets in anybody.
        ca_file: Whom to trust instead of the public certificate authorities.
    """

    url: str
    token: str | None = None
    ca_file: Path | None = None

    def __repr__(self) -> str:
        return "Address()"

    @property
    def is_here(self) -> bool:
        """Whether it is this machine."""
        return urlsplit(self.url).hostname in HERE


def read() -> Address | None:
    """Read the address from the environment; None where none is set.

    Raises:
        UsageError: It is not fit to be sent a note.
    """
    url, token, ca_file = _get(URL), _get(TOKEN), _get(CA_FILE)
    if url is None:
        return None
    if not _is_web(url) or set(url) & set("?#"):
        raise unfit(URL, "is no web address")
    address = Address(url.rstrip("/"), token, Path(ca_file) if ca_file else None)
    if urlsplit(url).scheme != "https" and not address.is_here:
        raise unfit(URL, "would show notes to the network")
    if token and not (token.isascii() and token.isprintable()):
        raise unfit(TOKEN, "is no token")
    if ca_file and not Path(ca_file).is_file():
        raise unfit(CA_FILE, "names no file")
    return address


def unfit(name: str, what: str) -> UsageError:
    """Say which variable is not as it must be; not what it holds."""
    return UsageError(
        f"{name} {what}.",
        where="environment",
        do=f"set it (https://…/v1, or http://127.0.0.1:…/v1 here): {HOWTO}",
    )


def _get(name: str) -> str | None:
    return os.environ.get(name, "").strip() or None


def _is_web(url: str) -> bool:
    """Tell whether scheme, host and port are there, and no name or password."""
    try:
        parts = urlsplit(url)
        port = parts.port or PORTS.get(parts.scheme)
    except ValueError:
        return False
    return bool(port and parts.scheme in PORTS and parts.hostname) and (
        "@" not in parts.netloc and url.isascii() and url.isprintable()
    )
