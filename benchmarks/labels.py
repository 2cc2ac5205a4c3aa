"""How well labels agree with the truth about virtual patients.

`python benchmarks/labels.py [PATIENTS]` prints the table of docs/reference/labels.md.
The truth comes in by the door of risks from outside, so that its patients and dates are
pseudonymised as the records are.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

import polars as pl
import yaml

from chronicle.core import params, store
from chronicle.core.disease import Criterion, Disease, Measures
from chronicle.core.tables import COMPARATORS, EVENTS, RISKS
from chronicle.select.evidence import relevant, words
from chronicle.select.onset import first_met
from chronicle.simulate.lives.days import moment

ROOT = Path(__file__).resolve().parents[1]
PATIENTS = 1500
DAY = 86400
# Whether anybody is, is coded, and is ill: rows of `risks` by these names.
PERSON, CODED, ILL = "person", "coded", "ill"


def main() -> int:
    """Simulate, ingest, label, compare; print a row for each disease."""
    patients = int(sys.argv[1]) if len(sys.argv) > 1 else PATIENTS
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        found = made(folder, patients)
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
    return 0


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
    run(
        folder, "ingest", "simulated/landing", "risks",
        "tables", "comparators", "refused", "ledger.json",
    )  # fmt: skip
    return settings


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
