"""First pass, file by file: each becomes a part, unless that part is there already."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from chronicle.ingest import naming, part, read
from chronicle.ingest.batch import Chunk
from chronicle.ingest.gather import gather
from chronicle.ingest.keys import Keys
from chronicle.ingest.model import reader


class Parsed(NamedTuple):
    """What became of one file.

    Args:
        part: The name of its part; None where it has none.
        size: Bytes of that part.
        is_new: Whether it was made now.
        resources: How many were read for it now.
        problem: Why there is no part, which the next run may find otherwise.
    """

    part: str | None = None
    size: int = 0
    is_new: bool = False
    resources: int = 0
    problem: str | None = None


def parse(
    files: list[tuple[int, Path]],
    *,
    parts: Path,
    code: str,
    keys: Keys,
    full: bool,
    asked: reader.Asked | None = None,
) -> list[Parsed]:
    """Make the parts of some files that are not there.

    Args:
        files: Number in the list of all files, and path.
        parts: Where parts are kept.
        code: `naming.code` of this code.
        keys: Make the pseudonyms, and seal the parts.
        full: Ask R4B about each resource, also where the gate would do.
        asked: A model that reads notes beside the rules.
    """
    with reader.opened(asked, parts, keys) as model:
        return [
            _parsed(number, path, parts, code, keys, full, model)
            for number, path in files
        ]


def _parsed(
    number: int,
    path: Path,
    parts: Path,
    code: str,
    keys: Keys,
    full: bool,
    model: reader.Reader | None,
) -> Parsed:
    """Make one part, unless it is there."""
    count = [0]
    decides = {"model": model.stamp} if model is not None else {}
    try:
        with read.opened(path) as file:
            content, form = file.content(), read.form(path)
            name = naming.part(
                content, form, code=code, full=full, key=keys.fingerprint, **decides
            )
            known = (parts / name).exists()
            if not known:
                chunks = gather(read.held(file), keys=keys, full=full, model=model)
                part.write(parts / name, _counted(chunks, count), keys, str(number))
    except read.UnreadableError as error:
        return Parsed(problem=error.reason)
    size = (parts / name).stat().st_size
    return Parsed(name, size, not known, count[0])


def _counted(chunks: Iterable[Chunk], count: list[int]) -> Iterator[Chunk]:
    for chunk in chunks:
        told = chunk.get("counts", {"fate": [], "n": []})
        each = zip(told["fate"], told["n"], strict=True)
        count[0] += sum(n for fate, n in each if fate == "read")
        yield chunk
