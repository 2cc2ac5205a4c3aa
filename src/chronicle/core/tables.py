"""Every table that crosses a border: columns, types, units, meanings.

`events` is a MEDS data table (https://medical-event-data-standard.github.io) with
declared extension columns; MEDS names are used wherever MEDS has a word. All times of
a patient are moved back by the same whole number of weeks (`ingest.shift_weeks`). The
reference page `docs/reference/tables.md` is generated from this file.
"""

import polars as pl

from chronicle.core.declaration import SITE, SUBJECT, TIME, Column, Table
from chronicle.core.notes import MENTIONS

__all__ = [
    "COHORT", "COMPARATORS", "CONFLICTS", "DUPLICATES", "EVENTS", "FEATURES", "INDEX",
    "MENTIONS", "MERGED", "PATIENTS", "REFUSED", "RISKS", "TABLES", "TIME", "VERDICTS",
]  # fmt: skip

PATIENTS = Table(
    "patients",
    "one patient",
    {
        "subject_id": SUBJECT,
        "birth_date": Column(
            pl.Date(),
            "first day of what is said; null where that is a filler",
            True,
        ),
        "death_time": Column(TIME, "UTC; null where none is recorded", True),
        "deceased": Column(
            pl.Boolean(), "dead, of a known date or not; null: not said", True
        ),
        "gender": Column(pl.String(), "male, female, other, unknown (FHIR)", True),
        "race": Column(pl.String(), "OMB category code of US Core, as 2106-3", True),
        "ethnicity": Column(pl.String(), "OMB category code, as 2135-2", True),
        "zip3": Column(
            pl.String(), "first digits of the postal code; 000: few live there", True
        ),
        "site": SITE,
        "provenance": Column(pl.String(), "source resource: Type/pseudonym"),
    },
    order=("subject_id",),
)

EVENTS = Table(
    "events",
    "one thing that happened to one patient at one time",
    {
        "subject_id": SUBJECT,
        "time": Column(TIME, "when it happened, UTC; first instant of a partial date"),
        "code": Column(
            pl.String(),
            "SYSTEM//code as the source coded it; LOCAL//hash if not public",
        ),
        "numeric_value": Column(
            pl.Float32(), "in `unit`; null where not a number or unit unknown", True
        ),
        "text_value": Column(
            pl.String(), "SYSTEM//code of a coded answer; never free text", True
        ),
        "available_time": Column(
            TIME, "when it became known: issued, recordedDate; never before `time`"
        ),
        "end_time": Column(TIME, "when it ended; null where unknown or a point", True),
        "unit": Column(pl.String(), "UCUM unit of numeric_value", True),
        "source_unit": Column(
            pl.String(), "unit as the source wrote it; (other) if no table has it", True
        ),
        "source_value": Column(pl.Float64(), "number as the source wrote it", True),
        "comparator": Column(
            pl.String(), "<, <=, >=, >: the value lies beyond the number", True
        ),
        "value_fate": Column(
            pl.String(), "what was done to the value, a fixed word; null: nothing", True
        ),
        "resource_type": Column(pl.String(), "FHIR type of the source resource"),
        "status": Column(
            pl.String(), "FHIR status; a Condition's verificationStatus", True
        ),
        "encounter_id": Column(pl.String(), "provenance of the encounter", True),
        "site": SITE,
        "provenance": Column(pl.String(), "source resource: Type/pseudonym"),
    },
    order=("subject_id", "time", "code", "provenance", "numeric_value", "text_value"),
)

REFUSED = Table(
    "refused",
    "one resource, line or file that may not enter, kept as it came, and sealed",
    {
        "file": Column(
            pl.String(), "keyed hash of its path below the landing; see files.sealed"
        ),
        "entry": Column(pl.Int64(), "position in the file, from 0; -1 is the file"),
        "resource_type": Column(pl.String(), "FHIR type; (file), (unknown) otherwise"),
        "reason": Column(pl.String(), "a fixed word list: see ingest/accept.py"),
        "detail": Column(pl.String(), "element paths and rules, no values", True),
        "sealed": Column(
            pl.Binary(), "the JSON as read, encrypted; null where the file is it", True
        ),
    },
    order=("file", "entry"),
)

DUPLICATES = Table(
    "duplicates",
    "one resource that another version of it, or its deletion, keeps out of the tables",
    {name: REFUSED.columns[name] for name in ("file", "entry", "resource_type")}
    | {
        "fate": Column(
            pl.String(),
            "duplicate: the same again; superseded: an older version; deleted: also "
            "the entry that says so",
        ),
        "kept_file": Column(
            pl.String(), "where the version is that stays; null: deleted", True
        ),
        "kept_entry": Column(pl.Int64(), "its position in that file", True),
    },
    order=("file", "entry"),
)

MERGED = Table(
    "merged",
    "one Patient id that is given up, because it is another one's person",
    {
        "subject_id": SUBJECT,
        "into": Column(pl.Int64(), "subject_id under which the person stays"),
        "by": Column(
            pl.String(), "link: the source says so; identifier: a number, and more"
        ),
    },
    order=("subject_id",),
)

CONFLICTS = Table(
    "conflicts",
    "two Patient ids that share a number of a person and are not united",
    {
        "subject_id": SUBJECT,
        "other": Column(pl.Int64(), "subject_id of the other, the greater one"),
        "by": Column(
            pl.String(), "conflict: they contradict each other; unsure: too little"
        ),
    },
    order=("subject_id", "other"),
)

VERDICTS = Table(
    "verdicts",
    "one row of a table that failed one check; keys only, and private all the same",
    {
        "provenance": Column(pl.String(), "source resource of the row"),
        "code": Column(pl.String(), "of the row; null for a patient", True),
        "check": Column(pl.String(), "id of the expectation in expectations/"),
        "action": Column(pl.String(), "refuse, null or flag"),
        "done": Column(
            pl.Boolean(), "false: another check had refused or nulled it already"
        ),
    },
    order=("provenance", "code", "check", "action", "done"),
)

COHORT = Table(
    "cohort",
    "one patient at one index time, at risk of one disease",
    {
        "subject_id": SUBJECT,
        "prediction_time": Column(TIME, "index time, UTC (MEDS label name)"),
        "boolean_value": Column(
            pl.Boolean(),
            "onset in (index + gap, index + horizon]; null: lost before it was known",
            True,
        ),
        "status": Column(pl.String(), "onset, death, horizon or censored"),
        "time_days": Column(pl.Float64(), "days from the index time to `status`"),
        "weight": Column(
            pl.Float64(), "inverse probability of being uncensored; 0 where censored"
        ),
        "split": Column(pl.String(), "train or test, by hash of the patient"),
        "split_temporal": Column(
            pl.String(),
            "train: in train, and the horizon ends before the first test; test: in "
            "test, and asked late; null: neither",
            True,
        ),
        "split_site": Column(
            pl.String(), "train; test: the patient's site is held out of training"
        ),
    },
    order=("subject_id", "prediction_time"),
)

INDEX = Table(
    "index",
    "one patient at one time at which a score would be shown",
    {
        "subject_id": SUBJECT,
        "prediction_time": COHORT.columns["prediction_time"],
    },
    order=("subject_id", "prediction_time"),
)

FEATURES = Table(
    "features",
    "one index time, described by what was known by then",
    {
        "subject_id": SUBJECT,
        "prediction_time": COHORT.columns["prediction_time"],
    },
    order=("subject_id", "prediction_time"),
    more=pl.Float32(),
)

RISKS = Table(
    "risks",
    "a risk of one patient that somebody else gave, for index times in a span",
    {
        "patient": Column(pl.String(), "id of the Patient resource, without its type"),
        "disease": Column(pl.String(), "slug: name of its file in diseases/"),
        "name": Column(pl.String(), "who gave it, in a word"),
        "from_time": Column(TIME, "first index time for which it holds, UTC"),
        "until_time": Column(TIME, "first for which it holds no more, UTC"),
        "risk": Column(pl.Float64(), "of an onset within the horizon, 0 to 1"),
    },
    order=("patient", "disease", "name", "from_time"),
)

COMPARATORS = Table(
    "comparators",
    "a risk as in `risks`, of a patient who is in `patients`",
    {"subject_id": SUBJECT}
    | {name: each for name, each in RISKS.columns.items() if name != "patient"},
    order=("subject_id", *RISKS.order[1:]),
)

TABLES = (
    PATIENTS, EVENTS, MENTIONS, REFUSED, DUPLICATES, MERGED, CONFLICTS, VERDICTS, INDEX,
    COHORT, FEATURES, RISKS, COMPARATORS,
)  # fmt: skip
