"""Every fault there is, in the order in which a resource is tried for them.

The rare come first, so that the frequent do not hide them. A new one goes to the end:
the place in this list is the place of its random number. `ruleout_code` is not here:
the record brings it (`Diagnosed.confirmed`), and `spoil.py` only labels it.
"""

from dataclasses import dataclass

from chronicle.simulate.sites import (
    spoil_code,
    spoil_copy,
    spoil_shape,
    spoil_time,
    spoil_value,
)
from chronicle.simulate.sites.case import Strike

PATIENT = ("Patient",)
OBSERVATION = ("Observation",)
CONDITION = ("Condition",)
ENCOUNTER = ("Encounter",)
DATED = ("Observation", "Condition", "MedicationRequest")
# Without these nothing of a patient could enter, whatever else is right.
TORN = (*DATED, "Procedure", "FamilyMemberHistory")


@dataclass(frozen=True)
class Kind:
    """A fault, the types that it may hit, and what it does."""

    fault: str
    types: tuple[str, ...]
    strike: Strike


# Bundles are torn, or speak another version, as a whole.
DOCUMENT = ("truncated_json", "wrong_version")
# Hits a month of a site as a whole: True, of one measure; False, of all.
BATCH = {"missing_unit": True, "unit_swap_batch": True, "site_outage": False}

KINDS = (
    Kind("truncated_json", TORN, spoil_shape.torn_line),
    Kind("wrong_version", (), spoil_shape.torn_line),
    Kind("sex_swap", PATIENT, spoil_shape.sex_swap),
    Kind("birth_after_event", PATIENT, spoil_shape.birth_after_event),
    Kind("duplicate_patient", PATIENT, spoil_copy.duplicate_patient),
    Kind("sci_notation", CONDITION, spoil_code.sci_notation),
    Kind("code_typo", ("Condition", "Observation"), spoil_code.code_typo),
    Kind("date_before_birth", DATED, spoil_time.date_before_birth),
    Kind("future_date", DATED, spoil_time.future_date),
    Kind("bad_date_format", DATED, spoil_time.bad_date_format),
    Kind("default_date", DATED, spoil_time.default_date),
    Kind("end_before_start", ENCOUNTER, spoil_time.end_before_start),
    Kind("event_after_death", DATED, spoil_time.event_after_death),
    Kind("impossible_value", OBSERVATION, spoil_value.impossible_value),
    Kind("display_mismatch", ("Condition", "Observation"), spoil_code.display_mismatch),
    Kind("drop_required", (*DATED, "Encounter"), spoil_shape.drop_required),
    Kind("typo_decimal", OBSERVATION, spoil_value.typo_decimal),
    Kind("sentinel", OBSERVATION, spoil_value.sentinel),
    Kind("swapped_components", OBSERVATION, spoil_value.swapped_components),
    Kind("conflicting_duplicate", OBSERVATION, spoil_copy.conflicting_duplicate),
    Kind("orphan_reference", DATED, spoil_shape.orphan_reference),
    Kind("date_shift", DATED, spoil_time.date_shift),
    Kind("entered_in_error", DATED, spoil_shape.entered_in_error),
    Kind("swapped_units", OBSERVATION, spoil_value.swapped_units),
    Kind("exact_duplicate", DATED, spoil_copy.exact_duplicate),
    Kind("near_duplicate", OBSERVATION, spoil_copy.near_duplicate),
    Kind("text_value", OBSERVATION, spoil_value.text_value),
    Kind("smoking_flip", OBSERVATION, spoil_code.smoking_flip),
    Kind("label_noise", CONDITION, spoil_code.label_noise),
    Kind("migration_spike", CONDITION, spoil_time.migration_spike),
    Kind("text_bp", OBSERVATION, spoil_value.text_bp),
    Kind("missing_value", OBSERVATION, spoil_value.missing_value),
    Kind("site_outage", OBSERVATION, spoil_shape.site_outage),
    Kind("unit_swap_batch", OBSERVATION, spoil_value.swapped_units),
    Kind("missing_unit", OBSERVATION, spoil_value.missing_unit),
    Kind("late_arrival", OBSERVATION, spoil_time.late_arrival),
)
