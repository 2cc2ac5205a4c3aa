"""For whom, and beside what, the ratio of a trial or cohort is true.

`python benchmarks/tested.py` in a folder where `make run` has been run on virtual
patients prints three tables of docs/reference/explanations.md. In the first two what is
said is the ratio on the risk that a patient truly has, so that no model is part of it.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import polars as pl
from explain import TRIALS, case, hazard, table, true

from chronicle.core import params, store
from chronicle.core.disease import Disease
from chronicle.core.tables import COHORT, FEATURES
from chronicle.explain.trials import asks, treated
from chronicle.simulate.lives import life, truth
from chronicle.simulate.lives.days import years_of
from chronicle.simulate.lives.state import CODED, State
from chronicle.simulate.lives.truth import DAYS_A_YEAR, Index, Window
from chronicle.simulate.stage import SimulateParams

SMOKED = ("chd", "stroke")
KNOWN = (("t2dm", "hba1c_last_365d"), ("chd", "smokes"), ("stroke", "smokes"))
KEY = ["subject_id", "prediction_time"]
NEVER = 1e9  # a year that nobody lives to see
LATE = pl.col("hba1c_last_365d")
FREE = pl.col("onset").is_null() | (pl.col("onset") > pl.col("when"))
SMOKES = pl.col("quit").is_null() | (pl.col("quit") > pl.col("when"))
PREVENTION = {
    "all": pl.lit(value=True),
    "HbA1c of the last year, as told": LATE.is_not_null(),
    "of these, without diabetes in truth": LATE.is_not_null() & FREE,
    "HbA1c never measured": pl.col("hba1c_last_ever").is_null(),
}
STOPPING = {
    "smokes on record, as told": pl.lit(value=True),
    "smokes in truth, too": SMOKES,
    "and does not have the disease": SMOKES & FREE,
    "with 20 pack-years and more in truth": SMOKES & FREE & (pl.col("packs") >= 20),
}


def main() -> int:
    """Print all tables."""
    heads = ("true change, points", "said", "true ratio of hazards", "said")
    table("disease", "treatment", "who is told", "index times", *heads,
          rows=prevention())  # fmt: skip
    table("disease", "who is told", "index times", *heads,
          "true change beside who smokes on", "true ratio of hazards",
          rows=(row for slug in SMOKED for row in stopping(slug)))  # fmt: skip
    table("disease", "who", "index times", "risk said, %", "recorded", "in truth",
          rows=(row for each in KNOWN for row in recorded(*each)))  # fmt: skip
    return 0


def prevention() -> Iterator[tuple]:
    """Return lines on diabetes: who was tested, and who has it already."""
    rows = people("t2dm")
    for what in ("metformin", "lifestyle"):
        mine = told(rows, "t2dm", what, tested=False)
        for name, which in PREVENTION.items():
            some = mine.filter(which)
            line = beside(some["current"], some[what], some["said"])
            yield ("t2dm", what, name, f"{some.height}", *line)


def stopping(slug: str) -> Iterator[tuple]:
    """Return lines on smoking: against care as it goes on, and who smokes on."""
    rows = told(people(slug), slug, "stop_smoking", tested=True)
    rows = smoking_on(slug, rows)
    for name, which in STOPPING.items():
        some = rows.filter(which, pl.col("smokes_on").is_not_null())
        then, on = some["stop_smoking"], some["smokes_on"]
        line = beside(some["current"], then, some["said"])
        yield (slug, name, f"{some.height}", *line,
               f"{100 * (then - on).mean():.2f}",
               f"{hazard(then.to_numpy()) / hazard(on.to_numpy()):.2f}")  # fmt: skip


def recorded(slug: str, known: str) -> Iterator[tuple]:
    """Return lines on those whom trials tell of: the risk, what came, the truth."""
    of = case(slug)
    told = pl.read_parquet("data/comparators/*.parquet").filter(disease=slug)
    rows = (
        of.unseen.with_columns(said=pl.Series(of.found.risk))
        .join(told.select("subject_id", "from_time", "until_time", "risk"),
              on="subject_id")
        .filter(pl.col("prediction_time").is_between("from_time", "until_time", "left"))
    )  # fmt: skip
    for name, which in (("all", pl.lit(value=True)), (known, pl.col(known) > 0)):
        some = rows.filter(which)
        weight = some["weight"].to_numpy()
        means = (100 * np.average(some[each].to_numpy(), weights=weight)
                 for each in ("said", "boolean_value", "risk"))  # fmt: skip
        yield (slug, name, f"{some.height}", *(f"{each:.1f}" for each in means))


def beside(now: pl.Series, then: pl.Series, said: pl.Series) -> Iterator[str]:
    """Return what is true and what is said, to print: points, ratios of hazards."""
    for each in (then, said):
        yield f"{100 * (each - now).mean():.2f}"
    for each in (then, said):
        yield f"{hazard(each.to_numpy()) / hazard(now.to_numpy()):.2f}"


def people(slug: str) -> pl.DataFrame:
    """Return index times with a known truth, what was known then, and what was so."""
    disease = params.load(Path("diseases") / f"{slug}.yaml", Disease)
    cohort = store.read(COHORT, Path("data/cohorts") / slug / "cohort.parquet")
    mine = cohort.filter(pl.col("weight") > 0).select(KEY)
    folder = Path("data/features") / disease.index
    made = [e["name"] for e in store.read_json(folder / "dictionary.json")]
    columns = sorted({*asks(disease.trials, made), "hba1c_last_ever"})
    known = store.read(FEATURES, folder, columns=[*KEY, *columns], rows=mine)
    given = true().filter(pl.col("disease") == slug)
    given = given.rename({"prediction_time": "moment"})
    lives = pl.read_parquet("data/simulated/truth/people/*.parquet").select(
        "patient", "number", "quit", onset=f"onset_{slug}"
    )
    packs = pl.read_parquet("data/simulated/truth/years/*.parquet").select(
        "patient", "year", packs="pack_years"
    )
    day = pl.col("prediction_time").dt.date()
    year = pl.col("moment").dt.year()
    when = pl.col("moment").map_elements(years_of, pl.Float64)
    return (
        known.with_columns(day=day)
        .join(given, on=["subject_id", "day"], maintain_order="left")
        .with_columns(year=year, when=when)
        .join(lives, on="patient", how="left", maintain_order="left")
        .join(packs, on=["patient", "year"], how="left", maintain_order="left")
    )


def told(rows: pl.DataFrame, slug: str, what: str, *, tested: bool) -> pl.DataFrame:
    """Keep those who are told of a treatment, with the risk said to be left."""
    disease = params.load(Path("diseases") / f"{slug}.yaml", Disease)
    [trial] = [e for e in disease.trials if TRIALS[what] in (e.start, e.stop)]
    if not tested:
        trial = trial.model_copy(update={"tested": ()})
    said = [
        next((e["risk"] for e in treated(row["current"], [trial], row)), None)
        for row in rows.to_dicts()
    ]
    return rows.with_columns(said=pl.Series(said, dtype=pl.Float64)).drop_nulls("said")


def smoking_on(slug: str, rows: pl.DataFrame) -> pl.DataFrame:
    """Return the true risk of the same people, the same chances, if they smoke on."""
    given = params.section("simulate", SimulateParams)
    whose = np.unique(rows["number"].to_numpy())
    lives = life.lives(given.seed, whose, tuple(given.sites.values()),
                       given.first_year, given.last_year)  # fmt: skip
    at = rows["when"].to_numpy()
    place = np.searchsorted(whose, rows["number"].to_numpy())
    index = Index(place, np.floor(at).astype(int), at)
    how = {"seed": given.seed, "replays": given.replays}
    truth.TREATMENTS["smoke_on"] = never_quit
    risk = truth.risks(lives, index, windows(), treatment="smoke_on", **how)[slug]
    return rows.with_columns(smokes_on=pl.Series(risk).fill_nan(None))


def windows() -> dict[str, Window]:
    """Return those of the stage: with others, other chances would be drawn."""
    files = {path.stem: path for path in Path("diseases").glob("*.yaml")}
    return {
        slug: Window(each.gap_days / DAYS_A_YEAR, each.horizon_days / DAYS_A_YEAR)
        for slug in sorted(files.keys() & {*CODED})
        for each in [params.load(files[slug], Disease)]
    }


def never_quit(state: State, at: np.ndarray) -> None:
    """Let nobody stop who has not."""
    quit_ = state.times["quit"]
    state.times["quit"] = np.where(quit_ <= at, quit_, NEVER)


if __name__ == "__main__":
    sys.exit(main())
