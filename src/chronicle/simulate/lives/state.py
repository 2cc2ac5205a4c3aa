"""Where some virtual people stand: traits, what varies, and when things happened."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from chronicle.simulate.lives.parameters import P
from chronicle.simulate.lives.rows import NEVER, Flags, Floats, Rows, Whole, filled

ONSETS = (
    "t2dm", "htn", "ckd3plus", "chd", "stroke", "heart_failure", "afib", "copd",
    "dementia", "depression", "osteoporosis", "asthma",
)  # fmt: skip
CODED = (*ONSETS, "prediabetes", "hyperlipidemia", "obesity")
STARTS = (
    "statin", "raas", "sglt2i", "anticoagulant",
    *(f"pressure_{i}" for i in (1, 2, 3)), *(f"glucose_{i}" for i in (1, 2, 3, 4)),
)  # fmt: skip
TIMES = (
    *(f"onset_{name}" for name in ONSETS),
    *(f"code_{name}" for name in CODED),
    *(f"start_{name}" for name in STARTS),
    "lifestyle", "quit", "failure", "died",
)  # fmt: skip
# own: without treatment. seen: how often measured so. ar: what goes to and fro.
VARYING = (
    "bmi", "own_sbp", "own_dbp", "sbp", "dbp", "own_ldl", "ldl", "hdl", "tg", "own_a1c",
    "a1c", "true_egfr", "egfr", "ln_acr", "bone", "pack_years", "depressed", "in_care",
    "ar_bmi", "ar_sbp", "ar_ldl", "ar_tg", "ar_a1c", "ar_egfr", "ar_acr", "ar_bone",
    "seen_high_bp", "seen_low_egfr",
)  # fmt: skip
ADULT = 20.0


@dataclass(frozen=True)
class State:
    """Some people at one time.

    Args:
        traits: What does not change (`people.TRAITS`).
        varying: What the year brings (`VARYING`): kg/m2, mm[Hg], mg/dL, percent,
            mL/min/{1.73_m2}, ln of mg/g, T-score.
        times: When things happened, in calendar years; infinite where they have not.
    """

    traits: Rows
    varying: Rows
    times: Rows

    def copy(self) -> "State":
        """Return people who go on from here without moving these."""
        return State(self.traits, self.varying.copy(), self.times.copy())

    def take(self, columns: Whole) -> "State":
        """Return a copy with these people only, as often as asked."""
        return State(*(each.take(columns) for each in self._parts()))

    def _parts(self) -> tuple[Rows, Rows, Rows]:
        return self.traits, self.varying, self.times

    def has(self, name: str, at: Floats | float) -> Flags:
        """Tell for whom this had happened by `at`."""
        return np.asarray(self.times[name] <= at)

    def age(self, at: Floats | float) -> Floats:
        """Return ages in years."""
        return np.asarray(at - self.traits["birth"])

    def female(self) -> Flags:
        """Tell who is female."""
        return np.asarray(self.traits["female"] > 0)

    def by_sex(self, given: Mapping[str, float]) -> Floats:
        """Return the value for women (`f`) or men (`m`)."""
        return np.asarray(np.where(self.female(), given["f"], given["m"]), float)

    def smokes(self, at: Floats | float) -> Flags:
        """Tell who smokes."""
        ever = (self.traits["ever_smoker"] > 0) & (self.age(at) >= 18)
        return np.asarray(ever & ~self.has("quit", at))

    def steps(self, drug: str, at: Floats | float) -> Whole:
        """Return how many drugs of this kind are taken (`pressure`, `glucose`)."""
        levels = [name for name in STARTS if name.startswith(f"{drug}_")]
        taken = np.zeros(len(self.times), int)
        for name in levels:
            taken += self.has(f"start_{name}", at)
        return taken

    def wander(self, name: str, keep: float, spread: float, step: Floats) -> Floats:
        """Move what goes to and fro around its level; return where it is."""
        moved = keep * self.varying[name] + np.sqrt(1 - keep * keep) * spread * step
        self.varying[name] = moved
        return np.asarray(moved)


def newborn(traits: Rows) -> State:
    """Return people before their adult life: nothing has happened yet."""
    n = len(traits)
    state = State(traits, filled(VARYING, n), filled(TIMES, n, NEVER))
    varying = state.varying
    varying["own_a1c"] = P["glucose"]["base"] + P["glucose"]["sd"] * traits["z_a1c"]
    varying["true_egfr"] = P["kidney"]["base"] + P["kidney"]["sd"] * traits["z_egfr"]
    varying["ln_acr"] = P["kidney"]["albumin"]
    varying["in_care"] = 1.0
    child = traits["child_asthma"] > 0
    for name in ("onset_asthma", "code_asthma"):
        state.times[name] = np.where(child, traits["birth"] + 8, NEVER)
    return state
