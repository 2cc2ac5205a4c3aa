"""Names of features as a clinician would say them."""

import re

from chronicle.report.words import span

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
    "age_years": "age",
    "female": "female sex",
    "smokes": "smokes now",
    "smoked": "smoked formerly",
    "ace_inhibitor_or_arb": "ACE inhibitor or ARB",
    "sglt2_inhibitor": "SGLT2 inhibitor",
    "visits": "outpatient visits",
    "emergencies": "emergency visits",
    "admissions": "hospital admissions",
}
SUMMARIES = {
    "last": "last value",
    "mean": "mean",
    "min": "lowest value",
    "max": "highest value",
    "sd": "standard deviation",
    "slope": "change in a year",
    "count": "times measured",
}
SUMMARY = re.compile(
    rf"(?P<thing>\w+)_(?P<what>{'|'.join(SUMMARIES)})_(?:(?P<days>\d+)d|ever)"
)
ENDINGS = {
    "_since_first_days": "days since first recorded",
    "_since_last_days": "days since last recorded",
    "_since_days": "days since last measured",
    "_ever": "ever recorded",
    "_active": "taken now",
}
# Categories of the OMB, as US Core codes them.
GROUPS = {
    "1002-5": "American Indian or Alaska Native",
    "2028-9": "Asian",
    "2054-5": "Black or African American",
    "2076-8": "Native Hawaiian or Pacific Islander",
    "2106-3": "White",
    "2131-1": "another race",
    "2135-2": "Hispanic or Latino",
    "2186-5": "not Hispanic or Latino",
    "-": "no site named",
}
COUNT = re.compile(r"(?P<thing>\w+)_(?P<days>\d+)d")


def readable(feature: str) -> str:
    """Return a feature's name in words; an unknown one with spaces for underscores.

    >>> readable("sbp_last_365d")
    'systolic blood pressure, last value within 1 year'
    """
    if found := SUMMARY.fullmatch(feature):
        what = SUMMARIES[found["what"]]
        within = f" within {span(int(found['days']))}" if found["days"] else ""
        return f"{_thing(found['thing'])}, {what}{within}"
    if found := COUNT.fullmatch(feature):
        return f"{_thing(found['thing'])} within {span(int(found['days']))}"
    for ending, words in ENDINGS.items():
        if (thing := feature.removesuffix(ending)) != feature:
            return f"{_thing(thing)}, {words}"
    return _thing(feature)


def group_name(group: str) -> str:
    """Return the name of a group of people; a word that is not here as it is."""
    return GROUPS.get(group, group)


def _thing(name: str) -> str:
    return THINGS.get(name, name.replace("_", " "))
