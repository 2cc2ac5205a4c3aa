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
    exports,
    harmonise,
    keep,
    keys,
    linkage,
    naming,
    outside,
    persons,
    read,
    settle,
    simulated,
    unite,
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
        shift_weeks: Each patient's dates are moved back by 1 to so many weeks; 0: not.
        sites: Folders below the landing whose names may stand in tables.
        validation: In the file `validate`. `gate`: R4B is asked only where the gate
            does not accept; `full`: about each resource. The results are the same.
    """

    shards: int = Field(ge=1, le=4096)
    shift_weeks: int = Field(ge=0, le=520)
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
    own = keys.load(lambda: simulated.begins_with(files))
    whose = "public key, for simulated patients" if own.demo else "key"
    log.info("ingest: %d files, %s %s", len(files), whose, own.fingerprint)
    with (
        workers.hired(),
        store.scratch(tables.with_name(f".{tables.name}.rows")) as rows,
    ):
        parsed = _parsed(files, parts, own, full=settings.validation == "full")
        layout = _layout(parsed, rows.resolve(), settings.shards)
        _lay_sites(layout, files, landing, settings, own)
        gathered = _spread(parsed, parts, layout, own)
        merges = unite.unite(layout)
        harmonise.infer_units(layout)
        strays = across.decide(layout)
        with store.folder(tables) as folder:
            settled = _settle(layout, folder.resolve(), own, settings.shift_weeks)
            lost = _lost(parsed)
            refusals = pl.concat(
                [lost, keep.refusals(layout), *(each[1] for each in settled)]
            )
            fates = [settle.tally(strays), _counts(lost), *(g[0] for g in gathered)]
            balanced = _balanced(fates, gathered, settled, refusals, len(files))
        gone = keep.gone(layout)
        linkage.write(layout.rows, keys.private())
    keep.keep(refusals, gone, merges, files, landing, refused, own)
    accepted = store.read(PATIENTS, tables / "patients")["subject_id"]
    compared = outside.keep(
        given, number, accepted, merges.merged, comparators,
        keys=own, weeks=settings.shift_weeks,
    )  # fmt: skip
    _forget(parts, {each.part for each in parsed})
    told = {
        "comparators": compared,
        "exports": exports.compared(files),
        "key": own.fingerprint,
        "persons": persons.counts(merges),
    }
    store.write_json(balanced | told, ledger)


def _parsed(
    files: list[Path], parts: Path, own: keys.Keys, *, full: bool
) -> list[Parsed]:
    """Make the parts that are not there; return what became of each file."""
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
        keys=own,
        full=full,
    )
    parsed = [each for some in told for each in some]
    log.info("ingest: %d files parsed", sum(each.is_new for each in parsed))
    return parsed


def _layout(parsed: list[Parsed], rows: Path, shards: int) -> Layout:
    return Layout(rows, shards, ranges([each.size for each in parsed], shards))


def _lay_sites(
    layout: Layout,
    files: list[Path],
    landing: Path,
    settings: IngestParams,
    own: keys.Keys,
) -> None:
    """Lay out who sent each file, and what tables call that."""
    sites = [_site(path, landing) for path in files]
    shown = {site: _shown(site, settings, own) for site in set(sites)}
    frame = pl.DataFrame(
        {
            "file": pl.Series(range(len(files)), dtype=pl.Int32),
            "site": pl.Series(sites, dtype=pl.String),
            "shown": pl.Series([shown[site] for site in sites], dtype=pl.String),
        }
    )
    layout.lay(frame, "files", ALL, "all")


def _spread(
    parsed: list[Parsed], parts: Path, layout: Layout, own: keys.Keys
) -> list[Spread]:
    items = [
        ((number, parts.resolve() / each.part), each.size)
        for number, each in enumerate(parsed)
        if each.part is not None
    ]
    bites = _bites(items, PARTS_BYTES)
    return workers.map_shards(spread, bites, layout=layout, keys=own)


def _settle(
    layout: Layout, tables: Path, own: keys.Keys, weeks: int
) -> list[settle.Settled]:
    shards = range(layout.shards)
    buckets = [each for shard in shards for each in layout.buckets(shard)]
    settled = workers.map_shards(
        settle.settle, buckets, layout=layout, keys=own, weeks=weeks
    )
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


def _shown(site: str, settings: IngestParams, own: keys.Keys) -> str:
    """Return what tables call a site: a folder's name may be that of a patient."""
    if site in (*settings.sites, ""):
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
