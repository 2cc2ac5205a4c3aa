"""A project in which one disease is asked of a few people, honestly."""

import json
from pathlib import Path

import polars as pl
import yaml

from chronicle.core import store
from chronicle.core.tables import COHORT, EVENTS, FEATURES, PATIENTS
from tests.drawn import INDEX, events, patients

DISEASE = "t2dm"
PEOPLE = 40


def column(name: str, thing: str, unit: str, *codes: str) -> dict:
    return {"name": name, "thing": thing, "unit": unit, "codes": [*codes]}


def dictionary(wanted: list[str]) -> list[dict]:
    """Return what is said of the columns, with those that the suite asks about."""
    return [
        column("age_years", "age", "a"),
        column("ldl_last_ever", "ldl", "mg/dL", "LOINC//2089-1"),
        column("ldl_count_ever", "ldl", "1", "LOINC//2089-1"),
        column("ldl_since_days", "ldl", "d", "LOINC//2089-1"),
        *(column(name, name, "1", "LOINC//2089-1") for name in wanted),
    ]


def wanted() -> list[str]:
    suite = json.loads(Path("expectations/features.json").read_text())
    rules = [each["meta"].get("rule", {}) for each in suite["expectations"]]
    [of] = [each["of"] for each in rules if each.get("kind") == "available"]
    return sorted(name for names in of.values() for name in names)


def cohort() -> pl.DataFrame:
    """Every second one falls ill after two years; no other can be told from them."""
    n = pl.int_range(1, PEOPLE + 1, eager=True, dtype=pl.Int64)
    ill = n % 2 == 0
    return pl.DataFrame({"subject_id": n, "boolean_value": ill}).select(
        "subject_id",
        prediction_time=pl.lit(INDEX, pl.Datetime("us")),
        boolean_value="boolean_value",
        status=pl.when("boolean_value")
        .then(pl.lit("onset"))
        .otherwise(pl.lit("horizon")),
        time_days=pl.when("boolean_value").then(730.0).otherwise(1825.0),
        weight=pl.lit(1.0),
        split=pl.when(pl.col("subject_id") % 3 == 0)
        .then(pl.lit("test"))
        .otherwise(pl.lit("train")),
        split_temporal=pl.lit(None, pl.String),
        split_site=pl.lit("train"),
    )


def matrix() -> pl.DataFrame:
    who = pl.col("subject_id")
    return cohort().select(
        "subject_id",
        "prediction_time",
        age_years=(40 + who // 2).cast(pl.Float32),
        ldl_last_ever=(100 + who // 2).cast(pl.Float32),
        ldl_count_ever=pl.lit(1, pl.Float32),
        ldl_since_days=pl.lit(10, pl.Float32),
        **{name: pl.lit(1, pl.Float32) for name in wanted()},
    )


def records() -> pl.DataFrame:
    """One value ten days before the index time, another one after it."""
    drawn = events("ann -10 LOINC//2089-1 100\nann 400 LOINC//2089-1 400")
    return pl.concat(
        drawn.with_columns(
            subject_id=pl.lit(n, pl.Int64),
            numeric_value=pl.col("numeric_value") + pl.lit(n // 2, pl.Float32),
        )
        for n in range(1, PEOPLE + 1)
    ).with_columns(pl.col("numeric_value").cast(pl.Float32))


def lay(rows: pl.DataFrame, features: pl.DataFrame) -> None:
    """Write a project with this cohort and these features."""
    said = yaml.safe_load(Path("params.yaml").read_text())
    Path("params.yaml").write_text(yaml.safe_dump(said | {"diseases": [DISEASE]}))
    people = pl.concat(
        patients("ann 1960 female").with_columns(subject_id=pl.lit(n, pl.Int64))
        for n in range(1, PEOPLE + 1)
    )
    store.write(PATIENTS, people, Path("data/checked/patients/0000.parquet"))
    store.write(EVENTS, records(), Path("data/checked/events/0000.parquet"))
    folder = Path("data/cohorts") / DISEASE
    store.write(COHORT, rows, folder / "cohort.parquet")
    store.write_json(
        {"steps": [{"what": "at risk", "index_times": PEOPLE}]}, folder / "flow.json"
    )
    rule = Path("data/features/visits")
    store.write(FEATURES, features, rule / "0000.parquet")
    store.write_json(dictionary(wanted()), rule / "dictionary.json")
