"""What a model is asked: the request, of which each byte decides what it answers."""

from collections.abc import Iterator
from functools import cache
from hashlib import blake2b
from pathlib import Path

import orjson
from pydantic import Field, field_validator

from chronicle.core import store
from chronicle.core.params import Params
from chronicle.ingest.notes.vocabulary import vocabulary

PROMPTS: dict[int, str] = store.read_yaml(Path(__file__).with_name("prompt.yaml"))
MOST_CHARACTERS = 12_000
"""So much of a note is asked about at a time: a model's window is bounded."""


class ModelParams(Params):
    """`ingest.model`: a user's own model that reads notes beside the rules.

    Args:
        name: What its service calls it; another name, another result.
        prompt: Version in `prompt.yaml`.
        seed: Sent along, for services that honour it.
    """

    name: str = Field(min_length=1, max_length=200)
    prompt: int
    seed: int = Field(ge=0)

    @field_validator("prompt")
    @classmethod
    def _known(cls, version: int) -> int:
        if version not in PROMPTS:
            raise ValueError(f"one of {', '.join(map(str, sorted(PROMPTS)))}")
        return version


def request(model: ModelParams, piece: str, again: int = 0) -> bytes:
    """Return what is sent for a piece of a note.

    Args:
        model: Who is asked.
        piece: The text.
        again: How often nonsense was answered: with the same seed, it would be again.
    """
    messages = [
        {"role": "system", "content": _told(model.prompt)},
        {"role": "user", "content": piece},
    ]
    return orjson.dumps(
        {
            "model": model.name,
            "messages": messages,
            "temperature": 0,
            "seed": model.seed + again,
            "response_format": {"type": "json_object"},
            "stream": False,
        }
    )


def stamp(model: ModelParams | None) -> str:
    """Return what tells apart all that a model may change; "" where there is none."""
    if model is None:
        return ""
    return blake2b(request(model, ""), digest_size=16).hexdigest()


def pieces(text: str) -> Iterator[tuple[int, str]]:
    r"""Give a text in pieces, each with its offset, cut where it is least torn.

    >>> [at for at, _ in pieces("a" * 9_000 + "\n\n" + "b" * 9_000)]
    [0, 9002]
    """
    at = 0
    while at < len(text):
        end = at + MOST_CHARACTERS
        if end < len(text):
            marks = ((mark, text.rfind(mark, at, end)) for mark in ("\n\n", "\n", " "))
            end = next((cut + len(mark) for mark, cut in marks if cut > at), end)
        piece = text[at:end]
        if piece.strip():
            yield at, piece.encode("utf-8", "replace").decode("utf-8")
        at = end


@cache
def _told(version: int) -> str:
    known = vocabulary().concepts.items()
    listed = "\n".join(f"{slug}: {concept.meaning}" for slug, concept in known)
    return PROMPTS[version].replace("<concepts>", listed)
