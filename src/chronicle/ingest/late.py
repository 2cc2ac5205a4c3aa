"""Texts of what was refused for what other files say: kept beside the part.

They are not in the part, which knows of no other file; without this, each run would
look for them in their files once more.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from chronicle.ingest import read
from chronicle.ingest.keys import Keys
from chronicle.ingest.shelf import opened, put

SUFFIX = ".late"
MOST_BYTES = 16_000_000  # of one file: more is looked for again
Text = bytes | None
Texts = dict[int, bytes]
Asked = tuple[Path, Path | None, list[int]]


def look(files: list[Asked], *, keys: Keys) -> None:
    """Keep what is asked for of some files: path, part, entries."""
    for path, part, numbers in files:
        late = Late(path, part, keys)
        for number in numbers:
            late.text(number)
        late.keep()


@dataclass
class Late:
    """Texts of one file, of which those are asked for whose numbers rise.

    Args:
        file: In the landing.
        part: Its part; None where it has none.
        keys: Seal what is kept.
        given: What was asked for, as long as it is little.
    """

    file: Path
    part: Path | None
    keys: Keys
    given: Texts = field(default_factory=dict)
    size: int = 0
    known: Texts | None = None
    rest: Iterator[read.Entry] | None = None
    at: read.Entry | None = None

    @property
    def path(self) -> Path | None:
        """Where they are kept."""
        return None if self.part is None else self.part.with_suffix(SUFFIX)

    def text(self, number: int) -> Text:
        """Return the text of an entry; None where it is not there any more."""
        if self.known is None:
            self.known = self._kept()
        text = self.known[number] if number in self.known else self._found(number)
        if text is None:  # of a file that went or changed, and may come back
            return None
        self.size += len(text)
        if self.size <= MOST_BYTES:
            self.given[number] = text
        return text

    def keep(self) -> set[str]:
        """Keep what was asked for; return the name of that file, if there is one."""
        path = self.path
        if path is None or not self.given or self.size > MOST_BYTES:
            return set()
        if self.given != self.known or not path.exists():
            put(path, msgspec.msgpack.encode(self.given), self.keys)
        return {path.name}

    def _kept(self) -> Texts:
        path = self.path
        if path is None or not path.exists():
            return {}
        return msgspec.msgpack.decode(opened(path, self.keys), type=Texts)

    def _found(self, number: int) -> Text:
        if self.rest is None:
            self.rest = read.entries(self.file, judged=False)
            self.at = next(self.rest, None)
        while self.at is not None and self.at.number < number:
            self.at = next(self.rest, None)
        # One that changed may not have all any more; they stay refused.
        there = self.at is not None and self.at.number == number
        raw = self.at.raw if there and self.at is not None else None
        return None if raw is None else bytes(raw)
