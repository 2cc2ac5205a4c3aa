"""One unit for each measure: what a lab writes, what that means, and what is kept.

Tables, ours, beside this file: `measurements.csv` (the unit that is kept),
`loinc_aliases.csv` (which codes are the measure), `unit_aliases.csv` (how sites spell a
unit), `unit_conversions.csv` (factor and offset, with their basis).
"""

import csv
from functools import cache
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).parent


class Measured(NamedTuple):
    """A number in its unit, and what was done to get there."""

    value: float | None
    unit: str | None
    fate: str


def to_kept_unit(code: str, value: float, raw_unit: str | None) -> Measured:
    """Bring a measurement to the unit in which its measure is kept.

    Args:
        code: `LOINC//…`; other codes have no measure, and their unit is only spelled
            the UCUM way.
        value: As the source gave it.
        raw_unit: As the source wrote it; None where it wrote none.

    Returns:
        Value, UCUM unit and fate: `kept`, `converted`, `no-measure`, or, with a null
        value, `unit-missing` or `unit-unknown`: a number in an unsure unit is no
        number.

    >>> to_kept_unit("LOINC//4548-4", 53.0, "mmol/mol").fate
    'converted'
    """
    stated = raw_unit.strip() if raw_unit else None
    unit = _aliases().get(stated) if stated else None
    measure = _measures().get(code)
    if measure is None:
        return Measured(value, unit, "no-measure")
    name, kept = measure
    # A score has no unit to leave out.
    unitless = stated is None and (kept.startswith("{") or kept in ("", "1", "coded"))
    if unitless or kept in (unit, stated):
        return Measured(value, kept, "kept")
    if stated is None:
        return Measured(None, None, "unit-missing")
    rule = _conversions().get((name, unit or stated))
    if rule is None:
        return Measured(None, None, "unit-unknown")
    factor, offset = rule
    return Measured(value * factor + offset, kept, "converted")


def _rows(name: str) -> list[dict[str, str]]:
    with (HERE / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@cache
def _aliases() -> dict[str, str]:
    return {row["raw_unit"]: row["ucum"] for row in _rows("unit_aliases.csv")}


@cache
def _conversions() -> dict[tuple[str, str], tuple[float, float]]:
    return {
        (row["measure_id"], row["from_unit"]): (
            float(row["factor"]),
            float(row["offset"] or 0),
        )
        for row in _rows("unit_conversions.csv")
        if row["factor"]  # empty: known not to convert
    }


@cache
def _measures() -> dict[str, tuple[str, str]]:
    kept = {
        row["measure_id"]: row["canonical_unit"] for row in _rows("measurements.csv")
    }
    return {
        f"LOINC//{row['loinc']}": (row["measure_id"], kept[row["measure_id"]])
        for row in _rows("loinc_aliases.csv")
        if row["same_scale_as_canonical"] == "yes" and row["measure_id"] in kept
    }
