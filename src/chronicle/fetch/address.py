"""Where the FHIR server is and who asks: the environment's, never `params.yaml`'s."""

import os
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from chronicle.core.errors import FetchRefused, UsageError

URL = "CHRONICLE_FHIR_URL"
CLIENT = "CHRONICLE_FHIR_CLIENT_ID"
KEY_FILE = "CHRONICLE_FHIR_KEY_FILE"
TOKEN_URL = "CHRONICLE_FHIR_TOKEN_URL"  # noqa: S105, the name of a variable
SCOPE = "CHRONICLE_FHIR_SCOPE"
CA_FILE = "CHRONICLE_FHIR_CA_FILE"
# Whoever keeps all exports side by side gives it: together they are the same.
SINCE = "CHRONICLE_FHIR_SINCE"

PORTS = {"http": 80, "https": 443}
HERE = ("localhost", "127.0.0.1", "::1")  # what leaves no machine needs no TLS
Origin = tuple[str, str, int | None]


@dataclass(frozen=True)
class Address:
    """A server, and how to become its client.

    Args:
        url: The server's base, without a slash at its end.
        client: The id that the server gave us; None where it lets in anybody.
        key_file: The private key that proves it.
        token_url: Where tokens are given; None: the server's own page says it.
        scope: What the token is to allow, in SMART's words.
        ca_file: Whom to trust instead of the public certificate authorities.
    """

    url: str
    client: str | None = None
    key_file: Path | None = None
    token_url: str | None = None
    scope: str = "system/*.read"
    ca_file: Path | None = None


def read() -> Address:
    """Read the address from the environment.

    Raises:
        UsageError: There is none, or it is not fit to be used.
    """
    url, token_url = _get(URL), _get(TOKEN_URL)
    client, key_file, ca_file = _get(CLIENT), _get(KEY_FILE), _get(CA_FILE)
    if url is None:
        raise _unfit(URL, "is not set", "https://fhir.example.org/r4")
    for name, each in ((URL, url), (TOKEN_URL, token_url)):
        if each and (_origin(each) is None or set(each) & set("?#")):
            raise _unfit(name, "is no web address", "https://fhir.example.org/r4")
        if each and client and not is_private(each):
            raise _unfit(name, "would show a token to the network", "https://…")
    if (client is None) != (key_file is None):
        raise _unfit(KEY_FILE, f"and {CLIENT} go together", "both, or neither")
    if ca_file and not Path(ca_file).is_file():
        raise _unfit(CA_FILE, "names no file", "a PEM file of certificates")
    return Address(
        url=url.rstrip("/"),
        client=client,
        key_file=Path(key_file) if key_file else None,
        token_url=token_url,
        scope=_get(SCOPE) or Address.scope,
        ca_file=Path(ca_file) if ca_file else None,
    )


def since() -> str | None:
    """Return the instant since when changes are wanted, if one is given."""
    return _get(SINCE)


def is_same(url: str, other: str) -> bool:
    """Tell whether two addresses are of one server: scheme, host and port."""
    return _origin(url) is not None and _origin(url) == _origin(other)


def permitted(url: str, base: str, *, where: str) -> str:
    """Return an address that a server named, if it may be gone to.

    Raises:
        FetchRefused: It is no web address, or leaves TLS where `base` has it.
    """
    origin = _origin(url)
    if origin is None:
        raise FetchRefused(
            "the server names an address that is none.",
            where=where,
            do="show this to those who run the server",
        )
    if origin[0] == "http" and urlsplit(base).scheme == "https":
        raise FetchRefused(
            "the server names an address without TLS.",
            where=where,
            do="let those who run the server see to its own address (a proxy's?)",
        )
    return url


def _get(name: str) -> str | None:
    return os.environ.get(name, "").strip() or None


def _origin(url: str) -> Origin | None:
    """Return scheme, host and port; None where something is missing or hidden in it.

    >>> _origin("HTTPS://Fhir.example.org/r4"), _origin("https://me:pw@example.org")
    (('https', 'fhir.example.org', 443), None)
    """
    try:
        parts = urlsplit(url)
        port = parts.port or PORTS.get(parts.scheme)
    except ValueError:
        return None
    if parts.scheme not in PORTS or not parts.hostname or "@" in parts.netloc:
        return None
    return parts.scheme, parts.hostname, port


def is_private(url: str) -> bool:
    """Tell whether nobody on the way reads what goes there: TLS, or this machine."""
    parts = urlsplit(url)
    return parts.scheme == "https" or parts.hostname in HERE


def _unfit(name: str, what: str, example: str) -> UsageError:
    return UsageError(
        f"{name} {what}.",
        where="environment",
        do=f"set {name} ({example}): docs/how-to/fetch-from-a-fhir-server.md",
    )
