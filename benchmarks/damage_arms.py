"""The four arms of `damage.py`: `python benchmarks/damage_arms.py SEED FOLDER`.

Virtual patients of a seed, once clean and once with wrong numbers at the rates of a bad
source; of these, models of what ingest left (tables), what check left (checked), and
what the source sent (raw). Nothing in it depends on how the models turn out. With
some hundred patients a disease may have no model, and then there is nothing to
compare.
"""

import os
import subprocess
import sys
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[1]
PATIENTS, REPLAYS = 1500, 24
DISEASES = ("ckd3plus", "t2dm")
ASKED = "visits"  # the rule by which these diseases ask
RULES = (ASKED, "new_year", "today")  # select looks at all
WRONG = {
    "sentinel": 0.05, "swapped_units": 0.05, "unit_swap_batch": 0.05,
    "swapped_components": 0.05, "typo_decimal": 0.03, "impossible_value": 0.02,
}  # fmt: skip
TABLES = ("data/tables", "data/comparators", "data/refused", "reports/ledger.json")
CHECKED = ("data/checked", "data/verdicts", "data/profile.csv", "reports/checks")


def main(words: list[str]) -> int:
    """Make the arms below a folder, and print how to compare them."""
    seed, folder = int(words[0]), Path(words[1]).resolve()
    clean, faulty = folder / "clean", folder / "faulty"
    for project, faults in ((clean, {}), (faulty, WRONG)):
        lay(project, seed, faults)
    arms = [clean, *(folder / name for name in ("raw", "tables", "checked"))]
    raw = folder / "raw" / "events-as-sent"
    subprocess.run(
        [sys.executable, ROOT / "benchmarks/damage.py", "--raw",
         faulty / "data/tables", raw], check=True,
    )  # fmt: skip
    seen = [clean / "data/tables", raw, faulty / "data/tables", faulty / "data/checked"]
    for arm, tables in zip(arms, seen, strict=True):
        learn(arm, tables)
    (clean / "comparators").symlink_to(clean / "data/comparators")
    print("python benchmarks/damage.py", *arms)
    return 0


def lay(project: Path, seed: int, faults: dict[str, float]) -> None:
    """Simulate, ingest and check."""
    settings(project, seed, faults)
    stage(project, "simulate", ROOT / "diseases", "data/simulated")
    truth = "data/simulated/truth/risks"
    stage(project, "ingest", "data/simulated/landing", truth, "data/parts", *TABLES)
    stage(project, "check", "data/tables", ROOT / "expectations", TABLES[-1], *CHECKED)


def learn(arm: Path, tables: Path) -> None:
    """Make cohorts, features and models of tables."""
    settings(arm, 0, {})
    for rule in RULES:
        stage(arm, "index", tables, f"index/{rule}")
    stage(arm, "featurize", tables, f"index/{ASKED}", f"features/{ASKED}")
    for slug in DISEASES:
        disease, cohort = ROOT / f"diseases/{slug}.yaml", f"cohorts/{slug}"
        stage(arm, "select", tables, "index", disease, cohort)
        stage(arm, "train", cohort, "features", disease, f"models/{slug}")


def settings(folder: Path, seed: int, faults: dict[str, float]) -> None:
    """Write the parameters: half of the patients are to test."""
    told = yaml.safe_load((ROOT / "params.yaml").read_text(encoding="utf-8"))
    told["simulate"] |= {
        "patients": PATIENTS, "seed": seed, "faults": faults,
        "replays": 1 if faults else REPLAYS,
    }  # fmt: skip
    told["select"]["test_fraction"] = 0.5
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "params.yaml").write_text(yaml.safe_dump(told), encoding="utf-8")


def stage(folder: Path, *words: object) -> None:
    """Run a stage in a folder."""
    told = [sys.executable, "-m", "chronicle", *map(str, words)]
    subprocess.run(told, cwd=folder, check=True, env=os.environ)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
