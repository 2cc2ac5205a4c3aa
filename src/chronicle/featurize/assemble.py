"""One row for each index time, every column that `params.yaml` asks for."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import polars as pl

from chronicle.core.equations.published import SCORES, WHO
from chronicle.featurize.catalogue import Column, windows
from chronicle.featurize.derived import FORMULAS
from chronicle.featurize.known import KEY, Known, index_of, known
from chronicle.featurize.stretch import Floats, Index, Ints, Records, past_of
from chronicle.featurize.summary import ALL, Seen, named
from chronicle.featurize.wanted import Codes, FeaturizeParams

DAYS_A_YEAR = 365.2425
BLACK, WHITE = "2054-5", "2106-3"  # OMB, as `patients` holds it
# Index times that are worked on together: what a processor's cache holds. More or fewer
# change no bit.
TOGETHER = 8192
Values = Floats | npt.NDArray[np.bool_]
Made = Iterator[tuple[str, slice, Ints | slice, Values]]


def assemble(
    rows: pl.DataFrame,
    patients: pl.DataFrame,
    events: pl.DataFrame | pl.LazyFrame,
    columns: tuple[Column, ...],
    wanted: FeaturizeParams,
    measures: Codes,
) -> pl.DataFrame:
    """Build the matrix.

    Args:
        rows: `subject_id`, `prediction_time`; no pair twice.
        patients: `patients` of the same people.
        events: The columns `known.READ`, of any people.
        columns: The catalogue of what follows.
        wanted: Which features.
        measures: Name -> codes.

    Returns:
        Sorted by `KEY`; Float32 columns. Null where unknown; 0 for counts, `_ever`,
        `_active` and `_new`, where absence of a record is all that can be known.
    """
    rows = rows.select(KEY).sort(KEY)
    read = {code for column in columns for code in column.codes}
    worded = {code for each in columns if each.is_worded for code in each.codes}
    past = known(rows, events, tuple(sorted(read)), tuple(sorted(worded)))
    place = {column.name: i for i, column in enumerate(columns)}
    matrix = np.full((len(columns), rows.height), np.nan, np.float32)
    who = _who(rows, patients)
    matrix[place["age_years"]], matrix[place["female"]] = (
        who["age_years"],
        who["female"],
    )
    for name, some, of, values in _made(past, index_of(rows), wanted, measures):
        matrix[place[name], some][of] = values
    for name in wanted.derived:
        formula = FORMULAS[name]
        needs = (
            place[f"{each}_last_ever" if each in measures else each]
            for each in formula.needs
        )
        matrix[place[name]] = formula.of(*(matrix[i].astype(float) for i in needs))
    given = who | _answers(matrix, columns, wanted)
    # An equation may divide by nought for whom it was not made; they get no score.
    with np.errstate(all="ignore"):
        for name in wanted.scores:
            matrix[place[f"score_{name}"]] = SCORES[name].risk(given)
    return rows.with_columns(
        pl.Series(name, matrix[i], nan_to_null=True) for name, i in place.items()
    )


def _who(rows: pl.DataFrame, patients: pl.DataFrame) -> dict[str, Floats]:
    born = pl.col("birth_date").cast(pl.Datetime("us"))
    age = (pl.col("prediction_time") - born).dt.total_days() / DAYS_A_YEAR
    female = pl.when(pl.col("gender").is_in(["male", "female"])).then(
        pl.col("gender") == "female"
    )
    found = rows.join(
        patients, on="subject_id", how="left", maintain_order="left"
    ).select(
        age_years=age,
        female=female.cast(pl.Float64),
        black=(pl.col("race") == BLACK).cast(pl.Float64),
        white=(pl.col("race") == WHITE).cast(pl.Float64),
    )
    return {name: found[name].to_numpy() for name in found.columns}


def _answers(
    matrix: npt.NDArray[np.float32],
    columns: tuple[Column, ...],
    wanted: FeaturizeParams,
) -> dict[str, Floats]:
    """Return what scores ask, each from the columns that answer it."""
    place = {column.name: i for i, column in enumerate(columns)}
    asked = {each for name in wanted.scores for each in SCORES[name].inputs}
    given = {}
    for name in sorted(asked - WHO.keys()):
        read = [place[column] for column in wanted.score_inputs[name]]
        values = matrix[read].astype(float)
        found = values[0]
        for other in values[1:]:
            yes_or_no = columns[read[0]].says_yes_or_no
            either = np.where(np.isnan(found), other, found)
            found = np.fmax(found, other) if yes_or_no else either
        given[name] = found
    return given


def _made(past: Known, index: Index, wanted: FeaturizeParams, measures: Codes) -> Made:
    """Give every other column, some rows at a time."""
    for name, codes in measures.items():
        for some, seen in _seen(index, past.numbers(codes)):
            for what, of, values in seen.summaries(windows(wanted), wanted.trend):
                yield f"{name}_{what}", some, of, values
            yield f"{name}_since_days", some, ALL, seen.days_since_last()
    for name, each in wanted.answers.items():
        for some, seen in _seen(index, past.answers(each)):
            yield name, some, ALL, seen.ever() if each.ever else seen.last()
    for name, codes in wanted.history.items():
        for some, seen in _seen(index, past.records(codes)):
            yield f"{name}_ever", some, ALL, seen.any()
            yield f"{name}_since_first_days", some, ALL, seen.days_since_first()
            yield f"{name}_since_last_days", some, ALL, seen.days_since_last()
    for name, codes in wanted.drugs.items():
        for some, seen in _seen(index, past.records(codes)):
            yield (
                f"{name}_active",
                some,
                ALL,
                seen.days_since_last() < wanted.supply_days,
            )
            new = seen.days_since_first() < wanted.new_days
            yield f"{name}_new_{wanted.new_days}d", some, ALL, new
            yield f"{name}_ever", some, ALL, seen.any()
    for name, codes in wanted.counts.items():
        for some, seen in _seen(index, past.resources(codes)):
            for days in wanted.windows_days:
                yield f"{name}_{named(days)}", some, ALL, seen.count(days)


def _seen(index: Index, records: Records) -> Iterator[tuple[slice, Seen]]:
    """Give what is known of one thing, for whole patients at a time."""
    patients = np.flatnonzero(np.diff(index.patient, prepend=-1))
    begins = patients[np.unique(patients // TOGETHER, return_index=True)[1]]
    ends = np.append(begins, index.time.size)[1:]
    for begin, end in zip(begins, ends, strict=True):
        first, last = index.patient[begin], index.patient[end - 1]
        mine = records[slice(*np.searchsorted(records.patient, [first, last + 1]))]
        here = Index(index.patient[begin:end] - first, index.time[begin:end])
        past = past_of(here, replace(mine, patient=mine.patient - first))
        yield slice(begin, end), Seen(past, here.time)
