"""What was judged before, and is the same still, is not judged again.

What a file answers is decided by its bytes, the suites, the ends of the sites' data and
the code. A hash of these stands beside the answers, with a hash of each file that was
written then; where all are as they were, the files are copied and the answers read.
"""

import json
import shutil
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import blake2b, file_digest
from importlib.metadata import version
from pathlib import Path
from typing import Any

import polars as pl

from chronicle.check import act, flag, reference, shard
from chronicle.check.asked import Suite
from chronicle.check.shard import Asked, Places
from chronicle.core import store
from chronicle.core.expect import suite

PACKAGE = Path(__file__).parents[1]
ROOMS = ("check", "core")
LIBRARIES = ("great_expectations", "pandas", "polars", "pydantic")
FOLDER = "judged"  # below the verdicts
TABLES = ("patients", "events")
SCHEMAS = {"asked": suite.ASKED, "counts": flag.COUNTS, "done": act.DONE}
Told = tuple[Asked, Asked, pl.DataFrame]


@dataclass(frozen=True)
class Before:
    """Where the last run left what it made, and what decides beside the tables."""

    places: Places
    decides: str


def decides(suites: Mapping[str, Suite], extracted: pl.DataFrame) -> str:
    """Return a hash of what decides for all files: suites, ends, code, libraries."""
    told = [f"python {sys.version_info.major}.{sys.version_info.minor}"]
    told += [f"{name} {version(name)}" for name in LIBRARIES]
    told += [suites[name].model_dump_json() for name in sorted(suites)]
    told += [str(row) for row in extracted.rows()]
    for path in sorted(each for room in ROOMS for each in (PACKAGE / room).rglob("*")):
        if path.suffix == ".py":
            told.append(f"{path.relative_to(PACKAGE).as_posix()} {_hash(path)}")
    return blake2b("\n".join(told).encode(), digest_size=16).hexdigest()


def judge(
    name: str,
    *,
    places: Places,
    before: Before,
    suites: dict[str, Suite],
    extracted: pl.DataFrame,
) -> tuple[Told, bool]:
    """Do as `shard.judge` does; tell also whether it had to be done."""
    of = [before.decides, *(_hash(places.tables / each / name) for each in TABLES)]
    kept = _kept(name, of, before.places)
    if kept is None:
        told = shard.judge(name, places=places, suites=suites, extracted=extracted)
    else:
        told = _read(kept)
        there = _files(name, before.places)
        for old, here in zip(there, _files(name, places), strict=True):
            here.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(old, here)
    files = [_hash(each) for each in _files(name, places)]
    beside = {"of": of, "files": files, **_written(told)}
    store.write_json(beside, _answers(name, places.verdicts))
    return told, kept is None


def _kept(name: str, of: list[str], before: Places) -> dict[str, Any] | None:
    """Return the answers of the last run, if they and its files hold still."""
    try:
        found: dict[str, Any] = store.read_json(_answers(name, before.verdicts))
        same = [_hash(each) for each in _files(name, before)] == found["files"]
    except (OSError, json.JSONDecodeError, KeyError):
        return None
    return found if same and found["of"] == of else None


def _files(name: str, places: Places) -> Iterator[Path]:
    for folder in (places.checked, places.verdicts):
        yield from (folder / table / name for table in TABLES)


def _answers(name: str, verdicts: Path) -> Path:
    return verdicts / FOLDER / f"{Path(name).stem}.json"


def _written(told: Told) -> dict[str, Any]:
    """Return answers as JSON: counts and words, no float among them."""
    tables = {
        table: {"rows": each.rows, "kept": each.kept}
        | {name: getattr(each, name).to_dict(as_series=False) for name in SCHEMAS}
        for table, each in zip(TABLES, told[:2], strict=True)
    }
    return tables | {"profile": told[2].to_dict(as_series=False)}


def _read(kept: Mapping[str, Any]) -> Told:
    patients, events = (
        Asked(
            kept[table]["rows"],
            kept[table]["kept"],
            **{
                name: pl.DataFrame(kept[table][name], schema)
                for name, schema in SCHEMAS.items()
            },
        )
        for table in TABLES
    )
    return patients, events, pl.DataFrame(kept["profile"], reference.PROFILE)


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return file_digest(file, lambda: blake2b(digest_size=16)).hexdigest()
