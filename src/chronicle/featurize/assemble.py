"""One row for each index time, every column that `params.yaml` asks for."""

from collections.abc import Mapping

import polars as pl

from chronicle.featurize import history as past
from chronicle.featurize.known import KEY
from chronicle.featurize.measure import measure_columns, summarise

DAYS_A_YEAR = 365.2425
Codes = Mapping[str, tuple[str, ...]]


def assemble(
    rows: pl.DataFrame,
    patients: pl.DataFrame,
    pairs: pl.DataFrame,
    *,
    windows_days: tuple[int, ...],
    measures: Codes,
    answers: Mapping[str, tuple[str, tuple[str, ...]]],
    history: Codes,
    counts: Codes,
) -> pl.DataFrame:
    """Build the matrix.

    Args:
        rows: `subject_id`, `prediction_time`.
        patients: `patients` table of the same people.
        pairs: From `known`: nothing else tells about the past.
        windows_days: Windows (index - n days, index].
        measures: Name -> codes; see `measure.summarise`.
        answers: Name -> (question, answers); see `history.last_answer`.
        history: Name -> codes; see `history.ever`.
        counts: Name -> codes; see `history.how_often`.

    Returns:
        Float32 columns. Null where unknown; 0 for counts and `_ever`, where absence of
        a record is all that can be known.
    """
    made = [
        _who(rows, patients),
        *(summarise(pairs, codes, n, windows_days) for n, codes in measures.items()),
        *(past.last_answer(pairs, *each, n) for n, each in answers.items()),
        *(past.ever(pairs, codes, n) for n, codes in history.items()),
        *(past.how_often(pairs, codes, n, windows_days) for n, codes in counts.items()),
    ]
    matrix = rows.select(KEY)
    for part in made:
        matrix = matrix.join(part, on=KEY, how="left", maintain_order="left")
    zero = [
        *(
            name
            for name in measure_columns(measures, windows_days)
            if "_count_" in name
        ),
        *(f"{name}_ever" for name in history),
        *(f"{name}_{days}d" for name in counts for days in windows_days),
    ]
    return matrix.with_columns(pl.col(zero).fill_null(0)).select(
        *KEY, pl.exclude(KEY).cast(pl.Float32)
    )


def _who(rows: pl.DataFrame, patients: pl.DataFrame) -> pl.DataFrame:
    born = pl.col("birth_date").cast(pl.Datetime("us"))
    age = (pl.col("prediction_time") - born).dt.total_days() / DAYS_A_YEAR
    female = pl.when(pl.col("gender").is_in(["male", "female"])).then(
        pl.col("gender") == "female"
    )
    return rows.join(patients, on="subject_id", how="left").select(
        *KEY, age_years=age, female=female
    )
