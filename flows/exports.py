"""A FHIR server as a source: every export that was ever fetched, side by side.

The first holds everything, each later one what changed since the one before. Together
they are what the server has: newer versions supersede, and deletions take away.
"""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from flows import guard, settings
from flows.ending import note_of
from flows.errors import CollectError

SERVER, SINCE = "CHRONICLE_FHIR_URL", "CHRONICLE_FHIR_SINCE"
FETCHED = Path("data/fetched")
EXPORTS = Path("data/exports")
ORIGIN = EXPORTS / "server.txt"  # whose they are
FETCH = (sys.executable, "-m", "chronicle", "fetch", str(FETCHED))
MANIFEST = "manifest.json"
ITS_SINCE = re.compile(r"[?&]_since=[^&]*")


def bring() -> Path:
    """Fetch what is new, and return the folder that holds all.

    Raises:
        CollectError: The server did not give it, or it is another one than that of the
            exports that are here; nothing has changed then.
    """
    demand_same_server()
    kept = sorted(EXPORTS.glob("*/" + MANIFEST))
    newest = read(kept[-1]) if kept else {}
    fetch(newest.get("transactionTime", ""))
    if newest and asked(read(FETCHED / MANIFEST)) != asked(newest):
        # Something else is asked for now, of which nothing is here. But what was
        # deleted since, this one alone tells; none goes on from it: it has no manifest.
        (FETCHED / MANIFEST).unlink()
        keep()
        fetch("")
    keep()
    return EXPORTS


def demand_same_server() -> None:
    """Raise where the exports are another server's: one does not change the other.

    Of two servers, one person's records would be two people's, and what changed since
    an instant of the one would be asked of the other.
    """
    if ORIGIN.exists() and ORIGIN.read_text(encoding="utf-8") != address():
        raise CollectError(
            f"{EXPORTS} holds the exports of another server than {SERVER} names.",
            where=str(ORIGIN),
            do=f"move {EXPORTS} away to begin with this one; where it is the same "
            "server under a new address, write that into this file",
        )


def address() -> str:
    """Return which server it is, and no secret that its address may hold."""
    url = urlsplit(os.environ[SERVER].strip())
    return f"{url.scheme}://{url.netloc.rpartition('@')[2]}{url.path.rstrip('/')}"


def keep() -> None:
    """Put what was fetched beside the others, if it holds anything."""
    if any(FETCHED.rglob("*.ndjson*")):
        EXPORTS.mkdir(exist_ok=True)
        sign()
        # Not how many there are: somebody may have taken one away.
        last = max((int(path.name) for path in EXPORTS.glob("[0-9]*")), default=0)
        FETCHED.rename(EXPORTS / f"{last + 1:06}")


def sign() -> None:
    """Write once whose they are, and whole: half an address is another server's."""
    if not ORIGIN.exists():
        part = ORIGIN.with_suffix(".part")
        part.write_text(address(), encoding="utf-8")
        part.replace(ORIGIN)


def fetch(since: str) -> None:
    """Let the stage fetch an export, of all or of what changed since an instant."""
    with subprocess.Popen(
        [*guard.COMMAND, *FETCH],
        env=settings.of_stages() | ({SINCE: since} if since else {}),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
    ) as process:
        lines = [line.rstrip() for line in process.stdout or ()]
    if process.returncode:
        error = CollectError(
            note_of(lines), where="the FHIR server", do="as above; then run again"
        )
        error.exit_code = process.returncode
        raise error


def is_wanted() -> bool:
    """Say whether the environment names a server."""
    return bool(os.environ.get(SERVER, "").strip())


def read(manifest: Path) -> dict[str, Any]:
    """Return what an export says of itself."""
    told: dict[str, Any] = json.loads(manifest.read_text(encoding="utf-8"))
    return told


def asked(manifest: dict[str, Any]) -> str:
    """Return what was asked for, whatever the instant."""
    return ITS_SINCE.sub("", manifest["request"])
