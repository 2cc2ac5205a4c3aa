"""The arms of `damage.py`: `python benchmarks/damage_arms.py SEED PATIENTS FOLDER`.

Virtual patients of a seed, once clean, and with faults at several times the rates of
`params.yaml`: of numbers that ingest may let pass, and of these with dates, duplicates
and whatever else is wrong rather than absent. Cohorts, labels and index times are those
of the clean tables, in every arm: arms differ by features only, which are made of what
ingest left (tables: without this stage), of what check left (checked), and of the
tables without whatever is known to be wrong (known: what a check could win back that
finds all and accuses nobody). Nothing in it depends on how models turn out.
"""

import os
import subprocess
import sys
from pathlib import Path

import polars as pl
import yaml
from damage_tables import without_wrong

from chronicle.core import store
from chronicle.core.tables import INDEX

ROOT = Path(__file__).resolve().parents[1]
REPLAYS = 24  # futures lived for each true risk
# Of what wrong numbers can harm: all that are asked by visits and read measures.
DISEASES = (
    "chd", "ckd3plus", "heart_failure", "htn", "hyperlipidemia", "obesity", "stroke",
    "t2dm",
)  # fmt: skip
ASKED = "visits"  # the rule by which these diseases ask
RULES = (ASKED, "new_year", "today")  # select looks at all
VISITS = 6  # of a patient, drawn by chance
WINDOWS_DAYS = [365]
TIMES = (1, 10, 20)  # the rates of params.yaml
ARMS = ("tables", "known", "checked")
NUMBERS = ("typo_decimal", "swapped_units", "unit_swap_batch")
WRONG = {
    "numbers": NUMBERS,
    "all": (
        *NUMBERS, "missing_unit", "sentinel", "swapped_components", "impossible_value",
        "date_before_birth", "future_date", "default_date", "date_shift",
        "event_after_death", "end_before_start", "birth_after_event",
        "exact_duplicate", "near_duplicate", "conflicting_duplicate",
    ),
}  # fmt: skip
TABLES = ("data/tables", "data/comparators", "data/refused", "reports/ledger.json")
CHECKED = ("data/checked", "data/verdicts", "data/profile.csv", "reports/checks")


def main(words: list[str]) -> int:
    """Make the arms below a folder, and print how to compare them."""
    seed, patients, folder = int(words[0]), int(words[1]), Path(words[2]).resolve()
    told = yaml.safe_load((ROOT / "params.yaml").read_text(encoding="utf-8"))
    rates = told["simulate"]["faults"]
    clean = folder / "clean"
    lay(clean, seed, {}, patients)
    ask(clean)
    for kind, faults in WRONG.items():
        for times in TIMES:
            faulty = folder / kind / f"x{times}"
            some = {fault: min(1, times * rates[fault]) for fault in faults}
            lay(faulty, seed, some, patients)
            describe(faulty, clean)
        (folder / kind / "clean").symlink_to(clean)
        print("python benchmarks/damage.py", folder / kind)
    return 0


def lay(project: Path, seed: int, faults: dict[str, float], patients: int) -> None:
    """Simulate, ingest and, where there are faults, check."""
    settings(project, seed, faults, patients)
    stage(project, "simulate", ROOT / "diseases", "data/simulated")
    truth = "data/simulated/truth/risks"
    stage(project, "ingest", "data/simulated/landing", truth, "data/parts", *TABLES)
    if faults:
        asked = ROOT / "expectations"
        stage(project, "check", "data/tables", asked, TABLES[-1], *CHECKED)


def ask(clean: Path) -> None:
    """Draw index times, cohorts and labels, and describe those who are asked."""
    for rule in RULES:
        stage(clean, "index", "data/tables", f"index/{rule}")
    for path in store.shards(clean / "index" / ASKED):
        rows = store.read(INDEX, path)
        drawn = pl.struct("subject_id", "prediction_time").hash(seed=1)
        place = drawn.rank("ordinal").over("subject_id")
        store.write(INDEX, rows.filter(place <= VISITS), path)
    for slug in DISEASES:
        disease, cohort = ROOT / f"diseases/{slug}.yaml", f"cohorts/{slug}"
        stage(clean, "select", "data/tables", "index", disease, cohort)
    stage(clean, "featurize", "data/tables", f"index/{ASKED}", "features/clean")


def describe(faulty: Path, clean: Path) -> None:
    """Make features of each arm, at the index times of the clean tables."""
    data = faulty / "data"
    without_wrong(data / "tables", clean / "data/tables", data / "known")
    for arm in ARMS:
        index = clean / "index" / ASKED
        stage(faulty, "featurize", f"data/{arm}", index, f"features/{arm}")


def settings(folder: Path, seed: int, faults: dict[str, float], patients: int) -> None:
    """Write the parameters: few windows and no scores, which cost most of all."""
    told = yaml.safe_load((ROOT / "params.yaml").read_text(encoding="utf-8"))
    told["simulate"] |= {
        "patients": patients, "seed": seed, "faults": faults, "treated_years": [],
        "replays": 1 if faults else REPLAYS,
    }  # fmt: skip
    told["featurize"] |= {"windows_days": WINDOWS_DAYS, "scores": []}
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "params.yaml").write_text(yaml.safe_dump(told), encoding="utf-8")


def stage(folder: Path, *words: object) -> None:
    """Run a stage in a folder."""
    told = [sys.executable, "-m", "chronicle", *map(str, words)]
    subprocess.run(told, cwd=folder, check=True, env=os.environ)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
