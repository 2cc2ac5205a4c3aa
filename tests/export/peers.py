"""Run by a Python that has meds, es-aces and MEDS-tab: what they make of an export."""

import json
import subprocess
import sys
from pathlib import Path


def validate(meds: Path) -> dict[str, int]:
    """Read every file as `meds` says it is to be; return rows by kind of file."""
    import pyarrow.parquet as pq
    from meds import (
        CodeMetadataSchema,
        DataSchema,
        DatasetMetadataSchema,
        LabelSchema,
        SubjectSplitSchema,
    )

    kinds = {
        "data/**/*.parquet": DataSchema,
        "labels/**/*.parquet": LabelSchema,
        "metadata/codes.parquet": CodeMetadataSchema,
        "metadata/subject_splits.parquet": SubjectSplitSchema,
    }
    rows = {
        glob: sum(
            schema.align(pq.read_table(path)).num_rows for path in meds.glob(glob)
        )
        for glob, schema in kinds.items()
    }
    DatasetMetadataSchema.validate(
        json.loads((meds / "metadata/dataset.json").read_text())
    )
    return rows


def aces(config: Path, meds: Path, found: Path) -> dict[str, int]:
    """Extract a task from every shard; write one table of subjects, times, labels."""
    import polars as pl
    from aces.config import TaskExtractorConfig
    from aces.predicates import get_predicates_df
    from aces.query import query
    from omegaconf import OmegaConf

    parts = []
    for shard in sorted((meds / "data").rglob("*.parquet")):
        # Loaded anew for each: a query changes the offsets of its configuration.
        task = TaskExtractorConfig.load(config_path=config)
        where = OmegaConf.create({"path": str(shard), "standard": "meds"})
        part = query(task, get_predicates_df(task, where))
        if part.height:
            parts.append(
                part.select("subject_id", "index_timestamp", pl.col("label") > 0)
            )
    whole = pl.concat(parts)
    whole.write_parquet(found)
    return {"rows": whole.height}


def tabularize(task: Path, meds: Path, out: Path) -> dict[str, int]:
    """Describe, and tabularize at the prediction times of a task; return what came."""
    import numpy as np

    here = [f"input_dir={meds / 'data'}", f"output_dir={out}"]
    asked = [
        f"input_label_dir={task}",
        "tabularization.window_sizes=[365d]",
        "tabularization.aggs=[static/present,code/count]",
    ]
    for step, more in (
        ("describe", []),
        ("tabularize-static", asked),
        ("tabularize-time-series", asked),
    ):
        name = str(Path(sys.executable).with_name(f"meds-tab-{step}"))
        subprocess.run([name, *here, *more], check=True, capture_output=True)
    made = sorted((out / "tabularize").rglob("*.npz"))
    counts = [np.load(path)["shape"] for path in made if path.parent.name == "code"]
    return {"files": len(made), "rows": int(sum(shape[0] for shape in counts))}


if __name__ == "__main__":
    work = {each.__name__: each for each in (validate, aces, tabularize)}
    told = work[sys.argv[1]](*map(Path, sys.argv[2:]))
    sys.stdout.write(json.dumps(told))
