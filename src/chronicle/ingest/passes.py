"""The passes over all files, one after the other; bites of each go to workers."""

import logging
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import polars as pl

from chronicle.core import workers
from chronicle.core.progress import Progress
from chronicle.ingest import anew, deidentify, keys, laid, late, naming, read, settle
from chronicle.ingest.batch import REFUSALS
from chronicle.ingest.entry import FILE
from chronicle.ingest.layout import ALL, Layout, packs, ranges
from chronicle.ingest.ledger import Counts
from chronicle.ingest.model.answers import FOLDER
from chronicle.ingest.model.reader import Asked
from chronicle.ingest.parse import Parsed, parse
from chronicle.ingest.shelf import Shelf
from chronicle.ingest.spread import NARROW, Which, spread
from chronicle.ingest.tallied import Settled

Item = TypeVar("Item")
log = logging.getLogger(__name__)

BATCH_BYTES = 4_000_000  # of files: a worker's bite, small enough to show progress
PARTS_BYTES = 4_000_000  # of parts, which are smaller
DROP = 0.3  # of the bytes of all parts: above it, two looks cost more than one


def parsed(
    files: list[Path],
    parts: Path,
    own: keys.Keys,
    *,
    code: str,
    full: bool,
    asked: Asked | None,
) -> list[Parsed]:
    """Make the parts that are not there; return what became of each file."""
    parts.mkdir(parents=True, exist_ok=True)
    # A link stays one.
    items = [
        ((number, path.absolute()), path.lstat().st_size)
        for number, path in enumerate(files)
    ]
    bites, size = _bites(items, BATCH_BYTES), dict(items)
    done = iter([sum(size[each] for each in bite) for bite in bites])
    what = f"{len(files):,} files"
    progress = Progress("ingest", sum(size.values()), what, "resources")
    told = workers.map_shards(
        parse,
        bites,
        lambda some: progress.add(next(done), sum(each.resources for each in some)),
        parts=parts.resolve(),
        code=code,
        keys=own,
        full=full,
        asked=asked,
    )
    found = [each for some in told for each in some]
    log.info("ingest: %d files parsed", sum(each.is_new for each in found))
    return found


def laid_out(parsed: list[Parsed], rows: Path, shards: int) -> Layout:
    """Return where rows are to lie: the more parts there are, the more buckets."""
    many = ranges([each.size for each in parsed], shards)
    return Layout(rows, shards, many, packs(len(parsed)))


def shelf(
    parts: Path, layout: Layout, own: keys.Keys, *, code: str, weeks: int
) -> Shelf:
    """Return where settled buckets are kept: of these rules, and no others."""
    numbers = (layout.shards, layout.ranges, weeks)
    rules = naming.named(code, own.fingerprint, *map(str, numbers))
    return Shelf(parts.resolve(), rules, own)


def lay_files(
    layout: Layout,
    files: list[Path],
    parsed: list[Parsed],
    landing: Path,
    named: tuple[str, ...],
    own: keys.Keys,
) -> None:
    """Lay out who sent each file, what tables call that, and the key of the file.

    Args:
        layout: Where.
        files: In the order of their numbers.
        parsed: What became of each.
        landing: They are below it.
        named: Folders whose names may stand in tables.
        own: Makes the pseudonyms of the others.
    """
    sites = [_site(path, landing) for path in files]
    shown = {site: _shown(site, named, own) for site in set(sites)}
    keys = [
        naming.named(read.shown(path, landing), str(each.part), shown[site])
        for path, each, site in zip(files, parsed, sites, strict=True)
    ]
    frame = pl.DataFrame(
        {
            "file": pl.Series(range(len(files)), dtype=pl.Int32),
            "site": pl.Series(sites, dtype=pl.String),
            "shown": pl.Series([shown[site] for site in sites], dtype=pl.String),
            "key": pl.Series(keys, dtype=pl.String),
        }
    )
    layout.lay(frame, "files", ALL, "all")


def is_drop(parsed: list[Parsed], kept: Shelf, layout: Layout) -> bool:
    """Tell whether most is as in the run before: it is kept, and few parts are new."""
    new = sum(each.size for each in parsed if each.is_new)
    if new > DROP * sum(each.size for each in parsed):
        return False
    return any(kept.path(each).exists() for each in layout.all_buckets())


def spread_out(
    parsed: list[Parsed],
    parts: Path,
    layout: Layout,
    own: keys.Keys,
    which: Which,
    files: set[int],
) -> None:
    """Lay out the rows of the parts of some files, by bucket."""
    items = [
        ((number, parts.resolve() / each.part), each.size)
        for number, each in enumerate(parsed)
        if each.part is not None and number in files
    ]
    bites = _bites(items, PARTS_BYTES * (NARROW if which == "thin" else 1))
    workers.map_shards(spread, bites, layout=layout, keys=own, which=which)


def gathered(
    parsed: list[Parsed], parts: Path, layout: Layout, kept: Shelf, which: Which
) -> set[str]:
    """Lay out what is asked for, old and new; return the names of what keeps it."""
    shelf = replace(kept, suffix=laid.SUFFIX)
    old, known = laid.before(shelf, layout, ask=which == "thin")
    files = {*range(len(parsed))} - known
    spread_out(parsed, parts, layout, kept.keys, which, files)
    new = laid.now(shelf, layout)
    workers.map_shards(
        laid.renew, laid.buckets(layout), layout=layout, old=old, new=new
    )
    return laid.end(shelf, layout)


def judged(layout: Layout, kept: Shelf) -> set[int]:
    """Decide whose rows are made anew; return the files that tell of them."""
    told = workers.map_shards(
        anew.judge, layout.all_buckets(), layout=layout, shelf=kept
    )
    return {file for some in told for file in some}


def settled(
    layout: Layout, tables: Path, own: keys.Keys, weeks: int, kept: Shelf
) -> list[Settled]:
    """Settle each bucket, and unite the buckets of each shard."""
    told = workers.map_shards(
        settle.settle,
        layout.all_buckets(),
        layout=layout,
        keys=own,
        weeks=weeks,
        shelf=kept,
    )
    shards = range(layout.shards)
    workers.map_shards(settle.unite, shards, layout=layout, tables=tables)
    return told


def look_up(
    later: pl.DataFrame,
    files: list[Path],
    parsed: list[Parsed],
    parts: Path,
    own: keys.Keys,
) -> None:
    """Look up the texts of what was refused when its part was made already."""
    items = []
    for (at,), some in later.sort("file", "entry").group_by("file"):
        path, made = files[int(str(at))].absolute(), parsed[int(str(at))]
        part = made.part and parts.resolve() / made.part
        items.append(((path, part, some["entry"].to_list()), made.size))
    workers.map_shards(late.look, _bites(items, PARTS_BYTES), keys=own)


def lost(parsed: list[Parsed]) -> pl.DataFrame:
    """Return the files that have no part, as refusals."""
    rows = [
        (number, FILE, "(file)", each.problem, None, 0)
        for number, each in enumerate(parsed)
        if each.problem is not None
    ]
    return pl.DataFrame(rows, REFUSALS, orient="row")


def counts_of(lost: pl.DataFrame) -> Counts:
    """Count the files that have no part."""
    n = lost.height
    return +Counter({("(file)", "read"): n, ("(file)", "refused"): n})


def forget(parts: Path, wanted: set[str | None]) -> None:
    """Remove parts of files that are gone, or of other code, and what was left half."""
    for path in (*parts.iterdir(), *(parts / FOLDER).glob(".*")):
        if path.name not in wanted and path.name != FOLDER:
            path.unlink()


def _site(path: Path, landing: Path) -> str:
    """Return the folder of a file below the landing: who sent it, as far as we know.

    Not `meta.source`: many servers write another one into every message.
    """
    inside = path.relative_to(landing).parts
    return inside[0] if len(inside) > 1 else ""


def _shown(site: str, named: tuple[str, ...], own: keys.Keys) -> str:
    """Return what tables call a site: a folder's name may be that of a patient."""
    if site in (*named, ""):
        return site or "-"
    key = deidentify.provenance(f"Site/{site}", by=own)
    return f"site-{key[-6:]}"


def _bites(items: list[tuple[Item, int]], most: int) -> list[list[Item]]:
    """Cut what a worker takes at a time: `most` bytes, or one item."""
    bites: list[list[Item]] = []
    size = most
    for item, bytes_ in items:
        if size >= most:
            bites.append([])
            size = 0
        bites[-1].append(item)
        size += bytes_
    return bites
