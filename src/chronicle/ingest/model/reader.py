"""A note's text in, what a user's own model says of it out: mentions, as the rules'."""

from bisect import bisect
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from chronicle.ingest.keys import Keys
from chronicle.ingest.model import claims, prompt
from chronicle.ingest.model.address import URL, Address, unfit
from chronicle.ingest.model.answers import FOLDER, called, keep, kept
from chronicle.ingest.model.prompt import ModelParams
from chronicle.ingest.notes.mention import Mention
from chronicle.ingest.notes.sentences import sentences

if TYPE_CHECKING:
    from chronicle.ingest.model.server import Server

ANSWERS = "model-answers"  # in the ledger: pieces of notes that it read


@dataclass(frozen=True)
class Asked:
    """Who is asked, and where; for workers.

    Args:
        model: Who.
        address: Where; None is enough where nothing is to be asked.
    """

    model: ModelParams
    address: Address | None


class Reader:
    """A model, and what it answered before.

    Args:
        asked: Who and where.
        folder: Where answers are kept.
        keys: Seal them.
        stack: Ends the connection.
    """

    def __init__(
        self, asked: Asked, folder: Path, keys: Keys, stack: ExitStack
    ) -> None:
        self._asked, self._folder, self._keys = asked, folder, keys
        self._stack = stack
        self._server: Server | None = None
        self.stamp = prompt.stamp(asked.model)

    def read(self, text: str, counts: Counter[str]) -> list[Mention]:
        """Return what the model says of a text; count what became of its claims."""
        spans = list(sentences(text))
        begins = [each.start for each in spans]
        found = []
        for at, piece in prompt.pieces(text):
            counts[ANSWERS] += 1
            told = claims.listed(self._answer(piece))
            for claim in claims.believed(told, piece, counts):
                start, end = at + claim.start, at + claim.end
                place = bisect(begins, start) - 1
                section = spans[place].section if place >= 0 else ""
                found.append(Mention(*claim[:4], section, start, end))
        return found

    def _answer(self, piece: str) -> str:
        request = partial(prompt.request, self._asked.model, piece)
        path = self._folder / called(request(), self._keys)
        known = kept(path, self._keys)
        if known is not None:
            return known
        answer = self._connected().ask(request, claims.listed)
        return keep(path, answer, self._keys)

    def _connected(self) -> "Server":
        if self._server is None:
            if self._asked.address is None:
                raise unfit(URL, "is not set, and params.yaml names `ingest.model`")
            from chronicle.ingest.model.server import (
                connect,
            )  # httpx: a tenth of a start

            self._server = self._stack.enter_context(connect(self._asked.address))
        return self._server


@contextmanager
def opened(asked: Asked | None, parts: Path, keys: Keys) -> Iterator[Reader | None]:
    """Give a reader for the block; None where no model is asked."""
    with ExitStack() as stack:
        folder = parts / FOLDER
        yield None if asked is None else Reader(asked, folder, keys, stack)
