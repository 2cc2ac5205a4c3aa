"""What a part is called: after all that decides what is in it, and nothing else.

So a part of that name is right whenever it was written, and a part of another name
tells of other files or of other code.
"""

import sys
from hashlib import blake2b
from importlib.metadata import version
from pathlib import Path

PACKAGE = Path(__file__).parents[1]
ROOMS = ("core", "ingest")
KINDS = (".py", ".yaml", ".csv", ".json", ".c", ".h")
# Those that parse, judge or write the rows of a part.
LIBRARIES = ("fhir.resources", "msgspec", "orjson", "polars", "pydantic")
SUFFIX = ".part"


def code() -> str:
    """Return a hash of the code that parses, its tables, its Python and libraries."""
    told = [f"python {sys.version_info.major}.{sys.version_info.minor}"]
    told += [f"{name} {version(name)}" for name in LIBRARIES]
    for path in sorted(each for room in ROOMS for each in (PACKAGE / room).rglob("*")):
        if path.suffix in KINDS:
            content = blake2b(path.read_bytes(), digest_size=16).hexdigest()
            told.append(f"{path.relative_to(PACKAGE).as_posix()} {content}")
    return _hash(*told)


def part(content: bytes, form: str, **decides: object) -> str:
    """Return the name of a part.

    Args:
        content: A hash of the file's bytes.
        form: What its name says of it (`read.form`).
        decides: Whatever else decides what is in the part, as text.
    """
    more = [f"{name} {value}" for name, value in sorted(decides.items())]
    return _hash(content.hex(), form, *more) + SUFFIX


def named(*decides: str, suffix: str = "") -> str:
    """Return a name for what some words decide."""
    return _hash(*decides) + suffix


def _hash(*told: str) -> str:
    return blake2b("\n".join(told).encode(), digest_size=16).hexdigest()
