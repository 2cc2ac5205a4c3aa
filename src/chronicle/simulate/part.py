"""One part of the population: its landing files, and its truth."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from chronicle.core import store
from chronicle.core.tables import RISKS
from chronicle.simulate import truths
from chronicle.simulate.lives import chart, days, life, truth
from chronicle.simulate.lives.life import Lives
from chronicle.simulate.lives.state import TIMES
from chronicle.simulate.lives.truth import Index, Window
from chronicle.simulate.record import Record
from chronicle.simulate.sites import landing, writer

PATIENTS = 100  # in a part: what a worker holds in memory, whatever the population
ORACLE = "oracle"


@dataclass(frozen=True)
class Plan:
    """What is to be simulated; see `stage.SimulateParams`."""

    seed: int
    patients: int
    first_year: int
    last_year: int
    sites: Mapping[str, float]
    faults: Mapping[str, float]
    replays: int
    treated_years: Sequence[int]
    windows: Mapping[str, Window]
    noted_only: Mapping[str, float]


def write(part: int, *, plan: Plan, folder: Path) -> tuple[int, int]:
    """Simulate and write one part below `folder`: `landing` and `truth`.

    Returns:
        How many patients and resources were written.
    """
    first = part * PATIENTS
    numbers = np.arange(first, min(first + PATIENTS, plan.patients))
    shares = tuple(plan.sites.values())
    lives = life.lives(plan.seed, numbers, shares, plan.first_year, plan.last_year)
    records = [
        chart.chart(lives, column, seed=plan.seed, sites=tuple(plan.sites))
        for column in range(len(numbers))
    ]
    told = landing.write_part(
        records,
        part,
        folder / "landing",
        seed=plan.seed,
        faults=plan.faults,
        noted_only=plan.noted_only,
    )
    names = [writer.patient_id(record.person, plan.seed) for record in records]
    index = _index(records, plan)
    for table, frame in (
        (truths.PEOPLE, _people(lives, records, names)),
        (truths.YEARS, _years(lives, names)),
        (RISKS, _risks(lives, index, names, plan)),
        (truths.TREATED, _treated(lives, index, names, plan)),
        (truths.FAULTS, _frame(truths.FAULTS, told.faults)),
        (truths.MENTIONS, _frame(truths.MENTIONS, told.mentions)),
    ):
        name = table.name.removeprefix("truth/")
        store.write(table, frame, folder / "truth" / name / f"{part:04d}.parquet")
    return len(records), sum(told.resources.values())


def _index(records: Sequence[Record], plan: Plan) -> Index:
    """Return the end of the first outpatient visit of each year, as a pipe would."""
    found: list[tuple[int, float]] = []
    for column, record in enumerate(records):
        seen = set()
        for visit in record.visits:
            year = visit.end.year
            if visit.kind == "AMB" and year not in seen and year <= plan.last_year:
                seen.add(year)
                found.append((column, days.years_of(visit.end)))
    return truth.index_times(found)


def _risks(
    lives: Lives, index: Index, names: Sequence[str], plan: Plan
) -> pl.DataFrame:
    """Return what the oracle says of each index time, good for its calendar year."""
    found = _true(lives, index, plan)
    frames = [RISKS.empty()]
    for disease, risk in found.items():
        frames.append(
            pl.DataFrame(
                {
                    "patient": [names[column] for column in index.columns],
                    "disease": disease,
                    "name": ORACLE,
                    "from_time": [datetime(int(y), 1, 1) for y in index.years],  # noqa: DTZ001, naive
                    "until_time": [datetime(int(y) + 1, 1, 1) for y in index.years],  # noqa: DTZ001, naive
                    "risk": risk,
                },
                schema=RISKS.schema,
            ).filter(pl.col("risk").is_not_nan())
        )
    return pl.concat(frames)


def _treated(
    lives: Lives, index: Index, names: Sequence[str], plan: Plan
) -> pl.DataFrame:
    """Return the true risks under each treatment, in the years that are asked for."""
    asked = index.where(np.isin(index.years, plan.treated_years))
    frames = [truths.TREATED.empty()]
    for treatment in (None, *truth.TREATMENTS):
        for disease, risk in _true(lives, asked, plan, treatment).items():
            frames.append(
                pl.DataFrame(
                    {
                        "patient": [names[column] for column in asked.columns],
                        "disease": disease,
                        "treatment": treatment or "current",
                        "prediction_time": [days.moment(t) for t in asked.times],
                        "risk": risk,
                    },
                    schema=truths.TREATED.schema,
                ).filter(pl.col("risk").is_not_nan())
            )
    return pl.concat(frames)


def _true(
    lives: Lives, index: Index, plan: Plan, treatment: str | None = None
) -> dict[str, Any]:
    if not index.times.size or not plan.windows:
        return {}
    return truth.risks(
        lives,
        index,
        plan.windows,
        seed=plan.seed,
        replays=plan.replays,
        treatment=treatment,
    )


def _people(
    lives: Lives, records: Sequence[Record], names: Sequence[str]
) -> pl.DataFrame:
    state = lives.state
    # Nothing is said of what happens behind the records; infinity is no such thing.
    times = {
        name: np.where(np.isfinite(state.times[name]), state.times[name], np.nan)
        for name in TIMES
    }
    traits = {name: state.traits[name] for name in state.traits.names if name != "site"}
    return pl.DataFrame(
        {
            "patient": list(names),
            "number": lives.numbers,
            "site": [record.person.site for record in records],
            **traits,
            **times,
        }
    )


def _years(lives: Lives, names: Sequence[str]) -> pl.DataFrame:
    frames = []
    for year, brought in lives.years.items():
        adult = (lives.state.age(year) >= 18) & (lives.state.times["died"] > year)
        varying = {name: brought.varying[name] for name in brought.varying.names}
        hazards = {f"hazard_{name}": rate for name, rate in brought.rates.items()}
        frames.append(
            pl.DataFrame(
                {
                    "patient": list(names),
                    "year": np.full(len(names), year, np.int32),
                    **varying,
                    **hazards,
                }
            ).filter(pl.Series(adult))
        )
    return pl.concat(frames)


def _frame(table: Any, rows: Sequence[Mapping[str, Any]]) -> pl.DataFrame:
    return pl.DataFrame(list(rows), schema=table.schema, orient="row")
