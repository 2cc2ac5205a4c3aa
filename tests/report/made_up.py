"""A run that never was: counts and aggregates as the stages before would write them."""

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from chronicle.core import store

FATES = ("accepted", "refused", "duplicate", "superseded", "deleted", "not_used")
TYPES = {
    "Observation": (61204, 18, 1204, 311, 58, 902),
    "Encounter": (14511, 2, 88, 27, 6, 0),
    "MedicationRequest": (11873, 3, 41, 19, 0, 0),
    "Condition": (9310, 7, 26, 5, 2, 0),
    "Patient": (369, 1, 4, 13, 0, 0),
    "Claim": (0, 0, 0, 0, 0, 13947),
    "(file)": (0, 2, 0, 0, 0, 0),
}
REASONS = {"invalid-R4": 21, "orphan": 7, "entered-in-error": 3, "brand-new-word": 2}
GIVEN = ("read", "kept", "duplicate", "unknown_patient")
COMPLETE = 47  # patients with an outcome in test
WORDS = (
    "sbp_mean_1095d",
    "age_years",
    "bmi_last_365d",
    "smokes",
    "glucose_max_1095d",
    "hyperlipidemia_ever",
    "visits_365d",
    "triglycerides_since_days",
    "total_cholesterol_count_1095d",
    "female",
    "an_unknown_name_that_is_far_longer_than_any_figure_is_wide_enough_for",
    "hdl_min_1095d",
    "admissions_1095d",
)


def ledger() -> dict[str, Any]:
    by_type = {
        kind: {"read": sum(row), **dict(zip(FATES, row, strict=True))}
        for kind, row in TYPES.items()
    }
    keys = ("read", *FATES)
    return {
        "total": {key: sum(row[key] for row in by_type.values()) for key in keys},
        "by_type": by_type,
        "by_reason": REASONS,
        "files": {"read": 412, "refused": 2},
        "passed_over": 0,
        "tables": {"patients": 369, "events": 101322},
        "values": {"kept": 40217, "converted": 1511, "unit-missing": 73},
        "notes": {"note-plain": 812, "mention-counted": 2951, "mention-copied": 377},
        "comparators": dict.fromkeys(GIVEN, 0),
        "warnings": {"id-form": 311, "array-empty": 17},
        "persons": {"by_link": 12, "by_identifier": 8, "conflict": 3, "unsure": 2}
        | {"hubs": 1},
        "facts": {"again": 215},
        "exports": {"manifests": 1, "files": 9, "missing": 2, "differing": 4}
        | {"promised": 40311, "found": 40288, "errors": 6},
    }


def verdict(table: str, *, warnings: int = 0) -> dict[str, Any]:
    asked = {
        f"{table}_question_{number}": {
            "type": "expect_column_values_to_be_between",
            "column": "numeric_value",
            "severity": "critical" if number > 1 else "warning",
            "checked": 1000,
            "unexpected": 7 if number < warnings else 0,
            "passed": number >= warnings,
            "errored": False,
            "why": "Values near 40 mean that a unit got past us.",
            "source": None,
        }
        for number in range(12)
    }
    return {
        "table": table,
        "rows": 1000,
        "passed": True,
        "critical_failures": 0,
        "warnings": warnings,
        "expectations": asked,
    }


def flow() -> dict[str, Any]:
    def group(patients: int, times: int, outcome: int) -> dict[str, int]:
        return {
            "patients": patients,
            "index_times": times,
            "outcome_patients": outcome,
            "outcome_index_times": 2 * outcome,
        }

    return {
        "steps": [
            {"what": "patients in the tables", "patients": 369, "index_times": None},
            {
                "what": "with a visit that can be an index time: the first of a year",
                "patients": 351,
                "index_times": 2904,
            },
            {"excluded": "birth date unknown", "patients": 1, "index_times": 4},
            {"excluded": "outside the age limits", "patients": 40, "index_times": 411},
            {"excluded": "too little history", "patients": 9, "index_times": 310},
            {"excluded": "disease already there", "patients": 21, "index_times": 388},
            {"what": "at risk", "patients": 280, "index_times": 1791},
        ],
        "outcomes": {
            "onset": group(121, 322, 121),
            "death": group(9, 31, 0),
            "horizon": group(214, 1102, 0),
            "censored": group(103, 336, 0),
        },
        "splits": {"train": group(170, 1080, 74), "test": group(110, 711, COMPLETE)},
    }


def around(value: float, by: float) -> dict[str, float]:
    return {"value": value, "low": value - by, "high": value + by}


METRICS = {
    "auroc": around(0.794, 0.051),
    "auprc": around(0.46, 0.09),
    "brier": around(0.117, 0.02),
    "observed_expected": around(1.04, 0.19),
    "calibration_intercept": around(0.06, 0.24),
    "calibration_slope": around(0.91, 0.2),
    "scaled_brier": around(0.175, 0.06),
    "ici": around(0.018, 0.01),
}
NO_CURVES = (
    "roc", "roc_band", "precision_recall", "precision_recall_band", "decision",
    "capacity", "thresholds", "groups", "learning", "apart",
)  # fmt: skip


def evaluation(*, outcomes: int = COMPLETE) -> dict[str, Any]:
    steps = [number / 60 for number in range(61)]
    risks = [0.014, 0.041, 0.07, 0.11, 0.16, 0.22, 0.31, 0.46]
    return {
        "trained": True,
        "reason": None,
        "counts": counts(outcomes),
        "metrics": dict(METRICS),
        "prevalence": 0.171,
        "judged": {"index_times": 575, "patients": 97, "outcome_patients": outcomes},
        "features_read": 913,
        "roc": [[step**2.2, step**0.55] for step in steps],
        "roc_band": band(lambda at: at**0.3),
        "precision_recall": [[step, 0.8 - 0.6 * step] for step in steps],
        "precision_recall_band": band(lambda at: 0.8 - 0.6 * at),
        "histogram": [
            {"from": at / 50, "to": (at + 1) / 50, "onset": 2, "none": 3 * (20 - at)}
            for at in range(20)
        ],
        "thresholds": [
            line(each) | {"risk": 0.4 * each} for each in (0.05, 0.2, 0.5, 0.9)
        ],
        "groups": groups(),
        "group_line": 0.24,
        "newest": {
            "index_times": 300,
            "patients": 80,
            "outcome_patients": 21,
            "metrics": METRICS,
            "groups": [],
        },
        "published": [],
        "apart": [
            {
                "split": split,
                "learnt": {"patients": 900, "outcome_patients": 41},
                "index_times": 300,
                "patients": 80,
                "outcome_patients": 21,
                "metrics": METRICS if split == "split_site" else None,
            }
            for split in ("split_temporal", "split_site")
        ],
        "doubt": doubt(),
        "learning": [
            {"percent": each, "patients": 15 * each // 10, "auroc": 0.6 + each / 530}
            | {"outcome_patients": 74 * each // 100}
            for each in (25, 50, 75, 100)
        ],
        "calibration": [
            {
                "predicted": risk,
                "observed": max(0, risk * (1 + 0.2 * math.sin(9 * place))),
                "low": max(0, risk * 0.7 - 0.02),
                "high": risk * 1.3 + 0.03,
                "index_times": 88,
            }
            for place, risk in enumerate(risks)
        ],
        "decision": [
            {
                "threshold": each,
                "model": around(0.17 * math.exp(-6 * each), 0.004),
                "everybody": 0.171 - 0.829 * each / (1 - each),
            }
            for each in (0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5)
        ],
        "capacity": [
            {
                "capacity_percent": each,
                "lowest_risk": 0.6 - each / 50,
                **line(each / 100),
            }
            for each in (1, 5, 10, 20)
        ],
        "features": [
            {
                "name": name,
                "mean_abs_contribution": 0.61 * 0.78**place,
                "direction": (1, 1, 1, 1, 0, 1, -1)[place % 7],
            }
            for place, name in enumerate(WORDS)
        ],
        "baselines": [],
        "comparators": [],
    }


def doubt() -> dict[str, Any]:
    share = around(0.88, 0.05) | {"low": 0.8}
    return {
        "silent": {"index_times": 7, "patients": 3, "outcome_patients": 1}
        | {"share": 0.012},
        "bounds": {"apart": 0.04, "low": 0.15, "high": 0.19, "observed": 0.17},
        "sets": {"percent": 90, "case_from": 0.06, "control_to": 0.3}
        | {"cases": share, "controls": share, "either": share},
    }


def explanation(found: dict[str, Any]) -> dict[str, Any]:
    """What moves the risks of a model that never was; one thing moves nobody."""
    if not found["trained"]:
        return {"trained": False, "reason": found["reason"]}
    sizes = {"age": 0.31, "hdl": 0.12, "moves_nobody": 0.0}
    names = {"age": "age", "hdl": "HDL cholesterol", "moves_nobody": "moves nobody"}
    columns = {"age_years": "age", "hdl_min_1095d": "hdl"}
    return {
        "trained": True,
        "things": [
            {"name": name, "title": names[name], "concept": "x", "points": 5 * size}
            | {"log_odds": size, "low": 0.8 * size, "high": 1.2 * size}
            for name, size in sizes.items()
        ],
        "stability": {"rank_correlation": 0.93, "low": 0.81, "same_first_five": 0.84},
        "refits": [
            {"split": split, "patients": 400}
            | {"rank_correlation": 0.61, "same_first_five": 0.8}
            for split in ("split_temporal", "split_site")
        ],
        "signs": [
            {"name": "hdl", "title": "HDL cholesterol", "expected": "down"}
            | {"verdict": "contradicts", "with": 0.1, "against": 0.21},
            {"name": "age", "title": "age", "expected": "up"}
            | {"verdict": "agrees", "with": 0.7, "against": 0.0},
        ],
        "curves": [
            {"column": column, "thing": thing, "title": names[thing], "unit": "a"}
            | {
                "missing": None,
                "points": [
                    {"value": 40.0 + at, "part": at / 9 - 0.3, "share": 0.2}
                    | {"patients": 30}
                    for at in range(5)
                ],
            }
            for column, thing in columns.items()
        ],
        "pairs": [
            {"names": ["age", "hdl"], "titles": ["age", "HDL cholesterol"]}
            | {"log_odds": 0.12, "beyond": -0.23}
        ],
    }


def beside(name: str = "oracle", *, less: float = -0.05, **more: Any) -> dict[str, Any]:
    """A comparator whose AUROC is higher than the model's, on all patients of test."""
    model = evaluation()["metrics"]
    return {
        "name": name,
        "index_times": 575,
        "patients": 97,
        "outcome_patients": COMPLETE,
        "model": model,
        "comparator": model | {"auroc": around(0.794 - less, 0.04)},
        "index_times_without": 0,
        "differences": {
            "auroc": around(less, 0.03),
            "auprc": around(less / 2, 0.03),
            "brier": around(-less / 9, 0.002),
            "scaled_brier": around(less / 3, 0.03),
        },
    } | more


def counts(outcomes: int) -> dict[str, Any]:
    train = {"patients": 151, "index_times": 880, "outcomes": 74}
    test = {"patients": 97, "index_times": 575, "outcomes": outcomes}
    more = {"outcome_index_times": 90}
    return {"train": train | more, "test": test | more}


def not_trained() -> dict[str, Any]:
    more = ("calibration", "histogram", "features", "baselines", "published")
    nothing = {key: [] for key in (*NO_CURVES, *more, "comparators")}
    reason = "too few outcomes: 3 patients with an onset in train (5 needed)"
    return nothing | {
        "trained": False,
        "reason": reason,
        "counts": counts(2),
        "features_read": 0,
        "newest": None,
        "doubt": None,
        "judged": None,
        "metrics": None,
        "prevalence": None,
    }


def inestimable() -> dict[str, Any]:
    """Trained, and hardly a number could be estimated."""
    found = evaluation(outcomes=6)
    nothing = {"value": None, "low": None, "high": None}
    found["metrics"] = dict.fromkeys(found["metrics"], nothing)
    found["metrics"]["auroc"] = {"value": 0.71, "low": None, "high": None}
    found["calibration"][2] |= {"observed": None, "low": None, "high": None}
    found["calibration"][3] |= {"low": None, "high": None}
    found["features"][0]["direction"] = 0
    found["newest"]["metrics"] = None
    return found | {"prevalence": None} | {key: [] for key in NO_CURVES}


def line(share: float) -> dict[str, Any]:
    """What a line brings that flags this share."""
    ppv = 0.62 - share / 2
    return {
        "flagged": share,
        "specificity": 1 - share * 0.7,
        "sensitivity": around(share**0.5, 0.01),
        "ppv": around(ppv, 0.1),
        "needed_to_screen": around(1 / ppv, 0.3),
    }


def band(curve: Callable[[float], float]) -> list[dict[str, float]]:
    return [
        {"at": at / 10, "low": 0.9 * curve(at / 10), "high": 1.05 * curve(at / 10)}
        for at in range(1, 10)
    ]


def groups() -> list[dict[str, Any]]:
    def scored(name: str, auroc: float) -> dict[str, Any]:
        metrics = {
            "auroc": around(auroc, 0.1),
            "observed_expected": around(1.02, 0.2),
            "sensitivity": around(0.4, 0.1),
            "ppv": around(0.3, 0.1),
            "flagged": around(0.11, 0.02),
        }
        counted = {"index_times": 280, "patients": 49, "outcome_patients": 23}
        return {"name": name, "scored": True, "metrics": metrics} | counted

    few = {"index_times": 4, "patients": 2, "outcome_patients": 1}
    small = {"name": "2076-8", "scored": False, "metrics": None} | few
    gap = {"most": "female", "least": "male"}
    gaps = {
        name: gap | around(0.07, 0.09)
        for name in ("auroc", "observed_expected", "sensitivity", "ppv", "flagged")
    }
    return [
        {
            "by": "sex",
            "groups": [scored("female", 0.81), scored("male", 0.74)],
            "gaps": gaps,
        },
        {"by": "race", "groups": [scored("2106-3", 0.79), small], "gaps": {}},
    ]


def promotion(found: dict[str, Any], **changed: Any) -> dict[str, Any]:
    """The verdict on a first model, or on none."""
    question = {
        "about": "discrimination",
        "asked": "AUROC: at least",
        "passed": True,
        "challenger": 0.794,
        "champion": None,
        "limit": 0.6,
    }
    trained = found["trained"]
    return {
        "promoted": trained,
        "reasons": ["reaches every floor" if trained else "there is no new model"],
        "judged_on": "newest test patients",
        "index_times": 300,
        "patients": 80,
        "outcome_patients": 21,
        "questions": [question] if trained else [],
        "challenger": "5e1f" if trained else None,
        "champion": "5e1f" if trained else None,
        "champion_before": None,
        "champion_could_not_be_asked": None,
    } | changed


def drift(evaluation: dict[str, Any]) -> dict[str, Any]:
    """Say how far today is from the first day of the model in use."""
    if not evaluation["trained"]:
        return {"verdict": "no model", "reasons": ["no model is in use"]}
    reasons = [f"warn: feature f{number}: 0.{number}" for number in range(4, 9)]
    return {"verdict": "warn", "reasons": reasons}


def run_only(*slugs: str) -> None:
    """Let the project's params name these diseases, whichever there are."""
    path = Path("params.yaml")
    params = yaml.safe_load(path.read_text()) | {"diseases": list(slugs)}
    path.write_text(yaml.safe_dump(params))


def lay(evaluations: dict[str, Any]) -> None:
    """Write a run with these evaluations, by disease, where the stage will look."""
    store.write_json(ledger(), Path("reports/ledger.json"))
    for table, warnings in (("events", 2), ("patients", 0)):
        found = verdict(table, warnings=warnings)
        store.write_json(found, Path(f"reports/checks/{table}.json"))
    for slug, found in evaluations.items():
        store.write_json(flow(), Path(f"data/cohorts/{slug}/flow.json"))
        store.write_json(found, Path(f"data/evaluations/{slug}.json"))
        store.write_json(promotion(found), Path(f"data/promotions/{slug}.json"))
        told = explanation(found)
        store.write_json(told, Path(f"data/explained/{slug}.json"))
        store.write_json(drift(found), Path(f"data/drifts/{slug}.json"))
