"""When enough is known for a disease to be said to be there.

All clocks are of knowledge: a code that is back-dated speaks from the day on which it
was recorded. What happened when decides only how far apart two events are.
"""

from collections.abc import Iterable

import polars as pl

from chronicle.core.disease import Criterion, Element
from chronicle.select.evidence import Words, of_element

MET = {"subject_id": pl.Int64(), "met": pl.Datetime("us")}


def first_met(
    found: pl.DataFrame, criteria: Iterable[Criterion], said: Words
) -> pl.DataFrame:
    """Return when the first of some criteria was met, for those in whom one was.

    Args:
        found: From `evidence.relevant`.
        criteria: Any of them is enough.
        said: From `evidence.words`.

    Returns:
        `subject_id`, `met`: UTC, one row a patient.
    """
    parts = [pl.DataFrame(schema=MET), *(_all_met(found, x, said) for x in criteria)]
    return _earliest(pl.concat(parts))


def each_time(
    found: pl.DataFrame, criteria: Iterable[Criterion], said: Words
) -> pl.DataFrame:
    """Return each time at which something recurrent happened, as `first_met` does."""
    parts = [of_element(found, each, said) for each in criteria]
    rows = pl.concat(parts).filter("counts")
    return rows.select("subject_id", met="time").unique().sort("subject_id", "met")


def _all_met(found: pl.DataFrame, criterion: Criterion, said: Words) -> pl.DataFrame:
    first, *more = (met(of_element(found, x, said), x) for x in criterion.elements)
    for other in more:
        first = first.join(other, on="subject_id", suffix="_too").select(
            "subject_id", met=pl.max_horizontal("met", "met_too")
        )
    return first


def met(evidence: pl.DataFrame, element: Element) -> pl.DataFrame:
    """Return when an element was first met.

    Args:
        evidence: From `evidence.of_element`.
        element: How much is enough.

    Returns:
        `subject_id`, `met`: the first time at which, of what was known by then, one
        event counted alone, or two did on days `apart_days` to `within_days` apart
        (and no value between those days spoke against it).
    """
    counted = evidence.filter("counts")
    alone = counted if element.count == 1 else counted.filter("alone")
    enough = [alone.select("subject_id", met="known")]
    if element.count == 2:
        pairs = _pairs(counted, element)
        if element.none_normal_between:
            pairs = _undisturbed(pairs, evidence.filter(~pl.col("counts")))
        enough.append(pairs.select("subject_id", "met"))
    return _earliest(pl.concat(enough))


def _pairs(counted: pl.DataFrame, element: Element) -> pl.DataFrame:
    """Return pairs of days; of several events on one day, the first known."""
    days = counted.group_by("subject_id", day=pl.col("time").dt.date()).agg(
        pl.col("known").min()
    )
    apart = (pl.col("day_two") - pl.col("day")).dt.total_days()
    furthest = pl.lit(True) if element.within_days is None else (
        apart <= element.within_days
    )  # fmt: skip
    return (
        days.join(days, on="subject_id", suffix="_two")
        .filter(apart >= element.apart_days, furthest)
        .with_columns(met=pl.max_horizontal("known", "known_two"))
    )


def _undisturbed(pairs: pl.DataFrame, normal: pl.DataFrame) -> pl.DataFrame:
    """Return the pairs between which no normal value lay that was known by then."""
    between = pl.col("normal").is_between("day", "day_two", closed="none")
    disturbed = (
        pairs.join(
            normal.select(
                "subject_id", known_normal="known", normal=pl.col("time").dt.date()
            ),
            on="subject_id",
        )
        .filter(between, pl.col("known_normal") <= pl.col("met"))
        .select("subject_id", "day", "day_two")
        .unique()
    )
    return pairs.join(disturbed, on=["subject_id", "day", "day_two"], how="anti")


def _earliest(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.group_by("subject_id").agg(pl.col("met").min())
