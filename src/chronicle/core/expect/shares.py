"""What rules about a whole found: the shares that are judged."""

import polars as pl

from chronicle.core.expect.entry import NARROW, Rule, Suite

ALL = {"site": pl.lit("all"), "part": pl.lit("all")}
SHARES = {"id": pl.String(), **NARROW}


def of_whole(suite: Suite[Rule], whole: object) -> pl.DataFrame:
    """Ask a whole what each such rule asks.

    Args:
        suite: Its rules know what kind of whole it is.
        whole: Given to their `narrow`.

    Returns:
        As `SHARES`.
    """
    told = [pl.DataFrame(schema=SHARES)]
    for each in suite.whole:
        found = each.meta.rule.narrow(whole)  # type: ignore[union-attr]
        told.append(found.select(pl.lit(each.id).alias("id"), *NARROW))
    return pl.concat(told)


def with_all(shares: pl.DataFrame) -> pl.DataFrame:
    """Add the row of all sites, which is shown and, without a share, not judged."""
    lack = shares.filter((pl.col("site") != "all").all().over("id"))
    sums = lack.group_by("id").agg(pl.col("n", "failed").sum())
    every = sums.with_columns(share=pl.lit(None, pl.Float64), **ALL).sort("id")
    return pl.concat([every.select(*SHARES), shares.select(*SHARES)])
