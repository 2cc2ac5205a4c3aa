"""A disease and settings with nothing in them that a test does not mean."""

from datetime import datetime

import polars as pl

from chronicle.core.disease import Disease
from chronicle.featurize.assemble import assemble
from chronicle.featurize.catalogue import catalogue
from chronicle.featurize.wanted import FeaturizeParams
from tests.drawn import NAMES, events, index_rows, patients

NO_LEAKS = Disease.model_validate(
    {
        "title": "Any",
        "why": "a test",
        "does_not_mean": "anything",
        "sources": ("none",),
        "lists": {"stated": {"include": ["SNOMED//1"]}},
        "onset": {"any_of": [{"codes": ["stated"]}]},
        "index": "visits",
        "eligible": {"min_age_years": 18, "min_history_days": 365},
        "gap_days": 30,
        "horizon_days": 730,
    }
)
HBA1C, SBP = "LOINC//4548-4", "LOINC//8480-6"
ASKED, SMOKES, QUIT = "LOINC//72166-2", "SNOMED//449868002", "SNOMED//8517006"
STROKE, STATIN, VISIT = "SNOMED//230690007", "RXNORM//83367", "ENCOUNTER//AMB"
MEASURES = {"hba1c": (HBA1C,), "sbp": (SBP, "LOINC//8459-0")}
WANTED = FeaturizeParams.model_validate(
    {
        "windows_days": (90, 365),
        "units": {"hba1c": "%", "sbp": "mm[Hg]"},
        "trend": {"min_values": 3, "min_days": 30},
        "supply_days": 90,
        "new_days": 30,
        "derived": (),
        "scores": (),
        "score_inputs": {},
        "answers": {
            "smokes": {"question": ASKED, "answers": (SMOKES,)},
            "ever_smoked": {
                "question": ASKED,
                "answers": (SMOKES, QUIT),
                "ever": True,
            },
        },
        "history": {"stroke": (STROKE,)},
        "drugs": {"statin": (STATIN,)},
        "counts": {"visits": (VISIT, "ENCOUNTER//VR")},
    }
)
PEOPLE = patients("ann 1959 female\nbob 1960 male\ncid 1970 other\ndot 1980 unknown")


def features(
    drawn: pl.DataFrame | str,
    rows: pl.DataFrame | None = None,
    *,
    people: pl.DataFrame = PEOPLE,
    wanted: FeaturizeParams = WANTED,
    measures: dict[str, tuple[str, ...]] = MEASURES,
) -> pl.DataFrame:
    return assemble(
        index_rows(*NAMES) if rows is None else rows,
        people,
        events(drawn) if isinstance(drawn, str) else drawn,
        catalogue(wanted, measures),
        wanted,
        measures,
    )


def row_of(text: str, **settings: object) -> dict[str, float | datetime | None]:
    """Return the features of ann, to whom all these things happened."""
    return features(text, index_rows("ann"), **settings).row(0, named=True)
