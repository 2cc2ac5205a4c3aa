"""What a cohort is asked: each rule gives what of it failed, by disease.

A rule's `narrow` gives rows as `NARROW`: `site` is the disease, `part` what of it.
"""

from dataclasses import dataclass
from typing import Any, Literal

import polars as pl

from chronicle.core.disease import Disease
from chronicle.core.expect.entry import NARROW
from chronicle.core.params import Params

PREVALENT = "already there"  # so the step begins in the flow that `select` writes


@dataclass(frozen=True)
class Drawn:
    """One cohort.

    Args:
        slug: Name of its disease file.
        disease: What that says.
        rows: `cohort`, with `last_seen`: the patient's last record.
        flow: From all patients to those at risk, as `select` counts them.
    """

    slug: str
    disease: Disease
    rows: pl.DataFrame
    flow: dict[str, Any]


def _told(cohort: Drawn, part: str, n: int, failed: int) -> pl.DataFrame:
    share = failed / n if n else None
    row = (cohort.slug, part, n, failed, share)
    return pl.DataFrame([row], NARROW, orient="row")


class Apart(Params):
    """No patient is in two parts of a split."""

    kind: Literal["apart"]
    columns: tuple[str, ...]

    def narrow(self, cohort: Drawn) -> pl.DataFrame:
        """Count patients, and those with more than one word in a column."""
        words = pl.col(self.columns).drop_nulls().n_unique()
        counted = cohort.rows.group_by("subject_id").agg(words)
        return pl.concat(
            _told(cohort, name, counted.height, int((counted[name] > 1).sum()))
            for name in self.columns
        )


class Ahead(Params):
    """What is learnt from ends before the first time that is asked in the test.

    Args:
        column: Of the split by time.
    """

    kind: Literal["ahead"]
    column: str

    def narrow(self, cohort: Drawn) -> pl.DataFrame:
        """Count training rows, and those whose horizon ends after the test begins."""
        train, test = (
            cohort.rows.filter(pl.col(self.column) == word)
            for word in ("train", "test")
        )
        horizon = pl.duration(days=cohort.disease.horizon_days)
        begins = pl.lit(test["prediction_time"].min(), test["prediction_time"].dtype)
        late = train.filter(pl.col("prediction_time") + horizon > begins)
        return _told(cohort, self.column, train.height, late.height)


class Observed(Params):
    """A label is what the whole horizon showed, or null.

    True is an onset within (gap, horizon]; false is the whole horizon, or death; who
    was lost before has none, and no weight.
    """

    kind: Literal["observed"]

    def narrow(self, cohort: Drawn) -> pl.DataFrame:
        """Count rows whose label their end does not bear out, by that end."""
        days, horizon = pl.col("time_days"), cohort.disease.horizon_days
        label, weight = pl.col("boolean_value"), pl.col("weight")
        right = {
            "onset": label & (days > cohort.disease.gap_days) & (days <= horizon),
            "horizon": label.not_() & (days >= horizon),
            "death": label.not_() & days.is_between(0, horizon),
            "censored": label.is_null() & (weight == 0) & (days <= horizon),
        }
        wrong = {
            word: cohort.rows.filter(pl.col("status") == word).select(
                n=pl.len(), failed=ok.fill_null(False).not_().sum()
            )
            for word, ok in right.items()
        }
        return pl.concat(
            _told(cohort, word, *map(int, counted.row(0)))
            for word, counted in wrong.items()
        )


class Followed(Params):
    """Who is said to have stayed well was seen again after the index time."""

    kind: Literal["followed"]

    def narrow(self, cohort: Drawn) -> pl.DataFrame:
        """Count rows without onset at the horizon, and those of people unseen since."""
        well = cohort.rows.filter(pl.col("status") == "horizon")
        unseen = well.filter(pl.col("last_seen") <= pl.col("prediction_time"))
        return _told(cohort, "horizon", well.height, unseen.height)


class Prevalence(Params):
    """As many had the disease at an index time as are known to have it.

    Args:
        of: Disease -> the share in its population.
        factor: How far from it, up or down.
        least: Index times below which nothing is asked.
    """

    kind: Literal["prevalence"]
    of: dict[str, float]
    factor: float
    least: int

    def narrow(self, cohort: Drawn) -> pl.DataFrame:
        """Return whether it is farther."""
        found = prevalence(cohort.flow)
        if cohort.slug not in self.of or found is None or found[1] < self.least:
            return pl.DataFrame(schema=NARROW)
        share, wanted = found[0] / found[1], self.of[cohort.slug]
        off = not wanted / self.factor <= share <= wanted * self.factor
        return _told(cohort, "prevalence", 1, int(off))


def prevalence(flow: dict[str, Any]) -> tuple[int, int] | None:
    """Return index times at which the disease was there, and of how many."""
    names = [str(each.get("excluded", "")) for each in flow["steps"]]
    there = [at for at, name in enumerate(names) if name.startswith(PREVALENT)]
    if not there:
        return None
    rest = flow["steps"][there[0] :]
    return rest[0]["index_times"], sum(each["index_times"] for each in rest)
