"""The table of what notes say: what is left of their text, which itself goes nowhere.

`NOTE//` codes of `events` are made of it: `NOTE//<concept>` what the patient has,
`NOTE//history/` had, `NOTE//family/` somebody else has, `NOTE//absent/` does not have.
What a user's own model read, if one is asked, has `NOTE//model/` in place of `NOTE//`.
"""

import polars as pl

from chronicle.core.declaration import SITE, SUBJECT, TIME, Column, Table

MENTIONS = Table(
    "mentions",
    "one place of a note that speaks of something the vocabulary knows",
    {
        "subject_id": SUBJECT,
        "time": Column(TIME, "when the visit was of which the note tells, UTC"),
        "available_time": Column(TIME, "when the note was there; never before `time`"),
        "note": Column(pl.String(), "source resource: Type/pseudonym"),
        "note_type": Column(pl.String(), "SYSTEM//code of the note, as in `events`"),
        "text": Column(pl.Int32(), "which of the resource's texts, from 0"),
        "section": Column(pl.String(), "heading above it, a fixed word; empty: none"),
        "reader": Column(pl.String(), "who read it: rules, or model (the user's own)"),
        "concept": Column(pl.String(), "what it speaks of, a word of the vocabulary"),
        "polarity": Column(pl.String(), "affirmed, negated or uncertain"),
        "who": Column(pl.String(), "patient, or other: a relative, a donor"),
        "when": Column(pl.String(), "current, historical or hypothetical"),
        "start": Column(pl.Int32(), "first character in the plain text, from 0"),
        "end": Column(pl.Int32(), "behind the last character"),
        "value": Column(pl.Float64(), "number in `unit`; null: no measurement", True),
        "unit": Column(pl.String(), "UCUM unit of value", True),
        "paragraph": Column(pl.Int64(), "keyed hash of the paragraph around it"),
        "again": Column(
            pl.Boolean(), "that paragraph says it in an earlier note: makes no event"
        ),
        "site": SITE,
    },
    order=("subject_id", "time", "note", "text", "start", "end", "concept", "reader"),
)
