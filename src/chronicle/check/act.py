"""What becomes of the rows that failed: refused, nulled, flagged; and counts of it."""

from collections.abc import Sequence

import polars as pl

from chronicle.check.asked import Entry
from chronicle.core.errors import LedgerError

WORD = "implausible"  # the value_fate of a value that is nulled here
VALUES = ("numeric_value", "text_value")
KEYS = ("provenance", "code")
ACTED = {
    "row": pl.UInt32(),
    "id": pl.String(),
    "action": pl.String(),
    "nulls": pl.List(pl.String()),
    "done": pl.Boolean(),
}
DONE = {"action": pl.String(), "id": pl.String(), "n": pl.Int64()}


def decide(
    rows: pl.DataFrame, hits: pl.DataFrame, entries: Sequence[Entry]
) -> pl.DataFrame:
    """Say for each failed row and check what is done.

    A resource is refused as a whole. Each row is refused once, and each value nulled
    once, by the first entry of the suite that says so (`done`); nothing else is done
    to what is refused.

    Returns:
        As `ACTED`.
    """
    plan = pl.DataFrame(
        [
            (rank, each.id, each.meta.action, list(each.meta.nulls))
            for rank, each in enumerate(entries)
            if each.meta.action in ("refuse", "null", "flag")
        ],
        {"rank": pl.Int64, "id": pl.String, "action": pl.String}
        | {"nulls": pl.List(pl.String)},
        orient="row",
    )
    told = hits.join(plan, on="id").with_columns(pl.col("row").cast(pl.UInt32))
    whole = _whole(rows, told.filter(pl.col("action") == "refuse"))
    told = pl.concat([whole, told.filter(pl.col("action") != "refuse")]).sort(
        "row", "rank"
    )
    first = pl.int_range(pl.len()).over("row", "action", "nulls") == 0
    refuse = pl.col("action") == "refuse"
    gone = refuse.any().over("row") & ~refuse
    once = pl.when(pl.col("action") == "flag").then(~gone).otherwise(first & ~gone)
    return told.with_columns(done=once).select(*ACTED)


def _whole(rows: pl.DataFrame, refused: pl.DataFrame) -> pl.DataFrame:
    """Extend a refusal to the other rows of its resource."""
    if refused.is_empty():
        return refused
    resource = ["subject_id", "provenance"]
    keys = rows.select(pl.col("row").cast(pl.UInt32), *resource)
    return (
        refused.join(keys, on="row")
        .drop("row")
        .unique(["id", *resource])
        .join(keys, on=resource)
        .select(refused.columns)
    )


def done(acted: pl.DataFrame) -> pl.DataFrame:
    """Count what was done, as `DONE`."""
    some = acted.filter("done").group_by("action", "id")
    return some.agg(n=pl.len().cast(pl.Int64)).sort("action", "id")


def total(some: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """Add up such counts."""
    every = pl.concat([pl.DataFrame(schema=DONE), *some])
    return every.group_by("action", "id").agg(pl.col("n").sum()).sort("action", "id")


def changes(found: pl.DataFrame) -> bool:
    """Tell whether any row is not as it came, from such counts."""
    return not found.filter(pl.col("action") != "flag").is_empty()


def apply(rows: pl.DataFrame, acted: pl.DataFrame) -> pl.DataFrame:
    """Return the rows (with their numbers in `row`) as later stages may see them."""
    some = acted.filter("done")
    gone = some.filter(pl.col("action") == "refuse").select("row").unique()
    kept = rows.join(gone, on="row", how="anti", maintain_order="left")
    nulled = some.filter(pl.col("action") == "null").explode("nulls")
    for column in sorted(nulled["nulls"].unique().to_list()):
        mine = nulled.filter(pl.col("nulls") == column)["row"].unique()
        here = pl.col("row").is_in(mine.implode())
        kept = kept.with_columns(_without(column, here))
    return kept.drop("row")


def _without(column: str, here: pl.Expr) -> list[pl.Expr]:
    names = [column, "unit"] if column == "numeric_value" else [column]
    gone = [pl.when(~here).then(name).alias(name) for name in names]
    if column in VALUES:
        word = pl.when(here).then(pl.lit(WORD)).otherwise("value_fate")
        gone.append(word.alias("value_fate"))
    return gone


def ledger(read: int, kept: int, found: pl.DataFrame) -> dict[str, object]:
    """Return what was done, by action and check.

    Args:
        read: Rows that came.
        kept: Rows that later stages see.
        found: What was done, as `DONE`.

    Raises:
        LedgerError: A row is neither kept nor refused.
    """
    sums = total([found]).sort("id")
    by = {
        action: dict(sums.filter(action=action).select("id", "n").iter_rows())
        for action in ("refuse", "null", "flag")
    }
    if read != kept + sum(by["refuse"].values()):
        raise LedgerError(
            "rows that came are not rows that were kept or refused.",
            where="stage check",
            do="report this as a fault of ours: nothing was written",
        )
    return {"read": read, "kept": kept, **by}
