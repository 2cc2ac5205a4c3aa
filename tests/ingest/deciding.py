"""Versions and deletions, drawn: which file says what of which resource, and when."""

import tempfile
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import polars as pl

from chronicle.ingest import across, keep, laid
from chronicle.ingest.layout import ALL, Layout
from chronicle.ingest.ledger import ledger
from chronicle.ingest.parse import parse
from chronicle.ingest.passes import judged
from chronicle.ingest.settle import settle
from chronicle.ingest.settle import unite as unite_pieces
from chronicle.ingest.shelf import Shelf
from chronicle.ingest.spread import counted, spread
from chronicle.ingest.tallied import tally
from chronicle.ingest.unite import unite
from tests.bundles import Resource, bundle, observation, patient, quantity, write
from tests.conftest import KEYS

PEOPLE = ("ann", "bob")
TAKES = {"gone": "/", "named": "?identifier=urn%3An%7C"}  # by id, by identifier


class Told(NamedTuple):
    """What came of it: fates by type, values in the tables, rows of `duplicates`."""

    fates: dict[str, dict[str, int]]
    values: list[float]
    gone: pl.DataFrame
    tables: pl.DataFrame
    warnings: dict[str, int]

    def of(self, kind: str) -> dict[str, int]:
        return {fate: n for fate, n in self.fates.get(kind, {}).items() if n}


def day(number: str) -> str | None:
    return None if number == "-" else f"2012-01-{int(number):02}T00:00:00Z"


def line(name: str, when: str, what: str) -> Resource:
    """Return the entry of a bundle that one drawn line means."""
    kind = "Patient" if name in PEOPLE else "Observation"
    stated = day(when)
    if what in TAKES:
        response = {"response": {"lastModified": stated}} if stated else {}
        url = f"{kind}{TAKES[what]}{name}"
        return {"request": {"method": "DELETE", "url": url}} | response
    meta: Resource = {"meta": {"lastUpdated": stated}} if stated else {}
    meta["identifier"] = [{"system": "urn:n", "value": name}]
    if kind == "Patient":
        return {"resource": patient(name, birthDate=f"19{what}-03-01", **meta)}
    if what == "error":
        meta["status"] = "entered-in-error"
    value = quantity(1.0 if what == "error" else float(what), "%")
    owner = "bob" if name.startswith("b") else "ann"
    # Each at a time of its own: two that say the same of one time are one fact.
    at = f"2011-05-02T10:0{name[-1]}:00Z" if name[-1].isdigit() else None
    meta |= {"effectiveDateTime": at} if at else {}
    made = observation(owner, valueQuantity=value, **meta) | {"id": name}
    return {"resource": made}


ANN = line("ann", "-", "50")


def drawn(text: str) -> dict[str, list[Resource]]:
    """Return the entries of each file: `FILE NAME DAY VALUE|gone|named|error` a line.

    Where no line is about ann, she is in a file of her own.
    """
    files: dict[str, list[Resource]] = {} if " ann " in text else {"ann": [ANN]}
    for file, *rest in map(str.split, text.strip().splitlines()):
        files.setdefault(file, []).append(line(*rest))
    return files


def lay_files(layout: Layout, sites: list[str]) -> None:
    numbers = pl.Series("file", range(len(sites)), pl.Int32)
    frame = numbers.to_frame().with_columns(
        site=pl.Series(sites, dtype=pl.String),
        shown=pl.Series(sites, dtype=pl.String),
        key=pl.col("file").cast(pl.String),
    )
    layout.lay(frame, "files", ALL, "all")


def decided(files: dict[str, list[Resource]], shards: int = 2, ranges: int = 1) -> Told:
    """Take files from the landing to the ledger, each a batch of its own."""
    with tempfile.TemporaryDirectory() as folder:
        landing, parts = Path(folder) / "landing", Path(folder) / "parts"
        whole = {name: bundle() | {"entry": each} for name, each in files.items()}
        write(landing, **whole)
        told = {"parts": parts, "code": "", "full": False}
        parsed = parse([*enumerate(sorted(landing.iterdir()))], keys=KEYS, **told)
        layout = Layout(Path(folder) / "rows", shards, ranges)
        lay_files(layout, ["-"] * len(files))
        for number, each in enumerate(parsed):
            spread([(number, parts / each.part)], layout=layout, keys=KEYS)
        kept = Shelf(parts, "", KEYS)
        rows = replace(kept, suffix=laid.SUFFIX)
        laid.before(rows, layout, ask=False)
        for bucket in laid.buckets(layout):
            laid.renew(bucket, layout=layout, old=rows, new=rows)
        across.name_deletions(layout)
        unite(layout)
        strays, tables = tally(across.decide(layout)), Path(folder) / "tables"
        judged(layout, kept)
        settled = [
            settle(each, layout=layout, keys=KEYS, weeks=0, shelf=kept)
            for each in layout.all_buckets()
        ]
        for shard in range(shards):
            unite_pieces(shard, layout=layout, tables=tables)
        counts = sum((each[0] for each in settled), strays + counted(layout)[0])
        refused = pl.concat([keep.refusals(layout), *(each[1] for each in settled)])
        reasons = Counter(refused["reason"].to_list())
        # It raises where they do not add up.
        none = Counter()
        balanced = ledger(counts, reasons, files={}, tables={}, values=none, notes=none)
        events = pl.read_parquet(tables / "events/*.parquet").sort(pl.all())
        values = events["numeric_value"].drop_nulls().round(1).sort().to_list()
        gone, warned = keep.gone(layout), balanced["warnings"]
        return Told(balanced["by_type"], values, gone, events, warned)
