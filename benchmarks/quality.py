"""How well each planted fault is found: `python benchmarks/quality.py FOLDER...`.

Each folder is a project in which simulate, ingest and check have run. Recall: of the
planted faults of a kind, the share that ingest refused or gave a word that says so, or
that failed a check meant for it. Precision: of the rows that these checks name, the
share that a planted fault touched. What is said of a pair is right if it is either one.
"""

import sys
from pathlib import Path

import polars as pl

from chronicle.ingest.deidentify import provenance
from chronicle.ingest.keys import DEMO, derived

TEXTS = [
    "text-number", "no-result", "unit-missing", "unit-inferred", "text-left-out",
    "ambiguous", "comparator", "impossible",
]  # fmt: skip
# Kind of fault -> checks that are meant for it, and words of value_fate that say so.
# A kind without any cannot be seen in the tables; WHY says why.
MEANT = {
    "birth_after_event": (["born_before_the_record"], []),
    "code_typo": (["check_digit_right"], []),
    "conflicting_duplicate": (["one_value_at_a_time"], []),
    "date_before_birth": (["after_birth"], []),
    "date_shift": (["not_before_its_encounter", "not_after_its_encounter"], []),
    "default_date": (["after_birth", "no_default_date"], []),
    "duplicate_patient": (["has_events"], []),
    "end_before_start": (["ends_after_it_began"], []),
    "event_after_death": (["before_death"], []),
    "exact_duplicate": (["said_once", "not_said_again"], []),
    "future_date": (["not_in_the_future", "before_death"], []),
    "impossible_value": ([], ["impossible", "sentinel"]),
    "missing_unit": (["unit_written"], ["unit-missing", "unit-inferred"]),
    "missing_value": ([], ["absent"]),
    "near_duplicate": (
        ["not_said_again", "said_once", "not_said_in_a_local_code"],
        [],
    ),
    "orphan_reference": (["encounter_resolves"], []),
    "sci_notation": (["code_survived_a_spreadsheet"], []),
    "sentinel": ([], ["sentinel", "impossible"]),
    "smoking_flip": (["never_is_never"], []),
    "swapped_components": ([], ["swapped", "impossible"]),
    "swapped_units": (
        ["not_in_another_unit", "change_plausible"],
        ["impossible", "unit-conflict"],
    ),
    "text_bp": ([], ["text-number"]),
    "text_value": ([], TEXTS),
    "typo_decimal": (
        ["change_plausible", "not_in_another_unit", "hdl_below_total_cholesterol"],
        ["impossible", "unit-conflict", "sentinel"],
    ),
    "unit_swap_batch": (
        ["not_in_another_unit", "change_plausible"],
        ["impossible", "unit-conflict"],
    ),
    "bad_date_format": ([], []),
    "drop_required": ([], []),
    "entered_in_error": ([], []),
    "truncated_json": ([], []),
    "wrong_version": ([], []),
}
WHY = {
    "display_mismatch": "displays never enter a table",
    "label_noise": "a wrong diagnosis looks like a right one",
    "late_arrival": "no fault: stages wait until it is known",
    "migration_spike": "dates are shifted per patient: no day stands out",
    "ruleout_code": "no fault: stages count only what is asserted",
    "sex_swap": "seen only where a code is of the other sex",
    "site_outage": "dates are shifted per patient: no month stands out",
}
PAIRS = {
    "said_once", "not_said_again", "not_said_in_a_local_code", "one_value_at_a_time",
    "hdl_below_total_cholesterol", "body_mass_index_agrees", "encounter_resolves",
}  # fmt: skip
MINUTES = 5


def main(folders: list[str]) -> int:
    """Print one table of all folders together."""
    found = pl.concat([graded(Path(folder)) for folder in folders])
    print("| fault | planted | recall | precision of its checks | |")
    print("| --- | ---: | ---: | ---: | --- |")
    sums = found.group_by("fault").agg(pl.col("n", "seen", "said", "right").sum())
    for fault, n, seen, said, right in sums.sort("fault").iter_rows():
        if fault in WHY:
            print(f"| {fault} | {n:,} | - | - | {WHY[fault]} |")
            continue
        precise = f"{right / said:.3f}" if said else "-"
        print(f"| {fault} | {n:,} | {seen / n:.3f} | {precise} | |")
    return 0


def graded(project: Path) -> pl.DataFrame:
    """Count, for each kind: faults planted and seen, what was said and was right."""
    truth = pl.read_parquet(project / "data/simulated/truth/faults")
    key = pl.struct("resource_type", "resource_id").map_elements(
        lambda row: provenance(
            "{resource_type}/{resource_id}".format(**row), by=derived(DEMO)
        ),
        return_dtype=pl.String,
    )
    truth = truth.with_columns(provenance=key)
    events = pl.read_parquet(project / "data/tables/events")
    told = pl.concat(
        pl.read_parquet(project / "data/verdicts" / name)
        for name in ("patients", "events")
    )
    touched = _touched(truth, events)
    rows = [
        _grade(fault, truth, events, told, touched) for fault in sorted(MEANT | WHY)
    ]
    return pl.DataFrame(
        rows, ["fault", "n", "seen", "said", "right"], orient="row"
    ).filter(pl.col("n") > 0)


def _grade(
    fault: str,
    truth: pl.DataFrame,
    events: pl.DataFrame,
    told: pl.DataFrame,
    touched: set[str],
) -> tuple[str, int, int, int, int]:
    planted = truth.filter(fault=fault)
    checks, words = MEANT.get(fault, ([], []))
    said = told.filter(pl.col("check").is_in(checks))["provenance"].unique()
    by_word = events.filter(pl.col("value_fate").is_in(words))["provenance"].unique()
    # What is not in the tables was refused, or kept out as a copy.
    here = set(events["provenance"]) | set(told["provenance"])
    gone = set(planted["provenance"]) - here
    if fault == "exact_duplicate":  # under its own id, ingest keeps one
        gone |= set(planted.filter(original=pl.col("written"))["provenance"])
    seen = gone | set(by_word)
    named = set(said)
    if set(checks) & PAIRS:
        named |= _beside(events, said)
    seen |= named
    own = touched if set(checks) & PAIRS else set(truth["provenance"])
    right = sum(each in own for each in said)
    hits = sum(each in seen for each in planted["provenance"])
    return fault, planted.height, hits, len(said), right


def _beside(events: pl.DataFrame, some: pl.Series) -> set[str]:
    """Return the resources that say something of the same patient and minutes."""
    keys = ["subject_id", "time", "provenance"]
    at = events.filter(pl.col("provenance").is_in(some.implode())).select(keys)
    near = events.select(keys).join(at, on="subject_id", suffix="_at")
    apart = (pl.col("time") - pl.col("time_at")).abs()
    return set(near.filter(apart <= pl.duration(minutes=MINUTES))["provenance"])


def _touched(truth: pl.DataFrame, events: pl.DataFrame) -> set[str]:
    """Return what a fault hit, what stands beside it, and what refers to it."""
    hit = truth["provenance"].unique()
    refers = events.filter(pl.col("encounter_id").is_in(hit.implode()))["provenance"]
    return set(hit) | set(refers) | _beside(events, hit)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
