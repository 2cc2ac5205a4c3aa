"""How well labels agree with the truth about virtual patients, and who is asked.

`python benchmarks/labels.py [PATIENTS]` prints both tables of docs/reference/labels.md;
`python benchmarks/labels.py LANDING` the second one, of any FHIR files.
The truth comes in by the door of risks from outside, so that its patients and dates are
pseudonymised as the records are.
"""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import polars as pl
import yaml

from chronicle.core import params, store
from chronicle.core.disease import Criterion, Disease, Measures
from chronicle.core.tables import COHORT, COMPARATORS, EVENTS, RISKS
from chronicle.select.evidence import relevant, words
from chronicle.select.onset import first_met
from chronicle.simulate.lives.days import moment

ROOT = Path(__file__).resolve().parents[1]
PATIENTS = 1500
DAY = 86400
# Whether anybody is, is coded, and is ill: rows of `risks` by these names.
PERSON, CODED, ILL = "person", "coded", "ill"
STATUS = ("onset", "death", "horizon", "censored")
SPLITS = ("train", "test")
THERE = ("already there", "found within")  # exclusions by a sign of the disease


def main() -> int:
    """Simulate, ingest, label, compare; print a row for each disease."""
    asked = sys.argv[1] if len(sys.argv) > 1 else str(PATIENTS)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        if not asked.isdecimal():
            (folder / "risks").mkdir()
            shutil.copy(ROOT / "params.yaml", folder)
            ingested(folder, str(Path(asked).resolve()))
            return flows(folder)
        agreement(folder, made(folder, int(asked)))
        return flows(folder)


def agreement(folder: Path, found: dict) -> None:
    """Print the first table: a row for each disease of which the truth is known."""
    truth = store.read(COMPARATORS, folder / "comparators")
    events = store.read(EVENTS, folder / "tables" / "events")
    print(
        "| disease | ill | coded | labelled | of the coded | of the ill | "
        "of the others, not labelled | of the labelled, ill or coded | "
        "with one code: of the coded | of those, ill or coded | median delay, days |"
    )
    print(f"|{' --- |' * 11}")
    for slug in found["diseases"]:
        asked = params.load(ROOT / "diseases" / f"{slug}.yaml", Disease)
        if slug in truth["disease"].unique():
            print(row(slug, asked, found, truth, events), flush=True)


def flows(folder: Path) -> int:
    """Print the second table: who is asked of each disease, and what came of it."""
    settings = yaml.safe_load((folder / "params.yaml").read_text(encoding="utf-8"))
    for rule in settings["index_rules"]:
        run(folder, "index", "tables", f"index/{rule}")
    least = settings["train"]["min_outcome_patients"]
    print(
        "\n| disease | index times | not eligible | already there | "
        "at risk: patients | index times | onset | death | horizon | censored | "
        "patients with an onset: train | test | |"
    )
    print(f"|{' --- |' * 13}")
    for slug in settings["diseases"]:
        disease = str(ROOT / "diseases" / f"{slug}.yaml")
        run(folder, "select", "tables", "index", disease, f"cohorts/{slug}")
        print(asked_of(slug, folder / "cohorts" / slug, least), flush=True)
    return 0


def asked_of(slug: str, cohort: Path, least: dict[str, int]) -> str:
    """Return one line of the second table."""
    told = store.read_json(cohort / "flow.json")
    rows = store.read(COHORT, cohort / "cohort.parquet")
    (_, first, *gone, _) = told["steps"]
    there = sum(x["index_times"] for x in gone if x["excluded"].startswith(THERE))
    other = sum(each["index_times"] for each in gone) - there
    outcomes = [told["outcomes"][word]["index_times"] for word in STATUS]
    if not first["index_times"] - there - other == rows.height == sum(outcomes):
        raise SystemExit(f"{slug}: the flow does not add up")
    ill = rows.filter(pl.col("weight") > 0, "boolean_value")
    found = [ill.filter(split=split)["subject_id"].n_unique() for split in SPLITS]
    few = any(n < least[split] for n, split in zip(found, SPLITS, strict=True))
    numbers = [
        first["index_times"],
        other,
        there,
        rows["subject_id"].n_unique(),
        rows.height,
    ]
    cells = [f"{each:,}" for each in (*numbers, *outcomes, *found)]
    return f"| {slug} | {' | '.join(cells)} | {'too few' if few else ''} |"


def made(folder: Path, patients: int) -> dict:
    """Make tables, and comparators that are the truth; return the parameters."""
    settings = yaml.safe_load((ROOT / "params.yaml").read_text(encoding="utf-8"))
    settings["simulate"] |= {"patients": patients, "replays": 1, "treated_years": []}
    (folder / "params.yaml").write_text(yaml.safe_dump(settings), encoding="utf-8")
    run(folder, "simulate", str(ROOT / "diseases"), "simulated")
    (folder / "risks").mkdir()
    people = pl.read_parquet(folder / "simulated/truth/people/*.parquet")
    last = settings["simulate"]["last_year"] + 1
    told(people, last).write_parquet(folder / "risks" / "truth.parquet")
    ingested(folder, "simulated/landing")
    return settings


def ingested(folder: Path, landing: str) -> None:
    """Make tables of FHIR files."""
    run(
        folder, "ingest", landing, "risks", "parts",
        "tables", "comparators", "refused", "ledger.json",
    )  # fmt: skip


def told(people: pl.DataFrame, last: int) -> pl.DataFrame:
    """Write times of truth, in calendar years, as if they were risks from outside."""
    rows = [(name, PERSON, PERSON, float(last)) for name in people["patient"]]
    for column in people.columns:
        kind, _, slug = column.partition("_")
        if kind in ("code", "onset"):
            name = {"code": CODED, "onset": ILL}[kind]
            for patient, time in people.select("patient", column).rows():
                if time == time and time < last:
                    rows.append((patient, slug, name, time))
    frame = pl.DataFrame(rows, ["patient", "disease", "name", "time"], orient="row")
    at = pl.Series([moment(time) for time in frame["time"]], dtype=pl.Datetime("us"))
    return frame.select(
        "patient", "disease", "name",
        from_time=at, until_time=at + pl.duration(days=1), risk=pl.lit(1.0),
    ).cast(RISKS.schema)  # fmt: skip


def run(folder: Path, *words: str) -> None:
    """Run a stage."""
    subprocess.run([sys.executable, "-m", "chronicle", *words], cwd=folder, check=True)


def row(
    slug: str, asked: Disease, found: dict, truth: pl.DataFrame, events: pl.DataFrame
) -> str:
    """Return one line of the table."""
    measures = Measures.model_validate(found["measures"]).codes
    said = words(asked, measures, found["select"]["settings"])
    read = relevant(events, asked, said)
    people = truth.filter(pl.col("name") == PERSON)["subject_id"]
    mine = truth.filter(pl.col("disease") == slug)
    coded, ill = (
        mine.filter(pl.col("name") == name).select("subject_id", time="from_time")
        for name in (CODED, ILL)
    )
    rule = first_met(read, asked.onset.any_of, said)
    one = first_met(read, [Criterion(codes=("stated",))], said)
    sick = set(coded["subject_id"]) | set(ill["subject_id"])
    well = set(people) - sick
    # Who was coded before the records began is listed when they begin.
    began = pl.datetime(found["simulate"]["first_year"], 1, 1)
    late = rule.join(coded.filter(pl.col("time") >= began), on="subject_id").select(
        (pl.col("met") - pl.col("time")).dt.total_seconds() / DAY
    )
    labelled, once = set(rule["subject_id"]), set(one["subject_id"])
    cells = (
        slug,
        f"{ill.height:,}" if ill.height else "",
        f"{coded.height:,}",
        f"{len(labelled):,}",
        share(labelled, set(coded["subject_id"])),
        share(labelled, set(ill["subject_id"])),
        share(well - labelled, well),
        share(sick, labelled),
        share(once, set(coded["subject_id"])),
        share(sick, once),
        f"{late.to_series().median() or 0:.0f}",
    )
    return f"| {' | '.join(cells)} |"


def share(some: set, of: set) -> str:
    """Return the share of `of` that is in `some`."""
    return f"{len(some & of) / len(of):.3f}" if of else ""


if __name__ == "__main__":
    sys.exit(main())
