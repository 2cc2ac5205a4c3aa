"""The true risk of each patient at each visit that could be an index time.

From where a patient really stands, the years that follow are lived again and again,
with other chances each time. The chance of being coded, averaged over those replays, is
the best that anybody who knew everything could predict: the oracle. With a treatment
started at the index time, the same patient meets the same chances, and the difference
is what the treatment does.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from chronicle.simulate.lives import body, draws, life
from chronicle.simulate.lives.life import Lives
from chronicle.simulate.lives.rows import NEVER, Flags, Floats, Rows, Whole, beside
from chronicle.simulate.lives.state import STARTS, State

DAYS_A_YEAR = 365.25


@dataclass(frozen=True)
class Window:
    """When a coded condition counts: in (index + gap, index + horizon], in years."""

    gap: float
    horizon: float


@dataclass(frozen=True)
class Index:
    """Index times: whose, in which calendar year, and when in calendar years."""

    columns: Whole
    years: Whole
    times: Floats

    def where(self, chosen: np.ndarray) -> "Index":
        """Return some of them."""
        return Index(self.columns[chosen], self.years[chosen], self.times[chosen])


def _start(*names: str) -> Callable[[State, Floats], None]:
    def begin(state: State, at: Floats) -> None:
        for name in names:
            state.times[name] = np.minimum(state.times[name], at)

    return begin


def _ace_inhibitor(state: State, at: Floats) -> None:
    """Start one, beside what else is taken against pressure."""
    new = ~state.has("start_raas", at)
    _one_more(state, at, "pressure", new)
    _start("start_raas")(state, at)


def _sglt2i(state: State, at: Floats) -> None:
    """Start one; in diabetics it is one more drug against glucose."""
    new = ~state.has("start_sglt2i", at) & state.has("code_t2dm", at)
    _one_more(state, at, "glucose", new)
    _start("start_sglt2i")(state, at)


def _one_more(state: State, at: Floats, drug: str, new: Flags) -> None:
    taken = state.steps(drug, at)
    for name in (each for each in STARTS if each.startswith(f"{drug}_")):
        step = int(name[-1])
        now = np.minimum(state.times[f"start_{name}"], at)
        next_one = new & (taken == step - 1)
        state.times[f"start_{name}"] = np.where(
            next_one, now, state.times[f"start_{name}"]
        )


# What is done at the index time; effects are in parameters.yaml: treatment.
TREATMENTS: dict[str, Callable[[State, Floats], None]] = {
    "ace_inhibitor": _ace_inhibitor,
    "lifestyle": _start("lifestyle"),
    "metformin": _start("start_glucose_1"),
    "sglt2i": _sglt2i,
    "statin": _start("start_statin"),
    "stop_smoking": _start("quit"),
}


def risks(
    lives: Lives,
    index: Index,
    windows: Mapping[str, Window],
    *,
    seed: int,
    replays: int,
    treatment: str | None = None,
) -> dict[str, Floats]:
    """Return each condition's true risk at each index time, shape (n,).

    Args:
        lives: From `life.lives`.
        index: n index times in recorded years.
        windows: By condition.
        seed: Of everything.
        replays: How often the future is lived.
        treatment: Of `TREATMENTS`, started at the index time; None is current care.

    Returns:
        By condition; NaN where it had been coded by the end of the gap.
    """
    lived = _at_index(lives, index).take(
        np.repeat(np.arange(len(index.times)), replays)
    )
    at = np.repeat(index.times, replays)
    if treatment:
        TREATMENTS[treatment](lived, at)
    # What was started earlier in the year acts by now, too.
    body.treat(lived, at)
    chances = _replay(lived, at, windows, _draws(lives, index, windows, seed, replays))
    found = {}
    for name, window in windows.items():
        inside, before = (
            part.reshape(-1, replays).mean(axis=1) for part in chances[name]
        )
        coded = lives.state.times[f"code_{name}"][index.columns]
        free = coded > index.times + window.gap
        # Of few replays the mean can be above one where the risk is close to it.
        risk = np.minimum(inside / np.maximum(1 - before, 1e-12), 1.0)
        found[name] = np.where(free, risk, np.nan)
    return found


def _at_index(lives: Lives, index: Index) -> State:
    """Return the people as they stood at their index times."""
    traits = lives.state.traits.take(index.columns)
    parts: list[Rows] = []
    for year in np.unique(index.years):
        mine = index.columns[index.years == year]
        parts.append(lives.years[int(year)].varying.take(mine))
    # Years come sorted; put everybody back in place.
    order = np.argsort(np.argsort(index.years, kind="stable"), kind="stable")
    times = lives.state.times.take(index.columns)
    known = np.where(times.values <= index.times, times.values, NEVER)
    varying = beside(parts).take(order)
    varying["in_care"] = 1.0  # They are at a visit.
    return State(traits, varying, Rows(times.names, known))


def _draws(
    lives: Lives, index: Index, windows: Mapping[str, Window], seed: int, replays: int
) -> Callable[[int], Rows]:
    """Return the chances of each year ahead, the same for all of a patient's times."""
    ahead = 2 + int(max(window.horizon for window in windows.values()))
    whose, place = np.unique(index.columns, return_inverse=True)
    drawn = draws.years(seed, "replays", lives.numbers[whose], ahead * replays)
    shape = (ahead, replays, len(draws.NAMES), len(whose))
    by_year = drawn.reshape(shape).transpose(0, 2, 3, 1)

    def of_year(year: int) -> Rows:
        values = by_year[year][:, place, :].reshape(len(draws.NAMES), -1)
        return Rows(draws.NAMES, values)

    return of_year


def _replay(
    lived: State,
    at: Floats,
    windows: Mapping[str, Window],
    of_year: Callable[[int], Rows],
) -> dict[str, tuple[Floats, Floats]]:
    """Live on; return the chances inside each window, and in the gap before it."""
    begun = np.floor(at)
    sums = {name: (np.zeros_like(at), np.zeros_like(at)) for name in windows}
    for year in range(1 + int(max(each.horizon for each in windows.values())) + 1):
        u = of_year(year)
        start = np.maximum(at, begun + year)
        if year:
            body.grow(lived, start, u)
        span = begun + year + 1 - start
        _, _, chances = life.live(lived, start, span, u, here=not year)
        for name, window in windows.items():
            inside, before = sums[name]
            opens, ends = at + window.gap, at + window.horizon
            inside += _part(chances[name], start, span, opens, ends)
            before += _part(chances[name], start, span, at, opens)
    return sums


def _part(
    chance: Floats, start: Floats, span: Floats, opens: Floats, ends: Floats
) -> Floats:
    """Return the part of a span's chance that falls between two times."""
    common = np.minimum(start + span, ends) - np.maximum(start, opens)
    share = np.clip(common / np.maximum(span, 1e-12), 0, 1)
    return np.asarray(-np.expm1(share * np.log1p(-np.clip(chance, 0, 1 - 1e-12))))


def index_times(found: Sequence[tuple[int, float]]) -> Index:
    """Return index times from (column, time in calendar years)."""
    columns = np.array([column for column, _ in found], int)
    times = np.array([time for _, time in found], float)
    return Index(columns, np.floor(times).astype(int), times)
