"""How well the virtual population meets public targets (`targets.csv`).

The targets are what national surveys and cohorts found. Some contradict each other and
some are from memory: the table says which.
"""

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from chronicle.simulate.lives import life
from chronicle.simulate.lives.rows import Flags
from chronicle.simulate.lives.state import ADULT, ONSETS, State

LAST = 2023
SPAN = 5  # years over which incidence and mortality are counted
TARGETS = Path(__file__).with_name("targets.csv")


@dataclass(frozen=True)
class Fit:
    """One target beside what the population gives; null where that is nothing."""

    measure: str
    ages: str
    sex: str
    unit: str
    target: float
    simulated: float | None
    source: str
    verified: str

    @property
    def ratio(self) -> float | None:
        """Return simulated over target."""
        return None if self.simulated is None else self.simulated / self.target


def fit(seed: int, people: int) -> list[Fit]:
    """Simulate `people` and hold them against every target."""
    lives = life.population(
        seed, "life 0", np.arange(people), (1.0,), LAST - SPAN, LAST
    )
    found = []
    with TARGETS.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            value = _value(lives, row)
            found.append(
                Fit(
                    row["measure"], row["age_band"], row["sex"], row["unit"],
                    float(row["value"]), value, row["source"], row["verified"],
                )
            )  # fmt: skip
    return found


def _value(lives: life.Lives, row: dict[str, str]) -> float | None:
    measure, unit = row["measure"], row["unit"]
    among = _among(lives.state, row, LAST + 1.0)
    if unit.startswith("%"):
        has = _prevalent(lives).get(measure)
        base = _base(lives, measure) & among
        return None if has is None else float(100 * has[base].mean())
    if unit == "per 1000 py":
        return _rate(lives, row)
    return None


def _base(lives: life.Lives, measure: str) -> Flags:
    """Return who is asked: some targets are shares of those with the disease."""
    if measure in ("htn_aware", "htn_treated", "htn_controlled"):
        return _hypertensive(lives)
    if measure == "ckd_awareness":
        return np.asarray(_prevalent(lives)["ckd_any"])
    if "_test_" in measure:
        asked = "htn" if measure.endswith("htn") else "t2dm"
        only = ~lives.state.has("code_t2dm", LAST) if asked == "htn" else True
        return lives.state.has(f"code_{asked}", LAST) & only & _visited(lives)
    return np.ones(len(lives.numbers), bool)


def _visited(lives: life.Lives) -> Flags:
    return np.asarray(lives.years[LAST].seen["visits"] > 0)


def _hypertensive(lives: life.Lives) -> Flags:
    v, now = lives.years[LAST].varying, LAST + 1.0
    high = (v["sbp"] >= 130) | (v["dbp"] >= 80)
    return np.asarray(high | (lives.state.steps("pressure", now) > 0))


def _prevalent(lives: life.Lives) -> dict[str, Flags]:
    state, now, v = lives.state, LAST + 1.0, lives.years[LAST].varying
    ill = {name: state.has(f"onset_{name}", now) for name in ONSETS}
    return {
        **ill,
        "hypertension": _hypertensive(lives),
        "htn_aware": state.has("code_htn", now),
        "htn_treated": state.steps("pressure", now) > 0,
        "htn_controlled": (v["sbp"] < 130) & (v["dbp"] < 80),
        "obesity": v["bmi"] >= 30,
        "severe_obesity": v["bmi"] >= 40,
        "diabetes_total": ill["t2dm"],
        "diabetes_diagnosed": state.has("code_t2dm", now),
        "ckd_any": (v["true_egfr"] < 60) | (v["ln_acr"] >= np.log(30)),
        "ckd_awareness": state.has("code_ckd3plus", now),
        "af": state.has("onset_afib", now),
        "hf": state.has("onset_heart_failure", now),
        "alzheimer_dementia": state.has("onset_dementia", now),
        "dementia_diagnosed": state.has("code_dementia", now),
        "tc_ge_240": v["ldl"] + v["hdl"] + v["tg"] / 5 >= 240,
        "low_hdl": v["hdl"] < 40,
        "asthma_current": ill["asthma"],
        "depression": v["depressed"] > 0,
        "smoking_current": state.smokes(now),
        "uacr_test_1y_t2d": _measured(lives, "acr", 1),
        "egfr_test_1y_t2d": _measured(lives, "egfr", 1),
        "uacr_test_2y_htn": _measured(lives, "acr", 2),
    }


def _measured(lives: life.Lives, name: str, years: int) -> Flags:
    """Return in whom something was measured in the last years."""
    last = [lives.years[LAST - back].seen[name] for back in range(years)]
    return np.asarray(~np.isnan(np.array(last)).all(axis=0))


def _rate(lives: life.Lives, row: dict[str, str]) -> float | None:
    """Return events per 1000 person-years at risk, over the last years."""
    what = {
        "mortality": "died",
        "diabetes_incidence": "code_t2dm",
        "af_incidence": "onset_afib",
    }.get(row["measure"])
    if what is None:
        return None
    events = years = 0.0
    when, died = lives.state.times[what], lives.state.times["died"]
    for year in range(LAST - SPAN + 1, LAST + 1):
        free = _among(lives.state, row, float(year)) & (when >= year)
        events += float((free & (when < year + 1) & (when <= died)).sum())
        years += float(
            (np.minimum(np.minimum(when, died), year + 1) - year)[free].sum()
        )
    return 1000 * events / years if years else None


def _among(state: State, row: dict[str, str], at: float) -> Flags:
    band, _, sex = row["age_band"].partition(" ")
    sex = sex or row["sex"]
    low, high = _limits(band)
    age = state.age(at)
    alive = (state.times["died"] > at) & (age >= max(low, ADULT)) & (age < high)
    return np.asarray(alive & _sex(state, sex))


def _limits(band: str) -> tuple[float, float]:
    if band.startswith("<"):
        return 0, float(band[1:])
    if band.endswith("+"):
        return float(band[:-1]), 130
    if not band:
        return 0, 130
    low, high = band.split("-")
    return float(low), float(high) + 1


def _sex(state: State, sex: str) -> Flags:
    female = state.female()
    return np.asarray({"F": female, "M": ~female}.get(sex, np.ones_like(female)))
