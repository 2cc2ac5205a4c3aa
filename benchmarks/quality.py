"""How well each planted fault is found: `python benchmarks/quality.py CLEAN FOLDER...`.

Each folder is a project in which simulate, ingest and check have run, CLEAN one of the
same patients without faults. Recall: of the planted faults of a kind, the share that
ingest refused or gave a word that says so, or that failed a check meant for it; once of
all, and once of those that can be seen in the tables (visible.py; what ingest does not
read at all cannot). Precision: of the rows that these checks name, the share that a
planted fault touched. What is said of a pair is right if it is either one.
"""

import sys
from pathlib import Path

import polars as pl
from visible import visible

from chronicle.core.tables import TIME
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
    "default_date": (["after_birth", "no_default_date"], ["date-filler"]),
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
    "sentinel": ([], ["sentinel", "impossible"]),
    "smoking_flip": (["never_is_never"], []),
    "swapped_components": ([], ["swapped", "impossible"]),
    "swapped_units": (
        ["not_mistyped", "change_plausible", "change_usual"],
        ["impossible", "unit-conflict"],
    ),
    "text_bp": ([], ["text-number"]),
    "text_value": ([], TEXTS),
    "typo_decimal": (
        [
            "change_plausible",
            "change_usual",
            "not_mistyped",
            "hdl_below_total_cholesterol",
        ],
        ["impossible", "unit-conflict", "sentinel"],
    ),
    "unit_swap_batch": (
        ["not_mistyped", "change_plausible", "change_usual"],
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
    "sci_notation": "what is no code becomes a local one at the door; no list has it",
    "ruleout_code": "no fault: stages count only what is asserted",
    "sex_swap": "seen only where a code is of the other sex",
    "site_outage": "dates are shifted per patient: no month stands out",
}
PAIRS = {
    "said_once", "not_said_again", "not_said_in_a_local_code", "one_value_at_a_time",
    "hdl_below_total_cholesterol", "body_mass_index_agrees", "encounter_resolves",
}  # fmt: skip
MINUTES = 5
DUPLICATES = {"exact_duplicate", "near_duplicate"}
NUMBERS = {"typo_decimal", "swapped_units", "unit_swap_batch"}
POSSIBLE = {"impossible_value", "sentinel"}
BIRTH = {"birth_after_event"}
SUMS = ["n", "seen", "shown", "shown_seen", "said", "right"]


def main(folders: list[str]) -> int:
    """Print one table of all folders together."""
    clean, *faulty = map(Path, folders)
    found = pl.concat([graded(folder, clean) for folder in faulty])
    print("| fault | planted | recall | can be seen | recall | precision | |")
    print("| --- | ---: | ---: | ---: | ---: | ---: | --- |")
    sums = found.group_by("fault").agg(pl.col(SUMS).sum()).sort("fault")
    for fault, n, seen, shown, shown_seen, said, right in sums.iter_rows():
        if fault in WHY:
            print(f"| {fault} | {n:,} | - | - | - | - | {WHY[fault]} |")
            continue
        precise = f"{right / said:.3f}" if said else "-"
        of_shown = f"{shown:,} | {shown_seen / shown:.3f}" if shown else "0 | -"
        print(f"| {fault} | {n:,} | {seen / n:.3f} | {of_shown} | {precise} | |")
    return 0


def graded(project: Path, clean: Path) -> pl.DataFrame:
    """Count, for each kind: faults planted and seen, what was said and was right."""
    truth = pl.read_parquet(project / "data/simulated/truth/faults")
    truth = truth.with_columns(
        provenance=_key(pl.col("resource_id")), other=_key(pl.col("original"))
    )
    events = pl.read_parquet(project / "data/tables/events")
    right = pl.read_parquet(clean / "data/tables/events")
    told = pl.concat(
        pl.read_parquet(project / "data/verdicts" / name)
        for name in ("patients", "events")
    )
    touched = _touched(truth, events)
    patients = pl.read_parquet(project / "data/tables/patients")
    born = pl.read_parquet(clean / "data/tables/patients")
    people, old = _reborn(patients, born), _oldest(events, patients)
    shown = visible(events, right)
    rows = [
        _grade(fault, truth, events, told, touched, people, shown, old)
        for fault in sorted(MEANT | WHY)
    ]
    return pl.DataFrame(rows, ["fault", *SUMS], orient="row").filter(pl.col("n") > 0)


def _key(name: pl.Expr) -> pl.Expr:
    """Return the pseudonym that ingest gives to a resource of that id."""
    by = derived(DEMO)
    return pl.struct(kind="resource_type", id=name).map_elements(
        lambda row: provenance(f"{row['kind']}/{row['id']}", by=by),
        return_dtype=pl.String,
    )


def _grade(
    fault: str,
    truth: pl.DataFrame,
    events: pl.DataFrame,
    told: pl.DataFrame,
    touched: set[str],
    people: set[str],
    shown: set[str],
    old: set[str],
) -> tuple[str, int, int, int, int, int, int]:
    planted = truth.filter(fault=fault)
    checks, words = MEANT.get(fault, ([], []))
    said = told.filter(pl.col("check").is_in(checks))["provenance"].unique()
    by_word = events.filter(pl.col("value_fate").is_in(words))["provenance"].unique()
    # What is not in the tables was refused, or kept out as a copy, or it was the copy
    # that was kept.
    here = set(events["provenance"]) | set(told["provenance"])
    gone = set(planted["provenance"]) - here
    if fault in DUPLICATES:
        lost = [other not in here for other in planted["other"]]
        same = planted["original"] == planted["written"]
        gone |= set(planted.filter(pl.Series(lost) | same)["provenance"])
    seen, named = gone | set(by_word), set(said)
    if set(checks) & PAIRS:
        named |= _beside(events, said)
    seen |= named
    own = set(truth["provenance"])
    if set(checks) & PAIRS or fault in BIRTH:
        own = people if fault in BIRTH else touched
    each = planted["provenance"].to_list()
    can = set(each)
    if fault in NUMBERS:  # in the tables, or so odd that ingest kept it out of them
        can &= shown | set(by_word) | gone
    if fault in POSSIBLE:  # of a local code nobody knows what is possible
        can -= set(events.filter(value_fate="no-measure")["provenance"])
    if fault == "code_typo":  # the code of a panel is not read, those of its parts are
        pressure = pl.col("code").is_in(["LOINC//8480-6", "LOINC//8462-4"])
        can -= set(events.filter(pressure)["provenance"])
    if fault == "date_before_birth":  # who is 90 was born earlier than ingest tells
        can -= old
    if fault == "near_duplicate":  # in a local code and another unit, nobody can tell
        can -= _strange(events, planted["provenance"])
    return (
        fault, len(each), sum(one in seen for one in each),
        sum(one in can for one in each), sum(one in can & seen for one in each),
        len(said), sum(one in own for one in said),
    )  # fmt: skip


def _strange(events: pl.DataFrame, some: pl.Series) -> set[str]:
    """Return those in a local code whose number and unit no other has beside it."""
    keys = ["subject_id", "source_value", "source_unit"]
    mine = events.filter(
        pl.col("provenance").is_in(some.implode()),
        pl.col("code").str.contains("LOCAL//"),
    )
    public = events.filter(~pl.col("code").str.contains("LOCAL//"))
    both = mine.join(public.select(*keys, at="time"), on=keys)
    apart = (both["time"] - both["at"]).abs() <= pl.duration(minutes=MINUTES)
    return set(mine["provenance"]) - set(both.filter(apart)["provenance"])


def _reborn(patients: pl.DataFrame, right: pl.DataFrame) -> set[str]:
    """Return the patients whose birth is another than without faults.

    A far future date, too, makes one: ingest tells nobody to be older than 90, and
    brings the birth nearer to the last date of who seems to be.
    """
    born = right.select("provenance", born="birth_date")
    both = patients.join(born, on="provenance")
    other = both.filter(pl.col("birth_date").ne_missing(pl.col("born")))
    return set(other["provenance"])


def _oldest(events: pl.DataFrame, patients: pl.DataFrame) -> set[str]:
    """Return the resources of who is told to be of the highest age."""
    born = patients.select("subject_id", born=pl.col("birth_date").cast(TIME))
    last = pl.max_horizontal("time", "available_time", "end_time")
    age = (last - pl.col("born").dt.offset_by("90y")).dt.total_days()
    old = events.join(born, on="subject_id").filter(age.is_between(0, 2))["subject_id"]
    return set(events.filter(pl.col("subject_id").is_in(old.implode()))["provenance"])


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
