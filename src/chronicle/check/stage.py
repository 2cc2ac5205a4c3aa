"""Stage `check`: tables + suites -> tables that later stages read, and verdicts."""

import logging
from pathlib import Path
from typing import Any

import polars as pl

from chronicle.check import act, again, dry, page, reference, shard
from chronicle.check.asked import Suite, read_all
from chronicle.check.shard import Asked, Places
from chronicle.check.whole import Whole
from chronicle.core import store, workers
from chronicle.core.expect import shares, suite
from chronicle.core.expect.entry import NARROW
from chronicle.core.tables import EVENTS, PATIENTS

log = logging.getLogger(__name__)

JUDGED = {table.name: table for table in (PATIENTS, EVENTS)}
REFERENCE = Path("reference", "profile.csv")  # below the suites
FEWEST = 100  # rows of a site and part that are judged by themselves
# A year with so little of what a site's busiest has is no year of its data.
LITTLE, SLACK_YEARS = 0.02, 2


def run(
    tables: Path,
    expectations: Path,
    ledger: Path,
    checked: Path,
    verdicts: Path,
    profile: Path,
    checks: Path,
) -> None:
    """Judge each table by its suite; ends well even where a verdict is bad.

    The gate is another stage, so that a bad verdict and its page are kept by DVC.
    """
    asked = read_all(expectations, JUDGED)
    suite.all_understood(asked, expectations)
    dry.all_askable(asked, expectations)
    with store.folder(checked) as kept, store.folder(verdicts) as told:
        new = Places(tables.resolve(), kept.resolve(), told.resolve())
        old = Places(tables.resolve(), checked.resolve(), verdicts.resolve())
        people, events, profiles = zip(*_told(asked, new, old), strict=True)
        found = {"patients": shard.total(people), "events": shard.total(events)}
        balance = {
            name: act.ledger(each.rows, each.kept, each.done)
            for name, each in found.items()
        }
    today = reference.enough(reference.total(profiles))
    before = reference.read(expectations / REFERENCE)
    whole = Whole(store.read_json(ledger), today, before)
    answers = [judged(asked[name], each, whole) for name, each in found.items()]
    reference.write(today, profile)
    for verdict in answers:
        store.write_json(verdict, checks / f"{verdict['table']}.json")
    store.write_json(balance, checks / "ledger.json")
    counts = {name: each.counts for name, each in found.items()}
    text = page.render(answers, balance, counts, whole.ledger)
    store.write_text(text, checks / "index.html")


def _told(asked: dict[str, Suite], new: Places, old: Places) -> list[again.Told]:
    """Ask each file, or read what it answered before."""
    files = [path.name for path in store.shards(new.tables / "events")]
    extracted = _extracted(new.tables, files)
    told = workers.map_shards(
        again.judge,
        files,
        places=new,
        before=again.Before(old, again.decides(asked, extracted)),
        suites=asked,
        extracted=extracted,
    )
    anew = sum(each[1] for each in told)
    log.info("check: %d of %d files judged anew", anew, len(files))
    return [each[0] for each in told]


def _extracted(tables: Path, files: list[str]) -> pl.DataFrame:
    """Return when the data of each site end, with two years to spare.

    The day of the run is none of our inputs, and dates of de-identified sets are
    shifted; so the end is that of the last year that holds more than a few rows.
    """
    paths = [tables / "events" / name for name in files]
    by_year = (
        pl.concat(workers.map_shards(shard.years, [each.resolve() for each in paths]))
        .group_by("site", "year")
        .agg(pl.col("n").sum())
        .sort("site", "year")
    )
    inside = pl.col("n") > LITTLE * pl.col("n").max().over("site")
    end = pl.date(pl.col("year").max() + 1 + SLACK_YEARS, 1, 1)
    ends = by_year.filter(inside).group_by("site")
    return ends.agg(extracted=end.cast(pl.Datetime("us")).first()).sort("site")


def judged(asked: Suite, found: Asked, whole: Whole) -> dict[str, Any]:
    """Return the verdict on a table, from what all its files answered."""
    told = shares.with_all(shares.of_whole(asked, whole))
    told = pl.concat([_shares(found.counts), told])
    return suite.judge(asked, found.rows, found.asked, told)


def _shares(counts: pl.DataFrame) -> pl.DataFrame:
    """Return what is judged: each site and part of enough rows, and all together."""
    sums = pl.col("n", "failed").sum()
    apart = counts.group_by("id", "site", "part").agg(sums)
    every = (
        counts.group_by("id")
        .agg(sums)
        .with_columns(site=pl.lit("all"), part=pl.lit("all"))
    )
    both = pl.concat([every, apart.filter(pl.col("n") >= FEWEST)], how="diagonal")
    return (
        both.with_columns(share=pl.col("failed") / pl.col("n"))
        .select("id", *NARROW)
        .sort("id", "site", "part")
    )
