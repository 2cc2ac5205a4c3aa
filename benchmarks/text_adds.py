"""What notes add to codes, where sites code badly: AUROC and AUPRC with and without.

`python benchmarks/text_adds.py [PATIENTS [SHARE]]`. Of the conditions of a virtual
patient SHARE stand in notes alone, at each site. Two models read the same rows: all
features that the disease may read, and those of them that are no `note_`. Both are
LightGBM with the same small trees, fitted on the train split with the weights of the
cohort. The interval is that of the difference, over patients drawn again.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

import lightgbm as lgb
import numpy as np
import polars as pl
import yaml
from sklearn.metrics import average_precision_score, roc_auc_score

from chronicle.core import params, store
from chronicle.core.allowed import allowed
from chronicle.core.disease import Disease
from chronicle.core.tables import COHORT, FEATURES
from chronicle.core.things import NOTE

ROOT = Path(__file__).resolve().parents[1]
PATIENTS, SHARE = 1500, 0.5
DISEASES = ("chd", "ckd3plus", "heart_failure", "t2dm")
KEYS = ["subject_id", "prediction_time"]
TREES = {
    "objective": "binary", "num_leaves": 6, "learning_rate": 0.05,
    "min_data_in_leaf": 40, "feature_fraction": 0.3, "lambda_l2": 5.0, "seed": 1,
    "deterministic": True, "force_row_wise": True, "verbose": -1,
}  # fmt: skip
ROUNDS, DRAWS = 200, 200
FEWEST = 10  # onsets in the test split
Numbers = np.ndarray


def main() -> int:
    """Simulate, ingest, label, fit; print a row for each disease."""
    patients = int(sys.argv[1]) if len(sys.argv) > 1 else PATIENTS
    share = float(sys.argv[2]) if len(sys.argv) > 2 else SHARE
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        make(folder, patients, share)
        print(
            f"{patients:,} patients, {share:.0%} of conditions in notes alone\n\n"
            "| disease | test rows | onsets | AUROC codes | with text | difference | "
            "AUPRC codes | with text | difference |\n|" + 9 * " --- |"
        )
        for slug in DISEASES:
            print(compared(folder, slug), flush=True)
    return 0


def compared(folder: Path, slug: str) -> str:
    """Return the row of a disease."""
    disease = params.load(ROOT / "diseases" / f"{slug}.yaml", Disease)
    rows = store.read(COHORT, folder / "cohorts" / slug / "cohort.parquet")
    rows = rows.filter(pl.col("weight") > 0, pl.col("boolean_value").is_not_null())
    where = folder / "features" / disease.index
    matrix = rows.join(store.read(FEATURES, where), on=KEYS, maintain_order="left")
    names = allowed(store.read_json(where / "dictionary.json"), disease)
    train, test = (matrix.filter(split=each) for each in ("train", "test"))
    coded = [each for each in names if not each.startswith(NOTE)]
    risks = [predicted(train, test, each) for each in (coded, names)]
    truth, weight = (test[each].to_numpy() for each in ("boolean_value", "weight"))
    counts = [f"{test.height:,}", f"{int(truth.sum()):,}"]
    if truth.sum() < FEWEST:
        return f"| {slug} | {' | '.join(counts)} | too few |" + 5 * " |"
    cells = []
    for score in (roc_auc_score, average_precision_score):
        both = [score(truth, risk, sample_weight=weight) for risk in risks]
        low, high = interval(test["subject_id"], truth, weight, risks, score)
        cells += [
            *(f"{each:.3f}" for each in both),
            f"{both[1] - both[0]:+.3f} ({low:+.3f} to {high:+.3f})",
        ]
    return f"| {slug} | {' | '.join([*counts, *cells])} |"


def predicted(train: pl.DataFrame, test: pl.DataFrame, names: list[str]) -> Numbers:
    """Return the risks of the test rows by a model of some features."""
    data = lgb.Dataset(
        train.select(names).to_numpy(),
        train["boolean_value"].cast(pl.Int8).to_numpy(),
        weight=train["weight"].to_numpy(),
    )
    return lgb.train(TREES, data, ROUNDS).predict(test.select(names).to_numpy())


def interval(
    people: pl.Series, truth: Numbers, weight: Numbers, risks: list[Numbers], score
) -> tuple[float, float]:
    """Return the middle 95 % of the difference, over patients drawn again."""
    generator = np.random.default_rng(1)
    number = people.rank("dense").to_numpy() - 1
    found = []
    for _ in range(DRAWS):
        drawn = generator.multinomial(number.max() + 1, *chances(number))[number]
        times = weight * drawn
        some = times > 0
        if not truth[some].any():
            continue
        old, new = (
            score(truth[some], risk[some], sample_weight=times[some]) for risk in risks
        )
        found.append(new - old)
    low, high = np.quantile(found, [0.025, 0.975])
    return float(low), float(high)


def chances(number: Numbers) -> tuple[Numbers]:
    """Return that each patient is drawn as likely as any other."""
    people = int(number.max()) + 1
    return (np.full(people, 1 / people),)


def make(folder: Path, patients: int, share: float) -> None:
    """Write tables, cohorts and the matrix."""
    settings = yaml.safe_load((ROOT / "params.yaml").read_text(encoding="utf-8"))
    simulate = settings["simulate"]
    simulate |= {"patients": patients, "replays": 1, "treated_years": []}
    simulate["noted_only"] = dict.fromkeys(simulate["sites"], share)
    (folder / "params.yaml").write_text(yaml.safe_dump(settings), encoding="utf-8")
    (folder / "risks").mkdir()
    run(folder, "simulate", str(ROOT / "diseases"), "simulated")
    run(
        folder, "ingest", "simulated/landing", "risks", "parts", "tables", "c", "r",
        "l.json",
    )  # fmt: skip
    for rule in settings["index_rules"]:
        run(folder, "index", "tables", f"index/{rule}")
    for slug in DISEASES:
        disease = str(ROOT / "diseases" / f"{slug}.yaml")
        run(folder, "select", "tables", "index", disease, f"cohorts/{slug}")
        rule = params.load(Path(disease), Disease).index
        if not (folder / "features" / rule).exists():
            run(folder, "featurize", "tables", f"index/{rule}", f"features/{rule}")


def run(folder: Path, *words: str) -> None:
    """Run a stage."""
    command = [sys.executable, "-m", "chronicle", *words]
    subprocess.run(command, cwd=folder, check=True, stderr=subprocess.DEVNULL)


if __name__ == "__main__":
    sys.exit(main())
