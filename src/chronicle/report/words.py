"""Numbers and column names the way a clinician reads them."""

import re

MISSING = "n/a"
SHORT = {
    "sbp": "systolic blood pressure",
    "dbp": "diastolic blood pressure",
    "bmi": "body mass index",
    "hba1c": "HbA1c",
    "hdl": "HDL cholesterol",
    "ldl": "LDL cholesterol",
    "age_years": "age",
    "female": "female sex",
}
SUMMARY = {
    "last": "last value",
    "mean": "mean",
    "min": "lowest",
    "max": "highest",
    "count": "number of measurements",
}
WINDOWED = re.compile(
    r"(?P<thing>\w+?)(?:_(?P<what>last|mean|min|max|count))?_(?P<days>\d+)d"
)


def feature(name: str) -> str:
    """Say what a feature is.

    >>> feature("sbp_last_365d")
    'systolic blood pressure, last value within 1 year'
    >>> feature("visits_1095d"), feature("stroke_ever"), feature("hdl_since_days")
    ('visits within 3 years', 'stroke ever', 'time since HDL cholesterol')
    """
    if found := WINDOWED.fullmatch(name):
        what = f", {SUMMARY[found['what']]}" if found["what"] else ""
        return f"{_thing(found['thing'])}{what} within {span(int(found['days']))}"
    if name.endswith("_since_days"):
        return f"time since {_thing(name.removesuffix('_since_days'))}"
    if name.endswith("_ever"):
        return f"{_thing(name.removesuffix('_ever'))} ever"
    return _thing(name)


def span(days: int) -> str:
    """Say a number of days in the unit that fits.

    >>> span(1825), span(30), span(365)
    ('5 years', '30 days', '1 year')
    """
    if days >= 365 and days % 365 == 0:
        years = days // 365
        return f"{years} year" + ("s" if years > 1 else "")
    return f"{days} day" + ("" if days == 1 else "s")


def count(number: int | None) -> str:
    """Write a count with thousands separators."""
    return MISSING if number is None else f"{number:,}"


def value(number: float | None, digits: int = 2) -> str:
    """Write a metric; a dash where there is none."""
    return MISSING if number is None else f"{number:.{digits}f}"


def interval(metric: dict[str, float | None], digits: int = 2) -> str:
    """Write a metric with its interval.

    >>> interval({"value": 0.781, "low": 0.7, "high": None})
    '0.78 (interval not estimable)'
    """
    if metric["value"] is None:
        return MISSING
    if metric["low"] is None or metric["high"] is None:
        return f"{value(metric['value'], digits)} (interval not estimable)"
    low, high = value(metric["low"], digits), value(metric["high"], digits)
    return f"{value(metric['value'], digits)} ({low} to {high})"


def _thing(name: str) -> str:
    return SHORT.get(name, name.replace("_", " "))
