"""The tables of truth: what nobody in a hospital could know, beside the landing folder.

They grade the pipe and its checks; no stage but a grader reads them, and `risks` alone
is offered to the pipe, as risks that somebody else gave.
"""

import polars as pl

from chronicle.core.declaration import Column, Table
from chronicle.core.tables import RISKS, TIME

PATIENT = Column(pl.String(), "id of the simulated Patient, as everywhere in truth")
DISEASE = Column(pl.String(), "slug of a file in diseases/")

PEOPLE = Table(
    "truth/people",
    "one simulated patient: what is constant, and when things happened",
    {
        "patient": PATIENT,
        "number": Column(pl.Int64(), "position in the population, from 0"),
        "site": Column(pl.String(), "where the record is kept"),
    },
    order=("patient",),
    more=pl.Float64(),
)
YEARS = Table(
    "truth/years",
    "one simulated patient in one recorded year: the latent body and the true hazards",
    {
        "patient": PATIENT,
        "year": Column(pl.Int32(), "calendar year"),
    },
    order=("patient", "year"),
    more=pl.Float64(),
)
TREATED = Table(
    "truth/treated",
    "the true risk had a treatment been started at the index time",
    {
        "patient": PATIENT,
        "disease": DISEASE,
        "treatment": Column(
            pl.String(), "started then; `current` is care as it goes on"
        ),
        "prediction_time": Column(TIME, "index time, local to the site"),
        "risk": Column(pl.Float64(), "probability of being coded within the horizon"),
    },
    order=("patient", "prediction_time", "disease", "treatment"),
)
FAULTS = Table(
    "truth/faults",
    "one planted fault",
    {
        "file": Column(pl.String(), "path below the landing folder"),
        "resource_type": Column(pl.String(), "FHIR type; Bundle for a whole file"),
        "resource_id": Column(pl.String(), "its id; empty for a whole file"),
        "fault": Column(pl.String(), "kind, as in params.yaml: simulate.faults"),
        "element": Column(pl.String(), "path of what was changed"),
        "original": Column(pl.String(), "as it was", True),
        "written": Column(pl.String(), "as it was written instead", True),
        "expected": Column(pl.String(), "what a pipe should do about it"),
    },
    order=("file", "resource_type", "resource_id", "fault", "element"),
)
MENTIONS = Table(
    "truth/mentions",
    "one mention of a concept in a note",
    {
        "document_id": Column(pl.String(), "id of the DocumentReference"),
        "concept": Column(pl.String(), "as in conditions.yaml"),
        "polarity": Column(pl.String(), "affirmed, negated or uncertain"),
        "who": Column(pl.String(), "patient, or other: a relative"),
        "when": Column(pl.String(), "current or historical"),
        "start": Column(pl.Int32(), "first character, from 0"),
        "end": Column(pl.Int32(), "behind the last character"),
    },
    order=("document_id", "start", "end", "concept", "polarity"),
)
TRUTHS = (PEOPLE, YEARS, RISKS, TREATED, FAULTS, MENTIONS)
