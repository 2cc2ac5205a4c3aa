"""What ingest says of cases that others have judged, with and without our own rules.

`python benchmarks/verdicts.py FOLDER`, where FOLDER holds `validator-cases` (HL7's
validator, R4) and `r4-primitive-values` (google/fhir), as `tests/ingest/verdicts.py`
reads them. Recall: of the invalid, those that are refused or warned of. False: of the
valid, those that are refused.
"""

import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests.ingest import verdicts  # noqa: E402, it is below the root


def main() -> int:
    """Print a table for each set, and why the rest cannot be judged."""
    for name, cases in (
        ("validator-cases", verdicts.validator_cases),
        ("r4-primitive-values", verdicts.primitive_values),
    ):
        table(name, cases(Path(sys.argv[1]) / name))
    return 0


def table(name: str, cases: list[verdicts.Case]) -> None:
    """Print what was said of the cases that can be judged."""
    print(f"{name}: {len(cases)} cases")
    for why, n in sorted(Counter(case.beyond for case in cases if case.beyond).items()):
        print(f"  not to be judged: {n:4}  {why}")
    for label, some in (
        ("all", cases),
        ("those to be judged", [case for case in cases if not case.beyond]),
    ):
        print(f"  {label}:")
        for who, told in (("R4B alone", verdicts.r4b), ("with rules", verdicts.ours)):
            print(f"    {who:10}  {line(some, told)}")
    for case in cases:
        if not case.beyond and case.is_valid != (verdicts.ours(case) == "accepted"):
            print(f"  {'valid' if case.is_valid else 'invalid'} and yet "
                  f"{verdicts.ours(case)}: {case.name}")  # fmt: skip


def line(cases: list[verdicts.Case], told: Callable[[verdicts.Case], str]) -> str:
    """Return how many of the invalid and of the valid are refused, or warned of."""
    said = Counter((case.is_valid, told(case)) for case in cases)
    return "   ".join(
        f"{'valid' if valid else 'invalid'}: {said[valid, 'refused']:3} refused "
        f"and {said[valid, 'warned']:3} warned of {of:3}"
        for valid in (False, True)
        if (of := sum(n for (each, _), n in said.items() if each is valid))
    )


if __name__ == "__main__":
    sys.exit(main())
