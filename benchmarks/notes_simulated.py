"""How well notes of virtual patients are read: by concept, and by context.

`python benchmarks/notes_simulated.py [PATIENTS]`. The truth says of each span which
condition it names, whether it is affirmed, of whom and when. A mention is right where
it overlaps such a span and calls it what `conditions.yaml` allows; mentions of what the
truth does not label (smoking, numbers) are left out. A model of your own is compared as
well, where `params.yaml` names one (ingest.model). Notes that never became an event
are, too: what was spoilt on purpose, ingest refuses.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

import polars as pl
import yaml

from chronicle.ingest.deidentify import provenance
from chronicle.ingest.keys import DEMO, derived
from chronicle.simulate.sites import catalog

ROOT = Path(__file__).resolve().parents[1]
PATIENTS = 300
CONTEXT = ["polarity", "who", "when"]
SPAN = ["note", "start", "end"]


def main() -> int:
    """Simulate, ingest, compare; print a row for each concept and each context."""
    patients = int(sys.argv[1]) if len(sys.argv) > 1 else PATIENTS
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        make(folder, patients)
        truth, found = told(folder), read(folder)
    notes = truth["note"].n_unique()
    print(f"{patients:,} patients, {notes:,} notes, {truth.height:,} labelled spans")
    for (reader,), some in sorted(found.group_by("reader"), reverse=True):
        print(f"\nread by: {reader}\n")
        compare(truth, some)
    return 0


def compare(truth: pl.DataFrame, found: pl.DataFrame) -> None:
    """Print the table of one reader."""
    pairs = truth.join(found, on="note", suffix="_found").filter(
        pl.col("start") < pl.col("end_found"),
        pl.col("start_found") < pl.col("end"),
        pl.col("concept_found").is_in(pl.col("concepts")),
    )
    print("| | spans | mentions | precision | recall | F1 |\n|" + 6 * " --- |")
    names = {word: name for name, each in concepts().items() for word in each}
    found = found.with_columns(condition=pl.col("concept").replace_strict(names))
    for name in sorted(concepts()):
        asked, got = (
            truth.filter(concept=name).height, found.filter(condition=name).height
        )  # fmt: skip
        right = pairs.filter(concept=name)
        row(name, asked, got, right)
    row("any concept", truth.height, found.height, pairs)
    same = pl.all_horizontal(pl.col(e) == pl.col(f"{e}_found") for e in CONTEXT)
    both = pairs.filter(same)
    for context in truth.select(CONTEXT).unique().sort(CONTEXT).iter_rows():
        of = dict(zip(CONTEXT, context, strict=True))
        row(
            ", ".join(context), truth.filter(**of).height, found.filter(**of).height,
            both.filter(**of),
        )  # fmt: skip
    row("concept and context", truth.height, found.height, both)


def row(name: str, asked: int, got: int, right: pl.DataFrame) -> None:
    """Print precision, recall and F1 of one line."""
    recall = right.select(SPAN).n_unique() / asked if asked else float("nan")
    hits = right.select("note", "start_found", "end_found", "concept_found").n_unique()
    precision = hits / got if got else float("nan")
    f1 = 2 * precision * recall / (precision + recall) if hits else 0.0
    print(
        f"| {name} | {asked:,} | {got:,} | {precision:.3f} | {recall:.3f} | {f1:.3f} |"
    )


def concepts() -> dict[str, tuple[str, ...]]:
    """Return what each condition may rightly be called."""
    return {name: each.concepts for name, each in catalog.conditions().items()}


def told(folder: Path) -> pl.DataFrame:
    """Return the truth of the notes that became events."""
    events = pl.read_parquet(folder / "tables/events/*.parquet", columns=["provenance"])
    truth = pl.read_parquet(folder / "simulated/truth/mentions/*.parquet")
    keys = derived(DEMO)
    names = {
        each: provenance(f"DocumentReference/{each}", by=keys)
        for each in truth["document_id"].unique()
    }
    return truth.with_columns(
        note=pl.col("document_id").replace_strict(names),
        concepts=pl.col("concept").replace_strict(
            {name: list(each) for name, each in concepts().items()},
            return_dtype=pl.List(pl.String),
        ),
    ).join(events, left_on="note", right_on="provenance", how="semi")


def read(folder: Path) -> pl.DataFrame:
    """Return the mentions of what the truth labels."""
    found = pl.read_parquet(folder / "tables/mentions/*.parquet")
    words = [word for each in concepts().values() for word in each]
    return found.filter(pl.col("concept").is_in(words))


def make(folder: Path, patients: int) -> None:
    """Write the truth, and the tables of the same patients."""
    settings = yaml.safe_load((ROOT / "params.yaml").read_text(encoding="utf-8"))
    settings["simulate"] |= {"patients": patients, "replays": 1, "treated_years": []}
    (folder / "params.yaml").write_text(yaml.safe_dump(settings), encoding="utf-8")
    (folder / "risks").mkdir()
    for words in (
        ("simulate", str(ROOT / "diseases"), "simulated"),
        ("ingest", "simulated/landing", "risks", "parts", "tables", "c", "r", "l.json"),
    ):
        command = [sys.executable, "-m", "chronicle", *words]
        subprocess.run(command, cwd=folder, check=True, capture_output=True)


if __name__ == "__main__":
    sys.exit(main())
