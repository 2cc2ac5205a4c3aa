"""Do the first reasons of a patient match what truly drives the risk?

`python benchmarks/drivers.py DISEASE...` in a folder where `make run` has been run on
virtual patients; prints a table of docs/reference/explanations.md. The simulator's
hazard is asked again with one concept at a time as it is in nobody in particular: the
median, no such disease, no smoke. How far that moves its logarithm, against the mean of
those who are asked about, is how much the concept drives the risk of this person.
"""

import sys
from collections.abc import Callable

import numpy as np
import polars as pl
from explain import Case, case, joint, table

from chronicle.core import params
from chronicle.simulate.lives import hazards, life
from chronicle.simulate.lives.life import Lives
from chronicle.simulate.lives.rows import NEVER
from chronicle.simulate.lives.state import State
from chronicle.simulate.stage import SimulateParams

# Which hazard is whose.
HAZARDS = {
    name: name
    for name in ("chd", "stroke", "heart_failure", "afib", "copd", "dementia",
                 "depression")
} | {"t2dm": "failure"}  # fmt: skip
# What belongs to a concept of `explain.concepts`: varying, traits, diseases.
CONCEPTS = {
    "age_and_sex": ((), ("birth", "female"), ()),
    "pressure": (("own_sbp", "own_dbp", "sbp", "dbp"), (), ()),
    "lipids": (("own_ldl", "ldl", "hdl", "tg"), (), ()),
    "lifestyle": (("pack_years",), ("ever_smoker",), ()),
    "glycaemia": (("own_a1c", "a1c"), ("family_t2dm",), ("t2dm",)),
    "kidney": (("true_egfr", "egfr", "ln_acr"), (), ()),
    "weight": (("bmi",), (), ()),
    "heart_and_vessels": ((), (), ("chd", "stroke", "afib", "heart_failure")),
    "lungs": ((), (), ("copd",)),
    "mind": ((), (), ("depression", "dementia")),
}
SEED, SHUFFLES = 3, 20


def main() -> int:
    """Print a line for each disease."""
    settings = params.section("simulate", SimulateParams)
    lives = life.lives(
        settings.seed, np.arange(settings.patients), tuple(settings.sites.values()),
        settings.first_year, settings.last_year,
    )  # fmt: skip
    table(
        "disease", "patients", "first reason is the first driver", "of a stranger",
        "is among the first two", "of a stranger", "same direction",
        rows=(graded(case(slug), lives) for slug in sys.argv[1:] if slug in HAZARDS),
    )  # fmt: skip
    return 0


def graded(of: Case, lives: Lives) -> tuple:
    """Hold the first reason of the last index time against the truth."""
    people = pl.read_parquet("data/simulated/truth/people/*.parquet")
    numbers = people.select("patient", "number").join(joint(), on="patient")
    rows = (
        of.unseen.select("subject_id", "prediction_time")
        .with_row_index("at")
        .join(numbers, on="subject_id", maintain_order="left")
        .drop_nulls("number")
        .with_columns(year=(pl.col("prediction_time") + pl.col("shift")).dt.year())
        .group_by("subject_id", maintain_order=True)
        .last()
        .filter(pl.col("year").is_in(list(lives.years)))
    )
    names = [name for name in of.found.groups.concepts if name in CONCEPTS]
    said = of.found.groups.by_concept(of.found.things)[rows["at"].to_numpy()]
    said = said[:, [of.found.groups.concepts.index(name) for name in names]]
    true = drivers(lives, rows, HAZARDS[of.slug], names)
    # A model that says the same of everybody has no first reason.
    moved = (np.abs(true).max(axis=1) > 0.05) & np.abs(said).any(axis=1)
    said, true = said[moved], true[moved]
    if not len(said):
        return of.slug, "0", *[""] * 5
    draw = np.random.default_rng(SEED)
    order = [draw.permutation(len(said)) for _ in range(SHUFFLES)]
    first, two = agreement(said, true)
    by_chance = np.mean([agreement(said[each], true) for each in order], axis=0)
    top = np.abs(said).argmax(axis=1)
    at = np.arange(len(said))
    same = np.mean(np.sign(said[at, top]) == np.sign(true[at, top]))
    return (of.slug, f"{len(said)}", f"{first:.0%}", f"{by_chance[0]:.0%}",
            f"{two:.0%}", f"{by_chance[1]:.0%}", f"{same:.0%}")  # fmt: skip


def agreement(said: np.ndarray, true: np.ndarray) -> tuple[float, float]:
    """Return how often the first said is the first true, and among the first two."""
    order = np.argsort(-np.abs(true), axis=1)
    top = np.abs(said).argmax(axis=1)
    both = [np.mean(top == order[:, 0]), np.mean((top[:, None] == order[:, :2]).any(1))]
    return float(both[0]), float(both[1])


def drivers(
    lives: Lives, rows: pl.DataFrame, hazard: str, names: list[str]
) -> np.ndarray:
    """Return by how much each concept raises the logarithm of the hazard, (n, k)."""
    found = np.full((rows.height, len(names)), np.nan)
    for year in rows["year"].unique().to_list():
        mine = np.flatnonzero((rows["year"] == year).to_numpy())
        numbers = rows["number"].to_numpy()[mine]
        state = State(lives.state.traits, lives.years[year].varying, lives.state.times)
        asked = rate_of(hazard, float(year))
        now = asked(state)
        for column, name in enumerate(names):
            effect = now - asked(as_nobody(state, name, float(year)))
            found[mine, column] = effect[numbers]
    return found - found.mean(axis=0)


def rate_of(hazard: str, year: float) -> Callable[[State], np.ndarray]:
    """Return what tells the logarithm of a hazard."""

    def asked(state: State) -> np.ndarray:
        rate = hazards.hazards(state, year)[hazard]
        return np.log(np.maximum(rate, 1e-9))

    return asked


def as_nobody(state: State, concept: str, year: float) -> State:
    """Return the same people with a concept as it is in nobody in particular."""
    varying, traits, diseases = CONCEPTS[concept]
    other = State(state.traits.copy(), state.varying.copy(), state.times.copy())
    alive = state.times["died"] > year
    for rows, fields in ((other.varying, varying), (other.traits, traits)):
        for name in fields:
            rows[name] = np.median(rows[name][alive])
    for name in diseases:
        other.times[f"onset_{name}"] = NEVER
    if concept == "lifestyle":
        other.traits["ever_smoker"] = 0.0
    return other


if __name__ == "__main__":
    sys.exit(main())
