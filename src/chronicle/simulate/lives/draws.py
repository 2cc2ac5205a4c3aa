"""Random numbers that belong to a patient, to a purpose and to a year.

Common random numbers: what is drawn for a patient depends on the seed, the purpose and
the patient's own number, and on nothing else. So a patient comes out the same whatever
the number of patients, of workers, or their order; and under another treatment the same
patient meets the same chance.

Philox is counter-based (Salmon JK et al. Parallel random numbers: as easy as 1, 2, 3.
SC 2011): a key is a stream of its own.
"""

from collections.abc import Sequence
from hashlib import blake2b

import numpy as np
from numpy.random import Generator, Philox

from chronicle.simulate.lives.rows import Floats, Rows, Whole

# Drawn once a year for everybody, used or not: a draw's place must not depend on what
# happened to the patient before.
UNIFORM = (
    "quit", "decompensate", "aki", "aki_size", "in_care", "visits", "died",
    "test_bp", "test_weight", "test_a1c", "test_lipid", "test_renal", "test_acr",
    "onset_chd", "onset_stroke", "onset_heart_failure", "onset_afib", "onset_copd",
    "onset_dementia", "onset_depression", "onset_asthma", "remission",
    "code_t2dm", "code_prediabetes", "code_htn", "code_ckd3plus",
    "code_hyperlipidemia", "code_obesity", "code_chd", "code_stroke",
    "code_heart_failure", "code_afib", "code_copd", "code_dementia",
    "code_depression", "code_osteoporosis", "code_asthma",
    "when_early", "when_late", "when_visit", "when_died", "fatal", "when_fatal",
    "start_pressure", "start_raas", "add_pressure", "late_pressure", "start_statin",
    "start_metformin", "add_glucose", "start_sglt2i", "start_anticoagulant",
)  # fmt: skip
NORMAL = (
    "bmi", "sbp", "ldl", "tg", "egfr", "egfr_walk", "a1c", "a1c_walk", "acr", "bone",
    "seen_sbp", "seen_dbp", "seen_a1c", "seen_ldl", "seen_hdl", "seen_tg",
    "seen_egfr", "seen_acr", "seen_weight", "seen_glucose",
)  # fmt: skip
NAMES = UNIFORM + NORMAL


def stream(seed: int, purpose: str, number: int) -> Generator:
    """Return the generator of one patient for one purpose."""
    digest = blake2b(f"{seed}/{purpose}".encode(), digest_size=8).digest()
    key = np.array([int.from_bytes(digest, "little"), number], np.uint64)
    return Generator(Philox(key=key))


def years(
    seed: int, purpose: str, numbers: Sequence[int] | Whole, count: int
) -> Floats:
    """Draw some years for some patients; shape (count, len(NAMES), patients)."""
    drawn = np.empty((count, len(NAMES), len(numbers)))
    for column, number in enumerate(numbers):
        # A stream each: a year more must not move what was drawn for those before.
        even = stream(seed, f"{purpose}: uniform", int(number))
        bell = stream(seed, f"{purpose}: normal", int(number))
        drawn[:, : len(UNIFORM), column] = even.random((count, len(UNIFORM)))
        drawn[:, len(UNIFORM) :, column] = bell.standard_normal((count, len(NORMAL)))
    return drawn


def of_year(drawn: Floats, year: int) -> Rows:
    """Return one year's draws."""
    return Rows(NAMES, drawn[year])
