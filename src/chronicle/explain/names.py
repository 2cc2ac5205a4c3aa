"""Units, numbers and spans as a clinician would write them."""

import math

UNITS = {
    "1": "",
    "a": "years",
    "mm[Hg]": "mmHg",
    "kg/m2": "kg/m²",
    "/min": "a minute",
    "mL/min/{1.73_m2}": "mL/min/1.73 m²",
    "10*3/uL": "10³/µL",
}
DAYS_A_YEAR = 365.2425
MINUS = "\N{MINUS SIGN}"


def unit(ucum: str) -> str:
    """Return a unit as it is written by hand."""
    return UNITS.get(ucum, ucum)


def digits(value: float) -> int:
    """Return the decimals that a value of that size is told with.

    >>> digits(132), digits(6.3), digits(0.84)
    (0, 1, 2)
    """
    return 0 if abs(value) >= 50 else 1 if abs(value) >= 2 else 2


def number(value: float, decimals: int | None = None) -> str:
    """Return a number with as many decimals as mean something.

    >>> number(132.4), number(6.31), number(0.2)
    ('132', '6.3', '0.20')
    """
    places = digits(value) if decimals is None else decimals
    return f"{round(value, places) + 0.0:.{places}f}".replace("-", MINUS)


def span(days: float) -> str:
    """Return a number of days as a person says it.

    >>> span(0.2), span(1), span(41), span(400)
    ('the same day', '1 day', '41 days', '13 months')
    """
    if days < 1:
        return "the same day"
    if days < 1.5:
        return "1 day"
    if days < 92:
        return f"{days:.0f} days"
    if days < 730:
        return f"{days / DAYS_A_YEAR * 12:.0f} months"
    return f"{days / DAYS_A_YEAR:.0f} years"


def ago(days: float) -> str:
    """Return how long before something was.

    >>> ago(0.2), ago(41)
    ('the same day', '41 days before')
    """
    return span(days) if days < 1 else f"{span(days)} before"


def points(part: float) -> str:
    """Return a part of a risk in percentage points, with its sign.

    >>> points(0.0604), points(0.00001)
    ('+6.0 points', '0.0 points')
    """
    rounded = round(100 * part, 1) + 0.0
    sign = "+" if rounded > 0 else ""
    return f"{sign}{number(rounded, 1)} points"


def percent(risk: float) -> str:
    """Return a risk in percent.

    >>> percent(0.423), percent(0.0123), percent(0.0002)
    ('42 %', '1.2 %', '< 0.1 %')
    """
    if risk < 0.001:
        return "< 0.1 %"
    return f"{100 * risk:.{0 if 0.1 <= risk < 0.995 else 1}f} %"


def known(value: float | None) -> bool:
    """Tell whether there is a value."""
    return value is not None and not math.isnan(value)
