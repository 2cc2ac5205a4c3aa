"""What features tell of, by the names that a clinician would say."""

# Only what underscores and a capital cannot make readable.
THINGS = {
    "sbp": "systolic blood pressure",
    "dbp": "diastolic blood pressure",
    "bmi": "body mass index",
    "hba1c": "HbA1c",
    "hdl": "HDL cholesterol",
    "ldl": "LDL cholesterol",
    "egfr": "eGFR",
    "uacr": "albumin to creatinine in urine",
    "alt": "ALT",
    "ast": "AST",
    "fib_4": "FIB-4",
    "egfr_2021": "eGFR by CKD-EPI 2021",
    "non_hdl": "non-HDL cholesterol",
    "bmi_of_weight": "body mass index of weight and height",
    "gender": "sex",
    "smokes": "smokes now",
    "smoked": "smoked formerly",
    "never_smoked": "never smoked",
    "ace_inhibitor_or_arb": "ACE inhibitor or ARB",
    "sglt2_inhibitor": "SGLT2 inhibitor",
    "visits": "outpatient visits",
    "emergencies": "emergency visits",
    "admissions": "hospital admissions",
    "urate": "uric acid",
    "other_glucose_lowering": "other glucose-lowering drugs",
    "prevent_cvd": "PREVENT, cardiovascular disease",
    "prevent_ascvd": "PREVENT, atherosclerotic disease",
    "prevent_hf": "PREVENT, heart failure",
    "pce": "Pooled Cohort Equations",
    "framingham_cvd": "Framingham, cardiovascular disease",
    "framingham_cvd_bmi": "Framingham, cardiovascular disease, by body mass index",
    "framingham_t2dm": "Framingham, type 2 diabetes",
    "thin_dementia": "THIN",
    "findrisc": "FINDRISC",
    "findrisc_no_waist": "FINDRISC without waist",
    "ckd_pc": "CKD-PC",
    "kfre": "KFRE",
    "charge_af": "CHARGE-AF",
    "age_years": "age",
    "female": "female sex",
}
NOTE = "note_"  # how `params.yaml` calls what only text tells
FAMILY = "family_"  # and what a relative has


def title(thing: str) -> str:
    """Return a thing's name in words; an unknown one with spaces for underscores.

    What only a note says is called so.

    >>> title("sbp"), title("loop_diuretic")
    ('systolic blood pressure', 'loop diuretic')
    >>> title("note_heart_failure")
    'heart failure (in a note)'
    >>> title("family_heart_disease")
    'heart disease in the family'
    """
    if thing.startswith(NOTE):
        return f"{title(thing.removeprefix(NOTE))} (in a note)"
    if thing.startswith(FAMILY):
        return f"{title(thing.removeprefix(FAMILY))} in the family"
    return THINGS.get(thing, thing.replace("_", " "))
