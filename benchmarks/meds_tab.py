"""Windows of MEDS-Tab beside ours, on the same rows, windows and aggregates.

`CHRONICLE_PEERS=<python with MEDS-tab 0.2.0> python benchmarks/meds_tab.py [EVENTS]`.
Like for like: a row at every event, as MEDS-Tab makes them. For a task: a row at each
index time. Released: as it is, and all values are empty. Mended, in memory only: values
are looked for by their code, the last event of a time is not left out, and minima stay
in their row. In brackets, how many values were counted in all rows.
"""

import os
import subprocess
import sys
import tempfile
import time
from itertools import product

WINDOWS = (90, 365, 1095)
AGGREGATES = ("count", "sum", "sum_sqd", "min", "max")
MEASURES = 21
EVENTS = 10_000


def main() -> int:
    """Print CPU seconds of both, and how many values each found."""
    import benchmarks.features as ours

    size = sys.argv[1] if len(sys.argv) > 1 else str(EVENTS)
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        ours.SHARDS = 1
        ours.draw(size)
        rows = shared()
        print("| rows | index times | Chronicle, CPU s | released | mended |")
        print("| --- | --- | --- | --- | --- |")
        for name, index in rows.items():
            spent = [chronicle(index)]
            for state in ("released", "mended"):
                told = subprocess.run(
                    [os.environ["CHRONICLE_PEERS"], __file__, "peer", state, name],
                    capture_output=True, text=True, check=True,
                )  # fmt: skip
                spent.append(told.stdout.strip())
            print(f"| {name} | {index.height:,} | {' | '.join(spent)} |", flush=True)
    return 0


def shared() -> dict:
    """Write what both read, at the time of knowledge; return the rows of each kind."""
    import polars as pl

    events = pl.read_parquet("tables/events/0.parquet").with_columns(
        time="available_time"
    )
    key = ["subject_id", "prediction_time"]
    every = events.select("subject_id", prediction_time="time").unique().sort(key)
    task = pl.read_parquet("index/0.parquet").sort(key)
    events.sort("subject_id", "time", "code").write_parquet("events.parquet")
    task.write_parquet("task.parquet")
    return {"at every event": every, "at index times": task}


def chronicle(index: object) -> str:
    """Make our features; return CPU seconds and how many values were counted."""
    import polars as pl

    from chronicle.core import params
    from chronicle.core.disease import Measures
    from chronicle.featurize.assemble import assemble
    from chronicle.featurize.catalogue import catalogue
    from chronicle.featurize.wanted import FeaturizeParams

    wanted = params.section("featurize", FeaturizeParams)
    measures = params.section("measures", Measures).codes
    people = pl.read_parquet("tables/patients/0.parquet")
    events = pl.read_parquet("events.parquet")
    columns = catalogue(wanted, measures)
    began = time.process_time()
    made = assemble(index, people, events, columns, wanted, measures)
    spent = time.process_time() - began
    counts = made.select(pl.sum_horizontal("^m.*_count_ever$").cast(pl.Int64).sum())
    return f"{spent:.2f} ({counts.item():,})"


def peer(state: str, rows: str) -> None:
    """Be MEDS-Tab: summarise every window; print seconds and values counted."""
    import numpy as np
    import polars as pl
    from MEDS_tabular_automl import generate_summarized_reps as reps
    from MEDS_tabular_automl import generate_ts_features as flat

    columns = sorted(
        f"LOINC//m{i}/{kind}" for i in range(MEASURES) for kind in ("code", "value")
    )
    if state == "mended":
        mend(reps, flat)
    events = pl.scan_parquet("events.parquet").select(
        "subject_id", "time", "code", "numeric_value"
    )
    task = None if rows == "at every event" else pl.scan_parquet("task.parquet")
    began, counted = time.process_time(), 0
    for window, agg in product((*(f"{n}d" for n in WINDOWS), "full"), AGGREGATES):
        what = f"value/{agg}"
        index, matrix = flat.get_flat_ts_rep(what, columns, events)
        made = reps.generate_summary(columns, index, matrix, window, what, task)
        if (window, agg) == ("full", "count"):
            counted = int(np.sum(made.data.astype(np.int64)))
    sys.stdout.write(f"{time.process_time() - began:.2f} ({counted:,})")


def mend(reps: object, flat: object) -> None:
    """Put right what makes values empty or lets them stand in another's row."""
    import polars as pl

    sparse, aggregate = reps.sparse_aggregate, reps.aggregate_matrix
    compute, first = reps.compute_agg, []

    def get_long_value_df(df: object, ts_columns: list[str]) -> object:
        codes = [flat.feature_name_to_code(each) for each in ts_columns]
        place = {code: i for i, code in enumerate(codes)}
        data = df.with_row_index("index").drop_nulls("numeric_value").collect()
        at = data["code"].replace_strict(place, return_dtype=pl.Int64)
        where = (data["index"].to_numpy(), at.to_numpy())
        return data["numeric_value"].to_numpy(), where

    def sparse_aggregate(matrix: object, agg: str) -> object:
        made = sparse(matrix, agg)
        return made.toarray().ravel() if hasattr(made, "toarray") else made

    def compute_agg(*given: object, **more: object) -> object:
        first[:] = [True]
        return compute(*given, **more)

    def aggregate_matrix(windows: object, *given: object) -> object:
        if first and first.pop():
            windows = windows.with_columns(pl.col("max_index") + 1)
        return aggregate(windows, *given)

    flat.get_long_value_df, reps.sparse_aggregate = get_long_value_df, sparse_aggregate
    reps.compute_agg, reps.aggregate_matrix = compute_agg, aggregate_matrix


if __name__ == "__main__":
    if sys.argv[1:2] == ["peer"]:
        peer(*sys.argv[2:])
    else:
        sys.exit(main())
