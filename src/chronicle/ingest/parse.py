"""First pass, file by file: each becomes a part, unless that part is there already."""

from pathlib import Path
from typing import NamedTuple

from chronicle.ingest import naming, part, read
from chronicle.ingest.gather import gather


class Parsed(NamedTuple):
    """What became of one file.

    Args:
        part: The name of its part; None where it has none.
        size: Bytes of that part.
        is_new: Whether it was made now.
        problem: Why there is no part, which the next run may find otherwise.
    """

    part: str | None = None
    size: int = 0
    is_new: bool = False
    problem: str | None = None


def parse(
    files: list[tuple[int, Path]], *, parts: Path, code: str, salt: str, full: bool
) -> list[Parsed]:
    """Make the parts of some files that are not there.

    Args:
        files: Number in the list of all files, and path.
        parts: Where parts are kept.
        code: `naming.code` of this code.
        salt: Keys the pseudonyms.
        full: Ask R4B about each resource, also where the gate would do.
    """
    return [
        _parsed(path, str(number), parts, code=code, salt=salt, full=full)
        for number, path in files
    ]


def _parsed(
    path: Path, number: str, parts: Path, *, code: str, salt: str, full: bool
) -> Parsed:
    try:
        with read.opened(path) as file:
            name = naming.part(
                file.content(), read.form(path), code=code, full=full, salt=salt
            )
            known = (parts / name).exists()
            if not known:
                chunks = gather(read.held(file), salt=salt, full=full)
                part.write(parts / name, chunks, number)
    except read.UnreadableError as error:
        return Parsed(problem=error.reason)
    return Parsed(name, (parts / name).stat().st_size, not known)
