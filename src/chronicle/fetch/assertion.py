"""What proves who asks: a JWT signed with our private key (SMART Backend Services).

The only file that knows a JOSE library.
"""

import json
import stat
import warnings
from pathlib import Path
from uuid import uuid4

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey, import_key

from chronicle.core.errors import UsageError
from chronicle.fetch.address import KEY_FILE

LIFE_SECONDS = 240  # SMART allows 300; the difference is for clocks that disagree
RSA_BITS = 2048
Key = RSAKey | ECKey


def load(path: Path) -> Key:
    """Read a private key: JWK or PEM, RSA or P-384, that only its owner may read.

    Raises:
        UsageError: It is not there, others may read it, or it is another kind of key.
    """
    try:
        mode, text = path.stat().st_mode, path.read_bytes()
    except OSError as fault:
        raise _unfit(f"cannot be read ({fault.strerror})", "name a file") from None
    if stat.S_IMODE(mode) & 0o077:
        raise _unfit("may be read by others", "chmod 600 the file")
    try:
        key = _import(text)
    except (JoseError, ValueError, TypeError, LookupError):
        # What the library says may quote the key.
        key = None
    if key is None or not key.is_private or algorithm(key) is None:
        raise _unfit(
            "holds no private key that SMART takes",
            f"give a JWK or PEM without password: RSA from {RSA_BITS} bits, or P-384",
        )
    return key


def algorithm(key: Key) -> str | None:
    """Return the algorithm that SMART wants for a key; None where it wants none.

    Source:
        HL7 SMART App Launch 2, Client Authentication: Asymmetric: RS384 and ES384.
    """
    if isinstance(key, RSAKey):
        return "RS384" if key.raw_value.key_size >= RSA_BITS else None
    return "ES384" if key.curve_name == "P-384" else None


def sign(key: Key, *, client: str, audience: str, now: float) -> str:
    """Write a client assertion that can be used once.

    `kid` is the JWK's own, else its thumbprint (RFC 7638), by which the server finds
    the public key that it was given.
    """
    signing = algorithm(key) or ""
    return jwt.encode(
        {"alg": signing, "kid": key.kid or key.thumbprint(), "typ": "JWT"},
        {
            "iss": client,
            "sub": client,
            "aud": audience,
            "jti": str(uuid4()),
            "iat": int(now),
            "exp": int(now) + LIFE_SECONDS,
        },
        key,
        algorithms=[signing],
    )


def _import(text: bytes) -> Key | None:
    with warnings.catch_warnings():
        # It warns of short keys, which are refused here.
        warnings.simplefilter("ignore")
        if text.lstrip().startswith(b"{"):
            found = import_key(json.loads(text))
            return found if isinstance(found, RSAKey | ECKey) else None
        try:
            return RSAKey.import_key(text)
        except JoseError:
            return ECKey.import_key(text)


def _unfit(what: str, do: str) -> UsageError:
    return UsageError(
        f"the key file {what}.", where=f"{KEY_FILE} in the environment", do=do
    )
