"""The measures that are kept in one unit: which codes mean them, and what is possible.

Tables, ours, beside this file: `measurements.csv` (a row a measure: unit, limits, what
is usual), `loinc_aliases.csv` (which codes are the measure).
"""

import csv
from dataclasses import dataclass
from functools import cache
from math import inf, log
from pathlib import Path

HERE = Path(__file__).parent
# Of the same kind, but the code alone does not say which number it is.
NOT_READ = ("panel", "panel_old", "urea_mass")


@dataclass(frozen=True)
class Measure:
    """One measure, in its unit.

    Args:
        name: `measure_id` of our table.
        unit: UCUM unit that is kept.
        hard: What no living person exceeds: beyond it, the number is not the value.
        soft: What few exceed: beyond it, a number needs a better reason to be kept.
        adult: Hard limits from 18 years on; `hard` is the wider, where they differ.
        usual: Log of the median of a population; None where a log says nothing.
        spread: Standard deviation of that log.
    """

    name: str
    unit: str
    hard: tuple[float, float]
    soft: tuple[float, float]
    adult: tuple[float, float]
    usual: float | None
    spread: float | None

    @property
    def unitless(self) -> bool:
        """A score, a ratio or an answer: nobody leaves out a unit that there is not."""
        return self.unit.startswith("{") or self.unit in ("", "1", "coded")


def of(code: str) -> Measure | None:
    """Return the measure that a `SYSTEM//code` means, if there is one."""
    return _by_code().get(code)


def by_mole(code: str) -> bool | None:
    """Tell whether a code counts molecules (True), weighs them (False), or neither.

    >>> by_mole("LOINC//14682-9"), by_mole("LOINC//2160-0")
    (True, False)
    """
    return _scales().get(code)


def counts_molecules(unit: str) -> bool:
    """Tell whether a UCUM unit is one of amount of substance."""
    return "mol" in unit or "eq" in unit


@cache
def codes() -> tuple[str, ...]:
    """Return every code that means a measure."""
    return tuple(_by_code())


def rows(name: str) -> list[dict[str, str]]:
    """Read one of the tables beside this file."""
    with (HERE / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@cache
def _by_code() -> dict[str, Measure]:
    known = {row["measure_id"]: _measure(row) for row in rows("measurements.csv")}
    return {
        f"LOINC//{row['loinc']}": known[row["measure_id"]]
        for row in rows("loinc_aliases.csv")
        if row["relation"] not in NOT_READ and row["measure_id"] in known
    }


def _measure(row: dict[str, str]) -> Measure:
    adult = _span(row, "hard")
    child = _span(row, "child")
    apart = row["child_low"] != ""
    wide = (min(adult[0], child[0]), max(adult[1], child[1])) if apart else adult
    usual, spread = _usual(row)
    return Measure(
        name=row["measure_id"],
        unit=row["canonical_unit"],
        hard=wide,
        soft=_span(row, "soft"),
        adult=adult,
        usual=usual,
        spread=spread,
    )


def _span(row: dict[str, str], kind: str) -> tuple[float, float]:
    low, high = row[f"{kind}_low"], row[f"{kind}_high"]
    return (float(low) if low else -inf, float(high) if high else inf)


def _usual(row: dict[str, str]) -> tuple[float | None, float | None]:
    if not row["ref_sd"] or float(row["ref_median"] or 0) <= 0:
        return None, None
    median, spread = float(row["ref_median"]), float(row["ref_sd"])
    # The table gives the deviation of the log where values are skewed.
    return log(median), spread if row["ref_scale"] == "lognormal" else spread / median


@cache
def _scales() -> dict[str, bool]:
    found = {}
    for row in rows("loinc_aliases.csv"):
        measure = of(code := f"LOINC//{row['loinc']}")
        if measure is None or row["relation"] == "scale_unknown":
            continue
        apart = "molar" in row["relation"] or row["relation"] == "other_scale"
        found[code] = apart or counts_molecules(measure.unit)
    return found
