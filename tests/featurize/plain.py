"""A disease and settings with nothing in them that a test does not mean."""

from chronicle.core.disease import Disease

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
SETTINGS = {
    "windows_days": (90, 365),
    "measures": {"hba1c": ("LOINC//4548-4",), "sbp": ("LOINC//8480-6",)},
    "answers": {"smokes": ("LOINC//72166-2", ("SNOMED//449868002",))},
    "history": {"stroke": ("SNOMED//230690007",)},
    "counts": {"visits": ("ENCOUNTER//AMB",)},
}
