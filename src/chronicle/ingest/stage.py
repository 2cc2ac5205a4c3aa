"""Stage `ingest`: landing, risks -> parts, tables, comparators, refused, the ledger."""

import logging
from collections import Counter
from pathlib import Path
from typing import Literal, TypeVar

import polars as pl
from pydantic import Field

from chronicle.core import params, store, workers
from chronicle.core.params import Params
from chronicle.core.tables import PATIENTS
from chronicle.ingest import (
    across,
    deidentify,
    harmonise,
    keep,
    keys,
    naming,
    outside,
    read,
    settle,
)
from chronicle.ingest.batch import REFUSALS
from chronicle.ingest.entry import FILE
from chronicle.ingest.ledger import Counts
from chronicle.ingest.ledger import ledger as balance
from chronicle.ingest.parse import Parsed, parse
from chronicle.ingest.spread import ALL, Layout, Spread, ranges, spread

Item = TypeVar("Item")
log = logging.getLogger(__name__)

BATCH_BYTES = 4_000_000  # of files: a worker's bite, small enough to show progress
PARTS_BYTES = 4_000_000  # of parts, which are smaller


class IngestParams(Params):
    """Section `ingest`.

    Args:
        shards: Files per table; also the widest a cluster can spread.
        salt: Keys the pseudonyms: with another, no id can be linked to this run's.
        sites: Folders below the landing whose names may stand in tables.
        validation: In the file `validate`. `gate`: R4B is asked only where the gate
            does not accept; `full`: about each resource. The results are the same.
    """

    shards: int = Field(ge=1, le=4096)
    salt: str = Field(min_length=1, max_length=64)
    sites: tuple[str, ...]
    validation: Literal["gate", "full"] = Field(alias="validate")


def run(
    landing: Path,
    risks: Path,
    parts: Path,
    tables: Path,
    comparators: Path,
    refused: Path,
    ledger: Path,
) -> None:
    """Read what is new in the landing folder, unite all of it; the ledger is last."""
    settings = params.section("ingest", IngestParams)
    files = read.files(landing)
    given, number = outside.read(risks)  # before the hours that the rest may take
    with (
        workers.hired(),
        store.scratch(tables.with_name(f".{tables.name}.rows")) as rows,
    ):
        parsed = _parsed(files, parts, settings)
        layout = _layout(parsed, files, rows.resolve(), landing, settings)
        gathered = _spread(parsed, parts, layout, settings)
        harmonise.infer_units(layout)
        strays = across.decide(layout)
        with store.folder(tables) as folder:
            settled = _settle(layout, folder.resolve())
            lost = _lost(parsed)
            refusals = pl.concat(
                [lost, keep.refusals(layout), *(each[1] for each in settled)]
            )
            fates = [settle.tally(strays), _counts(lost), *(g[0] for g in gathered)]
            balanced = _balanced(fates, gathered, settled, refusals, len(files))
        gone = keep.gone(layout)
    keep.keep(refusals, gone, files, landing, refused)
    accepted = store.read(PATIENTS, tables / "patients")["subject_id"]
    compared = outside.keep(given, number, accepted, comparators, salt=settings.salt)
    _forget(parts, {each.part for each in parsed})
    store.write_json(balanced | {"comparators": compared}, ledger)


def _parsed(files: list[Path], parts: Path, settings: IngestParams) -> list[Parsed]:
    """Make the parts that are not there; return what became of each file."""
    log.info("ingest: %d files", len(files))
    parts.mkdir(parents=True, exist_ok=True)
    # A link stays one.
    items = [
        ((number, path.absolute()), path.lstat().st_size)
        for number, path in enumerate(files)
    ]
    told = workers.map_shards(
        parse,
        _bites(items, BATCH_BYTES),
        parts=parts.resolve(),
        code=naming.code(),
        keys=keys.derived(settings.salt.encode()),
        salt=settings.salt,
        full=settings.validation == "full",
    )
    parsed = [each for some in told for each in some]
    log.info("ingest: %d files parsed", sum(each.is_new for each in parsed))
    return parsed


def _layout(
    parsed: list[Parsed],
    files: list[Path],
    rows: Path,
    landing: Path,
    settings: IngestParams,
) -> Layout:
    sizes = [each.size for each in parsed]
    layout = Layout(rows, settings.shards, ranges(sizes, settings.shards))
    sites = [_site(path, landing) for path in files]
    shown = {site: _shown(site, settings) for site in set(sites)}
    frame = pl.DataFrame(
        {
            "file": pl.Series(range(len(files)), dtype=pl.Int32),
            "site": pl.Series(sites, dtype=pl.String),
            "shown": pl.Series([shown[site] for site in sites], dtype=pl.String),
        }
    )
    layout.lay(frame, "files", ALL, "all")
    return layout


def _spread(
    parsed: list[Parsed], parts: Path, layout: Layout, settings: IngestParams
) -> list[Spread]:
    items = [
        ((number, parts.resolve() / each.part), each.size)
        for number, each in enumerate(parsed)
        if each.part is not None
    ]
    key = keys.derived(settings.salt.encode())
    bites = _bites(items, PARTS_BYTES)
    return workers.map_shards(spread, bites, layout=layout, keys=key)


def _settle(layout: Layout, tables: Path) -> list[settle.Settled]:
    shards = range(layout.shards)
    buckets = [each for shard in shards for each in layout.buckets(shard)]
    settled = workers.map_shards(settle.settle, buckets, layout=layout)
    workers.map_shards(settle.unite, shards, layout=layout, tables=tables)
    return settled


def _lost(parsed: list[Parsed]) -> pl.DataFrame:
    """Return the files that have no part, as refusals."""
    rows = [
        (number, FILE, "(file)", each.problem, None, 0)
        for number, each in enumerate(parsed)
        if each.problem is not None
    ]
    return pl.DataFrame(rows, REFUSALS, orient="row")


def _counts(lost: pl.DataFrame) -> Counts:
    n = lost.height
    return +Counter({("(file)", "read"): n, ("(file)", "refused"): n})


def _forget(parts: Path, wanted: set[str | None]) -> None:
    """Remove parts of files that are gone, or of other code, and what was left half."""
    for path in parts.iterdir():
        if path.name not in wanted:
            path.unlink()


def _balanced(
    fates: list[Counts],
    gathered: list[Spread],
    settled: list[settle.Settled],
    refusals: pl.DataFrame,
    files: int,
) -> dict[str, object]:
    counts: Counts = Counter()
    values: Counter[str] = Counter()
    rows: Counter[str] = Counter()
    for some in fates:
        counts.update(some)
    for _, handled in gathered:
        values.update(handled)
    for some, _, written, harmonised in settled:
        counts.update(some)
        rows.update(written)
        values.update(harmonised)
    return balance(
        counts,
        Counter(refusals["reason"].to_list()),
        files={"read": files, "refused": refusals.filter(pl.col("entry") < 0).height},
        tables=dict(rows),
        values=values,
    )


def _site(path: Path, landing: Path) -> str:
    """Return the folder of a file below the landing: who sent it, as far as we know.

    Not `meta.source`: many servers write another one into every message.
    """
    inside = path.relative_to(landing).parts
    return inside[0] if len(inside) > 1 else ""


def _shown(site: str, settings: IngestParams) -> str:
    """Return what tables call a site: a folder's name may be that of a patient."""
    if site in (*settings.sites, ""):
        return site or "-"
    key = deidentify.provenance(f"Site/{site}", salt=settings.salt)
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
