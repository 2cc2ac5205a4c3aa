"""People at one time, as counts that can be compared with those of another."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import lightgbm as lgb
import numpy as np
import polars as pl

from chronicle.core.store import METRIC_DIGITS

ALL = "(all)"  # sites have words of their own
Profile = dict[str, Any]


def read_by(model: Path, about: Mapping[str, Any]) -> list[str]:
    """Return the features that a model really reads, of all that it may."""
    booster = lgb.Booster(model_file=model / "model.txt")
    split = zip(booster.feature_name(), booster.feature_importance(), strict=True)
    terms = (each["feature"] for each in about["start"]["terms"])
    return sorted({*terms, *(name for name, times in split if times)})


def edges(people: pl.DataFrame, columns: Sequence[str], bins: int) -> dict[str, Any]:
    """Return where one bin of a column ends and the next begins, ends in the lower.

    Args:
        people: One row each; null where not known.
        columns: Which.
        bins: Of as many people each as ties allow.
    """
    shares = np.linspace(0, 1, bins + 1)[1:-1]
    found = {}
    for name in columns:
        known = people[name].drop_nulls().to_numpy()
        cuts = np.quantile(known, shares, method="nearest") if known.size else []
        # As they will be read again.
        found[name] = sorted({round(float(each), METRIC_DIGITS) for each in cuts})
    return found


def profile(people: pl.DataFrame, cuts: Mapping[str, Sequence[float]]) -> Profile:
    """Count people, of all sites together and of each.

    Args:
        people: `site`, `unlike` and the columns of `cuts`.
        cuts: From `edges`.

    Returns:
        By site: `people`, `unlike`, and of each column its `bins` and who is `missing`.
    """
    by_site = people.partition_by("site", as_dict=True, maintain_order=False)
    groups = {ALL: people} | {str(key[0]): rows for key, rows in by_site.items()}
    return {
        name: {
            "people": rows.height,
            "unlike": int(rows["unlike"].sum()),
            "columns": {each: _counts(rows[each], cuts[each]) for each in cuts},
        }
        for name, rows in sorted(groups.items())
    }


def _counts(values: pl.Series, cuts: Sequence[float]) -> dict[str, Any]:
    known = values.drop_nulls().to_numpy()
    bins = np.bincount(np.searchsorted(cuts, known), minlength=len(cuts) + 1)
    return {"bins": bins.tolist(), "missing": values.null_count()}
