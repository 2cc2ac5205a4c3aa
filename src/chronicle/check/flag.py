"""Rules over rows: how many were asked and failed, and which."""

from collections.abc import Sequence

import polars as pl

from chronicle.check.asked import Entry
from chronicle.core.codes import has_code

COUNTS = {
    "id": pl.String(),
    "site": pl.String(),
    "part": pl.String(),
    "year": pl.Int32(),
    "n": pl.Int64(),
    "failed": pl.Int64(),
}
HITS = {"id": pl.String(), "row": pl.UInt32()}
CELL = ["id", "site", "part", "year"]
# Where parameters of a rule name codes: those alone are asked, and told apart.
CODES = ("of", "ratio", "more", "less", "index", "weight", "height")
PATTERNS = ("treatment", "indication")


def flag(
    rows: pl.DataFrame, entries: Sequence[Entry]
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Ask all rows what each entry's rule asks.

    Args:
        rows: As `wide.py` gives them.
        entries: Of one suite, with rules about rows.

    Returns:
        Counts by `CELL`, where `part` is the type, or the code where the entry is
        about some codes; and the failed rows by their number.
    """
    codes = rows.select("code").unique() if "code" in rows.columns else None
    found = [_one(rows, each, codes) for each in entries]
    counts = pl.concat([pl.DataFrame(schema=COUNTS), *(each[0] for each in found)])
    return counts, pl.concat([pl.DataFrame(schema=HITS), *(each[1] for each in found)])


def total(counts: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """Add up the counts of several slices."""
    return (
        pl.concat([pl.DataFrame(schema=COUNTS), *counts])
        .group_by(CELL)
        .agg(pl.col("n", "failed").sum())
        .sort(CELL)
    )


def _one(
    rows: pl.DataFrame, entry: Entry, codes: pl.DataFrame | None
) -> tuple[pl.DataFrame, pl.DataFrame]:
    asked, part = rows, pl.col("resource_type")
    if entry.meta.rows.types:
        asked = asked.filter(pl.col("resource_type").is_in(entry.meta.rows.types))
    wanted = (*entry.meta.rows.codes, *named_codes(entry))
    if wanted and codes is not None:
        some = codes.filter(has_code(wanted))["code"].to_list()
        asked, part = asked.filter(pl.col("code").is_in(some)), pl.col("code")
    rule = entry.meta.rule
    if getattr(rule, "numbers", False):
        asked = asked.drop_nulls("numeric_value")
    flags = asked.select(
        "row",
        "site",
        id=pl.lit(entry.id),
        part=part,
        year=pl.col("time").dt.year(),
        flag=rule.failed(asked),  # type: ignore[union-attr]
    ).filter(pl.col("flag").is_not_null())
    counts = flags.group_by(CELL).agg(
        n=pl.len().cast(pl.Int64), failed=pl.col("flag").sum().cast(pl.Int64)
    )
    # They are kept as they stand here (again.py), and groups come in any order.
    return counts.select(*COUNTS).sort(CELL), flags.filter("flag").select(*HITS)


def named_codes(entry: Entry) -> tuple[str, ...]:
    """Return the codes that the parameters of a rule name."""
    said = entry.meta.rule.model_dump() if entry.meta.rule else {}
    named = [said[key] for key in CODES if key in said]
    single = [each for each in named if isinstance(each, str)]
    keys = [key for each in named if isinstance(each, dict) for key in each]
    patterns = [each for key in PATTERNS for each in said.get(key, ())]
    measures = said.get("measures", {}).values()
    several = [each for measure in measures for each in measure["codes"]]
    return (*single, *keys, *patterns, *several)
