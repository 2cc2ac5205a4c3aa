"""Tables of today: who is asked now, what is said of them, and why; see `tables`."""

from dataclasses import replace

import polars as pl

from chronicle.core.declaration import SUBJECT, Column, Table
from chronicle.core.tables import COHORT

KEY = {"subject_id": SUBJECT, "prediction_time": COHORT.columns["prediction_time"]}

TODAY = Table(
    "today",
    "one patient at the last index time there is, asked of one disease",
    {
        **KEY,
        "out": Column(
            pl.String(),
            "why the question is not put, the first of: birth, age, sex, alive, "
            "history, prevalent; null: at risk",
            True,
        ),
    },
    order=tuple(KEY),
)

REASONS = Table(
    "reasons",
    "why a risk of today is what it is",
    {
        **KEY,
        "risk": Column(pl.Float64(), "calibrated, of the model in use, 0 to 1"),
        "base_risk": Column(
            pl.Float64(), "what everybody has; with all parts the risk"
        ),
        "reasons": Column(
            pl.String(),
            "JSON, greatest part first: concept, thing, also, title, kind, part, "
            "of_asking, fact, sentence; docs/reference/explanations.md",
        ),
        "rest": Column(
            pl.Float64(), "part of the risk of all that is not in `reasons`"
        ),
    },
    order=tuple(KEY),
)

SCORES = Table(
    "scores",
    "one patient of today, and the risk of one disease or why none is told",
    {
        **KEY,
        "unsaid": Column(
            pl.String(),
            "why no risk is told: `out` of today's table, or unlike: too unlike those "
            "whom the model learnt from; null: one is",
            True,
        ),
        "risk": Column(
            pl.Float64(), "of an onset in (today + gap, today + horizon], 0 to 1", True
        ),
        "low": Column(pl.Float64(), "lower bound of the risk (Venn-Abers)", True),
        "high": Column(pl.Float64(), "its upper bound", True),
        **{
            name: replace(REASONS.columns[name], nullable=True)
            for name in ("base_risk", "reasons", "rest")
        },
        "input": Column(
            pl.String(), "SHA-256 of what the model read; null: it read nothing", True
        ),
    },
    order=tuple(KEY),
)

TABLES = (TODAY, REASONS, SCORES)
