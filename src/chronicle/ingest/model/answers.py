"""What a model answered, kept: whoever runs again asks nothing and gets the same bytes.

An answer quotes its note, so it is sealed, and called by a keyed hash of all that was
asked. Whoever keeps one first is right: a model may answer the same in two ways.
"""

import os
from pathlib import Path

from chronicle.core.errors import KeyRefused, PartError
from chronicle.ingest import deidentify
from chronicle.ingest.keys import Keys
from chronicle.ingest.seal import seal, unseal

FOLDER = "answers"  # beside the parts
SUFFIX = ".answer"


def called(request: bytes, keys: Keys) -> str:
    """Return what the answer to a request is called."""
    told = f"answer|{request.decode()}"
    return deidentify.digest(told, keys.pseudonym)[:16].hex() + SUFFIX


def kept(path: Path, keys: Keys) -> str | None:
    """Return an answer; None where there is none.

    Raises:
        PartError: It is not what was written.
    """
    try:
        return unseal(path.read_bytes(), keys, _purpose(path)).decode()
    except FileNotFoundError:
        return None
    except KeyRefused:
        raise PartError(
            "a model's answer that was kept is not what was written.",
            where=str(path),
            do="delete it; the next run asks anew",
        ) from None


def keep(path: Path, answer: str, keys: Keys) -> str:
    """Keep an answer, unless another worker was faster; return the one that counts."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    partial.write_bytes(seal(answer.encode(), keys, _purpose(path)))
    try:
        path.hardlink_to(partial)
    except FileExistsError:
        return kept(path, keys) or answer
    finally:
        partial.unlink()
    return answer


def _purpose(path: Path) -> str:
    return f"answer/{path.name}"
