"""Are the pairs that act together those of shap's interaction values?

`python benchmarks/pairs.py DISEASE...` in a folder where `make run` has been run on
virtual patients, where `shap` is installed; prints a table of
docs/reference/explanations.md.
"""

import sys
import time
from functools import partial

import lightgbm as lgb
import numpy as np
from explain import Case, case, table
from shap import TreeExplainer

from chronicle.core.model import score_of_trees
from chronicle.explain import pairs
from chronicle.explain.importance import rank_correlation

ROWS = 150


def main() -> int:
    """Print a line for each disease."""
    pairs.TOLD, pairs.LEAST = 1000, -1.0  # all of them
    table("disease", "pairs", "seconds", "first pair", "log-odds", "by shap",
          "its rank by shap", "rank correlation of all",
          rows=map(graded, map(case, sys.argv[1:])))  # fmt: skip
    return 0


def graded(of: Case) -> tuple:
    """Rank pairs of things by both."""
    begun = time.process_time()
    score = partial(score_of_trees, of.model, about=of.about)
    ours = pairs.pairs(of.found, of.unseen["subject_id"].to_numpy(), score, 13)
    took = time.process_time() - begun
    theirs = by_shap(of)
    names = [each.name for each in of.found.groups.things]
    at = [tuple(names.index(n) for n in each["names"]) for each in ours]
    sizes = np.array([theirs[one, two] for one, two in at])
    mine = np.array([each["log_odds"] for each in ours])
    return (of.slug, f"{len(ours)}", f"{took:.1f}", " and ".join(ours[0]["titles"]),
            f"{mine[0]:.3f}", f"{sizes[0]:.3f}", f"{1 + (sizes > sizes[0]).sum()}",
            f"{rank_correlation(mine, sizes):.2f}")  # fmt: skip


def by_shap(of: Case) -> np.ndarray:
    """Return the mean absolute interaction of two things in log-odds, shape (g, g)."""
    booster = lgb.Booster(model_file=of.model)
    read = booster.feature_name()
    some = np.random.default_rng(1).permutation(len(of.found.features))[:ROWS]
    explainer = TreeExplainer(booster, feature_perturbation="tree_path_dependent")
    explainer.model.model_type = "internal"
    values = explainer.shap_interaction_values(
        of.found.features.iloc[some][read].to_numpy(float)
    )
    groups, columns = of.found.groups, list(of.found.features)
    place = [groups.thing_of[columns.index(name)] for name in read]
    member = np.eye(len(groups.things))[place]
    slope = of.about["calibration"]["slope"]
    both = member.T @ values @ member
    return np.asarray(2 * slope * np.abs(both).mean(axis=0))


if __name__ == "__main__":
    sys.exit(main())
