"""Stage `featurize`: data/tables + index times -> data/features/<index rule>."""

from pathlib import Path

from chronicle.core import params, store, workers
from chronicle.core.disease import Measures
from chronicle.core.tables import EVENTS, FEATURES, INDEX, PATIENTS
from chronicle.featurize.assemble import assemble
from chronicle.featurize.catalogue import Column, catalogue, dictionary
from chronicle.featurize.known import READ
from chronicle.featurize.wanted import Codes, FeaturizeParams


def run(tables: Path, index: Path, features: Path) -> None:
    """Build the feature matrix of one index rule, shard by shard."""
    wanted = params.section("featurize", FeaturizeParams)
    measures = params.section("measures", Measures).codes
    columns = catalogue(wanted, measures)
    with store.folder(features) as folder:
        store.write_json(dictionary(columns), folder / "dictionary.json")
        workers.map_shards(
            write_shard,
            [path.name for path in store.shards(tables / "patients")],
            tables=tables.resolve(),
            index=index.resolve(),
            features=folder.resolve(),
            columns=columns,
            wanted=wanted,
            measures=measures,
        )


def write_shard(
    name: str,
    *,
    tables: Path,
    index: Path,
    features: Path,
    columns: tuple[Column, ...],
    wanted: FeaturizeParams,
    measures: Codes,
) -> None:
    """Write one shard of the matrix."""
    patients = store.read(PATIENTS, tables / "patients" / name)
    rows = store.read(INDEX, index / name)
    events = store.scan(EVENTS, tables / "events" / name, columns=READ)
    matrix = assemble(rows, patients, events, columns, wanted, measures)
    store.write(FEATURES, matrix, features / name)
