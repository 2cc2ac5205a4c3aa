"""Check digits: SNOMED CT's (Verhoeff) and LOINC's (Luhn)."""

import re

SNOMED = re.compile(r"SNOMED//([1-9]\d{5,17})")
LOINC = re.compile(r"LOINC//(\d{1,7})-(\d)")
# Source: J. Verhoeff, Error Detecting Decimal Codes, 1969; the dihedral group of ten.
PRODUCT = [
    [(i + j) % 5 if j < 5 else 5 + (i + j) % 5 for j in range(10)]
    if i < 5
    else [5 + (i - j) % 5 if j < 5 else (i - j) % 5 for j in range(10)]
    for i in range(10)
]
STEP = (1, 5, 7, 6, 2, 8, 3, 0, 9, 4)


def holds(code: str) -> bool | None:
    """Tell whether a code's check digit is right; None where it has none.

    >>> holds("SNOMED//44054006"), holds("SNOMED//44054060"), holds("ICD10CM//E11")
    (True, False, None)
    >>> holds("LOINC//4548-4"), holds("LOINC//4548-5"), holds("SNOMED//1.5E+14")
    (True, False, False)
    """
    if code.startswith("SNOMED//"):
        found = SNOMED.fullmatch(code)
        return _verhoeff(found[1]) == 0 if found else False
    if code.startswith("LOINC//"):
        found = LOINC.fullmatch(code)
        return _luhn(found[1]) == int(found[2]) if found else False
    return None


def _verhoeff(digits: str) -> int:
    kept = 0
    for place, digit in enumerate(reversed(digits)):
        moved = int(digit)
        for _ in range(place % 8):
            moved = STEP[moved]
        kept = PRODUCT[kept][moved]
    return kept


def _luhn(digits: str) -> int:
    doubled = [
        sum(divmod(int(digit) * (2 - place % 2), 10))
        for place, digit in enumerate(reversed(digits))
    ]
    return -sum(doubled) % 10
