"""The features of one index time, worked out one event after the other in plain Python.

No window engine, no frames, and sums in fractions: slow, and right.
"""

from datetime import datetime, timedelta
from fractions import Fraction
from math import sqrt

from chronicle.featurize.catalogue import windows
from chronicle.featurize.wanted import FeaturizeParams

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
Event = dict[str, object]
Row = dict[str, float | None]


def oracle(
    events: list[Event],
    at: datetime,
    wanted: FeaturizeParams,
    measures: dict[str, tuple[str, ...]],
) -> Row:
    """Say what is known at `at` from the events of one patient."""
    seen = [e for e in events if max(e["time"], e["available_time"]) <= at]
    row: Row = {}
    for name, codes in measures.items():
        row |= _measured(name, _having(seen, codes, "numeric_value"), at, wanted)
    for name, each in wanted.answers.items():
        given = _having(seen, (each.question,), "text_value")
        said = sorted((e["time"], e["text_value"] in each.answers) for e in given)
        yes = [one for _, one in said]
        row[name] = float(any(yes) if each.ever else yes[-1]) if said else None
    for name, codes in wanted.history.items():
        ages = _ages(_having(seen, codes), at)
        row[f"{name}_ever"] = float(bool(ages))
        row[f"{name}_since_first_days"] = max(ages, default=None)
        row[f"{name}_since_last_days"] = min(ages, default=None)
    for name, codes in wanted.drugs.items():
        ages = _ages(_having(seen, codes), at)
        row[f"{name}_ever"] = float(bool(ages))
        row[f"{name}_active"] = float(bool(ages) and min(ages) < wanted.supply_days)
        row[f"{name}_new_{wanted.new_days}d"] = float(
            bool(ages) and max(ages) < wanted.new_days
        )
    for name, codes in wanted.counts.items():
        for days in wanted.windows_days:
            inside = _inside(_having(seen, codes), at, days)
            row[f"{name}_{days}d"] = float(
                len({(e["time"], e["provenance"]) for e in inside})
            )
    return row


def _measured(
    name: str, mine: list[Event], at: datetime, wanted: FeaturizeParams
) -> Row:
    row: Row = {f"{name}_since_days": min(_ages(mine, at), default=None)}
    for days in windows(wanted):
        window = "ever" if days is None else f"{days}d"
        inside = _inside(mine, at, days)
        values = [e["numeric_value"] for e in inside]
        latest = [(e["time"], e["numeric_value"]) for e in inside]
        for what, value in {
            "last": max(latest)[1] if latest else None,
            "mean": _mean(values),
            "min": min(values, default=None),
            "max": max(values, default=None),
            "sd": _deviation(values),
            "slope": _slope(inside, wanted),
            "count": float(len(values)),
        }.items():
            row[f"{name}_{what}_{window}"] = value
    return row


def _having(
    seen: list[Event], codes: tuple[str, ...], what: str = "code"
) -> list[Event]:
    return [e for e in seen if e["code"] in codes and e[what] is not None]


def _ages(mine: list[Event], at: datetime) -> list[float]:
    return [(at - e["time"]) / DAY for e in mine]


def _inside(mine: list[Event], at: datetime, days: int | None) -> list[Event]:
    return [e for e in mine if days is None or e["time"] > at - days * DAY]


def _held(value: float) -> Fraction:
    """Return a value as it is summed: to 2^-24 of its unit."""
    return Fraction(round(Fraction(value) * 2**24), 2**24)


def _mean(values: list[float]) -> float | None:
    return float(sum(map(_held, values)) / len(values)) if values else None


def _deviation(values: list[float]) -> float | None:
    if len(values) < 2:
        return None
    held = [_held(value) for value in values]
    mean = sum(held) / len(held)
    return sqrt(sum((value - mean) ** 2 for value in held) / (len(held) - 1))


def _slope(inside: list[Event], wanted: FeaturizeParams) -> float | None:
    times = [e["time"] for e in inside]
    if len(times) < wanted.trend.min_values:
        return None
    if max(times) - min(times) < wanted.trend.min_days * DAY:
        return None
    x = [Fraction((time - datetime(1970, 1, 1)) // HOUR) for time in times]
    y = [_held(e["numeric_value"]) for e in inside]
    n, mean_x, mean_y = len(x), sum(x) / len(x), sum(y) / len(y)
    together = sum(a * b for a, b in zip(x, y, strict=True)) - n * mean_x * mean_y
    slope = together / sum((a - mean_x) ** 2 for a in x)
    return float(slope * Fraction("8765.82"))
