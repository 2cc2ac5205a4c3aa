"""Whether what DVC brought back is what was made: the bytes against their md5.

DVC trusts its cache. An object that a disk has damaged comes back as it is, under the
name of what it was.
"""

import hashlib
import json
import logging
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from dvc.exceptions import DvcException
from dvc.logger import set_loggers_level

from flows import graph

BACK, LOST = "was gone, and is back", "is lost, and begins anew"
FOLDER = ".dir"  # how the md5 of a folder ends, whose object lists its files


def demand_whole(stage: str) -> tuple[str, ...]:
    """Remove what of a stage's outputs is damaged, from the cache too; tell which."""
    with graph.project() as repo:
        outs = (out for out in made(repo) if out.stage.addressing == stage)
        return tuple(str(out) for out in outs if remove_damaged(out, repo))


def bring_back() -> tuple[str, ...]:
    """Bring back what is kept from run to run and is gone; say of each how that ended.

    A stage that does not find it begins anew, as on the first day of all.
    """
    with graph.project() as repo:
        gone = [out for out in made(repo) if out.persist and not out.exists]
        return tuple(f"{out} {brought_back(out, repo)}" for out in gone)


def brought_back(out: Any, repo: Any) -> str:
    """Bring an output back from DVC's cache, if it is whole there; say so."""
    with suppress(DvcException), set_loggers_level(logging.CRITICAL):
        repo.checkout([str(out.fs_path)], force=True)
    if not any(wrong(out, repo)):
        return BACK
    path = Path(out.fs_path)
    shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
    return LOST


def sources(repo: Any) -> list[str]:
    """Return the `.dvc` files of what the pipe reads; others are somebody's own."""
    edges = repo.index.graph
    return sorted(
        stage.path_in_repo
        for stage in edges
        if stage.is_data_source
        and any(near.path_in_repo == graph.PIPE.name for near in edges.pred[stage])
    )


def made(repo: Any) -> list[Any]:
    """Return what DVC keeps of the pipe and its sources; nothing of what never ran."""
    ours = {graph.PIPE.name, *sources(repo)}
    stages = (stage for stage in repo.index.stages if stage.path_in_repo in ours)
    outs = (out for stage in stages for out in stage.outs)
    return [out for out in outs if out.use_cache and out.hash_info.value]


def damaged(repo: Any) -> list[str]:
    """Return every output and tracked folder that is not what its md5 says."""
    return [str(out) for out in made(repo) if any(wrong(out, repo))]


def remove_damaged(out: Any, repo: Any) -> bool:
    """Remove an output that is damaged, and what of its origin is damaged too."""
    found = list(wrong(out, repo))
    for md5 in found:
        if md5_of(kept := stored(repo, md5)) != md5.removesuffix(FOLDER):
            kept.unlink(missing_ok=True)
    if found:
        path = Path(out.fs_path)
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
    return bool(found)


def wrong(out: Any, repo: Any) -> Iterator[str]:
    """Yield the md5 of each file of an output that has other bytes, or is not there."""
    told, path = out.hash_info.value, Path(out.fs_path)
    if not told.endswith(FOLDER):
        if md5_of(path) != told:
            yield told
        return
    listed = stored(repo, told)
    if md5_of(listed) != told.removesuffix(FOLDER):
        yield told
        return
    for entry in json.loads(listed.read_text(encoding="utf-8")):
        if md5_of(path / entry["relpath"]) != entry["md5"]:
            yield entry["md5"]


def stored(repo: Any, md5: str) -> Path:
    """Return where DVC's cache keeps an object."""
    return Path(repo.cache.local.path, md5[:2], md5[2:])


def md5_of(path: Path) -> str | None:
    """Return the md5 of a file; None where there is none."""
    try:
        with path.open("rb") as file:
            made = hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False))
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
        return None
    return made.hexdigest()
