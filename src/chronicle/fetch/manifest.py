"""The list of an export's files: what the server wrote, and the one that is kept.

The kept one names our files instead of the server's addresses: those differ with every
export, and may hold a key to the file.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import Annotated
from urllib.parse import urljoin

from pydantic import BaseModel, BeforeValidator, Field, StrictBool, ValidationError

from chronicle.fetch.address import permitted
from chronicle.fetch.answer import Answer, refused
from chronicle.fetch.export import STATUS
from chronicle.fetch.whole import Size

NAME = "manifest.json"
# The key of a list in the manifest, its folder, and the type where none is named.
LISTS = (
    ("output", "", ""),
    ("deleted", "deleted/", "Bundle"),
    ("error", "error/", "OperationOutcome"),
)


class _File(BaseModel):
    type: str = Field(default="", pattern=r"^([A-Z][A-Za-z]{1,63})?$")
    url: str
    count: int | None = Field(default=None, ge=0)


Files = Annotated[tuple[_File, ...], BeforeValidator(lambda listed: listed or ())]


class _Manifest(BaseModel):
    time: str = Field(alias="transactionTime", pattern=r"^[0-9TZ:.+\-]{10,40}$")
    needs_token: StrictBool = Field(alias="requiresAccessToken")
    output: Files
    deleted: Files = ()
    error: Files = ()


@dataclass(frozen=True)
class Item:
    """One file of an export: our name for it, and where it is."""

    name: str
    type: str
    url: str
    count: int | None


@dataclass(frozen=True)
class Manifest:
    """An export's files, and the instant that they show."""

    time: str
    needs_token: bool
    lists: Mapping[str, tuple[Item, ...]]

    @property
    def items(self) -> tuple[Item, ...]:
        """All files, in the order of the manifest."""
        return tuple(item for each in self.lists.values() for item in each)

    @property
    def signature(self) -> str:
        """What stays the same as long as the files do: not the keys in addresses."""
        told = [self.time, *(f"{i.name} {i.url.split('?')[0]}" for i in self.items)]
        return blake2b("\n".join(told).encode(), digest_size=16).hexdigest()

    def kept(self, asked: str, sizes: Mapping[str, Size]) -> dict[str, object]:
        """Return what is written beside the files."""
        return {
            "transactionTime": self.time,
            "request": asked,
            "requiresAccessToken": self.needs_token,
            **{
                key: [
                    {"type": i.type, "url": i.name, "count": sizes[i.name].resources}
                    for i in items
                ]
                for key, items in self.lists.items()
            },
        }


def read(answer: Answer, *, base: str, url: str) -> Manifest:
    """Read the manifest that came from `url`.

    Raises:
        FetchRefused: It is not one of a bulk export, or names addresses that no
            token and no patient should be sent through.
    """
    try:
        found = _Manifest.model_validate(answer.json())
    except ValidationError as fault:
        places = {re.sub(r"\W", "", str(each["loc"][0])) for each in fault.errors()}
        raise refused(
            f"the manifest is none of a bulk export: {', '.join(sorted(places))}",
            STATUS,
            "see whether the server follows HL7 Bulk Data Access 1.0 or 2.0",
        ) from None
    lists = {
        key: tuple(_named(getattr(found, key), folder, default, base, url))
        for key, folder, default in LISTS
    }
    return Manifest(found.time, found.needs_token, lists)


def _named(
    files: Iterable[_File], folder: str, default: str, base: str, url: str
) -> Iterable[Item]:
    seen: Counter[str] = Counter()
    for file in files:
        kind = file.type or default
        if not kind:
            raise refused("the manifest has a file without a type", STATUS, "mend it")
        seen[kind] += 1
        place = permitted(urljoin(url, file.url), base, where=STATUS)
        yield Item(f"{folder}{kind}.{seen[kind]}.ndjson", kind, place, file.count)
