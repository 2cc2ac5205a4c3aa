"""Last pass over notes: what counts of what they say, and the events that it makes.

A paragraph is dragged from note to note. So of one patient each counts once: where it
was known first. It is no copy where it says something else: "Type 2 diabetes" under
"Family history" is not the one under "Problems". Text and codes must never be confused,
so events of notes have codes of their own, by who has it and whether: `CODES`.
"""

import polars as pl

from chronicle.ingest.batch import SCHEMAS
from chronicle.ingest.fates import WHERE
from chronicle.ingest.note import MODEL

COUNTED, COPIED = "mention-counted", "mention-copied"
SYSTEM = "NOTE//"
OF_MODEL = f"{SYSTEM}model/"  # in its place, for what a user's own model read
# By polarity, who and when; what is not here (uncertain, hypothetical) makes no event.
CODES = {
    ("affirmed", "patient", "current"): SYSTEM,
    ("affirmed", "patient", "historical"): f"{SYSTEM}history/",
    ("affirmed", "other", "current"): f"{SYSTEM}family/",
    ("affirmed", "other", "historical"): f"{SYSTEM}family/",
    ("negated", "patient", "current"): f"{SYSTEM}absent/",
    ("negated", "patient", "historical"): f"{SYSTEM}absent/",
}
CONTEXT = ["polarity", "who", "when"]
# Their time is an onset, maybe decades ago; a remark on them tells of when it was made.
OF_ONSET = ("AllergyIntolerance", "Condition")
COPY = ["subject_id", "paragraph", "reader", "concept", *CONTEXT]
OF_NOTE = [
    "time", "available_time", "resource_type", "status", "encounter_id", "provenance",
]  # fmt: skip
ONCE = ["provenance", "code", "numeric_value", "unit"]


def placed(
    mentions: pl.DataFrame, events: pl.DataFrame, amended: pl.DataFrame
) -> pl.DataFrame:
    """Give mentions the place of their notes, and tell which stand there `again`.

    Args:
        mentions: As `batch.SCHEMAS["mentions"]`.
        events: Of what stays, settled; a note has one at least.
        amended: Where notes are that said something else before, and when each was
            `updated`: nobody knows which words are new, and the date may be the first.

    Returns:
        Those whose note stays, with `OF_NOTE`, `note_type` and `again`.
    """
    notes = (
        events.join(mentions, on=WHERE, how="semi")
        .sort("code")
        .unique(WHERE, keep="first", maintain_order=True)
        .select(*WHERE, *OF_NOTE, note_type="code")
    )
    written = pl.max_horizontal("available_time", "known", "updated")
    since = pl.col("resource_type").is_in(OF_ONSET)
    found = (
        mentions.join(notes, on=WHERE)
        .join(amended, on=WHERE, how="left")
        .with_columns(available_time=written)
        .with_columns(time=pl.when(since).then("available_time").otherwise("time"))
    )
    known = ["available_time", "time", "provenance", "text"]
    first = (
        found.sort(known)
        .unique(COPY, keep="first", maintain_order=True)
        .select(*COPY, first_note="provenance", first_text="text")
    )
    elsewhere = (pl.col("provenance") != pl.col("first_note")) | (
        pl.col("text") != pl.col("first_text")
    )
    return (
        found.join(first, on=COPY)
        .with_columns(again=elsewhere)
        .drop("first_note", "first_text", "known", "updated")
    )


def events(mentions: pl.DataFrame) -> pl.DataFrame:
    """Return the events of mentions that are `placed`; one note says a thing once.

    It is known since the first of its remarks that say it. A number is an event only as
    the patient's own of now.
    """
    codes = pl.DataFrame(
        [(*context, code) for context, code in CODES.items()],
        [*CONTEXT, "code"],
        orient="row",
    )
    own = pl.col("value").is_null() | (pl.col("code") == SYSTEM)
    modelled = pl.col("code").str.replace(SYSTEM, OF_MODEL, literal=True)
    system = pl.when(reader=MODEL).then(modelled).otherwise("code")
    found = (
        mentions.filter(~pl.col("again"))
        .join(codes, on=CONTEXT)
        .filter(own)
        .with_columns(
            code=system + pl.col("concept"),
            numeric_value=pl.col("value").cast(pl.Float32),
            source_value=pl.col("value"),
            source_unit=pl.col("unit"),
        )
        .sort("available_time", "time")
        .unique(ONCE, keep="first", maintain_order=True)
    )
    schema = SCHEMAS["events"]
    return found.select(
        (pl.col(name) if name in found.columns else pl.lit(None)).cast(kind).alias(name)
        for name, kind in schema.items()
    )
