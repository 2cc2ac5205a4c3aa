"""Is there anything to learn? Outcomes are counted in patients, not in rows."""

import polars as pl

Counts = dict[str, dict[str, int]]
SPLITS = ("train", "test")


def counts(cohort: pl.DataFrame) -> Counts:
    """Count patients, index times and outcomes of each split, censored ones apart."""
    known = cohort.filter(pl.col("weight") > 0)
    return {split: _counted(known.filter(pl.col("split") == split)) for split in SPLITS}


def too_few(found: Counts, wanted: dict[str, int]) -> str | None:
    """Return the reason why no model is made, or None.

    Args:
        found: From `counts`.
        wanted: Patients with an outcome that each split must have.
    """
    short = [
        f"{found[split]['outcomes']} in {split} ({least} needed)"
        for split, least in wanted.items()
        if found[split]["outcomes"] < least
    ]
    if short:
        return f"too few outcomes: patients with an onset: {', '.join(short)}"
    if any(one["outcome_index_times"] == one["index_times"] for one in found.values()):
        return "nothing to tell apart: an onset at every index time that is known of"
    return None


def _counted(rows: pl.DataFrame) -> dict[str, int]:
    with_onset = rows.filter(pl.col("boolean_value"))
    return {
        "patients": rows["subject_id"].n_unique(),
        "index_times": rows.height,
        "outcomes": with_onset["subject_id"].n_unique(),
        "outcome_index_times": with_onset.height,
    }
