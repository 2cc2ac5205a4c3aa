"""How far models come from chance towards what records of virtual patients can tell.

`python benchmarks/ceilings.py [DISEASE...]` in a folder where `make run` has been run
on virtual patients prints docs/reference/ceilings.md. What is costly to ask is kept in
`data/ceilings/`, until the model is another. What the ceiling is: `ceiling.py`.
"""

import hashlib
import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import numpy as np
import polars as pl
from ceiling import MODELS, measured
from scipy.stats import chi2, norm

from chronicle.core import params, store
from chronicle.evaluate.settings import EvaluateParams
from chronicle.simulate.stage import SimulateParams

KEPT = Path("data/ceilings")
TARGET = 0.95  # of the way from chance to the ceiling
SLOPES = (0.9, 1.1)
SURE = 0.05  # what is less likely is not put down to chance
LEAST = 100  # outcome patients, from which on a slope is asked
# How far slopes lie about 1 before they are calibrated, by the true risk, on the seeds
# for choices: 0.12 (standard deviation) of all but COPD, 0.27 with it.
SPREAD = 0.2
HEAD = (
    "disease", "test patients", "with outcome", "AUROC", "age and sex",
    "logistic regression", "published", "oracle", "observable ceiling",
    "of the way there, %", "calibration slope", "met",
)  # fmt: skip


PAGE = """\
# How near models come to what can be known

audience: clinical data scientists · kind: reference
printed by `python benchmarks/ceilings.py`

{patients:,} virtual patients, seed {seed}; choices were made on seed 20261124.
{trials} Test patients only, intervals of {percent:.0f} %.

| {head} |
|{lines}
{rows}

- *Oracle*: the true risk of a code, which nobody can know.
- *Observable ceiling*: the best that these records allow, estimated; see the script.
- *Of the way there*: from .5 to that ceiling. The target is {target:.0f} %, and a slope
  of {low} to {high} where {least} test patients or more have the outcome.
  *Met* goes by the value; the interval says how sure that is.
- *Published*: the first equation of the disease file, recalibrated, on those whom it
  can judge.
{slopes}

## Missed, and why

{why}
"""
UNEXPLAINED = "not explained."
WHY = {
    "depression": "a liability of the person and deprivation drive it, and no record "
    "has either. The model falls back on age and sex; of so flat a model the slope is "
    "hardly known.",
    "copd": "years of smoking drive it. Records of virtual patients say whether "
    "somebody smokes, not how much; a real one may have pack-years, which are read. So "
    "little can be known that the interval of the way says nothing. Its risks lie too "
    "near each other, by the true risk, too: 163 outcomes tell the slope badly.",
    "asthma": "few outcomes to learn from and fewer to judge by: the interval of the "
    "way says nothing.",
    "chd": "few outcomes: trees find little that age and sex do not tell.",
    "hyperlipidemia": "its interval holds 95 %. Of 4,000 patients the model reached "
    ".75, of 20,000 .80 (others to judge by): it still learns.",
    "stroke": "the slope; of other patients it is 1.07 (1.00 to 1.17), and by the true "
    "risk of the same patients 1.00.",
}


def main() -> int:
    """Print the page, with a row for each disease that has a model."""
    settings = params.section("evaluate", EvaluateParams)
    made = sorted(path.stem for path in Path("data/evaluations").glob("*.json"))
    asked = sys.argv[1:] or [e for e in made if (MODELS / e / "model.txt").exists()]
    rows = {slug: list(row(slug, known(slug, settings))) for slug in asked}
    short = [slug for slug, each in rows.items() if "not" in each[-1]]
    people = pl.scan_parquet("data/checked/patients/*.parquet").select(pl.len())
    told = {
        "patients": people.collect().item(),
        "seed": params.section("simulate", SimulateParams).seed,
        "trials": trials(rows),
        "percent": settings.interval_percent,
        "head": " | ".join(HEAD),
        "lines": " --- |" * len(HEAD),
        "rows": "\n".join(f"| {' | '.join(each)} |" for each in rows.values()),
        "slopes": together({slug: known(slug, settings) for slug in rows}),
        "why": "\n".join(f"- `{e}`: {WHY.get(e, UNEXPLAINED)}" for e in short),
    }
    low, high = SLOPES
    print(PAGE.format(target=100 * TARGET, low=low, high=high, least=LEAST, **told))
    return 0


def trials(slugs: Iterable[str]) -> str:
    """Say for which diseases Optuna looked for settings."""
    tried = {
        slug: store.read_json(MODELS / slug / "model.json")["chosen"]["tuning"]
        for slug in slugs
    }
    told = [
        f"{slug} ({each['trials']})" for slug, each in tried.items() if each["trials"]
    ]
    return f"Trials of Optuna: {', '.join(told) or 'none'}."


def together(all_found: Mapping[str, dict]) -> str:
    """Say whether slopes lie off 1 by more than chance, and how many could be met."""
    found = {
        slug: each
        for slug, each in all_found.items()
        if each["counts"]["outcome_patients"] >= LEAST
        and None not in each["slope"].values()
    }
    if not found:
        return "- *Slopes, all together*: too few outcomes."
    slopes = [each["slope"] for each in found.values()]
    value = np.array([each["value"] for each in slopes])
    error = np.array([(each["high"] - each["low"]) / 3.92 for each in slopes])
    apart = float((((value - 1) / error) ** 2).sum())
    mean = float(np.average(value, weights=error**-2))
    number, chance = len(slopes), chi2.sf(apart, len(slopes))
    shown = f"= {chance:.2f}" if chance >= 0.01 else "< 0.01"
    said = "as much as" if chance >= SURE else "more than"
    true, learnt = within(error), within(np.hypot(error, unlearnt(found, error)))
    each = ", ".join(
        f"`{slug}` {of:.0%}" for of, slug in sorted(zip(learnt, found, strict=True))
    )
    return (
        f"- *Slopes, all together*: their mean, weighted by what is known of each, is "
        f"{mean:.2f}, and they\n  lie off 1 by {said} chance gives (chi-squared "
        f"{apart:.1f} on {number} degrees, p {shown}):\n"
        f"  were every true slope 1, {true.sum():.1f} of {number} would be "
        f"seen within the limits, and all of them\n  with a chance of "
        f"{true.prod():.0%}.\n"
        f"- *What can be asked of a slope*: were a model right but for its slope, and "
        f"this learnt from the\n  outcomes that there are to learn from, "
        f"{learnt.sum():.1f} of {number} would be seen within the limits, and all\n"
        f"  of them with a chance of {learnt.prod():.1%}. Of each:\n  {each}."
    )


def within(error: np.ndarray) -> np.ndarray:
    """Return how likely a slope of 1, known with an error, is seen in the limits."""
    low, high = ((each - 1) / error for each in SLOPES)
    return np.asarray(norm.cdf(high) - norm.cdf(low))


def unlearnt(found: Mapping[str, dict], error: np.ndarray) -> np.ndarray:
    """Return the error of slopes as they are best learnt, pulled to 1 by their spread.

    Args:
        found: Of each disease, how many patients with an outcome judged its model.
        error: Of its slope as these tell it; as others do, by how many they are.
    """
    share = [
        each["counts"]["outcome_patients"]
        / store.read_json(MODELS / slug / "model.json")["counts"]["train"]["outcomes"]
        for slug, each in found.items()
    ]
    return np.asarray(1 / np.sqrt(SPREAD**-2 + 1 / (error**2 * np.array(share))))


def known(slug: str, settings: EvaluateParams, others: Path | None = None) -> dict:
    """Return what was measured of this very model and patients, or measure it."""
    kinds = ("txt", "json")  # trees; start and calibration
    text = b"".join((MODELS / slug / f"model.{e}").read_bytes() for e in kinds)
    if others:  # another folder has other patients
        text += (others / "data/cohorts" / slug / "cohort.parquet").read_bytes()
    mark = hashlib.sha256(text).hexdigest()
    kept = KEPT / ("others" if others else "") / f"{slug}.json"
    if kept.exists():
        found = json.loads(kept.read_text())
        if found.get("sha256") == mark:
            return found
    found = {"sha256": mark, **measured(slug, settings, others)}
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.write_text(json.dumps(found, indent=1))
    return found


def row(slug: str, found: dict) -> Iterator[str]:
    """Tell one disease, with what `evaluate` said of the others."""
    judged = store.read_json(Path("data/evaluations") / f"{slug}.json")
    counts = found["counts"]
    yield from (slug, f"{counts['patients']:,}", f"{counts['outcome_patients']:,}")
    yield interval(found["model"])
    base = {each["name"]: each["comparator"]["auroc"] for each in judged["baselines"]}
    yield from (interval(base[name]) for name in ("age and sex", "logistic regression"))
    others = [(e["comparator"]["auroc"], e["name"]) for e in judged["published"]]
    told = [each for each in others if each[0]["value"] is not None]
    yield f"{interval(told[0][0])} {told[0][1]}" if told else "none"
    oracle = [e["comparator"]["auroc"] for e in judged["comparators"]]
    yield interval(oracle[0]) if oracle else "none"
    yield interval(found["ceiling"]) if oracle else "none"
    yield interval(found["way"], "{:.0f}") if oracle else ""
    yield interval(found["slope"], "{:.2f}")
    yield met(found, asks_way=bool(oracle))


def met(found: dict, *, asks_way: bool) -> str:
    """Say which of the two targets is met, by the value itself."""
    said = []
    if asks_way:
        said.append("way" if found["way"]["value"] >= 100 * TARGET else "not the way")
    if found["counts"]["outcome_patients"] >= LEAST:
        low, high = SLOPES
        fits = low <= found["slope"]["value"] <= high
        said.append("slope" if fits else "not the slope")
    return ", ".join(said) or "too few outcomes"


def interval(of: dict, form: str = "{:.3f}") -> str:
    """Return a value with its interval."""
    if of["value"] is None:
        return "none"
    value, low, high = (
        form.format(of[each]) if of[each] is not None else "?"
        for each in ("value", "low", "high")
    )
    return f"{value} ({low} to {high})"


if __name__ == "__main__":
    sys.exit(main())
