"""The record before the index time as small drawings, one a measure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chronicle.core.things import FAMILY, NOTE, title
from chronicle.explain.names import DAYS_A_YEAR, ago, known, number, span
from chronicle.explain.wanted import Limits

WIDTH, HEIGHT, EDGE, ROOM = 300, 84, 6, 16
HALF_A_WORD = 14  # nearer to the left edge a mark would be cut
Values = Sequence[tuple[float, float]]  # days before, value


SINCE, TAKEN = "_since_first_days", "_active"  # ends of features' names


def stated(row: Mapping[str, float]) -> tuple[list[str], list[str], list[str]]:
    """Return what else is on record: diagnoses with their age, the family's, drugs.

    Args:
        row: Columns that end in `SINCE` or `TAKEN`; NaN where unknown.

    >>> stated({"gout_since_first_days": 800.0, "statin_active": 1.0})
    (['gout, first recorded 2 years before'], [], ['statin'])
    """
    first = {
        name.removesuffix(SINCE): days
        for name, days in row.items()
        if name.endswith(SINCE) and known(days) and not name.startswith(NOTE)
    }
    diagnoses = [
        f"{title(thing)}, first recorded {ago(days)}"
        for thing, days in sorted(first.items(), key=lambda each: (-each[1], each[0]))
        if not thing.startswith(FAMILY)
    ]
    others = sorted(n.removeprefix(FAMILY) for n in first if n.startswith(FAMILY))
    taken = [
        n.removesuffix(TAKEN) for n, v in row.items() if n.endswith(TAKEN) and v == 1
    ]
    return diagnoses, [title(each) for each in others], [title(each) for each in taken]


@dataclass(frozen=True)
class Drawing:
    """One measure.

    Args:
        title: In words.
        unit: As people write it.
        last: The last value, in words.
        outside: It lies outside the reference range.
        said: The whole drawing in words, for who does not see it.
        band: Top and height of the reference range.
        dots: Places, and whether they lie inside.
        ticks: Place and word of years before.
    """

    title: str
    unit: str
    last: str
    outside: bool
    said: str
    band: tuple[float, float]
    dots: list[tuple[float, float, bool]]
    ticks: list[tuple[float, str]]

    @property
    def line(self) -> str:
        """Return the points of the line."""
        return " ".join(f"{x:.1f},{y:.1f}" for x, y, _ in self.dots)


def drawing(
    title: str, unit: str, values: Values, limits: Limits, longest: float
) -> Drawing:
    """Draw a measure over the time before the index time.

    Args:
        title: In words.
        unit: As people write it.
        values: The oldest first; at least one.
        limits: The reference range.
        longest: Days that the drawing spans.
    """
    told = [value for _, value in values]
    # The limits are in sight where values come near; an open side has no edge.
    marks = [each for each in (limits.low, limits.high) if each is not None]
    low, high = min(told + marks), max(told + marks)
    spare = (high - low) * 0.08 or 1.0
    low, high = low - spare, high + spare

    def across(days: float) -> float:
        return EDGE + (WIDTH - 2 * EDGE) * (1 - days / longest)

    def down(value: float) -> float:
        return EDGE + (HEIGHT - EDGE - ROOM) * (high - value) / (high - low)

    top = down(high if limits.high is None else limits.high)
    foot = down(low if limits.low is None else limits.low)
    days, last = values[-1]
    return Drawing(
        title,
        unit,
        number(last),
        not inside(last, limits),
        f"{title}: {len(told)} values, the last {number(last)} {unit}, "
        f"lowest {number(min(told))}, highest {number(max(told))}, "
        f"{'the same day' if days < 1 else span(days) + ' before'}",
        (top, foot - top) if marks else (0.0, 0.0),
        [(across(d), down(v), inside(v, limits)) for d, v in values],
        _ticks(longest, across),
    )


def inside(value: float, limits: Limits) -> bool:
    """Tell whether a value lies in its reference range."""
    below = limits.low is not None and value < limits.low
    return not below and not (limits.high is not None and value > limits.high)


def _ticks(longest: float, across: Any) -> list[tuple[float, str]]:
    years = longest / DAYS_A_YEAR
    step = next((each for each in (1, 2, 5, 10) if years / each <= 5), 20)
    marks = range(step, int(years) + 1, step)
    places = [(across(each * DAYS_A_YEAR), f"{each} y") for each in marks]
    return [each for each in places if each[0] >= HALF_A_WORD]
