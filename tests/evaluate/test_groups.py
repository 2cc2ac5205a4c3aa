"""Groups of people as the metrics file tells them."""

import json

import numpy as np
import polars as pl

from chronicle.evaluate.groups import judge_groups
from chronicle.evaluate.sample import Sample


def test_a_group_in_which_everybody_has_the_outcome_is_named_and_not_scored():
    rows = np.arange(6)
    outcome = np.array([1, 1, 1, 0, 1, 0], dtype=float)
    times = np.ones((2, 6), dtype=np.int64)
    told = judge_groups(
        Sample(outcome, np.ones(6), rows, times),
        np.linspace(0.1, 0.9, 6),
        {"site": pl.Series(["ill", "ill", "ill", "both", "both", "both"])},
        line=0.5,
        percent=95,
        min_outcome_patients=1,
    )
    [site] = json.loads(json.dumps(told))
    assert {each["name"]: each["scored"] for each in site["groups"]} == {
        "ill": False,
        "both": True,
    }
