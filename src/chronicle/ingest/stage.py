"""Stage `ingest`: landing, risks -> tables, comparators, refused and the ledger."""

import logging
from collections import Counter
from pathlib import Path
from typing import Any, Literal

import polars as pl
from pydantic import Field

from chronicle.core import params, store, workers
from chronicle.core.params import Params
from chronicle.core.tables import PATIENTS
from chronicle.ingest import (
    deidentify,
    harmonise,
    keep,
    keys,
    linkage,
    outside,
    read,
    simulated,
)
from chronicle.ingest.batch import REFUSALS
from chronicle.ingest.gather import Gathered, gather
from chronicle.ingest.ledger import Counts
from chronicle.ingest.ledger import ledger as balance
from chronicle.ingest.settle import Settled, settle

log = logging.getLogger(__name__)

BATCH_BYTES = 4_000_000  # of files: a worker's bite, small enough to show progress


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
    tables: Path,
    comparators: Path,
    refused: Path,
    ledger: Path,
) -> None:
    """Read everything in the landing folder; the ledger is written last."""
    settings = params.section("ingest", IngestParams)
    files = read.files(landing)
    given, number = outside.read(risks)  # before the hours that the rest may take
    own, weeks = _keys(files), settings.shift_weeks
    with store.scratch(tables.with_name(f".{tables.name}.parts")) as parts:
        where = parts.resolve()
        told: dict[str, Any] = {"parts": where, "shards": settings.shards, "keys": own}
        told["full"] = settings.validation == "full"
        gathered = workers.map_shards(gather, _batches(files), **told)
        sites = [_site(path, landing) for path in files]
        harmonise.infer_units(where, sites)
        with store.folder(tables) as folder:
            shown = [_shown(site, settings, own) for site in sites]
            told = {"parts": where, "tables": folder.resolve(), "sites": shown}
            told |= {"keys": own, "weeks": weeks}
            settled = workers.map_shards(settle, range(settings.shards), **told)
            refusals = pl.concat([_refusals(where), *(each[1] for each in settled)])
            balanced = _balanced(gathered, settled, refusals, len(files))
        gone = keep.gone(where)
        linkage.write(where, keys.private())
    keep.keep(refusals, gone, files, landing, refused, own)
    accepted = store.read(PATIENTS, tables / "patients")["subject_id"]
    compared = outside.keep(given, number, accepted, comparators, keys=own, weeks=weeks)
    beside = {"comparators": compared, "key": own.fingerprint}
    store.write_json(balanced | beside, ledger)


def _keys(files: list[Path]) -> keys.Keys:
    own = keys.load(lambda: simulated.begins_with(files))
    whose = "public key, for simulated patients" if own.demo else "key"
    log.info("ingest: %d files, %s %s", len(files), whose, own.fingerprint)
    return own


def _balanced(
    gathered: list[Gathered], settled: list[Settled], refusals: pl.DataFrame, files: int
) -> dict[str, object]:
    counts: Counts = Counter()
    values: Counter[str] = Counter()
    rows: Counter[str] = Counter()
    for some, handled in gathered:
        counts.update(some)
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


def _batches(files: list[Path]) -> list[list[tuple[int, Path]]]:
    batches: list[list[tuple[int, Path]]] = []
    size = BATCH_BYTES
    for number, path in enumerate(files):
        if size >= BATCH_BYTES:
            batches.append([])
            size = 0
        batches[-1].append((number, path.absolute()))  # a link stays one
        size += path.lstat().st_size
    return batches


def _refusals(parts: Path) -> pl.DataFrame:
    files = sorted((parts / "refusals" / "0").glob("*.parquet"))
    return pl.concat(
        [pl.DataFrame(schema=REFUSALS), *(pl.read_parquet(file) for file in files)]
    )
