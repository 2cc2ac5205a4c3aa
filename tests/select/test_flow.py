from collections import Counter

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from chronicle.select.flow import STEPS, flow


@given(st.lists(st.integers(0, 1000), min_size=len(STEPS), max_size=len(STEPS)))
def test_what_is_excluded_and_what_is_left_add_up(left):
    left = sorted(left, reverse=True)
    counts = Counter(
        {(step, "index_times"): n for step, n in zip(STEPS, left, strict=True)}
    )
    counts |= {(step, "patients"): n for step, n in zip(STEPS, left, strict=True)}
    rows = pl.DataFrame(
        schema={
            "subject_id": pl.Int64,
            "boolean_value": pl.Boolean,
            "status": pl.String,
            "split": pl.String,
            "split_temporal": pl.String,
            "split_site": pl.String,
        }
    )
    steps = flow(counts, rows)["steps"]
    gone = sum(each["index_times"] for each in steps if "excluded" in each)
    assert steps[1]["index_times"] - gone == steps[-1]["index_times"] == left[-1]
