"""Names of features as a clinician would say them."""

import re

from chronicle.core.things import title
from chronicle.report.words import span

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
        return f"{title(found['thing'])}, {what}{within}"
    if found := COUNT.fullmatch(feature):
        return f"{title(found['thing'])} within {span(int(found['days']))}"
    for ending, words in ENDINGS.items():
        if (thing := feature.removesuffix(ending)) != feature:
            return f"{title(thing)}, {words}"
    return title(feature)


def group_name(group: str) -> str:
    """Return the name of a group of people; a word that is not here as it is."""
    return GROUPS.get(group, group)
