"""What notes add to codes, where sites code badly: AUROC and AUPRC with and without.

`python benchmarks/text_adds.py [PATIENTS [SHARE [FOLDER]]]`. The same virtual patients
are written down twice: by sites that code all, and by sites at which SHARE of a
patient's conditions stand in notes alone. Models learn from what the second kind of
site has, its labels too: from codes; from codes and text; from columns that hold either
(a code or a note says so). One more learns from the first kind of site.

Every patient is judged by models that have not seen her (folds of patients), against
what the coded twin says came of it: the true outcome of people truly at risk. Where a
disease stands in notes alone, codes call the ill well, and a model that knows better is
wrong; the rows "coded outcome" are judged by those codes, as such a site would see it.
The risk is the mean, in log-odds, of the product's logistic regression and small trees.
Intervals: patients drawn again. FOLDER keeps what was simulated.
"""

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import lightgbm as lgb
import numpy as np
import pandas as pd
import polars as pl
import yaml

from chronicle.core import params, store
from chronicle.core.allowed import allowed, matching
from chronicle.core.disease import Disease
from chronicle.core.model import score_of_baseline
from chronicle.core.tables import COHORT, FEATURES
from chronicle.core.things import NOTE
from chronicle.evaluate import score
from chronicle.evaluate.bootstrap import of_both, summary
from chronicle.evaluate.sample import draw
from chronicle.train import baseline
from chronicle.train.folds import folds

ROOT = Path(__file__).resolve().parents[1]
PATIENTS, SHARE = 4000, 0.5
DISEASES = sorted(each.stem for each in (ROOT / "diseases").glob("*.yaml"))
KEYS = ["subject_id", "prediction_time"]
TREES = {
    "objective": "binary", "num_leaves": 6, "learning_rate": 0.05, "max_bin": 63,
    "min_data_in_leaf": 40, "feature_fraction": 0.2, "lambda_l2": 5.0,
    "deterministic": True, "num_threads": 1, "force_row_wise": True, "verbose": -1,
}  # fmt: skip
ROUNDS, SEED, FOLDS, PENALTY = 100, 1, 5, 0.003
DRAWS, PERCENT = 200, 95.0
FEWEST = 20  # patients with an onset
NOTED, CODED = "noted", "coded"
ARMS = ("codes", "text", "either", "all coded")
JOINED = {
    "ever": pl.max_horizontal,
    "since_first_days": pl.max_horizontal,
    "since_last_days": pl.min_horizontal,
}
SCORES = {"AUROC": score.auroc, "AUPRC": score.auprc}
Numbers = np.ndarray
Frame = pl.DataFrame


def main() -> int:
    """Simulate, ingest, label, fit; print the rows of each disease."""
    words = sys.argv[1:]
    patients = int(words[0]) if words else PATIENTS
    share = float(words[1]) if len(words) > 1 else SHARE
    with tempfile.TemporaryDirectory() as place:
        folder = Path(words[2] if len(words) > 2 else place)
        for twin, alone in ((NOTED, share), (CODED, 0.0)):
            if not (folder / twin).exists():
                make(folder / twin, patients, alone)
        print(f"{patients:,} patients, {share:.0%} of conditions in notes alone\n")
        columns = "codes | with text | less codes | either | less codes | all coded"
        asked = " | ".join(f"{name} {columns}" for name in SCORES)
        print(f"| disease | judged by | patients | {asked} |\n|{15 * ' --- |'}")
        for slug in DISEASES:
            for told in compared(folder, slug):
                print(f"| {slug} | {told} |", flush=True)
        print(
            "\n| history | people have it, % | of these coded, % | of those without a "
            "code, found in text, % | of what text says, true, % |\n|" + 5 * " --- |"
        )
        for line in found(folder):
            print(f"| {line} |")
    return 0


def compared(folder: Path, slug: str) -> list[str]:
    """Return the rows of a disease: by the true outcome, and by the coded one."""
    asked = params.load(ROOT / "diseases" / f"{slug}.yaml", Disease)
    twins = {twin: cohort(folder / twin, slug) for twin in (CODED, NOTED)}
    everybody = pl.concat(each.select(KEYS) for each in twins.values())
    keys = everybody.unique().sort(KEYS)
    features = {
        twin: keys.join(
            store.read(FEATURES, folder / twin / "features" / asked.index),
            on=KEYS, how="left", maintain_order="left",
        )
        for twin in twins
    }  # fmt: skip
    where = folder / NOTED / "features" / asked.index / "dictionary.json"
    names = allowed(store.read_json(where), asked)
    silent = [each for each in names if not each.startswith(NOTE)]
    noted, coded = features[NOTED], features[CODED]
    risks = {
        "codes": unseen(noted, twins[NOTED], silent),
        "text": unseen(noted, twins[NOTED], names),
        "either": unseen(either(noted, names), twins[NOTED], silent),
        "all coded": unseen(coded, twins[CODED], silent),
    }
    titles = {CODED: "true outcome", NOTED: "coded outcome"}
    return [
        f"{titles[twin]} | {row(rows, keys.with_columns(**risks))}"
        for twin, rows in twins.items()
    ]


def found(folder: Path) -> Iterator[str]:
    """Yield for each history what codes and text tell of it at the visits."""
    both = [
        store.read(FEATURES, folder / twin / "features" / "visits")
        for twin in (NOTED, CODED)
    ]
    table = both[0].join(both[1], on=KEYS, suffix="_true")
    for text in (each for each in both[0].columns if each.startswith(NOTE)):
        code = text.removeprefix(NOTE)
        known = code in both[0].columns and not code.startswith("family_")
        if not text.endswith("_ever") or not known:
            continue
        has, coded, said = (table[e] > 0 for e in (f"{code}_true", code, text))
        if not has.any():
            continue
        silent = has & ~coded
        shares = (
            has.mean(),
            (has & coded).sum() / max(1, has.sum()),
            (silent & said).sum() / max(1, silent.sum()),
            (has & said).sum() / max(1, said.sum()),
        )
        name = code.removesuffix("_ever").replace("_", " ")
        yield " | ".join([name, *(f"{100 * each:.1f}" for each in shares)])


def cohort(folder: Path, slug: str) -> Frame:
    """Return the rows whose outcome is known."""
    rows = store.read(COHORT, folder / "cohorts" / slug / "cohort.parquet")
    return rows.filter(pl.col("weight") > 0, pl.col("boolean_value").is_not_null())


def either(table: Frame, names: list[str]) -> Frame:
    """Return the features, with what a note says told in the column of the code."""
    return table.with_columns(
        join(name, f"{NOTE}{name}").alias(name)
        for ending, join in JOINED.items()
        for name in names
        if name.endswith(f"_{ending}") and f"{NOTE}{name}" in names
    )


def unseen(table: Frame, rows: Frame, names: list[str]) -> Numbers:
    """Return risks of all rows of a table, each by models that never saw the patient.

    Args:
        table: Features of everybody whom either twin asks.
        rows: Whose outcome is learnt from.
        names: What is read.
    """
    told = table.select(KEYS).join(rows, on=KEYS, how="left", maintain_order="left")
    features = pd.DataFrame(table.select(names).to_numpy(), columns=names)
    outcome = told["boolean_value"].fill_null(False).to_numpy().astype(float)
    given = (features, outcome, told["weight"].fill_null(0).to_numpy())
    found = np.empty(table.height)
    alike = np.zeros(table.height)  # whoever has an outcome is dealt as the others
    for left in folds(table["subject_id"].to_numpy(), alike, FOLDS, SEED):
        learnt = ~left & (given[2] > 0)
        found[left] = predicted(*(each[learnt] for each in given), features[left])
    return found


def predicted(
    features: pd.DataFrame, outcome: Numbers, weight: Numbers, others: pd.DataFrame
) -> Numbers:
    """Return the risks of others by a model of some rows."""
    if not outcome.any():
        return np.zeros(len(others))
    read = yaml.safe_load((ROOT / "params.yaml").read_text(encoding="utf-8"))["train"]
    plan: dict[str, Any] = read["baselines"]["logistic_regression"]
    columns = matching(list(features), plan["columns"], plan["but"])
    way = baseline.Way("", tuple(columns), tuple(plan["free"]), (PENALTY,))
    simple = score_of_baseline(baseline.fit(way, features, outcome, weight)[0], others)
    data = lgb.Dataset(features.to_numpy(), outcome, weight=weight)
    grown = lgb.train(TREES | {"seed": SEED}, data, ROUNDS)
    trees = grown.predict(others.to_numpy(), raw_score=True)
    return 1 / (1 + np.exp(-(simple + trees) / 2))


def row(truth: Frame, risks: Frame) -> str:
    """Return the cells of a disease against one twin's outcomes."""
    ill = truth.filter(pl.col("boolean_value"))["subject_id"].n_unique()
    if ill < FEWEST:
        return f"{ill} | too few |" + 10 * " |"
    told = truth.join(risks, on=KEYS, maintain_order="left")
    sample = draw(told, number=DRAWS, seed=SEED)
    cells = [f"{ill}"]
    for each in SCORES.values():
        areas = {
            name: of_both(sample.judged(told[name].to_numpy()), each) for name in ARMS
        }
        cells.append(f"{areas['codes'][0]:.3f}")
        for name in ("text", "either"):
            gain = summary(areas[name] - areas["codes"], percent=PERCENT)
            spread = f"({gain['low']:+.3f} to {gain['high']:+.3f})"
            cells += [f"{areas[name][0]:.3f}", f"{gain['value']:+.3f} {spread}"]
        cells.append(f"{areas['all coded'][0]:.3f}")
    return " | ".join(cells)


def make(folder: Path, patients: int, share: float) -> None:
    """Write tables, cohorts and the matrix."""
    settings = yaml.safe_load((ROOT / "params.yaml").read_text(encoding="utf-8"))
    simulate = settings["simulate"]
    simulate |= {"patients": patients, "replays": 1, "treated_years": []}
    simulate["noted_only"] = dict.fromkeys(simulate["sites"], share) if share else {}
    (folder / "risks").mkdir(parents=True)
    (folder / "params.yaml").write_text(yaml.safe_dump(settings), encoding="utf-8")
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
