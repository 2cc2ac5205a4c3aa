"""What was recorded of each thing, and when it was known: the one door to the past."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from chronicle.core.codes import asserted, has_code
from chronicle.featurize.stretch import Index, Ints, Records
from chronicle.featurize.sums import usable
from chronicle.featurize.wanted import Answer

KEY = ["subject_id", "prediction_time"]
NONE = np.empty(0, np.int64)
# What features read of an event.
READ = [
    "subject_id", "time", "available_time", "code", "numeric_value", "text_value",
    "status", "provenance",
]  # fmt: skip


@dataclass(frozen=True)
class Known:
    """Events of patients with an index time, sorted by patient and time.

    Args:
        patient: Position of the patient in the rows, from 0, shape (n,).
        time: Microseconds, shape (n,).
        known: `max(time, available_time)`, shape (n,).
        number: NaN where there is none that can be summed, shape (n,).
        by_code: Positions from 0 to n, those of one code together, shape (n,).
        begins: Where those of each of `codes` begin in `by_code`, and n.
        codes: Every code that a feature asks for and that occurs.
        at: Row of the event in the table, shape (n,).
        rest: `at`, `text_value`, `provenance` of the events whose words are read,
            sorted by `at`.
    """

    patient: Ints
    time: Ints
    known: Ints
    number: npt.NDArray[np.float64]
    by_code: Ints
    begins: Ints
    codes: pl.DataFrame
    at: npt.NDArray[np.uint32]
    rest: pl.DataFrame

    def numbers(self, codes: tuple[str, ...]) -> Records:
        """Return the values of a measure; of equal times, the largest is the last."""
        chosen = self._having(codes)
        return self._records(chosen[~np.isnan(self.number[chosen])], self.number)

    def answers(self, asked: Answer) -> Records:
        """Return 1 for each answer that is meant, 0 for each other that tells."""
        chosen = self._having((asked.question,))
        text = self._rest("text_value", chosen)
        said = text.is_not_null() & ~text.is_in(asked.silent)
        chosen, text = chosen[said.to_numpy()], text.filter(said)
        value = np.full(self.number.size, np.nan)
        value[chosen] = text.is_in(asked.answers).to_numpy()
        return self._records(chosen, value)

    def records(self, codes: tuple[str, ...]) -> Records:
        """Return the events with one of `codes`."""
        return self._records(self._having(codes), self.number)

    def resources(self, codes: tuple[str, ...]) -> Records:
        """Return the resources with one of `codes`, each once for all its codes."""
        chosen = self._having(codes)
        once = pl.DataFrame(
            {
                "at": chosen,
                "patient": self.patient[chosen],
                "time": self.time[chosen],
                "known": self.known[chosen],
                "resource": self._rest("provenance", chosen),
            }
        )
        kept = once.sort("known", "at").unique(
            ["patient", "time", "resource"], keep="first", maintain_order=True
        )
        return self._records(kept["at"].sort().to_numpy(), self.number)

    def _rest(self, column: str, chosen: Ints) -> pl.Series:
        at = self.rest["at"].to_numpy().searchsorted(self.at[chosen])
        return self.rest[column].gather(at)

    def _having(self, codes: tuple[str, ...]) -> Ints:
        wanted = self.codes.select(has_code(codes)).to_series().arg_true()
        parts = [self.by_code[self.begins[i] : self.begins[i + 1]] for i in wanted]
        return parts[0] if len(parts) == 1 else np.sort(np.concatenate([NONE, *parts]))

    def _records(self, at: Ints, value: npt.NDArray[np.float64]) -> Records:
        patient, time = self.patient[at], self.time[at]
        known, value = self.known[at], value[at]
        again = np.zeros(at.size + 1, np.bool_)
        again[1:-1] = (np.diff(patient) == 0) & (np.diff(time) == 0)
        tied = again[1:] | again[:-1]
        # Of equal times the order must not be that in which the rows came.
        order = np.lexsort((known[tied], value[tied], time[tied], patient[tied]))
        known[tied], value[tied] = known[tied][order], value[tied][order]
        return Records(patient, time, known, value)


def index_of(rows: pl.DataFrame) -> Index:
    """Return index times, shape (n,), of rows sorted by `KEY`."""
    return Index(
        rows["subject_id"].rle_id().cast(pl.Int64).to_numpy(),
        rows["prediction_time"].to_physical().to_numpy(),
    )


def known(
    rows: pl.DataFrame,
    events: pl.DataFrame | pl.LazyFrame,
    codes: tuple[str, ...],
    worded: tuple[str, ...],
) -> Known:
    """Take what features may read out of `events`.

    Args:
        rows: `subject_id`, `prediction_time`, sorted by both.
        events: The columns `READ`, of any patients. Lazy, few are ever in memory.
        codes: All that any feature reads.
        worded: Those of `codes` whose text or resource is read, too.
    """
    every = (events if rows.height else events.clear()).lazy()
    occurring = (
        every.select(pl.col("code").unique())
        .filter(has_code(codes))
        .sort("code")
        .collect(engine="streaming")
    )
    found = _columns(every, occurring["code"])
    subjects, subject = rows["subject_id"].unique().sort().to_numpy(), "subject_id"
    whose = np.searchsorted(subjects, found[subject].to_numpy())
    mine = np.append(subjects, subjects[-1:])[whose] == found[subject].to_numpy()
    if not mine.all():
        found, whose = found.filter(mine), whose[mine]
    time = found["time"].to_physical().to_numpy()
    order = _order(whose, time)
    number = found["number"].to_numpy()[order]
    code = found["code"].to_numpy()[order]
    by_code = np.argsort(code, kind="stable")
    return Known(
        patient=whose[order],
        time=time[order],
        known=found["known"].to_physical().to_numpy()[order],
        number=np.where(usable(number), number, np.nan),
        by_code=by_code,
        begins=np.searchsorted(code[by_code], np.arange(occurring.height + 1)),
        codes=occurring,
        at=found["at"].to_numpy()[order],
        rest=_words(every, occurring, worded),
    )


def _columns(events: pl.LazyFrame, codes: pl.Series) -> pl.DataFrame:
    """Return what `Known` is made of: events with one of `codes` that did happen."""
    place = pl.col("code").cast(pl.Enum(codes), strict=False).to_physical()
    return (
        events.with_row_index("at")
        .select(
            "at",
            "subject_id",
            "time",
            known=pl.max_horizontal("time", "available_time"),
            number=pl.col("numeric_value").cast(pl.Float64),
            # 16 bits are sorted by their digits; nobody writes down more codes.
            code=pl.when(asserted()).then(place.cast(pl.UInt16)),
        )
        .filter(pl.col("code").is_not_null())
        .collect(engine="streaming")
    )


def _words(
    events: pl.LazyFrame, occurring: pl.DataFrame, worded: tuple[str, ...]
) -> pl.DataFrame:
    """Return the words of events; strings are most of a table."""
    codes = occurring.filter(has_code(worded))["code"].to_list()
    return (
        events.with_row_index("at")
        .filter(pl.col("code").is_in(codes))
        .select("at", "text_value", "provenance")
        .collect(engine="streaming")
    )


def _order(patient: Ints, time: Ints) -> slice | Ints:
    """Return what sorts by patient and time: nothing, where it is as tables are."""
    step = np.diff(patient)
    if bool(np.all((step > 0) | ((step == 0) & (np.diff(time) >= 0)))):
        return slice(None)
    return np.lexsort((time, patient))
