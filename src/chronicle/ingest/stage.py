"""Stage `ingest`: landing, risks -> parts, tables, comparators, refused, the ledger."""

import logging
from collections import Counter
from pathlib import Path
from typing import Literal, NamedTuple

import polars as pl
from pydantic import Field

from chronicle.core import params, store, workers
from chronicle.core.params import Params
from chronicle.core.tables import PATIENTS
from chronicle.ingest import (
    across,
    exports,
    harmonise,
    keep,
    keys,
    linkage,
    naming,
    outside,
    passes,
    persons,
    read,
    simulated,
    tallied,
    unite,
)
from chronicle.ingest.layout import Layout
from chronicle.ingest.ledger import Counts
from chronicle.ingest.ledger import ledger as balance
from chronicle.ingest.model import address
from chronicle.ingest.model.prompt import ModelParams
from chronicle.ingest.model.reader import Asked
from chronicle.ingest.parse import Parsed
from chronicle.ingest.shelf import Shelf
from chronicle.ingest.spread import Gathered, Which, counted

log = logging.getLogger(__name__)


class IngestParams(Params):
    """Section `ingest`.

    Args:
        shards: Files per table; also the widest a cluster can spread.
        shift_weeks: Each patient's dates are moved back by 1 to so many weeks; 0: not.
        sites: Folders below the landing whose names may stand in tables.
        validation: In the file `validate`. `gate`: R4B is asked only where the gate
            does not accept; `full`: about each resource. The results are the same.
        model: A user's own model that reads notes beside the rules; null: none.
    """

    shards: int = Field(ge=1, le=4096)
    shift_weeks: int = Field(ge=0, le=520)
    sites: tuple[str, ...]
    validation: Literal["gate", "full"] = Field(alias="validate")
    model: ModelParams | None


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
    asked = _asked(settings.model)
    files, others = _files(landing)
    given, number = outside.read(risks)  # before the hours that the rest may take
    own = keys.load(lambda: simulated.begins_with(files))
    whose = "public key, for simulated patients" if own.demo else "key"
    log.info("ingest: %d files, %s %s", len(files), whose, own.fingerprint)
    linkage.warn_of_another_key(keys.private(), own)
    with workers.hired():
        full = settings.validation == "full"
        code = naming.code()
        parsed = passes.parsed(files, parts, own, code=code, full=full, asked=asked)
        made = _united(files, landing, parsed, parts, tables, own, code, settings)
    kept = keep.files(files, [each.part for each in parsed], parts)
    late = keep.keep(made.refusals, made.gone, made.merges, kept, landing, refused, own)
    accepted = store.read(PATIENTS, tables / "patients")["subject_id"]
    compared = outside.keep(
        given, number, accepted, made.merges.merged, comparators,
        keys=own, weeks=settings.shift_weeks,
    )  # fmt: skip
    passes.forget(parts, {each.part for each in parsed} | made.kept | late)
    told = {
        "comparators": compared,
        "exports": exports.compared(files),
        "key": own.fingerprint,
        "passed_over": others,
        "persons": persons.counts(made.merges),
    }
    store.write_json(made.balanced | told, ledger)


def _files(landing: Path) -> tuple[list[Path], int]:
    """Return the files of the landing, and how many others lie there."""
    files, others = read.files(landing), read.others(landing)
    if others:
        log.warning("ingest: %d files passed over: no FHIR JSON by name", others)
    return files, others


def _asked(model: ModelParams | None) -> Asked | None:
    """Return the model that is asked, with its address; the log says that it is."""
    if model is None:
        return None
    log.warning("ingest: the text of notes goes to the model of %s", address.URL)
    return Asked(model, address.read())


class United(NamedTuple):
    """What came of all parts together, beside the tables; `kept`: names among them."""

    balanced: dict[str, object]
    refusals: pl.DataFrame
    gone: pl.DataFrame
    merges: persons.Merges
    kept: set[str]


def _united(
    files: list[Path],
    landing: Path,
    parsed: list[Parsed],
    parts: Path,
    tables: Path,
    own: keys.Keys,
    code: str,
    settings: IngestParams,
) -> United:
    """Write the tables from the parts; the counts are balanced before they show."""
    weeks = settings.shift_weeks
    with store.scratch(tables.with_name(f".{tables.name}.rows")) as rows:
        layout = passes.laid_out(parsed, rows.resolve(), settings.shards)
        passes.lay_files(layout, files, parsed, landing, settings.sites, own)
        kept = passes.shelf(parts, layout, own, code=code, weeks=weeks)
        strays, merges, names = _decided(layout, parsed, parts, kept)
        with store.folder(tables) as folder:
            settled = passes.settled(layout, folder.resolve(), own, weeks, kept)
            lost = passes.lost(parsed)
            later = pl.concat(each[1] for each in settled)
            passes.look_up(later, files, parsed, parts, own)
            refusals = pl.concat([lost, keep.refusals(layout), later])
            fates = [tallied.tally(strays), passes.counts_of(lost)]
            gathered = counted(layout)
            balanced = _balanced(fates, gathered, settled, refusals, len(files))
            balanced["facts"] = {"again": sum(each[4] for each in settled)}
        linkage.write(layout.rows, merges.merged, keys.private())
        names |= {kept.path(each).name for each in layout.all_buckets()}
        return United(balanced, refusals, keep.gone(layout), merges, names)


def _decided(
    layout: Layout, parsed: list[Parsed], parts: Path, kept: Shelf
) -> tuple[pl.DataFrame, persons.Merges, set[str]]:
    """Lay out all that is asked for, and decide what no bucket can tell."""
    which: Which = "thin" if passes.is_drop(parsed, kept, layout) else "all"
    names = passes.gathered(parsed, parts, layout, kept, which)
    across.name_deletions(layout)
    merges = unite.unite(layout)
    harmonise.infer_units(layout)
    strays = across.decide(layout)
    some = passes.judged(layout, kept)
    if which == "thin":
        passes.spread_out(parsed, parts, layout, kept.keys, "fat", some)
        unite.follow(layout, merges.merged)
    return strays, merges, names


def _balanced(
    fates: list[Counts],
    gathered: Gathered,
    settled: list[tallied.Settled],
    refusals: pl.DataFrame,
    files: int,
) -> dict[str, object]:
    counts, values, notes = gathered
    rows: Counter[str] = Counter()
    for some in fates:
        counts.update(some)
    for some, _, written, harmonised, _, mentioned in settled:
        notes.update(mentioned)
        counts.update(some)
        rows.update(written)
        values.update(harmonised)
    return balance(
        counts,
        Counter(refusals["reason"].to_list()),
        files={"read": files, "refused": refusals.filter(pl.col("entry") < 0).height},
        tables=dict(rows),
        values=values,
        notes=notes,
    )
