"""Numbers to places on paper: axes with round ticks, coordinates that are stable."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

MOST_STEPS = 5


@dataclass(frozen=True)
class Scale:
    """A linear axis from 0 to `top`, drawn from `start` to `end`."""

    top: float
    start: float
    end: float

    def at(self, value: float) -> str:
        """Return the coordinate; what lies beyond the axis is drawn at its end.

        One decimal: a tenth of a pixel cannot be seen, and more would differ with the
        processor.
        """
        share = min(max(value / self.top, 0), 1)
        return f"{self.start + share * (self.end - self.start):.1f}"

    @property
    def ticks(self) -> list[float]:
        """Round values from 0 to `top`, at most six."""
        step = round_step(self.top)
        return [
            round(step * number, 9) for number in range(int(self.top / step + 1e-9) + 1)
        ]


def round_step(top: float) -> float:
    """Return the smallest round distance of which at most five fit below `top`.

    >>> round_step(1), round_step(0.35), round_step(0.04)
    (0.2, 0.1, 0.01)
    """
    power = 10.0 ** math.floor(math.log10(top / MOST_STEPS))
    steps = [round(power * each, 12) for each in (1, 2, 5, 10)]
    return next(each for each in steps if top / each <= MOST_STEPS + 1e-9)


def round_top(values: Iterable[float], *, least: float) -> float:
    """Return a round end of the axis that is no smaller than any value.

    >>> round_top([0.03, 0.31], least=0.1)
    0.4
    """
    most = max([*values, least])
    step = round_step(most)
    return round(step * math.ceil(most / step - 1e-9), 9)
