"""Files in an object store, or wherever else fsspec can reach (DVC brings it).

`s3://bucket/drop`, `gs://…`, `abfs://…`, `https://…`, each with or without `*`. The
store's own package (s3fs, gcsfs, adlfs) is not ours to choose: whoever has a store
installs it. Addresses and errors may hold keys and patients' names, so none is told.
"""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import urlsplit

import fsspec

from flows.errors import CollectError

MAGIC = frozenset("*?[")


@dataclass(frozen=True)
class There:
    """One file of a store."""

    store: Any
    path: str

    def fetch(self, target: Path) -> None:
        """Copy it here.

        Raises:
            CollectError: The store broke off, in words of its own.
        """
        try:
            with self.store.open(self.path) as file, target.open("wb") as copy:
                shutil.copyfileobj(file, copy, 1 << 20)
        except OSError:
            raise
        except Exception as error:
            raise CollectError(
                f"a file could not be fetched ({type(error).__name__}).",
                where="the source",
                do="run again; what was fetched before is kept",
            ) from None


def is_remote(source: str) -> bool:
    """Say whether a source is an address and not a path.

    >>> is_remote("s3://bucket/drop"), is_remote("drop/2026")
    (True, False)
    """
    return "://" in source


def told(source: str) -> str:
    """Name a source by what can be no secret.

    >>> told("https://me:key@a.example/drop/ann_smith.json?token=1")
    'https://a.example/…'
    """
    return f"{urlsplit(source).scheme}://{urlsplit(source).hostname or ''}/…"


def found(source: str) -> Mapping[Path, There]:
    """Return the files behind an address, by their path below it.

    Raises:
        CollectError: The store cannot be reached, or calls a file what no file here
            may be called.
    """
    try:
        store, path = fsspec.url_to_fs(source)
        root, listed = _listed(store, path)
    except Exception as error:  # each store has errors of its own
        raise CollectError(
            f"its files could not be listed ({type(error).__name__}).",
            where=told(source),
            do="see that the address is right, its package (s3fs, gcsfs, adlfs, "
            "aiohttp) installed, and that the environment holds its key",
        ) from None
    names = {each: PurePosixPath(each).relative_to(root) for each in listed}
    if any(".." in name.parts for name in names.values()):
        raise CollectError(
            "a file's name leads out of the folder that it is in.",
            where=told(source),
            do="ask whoever fills that place; nothing was collected",
        )
    return {Path(name): There(store, each) for each, name in names.items()}


def _listed(store: Any, path: str) -> tuple[PurePosixPath, list[str]]:
    whole = PurePosixPath(path)
    if MAGIC & set(path):
        matched = [each for each in store.glob(path) if store.isfile(each)]
        plain = next(part for part in [*whole.parents] if not MAGIC & set(str(part)))
        return plain, matched
    if store.isfile(path):
        return whole.parent, [path]
    return whole, store.find(path)
