"""Stage `featurize`: data/tables + a cohort -> data/features/<disease>."""

from pathlib import Path

from pydantic import Field

from chronicle.core import params, store, workers
from chronicle.core.disease import Code, Disease, Measures
from chronicle.core.params import Params
from chronicle.core.tables import COHORT, EVENTS, FEATURES, PATIENTS
from chronicle.featurize.assemble import assemble
from chronicle.featurize.known import known

Codes = dict[str, tuple[Code, ...]]


class Answer(Params):
    """One coded question and the answers that make the feature 1."""

    question: Code
    answers: tuple[Code, ...] = Field(min_length=1)


class FeaturizeParams(Params):
    """Section `featurize`.

    Args:
        windows_days: How far back each summary looks from the index time.
        answers: Last coded answer to a question, by name.
        history: Ever recorded, by name.
        counts: How often in each window, by name.
    """

    windows_days: tuple[int, ...] = Field(min_length=1)
    answers: dict[str, Answer]
    history: Codes
    counts: Codes


def run(tables: Path, cohort: Path, disease: Path, features: Path) -> None:
    """Build one disease's feature matrix, shard by shard."""
    with store.folder(features) as folder:
        workers.map_shards(
            write_shard,
            [path.name for path in store.shards(tables / "patients")],
            tables=tables.resolve(),
            cohort=(cohort / "cohort.parquet").resolve(),
            features=folder.resolve(),
            disease=params.load(disease, Disease),
            settings=params.section("featurize", FeaturizeParams),
            measures=params.section("measures", Measures).codes,
        )


def write_shard(
    name: str,
    *,
    tables: Path,
    cohort: Path,
    features: Path,
    disease: Disease,
    settings: FeaturizeParams,
    measures: Codes,
) -> None:
    """Write one shard of the matrix."""
    patients = store.read(PATIENTS, tables / "patients" / name)
    rows = store.read(COHORT, cohort).join(patients, on="subject_id", how="semi")
    events = store.read(EVENTS, tables / "events" / name)
    matrix = assemble(
        rows.select("subject_id", "prediction_time"),
        patients,
        known(rows, events, disease),
        windows_days=settings.windows_days,
        measures=measures,
        answers={
            name: (each.question, each.answers)
            for name, each in settings.answers.items()
        },
        history=settings.history,
        counts=settings.counts,
    )
    store.write(FEATURES, matrix, features / name)
