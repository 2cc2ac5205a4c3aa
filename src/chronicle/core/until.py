"""When the data end: by the patients who were last heard of, not by one slip."""

from datetime import datetime, timedelta
from pathlib import Path

import polars as pl

from chronicle.core import store
from chronicle.core.codes import recorded
from chronicle.core.errors import TableError

# A record that is dated ahead, by a slip of the year, would be the last of all: nobody
# would be in care any more, and everybody seen for longer than anybody looked. No
# clock may be asked what is ahead, so patients are: so many may be ahead of the others,
SLIPS, ONE_IN = 2, 10_000
# by more than so long. Shifted dates of a few patients lie weeks apart by themselves,
AHEAD = timedelta(days=91)
# and of fewer patients than this nothing can be said.
MANY = 100
# Stage `index` asks once for each rule, and leaves the answer beside the index times.
FILE = "until.json"


def keep(end: datetime | None, index: Path) -> None:
    """Write when the data end, for those who read these index times."""
    store.write_json({"until": end and end.isoformat()}, index / FILE)


def kept(index: Path) -> datetime | None:
    """Read what `keep` wrote.

    Raises:
        TableError: There are no such index times, or they are from before it was kept.
    """
    if not (index / FILE).exists():
        raise TableError(
            "nothing says when the data end.", where=str(index), do="run stage index"
        )
    end = store.read_json(index / FILE)["until"]
    return end and datetime.fromisoformat(end)


def until(events: list[Path]) -> datetime | None:
    """Return the last time at which somebody was looking; null: there is none.

    Args:
        events: Shards of the `events` table.
    """
    last = (
        pl.scan_parquet(events)
        .filter(recorded())
        .group_by("subject_id")
        .agg(pl.col("time").max())
        .collect(engine="streaming")
    )
    return last_of_most(last["time"])


def last_of_most(last: pl.Series) -> datetime | None:
    """Return the latest of some times that is not far ahead of the others.

    Args:
        last: When each patient was last heard of; none is null.
    """
    newest: datetime | None = last.max()  # type: ignore[assignment]
    if newest is None or len(last) < MANY:
        return newest
    others = last.top_k(SLIPS + len(last) // ONE_IN + 1).min()
    return last.filter(last <= others + AHEAD).max()  # type: ignore[operator, return-value]
