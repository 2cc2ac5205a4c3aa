"""How fast, faithful and stable explanations are, and how near what-ifs are to truth.

`python benchmarks/explain.py DISEASE...` in a folder where `make run` has been run on
virtual patients; prints the tables of docs/reference/explanations.md. What a treatment
truly does comes from data/simulated/truth: the same patient lives on, treated or not.
"""

import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import lightgbm as lgb
import numpy as np
import pandas as pd
import polars as pl

from chronicle.core import params, store
from chronicle.core.disease import Disease
from chronicle.core.model import score_of_baseline
from chronicle.core.tables import COHORT
from chronicle.explain.change import levers, proposals
from chronicle.explain.concepts import grouped
from chronicle.explain.explained import Explained, explained, risks_of
from chronicle.explain.importance import rank_correlation
from chronicle.explain.parts import expit, in_risk
from chronicle.explain.stage import features_of, joined
from chronicle.explain.trials import asks, treated
from chronicle.explain.wanted import ExplainParams
from chronicle.train import baseline, boost
from chronicle.train.stage import TrainParams

ROWS, DRAWS, REFITS, FIRST = 10_000, 20, 5, 5
LEAST = 20  # patients, of whom an effect is graded
# Of the truth: what is begun; of ours: the treatment of a trial, or a change of values.
TRIALS = {
    "metformin": "metformin", "lifestyle": "lifestyle_programme", "statin": "statin",
    "ace_inhibitor": "ace_inhibitor_or_arb", "sglt2i": "sglt2_inhibitor",
    "stop_smoking": "smokes",
}  # fmt: skip
CHANGES = {
    "lifestyle": "weight", "statin": "ldl", "ace_inhibitor": "sbp",
    "stop_smoking": "smoking",
}  # fmt: skip


@dataclass
class Case:
    """One disease: its model, and test rows explained."""

    slug: str
    asked: Disease
    about: dict
    model: Path
    learnt: pl.DataFrame
    unseen: pl.DataFrame
    beside: dict[str, list[float]]
    found: Explained
    whole: dict
    settings: ExplainParams


def main() -> int:
    """Print a table a question."""
    cases = [case(slug) for slug in sys.argv[1:]]
    table("disease", "additive to", "equal to shap to", "explanations/s and core",
          "time of a risk and its parts, of a risk alone",
          rows=map(speed, cases))  # fmt: skip
    table("disease", f"moved by the first {FIRST} things",
          f"by {FIRST} others at random",
          "ranks after another fit", f"first {FIRST} the same",
          rows=map(faith, cases))  # fmt: skip
    truth = true()
    table("disease", "treatment", "patients", "true change, points", "said, points",
          "said of the true risk", "true ratio of hazards", "said",
          "root mean square error", "of saying nothing", "mean absolute error",
          "of saying nothing", "right sign", "true change within what is said",
          rows=(row for e in cases for row in effects(e, truth, by_trial)))  # fmt: skip
    table("disease", "treatment", "patients", "true change, points", "said, points",
          "root mean square error", "of saying nothing", "mean absolute error",
          "of saying nothing", "right sign",
          rows=(row for e in cases for row in effects(e, truth, by_model)))  # fmt: skip
    return 0


def case(slug: str) -> Case:
    """Read and explain."""
    settings = params.section("explain", ExplainParams)
    about = store.read_json(Path("models") / slug / "model.json")
    asked = params.load(Path("diseases") / f"{slug}.yaml", Disease)
    folder = Path("data/features") / asked.index
    dictionary = store.read_json(folder / "dictionary.json")
    groups = grouped(dictionary, about["features"], settings)
    beside = asks(asked.trials, [each["name"] for each in dictionary])
    read = list(dict.fromkeys([*about["features"], *beside]))
    rows = store.read(COHORT, Path("data/cohorts") / slug / "cohort.parquet")
    learnt, unseen = (joined(rows, split, folder, read) for split in ("train", "test"))
    model = Path("models") / slug / "model.txt"
    found = explained(model, about, features_of(unseen, about["features"]), groups)
    whole = store.read_json(Path("data/explained") / f"{slug}.json")
    told = {
        name: unseen[name].cast(pl.Float64).fill_null(np.nan).to_list()
        for name in beside
    }
    return Case(slug, asked, about, model, learnt, unseen, told, found, whole, settings)


def speed(of: Case) -> tuple:
    """Explain many rows: how exactly, how fast."""
    again = np.random.default_rng(1).integers(0, of.unseen.height, ROWS)
    many = of.found.features.iloc[again].reset_index(drop=True)
    booster = lgb.Booster(model_file=of.model)
    read = many[booster.feature_name()]
    alone = spent(lambda: booster.predict(read, num_threads=1))
    begun = time.process_time()
    found = explained(of.model, of.about, many, of.found.groups)
    total = in_risk(found.base, found.things).sum(axis=1)
    took = time.process_time() - begun
    off = np.abs(expit(np.array(found.base)) + total - found.risk).max()
    return (of.slug, f"{off:.0e}", shap(booster, read), f"{ROWS / took:,.0f}",
            f"{took / alone:.0f}")  # fmt: skip


def spent(work: object) -> float:
    """Return the CPU seconds of a call."""
    begun = time.process_time()
    work()  # type: ignore[operator]
    return time.process_time() - begun


def shap(booster: lgb.Booster, many: pd.DataFrame) -> str:
    """Return the largest difference to shap's own values, where it is installed."""
    try:
        from shap import TreeExplainer
    except ImportError:
        return "not installed"
    some = many[:3000]
    ours = booster.predict(some, pred_contrib=True)[:, :-1]
    theirs = TreeExplainer(booster, feature_perturbation="tree_path_dependent")
    theirs.model.model_type = "internal"  # else it asks LightGBM for the answer
    values = theirs.shap_values(some.to_numpy(float), check_additivity=False)
    return f"{np.abs(ours - values).max():.0e}"


def faith(of: Case) -> tuple:
    """Take the first things away, and others; fit again, and rank again."""
    draw = np.random.default_rng(2)
    used = np.flatnonzero(np.abs(of.found.things).mean(axis=0) > 0)
    first = np.argsort(-np.abs(of.found.things), axis=1)[:, :FIRST]
    others = np.array([draw.permutation(used)[:FIRST] for _ in first])
    ours = importance(of.found)
    ranks, same = [], []
    for _ in range(REFITS):
        theirs = importance(refitted(of, draw))
        kept = (ours > 0) | (theirs > 0)
        ranks.append(rank_correlation(ours[kept], theirs[kept]))
        best, then = (set(np.argsort(-each)[:FIRST]) for each in (ours, theirs))
        same.append(len(best & then) / FIRST)
    return (of.slug, f"{moved(of, first, draw):.3f}", f"{moved(of, others, draw):.3f}",
            f"{np.mean(ranks):.2f}", f"{np.mean(same):.0%}")  # fmt: skip


def importance(found: Explained) -> np.ndarray:
    """Return the mean absolute part of each thing."""
    return np.abs(found.things).mean(axis=0)


def moved(of: Case, things: np.ndarray, draw: np.random.Generator) -> float:
    """Return how far risks move, in log-odds, when others' values stand for things."""
    values = of.found.features.to_numpy()
    thing_of = of.found.groups.thing_of
    taken = np.zeros((len(values), len(of.found.groups.things)), bool)
    np.put_along_axis(taken, things, True, axis=1)
    far = []
    for _ in range(DRAWS // 4):
        other = values[draw.permutation(len(values))]
        mixed = np.where(taken[:, thing_of], other, values)
        risk = risks_of(of.model, of.about, frame(of, mixed))
        far.append(np.abs(logit(risk) - logit(of.found.risk)).mean())
    return float(np.mean(far))


def refitted(of: Case, draw: np.random.Generator) -> Explained:
    """Fit on patients drawn again, as large as the model is; explain the same rows."""
    settings = params.section("train", TrainParams)
    names = of.about["features"]
    subjects = of.learnt["subject_id"].unique(maintain_order=True)
    again = draw.choice(len(subjects), len(subjects))
    drawn = pl.DataFrame({"subject_id": subjects[again.tolist()]})
    rows = drawn.join(of.learnt, on="subject_id", maintain_order="left")
    given = (
        features_of(rows, names),
        rows["boolean_value"].cast(pl.Float64).to_numpy(),
        rows["weight"].to_numpy(),
    )
    chosen = of.about["chosen"]["settings"]
    ways = [
        baseline.Way(
            each["name"],
            tuple(term["feature"] for term in each["terms"]),
            settings.baselines[each["name"].replace(" ", "_")].free,
            (each["inverse_penalty"],),
        )
        for each in store.read_json(of.model.parent / "baselines.json")
    ]
    start = baseline.start(ways, *given)
    asked = {name: chosen[name] for name in LIGHTGBMS} | {"rounds": chosen["rounds"]}
    aim = boost.Aim(*given[1:], score_of_baseline(start, given[0]))
    read = lgb.Booster(model_file=of.model).feature_name()
    binned = boost.bins(given[0][read], settings.max_bin)
    everybody = np.ones(len(given[0]), dtype=bool)
    place = Path("refitted.txt")
    grown = boost.grow(binned, everybody, aim, asked)
    boost.shrink(grown, chosen["share"])
    place.write_text(boost.text(grown))
    found = explained(
        place, of.about | {"start": start}, of.found.features, of.found.groups
    )
    place.unlink()
    return found


LIGHTGBMS = (
    "learning_rate", "num_leaves", "lambda_l2", "path_smooth", "feature_fraction",
    "seed", "min_data_in_leaf",
)  # fmt: skip


def joint() -> pl.DataFrame:
    """Return which simulated patient is which subject, and how far dates moved."""
    given = pl.read_parquet("data/simulated/truth/risks/*.parquet")
    ours = pl.read_parquet("data/comparators/*.parquet")
    # A risk that nobody shares tells whose it is.
    alone = pl.struct("disease", "risk").is_unique()
    one, other = (
        each.filter(pl.col("risk") > 0).filter(alone) for each in (given, ours)
    )
    pairs = one.join(other, on=["disease", "risk"], suffix="_ours").with_columns(
        shift=pl.col("from_time") - pl.col("from_time_ours")
    )
    return pairs.group_by("patient").agg(
        pl.col("subject_id").mode().first(), pl.col("shift").mode().first()
    )


def true() -> pl.DataFrame:
    """Return the true risk of each treatment, by our subjects and shifted times."""
    told = pl.read_parquet("data/simulated/truth/treated/*.parquet")
    wide = told.pivot(
        "treatment", index=["patient", "disease", "prediction_time"], values="risk"
    )
    return wide.join(joint(), on="patient").with_columns(
        day=(pl.col("prediction_time") - pl.col("shift")).dt.date()
    )


def effects(of: Case, truth: pl.DataFrame, how: Callable) -> Iterator[tuple]:
    """Hold what is said of treatments against what they do."""
    mine = truth.filter(pl.col("disease") == of.slug)
    rows = of.unseen.select("subject_id", day=pl.col("prediction_time").dt.date())
    rows = rows.with_row_index("at").join(mine, on=["subject_id", "day"])
    for what in sorted(TRIALS):
        real = rows.filter(pl.col(what).is_not_null()).to_dicts()
        told = how(of, [(e["at"], e["current"]) for e in real], what)
        both = [(e, by) for e, by in zip(real, told, strict=True) if by is not None]
        if len(both) >= LEAST:
            now, then = (
                np.array([e[name] for e, _ in both]) for name in ("current", what)
            )
            line = graded(now, then, [by for _, by in both])
            yield (of.slug, what.replace("_", " "), *line)


def by_trial(of: Case, people: list[tuple[int, float]], what: str) -> list[dict | None]:
    """Return what a trial says, on the model's risk and on the true one."""
    found: list[dict | None] = []
    for at, current in people:
        row = of.found.row(at) | {n: v[at] for n, v in of.beside.items()}
        risk = float(of.found.risk[at])
        both = [
            next((e for e in told if e["treatment"] == TRIALS[what]), None)
            for told in (treated(r, of.asked.trials, row) for r in (risk, current))
        ]
        said, true = both
        found.append(
            said and true and {
                "said": said["difference"], "of true": true["difference"],
                "then": [true["risk"], *(true["between"] or [true["risk"]] * 2)],
                "between": [e - risk for e in said["between"] or ()],
            }
        )  # fmt: skip
    return found


def by_model(of: Case, people: list[tuple[int, float]], what: str) -> list[dict | None]:
    """Return what the model says of the value that the treatment changes."""
    made, settings = {}, of.settings
    for at, _ in people:
        row = of.found.row(at)
        every = proposals(row, of.found.groups.things, levers(settings, of.asked),
                          of.whole["seen"], settings.recent_days)  # fmt: skip
        mine = [each for each in every if each.name == CHANGES.get(what)]
        if mine:
            made[at] = list(mine[0].row(row).values())
    if not made:
        return [None] * len(people)
    after = risks_of(of.model, of.about, frame(of, list(made.values())))
    risk = dict(zip(made, after.tolist(), strict=True))
    return [{"said": risk[at] - of.found.risk[at]} if at in risk else None
            for at, _ in people]  # fmt: skip


def graded(now: np.ndarray, then: np.ndarray, told: list[dict]) -> tuple:
    """Return what is told of some people beside the truth, to print."""
    real = 100 * (then - now)
    said = 100 * np.array([each["said"] for each in told])
    moves = np.abs(real) > 0.05
    right = np.mean(np.sign(real[moves]) == np.sign(said[moves])) if moves.any() else 0
    off = real - said
    line = (f"{np.sqrt((off**2).mean()):.2f}", f"{np.sqrt((real**2).mean()):.2f}",
            f"{np.abs(off).mean():.2f}", f"{np.abs(real).mean():.2f}",
            f"{right:.0%}" if moves.any() else "")  # fmt: skip
    means = (f"{len(real)}", f"{real.mean():.2f}", f"{said.mean():.2f}")
    if "of true" not in told[0]:
        return *means, *line
    held = [low <= each <= high
            for each, one in zip(real / 100, told, strict=True)
            for low, high in [one["between"]]]  # fmt: skip
    ours = np.array([each["then"] for each in told]).T
    true, ratio, low, high = (hazard(e) / hazard(now) for e in (then, *ours))
    of_true = 100 * np.mean([each["of true"] for each in told])
    return (*means, f"{of_true:.2f}", f"{true:.2f}",
            f"{ratio:.2f} ({low:.2f} to {high:.2f})", *line,
            f"{np.mean(held):.0%}")  # fmt: skip


def hazard(risk: np.ndarray) -> float:
    """Return the sum of cumulative hazards."""
    return float(-np.log1p(-np.minimum(risk, 0.999)).sum())


def frame(of: Case, values: object) -> pd.DataFrame:
    """Return columns as the model wants them."""
    return pd.DataFrame(values, columns=of.about["features"], dtype=np.float32)


def logit(risk: np.ndarray) -> np.ndarray:
    """Return log-odds."""
    return np.log(risk) - np.log1p(-risk)


def table(*head: str, rows: object) -> None:
    """Print a table in Markdown."""
    print(f"| {' | '.join(head)} |\n|{' --- |' * len(head)}")
    for row in rows:  # type: ignore[attr-defined]
        print(f"| {' | '.join(row)} |", flush=True)
    print()


if __name__ == "__main__":
    sys.exit(main())
